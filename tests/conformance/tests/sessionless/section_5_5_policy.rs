//! 5.5: where a client may choose, its maker does; the defaults are in `section_5_5_objects`.

use conformance::device::settings;
use conformance::tnds::{self, nap, proxy};
use conformance::{Device, Message, alpha, command};
use dm_agent::config::{ObjectPolicy, TreePolicy};
use dm_client::Settings;
use dm_tnds::Node;
use dm_tree::{Note, Unprepared};

/// The usual device, of a maker who chose otherwise.
fn device(choose: impl FnOnce(&mut dm_tree::ObjectPolicy)) -> Device {
    let mut settings: Settings = settings();
    choose(&mut settings.rules.policy);
    Device::of(&Device::new().tree().clone(), settings)
}

fn deliver(nodes: Vec<Node<'_>>) -> Vec<u8> {
    Message::new(alpha()).with(tnds::deliver("1", nodes)).seal()
}

fn strange() -> Node<'static> {
    Node::interior("Strange", "urn:oma:mo:oma-strange:1.0").with(Node::leaf("X", "x"))
}

/// Nothing of it is done, and this is the status.
fn refuses(mut device: Device, octets: &[u8], status: u16) {
    let before = device.tree().clone();
    assert_eq!(device.statuses(octets), [status]);
    assert_eq!(*device.tree(), before, "nothing of the object stays");
}

#[test]
fn a_configuration_says_the_same_as_the_defaults_of_the_tree() {
    let policy = TreePolicy::default();
    let rules = dm_agent::settings::rules(&policy).expect("good");
    assert_eq!(rules.policy, dm_tree::ObjectPolicy::default());
    let other = ObjectPolicy {
        ext: dm_agent::config::Unprepared::Fail,
        follow: false,
        lost: dm_agent::config::Unprepared::Fail,
        newest_only: false,
        rename: false,
        unsupported: dm_agent::config::Unprepared::Fail,
    };
    let rules = dm_agent::settings::rules(&TreePolicy { policy: other, ..policy }).expect("good");
    let wanted = dm_tree::ObjectPolicy {
        rename: false,
        follow: false,
        ext: Unprepared::Fail,
        unsupported: Unprepared::Fail,
        newest_only: false,
        lost: Unprepared::Fail,
    };
    assert_eq!(rules.policy, wanted);
}

#[test]
fn r24_a_device_that_renames_nothing_refuses_a_name_that_is_taken() {
    let octets = deliver(vec![nap("Work", "work.example"), nap("Home", "new.example")]);
    refuses(device(|policy| policy.rename = false), &octets, 418);
    let mut device = device(|policy| policy.rename = false);
    device.accept(&deliver(vec![nap("Work", "work.example")]));
    assert!(device.has("./NAP/Work/Addr"));
}

#[test]
fn r25_a_reference_to_the_place_that_was_asked_for_follows_too() {
    let objects = || {
        vec![
            proxy("First", "./NAP/Home"),
            nap("Home", "new.example"),
            proxy("Second", "./NAP/Home/Addr"),
            proxy("Third", "./NAP/HomeOffice"),
            proxy("Fourth", "./Inbox/Home"),
        ]
    };
    let references = |device: &Device| {
        ["First", "Second", "Third", "Fourth"]
            .map(|name| device.text(&format!("./Proxy/{name}/ConRefs/1/ConRef")).expect("there"))
    };
    let mut follows = Device::new();
    let accepted = follows.accept(&deliver(objects()));
    let clauses: Vec<_> = accepted.notes.iter().map(Note::clause).collect();
    assert_eq!(clauses, ["R24", "R25", "R25", "R25"]);
    assert_eq!(
        references(&follows),
        ["./NAP/Home2", "./NAP/Home2/Addr", "./NAP/HomeOffice", "./NAP/Home2"]
    );
    let mut stays = device(|policy| policy.follow = false);
    stays.accept(&deliver(objects()));
    assert_eq!(
        references(&stays),
        ["./NAP/Home", "./NAP/Home/Addr", "./NAP/HomeOffice", "./NAP/Home2"]
    );
}

