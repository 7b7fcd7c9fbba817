//! Every refusal has a vector that triggers exactly it.
//!
//! `vectors!` is a match without wildcard over all variants: a new one does not compile before it
//! has a vector here.

use conformance::{Device, Message, NOW, alpha, command, encode, forge, stranger};
use dm_client::freshness::Policy;
use dm_client::{Refusal, Stage};
use dm_mo::{DmAcc, PinnedKey};
use dm_seal::TrustPolicy;
use dm_wbxml::Version;

macro_rules! vectors {
    ($($variant:ident at $stage:ident by $vector:expr;)*) => {
        fn variant(refusal: &Refusal) -> &'static str {
            match refusal {
                $(Refusal::$variant { .. } => stringify!($variant),)*
            }
        }

        const VECTORS: &[(&str, Stage, fn() -> Refusal)] =
            &[$((stringify!($variant), Stage::$stage, $vector),)*];
    };
}

vectors! {
    TooLarge at Size by || {
        Device::new().set(|settings| settings.limits.octets = 100).refuse(&speed().seal())
    };
    Wbxml at Wbxml by || Device::new().refuse(b"<SyncML xmlns=\"SYNCML:SYNCML1.2\"/>");
    EncryptedMessage at DecryptWhole by || Device::new().refuse(&of_text(ENCRYPTED));
    Header at Header by || edited("<MsgID>1</MsgID>", "");
    NoAccount at Account by || Device::new().refuse(&Message::new(stranger()).seal());
    SeveralAccounts at Account by || {
        Device::with_accounts(&[("One", alpha()), ("Two", alpha())]).refuse(&speed().seal())
    };
    OtherTarget at Target by || Device::new().refuse(&speed().to("urn:imei:1").seal());
    NotSigned at Structure by || Device::new().refuse(&speed().unsealed());
    Structure at Structure by || edited("URI=\"\"", "URI=\"#x\"");
    DigestMismatch at Signature by || edited("<Data>2<", "<Data>3<");
    KeyNotPinned at Signature by || edited("<KeyName>alpha 1<", "<KeyName>alpha 2<");
    NoPinnedKey at Signature by || {
        let account = DmAcc::object("Alpha", alpha().id, &[]);
        Device::with_objects(vec![account]).refuse(&unnamed())
    };
    CertificateNamesOther at Signature by || {
        let pin = PinnedKey { name: "alpha 1".to_owned(), der: stranger().material.clone() };
        let account = DmAcc::object("Alpha", alpha().id, &[pin]);
        Device::with_objects(vec![account]).refuse(&speed().seal())
    };
    Chain at Signature by || {
        let trust = [(alpha().id.to_owned(), TrustPolicy::Chain)].into();
        Device::new().set(|settings| settings.trust = trust).refuse(&speed().seal())
    };
    SignatureInvalid at Signature by || {
        let pin = PinnedKey { name: "alpha 1".to_owned(), der: stranger().spki() };
        let account = DmAcc::object("Alpha", alpha().id, &[pin]);
        Device::with_objects(vec![account]).refuse(&speed().seal())
    };
    Emi at Freshness by || Device::new().refuse(&speed().emi("c=one").seal());
    Replayed at Freshness by || {
        let mut device = Device::new();
        device.accept(&speed().seal());
        device.refuse(&speed().seal())
    };
    CounterUsed at Freshness by || after_100(100);
    CounterTooOld at Freshness by || after_100(35);
    CounterMissing at Freshness by || {
        Device::new().set(|settings| settings.freshness = Policy::Required).refuse(&speed().seal())
    };
    Expired at Freshness by || {
        Device::new().refuse(&speed().emi(format!("x={}", NOW - 1)).seal())
    };
    EncryptedPart at DecryptPart by || {
        let data = format!("<Data>{ENCRYPTED}</Data>");
        let item = command::item("./Vendor/Mode", &data);
        Device::new().refuse(&speed().with(command::one("Replace", "2", &item)).seal())
    };
    WholeNotDecrypted at DecryptWhole by || Device::new().with_keys().refuse(&of_text(ENCRYPTED));
    PartNotDecrypted at DecryptPart by || {
        let message = conformance::encryption::with_data(&format!("<Data>{ENCRYPTED}</Data>"));
        Device::new().with_keys().refuse(&message.seal())
    };
    Model at Model by || Device::new().refuse(&speed().with("<Replace/>").seal());
}

const ENCRYPTED: &str = "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\"/>";

fn speed() -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"))
}

fn of_text(text: &str) -> Vec<u8> {
    encode(text, Version::default())
}

fn edited(old: &str, new: &str) -> Refusal {
    Device::new().refuse(&forge::edited(&speed(), old, new))
}

fn unnamed() -> Vec<u8> {
    forge::edited(&speed(), "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>", "")
}

fn after_100(counter: u64) -> Refusal {
    let mut device = Device::new();
    device.accept(&Message::new(alpha()).emi("c=100").seal());
    device.refuse(&speed().emi(format!("c={counter}")).seal())
}

#[test]
fn every_refusal_has_a_vector_that_triggers_exactly_it() {
    for (name, stage, vector) in VECTORS {
        let refusal = vector();
        assert_eq!(variant(&refusal), *name, "{refusal}");
        assert_eq!(refusal.name(), *name);
        assert_eq!(refusal.stage(), *stage, "{name}");
    }
}

#[test]
fn every_refusal_names_its_clause_and_what_to_do() {
    for (name, _, vector) in VECTORS {
        let refusal = vector();
        let clause = refusal.clause();
        let known = clause.starts_with('R') && clause.contains("Sessionless §5")
            || clause.starts_with("profile §");
        assert!(known, "{name}: {clause:?}");
        assert!(!refusal.remedy().is_empty(), "{name}");
        assert!(!refusal.to_string().is_empty(), "{name}");
        let of_octets = matches!(refusal.stage(), Stage::Size | Stage::Wbxml);
        assert_eq!(refusal.offset().is_some(), of_octets, "{name}");
    }
}
