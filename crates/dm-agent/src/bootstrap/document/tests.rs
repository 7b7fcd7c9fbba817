use std::process::Command;

use dm_crypto::{Algorithm, generate, public_material};
use dm_mo::{Bearer, Nap, PinnedKey};
use dm_push::wsp::{Parameter, ParameterName, Push, Text, tables};
use dm_tree::Uri;
use dm_wbxml::Version;
use dm_xml::canonical;

use super::*;
use crate::bootstrap::mac::{Sec, Secrets, secret};

mod again;

const DEVICE: &str = "urn:imei:1";
const SERVER: &str = "dm.example";
const IMSI: &str = "imsi:244070100000213";
const PIN: &str = "1234567890";

/// A folder with secrets, and the configuration of a device whose state is in it.
pub(crate) struct Device {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) config: Config,
}

impl Device {
    pub(crate) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(at("netwpin"), format!("{IMSI}\n")).unwrap();
        std::fs::write(at("userpin"), PIN).unwrap();
        let text = format!(
            "device_id = \"{DEVICE}\"\nstate = \"{}\"\n[bootstrap]\n{more}\n\
             netwpin = {{ file = \"{}\" }}\nuserpin = {{ file = \"{}\" }}\n",
            at("state"),
            at("netwpin"),
            at("userpin")
        );
        let config = Config::parse("a".as_ref(), &text, [("", ""); 0]).unwrap();
        Self { folder, config }
    }

    pub(crate) fn file(&self, octets: &[u8]) -> Result<Taken, Refused> {
        take_file(&self.config, "card".as_ref(), octets, Some(7))
    }

    pub(crate) fn push(&self, datagram: &[u8]) -> Result<Taken, Refused> {
        take_push(&self.config, datagram, "udp 127.0.0.1", Some(7))
    }

    pub(crate) fn tree(&self) -> Tree {
        let store = RedbStore::open(&self.config.state).unwrap();
        Tree::from_nodes(store.nodes().unwrap()).unwrap()
    }

    pub(crate) fn text(&self, at: &str) -> Option<String> {
        let tree = self.tree();
        tree.get(&Uri::parse(at).unwrap())?.as_text().map(str::to_owned)
    }

    pub(crate) fn journal(&self) -> Vec<Entry> {
        let entries = RedbStore::open(&self.config.state).unwrap().journal().unwrap();
        entries.iter().map(|entry| Entry::decode(entry).unwrap()).collect()
    }
}

pub(crate) fn account(server_id: &str) -> Node<'static> {
    let pair = generate(Algorithm::Es256, server_id, "key 1").unwrap();
    let der = public_material(pair.cert_pem.as_bytes()).unwrap();
    DmAcc::object("a", server_id, &[PinnedKey { name: "k".into(), der }])
        .with(Node::leaf("PrefConRef", "./Inbox/Internet"))
}

fn without_acl(mut account: Node<'static>) -> Node<'static> {
    account.rt_properties.as_mut().expect("its type").acl = None;
    account
}

/// An account that nobody can be verified by.
fn unpinned(server_id: &str) -> Node<'static> {
    DmAcc::object("b", server_id, &[])
}

/// An account whose pin is a certificate that names another server.
fn of_another_server() -> Node<'static> {
    let pair = generate(Algorithm::Es256, "else.example", "key 1").unwrap();
    let der = public_material(pair.cert_pem.as_bytes()).unwrap();
    DmAcc::object("a", SERVER, &[PinnedKey { name: "k".into(), der }])
}

pub(crate) fn nap() -> Node<'static> {
    let addr = Some("internet".to_owned());
    Nap { addr, bearer: Some(Bearer::Ps3gpp), ..Nap::default() }.to_tnds("Internet")
}

pub(crate) fn wbxml(nodes: Vec<Node<'static>>) -> Vec<u8> {
    wbxml::encode(&MgmtTree::new(nodes), Version::V1_2).unwrap()
}

pub(crate) fn good() -> Vec<u8> {
    wbxml(vec![nap(), account(SERVER)])
}

