//! Decryption as an oracle: a ciphertext that was changed is refused in one way, whatever was changed.
//! [profile §6] Parts are signed again by their own server, so that nothing but the decryption can
//! notice.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::encryption::{own_key, own_rsa_key, part_refused, with_data, with_element};
use conformance::{Device, Encryptor, alpha, encode, forge};
use dm_client::{Entry, Refusal};
use dm_seal::encryption::EncryptionError::Failed;
use dm_wbxml::Version;

/// The octets of the wrapped key and of the content, and a way to put others in their place.
struct Parts {
    head: String,
    tail: String,
    key: Vec<u8>,
    content: Vec<u8>,
}

impl Parts {
    fn of(data: &str) -> Self {
        let (head, tail) = data.split_once("</EncryptedKey>").expect("a key");
        let octets = |text| STANDARD.decode(forge::content(text, "CipherValue")).expect("base64");
        let (key, content) = (octets(head), octets(tail));
        Self { head: head.to_owned(), tail: tail.to_owned(), key, content }
    }

    fn with(&self, key: &[u8], content: &[u8]) -> String {
        let head = with_element(&self.head, "CipherValue", &STANDARD.encode(key));
        let tail = with_element(&self.tail, "CipherValue", &STANDARD.encode(content));
        format!("{head}</EncryptedKey>{tail}")
    }
}

fn each_octet_changed(octets: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    (0..octets.len()).map(|at| {
        let mut changed = octets.to_vec();
        changed[at] ^= 0x80;
        changed
    })
}

#[test]
fn every_octet_of_iv_content_and_tag_counts() {
    let parts = Parts::of(&Encryptor::of(alpha()).data("geheim"));
    assert_eq!(parts.content.len(), 12 + 6 + 16);
    for content in each_octet_changed(&parts.content) {
        assert_eq!(part_refused(&with_data(&parts.with(&parts.key, &content))), Failed);
    }
}

#[test]
fn every_octet_of_the_wrapped_key_counts() {
    let parts = Parts::of(&Encryptor::of(alpha()).data("geheim"));
    for key in each_octet_changed(&parts.key) {
        assert_eq!(part_refused(&with_data(&parts.with(&key, &parts.content))), Failed);
    }
    let rsa = Encryptor { key: own_rsa_key(), ..Encryptor::of(alpha()) };
    let parts = Parts::of(&rsa.data("geheim"));
    for key in each_octet_changed(&parts.key).step_by(37) {
        assert_eq!(part_refused(&with_data(&parts.with(&key, &parts.content))), Failed);
    }
}

#[test]
fn what_is_cut_off_or_longer_is_refused() {
    for own in [own_key(), own_rsa_key()] {
        let encryptor = Encryptor { key: own, ..Encryptor::of(alpha()) };
        let parts = Parts::of(&encryptor.data("geheim"));
        for length in 0..parts.content.len() {
            let data = parts.with(&parts.key, &parts.content[..length]);
            assert_eq!(part_refused(&with_data(&data)), Failed, "{length} octets");
        }
        for length in [0, 1, 8, 16, parts.key.len() - 8, parts.key.len() - 1] {
            let data = parts.with(&parts.key[..length], &parts.content);
            assert_eq!(part_refused(&with_data(&data)), Failed, "{length} octets of the key");
        }
        let longer = |octets: &[u8]| [octets, &[0; 8]].concat();
        let data = parts.with(&longer(&parts.key), &parts.content);
        assert_eq!(part_refused(&with_data(&data)), Failed);
        let data = parts.with(&parts.key, &longer(&parts.content));
        assert_eq!(part_refused(&with_data(&data)), Failed);
    }
}

#[test]
fn the_point_of_the_originator_must_be_on_the_curve() {
    let data = Encryptor::of(alpha()).data("geheim");
    let point = STANDARD.decode(forge::content(&data, "PublicKey")).expect("base64");
    for at in [1, 33, 64] {
        let mut off = point.clone();
        off[at] ^= 1;
        let data = with_element(&data, "PublicKey", &STANDARD.encode(off));
        assert_eq!(part_refused(&with_data(&data)), Failed);
    }
    let zero = STANDARD.encode([&[4][..], &[0; 64]].concat());
    assert_eq!(part_refused(&with_data(&with_element(&data, "PublicKey", &zero))), Failed);
}

