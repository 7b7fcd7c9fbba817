//! Denial of service by what is expensive: digests, signatures, private keys. [profile §8]
//!
//! The work is counted, not timed. What costs comes after what is cheap, and has its limit.

use conformance::device::settings;
use conformance::encryption::with_data;
use conformance::{
    Device, Encryptor, Message, Server, alpha, command, encode, forge, gamma, stranger,
};
use dm_mo::{DmAcc, PinnedKey};
use dm_seal::MOST_TRIED;
use dm_wbxml::Version;

use super::honest;
use super::meter::{MeteredDevice, Work};

const NOTHING: Work = Work { digested: 0, keys: 0, checked: 0, agreed: 0, decrypted: 0 };

fn of_text(sealed: &str) -> Vec<u8> {
    encode(sealed, Version::default())
}

#[test]
fn an_honest_message_is_digested_once_and_checked_once() {
    let (outcome, work) = MeteredDevice::new().receive(&honest().seal());
    assert!(outcome.accepted().is_some());
    let canonical = forge::canonical_of(&honest().text()).len();
    assert_eq!(work, Work { digested: canonical, checked: 1, ..NOTHING });
}

#[test]
fn nothing_is_digested_before_header_account_target_and_shape_are_right() {
    let sealed = honest().sealed_text();
    let reference = {
        let start = sealed.find("<Reference ").expect("sealed");
        &sealed[start..sealed.find("</SignedInfo>").expect("sealed")]
    };
    let transform = "<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>";
    let edited = |old: &str, new: &str| of_text(&forge::swapped(&sealed, old, new));
    for (octets, expected) in [
        (vec![0xFF; 1 << 20], "Wbxml"),
        (vec![2; (1 << 20) + 1], "TooLarge"),
        (edited("<MsgID>1</MsgID>", ""), "Header"),
        (Message::new(stranger()).seal(), "NoAccount"),
        (honest().to("urn:imei:1").seal(), "OtherTarget"),
        (honest().unsealed(), "NotSigned"),
        (edited(reference, &reference.repeat(1_000)), "Structure"),
        (
            edited("</Transforms>", &format!("{}</Transforms>", transform.repeat(10_000))),
            "Structure",
        ),
        (edited("#ecdsa-sha256", "#hmac-sha256"), "Structure"),
        (
            edited("<KeyInfo>", &format!("<KeyInfo>{}", "<KeyName>x</KeyName>".repeat(10_000))),
            "Structure",
        ),
    ] {
        assert_eq!(MeteredDevice::new().refuse(&octets), (expected, NOTHING));
    }
}

#[test]
fn a_changed_message_is_digested_once_and_no_key_is_used() {
    let sealed = honest().sealed_text();
    let changed = of_text(&forge::swapped(&sealed, "<Data>2<", "<Data>3<"));
    let (name, work) = MeteredDevice::new().refuse(&changed);
    let canonical = forge::canonical_of(&honest().text()).len();
    assert_eq!((name, work), ("DigestMismatch", Work { digested: canonical, ..NOTHING }));
    // A reference by another digest does not add to that.
    let sealed =
        forge::sealed_by(&honest().text(), alpha(), dm_seal::DigestMethod::Sha512, |info| info);
    let changed = of_text(&forge::swapped(&sealed, "<Data>2<", "<Data>3<"));
    assert_eq!(MeteredDevice::new().refuse(&changed).1, work);
}

#[test]
fn what_is_hidden_in_key_info_is_not_digested() {
    let filler = "<x xmlns=\"urn:x\">text</x>".repeat(10_000);
    let filler = format!("<KeyValue>{filler}</KeyValue>");
    let grown = forge::edited(&honest(), "<KeyInfo>", &format!("<KeyInfo>{filler}"));
    let (outcome, work) = MeteredDevice::new().receive(&grown);
    assert!(outcome.accepted().is_some());
    let canonical = forge::canonical_of(&honest().text()).len();
    assert_eq!(work, Work { digested: canonical, checked: 1, ..NOTHING });
}

#[test]
fn a_signature_is_checked_with_eight_keys_at_most() {
    let bare = |server: &Server, name: String| PinnedKey { name, der: server.spki() };
    let with = |name: &dyn Fn(usize) -> String| {
        let pins: Vec<PinnedKey> = (0..50).map(|n| bare(gamma(), name(n))).collect();
        let device = Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &pins)]);
        MeteredDevice::of(device.tree(), settings())
    };
    let named = honest().seal();
    let unnamed = forge::edited(&honest(), "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>", "");
    for (octets, name) in [
        (unnamed, (&|n| format!("old {n}")) as &dyn Fn(usize) -> String),
        (named, &|_| "alpha 1".to_owned()), // fifty of one name
    ] {
        let (refused, work) = with(name).refuse(&octets);
        assert_eq!((refused, work.checked, work.keys), ("SignatureInvalid", MOST_TRIED, 0));
    }
}

/// A message with so many encrypted values.
fn with_parts(count: u32) -> Message {
    let data = Encryptor::of(alpha()).data("x");
    (1..=count).fold(honest(), |message, n| {
        let item = command::item("./Vendor/Mode", &data);
        message.with(command::one("Replace", &(n + 1).to_string(), &item))
    })
}

#[test]
fn parts_are_decrypted_for_whom_the_signature_holds_and_once() {
    let message = with_parts(100);
    let mut device = MeteredDevice::new();
    let forged = forge::edited(&message, "<Data>2<", "<Data>3<");
    let by_stranger = Message { server: stranger(), ..message.clone() }.seal();
    for octets in [message.unsealed(), forged, by_stranger] {
        let (_, work) = device.refuse(&octets);
        assert_eq!((work.agreed, work.decrypted), (0, 0));
    }
    let octets = message.seal();
    let (outcome, work) = device.receive(&octets);
    assert!(outcome.accepted().is_some());
    assert_eq!((work.agreed, work.checked), (100, 1));
    let (name, work) = device.refuse(&octets);
    assert_eq!((name, work.agreed, work.decrypted), ("Replayed", 0, 0));
}

#[test]
fn misplaced_parts_are_found_before_one_is_decrypted() {
    let stray = Encryptor::of(alpha()).encrypted(dm_seal::encryption::Kind::Content, b"x");
    let (name, work) = MeteredDevice::new().refuse(&with_parts(100).with(stray).seal());
    assert_eq!((name, work.agreed, work.decrypted), ("PartNotDecrypted", 0, 0));
}

/// Anybody can encrypt to a device: a whole costs its sender as much as the device, and once.
#[test]
fn a_whole_costs_one_decryption() {
    let encryptor = Encryptor::of(alpha());
    let sealed = with_data("<Data>x</Data>").seal();
    let whole = encryptor.whole(&sealed);
    let nested = (0..10).fold(whole.clone(), |inner, _| encryptor.whole(&inner));
    for octets in [nested, encryptor.whole(b"none"), encryptor.whole(&honest().unsealed())] {
        let (_, work) = MeteredDevice::new().refuse(&octets);
        assert_eq!((work.agreed, work.checked), (1, 0));
        assert!(work.decrypted <= octets.len(), "{work:?} of {}", octets.len());
    }
    // What is bound to another device, or names another key, does not cost that.
    let other = Encryptor { device_id: "urn:imei:2", ..encryptor }.whole(&sealed);
    let (name, work) = MeteredDevice::new().refuse(&other);
    assert_eq!((name, work), ("WholeNotDecrypted", NOTHING));
    let (outcome, work) = MeteredDevice::new().receive(&whole);
    assert!(outcome.accepted().is_some());
    assert_eq!((work.agreed, work.checked), (1, 1));
}