pub(crate) fn secrets() -> Secrets {
    Secrets { netwpin: secret(IMSI.as_bytes()), userpin: secret(PIN.as_bytes()) }
}

pub(crate) fn pushed(sec: Option<u8>, mac: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut push = Push::dm(1, body);
    let mut parameter = |code, value| {
        let name = ParameterName::Code(code);
        push.content_type.parameters.push(Parameter { name, value });
    };
    if let Some(sec) = sec {
        parameter(tables::SEC, dm_push::wsp::Value::Short(sec));
    }
    if let Some(mac) = mac {
        let text = Text::new(mac.as_bytes()).unwrap();
        parameter(tables::MAC, dm_push::wsp::Value::Text(text));
    }
    push.write()
}

pub(crate) fn proven(sec: Sec, secrets: &Secrets, body: &[u8]) -> Vec<u8> {
    pushed(Some(sec.code()), sec.mac(secrets, body).as_deref(), body)
}

#[test]
fn a_document_from_a_file_makes_a_device() {
    let object = MgmtTree::new(vec![nap(), account(SERVER)]);
    let mut builder = dm_xml::Builder::new(Limits::default());
    dm_xml::ToInfoset::write(&object, &mut builder).unwrap();
    let xml = canonical::text(&builder.finish().unwrap());
    for document in [good(), xml.into_bytes()] {
        let device = Device::new("");
        let taken = device.file(&document).unwrap();
        assert_eq!(taken.server_ids, [SERVER]);
        assert_eq!(device.text("./DevInfo/DevId").as_deref(), Some(DEVICE));
        assert_eq!(device.text("./DevDetail/URI/MaxTotLen").as_deref(), Some("255"));
        assert_eq!(device.text("./NAP/Internet/Addr").as_deref(), Some("internet"));
        let reference = device.text("./DMAcc/a/PrefConRef");
        assert_eq!(reference.as_deref(), Some("./NAP/Internet"), "resolved");
        let [entry] = &device.journal()[..] else { panic!("one entry") };
        assert_eq!((entry.verdict, entry.time), (Verdict::Accepted, Some(7)));
        assert_eq!(entry.from.as_deref(), Some("file card"));
        assert!(entry.changed.iter().any(|at| at == "./DMAcc/a/ServerID"));
    }
}

#[test]
fn a_device_with_an_account_takes_no_other_unless_configured() {
    let device = Device::new("");
    device.file(&good()).unwrap();
    let before = device.tree();
    let other = wbxml(vec![nap(), account("other.example")]);
    assert!(matches!(device.file(&other), Err(Refused::Again)));
    let push = proven(Sec::NetwPin, &secrets(), &other);
    assert!(matches!(device.push(&push), Err(Refused::Again)));
    assert_eq!(device.tree(), before);
    let verdicts: Vec<_> = device.journal().iter().map(|entry| entry.verdict).collect();
    assert_eq!(verdicts, [Verdict::Accepted, Verdict::Refused, Verdict::Refused]);

    let again = Device::new("again = true");
    again.file(&good()).unwrap();
    assert_eq!(again.file(&other).unwrap().server_ids, ["other.example"]);
    assert_eq!(again.text("./DMAcc/a2/PrefConRef").as_deref(), Some("./NAP/Internet2"));
}

#[test]
fn a_push_is_taken_when_its_mac_is_right() {
    let body = good();
    for sec in [Sec::NetwPin, Sec::UserPin, Sec::UserNetwPin] {
        let device = Device::new("");
        let push = proven(sec, &secrets(), &body);
        assert_eq!(device.push(&push).unwrap().server_ids, [SERVER], "{sec:?}");
        assert_eq!(device.journal()[0].from.as_deref(), Some("push udp 127.0.0.1"));
    }
    let device = Device::new("");
    let pin = Sec::pin_with_mac("12345", &body);
    assert_eq!(pin.len(), 10);
    std::fs::write(device.folder.path().join("userpin"), &pin).unwrap();
    device.push(&pushed(Some(3), None, &body)).unwrap();
}