#[test]
fn a_key_of_one_ciphertext_opens_no_other() {
    let [one, other] = ["one", "two"].map(|text| Parts::of(&Encryptor::of(alpha()).data(text)));
    assert_eq!(part_refused(&with_data(&one.with(&one.key, &other.content))), Failed);
    assert_eq!(part_refused(&with_data(&one.with(&other.key, &one.content))), Failed);
}

#[test]
fn the_strength_that_is_named_must_be_that_of_the_key() {
    let data = Encryptor::of(alpha()).data("geheim");
    let stronger = forge::swapped(&data, "aes128-gcm", "aes256-gcm");
    assert_eq!(part_refused(&with_data(&stronger)), Failed);
}

/// Failures behind the private key, each for another reason: agreement, key wrap, OAEP, the length of a
/// key, the tag, the strength.
fn failures() -> Vec<String> {
    let usual = Encryptor::of(alpha());
    let rsa = Encryptor { key: own_rsa_key(), ..usual };
    let data = usual.data("geheim");
    let zero = STANDARD.encode([&[4][..], &[0; 64]].concat());
    let mut all = vec![
        with_element(&data, "PublicKey", &zero),
        forge::swapped(&data, "aes128-gcm", "aes256-gcm"),
    ];
    for parts in [Parts::of(&data), Parts::of(&rsa.data("geheim"))] {
        let flipped = |octets: &[u8], at: usize| {
            let mut octets = octets.to_vec();
            octets[at] ^= 1;
            octets
        };
        let (key, content) = (&parts.key, &parts.content);
        all.push(parts.with(&flipped(key, 0), content));
        all.push(parts.with(&flipped(key, key.len() - 1), content));
        all.push(parts.with(&vec![0; key.len()], content));
        all.push(parts.with(&key[..key.len() - 8], content));
        all.push(parts.with(&[], content));
        all.push(parts.with(key, &flipped(content, 0)));
        all.push(parts.with(key, &flipped(content, content.len() - 1)));
        all.push(parts.with(key, &[]));
    }
    all
}

/// Whoever sees verdicts or reads the journal learns that it failed, and not how far it went.
#[test]
fn all_failures_behind_the_key_have_one_verdict_and_one_entry() {
    let mut seen = BTreeSet::new();
    for data in failures() {
        let mut device = Device::new().with_keys();
        let refusal = device.refuse(&with_data(&data).seal());
        let entry = Entry { octets: 0, ..device.journal().pop().expect("an entry") };
        let words = format!("{refusal} {refusal:?} {} {}", refusal.clause(), refusal.remedy());
        seen.insert((words, entry.encode()));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}

/// Nor by what it spends: a part that cannot be decrypted is spent like one that can.
#[test]
fn a_failed_decryption_cannot_be_tried_twice() {
    for data in failures() {
        let mut device = Device::new().with_keys();
        let octets = with_data(&data).seal();
        device.refuse(&octets);
        assert_eq!(device.refuse(&octets), Refusal::Replayed);
    }
}

/// Of a whole message nobody knows who sent it: the same failures, and nothing is spent.
#[test]
fn a_whole_that_cannot_be_decrypted_says_as_little() {
    let mut seen = BTreeSet::new();
    let (content, whole) = ("xmlenc#Content\"", "xmlenc#Element\" MimeType=\"");
    let whole = format!("{whole}application/vnd.syncml.dm+wbxml\"");
    for data in failures() {
        let text = data.strip_prefix("<Data>").and_then(|data| data.strip_suffix("</Data>"));
        let text = forge::swapped(text.expect("a Data"), content, &whole);
        let mut device = Device::new().with_keys();
        let refusal = device.refuse(&encode(&text, Version::default()));
        let entry = Entry { octets: 0, ..device.journal().pop().expect("an entry") };
        seen.insert((refusal.to_string(), entry.encode()));
    }
    assert_eq!(seen.len(), 1, "{seen:?}");
}
