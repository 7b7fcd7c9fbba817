//! Each method, verified by another library than the token's.

use dm_crypto::AwsLc;
use dm_hsm::Settings;
use dm_seal::{Provider, SignatureMethod, Signer, VerifyingKey};

use crate::desk::{self, Kind};

/// Every method of the profile but those whose digest is not that of the curve.
#[test]
fn each_method_signs_what_the_public_key_verifies() {
    desk::run("methods::each_method_signs_what_the_public_key_verifies", |desk| {
        desk.token("fleet");
        desk.key("fleet", Kind::P256, "p256", 1);
        desk.key("fleet", Kind::P384, "p384", 2);
        desk.key("fleet", Kind::Rsa(2048), "rsa", 3);
        desk.key("fleet", Kind::Ed25519, "ed25519", 4);
        let mut verified = 0;
        for method in SignatureMethod::ALL {
            let object = match method.name() {
                "es256" => "p256",
                "es384" => "p384",
                "es512" => continue,
                "ed25519" => "ed25519",
                _ => "rsa",
            };
            let settings = Settings { method: Some(method), ..Settings::default() };
            let path = format!("token=fleet;object={object}");
            let signer = desk.signer_with(&path, settings).expect("a signer");
            assert_eq!(signer.method(), method);
            let key = AwsLc.key(signer.public_key().expect("a public key")).expect("usable");
            for octets in [&b""[..], b"a text", &[0xA5; 5000]] {
                let signature = signer.sign(octets).expect("signed");
                assert!(key.verifies(method, octets, &signature), "{}", method.name());
                assert!(!key.verifies(method, b"another", &signature), "{}", method.name());
                verified += 1;
            }
        }
        assert_eq!(verified, 27);
    });
}

#[test]
fn the_kind_of_the_key_is_the_method_where_none_is_named() {
    desk::run("methods::the_kind_of_the_key_is_the_method_where_none_is_named", |desk| {
        desk.token("fleet");
        for (kind, object, id, name) in
            [(Kind::P384, "ec", 1, "es384"), (Kind::Rsa(2048), "rsa", 2, "rs256")]
        {
            desk.key("fleet", kind, object, id);
            let signer = desk.signer(&format!("token=fleet;object={object}")).expect("a signer");
            assert_eq!(signer.method().name(), name);
        }
        let uri = desk.uri("object=rsa") + "&method=ps512";
        let signer = dm_hsm::Pkcs11Signer::open(uri.parse().unwrap(), Settings::default());
        assert_eq!(signer.expect("a signer").method().name(), "ps512");
    });
}

#[test]
fn a_key_is_found_by_its_id_alone() {
    desk::run("methods::a_key_is_found_by_its_id_alone", |desk| {
        desk.token("fleet");
        desk.key("fleet", Kind::P256, "same", 1);
        desk.key("fleet", Kind::P256, "same", 2);
        let [one, two] = ["id=%01", "id=%02"].map(|path| desk.signer(path).expect("a signer"));
        assert_ne!(one.public_key().expect("a key"), two.public_key().expect("a key"));
        assert_eq!(one.sign(b"a").expect("signed").len(), 64);
    });
}

#[test]
fn threads_share_a_signer() {
    desk::run("methods::threads_share_a_signer", |desk| {
        desk.token("fleet");
        desk.key("fleet", Kind::P256, "key", 1);
        // Three sessions for eight threads: five of them wait.
        let settings = Settings { sessions: 3, ..Settings::default() };
        let signer = desk.signer_with("token=fleet", settings).expect("a signer");
        let key = AwsLc.key(signer.public_key().expect("a public key")).expect("usable");
        std::thread::scope(|scope| {
            for thread in 0..8 {
                let (signer, key) = (&signer, &key);
                scope.spawn(move || {
                    for count in 0..50 {
                        let octets = [thread, count];
                        let signature = signer.sign(&octets).expect("signed");
                        assert!(key.verifies(signer.method(), &octets, &signature));
                    }
                });
            }
        });
        let session = desk.open("fleet", false);
        let slot = session.get_session_info().expect("a session").slot_id();
        let open = desk.module().get_token_info(slot).expect("a token").session_count();
        // SoftHSM may keep the count to itself.
        assert!(open.is_none_or(|open| open <= 4), "{open:?} sessions");
    });
}