#[test]
fn r29_a_device_may_refuse_unknown_extensions() {
    let fails = || device(|policy| policy.ext = Unprepared::Fail);
    let mut extended = nap("Work", "work.example");
    extended.nodes.push(Node::interior("Ext", "").with(Node::leaf("Acme", "x")));
    refuses(fails(), &deliver(vec![extended]), 406);
    for unknown in [
        command::add("1", "./Vendor/Ext/Acme/X", "x"),
        command::replace("1", "./Vendor/Ext/Acme/X", "x"),
    ] {
        refuses(fails(), &Message::new(alpha()).with(unknown).seal(), 406);
    }
    let commands =
        [command::add("2", "./Vendor/Ext/Acme/X", "x"), command::add("3", "./Vendor/Y", "y")];
    let octets = Message::new(alpha()).with(command::group("Atomic", "1", &commands)).seal();
    let mut device = fails();
    device.statuses(&octets);
    assert!(!device.has("./Vendor/Y"), "the Atomic is rolled back");
    let known = Message::new(alpha())
        .session(2)
        .with(command::add("1", "./Vendor/Ext/Known/X", "x"))
        .seal();
    assert_eq!(device.statuses(&known), [200]);
}

#[test]
fn r30_a_device_may_refuse_unsupported_objects() {
    let octets = deliver(vec![nap("Work", "work.example"), strange()]);
    refuses(device(|policy| policy.unsupported = Unprepared::Fail), &octets, 406);
}

#[test]
fn r30_a_reference_to_a_skipped_object_is_emptied_and_the_rest_succeeds() {
    for lost in ["./Inbox/Strange", "./Inbox/Strange/X"] {
        let octets = || deliver(vec![strange(), nap("Work", "work.example"), proxy("P", lost)]);
        let mut device = Device::new();
        let accepted = device.accept(&octets());
        let clauses: Vec<_> = accepted.notes.iter().map(Note::clause).collect();
        assert_eq!(clauses, ["R30", "R30"], "{lost}");
        assert_eq!(device.text("./Proxy/P/ConRefs/1/ConRef").as_deref(), Some(""), "{lost}");
        assert!(device.has("./NAP/Work/Addr"));
        refuses(self::device(|policy| policy.lost = Unprepared::Fail), &octets(), 404);
    }
}

#[test]
fn r31_a_device_may_place_every_supported_version() {
    let version = |name: &'static str, version: &str| {
        Node::interior(name, format!("urn:oma:mo:oma-connmo-nap:{version}"))
            .with(Node::leaf("Addr", "x.example"))
    };
    let mut device = device(|policy| policy.newest_only = false);
    let nodes = vec![version("A", "1.0"), version("B", "1.10"), version("C", "9.0")];
    let accepted = device.accept(&deliver(nodes));
    let clauses: Vec<_> = accepted.notes.iter().map(Note::clause).collect();
    assert_eq!(clauses, ["R30"]);
    assert!(device.has("./NAP/A") && device.has("./NAP/B") && !device.has("./NAP/C"));
}

#[test]
fn r31_a_reference_to_an_older_version_is_emptied() {
    let newer = Node::interior("New", "urn:oma:mo:oma-connmo-nap:1.2");
    let octets = deliver(vec![nap("Old", "old.example"), newer, proxy("P", "./Inbox/Old")]);
    let mut device = Device::new();
    let accepted = device.accept(&octets);
    let clauses: Vec<_> = accepted.notes.iter().map(Note::clause).collect();
    assert_eq!(clauses, ["R31", "R30"]);
    assert_eq!(device.text("./Proxy/P/ConRefs/1/ConRef").as_deref(), Some(""));
}
