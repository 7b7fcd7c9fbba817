//! The compact spelling, and the oracle that knows of it what `docs/compact.json` says. [profile §5]

use std::fs;
use std::path::{Path, PathBuf};

use crate::device::SERVER_ID;
use crate::infoset::canonical;
use crate::key::{KEY_NAME, Key};
use crate::messages::{MESSAGES, message};
use crate::program::{mgram, output};
use crate::sealed_by_us::VERSIONS;
use crate::spellings::{STYLES, signed};
use crate::{oracle, peer};

/// What a sealed message of 595 octets of XML text may have, with ES256 and a short key name.
const MOST_COMPACT: usize = 350;
const MOST_INTEROP: usize = 762;
/// And when all of it is encrypted to a P-256 key. Asked are 560: see `docs/performance.md`.
const MOST_ENCRYPTED: usize = 600;

#[test]
fn the_oracle_verifies_what_we_seal_in_the_compact_spelling() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    for algorithm in ["es256", "rs256"] {
        let key = Key::ours(folder.path(), algorithm, SERVER_ID);
        for message in &MESSAGES {
            for version in VERSIONS {
                let options = ["--wbxml", version, "--spelling", "compact"];
                let sealed = seal(&message.path(), KEY_NAME, &key, &options, folder.path());
                let said = oracle::verify_compact(&sealed, &key);
                assert_eq!(said.code, 0, "{}, WBXML {version}: {}", message.name, said.err);
                assert!(said.out.contains("(xmlsec1 and own code)"), "{said:?}");
                let ours = output(mgram(["decode"]).arg(&sealed));
                assert_eq!(ours, oracle::decode_compact(&sealed), "{}", message.name);
            }
        }
    }
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
    for (style, text) in styles.iter().zip(signed.iter().cycle()) {
        let options: Vec<&str> = style.iter().map(String::as_str).collect();
        oracle::encode_compact(text, &options, &octets);
        let plain = fs::read_to_string(text).expect("the text");
        let expected = canonical(&plain);
        for (from, to, spelling) in [(&octets, &again, "interop"), (&again, &back, "compact")] {
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
    let folder = tempfile::tempdir().expect("a folder");
    let Some(messages) = peer::documents("bench/messages") else { return };
    let key = Key::ours(folder.path(), "es256", "com.example.dm.operator-one");
    let small = messages.join("small.xml");
    for (spelling, most) in [("interop", MOST_INTEROP), ("compact", MOST_COMPACT)] {
        let sealed = seal(&small, "k1", &key, &["--spelling", spelling], folder.path());
        let octets = fs::read(&sealed).expect("the sealed message").len();
        eprintln!("{spelling}: {octets} octets, {} segments", octets.div_ceil(128));
        assert!(octets <= most, "{spelling}: {octets} octets");
    }
}

#[test]
fn a_small_message_keeps_to_its_size_when_all_of_it_is_encrypted() {
    let folder = tempfile::tempdir().expect("a folder");
    let Some(messages) = peer::documents("bench/messages") else { return };
    let key = Key::ours(folder.path(), "es256", "com.example.dm.operator-one");
    let made = folder.path().join("device");
    let device = ["keygen", "--device", "IMEI:493005100592800", "--name", "d1", "-o"];
    output(mgram(device).arg(&made));
    let cert = made.join("cert.pem");
    let to = ["--encrypt-to", cert.to_str().expect("UTF-8"), "--encrypt", "message"];
    let options = [&to[..], &["--spelling", "compact"]].concat();
    let sealed = seal(&messages.join("small.xml"), "k1", &key, &options, folder.path());
    let octets = fs::read(&sealed).expect("the sealed message").len();
    eprintln!("compact and encrypted: {octets} octets, {} segments", octets.div_ceil(128));
    assert!(octets <= MOST_ENCRYPTED, "{octets} octets");
}

fn seal(message: &Path, name: &str, key: &Key, options: &[&str], folder: &Path) -> PathBuf {
    let sealed = folder.join("compact.wbxml");
    let mut seal = mgram(["seal", "--key-name", name, "--key"]);
    output(seal.arg(&key.secret).args(options).arg("-o").arg(&sealed).arg(message));
    sealed
}
