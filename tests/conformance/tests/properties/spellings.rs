//! "The model is a function of the canonical infoset, and of nothing else": whatever a command
//! says, its outcome does not depend on whether its data came as OPAQUE or as base64 text. [§1]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::tnds::{self, nap};
use conformance::{Device, Message, Speller, Style, alpha, command, encode, infoset};
use dm_syncml::media_type::{DMTNDS_WBXML, DMTNDS_XML};
use dm_wbxml::Version;

/// The statuses of a message, and what it made of the device.
fn outcome(octets: &[u8]) -> (Vec<u16>, Vec<String>) {
    let mut device = Device::new();
    let accepted = device.accept(octets);
    let statuses = accepted.commands.iter().map(|command| command.status.code()).collect();
    let nodes = device.tree().iter().map(|(uri, node)| format!("{uri} {node:?}"));
    let execs = accepted.execs.iter().map(|exec| format!("{exec:?}"));
    (statuses, execs.chain(nodes).collect())
}

/// A verb and a target with every format, type and data that they may have.
fn commands(verb: &str, target: &str) -> Vec<String> {
    let object = tnds::text(vec![nap("Work", "work.example")]);
    let inner = encode(&object, Version::default());
    let data = [
        STANDARD.encode("Get=*"),
        STANDARD.encode([0xFF, 0, 1]),
        STANDARD.encode(&object),
        STANDARD.encode(inner),
        String::new(),
        "Get=*".to_owned(),
        object,
    ];
    let types = ["", "text/plain", "a/b+wbxml", DMTNDS_WBXML, DMTNDS_XML, "application/dmtnds"];
    let mut commands = Vec::new();
    for format in ["", "bin", "b64", "chr", "xml"] {
        for r#type in types {
            for data in &data {
                let content = command::meta(format, r#type) + &command::data(data);
                commands.push(command::one(verb, "1", &command::item(target, &content)));
            }
        }
    }
    commands
}

/// The commands that `chosen` picks have one outcome in both spellings.
fn same_outcome(verb: &str, target: &str, chosen: impl Fn(&str) -> bool) {
    let as_octets = Speller { octets: true, ..Speller::default() };
    let as_text = Speller { octets: false, ..Speller::default() };
    let (mut differ, mut told_apart) = (Vec::new(), 0);
    for command in commands(verb, target).iter().filter(|command| chosen(command)) {
        let sealed = Message::new(alpha()).with(command).sealed_text();
        let (octets, text) = (as_octets.spell(&sealed), as_text.spell(&sealed));
        if octets == text {
            continue; // no octets are meant here
        }
        told_apart += 1;
        assert_eq!(infoset(&octets), infoset(&text), "one infoset");
        let (one, other) = (outcome(&octets), outcome(&text));
        if one != other {
            differ.push(format!("{:?} as OPAQUE, {:?} as text: {command}", one.0, other.0));
        }
    }
    assert!(told_apart > 10, "{told_apart}");
    let (count, shown) = (differ.len(), &differ[..differ.len().min(3)]);
    assert!(differ.is_empty(), "{count} of {told_apart}, such as\n{}", shown.join("\n"));
}

/// Whether its Type is that of an object.
fn is_object(command: &str) -> bool {
    command.contains("dmtnds")
}

#[test]
fn a_value_is_the_same_as_opaque_and_as_base64_text() {
    for (verb, target) in
        [("Replace", "./Vendor/Speed"), ("Add", "./Vendor/New"), ("Exec", "./Vendor/Reboot")]
    {
        same_outcome(verb, target, |command| !is_object(command));
    }
}

#[test]
fn an_object_is_the_same_as_opaque_and_as_base64_text() {
    for (verb, target) in [("Add", "./Inbox"), ("Add", "./NAP"), ("Replace", "./NAP/Home")] {
        same_outcome(verb, target, is_object);
    }
}

#[test]
fn a_property_is_the_same_as_opaque_and_as_base64_text() {
    for property in ["./Vendor?prop=Title", "./Vendor?prop=ACL", "./Vendor/Speed?prop=Name"] {
        same_outcome("Replace", property, |_| true);
    }
}

#[test]
fn every_style_of_text_has_the_same_outcome_in_every_command() {
    // A few of each kind are enough here: styles do not depend on formats.
    let all = ["./Vendor/Speed", "./Vendor?prop=Title"].map(|target| commands("Replace", target));
    for command in all.concat().iter().chain(&commands("Add", "./Inbox")).step_by(23) {
        let sealed = Message::new(alpha()).with(command).sealed_text();
        let plain = outcome(&Speller::default().spell(&sealed));
        for style in Style::ALL {
            let spelled = Speller { style, ..Speller::default() }.spell(&sealed);
            assert_eq!(outcome(&spelled), plain, "{style:?}: {command}");
        }
    }
}
