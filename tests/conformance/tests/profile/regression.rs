//! One test a report, named after it.

use conformance::{Device, Message, alpha, command, encode, forge};
use dm_client::Refusal;
use dm_seal::StructureError;
use dm_wbxml::Version;

fn message() -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"))
}

/// The message with this inside its KeyInfo, which no signature covers.
fn showing(inner: &str) -> Vec<u8> {
    let own = "<KeyName>alpha 1</KeyName>";
    let text = forge::swapped(&message().sealed_text(), own, &format!("{own}{inner}"));
    encode(&text, Version::default())
}

#[test]
fn what_key_info_holds_does_not_spend_a_message() {
    // A third party put EncryptedData into KeyInfo: the message was refused and was spent.
    let encrypted = "<EncryptedData xmlns=\"http://www.w3.org/2001/04/xmlenc#\"></EncryptedData>";
    for shell in ["KeyValue", "RetrievalMethod"] {
        let mut device = Device::new();
        device.accept(&showing(&format!("<{shell}>{encrypted}</{shell}>")));
        assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
    }
}

#[test]
fn no_signature_stands_inside_the_signature() {
    let refusal = Device::new().refuse(&showing("<KeyValue><Signature></Signature></KeyValue>"));
    assert!(matches!(refusal, Refusal::Structure(StructureError::StraySignature(_))), "{refusal}");
}

#[test]
fn an_enormous_header_leaves_a_small_journal() {
    // A string of the table, used again and again, makes a long ServerID of a short message.
    for old in ["<LocURI>alpha.example</LocURI>", "<SessionID>1</SessionID>", "<MsgID>1</MsgID>"] {
        let text = message().text();
        let Some(start) = text.find(old) else { continue };
        let close = old.rfind('<').unwrap();
        let grown = format!("{}{}{}", &old[..close], "x".repeat(100_000), &old[close..]);
        let text = format!("{}{grown}{}", &text[..start], &text[start + old.len()..]);
        let mut device = Device::new();
        let refusal = device.refuse(&encode(&text, Version::default()));
        assert_eq!(refusal.name(), "Header");
        let entry = device.journal().pop().unwrap();
        assert!(entry.encode().len() < 4_096, "{} octets", entry.encode().len());
    }
}

#[test]
fn an_object_that_is_not_well_formed_fails_its_command_only() {
    // `<a//>` made the reader of XML text panic.
    for text in ["<a//>", "<a xmlns='u:x'//>", "\u{FEFF}\u{FEFF}<a/>", "<", "<a", "</a>"] {
        let meta = command::meta("xml", "application/vnd.syncml.dmtnds+xml");
        let data = command::data(&command::escaped(text));
        let item = command::item("./Vendor", &format!("{meta}{data}"));
        let message = Message::new(alpha())
            .with(command::one("Add", "1", &item))
            .with(command::replace("2", "./Vendor/Speed", "3"));
        let mut device = Device::new();
        assert_eq!(device.statuses(&message.seal()), [415, 200], "{text:?}");
    }
}

#[test]
fn copies_of_a_large_value_meet_the_limit_of_the_tree() {
    let large = "x".repeat(200_000);
    let mut message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", &large));
    for number in 2..400 {
        let target = format!("./Vendor/Copy{number}");
        message = message.with(command::copy(&number.to_string(), "./Vendor/Speed", &target));
    }
    let mut device = Device::new().set(|settings| settings.rules.limits.octets = 4 << 20);
    let statuses = device.statuses(&message.seal());
    assert!(statuses.contains(&200) && statuses.ends_with(&[420]), "{statuses:?}");
    assert!(device.tree().octets() <= 4 << 20);
}

#[test]
fn renaming_again_and_again_meets_the_limit_of_a_message() {
    let large = "x".repeat(200_000);
    let mut message = Message::new(alpha())
        .with(command::add_interior("1", "./Vendor/A", ""))
        .with(command::add("2", "./Vendor/A/Large", &large));
    for number in 3..400 {
        let (from, to) = if number % 2 == 1 { ("A", "B") } else { ("B", "A") };
        let target = format!("./Vendor/{from}?prop=Name");
        message = message.with(command::replace(&number.to_string(), &target, to));
    }
    let mut device = Device::new().set(|settings| settings.rules.limits.octets = 4 << 20);
    let statuses = device.statuses(&message.seal());
    assert!(statuses[2] == 200 && statuses.ends_with(&[404]) || statuses.ends_with(&[420]));
    assert!(statuses.contains(&420), "{statuses:?}");
}

#[test]
fn a_text_that_came_in_pieces_is_written_as_one_string() {
    // A text with references was written as many strings, each with two octets of its own.
    let whole = "<x xmlns=\"urn:x\">a&lt;b&amp;c</x>";
    let octets = encode(whole, Version::default());
    let text = b"\x03a<b&c\0";
    assert!(octets.windows(text.len()).any(|window| window == text), "{octets:02x?}");
}
