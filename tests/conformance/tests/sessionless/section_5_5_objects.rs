//! 5.5: serialized objects, the Inbox, and what a client may skip.

use conformance::tnds::{self, NAP, Shape, nap, proxy};
use conformance::{Device, Message, alpha, command, gamma};
use dm_tnds::Node;
use dm_tree::Note;

fn deliver(nodes: Vec<Node<'_>>) -> Vec<u8> {
    Message::new(alpha()).with(tnds::deliver("1", nodes)).seal()
}

fn clauses(notes: &[Note]) -> Vec<&'static str> {
    notes.iter().map(Note::clause).collect()
}

#[test]
fn r24_an_object_whose_name_is_taken_gets_another() {
    let mut device = Device::new();
    let accepted = device.accept(&deliver(vec![nap("Home", "new.example")]));
    assert_eq!(clauses(&accepted.notes), ["R24"]);
    assert_eq!(device.text("./NAP/Home/Addr").as_deref(), Some("old.example"));
    assert_eq!(device.text("./NAP/Home2/Addr").as_deref(), Some("new.example"));
}

#[test]
fn r25_references_follow_a_renamed_object_in_all_objects_of_the_delivery() {
    let mut device = Device::new();
    let accepted = device.accept(&deliver(vec![
        proxy("First", "./Inbox/Home"),
        nap("Home", "new.example"),
        proxy("Second", "./Inbox/Home"),
    ]));
    assert_eq!(clauses(&accepted.notes), ["R24", "R25", "R25"]);
    for name in ["First", "Second"] {
        let reference = format!("./Proxy/{name}/ConRefs/1/ConRef");
        assert_eq!(device.text(&reference).as_deref(), Some("./NAP/Home2"));
    }
}

#[test]
fn r26_dm_sm_c_002_m_tnds_embedded_as_wbxml_and_in_the_other_shapes() {
    for shape in Shape::ALL {
        let object = tnds::text(vec![nap("Work", "wörk & play.example")]);
        for (verb, target) in [("Add", "./NAP"), ("Replace", "./NAP/Work")] {
            let mut device = Device::new();
            if verb == "Replace" {
                device.accept(&deliver(vec![nap("Work", "before.example")]));
            }
            let command = tnds::command(verb, "1", target, &object, shape);
            // Replace takes a root without a name: it is the target itself.
            let command = match verb {
                "Replace" => {
                    let object = object.replace("<NodeName>Work</NodeName>", "");
                    tnds::command(verb, "1", target, &object, shape)
                }
                _ => command,
            };
            let octets = Message::new(alpha()).session(2).with(command).seal();
            assert_eq!(device.statuses(&octets), [200], "{verb} {shape:?}");
            let address = device.text("./NAP/Work/Addr");
            assert_eq!(address.as_deref(), Some("wörk & play.example"), "{verb} {shape:?}");
        }
    }
}

#[test]
fn r26_dm_sm_c_002_m_an_object_that_cannot_be_read_fails_by_itself() {
    use dm_syncml::media_type::{DMTNDS_WBXML, DMTNDS_XML};
    let object = |r#type: &str, data: &str| {
        let carried = command::meta("xml", r#type) + &command::data(data);
        command::one("Add", "1", &command::item("./Inbox", &carried))
    };
    for broken in [
        object(DMTNDS_WBXML, "not base64"),
        object(DMTNDS_WBXML, "AAAA"),
        object(DMTNDS_XML, "<MgmtTree"),
        object(DMTNDS_XML, "<!DOCTYPE a><MgmtTree xmlns='syncml:dmddf1.2'/>"),
        object(DMTNDS_XML, "<MgmtTree xmlns='syncml:dmddf1.2'/>"),
        object(DMTNDS_XML, "<Other xmlns='syncml:dmddf1.2'/>"),
    ] {
        let mut device = Device::new();
        let next = command::replace("2", "./Vendor/Speed", "2");
        let octets = Message::new(alpha()).with(&broken).with(next).seal();
        assert_eq!(device.statuses(&octets), [415, 200], "{broken}");
    }
}

#[test]
fn r26_dm_sm_c_003_m_the_inbox_takes_objects_to_where_they_belong() {
    let mut device = Device::new();
    device.accept(&deliver(vec![nap("Work", "work.example"), proxy("P", "./Inbox/Work")]));
    assert_eq!(device.text("./NAP/Work/Addr").as_deref(), Some("work.example"));
    assert_eq!(device.text("./Proxy/P/Addr").as_deref(), Some("proxy.example"));
    assert!(device.tree().children(&conformance::device::at("./Inbox")).next().is_none());
}

#[test]
fn r26_dm_sm_c_003_m_a_root_added_below_the_inbox_is_placed_like_an_object() {
    let mut device = Device::new();
    let octets = Message::new(gamma())
        .with(command::add_interior("1", "./Inbox/Work", NAP))
        .with(command::add("2", "./NAP/Work/Addr", "work.example"))
        .seal();
    assert_eq!(device.statuses(&octets), [200, 200]);
    assert_eq!(device.text("./NAP/Work/Addr").as_deref(), Some("work.example"));
    assert!(!device.has("./Inbox/Work"));
}

#[test]
fn r26_dm_sm_c_003_m_the_inbox_takes_add_and_nothing_else() {
    let mut device = Device::new();
    let octets = Message::new(alpha())
        .with(command::get("1", "./Inbox"))
        .with(command::delete("2", "./Inbox"))
        .with(command::replace("3", "./Inbox?prop=ACL", "Get=*"))
        .with(command::replace("4", "./Inbox?prop=Name", "Outbox"))
        .with(command::copy("5", "./Vendor/Speed", "./Inbox/Speed"))
        .seal();
    let statuses = device.statuses(&octets);
    assert!(statuses.iter().all(|status| *status >= 400), "{statuses:?}");
    assert_eq!(device.acl("./Inbox"), "Add=*");
}

