//! The compact and the shortest spelling, and the oracle that knows of them what `docs/compact.json`
//! says. [profile §5]

use std::fs;
use std::path::{Path, PathBuf};

use crate::device::{DEVICE_ID, SERVER_ID};
use crate::infoset::canonical;
use crate::key::{KEY_NAME, Key};
use crate::messages::{MESSAGES, Message, message};
use crate::program::{mgram, output};
use crate::sealed_by_us::VERSIONS;
use crate::spellings::{STYLES, signed};
use crate::{oracle, peer};

/// What a sealed message of 595 octets of XML text may have, with ES256 and a short key name.
const MOST_COMPACT: usize = 350;
const MOST_SHORTEST: usize = 320;
/// What the same may have, encrypted to a device as a whole.
const MOST_ENCRYPTED: usize = 560;
const MOST_INTEROP: usize = 762;
/// The same of `bench/messages/small.xml`: the sizes of `docs/compact.md`.
const MOST_OF_OURS_INTEROP: usize = 765;
const MOST_OF_OURS_COMPACT: usize = 362;
const MOST_OF_OURS_SHORTEST: usize = 329;

#[test]
fn the_oracle_verifies_what_we_seal_in_the_compact_spelling() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for algorithm in ["es256", "rs256"] {
        let key = Key::ours(folder.path(), algorithm, SERVER_ID);
        for message in &MESSAGES {
            for (version, spelling) in VERSIONS.iter().zip(["compact", "shortest"].iter().cycle()) {
                verified(message, &key, &["--wbxml", version, "--spelling", spelling]);
            }
            verified(message, &key, &["--spelling", "shortest"]);
        }
    }
}

/// Seals a message with these options; the oracle verifies it, and reads what we read.
fn verified(message: &Message, key: &Key, options: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let sealed = seal(&message.path(), KEY_NAME, key, options, folder.path());
    let said = oracle::verify_compact(&sealed, key);
    assert_eq!(said.code, 0, "{}, {options:?}: {}", message.name, said.err);
    assert!(said.out.contains("(xmlsec1 and own code)"), "{said:?}");
    let ours = output(mgram(["decode"]).arg(&sealed));
    assert_eq!(ours, oracle::decode_compact(&sealed), "{}", message.name);
}

#[test]
fn without_the_tables_the_oracle_refuses_it() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "es256", SERVER_ID);
    let options = ["--spelling", "compact"];
    let sealed = seal(&message("small").path(), KEY_NAME, &key, &options, folder.path());
    let said = oracle::verify(&sealed, &key);
    assert_eq!(said.code, 2);
    assert!(said.err.contains("code page 16 is not defined"), "{}", said.err);
}

#[test]
fn we_read_what_the_oracle_spells_with_our_tables() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::theirs(folder.path(), "P-256");
    let signed = signed(folder.path(), &key);
    let each = STYLES.iter().map(|style| style.iter().map(ToString::to_string).collect());
    let seeds = (500..700_u32).map(|seed| vec!["--seed".to_owned(), seed.to_string()]);
    let styles = each.chain(seeds).collect::<Vec<Vec<String>>>();
    let octets = folder.path().join("spelled.wbxml");
    let (again, back) = (folder.path().join("again.wbxml"), folder.path().join("back.wbxml"));
    let mut private = 0;
    for (at, (style, text)) in styles.iter().zip(signed.iter().cycle()).enumerate() {
        let mut options: Vec<&str> = style.iter().map(String::as_str).collect();
        if at % 2 == 1 {
            options.push("--whole-elements");
        }
        oracle::encode_compact(text, &options, &octets);
        let plain = fs::read_to_string(text).expect("the text");
        let expected = canonical(&plain);
        let last = ["compact", "shortest"][at / 2 % 2];
        for (from, to, spelling) in [(&octets, &again, "interop"), (&again, &back, last)] {
            let ours = output(mgram(["decode"]).arg(from));
            assert_eq!(ours.trim_end_matches('\n'), expected, "{}, {style:?}", text.display());
            output(mgram(["respell", "--to", spelling, "-o"]).arg(to).arg(from));
        }
        // What went through our hands without a key still has its signature.
        for respelled in [&again, &back] {
            let said = oracle::verify_compact(respelled, &key);
            assert_eq!(said.code, 0, "{style:?}: {}", said.err);
        }
        private += usize::from(!output(mgram(["inspect"]).arg(&octets)).contains("LITERAL"));
    }
    eprintln!("{} spellings read alike, {private} without a name", styles.len());
    assert!(private > 50);
}

#[test]
fn a_small_message_keeps_to_its_size_in_both_spellings() {
    let ours = peer::project().join("bench/messages/small.xml");
    keeps_to_its_size(&ours, [MOST_OF_OURS_INTEROP, MOST_OF_OURS_COMPACT, MOST_OF_OURS_SHORTEST]);
    let Some(messages) = peer::documents("bench/messages") else { return };
    keeps_to_its_size(&messages.join("small.xml"), [MOST_INTEROP, MOST_COMPACT, MOST_SHORTEST]);
}

fn keeps_to_its_size(message: &Path, most: [usize; 3]) {
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "es256", "com.example.dm.operator-one");
    for (spelling, most) in ["interop", "compact", "shortest"].into_iter().zip(most) {
        let sealed = seal(message, "k1", &key, &["--spelling", spelling], folder.path());
        let octets = fs::read(&sealed).expect("the sealed message").len();
        eprintln!("{spelling}: {octets} octets, {} segments", octets.div_ceil(128));
        assert!(octets <= most, "{spelling}: {octets} octets");
    }
}

#[test]
fn a_small_message_that_is_encrypted_as_a_whole_keeps_to_its_size() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(messages) = peer::documents("bench/messages") else { return };
    let key = Key::ours(folder.path(), "es256", "com.example.dm.operator-one");
    let device = folder.path().join("device");
    let keygen = ["keygen", "--device", DEVICE_ID, "--name", "d1", "-o"];
    output(mgram(keygen).arg(&device));
    let to = device.join("cert.pem");
    let to = to.to_str().expect("a path in UTF-8");
    let options = ["--spelling", "shortest", "--encrypt", "message", "--encrypt-to", to];
    let options = [&options[..], &["--recipient", "d1"]].concat();
    let sealed = seal(&messages.join("small.xml"), "k1", &key, &options, folder.path());
    let octets = fs::read(&sealed).expect("the sealed message").len();
    eprintln!("encrypted as a whole: {octets} octets, {} segments", octets.div_ceil(128));
    assert!(octets <= MOST_ENCRYPTED, "{octets} octets");
    if peer::all_here(&oracle::PROGRAMS) {
        let ours = output(mgram(["decode"]).arg(&sealed));
        assert_eq!(ours, oracle::decode_compact(&sealed));
    }
}

fn seal(message: &Path, name: &str, key: &Key, options: &[&str], folder: &Path) -> PathBuf {
    let sealed = folder.join("compact.wbxml");
    let mut seal = mgram(["seal", "--key-name", name, "--key"]);
    output(seal.arg(&key.secret).args(options).arg("-o").arg(&sealed).arg(message));
    sealed
}
