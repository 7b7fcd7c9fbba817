//! Devices take what the oracle signed, in whatever spelling. [profile §2, §3, §8]

use std::fs;
use std::path::{Path, PathBuf};

use crate::device::{Device, VENDOR, changes, statuses};
use crate::infoset::compact;
use crate::key::Key;
use crate::messages::MESSAGES;
use crate::{oracle, peer};

/// The spellings that each message comes in: one plain, the others drawn at random.
const SEEDS: [u32; 8] = [0, 1, 2, 3, 4, 5, 6, 7];

#[test]
fn es256() {
    taken("P-256", &["--algorithm", "ecdsa-sha256"]);
}

#[test]
fn es384_with_a_longer_digest() {
    taken("P-384", &["--algorithm", "ecdsa-sha384", "--digest", "sha384"]);
}

#[test]
fn rs256_by_its_own_code() {
    taken("RSA", &["--algorithm", "rsa-sha256", "--own"]);
}

#[test]
fn rs384() {
    taken("RSA", &["--algorithm", "rsa-sha384"]);
}

#[test]
fn rs512_with_a_longer_digest() {
    taken("RSA", &["--algorithm", "rsa-sha512", "--digest", "sha512"]);
}

#[test]
fn rsa_pss() {
    taken("RSA", &["--algorithm", "rsa-pss"]);
}

#[test]
fn ed25519() {
    taken("ED25519", &["--algorithm", "ed25519"]);
}

/// All messages: accepted in every spelling, with the same effect, which is the one expected.
fn taken(kind: &str, options: &[&str]) {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::theirs(folder.path(), kind);
    let mut accepted = 0;
    for message in &MESSAGES {
        let text = compacted(&message.path(), folder.path());
        let signed = oracle::sign(&text, &key, options);
        let device = Device::new(folder.path().join(message.name), &key, VENDOR.as_ref());
        let before = device.tree();

        // Every spelling but the last is tried and not kept: it would be a replay afterwards.
        let mut seen = Vec::new();
        for (index, seed) in SEEDS.into_iter().enumerate() {
            let octets = folder.path().join("spelled.wbxml");
            let seed = seed.to_string();
            let style: &[&str] = if index == 0 { &[] } else { &["--seed", &seed] };
            oracle::encode(&signed, style, &octets);
            let keep = index + 1 == SEEDS.len();
            let verdict = device.open(&octets, if keep { &[] } else { &["--dry-run"] });
            assert_eq!(verdict["verdict"], "accepted", "{}, seed {seed}: {verdict}", message.name);
            assert!(statuses(&verdict).iter().all(|status| *status == 200), "{verdict}");
            seen.push(changes(&verdict));
            assert_eq!(seen[0], seen[index], "{}, seed {seed}", message.name);
            assert_eq!(keep, device.tree() != before, "{}", message.name);
            accepted += 1;
        }
        assert_eq!(device.tree(), message.applied_to(&before), "{}", message.name);
    }
    eprintln!("{options:?}: {accepted} accepted, {} of them kept", MESSAGES.len());
}

/// A key that the account does not pin, and a message in which one character is other.
#[test]
fn what_the_oracle_did_not_sign_is_refused() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (ours, others) = (folder.path().join("ours"), folder.path().join("others"));
    for place in [&ours, &others] {
        fs::create_dir(place).expect("a folder");
    }
    let (pinned, stranger) = (Key::theirs(&ours, "P-256"), Key::theirs(&others, "P-256"));
    let device = Device::new(folder.path().join("device"), &pinned, VENDOR.as_ref());
    let before = device.tree();
    let text = compacted(&MESSAGES[0].path(), folder.path());
    let octets = folder.path().join("spelled.wbxml");

    oracle::encode(&oracle::sign(&text, &stranger, &[]), &["--seed", "3"], &octets);
    let verdict = device.open(&octets, &[]);
    assert_eq!((&verdict["verdict"], &verdict["stage"]), (&"refused".into(), &"signature".into()));

    let signed = oracle::sign(&text, &pinned, &[]);
    let changed = fs::read_to_string(&signed).expect("text").replacen("/dm<", "/dn<", 1);
    fs::write(&signed, changed).expect("the text");
    oracle::encode(&signed, &["--seed", "3"], &octets);
    let verdict = device.open(&octets, &[]);
    assert_eq!((&verdict["verdict"], &verdict["stage"]), (&"refused".into(), &"signature".into()));
    assert_eq!(device.tree(), before);
}

/// The message without the white space between elements, as a server sends it.
fn compacted(message: &Path, folder: &Path) -> PathBuf {
    let text = fs::read_to_string(message).expect("a message");
    let file = folder.join("compact.xml");
    fs::write(&file, compact(&text)).expect("the text");
    file
}
