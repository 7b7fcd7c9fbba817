//! 5.4: access control lists of what is new.

use conformance::tnds::{self, Shape, nap, with_acl};
use conformance::{Device, Message, alpha, gamma, infoset};
use dm_tnds::Node;

fn home() -> Node<'static> {
    with_acl(
        Node::interior("Work", tnds::NAP)
            .with(with_acl(Node::leaf("Addr", "work.example"), "Get=gamma&Replace=gamma"))
            .with(Node::leaf("AddrType", "APN")),
        "Get=*&Replace=dm.alpha.example",
    )
}

#[test]
fn r17_dm_sm_s_006_m_the_object_brings_its_lists_and_no_command_does() {
    let object = tnds::text(vec![home()]);
    assert!(object.contains("<RTProperties><ACL>Get=gamma&amp;Replace=gamma</ACL>"), "{object}");
    let octets = Message::new(alpha()).with(tnds::deliver("1", vec![home()])).seal();
    let message = infoset(&octets).unwrap();
    assert!(!message.contains("?prop=ACL") && message.matches("<CmdID>").count() == 1);
}

#[test]
fn r17_a_client_applies_the_lists_of_an_object_in_every_shape() {
    for shape in Shape::ALL {
        let object = tnds::text(vec![home()]);
        for target in ["./Inbox", "./NAP"] {
            let mut device = Device::new();
            let command = tnds::command("Add", "1", target, &object, shape);
            device.accept(&Message::new(alpha()).with(command).seal());
            let context = format!("{shape:?} to {target}");
            assert_eq!(device.acl("./NAP/Work"), "Get=*&Replace=dm.alpha.example", "{context}");
            assert_eq!(device.acl("./NAP/Work/Addr"), "Get=gamma&Replace=gamma", "{context}");
            assert_eq!(device.acl("./NAP/Work/AddrType"), "", "{context}: inherits");
        }
    }
}

#[test]
fn r17_the_lists_of_an_object_hold_from_then_on() {
    let mut device = Device::new();
    device.accept(&Message::new(alpha()).with(tnds::deliver("1", vec![home()])).seal());
    let replace = |server| {
        let command = conformance::command::replace("1", "./NAP/Work/Addr", "x.example");
        Message::new(server).with(command).seal()
    };
    assert_eq!(device.statuses(&replace(gamma())), [200]);
    assert_eq!(device.statuses(&replace(alpha())), [425]);
}

#[test]
fn r17_an_object_without_lists_gives_its_creator_rights_on_its_root_only() {
    // Gamma has no Replace on ./NAP, so it gets rights on what it creates; the nodes below inherit.
    let mut device = Device::new();
    let delivered = tnds::deliver("1", vec![nap("New", "new.example")]);
    device.accept(&Message::new(gamma()).with(delivered).seal());
    assert_eq!(device.acl("./NAP/New"), "Add=gamma&Delete=gamma&Get=gamma&Replace=gamma");
    assert_eq!(device.acl("./NAP/New/Addr"), "");
}
