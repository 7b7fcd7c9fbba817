//! Downgrade: a message that comes as something that needs no signature, or as something older.
//! [Sessionless §5.1.1, §5.2], [profile §2, §8]

use conformance::hand::{hex, str_i};
use conformance::{
    Device, Hand, Message, alpha, command, encode, forge, seal_text, stranger, tnds,
};
use dm_client::{Refusal, Stage};
use dm_mo::DmAcc;
use dm_wbxml::{ErrorKind, Version};

use super::{beaten, beaten_text, honest};

fn wbxml(octets: &[u8]) -> ErrorKind {
    match beaten(octets) {
        Refusal::Wbxml(error) => error.kind,
        other => panic!("{}: {other}", other.name()),
    }
}

/// OMA CP and DM bootstrap come in by entry points of their own, which messages never reach.
#[test]
fn a_bootstrap_comes_by_no_message() {
    // A client provisioning document: `wap-provisioningdoc` with a characteristic.
    assert_eq!(wbxml(&hex("03 0B 6A 00 45 C6 56 01 01 01")), ErrorKind::PublicIdentifier);
    // The account that a bootstrap would bring, in a message without a signature.
    let account = DmAcc::object("Mallory", stranger().id, &[stranger().pin()]);
    let bootstrap = |source: &str| {
        let account = tnds::deliver("1", vec![account.clone()]);
        Message::new(stranger()).claiming(source).with(account)
    };
    assert_eq!(beaten(&bootstrap(alpha().id).unsealed()), Refusal::NotSigned);
    let refusal = beaten(&bootstrap(stranger().id).seal());
    assert_eq!(refusal, Refusal::NoAccount(stranger().id.into()));
    // Signed by a server that has an account, it is a message like any other: it makes no account.
    let mut device = Device::new();
    let account = tnds::deliver("1", vec![account.clone()]);
    device.accept(&Message::new(alpha()).with(account).seal());
    assert!(!device.has("./DMAcc/Mallory"));
    let refusal = device.refuse(&bootstrap(stranger().id).seal());
    assert_eq!(refusal, Refusal::NoAccount(stranger().id.into()));
}

/// The credentials of a session: user and password, MD5 with a nonce.
#[test]
fn the_credentials_of_a_session_replace_no_signature() {
    for (kind, data) in [
        ("syncml:auth-basic", "QnJ1Y2UyOk9oQmVoYXZl"),
        ("syncml:auth-md5", "Zz6EivR3yeaaENcRN6lpAQ=="),
        ("syncml:auth-MAC", "YZ9325x1d32YoMK3xjG2+w=="),
        ("syncml:auth-X509", ""),
    ] {
        let meta = command::meta("b64", kind);
        let cred = format!("<Cred>{meta}<Data>{data}</Data></Cred></SyncHdr>");
        let text = forge::swapped(&honest().text(), "</SyncHdr>", &cred);
        assert_eq!(beaten_text(&text), Refusal::NotSigned, "{kind}");
        let stranger = seal_text(&text, stranger()).replace("stranger 1", "alpha 1");
        let invalid = Refusal::SignatureInvalid(alpha().id.into());
        assert_eq!(beaten_text(&stranger), invalid, "{kind}");
    }
}

#[test]
fn an_older_syncml_is_refused_signed_or_not() {
    for (public, namespace) in [("9F 51", "SYNCML:SYNCML1.0"), ("9F 53", "SYNCML:SYNCML1.1")] {
        let hand = Hand { public: hex(public), ..Hand::replace(alpha(), &[], &str_i("2")) };
        for octets in [hand.octets(), hand.sealed(alpha())] {
            let refusal = beaten(&octets);
            assert_eq!(refusal.stage(), Stage::Header, "{namespace}");
        }
    }
    for (old, new) in [("<VerDTD>1.2<", "<VerDTD>1.1<"), ("<VerProto>DM/1.3<", "<VerProto>DM/1.1<")]
    {
        let text = forge::swapped(&honest().text(), old, new);
        let octets = encode(&seal_text(&text, alpha()), Version::default());
        assert_eq!(beaten(&octets).stage(), Stage::Header, "{new}");
    }
}

#[test]
fn wbxml_1_0_and_xml_text_carry_no_message() {
    let octets = honest().seal();
    assert_eq!(wbxml(&[&[0], &octets[1..]].concat()), ErrorKind::Version(0));
    assert_eq!(wbxml(honest().sealed_text().as_bytes()), ErrorKind::Version(b'<'));
}

/// The signature is taken off, and what is left is sent as an ordinary message of a session.
#[test]
fn a_message_without_its_signature_is_no_message() {
    let sealed = honest().sealed_text();
    let unsigned = forge::swapped(&sealed, forge::signature(&sealed), "");
    let refusal = beaten_text(&unsigned);
    assert_eq!((&refusal, refusal.clause()), (&Refusal::NotSigned, "R12, Sessionless §5.2"));
    let empty = "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>";
    let emptied = forge::swapped(&sealed, forge::signature(&sealed), empty);
    assert_eq!(beaten_text(&emptied).stage(), Stage::Structure);
    let elsewhere = sealed.replace("xmldsig#\"", "xmldsig\"");
    assert_eq!(beaten_text(&elsewhere), Refusal::NotSigned, "another namespace");
}
