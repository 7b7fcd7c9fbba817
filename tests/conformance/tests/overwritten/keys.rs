//! Private keys and passphrases: made, encrypted, read, used, dropped.

use aws_lc_rs::agreement;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_agent::device_keys;
use dm_crypto::{
    Algorithm, DeviceKey, KeyPair, SigningKey, encrypted_pem, generate, generate_device_key,
    request,
};
use dm_seal::Signer;
use dm_seal::encryption::{Recipient, Secret};

use crate::memory::Pattern;

/// The middle of a private key, as text and as octets.
fn patterns(pem: &str) -> Vec<Pattern> {
    let mut der = Secret::new(Vec::with_capacity(pem.len()));
    let mut text = Secret::new(Vec::with_capacity(pem.len()));
    for line in pem.lines().filter(|line| !line.starts_with("--")) {
        text.extend_from_slice(line.as_bytes());
    }
    STANDARD.decode_vec(&*text, &mut der).expect("base64");
    // The private number of P-256 begins at 36 and that of P-384 at 35, of Ed25519 at 16; of RSA
    // near 300, or near 430 with 3072 bits.
    let at = match der.len() {
        ..60 => 16,
        60..300 => 36,
        length => length / 4,
    };
    let line = pem.lines().nth(1).expect("a line");
    let found = vec![Pattern::of(&der[at..at + 32]), Pattern::of(&line.as_bytes()[24..60])];
    are_there(&found); // the octets here, the text with whoever asks
    drop(der);
    found
}

fn are_there(patterns: &[Pattern]) {
    for pattern in patterns {
        assert!(pattern.copies().is_none_or(|copies| copies > 0), "the search finds nothing");
    }
}

fn are_gone(patterns: &[Pattern], when: &str) {
    for (n, pattern) in patterns.iter().enumerate() {
        assert!(pattern.copies().is_none_or(|copies| copies == 0), "pattern {n} is left {when}");
    }
}

fn is_overwritten(made: impl FnOnce() -> KeyPair, used: impl FnOnce(&KeyPair)) {
    let pair = made();
    let patterns = patterns(&pair.key_pem);
    used(&pair);
    drop(pair);
    are_gone(&patterns, "when the key is dropped");
}

#[test]
fn a_signing_key_is_overwritten() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384, Algorithm::Ed25519, Algorithm::Rs256] {
        is_overwritten(
            || generate(algorithm, "srv.example", "key").expect("a key"),
            |pair| {
                let key = SigningKey::from_pem(pair.key_pem.as_bytes()).expect("it reads back");
                assert!(!key.sign(b"octets").expect("it signs").is_empty());
            },
        );
    }
}

#[test]
fn the_key_of_a_request_is_overwritten() {
    is_overwritten(
        || {
            let made = request(Algorithm::Es256, "srv.example", "key").expect("a key");
            KeyPair { key_pem: made.key_pem, cert_pem: made.csr_pem }
        },
        |_| {},
    );
}

#[test]
fn a_device_key_is_overwritten() {
    is_overwritten(
        || generate_device_key("urn:imei:1", "key").expect("a key"),
        |pair| {
            let key = DeviceKey::from_pem("key", pair.key_pem.as_bytes()).expect("it reads back");
            assert!(key.agree(&[4; 65]).is_err(), "no point of the curve");
        },
    );
}

/// What a device agrees on with whoever encrypts: the wrapping key is derived from it.
#[test]
fn an_agreed_secret_is_overwritten() {
    let pair = generate_device_key("urn:imei:1", "key").expect("a key");
    let key = DeviceKey::from_pem("key", pair.key_pem.as_bytes()).expect("it reads back");
    let originator = agreement::PrivateKey::generate(&agreement::ECDH_P256).expect("a key");
    let point = originator.compute_public_key().expect("its public half");
    let agreed = key.agree(point.as_ref()).expect("a point of the curve");
    let pattern = [Pattern::of(&agreed)];
    are_there(&pattern);
    drop(agreed);
    are_gone(&pattern, "of the agreed secret");
}

#[test]
fn a_device_key_in_a_file_is_overwritten() {
    let state = tempfile::tempdir().expect("a folder");
    is_overwritten(
        || generate_device_key("urn:imei:1", "key").expect("a key"),
        |pair| {
            device_keys::store(state.path(), "key", pair).expect("a good disk");
            let keys = device_keys::load(state.path(), None).expect("one key");
            assert_eq!(keys.names().collect::<Vec<_>>(), ["key"]);
        },
    );
}

#[test]
fn a_key_at_rest_and_its_passphrase_are_overwritten() {
    let passphrase = Secret::new(STANDARD.encode(rand()).into_bytes());
    let of_passphrase = [Pattern::of(&passphrase)];
    are_there(&of_passphrase);
    is_overwritten(
        || generate(Algorithm::Es256, "srv.example", "key").expect("a key"),
        |pair| {
            let locked = encrypted_pem(pair.key_pem.as_bytes(), &passphrase).expect("encrypted");
            let wrong = SigningKey::read(locked.as_bytes(), Some(b"another"));
            assert!(wrong.is_err());
            let key = SigningKey::read(locked.as_bytes(), Some(&passphrase)).expect("unlocked");
            assert!(!key.sign(b"octets").expect("it signs").is_empty());
        },
    );
    drop(passphrase);
    are_gone(&of_passphrase, "of the passphrase");
}

fn rand() -> [u8; 24] {
    let mut octets = [0; 24];
    aws_lc_rs::rand::fill(&mut octets).expect("a source of chance");
    octets
}
