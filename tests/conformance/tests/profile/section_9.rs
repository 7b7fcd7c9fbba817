//! §9, commands, where other documents leave a choice.

use conformance::tnds::{self, Shape, nap, proxy, with_acl};
use conformance::{Device, Message, alpha, command, gamma};
use dm_client::Ui;
use dm_tnds::Node;

fn message(commands: &[String]) -> Vec<u8> {
    Message::new(alpha()).with(commands.concat()).seal()
}

#[test]
fn items_of_one_command_are_independent() {
    let items = command::item("./Vendor/Speed", &command::data("2"))
        + &command::item("./Vendor/Missing", &command::data("2"))
        + &command::item("./Vendor/Gamma/Value", &command::data("2"))
        + &command::item("./Vendor/Mode", &command::data("2"));
    let mut device = Device::new();
    let statuses = device.statuses(&message(&[command::one("Replace", "1", &items)]));
    assert_eq!(statuses, [404], "the first failure names the status of the command");
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
    assert_eq!(device.text("./Vendor/Mode").as_deref(), Some("2"));
    assert_eq!(device.text("./Vendor/Gamma/Value").as_deref(), Some("gamma's"));
}

#[test]
fn a_failed_command_ends_neither_a_message_nor_a_sequence() {
    let wrong = |id| command::replace(id, "./Vendor/Missing", "2");
    let sequence = [wrong("3"), command::replace("4", "./Vendor/Mode", "2")];
    let mut device = Device::new();
    let statuses = device.statuses(&message(&[
        wrong("1"),
        command::group("Sequence", "2", &sequence),
        command::replace("5", "./Vendor/Speed", "2"),
    ]));
    assert_eq!(statuses, [404, 404, 200, 200, 200]);
}

#[test]
fn a_rejected_alert_ends_its_sequence_or_atomic() {
    let group = |kind| {
        let commands = [
            command::replace("2", "./Vendor/Speed", "2"),
            command::alert("3", "1101"),
            command::replace("4", "./Vendor/Mode", "2"),
        ];
        message(&[command::group(kind, "1", &commands), command::get("5", "./Vendor/Speed")])
    };
    let mut device = Device::new().set(|settings| settings.ui = Ui::No);
    assert_eq!(device.statuses(&group("Sequence")), [200, 214, 215, 200, 200]);
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"), "what is done is done");
    let mut device = Device::new().set(|settings| settings.ui = Ui::No);
    assert_eq!(device.statuses(&group("Atomic")), [216, 214, 215, 507, 200]);
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("1"));
}

#[test]
fn an_atomic_takes_neither_groups_nor_get_nor_exec() {
    for inner in [
        command::group("Sequence", "3", &[command::replace("4", "./Vendor/Mode", "2")]),
        command::group("Atomic", "3", &[command::replace("4", "./Vendor/Mode", "2")]),
        command::get("3", "./Vendor/Speed"),
        command::exec("3", "./Vendor/Reboot"),
    ] {
        let commands = [command::replace("2", "./Vendor/Speed", "2"), inner.clone()];
        let mut device = Device::new();
        let before = device.tree().clone();
        let accepted = device.accept(&message(&[command::group("Atomic", "1", &commands)]));
        assert_eq!(accepted.commands.last().unwrap().status.code(), 507, "{inner}");
        assert!(accepted.execs.is_empty());
        assert_eq!(*device.tree(), before, "{inner}");
    }
    let commands = [command::group("Atomic", "2", &[command::replace("3", "./Vendor/Mode", "2")])];
    let mut device = Device::new();
    let sequence = command::group("Sequence", "1", &commands);
    assert_eq!(device.statuses(&message(&[sequence])), [200, 200, 200]);
}

#[test]
fn missing_parents_are_made_by_right_of_the_nearest_one_there_is() {
    let mut device = Device::new();
    let deep =
        [command::add("1", "./Vendor/A/B/C", "x"), command::add("2", "./Vendor/Gamma/A/B", "x")];
    assert_eq!(device.statuses(&message(&deep)), [200, 425]);
    assert_eq!(device.text("./Vendor/A/B/C").as_deref(), Some("x"));
    assert!(!device.has("./Vendor/Gamma/A"), "nothing is left of what failed");
}

#[test]
fn a_chunk_of_a_large_object_is_refused_and_the_rest_goes_on() {
    let chunk = "<Data>x</Data><MoreData/>";
    let mut device = Device::new();
    let statuses = device.statuses(&message(&[
        command::one("Replace", "1", &command::item("./Vendor/Speed", chunk)),
        command::replace("2", "./Vendor/Mode", "2"),
    ]));
    assert_eq!(statuses, [406, 200]);
    assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("1"));
}

#[test]
fn rights_inside_an_object_are_decided_at_its_top_level_nodes() {
    // The object shuts its own lower node against alpha, who brings it; it is made all the same.
    let inner = with_acl(Node::interior("Inner", ""), "Get=gamma").with(Node::leaf("X", "x"));
    let object = tnds::text(vec![Node::interior("Outer", "").with(inner)]);
    for shape in Shape::ALL {
        let mut device = Device::new();
        let add = tnds::command("Add", "1", "./Vendor", &object, shape);
        assert_eq!(device.statuses(&message(&[add])), [200], "{shape:?}");
        assert_eq!(device.text("./Vendor/Outer/Inner/X").as_deref(), Some("x"));
        let elsewhere = tnds::command("Add", "1", "./Vendor/Gamma", &object, shape);
        let octets = Message::new(alpha()).session(2).with(elsewhere).seal();
        assert_eq!(device.statuses(&octets), [425], "{shape:?}: no right at the top");
        assert!(!device.has("./Vendor/Gamma/Outer"));
    }
}

