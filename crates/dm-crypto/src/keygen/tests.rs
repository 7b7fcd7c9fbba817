use super::*;
use crate::{AwsLc, DeviceKey, SigningKey, UnsupportedEncryption, encrypted_pem, public_material};
use dm_seal::{Pin, SignatureMethod, Signer, VerifyingKey};

const KINDS: [Algorithm; 4] =
    [Algorithm::Ed25519, Algorithm::Es256, Algorithm::Es384, Algorithm::Rs256];

/// Each method against each kind of key: what it signs by, it verifies, and by nothing else.
#[test]
fn a_new_key_signs_what_its_certificate_verifies() {
    for (n, algorithm) in KINDS.into_iter().enumerate() {
        let server_id = if n % 2 == 0 { "srv.example" } else { "https://srv.example:1/dm" };
        let pair = generate(algorithm, server_id, "key 1").unwrap();
        let der = public_material(pair.cert_pem.as_bytes()).unwrap();
        let pin = Pin::new("key 1", &der, &AwsLc).unwrap();
        assert!(pin.material().may_serve(server_id));
        assert!(!pin.material().may_serve("other.example"));
        let read = || SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap();
        assert!(read().is_of_certificate(&der));
        for method in SignatureMethod::ALL {
            let Ok(key) = read().with_method(method) else {
                assert!(!read().methods().contains(&method));
                continue;
            };
            let signature = key.sign(b"text").unwrap();
            assert!(pin.key().verifies(method, b"text", &signature));
            assert!(!pin.key().verifies(method, b"texT", &signature));
            assert!(!pin.key().verifies(method, b"text", &signature[1..]));
            for other in SignatureMethod::ALL.into_iter().filter(|&other| other != method) {
                assert!(!pin.key().verifies(other, b"text", &signature), "{method:?} {other:?}");
            }
            let permission = dm_seal::danger::Sha1::allowed_by_the_owner();
            assert!(!pin.key().verifies_rsa_sha1(permission, b"text", &signature));
        }
    }
}

/// A pin that names somebody, of whatever kind the name is, is not everybody's. [profile §4.4]
#[test]
fn a_certificate_that_names_a_person_or_a_machine_is_not_pinned_for_a_server() {
    use rcgen::SanType;
    let person = || SanType::Rfc822Name("srv.example".try_into().unwrap());
    let machine = SanType::IpAddress([192, 0, 2, 1].into());
    let server = SanType::DnsName("srv.example".try_into().unwrap());
    for (names, may_serve) in [
        (vec![], true),
        (vec![person()], false),
        (vec![machine], false),
        (vec![person(), server], true),
    ] {
        let mut parameters = of_server("srv.example", "k").unwrap();
        parameters.subject_alt_names = names;
        let key = new_key(Algorithm::Es256).unwrap();
        let der = parameters.self_signed(&*key).unwrap().der().to_vec();
        let pin = Pin::new("k", &der, &AwsLc).unwrap();
        assert_eq!(
            pin.material().may_serve("srv.example"),
            may_serve,
            "{:?}",
            pin.material().names
        );
    }
}

#[test]
fn signatures_of_ecdsa_are_as_wide_as_the_curve() {
    for (algorithm, width) in [(Algorithm::Es256, 64), (Algorithm::Es384, 96)] {
        let pair = generate(algorithm, "a", "k").unwrap();
        let key = SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap();
        // One of 256 has a leading zero in r: enough of them to see it padded.
        for n in 0..512_u32 {
            assert_eq!(key.sign(&n.to_be_bytes()).unwrap().len(), width);
        }
    }
}

#[test]
fn longer_rsa_keys_are_made_and_used() {
    for (algorithm, octets) in [(Algorithm::Rs256Of3072, 384), (Algorithm::Rs256Of4096, 512)] {
        let pair = generate(algorithm, "a", "k").unwrap();
        let key = SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap();
        assert_eq!(key.sign(b"").unwrap().len(), octets);
    }
}

