//! The attacks of `docs/threat-model.md`, a class of them a file: octets go into the real gate, and
//! come to nothing.
//!
//! [`beaten`] is what most of them end in. A refusal must be the right one, must leave the tree and
//! what is remembered as they were, and must not spoil the message that was attacked.

mod algorithms;
mod cross_device;
mod denial_of_service;
mod downgrade;
mod encryption_oracle;
mod entities;
mod infoset;
mod injected_plaintext;
mod key_confusion;
mod key_info;
mod meter;
mod misplaced_ciphertext;
mod replay;
mod resigned_ciphertext;
mod secrets;
mod sha1;
mod threat_model;
mod transforms;
mod unbound;
mod weak_encryption;
mod work;
mod wrapping;

use conformance::{Device, Message, alpha, command, encode, forge};
use dm_client::{Refusal, Stage};
use dm_seal::StructureError;
use dm_wbxml::Version;

/// The leaf that attacks try to reach. It is 1, and 2 after the honest message.
const SPEED: &str = "./Vendor/Speed";

/// The message that is attacked.
fn honest() -> Message {
    Message::new(alpha()).emi("c=5").with(command::replace("1", SPEED, "2"))
}

/// How a device refuses these octets.
///
/// They change neither the tree, in memory and in the store, nor what is remembered
/// ([`Device::refuse`] compares both), and spend nothing: the honest message is let in afterwards,
/// with its counter.
fn beaten(octets: &[u8]) -> Refusal {
    beaten_on(Device::new(), octets, &honest().seal())
}

/// As [`beaten`], on another device and for another honest message.
fn beaten_on(mut device: Device, octets: &[u8], honest: &[u8]) -> Refusal {
    let refusal = device.refuse(octets);
    assert!(refusal.stage() <= Stage::Freshness, "{}: {refusal}", refusal.name());
    assert_eq!(device.text(SPEED).as_deref(), Some("1"));
    assert_eq!(device.statuses(honest), [200], "the honest message, after {refusal}");
    assert_eq!(device.text(SPEED).as_deref(), Some("2"));
    refusal
}

/// As [`beaten`], of XML text.
fn beaten_text(sealed: &str) -> Refusal {
    beaten(&encode(sealed, Version::default()))
}

/// What is wrong with the shape of a signature.
fn structure(sealed: &str) -> StructureError {
    match beaten_text(sealed) {
        Refusal::Structure(error) => error,
        other => panic!("{}: {other}", other.name()),
    }
}

/// As [`structure`], with `SignedInfo` edited and then signed by alpha's own key: nothing but the
/// shape is at fault.
fn signed(old: &str, new: &str) -> StructureError {
    structure(&forge::sealed_with(&honest().text(), alpha(), |info| {
        forge::swapped(&info, old, new)
    }))
}

/// As [`structure`], with the finished signature edited.
fn edited(old: &str, new: &str) -> StructureError {
    structure(&forge::swapped(&honest().sealed_text(), old, new))
}