#[test]
fn the_creator_gets_rights_on_the_top_level_nodes_only() {
    let object = tnds::text(vec![Node::interior("Outer", "").with(Node::interior("Inner", ""))]);
    let mut device = Device::new();
    let add = tnds::command("Add", "1", ".", &object, Shape::InPlace);
    device.accept(&Message::new(gamma()).with(add).seal());
    assert_eq!(device.acl("./Outer"), "Add=gamma&Delete=gamma&Get=gamma&Replace=gamma");
    assert_eq!(device.acl("./Outer/Inner"), "");
}

#[test]
fn an_object_with_a_dangling_reference_leaves_nothing() {
    let mut device = Device::new();
    let before = device.tree().clone();
    let nodes = vec![nap("Work", "work.example"), proxy("P", "./Inbox/Missing")];
    let statuses = device.statuses(&message(&[
        tnds::deliver("1", nodes),
        command::replace("2", "./Vendor/Missing", "x"),
    ]));
    assert_eq!(statuses, [404, 404]);
    assert_eq!(*device.tree(), before);
}

#[test]
fn nothing_remains_below_the_inbox_whatever_the_way() {
    let mut pathed = nap("Work", "work.example");
    pathed.path = Some("Inbox".into());
    let mut climbing = Node::interior("X", "");
    climbing.path = Some("./Inbox/Deep".into());
    let plain = tnds::text(vec![Node::interior("X", "").with(Node::leaf("Y", "y"))]);
    let attempts = [
        command::copy("1", "./Vendor/Speed", "./Inbox/Speed"),
        command::copy("1", "./Vendor/Speed", "./Inbox/A/B"),
        command::add("1", "./Inbox/X", "x"),
        command::add("1", "./Inbox/X/Y/Z", "x"),
        command::add_interior("1", "./Inbox/X", ""),
        command::add_interior("1", "./Inbox/X", "urn:x"),
        command::add_interior("1", "./%49nbox/X", ""),
        command::replace("1", "./NAP?prop=Name", "Inbox"),
        tnds::command("Add", "1", ".", &tnds::text(vec![pathed]), Shape::Text),
        tnds::command("Add", "1", ".", &tnds::text(vec![climbing]), Shape::Text),
        tnds::command("Add", "1", "./Inbox", &plain, Shape::InPlace),
        tnds::command("Add", "1", "./Inbox/Deeper", &plain, Shape::InPlace),
        tnds::command("Replace", "1", "./Inbox", &plain, Shape::InPlace),
        tnds::deliver("1", vec![nap("Work", "work.example")]),
    ];
    for attempt in attempts {
        let mut device = Device::new();
        device.accept(&message(std::slice::from_ref(&attempt)));
        let below = device.tree().subtree(&conformance::device::at("./Inbox")).count();
        assert_eq!(below, 1, "{attempt}");
    }
}

#[test]
fn results_and_status_are_tolerated_and_what_is_unknown_is_not() {
    let mut device = Device::new();
    let tolerated = "<Status><CmdID>1</CmdID></Status><Results/>".to_owned();
    assert_eq!(device.statuses(&message(&[tolerated])), [0_u16; 0]);
    for unknown in ["<Put/>", "<Search/>", "<Sync/>", "<Map/>", "<SyncBody/>", "<Item/>"] {
        let refusal = Device::new().refuse(&message(&[unknown.to_owned()]));
        assert_eq!(refusal.name(), "Model", "{unknown}");
    }
}

#[test]
fn an_exec_is_reported_once_it_is_durable() {
    let mut device = Device::new();
    let item = command::item("./Vendor/Reboot", &command::data("now"));
    let exec = format!("<Exec><CmdID>1</CmdID><Correlator>c 1</Correlator>{item}</Exec>");
    let accepted = device.accept(&message(&[exec]));
    let [exec] = &accepted.execs[..] else { panic!("{:?}", accepted.execs) };
    assert_eq!((&*exec.uri, &*exec.data), ("./Vendor/Reboot", "now"));
    assert_eq!(exec.correlator.as_deref(), Some("c 1"));
    let mut device = Device::new();
    let octets = Message::new(gamma()).with(command::exec("1", "./Vendor/Reboot")).seal();
    let accepted = device.accept(&octets);
    assert_eq!(accepted.commands[0].status.code(), 425);
    assert!(accepted.execs.is_empty());
}

#[test]
fn properties_take_get_and_replace_only() {
    let on = "./Vendor/Speed?prop=Title";
    let mut device = Device::new();
    let before = device.tree().clone();
    let statuses = device.statuses(&message(&[
        command::add("1", on, "x"),
        command::delete("2", on),
        command::copy("3", on, "./Vendor/Mode"),
        command::copy("4", "./Vendor/Mode", on),
        command::exec("5", "./Vendor/Reboot?prop=Title"),
        command::get("6", on),
        command::get("7", "./Vendor?prop=Size"),
        command::delete("8", "./Vendor/Speed?list=Struct"),
        command::replace("9", "./Vendor/Speed?prop=Size", "1"),
    ]));
    assert_eq!(statuses, [405, 405, 405, 405, 405, 200, 406, 406, 405]);
    assert_eq!(*device.tree(), before);
    let why = device.journal()[0].commands[1].why.clone().unwrap_or_default();
    assert!(why.contains("does not take this command"), "{why}");
    assert_eq!(device.statuses(&message(&[command::replace("1", on, "x")])), [200]);
}