#[test]
fn a_push_without_its_proof_has_no_effect() {
    let body = good();
    let mac = Sec::NetwPin.mac(&secrets(), &body).unwrap();
    let mut other = body.clone();
    *other.last_mut().unwrap() ^= 1;
    let last = if mac.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &mac[..39]);
    for (push, wanted) in [
        (pushed(Some(0), None, &body), "Mac"),
        (pushed(Some(0), Some(&wrong), &body), "Mac"),
        (pushed(Some(0), Some(&mac[..38]), &body), "Mac"),
        (pushed(Some(0), Some(""), &body), "Mac"),
        (pushed(Some(0), Some(&mac), &other), "Mac"),
        (pushed(None, Some(&mac), &body), "Sec"),
        (pushed(Some(4), Some(&mac), &body), "Sec"),
        (proven(Sec::NetwPin, &secrets(), b"<MgmtTree/>"), "Push(\"the MAC is over"),
        (vec![1, 7, 0], "Push("),
    ] {
        let device = Device::new("");
        let refused = device.push(&push).unwrap_err();
        assert!(format!("{refused:?}").starts_with(wanted), "{refused:?} {wanted}");
        assert!(!device.config.state.exists(), "{refused:?} {wanted}");
    }
    let device = Device::new("");
    let push = pushed(Some(1), Some(&mac), &body);
    assert!(matches!(device.push(&push), Err(Refused::Mac)));
    assert_eq!(device.tree().count(), 1, "nothing but the root");
    let [entry] = &device.journal()[..] else { panic!("one entry") };
    assert_eq!(entry.verdict, Verdict::Refused);
    // Whoever has no secret configured takes nothing.
    let mut device = Device::new("");
    device.config.bootstrap.netwpin = None;
    assert!(matches!(device.push(&proven(Sec::NetwPin, &secrets(), &body)), Err(Refused::Sec)));
}

#[test]
fn wrong_pins_are_counted_over_restarts_and_then_none_is_tried() {
    let body = good();
    let device = Device::new("tries = 2");
    let wrong = Secrets { userpin: secret(b"0000"), ..secrets() };
    let right = proven(Sec::UserPin, &secrets(), &body);
    for _ in 0..2 {
        let push = proven(Sec::UserPin, &wrong, &body);
        assert!(matches!(device.push(&push), Err(Refused::Mac)));
    }
    assert!(matches!(device.push(&right), Err(Refused::Tries)));
    assert!(matches!(device.push(&right), Err(Refused::Tries)));
    assert_eq!(device.journal().len(), 2, "no more than there are tries");
    // From a file it is still possible, and begins the count anew.
    device.file(&body).unwrap();
    let store = RedbStore::open(&device.config.state).unwrap();
    assert_eq!(store.record(TRIES).unwrap(), None);
}

#[test]
fn a_wrong_network_secret_locks_nobody_out() {
    let body = good();
    let device = Device::new("tries = 1");
    let wrong = Secrets { netwpin: secret(b"x"), ..secrets() };
    for _ in 0..3 {
        let push = proven(Sec::NetwPin, &wrong, &body);
        assert!(matches!(device.push(&push), Err(Refused::Mac)));
    }
    device.push(&proven(Sec::NetwPin, &secrets(), &body)).unwrap();
}

