//! A device without an account, which is given its first one by push, and the fence between that
//! and messages.

use dm_agent::bootstrap::mac::{Sec, Secrets, secret};
use dm_mo::{Bearer, DmAcc, Nap, PinnedKey};
use dm_push::wsp::{Parameter, ParameterName, Push, Text, Value, tables};
use dm_syncml::wbxml;
use dm_tnds::MgmtTree;
use dm_wbxml::Version;

use super::device::{Device, LISTENERS};
use super::message::{DEVICE, KEY_NAME, OPERATOR, keys, sealed_body};
use super::process::{program, run};

const IMSI: &str = "imsi:244070100000213";
const PIN: &str = "1234567890";
const ADDR: &str = "./NAP/Home/Addr";

/// A device that has nothing but its configuration, and two files of secrets.
pub fn unborn(lines: &str, receivers: &str) -> Device {
    let device = Device::unborn();
    std::fs::write(device.path("netwpin"), IMSI).expect("written");
    std::fs::write(device.path("userpin"), PIN).expect("written");
    let secrets = [device.path("netwpin"), device.path("userpin")];
    device.configure(&format!(
        "[bootstrap]\n{lines}\nnetwpin = {{ file = {:?} }}\nuserpin = {{ file = {:?} }}\n{receivers}",
        secrets[0], secrets[1]
    ));
    device
}

/// The operator's account, and a network that it may change.
pub fn document() -> Vec<u8> {
    let der = dm_crypto::public_material(keys().cert_pem.as_bytes()).expect("a certificate");
    let account = DmAcc::object("op", OPERATOR, &[PinnedKey { name: KEY_NAME.into(), der }]);
    let addr = Some("before".to_owned());
    let mut nap = Nap { addr, bearer: Some(Bearer::Ps3gpp), ..Nap::default() }.to_tnds("Home");
    let acl = format!("Get=*&Replace={OPERATOR}");
    nap.rt_properties.get_or_insert_default().acl = Some(acl.into());
    wbxml::encode(&MgmtTree::new(vec![nap, account]), Version::V1_2).expect("WBXML")
}

/// A push of this body with SEC, and the MAC that these secrets make, or another.
pub fn proven(sec: Sec, netwpin: &str, userpin: &str, body: &[u8]) -> Vec<u8> {
    let secrets =
        Secrets { netwpin: secret(netwpin.as_bytes()), userpin: secret(userpin.as_bytes()) };
    let mac = sec.mac(&secrets, body).expect("a MAC");
    let mut push = Push::dm(1, body);
    let mut parameter = |code, value| {
        push.content_type.parameters.push(Parameter { name: ParameterName::Code(code), value });
    };
    parameter(tables::SEC, Value::Short(sec.code()));
    parameter(tables::MAC, Value::Text(Text::new(mac.as_bytes()).expect("text")));
    push.write()
}

pub fn good() -> Vec<u8> {
    proven(Sec::NetwPin, IMSI, PIN, &document())
}

/// A message of the operator that changes the network.
pub fn message(counter: u64) -> Vec<u8> {
    let command = format!(
        "<Replace><CmdID>1</CmdID><Item><Target><LocURI>{ADDR}</LocURI></Target>\
         <Data>by message {counter}</Data></Item></Replace>"
    );
    sealed_body(counter, &command)
}

