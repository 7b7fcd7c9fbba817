//! Every algorithm of the profile with everybody who knows it: xmlsec1, the oracle, openssl. Each
//! verifies what we seal, and we verify what each signs. [profile §3]
//!
//! A peer that does not know an algorithm must refuse it: a cell that is empty for no reason
//! fails the test, as does one that is full for none.

mod bergshamra;
mod key_value;
mod keys;
pub mod row;
mod w3c;
pub mod witness;

use std::fs;
use std::path::{Path, PathBuf};

use dm_seal::algorithm::{DS, ENVELOPED, EXC_C14N};

use crate::device::{Device, SERVER_ID, VENDOR};
use crate::infoset::compact;
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::program::{mgram, output};
use crate::{infoset, oracle, page, peer, xmlsec};
use row::{ROWS, Row};

#[test]
fn every_algorithm_with_everybody_who_knows_it() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let rows: Vec<_> = ROWS.iter().map(|row| Bench::new(row, folder.path()).cells()).collect();
    let head = [
        "algorithm",
        "key",
        "xmlsec1 verifies ours",
        "we verify xmlsec1's",
        "the oracle verifies ours",
        "we verify the oracle's",
        "openssl verifies ours",
        "we verify openssl's",
    ];
    page::check("signatures", &page::table(head, &rows));
}

/// A row at work: a key of its kind, and a device that pins it.
struct Bench<'r> {
    row: &'r Row,
    key: Key,
    device: Device,
    folder: PathBuf,
}

impl<'r> Bench<'r> {
    fn new(row: &'r Row, folder: &Path) -> Self {
        let name = row.name.split_whitespace().next().unwrap_or_default(); // no comma: xmlsec1
        let folder = folder.join(name).join(row.key);
        fs::create_dir_all(&folder).expect("a folder");
        let key = Key::ours(&folder, row.keygen, SERVER_ID);
        let device = Device::new(folder.join("device"), &key, VENDOR.as_ref());
        Self { row, key, device, folder }
    }

    fn cells(&self) -> [String; 8] {
        let cell = |done: Option<()>| done.map_or(String::new(), |()| "yes".to_owned());
        let ours = self.row.ours.map(|alg| self.sealed(alg));
        let of_ours = |check: &dyn Fn(&Sealed) -> Option<()>| cell(ours.as_ref().and_then(check));
        [
            self.row.name.to_owned(),
            self.row.key.to_owned(),
            of_ours(&|sealed| {
                let said = xmlsec::verify(&sealed.text, &self.key, &self.folder);
                known(self.row.xmlsec1, said.code == 0, "xmlsec1 verifies")
            }),
            cell(self.taken_from("xmlsec1", self.signed_by_xmlsec1())),
            of_ours(&|sealed| {
                let said = oracle::verify(&sealed.octets, &self.key);
                known(true, said.code == 0, "the oracle verifies")
            }),
            cell(self.taken_from("oracle", self.signed_by_the_oracle())),
            of_ours(&|sealed| {
                let (info, value) = witness::signed(&sealed.text);
                let holds = witness::verifies(self.row, &self.key, &info, &value, &self.folder);
                known(true, holds, "openssl verifies")
            }),
            cell(self.taken_from("openssl", Some(self.signed_by_openssl()))),
        ]
    }

    fn sealed(&self, alg: &str) -> Sealed {
        let octets = self.folder.join("sealed.wbxml");
        let mut seal = mgram(["seal", "--alg", alg, "--key-name", KEY_NAME, "--key"]);
        let input = message("small").path();
        output(seal.arg(&self.key.secret).arg("-o").arg(&octets).arg(input));
        let text = output(mgram(["decode"]).arg(&octets));
        assert!(text.contains(self.row.uri), "{text}");
        Sealed { octets, text }
    }

