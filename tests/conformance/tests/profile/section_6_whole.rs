//! §6, a message that is encrypted as a whole: anyone can encrypt to a device, so nothing of it is
//! trusted before all the checks of a message in the clear.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::encryption::with_element;
use conformance::{Device, Encryptor, Message, alpha, encode, forge, stranger};
use dm_client::{Refusal, Stage};
use dm_seal::encryption::EncryptionError::{Failed, Misplaced, Plaintext, Shape};
use dm_seal::encryption::{Kind, Plaintext as What};
use dm_wbxml::Version;
use dm_xml::LimitExceeded;

use conformance::encryption::{whole_refused, with_data};

fn sealed() -> Vec<u8> {
    with_data("<Data>fast</Data>").seal()
}

fn edited(old: &str, new: &str) -> Vec<u8> {
    let text = Encryptor::of(alpha()).encrypted(Kind::Message, &sealed());
    encode(&forge::swapped(&text, old, new), Version::default())
}

#[test]
fn a_whole_inside_a_whole_is_refused() {
    let encryptor = Encryptor::of(alpha());
    let twice = encryptor.whole(&encryptor.whole(&sealed()));
    assert_eq!(whole_refused(&twice), Plaintext(What::Nested));
    let thrice = encryptor.whole(&twice);
    assert_eq!(whole_refused(&thrice), Plaintext(What::Nested));
}

#[test]
fn inside_is_a_signed_message_for_this_device() {
    let refused =
        |octets: &[u8]| Device::new().with_keys().refuse(&Encryptor::of(alpha()).whole(octets));
    assert_eq!(refused(&with_data("<Data>fast</Data>").unsealed()), Refusal::NotSigned);
    let other = Message::new(alpha()).to("urn:imei:1").seal();
    assert_eq!(refused(&other).stage(), Stage::Target);
    let changed = forge::edited(&with_data("<Data>fast</Data>"), ">fast<", ">fasT<");
    assert_eq!(refused(&changed), Refusal::DigestMismatch);
    let by_stranger = Message::new(stranger()).claiming(alpha().id).seal();
    assert_eq!(refused(&by_stranger).stage(), Stage::Signature);
    assert_eq!(
        refused(&encode("<SyncML xmlns=\"SYNCML:SYNCML1.2\"/>", Version::default())).stage(),
        Stage::Header
    );
}

#[test]
fn inside_is_wbxml_by_the_same_rules() {
    let encryptor = Encryptor::of(alpha());
    let text = with_data("<Data>fast</Data>").sealed_text();
    let longer = [&sealed()[..], &[0]].concat();
    for inside in [&[][..], &[2], text.as_bytes(), &longer, &sealed()[..100]] {
        assert_eq!(whole_refused(&encryptor.whole(inside)), Plaintext(What::NotWbxml));
    }
}

#[test]
fn limits_hold_inside_too() {
    let repeated = "<Final/>".repeat(300);
    let inner = Message::new(alpha()).with(repeated).seal();
    let octets = Encryptor::of(alpha()).whole(&inner);
    let mut device = Device::new().with_keys().set(|settings| settings.limits.elements = 200);
    let limit = Plaintext(What::Limit(LimitExceeded::Elements(200)));
    assert_eq!(device.refuse(&octets), Refusal::WholeNotDecrypted(limit));
}

#[test]
fn it_says_what_it_is() {
    for (old, new) in [
        (" MimeType=\"application/vnd.syncml.dm+wbxml\"", ""),
        ("application/vnd.syncml.dm+wbxml", "application/vnd.syncml.dm+xml"),
        ("xmlenc#Element", "xmlenc#Content"),
    ] {
        let error = whole_refused(&edited(old, new));
        assert!(matches!(error, Shape(_) | Misplaced(_)), "{new}: {error}");
    }
}

#[test]
fn every_octet_of_the_tag_counts() {
    let text = Encryptor::of(alpha()).encrypted(Kind::Message, &sealed());
    let (head, tail) = text.split_once("</EncryptedKey>").expect("a key");
    let content = STANDARD.decode(forge::content(tail, "CipherValue")).expect("base64");
    for at in content.len() - 16..content.len() {
        let mut changed = content.clone();
        changed[at] ^= 1;
        let tail = with_element(tail, "CipherValue", &STANDARD.encode(changed));
        let octets = encode(&format!("{head}</EncryptedKey>{tail}"), Version::default());
        assert_eq!(whole_refused(&octets), Failed);
    }
}

#[test]
fn whoever_is_nobody_is_not_named_in_the_journal() {
    let mut device = Device::new().with_keys();
    device.refuse(&edited("aes128-gcm", "aes128-cbc"));
    let entry = device.journal().pop().expect("an entry");
    assert_eq!((entry.server_id, entry.stage.as_deref()), (None, Some("decrypt-whole")));
}