#[test]
fn a_device_without_a_state_runs_is_bootstrapped_by_push_and_takes_messages_then() {
    let device = unborn("push = true", LISTENERS);
    let mut agent = device.start();
    agent.push(&message(1));
    agent.wait_for(" refused from=udp", 1);
    agent.datagram(&proven(Sec::NetwPin, "imsi:1", PIN, &document()));
    agent.wait_for("bootstrap refused from=udp", 1);
    agent.datagram(&good());
    agent.wait_for("bootstrapped from=udp", 1);
    agent.push(&message(2));
    agent.wait_for(" accepted from=udp", 1);
    // It has an account now.
    agent.datagram(&good());
    agent.wait_for("reason=the device has an account already", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.text(ADDR).as_deref(), Some("by message 2"));
    assert_eq!(device.text("./DevInfo/DevId").as_deref(), Some(DEVICE));

    let mut agent = device.start();
    agent.push(&message(3));
    agent.wait_for(" accepted from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
}

#[test]
fn what_a_push_brought_has_its_file_at_once() {
    let device = unborn("push = true", "");
    let text = std::fs::read_to_string(device.config()).expect("a configuration");
    let file = device.path("apn.conf");
    let effect = format!(
        "[[effect]]\nname = \"apn\"\non = [\"./NAP\"]\nfile = {file:?}\n\
         template = \"{{{ADDR}}}\"\n"
    );
    std::fs::write(device.config(), text + &effect + LISTENERS).expect("written");
    let mut agent = device.start();
    agent.datagram(&good());
    agent.wait_for("effect done", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(std::fs::read_to_string(file).expect("written"), "before");
}

#[test]
fn a_message_never_reaches_bootstrap_and_a_document_is_never_a_message() {
    let device = unborn("push = true", LISTENERS);
    let mut agent = device.start();
    // A document that does not prove itself goes the way of messages, by either transport.
    agent.push(&document());
    agent.wait_for(" refused from=udp", 1);
    assert_eq!(agent.post(&document()), 202);
    agent.wait_for(" refused from=http", 1);
    // A message that proves itself as a document does goes the way of bootstrap.
    agent.datagram(&proven(Sec::NetwPin, IMSI, PIN, &message(1)));
    agent.wait_for("bootstrap refused from=udp", 1);
    assert!(agent.log().contains("not a bootstrap document"), "{}", agent.log());
    assert_eq!(device.text("./DevInfo/DevId"), None, "neither did anything");

    // So it is with an account, too.
    agent.datagram(&good());
    agent.wait_for("bootstrapped from=udp", 1);
    agent.datagram(&proven(Sec::NetwPin, IMSI, PIN, &message(2)));
    agent.wait_for("bootstrap refused from=udp", 2);
    agent.push(&document());
    agent.wait_for(" refused from=udp", 4);
    assert_eq!(agent.accepted(), 0);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.text(ADDR).as_deref(), Some("before"));
}

#[test]
fn wrong_macs_with_a_pin_are_counted_also_across_a_restart() {
    let device = unborn("push = true\ntries = 2", LISTENERS);
    let wrong = proven(Sec::UserPin, IMSI, "1111", &document());
    for _ in 0..2 {
        let mut agent = device.start();
        agent.datagram(&wrong);
        agent.wait_for("reason=the MAC is wrong", 1);
        assert_eq!(agent.signal("TERM").code(), Some(0));
    }
    let mut agent = device.start();
    agent.datagram(&proven(Sec::UserPin, IMSI, PIN, &document()));
    agent.wait_for("reason=too many wrong MACs", 1);
    agent.datagram(&good());
    agent.wait_for("bootstrapped from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
}

#[test]
fn forged_pushes_leave_the_journal_alone_and_the_right_one_is_taken() {
    let device = unborn("push = true\nagain = true", LISTENERS);
    let mut agent = device.start();
    let forged = proven(Sec::NetwPin, "imsi:1", PIN, &document());
    for number in 1..=8 {
        agent.datagram(&forged);
        agent.wait_for("reason=the MAC is wrong", number);
    }
    agent.datagram(&good());
    agent.wait_for("bootstrapped from=udp", 1);
    agent.push(&message(1));
    agent.wait_for(" accepted from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.journalled(), 2, "the document and the message");
}

#[test]
fn again_takes_another_document_and_messages_go_on() {
    let device = unborn("push = true\nagain = true", LISTENERS);
    let mut agent = device.start();
    agent.datagram(&good());
    agent.wait_for("bootstrapped from=udp", 1);
    agent.datagram(&good());
    agent.wait_for("bootstrap refused from=udp", 1); // this account is there
    let log = agent.log();
    assert!(!log.contains("bootstrap.again is not set"), "{log}");
    agent.push(&message(1));
    agent.wait_for(" accepted from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
}

#[test]
fn without_the_switch_no_push_reaches_bootstrap_and_a_device_without_a_state_does_not_run() {
    let device = unborn("", LISTENERS);
    let (code, _, said) = run(&mut program(&["run", "--config", &device.config_path()]));
    assert_eq!(code, 69, "{said}");
    let device = Device::with("bootstrap = { again = true, netwpin = { file = \"/dev/null\" } }\n");
    let mut agent = device.start();
    agent.datagram(&good());
    agent.wait_for("reason=\"bootstrap\"", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.kept().refused, 0);
}

#[test]
fn a_state_that_was_lost_is_not_made_anew() {
    let device = unborn("push = true", LISTENERS);
    std::fs::create_dir_all(device.state().join("queue")).expect("made");
    let (code, _, said) = run(&mut program(&["run", "--config", &device.config_path()]));
    assert_eq!(code, 69, "{said}");
}
