//! §3, what is accepted of signatures; what is not: `tests/attacks`.

use conformance::server::OtherKey;
use conformance::{Device, Message, alpha, beta, command, encode, forge};
use dm_client::{Refusal, Stage};
use dm_seal::{DigestMethod, SignatureMethod};
use dm_wbxml::Version;

fn message() -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"))
}

#[test]
fn white_space_in_front_of_the_signature_is_signed() {
    let text = forge::swapped(&message().text(), "</SyncML>", "\n </SyncML>");
    let octets = encode(&forge::sealed_with(&text, alpha(), |info| info), Version::default());
    Device::new().accept(&octets);
    let late = forge::swapped(&message().sealed_text(), "<Signature ", "\n <Signature ");
    let refusal = Device::new().refuse(&encode(&late, Version::default()));
    assert_eq!(refusal, Refusal::DigestMismatch);
}

#[test]
fn stronger_digests_are_read() {
    for digest in DigestMethod::ALL {
        let sealed = forge::sealed_by(&message().text(), alpha(), digest, |info| info);
        let mut device = Device::new();
        device.accept(&encode(&sealed, Version::default()));
        // The cache of digests knows it by SHA-256, whatever the reference says.
        assert_eq!(device.refuse(&message().seal()), Refusal::Replayed, "{digest:?}");
    }
}

#[test]
fn every_signature_method_of_the_list_is_read() {
    use DigestMethod::{Sha256, Sha384, Sha512};
    let mut keys = vec![OtherKey::ed25519(), OtherKey::p384()];
    for digest in [Sha256, Sha384, Sha512] {
        keys.push(OtherKey::rsa(SignatureMethod::Rsa(digest)));
        keys.push(OtherKey::rsa(SignatureMethod::RsaPss(digest)));
    }
    for key in keys {
        let method = dm_seal::Signer::method(&key);
        let server = key.server(alpha().id, "alpha 2");
        let sealed = forge::sealed_with(&message().text(), &server, |info| info);
        let mut device = Device::with_accounts(&[("Alpha", &server)]);
        device.accept(&encode(&sealed, Version::default()));
        // Another key of the same kind of signature does not pass for it.
        let other = forge::swapped(&sealed, "alpha 2", "alpha 1");
        assert_eq!(
            Device::new().refuse(&encode(&other, Version::default())).stage(),
            Stage::Signature,
            "{method:?}"
        );
    }
    let mut device = Device::with_accounts(&[("Beta", beta())]);
    device.accept(&Message::new(beta()).seal());
}

#[test]
fn line_breaks_in_values_are_let_through() {
    let sealed = message().sealed_text();
    let value = forge::content(&sealed, "SignatureValue");
    let broken = format!("\r\n{}\n\t{} ", &value[..20], &value[20..]);
    Device::new().accept(&encode(&forge::swapped(&sealed, value, &broken), Version::default()));
    // DigestValue is signed itself, so breaks must be there before.
    let sealed = forge::sealed_with(&message().text(), alpha(), |info| {
        info.replace("<DigestValue>", "<DigestValue>\n")
            .replace("</DigestValue>", "\n</DigestValue>")
    });
    Device::new().accept(&encode(&sealed, Version::default()));
}