#[test]
fn r27_a_reference_may_be_absolute_or_start_in_the_inbox() {
    let mut device = Device::new();
    let accepted = device.accept(&deliver(vec![
        nap("Work", "work.example"),
        proxy("Near", "./Inbox/Work"),
        proxy("Far", "./NAP/Home"),
    ]));
    assert_eq!(clauses(&accepted.notes), ["R25"], "only one reference was rewritten");
    let reference = |name| device.text(&format!("./Proxy/{name}/ConRefs/1/ConRef"));
    assert_eq!(reference("Near").as_deref(), Some("./NAP/Work"));
    assert_eq!(reference("Far").as_deref(), Some("./NAP/Home"));
}

#[test]
fn r28_a_reference_into_the_inbox_names_an_object_of_the_same_delivery() {
    for dangling in ["./Inbox/Home", "./Inbox/Work/", "./Inbox//Work", "./Inbox/", "./Inbox/work"] {
        let mut device = Device::new();
        let before = device.tree().clone();
        let octets = deliver(vec![nap("Work", "work.example"), proxy("P", dangling)]);
        assert_eq!(device.statuses(&octets), [404], "{dangling}");
        assert_eq!(*device.tree(), before, "{dangling}: nothing of the object stays");
    }
}

#[test]
fn r28_a_reference_may_lead_deep_into_an_object() {
    let mut device = Device::new();
    let mut deep = nap("Home", "new.example");
    deep.nodes.push(Node::interior("Ext2", "").with(Node::leaf("X", "x")));
    device.accept(&deliver(vec![deep, proxy("P", "./Inbox/Home/Ext2/X")]));
    let reference = device.text("./Proxy/P/ConRefs/1/ConRef");
    assert_eq!(reference.as_deref(), Some("./NAP/Home2/Ext2/X"));
}

#[test]
fn r29_an_unknown_extension_is_skipped_and_the_rest_succeeds() {
    let mut device = Device::new();
    let mut extended = nap("Work", "work.example");
    extended.nodes.push(
        Node::interior("Ext", "").with(Node::interior("Acme", "").with(Node::leaf("X", "x"))),
    );
    let accepted = device.accept(&deliver(vec![extended]));
    assert_eq!(clauses(&accepted.notes), ["R29", "R29"]);
    assert!(device.has("./NAP/Work/Ext") && !device.has("./NAP/Work/Ext/Acme"));
    assert_eq!(device.text("./NAP/Work/Addr").as_deref(), Some("work.example"));

    let octets = Message::new(alpha())
        .with(command::add("1", "./Vendor/Ext/Known/X", "x"))
        .with(command::add("2", "./Vendor/Ext/Acme/X", "x"))
        .seal();
    let accepted = device.accept(&octets);
    assert_eq!(clauses(&accepted.notes), ["R29"]);
    assert!(accepted.commands.iter().all(|command| command.status.is_success()));
    assert!(device.has("./Vendor/Ext/Known/X") && !device.has("./Vendor/Ext/Acme"));
}

#[test]
fn r29_an_atomic_with_an_unknown_extension_succeeds() {
    let mut device = Device::new();
    let commands =
        [command::add("2", "./Vendor/Ext/Acme/X", "x"), command::add("3", "./Vendor/Y", "y")];
    let octets = Message::new(alpha()).with(command::group("Atomic", "1", &commands)).seal();
    assert_eq!(device.statuses(&octets), [200, 200, 200]);
    assert!(device.has("./Vendor/Y"));
}

#[test]
fn r30_an_unsupported_object_is_skipped_and_the_rest_succeeds() {
    let mut device = Device::new();
    let strange =
        Node::interior("Strange", "urn:oma:mo:oma-strange:1.0").with(Node::leaf("X", "x"));
    let future = Node::interior("Future", "urn:oma:mo:oma-connmo-nap:9.0");
    let accepted = device.accept(&deliver(vec![strange, nap("Work", "work.example"), future]));
    assert_eq!(clauses(&accepted.notes), ["R30", "R30"]);
    assert!(accepted.commands[0].status.is_success());
    let added: Vec<String> = accepted.changes.iter().map(|change| change.uri.to_string()).collect();
    assert_eq!(added, ["./NAP/Work", "./NAP/Work/Addr"]);
}

#[test]
fn r31_of_several_versions_the_newest_supported_is_used() {
    // Versions are numbers: 1.10 is newer than 1.2. 9.0 is newer still, and not supported.
    let version = |name: &'static str, version: &str| {
        let identifier = format!("urn:oma:mo:oma-connmo-nap:{version}");
        Node::interior(name, identifier).with(Node::leaf("Addr", "x.example"))
    };
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]] {
        let offered = [("A", "1.0"), ("B", "1.2"), ("C", "1.10"), ("D", "9.0")];
        let mut device = Device::new();
        let nodes = order.map(|at| version(offered[at].0, offered[at].1));
        let accepted = device.accept(&deliver(nodes.to_vec()));
        let mut clauses = clauses(&accepted.notes);
        clauses.sort_unstable();
        assert_eq!(clauses, ["R30", "R31", "R31"], "{order:?}");
        assert!(device.has("./NAP/C"), "{order:?}");
        assert!(!device.has("./NAP/A") && !device.has("./NAP/B") && !device.has("./NAP/D"));
    }
}
