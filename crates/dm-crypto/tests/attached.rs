//! A signature that was made elsewhere, put to its message. [profile §3]

use dm_crypto::{Algorithm, AwsLc, SigningKey, generate, public_material};
use dm_seal::{OpenError, Pin, SignedInfo, Signer, Trust, VerifyError, verify};
use dm_xml::{Limits, canonical, parse};

const MESSAGE: &str =
    r#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr></SyncHdr><SyncBody></SyncBody></SyncML>"#;

#[test]
fn what_is_attached_is_what_is_sealed() {
    let pair = generate(Algorithm::Es256, "srv.example", "key-1").unwrap();
    let key = SigningKey::from_pem(pair.key_pem.as_bytes()).unwrap();
    let der = public_material(pair.cert_pem.as_bytes()).unwrap();
    let pins = [Pin::new("key-1", &der, &AwsLc).unwrap()];
    let trust = Trust::pinned("srv.example", &pins);
    let message = parse(MESSAGE.as_bytes(), &Limits::default()).unwrap();
    let info = SignedInfo::of(&message, key.method(), &AwsLc).unwrap();
    let outcome = |value| {
        let text = canonical::text(&info.attach(&message, value, "key-1"));
        let sealed = parse(text.as_bytes(), &Limits::default()).unwrap();
        verify(sealed, &trust, &AwsLc).map(|verified| verified.digest())
    };
    // Whoever signs elsewhere signs the octets of the canonical form.
    assert_eq!(outcome(key.sign(&info.to_canonical()).unwrap()), Ok(info.digest()));
    let invalid = OpenError::Verify(VerifyError::SignatureInvalid);
    assert_eq!(outcome(key.sign(b"others").unwrap()), Err(invalid.clone()));
    assert_eq!(outcome(Vec::new()), Err(invalid));
}
