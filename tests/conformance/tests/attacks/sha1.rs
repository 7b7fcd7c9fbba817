//! Collisions of SHA-1. [profile §3] It is read only where the owner of the device says so, and then loudly. That signatures
//! by RSA with SHA-1 are read too is shown with those of others (`bin/mgram/tests/interop`).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::{Device, Message, alpha, encode, forge};
use dm_client::Refusal;
use dm_seal::danger::{self, RSA_SHA1, SHA1, Sha1};
use dm_seal::{Accepts, DigestMethod, StructureError};
use dm_wbxml::Version;

use super::{beaten, honest};

/// Sealed by alpha, its digest by SHA-1.
fn by_sha1(text: &str) -> Vec<u8> {
    let canonical = forge::canonical_of(text);
    let value = digest(&SHA1_FOR_LEGACY_USE_ONLY, canonical.as_bytes());
    let sealed = forge::sealed_with(text, alpha(), |info| {
        let own = forge::content(&info, "DigestValue").to_owned();
        let info = forge::swapped(&info, DigestMethod::Sha256.uri(), SHA1);
        forge::swapped(&info, &own, &STANDARD.encode(value.as_ref()))
    });
    encode(&sealed, Version::default())
}

fn old_fashioned() -> Device {
    let accepts = Accepts::LISTED.with_sha1(Sha1::allowed_by_the_owner());
    Device::new().set(|settings| settings.accepts = accepts)
}

#[test]
fn a_digest_by_sha1_is_refused_by_default() {
    let refusal = beaten(&by_sha1(&honest().text()));
    let (element, uri) = ("DigestMethod".into(), SHA1.into());
    assert_eq!(refusal, Refusal::Structure(StructureError::Algorithm { element, uri }));
}

#[test]
fn a_signature_by_rsa_with_sha1_is_refused_by_default() {
    let sealed = forge::sealed_with(&honest().text(), alpha(), |info| {
        forge::swapped(&info, alpha().key.method().uri(), RSA_SHA1)
    });
    let octets = encode(&sealed, Version::default());
    let refusal = beaten(&octets);
    let (element, uri) = ("SignatureMethod".into(), RSA_SHA1.into());
    assert_eq!(refusal, Refusal::Structure(StructureError::Algorithm { element, uri }));
    // Where it is allowed, it is still for RSA keys alone.
    let refusal = old_fashioned().refuse(&octets);
    assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
}

#[test]
fn where_it_is_allowed_every_entry_of_the_journal_warns() {
    let mut device = old_fashioned();
    assert!(device.accept(&by_sha1(&honest().text())).dangers.sha1);
    let entry = device.journal().pop().expect("an entry");
    assert!(entry.notes[0].starts_with("DANGER: signed with SHA-1"), "{:?}", entry.notes);
    assert!(!device.accept(&Message::new(alpha()).session(2).seal()).dangers.sha1);
    let entry = device.journal().pop().expect("an entry");
    assert!(entry.notes[0].starts_with("DANGER: this device is configured"), "{:?}", entry.notes);
    let mut device = Device::new();
    device.accept(&honest().seal());
    assert_eq!(device.journal().pop().expect("an entry").notes, [""; 0]);
}

#[test]
fn a_digest_by_sha1_is_checked() {
    let octets = by_sha1(&honest().text());
    let changed = forge::octets_swapped(&octets, b"Speed", b"Speec");
    assert_eq!(old_fashioned().refuse(&changed), Refusal::DigestMismatch);
}

/// The cache of what was seen knows messages by SHA-256, whatever they say.
#[test]
fn a_message_that_was_seen_is_not_new_by_sha1() {
    let mut device = old_fashioned();
    device.accept(&honest().seal());
    assert_eq!(device.refuse(&by_sha1(&honest().text())), Refusal::Replayed);
}

#[test]
fn nothing_else_of_old_is_read() {
    for never in [
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-md5",
        "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha1",
        danger::SHA1,
    ] {
        let sealed = forge::sealed_with(&honest().text(), alpha(), |info| {
            forge::swapped(&info, alpha().key.method().uri(), never)
        });
        let refusal = old_fashioned().refuse(&encode(&sealed, Version::default()));
        let named = matches!(&refusal, Refusal::Structure(StructureError::Algorithm { .. }));
        assert!(named, "{never}: {refusal}");
    }
}
