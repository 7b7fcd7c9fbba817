//! Keys of devices: what another library encrypted, the token helps to decrypt. [profile §6]

use dm_crypto::{AwsLc, DevicePublicKey, SystemChance};
use dm_hsm::{HsmError, Pkcs11DeviceKey, Pkcs11Signer, Settings};
use dm_seal::encryption::{
    Binding, ContentMethod, DeviceKeys, EncryptedData, EncryptionError, Envelope, Kind as Part,
    OaepMethod, Recipient, RecipientKey, TransportKind,
};
use dm_xml::{Builder, Document, Limits};

use crate::desk::{self, Desk, Kind};

fn open(desk: &Desk, object: &str) -> Result<Pkcs11DeviceKey, HsmError> {
    let uri = desk.uri(&format!("token=device;object={object}"));
    Pkcs11DeviceKey::open("d1", uri.parse().expect("a URI"), Settings::default())
}

/// The public half, as operators get it.
fn public(desk: &Desk, object: &str) -> DevicePublicKey {
    let uri = desk.uri(&format!("token=device;object={object}"));
    let signer = Pkcs11Signer::open(uri.parse().expect("a URI"), Settings::default());
    let spki = signer.expect("a signer").public_key().expect("a public key").to_vec();
    DevicePublicKey::from_pem(&spki).expect("a key to encrypt to")
}

fn encrypted(recipient: &DevicePublicKey, method: ContentMethod) -> Document<'static> {
    let envelope = Envelope {
        recipient,
        key_name: "d1",
        binding: Binding { server_id: "srv.example", device_id: "urn:imei:1" },
        method,
        cipher: &AwsLc,
        provider: &AwsLc,
    };
    let mut builder = Builder::new(Limits::default());
    envelope.write(&mut builder, b"a secret", Part::Content, &mut SystemChance).expect("encrypted");
    builder.finish().expect("a document")
}

#[test]
fn what_is_encrypted_to_a_key_in_a_token_is_decrypted() {
    desk::run("device_keys::what_is_encrypted_to_a_key_in_a_token_is_decrypted", |desk| {
        desk.token("device");
        desk.device_key("device", Kind::P256, "p256", 1);
        desk.device_key("device", Kind::P256, "other", 2);
        let recipient = public(desk, "p256");
        let own = |object: &str| {
            let mut keys = DeviceKeys::new(AwsLc);
            keys.add(open(desk, object).expect("a device key"));
            keys
        };
        let (keys, others) = (own("p256"), own("other"));
        for method in [ContentMethod::Aes128Gcm, ContentMethod::Aes256Gcm] {
            // Often: one secret of 256 begins with a zero.
            for _ in 0..200 {
                let document = encrypted(&recipient, method);
                let data = EncryptedData::read(document.root()).expect("the shape");
                let plain = data.decrypt(&keys, &AwsLc).expect("decrypted");
                assert_eq!(&plain[..], b"a secret");
            }
            let document = encrypted(&recipient, method);
            let data = EncryptedData::read(document.root()).expect("the shape");
            assert_eq!(data.decrypt(&others, &AwsLc).unwrap_err(), EncryptionError::Failed);
        }
        // Nothing of an agreement stays in the token.
        let session = desk.open("device", false);
        let all = session.find_objects(&[]).expect("objects");
        assert_eq!(all.len(), 4, "two pairs of keys");
    });
}

#[test]
fn a_token_agrees_as_a_key_in_a_file_does() {
    desk::run("device_keys::a_token_agrees_as_a_key_in_a_file_does", |desk| {
        desk.token("device");
        desk.device_key("device", Kind::P256, "p256", 1);
        let key = open(desk, "p256").expect("a device key");
        assert_eq!((key.name(), key.kind()), ("d1", TransportKind::Agreement));
        let agreed = public(desk, "p256").agree(&[7; 32]).expect("agreed");
        assert_eq!(*key.agree(&agreed.public).expect("agreed"), *agreed.secret);
        // Points that are on no curve, or not written as the profile has it, never get to the token.
        let mut off = agreed.public.clone();
        off[64] ^= 1;
        for point in [&off[..], &agreed.public[..64], &[4; 65], &[0], &[]] {
            let refused = key.secret(point).unwrap_err();
            assert!(refused.to_string().contains("the point is not on P-256"), "{refused}");
        }
        assert!(key.unwrap_oaep(OaepMethod::Sha256, b"srv.example", &[0; 256]).is_err());
        assert!(key.agree(&agreed.public).is_ok(), "what was refused did no harm");
    });
}

#[test]
fn a_token_that_was_removed_says_nothing_about_a_message() {
    desk::run("device_keys::a_token_that_was_removed_says_nothing_about_a_message", |desk| {
        desk.token("device");
        desk.device_key("device", Kind::P256, "p256", 1);
        let document = encrypted(&public(desk, "p256"), ContentMethod::Aes128Gcm);
        let data = EncryptedData::read(document.root()).expect("the shape");
        let mut keys = DeviceKeys::new(AwsLc);
        keys.add(open(desk, "p256").expect("a device key"));
        let (tokens, elsewhere) = (desk.folder.join("tokens"), desk.folder.join("elsewhere"));
        std::fs::rename(&tokens, &elsewhere).expect("removed");
        std::fs::create_dir(&tokens).expect("an empty folder");
        desk.module().finalize().expect("ended"); // SoftHSM looks for tokens when it begins
        let error = data.decrypt(&keys, &AwsLc).unwrap_err();
        let EncryptionError::Unavailable(said) = error else { panic!("{error:?}") };
        assert!(said.contains("no token fits") && said.contains("; plug it in"), "{said}");
        std::fs::remove_dir(&tokens).expect("empty");
        std::fs::rename(elsewhere, &tokens).expect("put back");
        desk.module().finalize().expect("ended");
        assert_eq!(&data.decrypt(&keys, &AwsLc).expect("decrypted")[..], b"a secret");
    });
}

#[test]
fn a_key_that_cannot_decrypt_is_found_when_it_is_opened() {
    desk::run("device_keys::a_key_that_cannot_decrypt_is_found_when_it_is_opened", |desk| {
        desk.token("device");
        desk.key("device", Kind::P256, "signs", 1);
        desk.device_key("device", Kind::P384, "p384", 2);
        desk.device_key("device", Kind::Rsa(1024), "small", 4);
        // SoftHSM 2.6 has RSA-OAEP, but not with SHA-256 and not with a label: nothing that is encrypted
        // by the profile could be decrypted.
        desk.device_key("device", Kind::Rsa(2048), "rsa", 3);
        for (object, said) in [
            ("signs", "cannot decrypt messages"),
            ("p384", "the key is on P-384, and nothing is encrypted to such a key"),
            ("small", "the key is RSA of 128 octets, and nothing is encrypted to such a key"),
            ("rsa", "cannot decrypt messages: C_DecryptInit says "),
            ("none", "no private key"),
        ] {
            let refused = open(desk, object).map(drop).unwrap_err();
            assert!(refused.to_string().contains(said), "{object}: {refused}");
            assert!(!refused.remedy().is_empty());
        }
    });
}
