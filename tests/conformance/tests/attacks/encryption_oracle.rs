//! Decryption as an oracle: a ciphertext that was changed is refused in one way, whatever was changed.
//! [profile §6] Parts are signed again by their own server, so that nothing but the decryption can
//! notice.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::encryption::{own_key, own_rsa_key, part_refused, with_data, with_element};
use conformance::{Encryptor, alpha, forge};
use dm_seal::encryption::EncryptionError::Failed;

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