    /// Whether a device takes the XML text that a peer signed, which it must; and nothing of the
    /// kind with one character changed. Where the algorithm is a danger, only when told so.
    fn taken_from(&self, peer: &str, text: Option<String>) -> Option<()> {
        let text = text?;
        let open = |text: &str, options: &[&str]| {
            let (file, octets) = (self.folder.join(format!("{peer}.xml")), self.folder.join(peer));
            fs::write(&file, text).expect("the text");
            oracle::encode(&file, &[], &octets);
            self.device.open(&octets, &[&["--dry-run"], options].concat())
        };
        let config = self.folder.join("danger.toml");
        let device_id = crate::device::DEVICE_ID;
        let settings = format!("device_id = {device_id:?}\nstate = \"-\"\n[danger]\nsha1 = true\n");
        fs::write(&config, settings).expect("the configuration");
        let with_danger = ["--config", config.to_str().expect("a path in UTF-8")];
        let options: &[&str] = if self.row.is_danger { &with_danger } else { &[] };
        let verdict = open(&text, options);
        assert_eq!(verdict["verdict"], "accepted", "{peer}, {}: {verdict}", self.row.name);
        if self.row.is_danger {
            let verdict = open(&text, &[]);
            assert_eq!(verdict["stage"], "structure", "{peer}, {}: {verdict}", self.row.name);
        }
        let changed = text.replacen("/dm<", "/dn<", 1);
        assert_ne!(changed, text);
        assert_eq!(open(&changed, options)["refusal"], "DigestMismatch");
        let at = text.rfind("<SignatureValue>").expect("a value") + "<SignatureValue>".len() + 6;
        let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        assert_eq!(open(&changed, options)["refusal"], "SignatureInvalid");
        Some(())
    }

    /// The message with a signature whose values are these.
    fn with_signature(&self, digest: &str, value: &str) -> String {
        let signature = format!(
            "<Signature xmlns=\"{DS}\">{}<SignatureValue>{value}</SignatureValue>\
             <KeyInfo><KeyName>{KEY_NAME}</KeyName></KeyInfo></Signature></SyncML>",
            self.signed_info(digest)
        );
        self.unsigned().replacen("</SyncML>", &signature, 1)
    }

    fn signed_info(&self, digest: &str) -> String {
        infoset::canonical(&format!(
            "<SignedInfo xmlns=\"{DS}\"><CanonicalizationMethod Algorithm=\"{EXC_C14N}\"/>\
             <SignatureMethod Algorithm=\"{}\"/><Reference URI=\"\"><Transforms>\
             <Transform Algorithm=\"{ENVELOPED}\"/><Transform Algorithm=\"{EXC_C14N}\"/>\
             </Transforms><DigestMethod Algorithm=\"{}\"/><DigestValue>{digest}</DigestValue>\
             </Reference></SignedInfo>",
            self.row.uri, self.row.digest_uri
        ))
    }

    /// The canonical text of the message.
    fn unsigned(&self) -> String {
        let text = fs::read_to_string(message("small").path()).expect("a message");
        infoset::canonical(&compact(&text))
    }

    fn signed_by_xmlsec1(&self) -> Option<String> {
        let template = self.folder.join("template.xml");
        fs::write(&template, self.with_signature("", "")).expect("the template");
        let said = witness::xmlsec1_signs(&template, &self.key);
        known(self.row.xmlsec1, said.code == 0, &format!("{}: {}", self.row.name, said.err))
            .map(|()| said.out)
    }

    fn signed_by_the_oracle(&self) -> Option<String> {
        let file = self.folder.join("unsigned.xml");
        fs::write(&file, self.unsigned()).expect("the text");
        let signed = oracle::sign(&file, &self.key, &["--own", "--algorithm", self.row.oracle?]);
        Some(fs::read_to_string(signed).expect("what it signed"))
    }

    fn signed_by_openssl(&self) -> String {
        let digest = witness::digest(self.row.digest, &self.unsigned(), &self.folder);
        let info = self.signed_info(&digest);
        let value = witness::signs(self.row, &self.key, &info, &self.folder);
        self.with_signature(&digest, &value)
    }
}

/// A message that we sealed.
struct Sealed {
    octets: PathBuf,
    text: String,
}

/// A peer that knows an algorithm does it, and one that does not, does not.
fn known(is_known: bool, done: bool, what: &str) -> Option<()> {
    assert_eq!(done, is_known, "{what}");
    done.then_some(())
}