#[test]
fn documents_of_others_and_without_use_are_refused_as_a_whole() {
    let second = || Node { node_name: Some("b".into()), ..account(SERVER) };
    let info = |dev_id: &str| dev_info_of(None, dev_id).object();
    let unusable = DmAcc::object("a", SERVER, &[PinnedKey { name: "k".into(), der: vec![1] }]);
    for (nodes, wanted) in [
        (vec![nap()], "NoAccount"),
        (vec![], "NoAccount"),
        (vec![info("urn:imei:2"), nap(), account(SERVER)], "OtherDevice"),
        (vec![nap(), account(SERVER), second()], "ServerId"),
        (vec![nap(), account("a&b")], "Bootstrap(Object(Failure { reason: Acl"),
        (vec![nap(), without_acl(account("a&b"))], "ServerId"),
        (vec![nap(), without_acl(account("a b"))], "ServerId"),
        (vec![account(SERVER)], "Bootstrap(Object(Failure { reason: DanglingReference"),
        (vec![unusable], "Pin"),
        (vec![unpinned(SERVER)], "NoPin(\"dm.example\")"),
        (vec![nap(), account(SERVER), unpinned("other.example")], "NoPin(\"other.example\")"),
        (vec![of_another_server()], "Pin"),
    ] {
        let device = Device::new("");
        let refused = device.file(&wbxml(nodes)).unwrap_err();
        assert!(format!("{refused:?}").starts_with(wanted), "{refused:?} {wanted}");
        assert_eq!(device.tree().count(), 1, "nothing but the root");
    }
    let device = Device::new("");
    for octets in [&b""[..], b"<MgmtTree>", b"\x02\xA4\x01\x6A\0", b"<a xmlns='b'/>"] {
        assert!(matches!(device.file(octets), Err(Refused::Unreadable(_))));
    }
    device.file(&wbxml(vec![info(DEVICE), nap(), account(SERVER)])).unwrap();
}

#[test]
fn an_account_is_placed_whatever_the_configuration_says_of_the_inbox() {
    for tree in [
        "inbox = { \"com.acme/1.0/Meter\" = \"./Meters\" }\nsupported = [\"com.acme/1.0/Meter\"]",
        "inbox = { \"urn:oma:mo:oma-dm-dmacc\" = \"\" }",
    ] {
        let mut device = Device::new("");
        let text = format!("device_id = \"d\"\nstate = \"s\"\n[tree]\n{tree}\n");
        device.config.tree = Config::parse("a".as_ref(), &text, [("", ""); 0]).unwrap().tree;
        assert_eq!(device.file(&good()).unwrap().server_ids, [SERVER], "{tree}");
    }
}

#[test]
fn what_was_left_out_is_in_the_refusal() {
    let device = Device::new("");
    let alien = Node::interior("Op", "urn:oma:mo:oma-dm-dmacc:7.0");
    let refused = device.file(&wbxml(vec![alien])).unwrap_err();
    let said = refused.to_string();
    assert!(said.ends_with("ServerID; unsupported object skipped: ./Inbox/Op"), "{said}");
    assert!(refused.remedy().is_some_and(|remedy| remedy.contains("`supported`")));
}

#[test]
fn an_imsi_is_written_as_on_its_card() {
    let octets = secret(IMSI.as_bytes()).unwrap();
    assert_eq!(octets[..], [0x29, 0x44, 0x70, 0x10, 0x00, 0x00, 0x20, 0x31]);
    assert_eq!(secret(b"imsi:12").unwrap()[..], [0x11, 0xF2]);
    assert_eq!(secret(b" hex:00fF\n").unwrap()[..], [0, 0xFF]);
    for bad in ["", "imsi:", "imsi:12x", "imsi:1234567890123456", "hex:0", "hex:0g", "hex:"] {
        assert!(secret(bad.as_bytes()).is_none(), "{bad}");
    }
}

/// Somebody else's HMAC says the same of every way to make the key.
#[test]
fn python_computes_the_same_mac() {
    let program = "import hmac,hashlib,sys;a=[bytes.fromhex(x) for x in sys.argv[1:]];\
                   print(hmac.new(a[0],a[1],hashlib.sha1).hexdigest().upper())";
    let hex = |octets: &[u8]| octets.iter().map(|o| format!("{o:02x}")).collect::<String>();
    let body = good();
    let imsi = "2944701000002031";
    for (sec, key) in [
        (Sec::NetwPin, imsi.to_owned()),
        (Sec::UserPin, hex(PIN.as_bytes())),
        (Sec::UserNetwPin, format!("{}{imsi}", hex(format!("{PIN}:").as_bytes()))),
    ] {
        let output = Command::new("python3").args(["-c", program, &key, &hex(&body)]).output();
        let Ok(output) = output else {
            println!("1 skipped: python3 is not installed");
            return;
        };
        let theirs = String::from_utf8(output.stdout).unwrap();
        assert_eq!(sec.mac(&secrets(), &body).as_deref(), Some(theirs.trim()), "{sec:?}");
    }
}
