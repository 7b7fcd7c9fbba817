//! §4.2, §4.5: pins are nodes, and are rotated by messages where the owner allows it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::tnds::with_acl;
use conformance::{Device, Message, Server, alpha, command, encode, forge, seal_text};
use dm_client::{CommandFailure, Refusal};
use dm_crypto::Algorithm;
use dm_mo::DmAcc;
use dm_tree::Reason;
use dm_wbxml::Version;

/// A device on which alpha may do with its account whatever the device allows.
fn device(account_change: bool) -> Device {
    let account = DmAcc::object("Alpha", alpha().id, &[alpha().pin()]);
    let all = "Add=dm.alpha.example&Delete=dm.alpha.example&Get=*&Replace=dm.alpha.example";
    let device = Device::with_objects(vec![with_acl(account, all)]);
    device.set(|settings| settings.rules.account_change = account_change)
}

/// The same server with another key.
fn next() -> Server {
    Server::new(Algorithm::Es384, alpha().id, "alpha 2")
}

fn sealed(message: &Message, server: &Server) -> Vec<u8> {
    encode(&seal_text(&message.text(), server), Version::default())
}

/// Adds this server's key as pin `2`.
fn adding(server: &Server) -> Message {
    let der = format!(
        "{}{}",
        command::meta("bin", ""),
        command::data(&STANDARD.encode(&server.material))
    );
    let below = |rest: &str| format!("./DMAcc/Alpha/AppAuth/2{rest}");
    Message::new(alpha())
        .session("adding")
        .with(command::add_interior("1", &below(""), ""))
        .with(command::add("2", &below("/AAuthLevel"), "SRVCRED"))
        .with(command::add("3", &below("/AAuthType"), "X509"))
        .with(command::add("4", &below("/AAuthName"), server.key_name))
        .with(command::one("Add", "5", &command::item(&below("/AAuthData"), &der)))
}

fn speed(value: &str) -> Message {
    let session = format!("speed {value}");
    Message { session_id: session, ..Message::new(alpha()) }.with(command::replace(
        "1",
        "./Vendor/Speed",
        value,
    ))
}

#[test]
fn a_key_is_rotated_by_messages() {
    let next = next();
    let mut device = device(true);
    // The new key is nobody's, until the old one has said so.
    assert_eq!(device.refuse(&sealed(&speed("2"), &next)), Refusal::KeyNotPinned("alpha 2".into()));
    assert_eq!(device.statuses(&sealed(&adding(&next), alpha())), [200; 5]);
    assert_eq!(device.accept(&sealed(&speed("3"), &next)).key_name, "alpha 2");
    assert_eq!(device.accept(&sealed(&speed("4"), alpha())).key_name, "alpha 1", "both hold");
    let away = command::delete("1", "./DMAcc/Alpha/AppAuth/1");
    let away = Message::new(alpha()).session("away").with(away);
    assert_eq!(device.statuses(&sealed(&away, &next)), [200]);
    assert_eq!(
        device.refuse(&sealed(&speed("5"), alpha())),
        Refusal::KeyNotPinned("alpha 1".into())
    );
    // Not by what it hides either.
    let unnamed = forge::swapped(
        &seal_text(&speed("6").text(), alpha()),
        "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo>",
        "",
    );
    let refusal = device.refuse(&encode(&unnamed, Version::default()));
    assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
    let mut device = device.restarted();
    assert_eq!(
        device.refuse(&sealed(&speed("7"), alpha())),
        Refusal::KeyNotPinned("alpha 1".into())
    );
    device.accept(&sealed(&speed("8"), &next));
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("8"));
}

#[test]
fn without_the_setting_no_key_is_rotated() {
    let next = next();
    let mut device = device(false);
    let accepted = device.accept(&sealed(&adding(&next), alpha()));
    let first = accepted.commands[0].failure.as_ref();
    let is_refused = matches!(first, Some(CommandFailure::Tree(failure))
        if failure.reason == Reason::AccountChange);
    assert!(is_refused, "{first:?}");
    assert!(accepted.commands.iter().all(|command| command.failure.is_some()));
    assert_eq!(device.refuse(&sealed(&speed("2"), &next)), Refusal::KeyNotPinned("alpha 2".into()));
    let away = command::delete("1", "./DMAcc/Alpha/AppAuth/1");
    let away = Message::new(alpha()).session("away").with(away);
    assert_ne!(device.statuses(&sealed(&away, alpha())), [200]);
    device.accept(&sealed(&speed("3"), alpha()));
}

#[test]
fn a_right_to_the_account_is_needed_too() {
    let next = next();
    let account = DmAcc::object("Alpha", alpha().id, &[alpha().pin()]);
    let mut device = Device::with_objects(vec![with_acl(account, "Get=*")])
        .set(|settings| settings.rules.account_change = true);
    let accepted = device.accept(&sealed(&adding(&next), alpha()));
    assert!(accepted.commands.iter().all(|command| command.failure.is_some()));
    device.refuse(&sealed(&speed("2"), &next));
}

#[test]
fn an_account_without_a_pin_says_so_whatever_is_shown() {
    let account = DmAcc::object("Alpha", alpha().id, &[]);
    let mut device = Device::with_objects(vec![account]);
    let refusal = device.refuse(&speed("2").seal());
    assert_eq!(refusal, Refusal::NoPinnedKey(alpha().id.into()));
}