#[test]
fn a_key_at_rest_opens_with_its_passphrase_only() {
    let pair = generate(Algorithm::Es256, "a", "k").unwrap();
    let at_rest = encrypted_pem(pair.key_pem.as_bytes(), b"open").unwrap();
    assert!(at_rest.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    let read = |passphrase| SigningKey::read(at_rest.as_bytes(), passphrase);
    assert_eq!(read(None).unwrap_err(), KeyError::Encrypted);
    assert_eq!(read(Some(b"shut")).unwrap_err(), KeyError::Passphrase);
    let der = public_material(pair.cert_pem.as_bytes()).unwrap();
    assert!(read(Some(b"open")).unwrap().is_of_certificate(&der));
    let again = encrypted_pem(at_rest.as_bytes(), b"open");
    assert_eq!(again.unwrap_err(), KeyError::Encrypted);
}

#[test]
fn small_rsa_keys_are_refused() {
    // RSA of 1024 bits, exponent 65537: a SubjectPublicKeyInfo with an arbitrary modulus.
    let mut spki = vec![
        0x30, 0x81, 0x9F, 0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01,
        0x01, 0x05, 0x00, 0x03, 0x81, 0x8D, 0x00, 0x30, 0x81, 0x89, 0x02, 0x81, 0x81, 0x00,
    ];
    spki.extend([0xC1; 128]);
    spki.extend([0x02, 0x03, 0x01, 0x00, 0x01]);
    assert!(dm_seal::Material::from_der(&spki).is_ok(), "the test key is well formed");
    assert_eq!(Pin::new("small", &spki, &AwsLc).unwrap_err(), dm_seal::PinError::WeakKey);
}

#[test]
fn wrong_files_are_told_apart() {
    let read = |octets: &[u8]| SigningKey::from_pem(octets).unwrap_err();
    assert_eq!(read(b"x"), KeyError::NotPrivate);
    assert_eq!(read(&[]), KeyError::NotPrivate);
    assert_eq!(public_material(b"x").unwrap_err(), KeyError::NotPublic);
    let pair = generate(Algorithm::Es256, "a", "k").unwrap();
    assert_eq!(public_material(pair.key_pem.as_bytes()).unwrap_err(), KeyError::NotPublic);
    assert_eq!(read(pair.cert_pem.as_bytes()), KeyError::Public);
    let der = public_material(pair.cert_pem.as_bytes()).unwrap();
    assert_eq!(read(&der), KeyError::Public);
    assert_eq!(public_material(&der).unwrap(), der);
    assert_eq!(generate(Algorithm::Es256, "ä", "k").err(), Some(KeyError::NotAscii));
    // A version, and then nothing that is known.
    assert_eq!(read(&[0x30, 3, 2, 1, 0]), KeyError::Unsupported);
    let legacy = b"-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nAA==\n\
                   -----END RSA PRIVATE KEY-----\n";
    assert_eq!(read(legacy), KeyError::Encryption(UnsupportedEncryption::Legacy));
}

/// Which of two is meant, nobody can know; a second one that is cut off is one too.
#[test]
fn a_file_with_two_private_keys_is_refused() {
    let [one, other] = [Algorithm::Es256, Algorithm::Es256]
        .map(|algorithm| generate(algorithm, "a", "k").unwrap());
    let read = |pem: &str| SigningKey::from_pem(pem.as_bytes()).map(drop);
    let with_certificate = format!("{}{}", &*one.cert_pem, &*one.key_pem);
    assert_eq!(read(&(with_certificate.clone() + &other.cert_pem)), Ok(()));
    let two = with_certificate.clone() + &other.key_pem;
    assert_eq!(read(&two), Err(KeyError::Several));
    assert_eq!(DeviceKey::from_pem("d", two.as_bytes()).map(drop), Err(KeyError::Several));
    assert_eq!(encrypted_pem(two.as_bytes(), b"open").map(drop), Err(KeyError::Several));
    assert_eq!(read(&(with_certificate + &other.key_pem[..60])), Err(KeyError::Several));
}

#[test]
fn a_key_that_signs_only_is_none_to_decrypt_with() {
    for algorithm in [Algorithm::Es384, Algorithm::Ed25519] {
        let pair = generate(algorithm, "a", "k").unwrap();
        let private = DeviceKey::from_pem("d", pair.key_pem.as_bytes()).map(drop);
        assert_eq!(private, Err(KeyError::NotToEncryptTo), "{algorithm:?}");
        let public = crate::DevicePublicKey::from_pem(pair.cert_pem.as_bytes()).map(drop);
        assert_eq!(public, Err(KeyError::NotToEncryptTo), "{algorithm:?}");
    }
}
