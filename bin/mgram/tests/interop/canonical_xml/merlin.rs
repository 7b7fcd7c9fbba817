//! merlin-exc-c14n-one: a signature whose references are digests of canonical octets.
//! merlin-c14n-three: canonical octets themselves. Of both, what our infoset reaches.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use dm_xml::{Element, Limits, canonical};

use super::spelled::{Prefixes, spelled};
use super::xmllint;
use crate::corpus::{reading::read_text, rules};
use crate::libwbxml::tree::{base64, octets};
use crate::program::output;
use crate::{page, peer};

const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";

/// The prefixes of the signature.
const OF_SIGNATURE: Prefixes<'_> = &[(DSIG, "dsig"), ("urn:bar", "bar"), (EXCLUSIVE, "")];

/// The references of the signature, in order: what of each is out of reach.
const REFERENCES: [Option<&str>; 4] = [
    None,
    Some(
        "InclusiveNamespaces asks for declarations that no element uses; an infoset without \
          prefixes has none, and the profile refuses the parameter",
    ),
    Some("a canonical form with comments; the reader drops them, so that none is signed unseen"),
    Some("both: InclusiveNamespaces, and with comments"),
];

#[test]
fn the_signature_of_merlin_is_reproduced_where_no_more_than_prefixes_are_missing() {
    let (Some(suite), true) = (suite("merlin-exc-c14n-one"), peer::all_here(&["openssl"])) else {
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read(suite.join("exc-signature.xml")).expect("the vector").leak();
    let document = read_text(text).expect("it can be read").document;
    let all = |local: &'static str| document.root().walk().filter(move |e| e.is(DSIG, local));
    let one = |local| all(local).next().expect("an element");

    // Each reference is to the Object; the prefixes are those of the document.
    let object = spelled(one("Object"), OF_SIGNATURE);
    let found = base64(&openssl(&["dgst", "-sha1", "-binary"], object.as_bytes(), folder.path()));
    let mut rows = Vec::new();
    for (at, (digest, beyond)) in all("DigestValue").zip(REFERENCES).enumerate() {
        let same = digest.text() == found;
        assert_eq!(same, beyond.is_none(), "reference {}", at + 1);
        let said = beyond.map_or("the same digest, prefixes put back".to_owned(), |beyond| {
            format!("out of reach: {beyond}")
        });
        rows.push([format!("exc-c14n-one, reference {}", at + 1), said]);
    }
    assert_eq!(rows.len(), REFERENCES.len());

    let signed = spelled(one("SignedInfo"), OF_SIGNATURE);
    verify(&signed, one("Signature"), folder.path());
    rows.push([
        "exc-c14n-one, SignedInfo".into(),
        "the DSA signature is valid, prefixes put back".into(),
    ]);

    // And without prefixes it is the same infoset, in a form that stays as it is.
    for element in [one("Object"), one("SignedInfo")] {
        let ours = canonical::text_of(element.events());
        let theirs = spelled(element, OF_SIGNATURE);
        assert_eq!(crate::infoset::canonical(&theirs), ours);
        if peer::all_here(&["xmllint"]) {
            assert_eq!(xmllint(&ours, folder.path()), ours);
            assert_eq!(xmllint(&theirs, folder.path()), theirs);
        }
    }
    page::check("merlin one", &page::table(["vector", "ours"], &rows));
}

/// Whether the DSA signature in `signature` is one of this text. [XMLDSig §6.4.1]
fn verify(signed: &str, signature: Element<'_>, folder: &Path) {
    let octets_of = |local: &str| {
        let element = signature.walk().find(|e| e.is(DSIG, local)).expect("a value");
        let text: String = element.text().split_whitespace().collect();
        octets(&text).expect("base64")
    };
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    let number = |local| hex(&octets_of(local));
    let value = octets_of("SignatureValue");
    let (r, s) = value.split_at(20);
    let key = format!(
        "asn1=SEQUENCE:key\n[key]\nalgorithm=SEQUENCE:dsa\nvalue=BITWRAP,INTEGER:0x{}\n[dsa]\n\
         name=OID:1.2.840.10040.4.1\nparameters=SEQUENCE:dss\n[dss]\n\
         p=INTEGER:0x{}\nq=INTEGER:0x{}\ng=INTEGER:0x{}\n",
        number("Y"),
        number("P"),
        number("Q"),
        number("G"),
    );
    let pair = format!("asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x{}\ns=INTEGER:0x{}\n", hex(r), hex(s));
    for (name, structure) in [("key", key), ("value", pair)] {
        let (text, der) = (folder.join(name).with_extension("cnf"), folder.join(name));
        fs::write(&text, structure).expect("a structure");
        let mut openssl = Command::new("openssl");
        output(openssl.args(["asn1parse", "-noout", "-genconf"]).arg(&text).arg("-out").arg(&der));
    }
    fs::write(folder.join("signed"), signed).expect("the text");
    let mut openssl = Command::new("openssl");
    openssl.args(["dgst", "-sha1", "-keyform", "DER", "-verify", "key", "-signature", "value"]);
    assert_eq!(output(openssl.arg("signed").current_dir(folder)).trim(), "Verified OK");
}

fn openssl(words: &[&str], input: &[u8], folder: &Path) -> Vec<u8> {
    let file = folder.join("input");
    fs::write(&file, input).expect("the input");
    let found = Command::new("openssl").args(words).arg(&file).output().expect("openssl starts");
    assert!(found.status.success());
    found.stdout
}

/// The prefixes of the second suite.
const OF_SUBSETS: Prefixes<'_> = &[
    ("http://example.org/bar", "bar"),
    ("http://example.org/foo", "foo"),
    ("http://example.org/baz", "baz"),
];

/// Its outputs that are the canonical form of a document of ours.
const WHOLE: [&str; 3] = ["c14n-9.txt", "c14n-11.txt", "c14n-20.txt"];

#[test]
fn the_octets_of_merlin_are_reproduced_or_no_document_of_ours() {
    let Some(suite) = suite("merlin-c14n-three") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let entries = fs::read_dir(&suite).expect("a folder").map(|entry| entry.expect("an entry"));
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| name.starts_with("c14n-")).collect();
    names.sort_by_key(|name| (name.len(), name.clone()));
    let mut rows = Vec::new();
    for name in names {
        let text = fs::read_to_string(suite.join(&name)).expect("a vector");
        let said = match dm_xml::parse(text.as_bytes(), &Limits::default()) {
            Ok(document) => {
                assert_eq!(spelled(document.root(), OF_SUBSETS), text, "{name}");
                let ours = canonical::text(&document);
                assert_eq!(crate::infoset::canonical(&ours), ours, "{name}");
                if peer::all_here(&["xmllint"]) {
                    assert_eq!(xmllint(&ours, folder.path()), ours, "{name}");
                    assert_eq!(xmllint(&text, folder.path()), text, "{name}");
                }
                "the same octets, prefixes put back".to_owned()
            }
            Err(error) => {
                format!("out of reach: our reader asks for {}", rules::of_text(&error.kind))
            }
        };
        assert_eq!(said.starts_with("the same"), WHOLE.contains(&&*name), "{name}: {said}");
        rows.push([format!("c14n-three, `{name}`"), said]);
    }
    page::check("merlin three", &page::table(["vector", "ours"], &rows));
}

fn suite(name: &str) -> Option<PathBuf> {
    peer::documents(&format!("corpus/xmldsig/{name}"))
}
