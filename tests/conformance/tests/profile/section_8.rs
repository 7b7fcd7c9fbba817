//! §8, the order of checks: what is wrong in two ways is refused for the earlier one.

use conformance::hand::{hex, str_i};
use conformance::{Device, Hand, Message, NOW, alpha, command, encode, forge, seal_text, stranger};
use dm_client::{Refusal, Stage};
use dm_seal::Accepts;
use dm_seal::danger::Sha1;
use dm_wbxml::Version;

/// What may be wrong with a message, one thing a stage.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Fault {
    Size,
    Wbxml,
    DecryptWhole,
    Header,
    Account,
    Target,
    Structure,
    Signature,
    Freshness,
    DecryptPart,
    Model,
}

const FAULTS: [Fault; 11] = [
    Fault::Size,
    Fault::Wbxml,
    Fault::DecryptWhole,
    Fault::Header,
    Fault::Account,
    Fault::Target,
    Fault::Structure,
    Fault::Signature,
    Fault::Freshness,
    Fault::DecryptPart,
    Fault::Model,
];

const ENCRYPTED: &str = "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\"/>";

/// Octets of a message with these faults and no others, and the device that receives them.
fn faulty(faults: &[Fault]) -> (Device, Vec<u8>) {
    let has = |fault| faults.contains(&fault);
    let mut message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"));
    if has(Fault::Account) {
        message = message.claiming(stranger().id);
    }
    if has(Fault::Target) {
        message = message.to("urn:imei:1");
    }
    if has(Fault::Freshness) {
        message = message.emi(format!("x={}", NOW - 1));
    }
    if has(Fault::DecryptPart) {
        message = message.with(command::one(
            "Replace",
            "2",
            &command::item("./Vendor/Mode", &format!("<Data>{ENCRYPTED}</Data>")),
        ));
    }
    if has(Fault::Model) {
        message = message.with(command::get("1", "./Vendor/Speed")); // CmdID 1 again
    }
    let mut text = message.text();
    if has(Fault::Header) {
        text = forge::swapped(&text, "<MsgID>1</MsgID>", "");
    }
    let mut sealed = seal_text(&text, alpha());
    if has(Fault::Signature) {
        sealed = forge::swapped(&sealed, "<Data>2<", "<Data>3<");
    }
    if has(Fault::Structure) {
        sealed = forge::swapped(&sealed, "<KeyInfo>", "<Object/><KeyInfo>");
    }
    if has(Fault::DecryptWhole) {
        // The root is EncryptedData; what else is wrong stands inside, out of reach.
        sealed = format!(
            "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\">{sealed}\
                          </EncryptedData>"
        );
    }
    let mut octets = encode(&sealed, Version::default());
    if has(Fault::Wbxml) {
        octets.push(0);
    }
    let mut device = Device::new();
    if has(Fault::Size) {
        let limit = octets.len() - 1;
        device = device.set(|settings| settings.limits.octets = limit);
    }
    (device, octets)
}

fn stage(fault: Fault) -> Stage {
    match fault {
        Fault::Size => Stage::Size,
        Fault::Wbxml => Stage::Wbxml,
        Fault::DecryptWhole => Stage::DecryptWhole,
        Fault::Header => Stage::Header,
        Fault::Account => Stage::Account,
        Fault::Target => Stage::Target,
        Fault::Structure => Stage::Structure,
        Fault::Signature => Stage::Signature,
        Fault::Freshness => Stage::Freshness,
        Fault::DecryptPart => Stage::DecryptPart,
        Fault::Model => Stage::Model,
    }
}

#[test]
fn without_a_fault_it_is_let_in() {
    let (mut device, octets) = faulty(&[]);
    device.accept(&octets);
}

#[test]
fn each_fault_is_found_at_its_stage() {
    for fault in FAULTS {
        let (mut device, octets) = faulty(&[fault]);
        assert_eq!(device.refuse(&octets).stage(), stage(fault));
    }
}

#[test]
fn of_two_faults_the_earlier_stage_refuses() {
    for (n, first) in FAULTS.iter().enumerate() {
        for second in &FAULTS[n + 1..] {
            let (mut device, octets) = faulty(&[*first, *second]);
            let refusal = device.refuse(&octets);
            assert_eq!(refusal.stage(), stage(*first), "{first:?} and {second:?}: {refusal}");
        }
    }
}

#[test]
fn with_all_faults_from_one_on_that_stage_refuses() {
    for first in 0..FAULTS.len() {
        let (mut device, octets) = faulty(&FAULTS[first..]);
        assert_eq!(device.refuse(&octets).stage(), stage(FAULTS[first]));
    }
}

#[test]
fn stages_are_ordered_and_named_as_the_profile_has_them() {
    let names: Vec<&str> = FAULTS.iter().map(|fault| stage(*fault).as_str()).collect();
    let profile = [
        "size",
        "wbxml",
        "decrypt-whole",
        "header",
        "account",
        "target",
        "structure",
        "signature",
        "freshness",
        "decrypt-part",
        "model",
    ];
    assert_eq!(names, profile);
    assert!(FAULTS.windows(2).all(|pair| stage(pair[0]) < stage(pair[1])));
}

#[test]
fn the_journal_claims_a_server_only_from_the_header_on() {
    for fault in FAULTS {
        let (mut device, octets) = faulty(&[fault]);
        device.refuse(&octets);
        let entry = device.journal().pop().unwrap();
        let claims = entry.server_id.is_some();
        assert_eq!(claims, fault > Fault::Header, "{fault:?}");
        assert!(entry.changed.is_empty() && entry.commands.is_empty());
    }
}

#[test]
fn the_target_is_the_device_or_one_of_its_groups() {
    for good in [conformance::DEVICE_ID, conformance::GROUP] {
        Device::new().accept(&Message::new(alpha()).to(good).seal());
    }
    for other in
        ["urn:imei:00499901064000", "URN:IMEI:004999010640000", "urn:group:meter", "*", "."]
    {
        let refusal = Device::new().refuse(&Message::new(alpha()).to(other).seal());
        assert_eq!(refusal, Refusal::OtherTarget(other.into()));
    }
}

#[test]
fn protocol_versions_are_dm_1_2_and_1_3_in_syncml_1_2() {
    for ver_proto in ["DM/1.2", "DM/1.3"] {
        let message = Message { ver_proto: ver_proto.to_owned(), ..Message::new(alpha()) };
        Device::new().accept(&message.seal());
    }
    for other in ["DM/1.1", "DM/1.4", "dm/1.2", "DM/1.2 ", "SyncML/1.2", "DM/1.20"] {
        let message = Message { ver_proto: other.to_owned(), ..Message::new(alpha()) };
        assert_eq!(Device::new().refuse(&message.seal()).stage(), Stage::Header, "{other}");
    }
    let text = forge::swapped(&Message::new(alpha()).text(), "<VerDTD>1.2<", "<VerDTD>1.3<");
    let octets = encode(&seal_text(&text, alpha()), Version::default());
    assert_eq!(Device::new().refuse(&octets).stage(), Stage::Header);
}

#[test]
fn header_body_and_signature_are_all_there_is() {
    let text = Message::new(alpha()).text();
    let body = "<SyncBody><Final/></SyncBody>";
    for (old, new) in [
        (body, String::new()),
        (body, body.repeat(2)),
        ("<SyncHdr>", format!("{body}<SyncHdr>")),
        ("</SyncHdr>", "<Unknown xmlns=\"urn:x\"/></SyncHdr>".to_owned()),
        ("</SyncHdr>", "<Status/></SyncHdr>".to_owned()),
        (body, format!("<Sync/>{body}")),
        ("<MsgID>1<", "<MsgID><Final/>1<".to_owned()),
    ] {
        let wrong = forge::swapped(&text, old, &new);
        let octets = encode(&seal_text(&wrong, alpha()), Version::default());
        let refusal = Device::new().refuse(&octets);
        assert!(matches!(refusal, Refusal::Header(_)), "{new}: {refusal}");
    }
    // SyncML as a child of something else is no message.
    let hand = Hand::new([hex("6D 6D"), str_i(" "), hex("01")].concat());
    assert_eq!(Device::new().refuse(&hand.octets()).stage(), Stage::Header);
}

#[test]
fn an_entry_of_the_journal_has_room_for_so_many_of_each_and_for_every_warning() {
    let accepts = Accepts::LISTED.with_sha1(Sha1::allowed_by_the_owner());
    let mut device = Device::new().set(|settings| settings.accepts = accepts);
    let most = 256;
    for (session, more) in [(1, 0), (2, 3)] {
        let command = |number: usize| {
            let at =
                format!("./Vendor/{}/{number}", if number < most + more { "Ext/New" } else { "A" });
            command::add(&format!("{}", number + 1), &format!("{at}.{session}"), "1")
        };
        // The first are left out, each with a note, as the device does not know this Ext.
        let commands: String = (0..2 * most + 2 * more).map(command).collect();
        let message = Message::new(alpha()).session(session).with(commands);
        let accepted = device.accept(&message.seal());
        let (commands, changed) = (accepted.commands.len(), accepted.changes.len());
        assert_eq!(accepted.notes.len(), most + more);
        let entry = device.journal().pop().unwrap();
        assert_eq!([entry.commands.len(), entry.changed.len()], [most; 2]);
        assert_eq!(entry.notes.len(), most + 1, "and one of the danger that is allowed");
        assert_eq!(entry.left_out, commands - most + more + changed - most);
    }
}
