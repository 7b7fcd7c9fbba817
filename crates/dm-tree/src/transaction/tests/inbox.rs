use alloc::format;

use super::*;

fn deliver(
    nodes: &[dm_tnds::Node<'static>],
) -> impl Fn(&mut Transaction<'_>) -> Result<(), Failure> + use<> {
    let object = object(nodes);
    move |t| t.add_object(&Uri::inbox(), &object)
}

fn nap(name: &'static str) -> dm_tnds::Node<'static> {
    inner(name, NAP).with(leaf("Addr", "internet.example"))
}

fn proxy(reference: &'static str) -> dm_tnds::Node<'static> {
    let con_refs = inner("ConRefs", "").with(inner("1", "").with(leaf("ConRef", reference)));
    inner("Px", PROXY).with(leaf("Note", "./Inbox/Internet")).with(con_refs)
}

fn notes(device: &mut Device, server: &str, nodes: &[dm_tnds::Node<'static>]) -> Vec<Note> {
    let mut transaction = Transaction::begin(&mut device.tree, &device.rules, server);
    transaction.add_object(&Uri::inbox(), &object(nodes)).unwrap();
    let notes = transaction.take_notes();
    let _ = transaction.commit(None);
    notes
}

#[test]
fn an_object_goes_to_its_place_and_its_creator_gets_rights() {
    let mut device = Device::new();
    assert_eq!(device.run(B, &deliver(&[nap("Internet")])).unwrap().len(), 2);
    assert_eq!(device.acl("./NAP/Internet"), "Add=srv.b&Delete=srv.b&Get=srv.b&Replace=srv.b");
    assert_eq!(device.text("./NAP/Internet/Addr"), Some("internet.example"));
    let own = with_acl(nap("Own"), "Get=*&Replace=srv.c");
    device.run(B, &deliver(&[own])).unwrap();
    assert_eq!(device.acl("./NAP/Own"), "Get=*&Replace=srv.c");
}

#[test]
fn a_plain_add_names_the_object() {
    let mut device = Device::new();
    device.run(B, &|t| t.add(uri("./Inbox/Fast"), Node::interior(NAP))).unwrap();
    assert!(device.tree.contains(&uri("./NAP/Fast")));
    let mut transaction = Transaction::begin(&mut device.tree, &device.rules, B);
    transaction.add(uri("./Inbox/Fast/Leaf"), Node::text("x")).unwrap();
    assert_eq!(transaction.notes(), [Note::MoUnsupported { uri: uri("./Inbox/Leaf") }]);
    assert!(transaction.commit(None).is_empty());
}

#[test]
fn the_right_is_that_of_the_inbox() {
    let mut device = Device::new();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.replace_property(&Uri::inbox(), Property::Acl, "Add=srv.a").unwrap();
    let _ = transaction.commit(None);
    assert_eq!(device.fail(B, &deliver(&[nap("X")])), Reason::Right);
    // A has no Add on ./NAP and needs none; the AccessType of the place holds.
    device.run(A, &deliver(&[nap("X")])).unwrap();
    device.rules.access.insert(uri("./NAP"), AccessType::from_iter([AclCommand::Get]));
    assert_eq!(device.fail(A, &deliver(&[nap("Y")])), Reason::AccessType);
}

#[test]
fn a_taken_name_gets_a_number() {
    let mut device = Device::new();
    let renamed = |at, asked| Note::MoRenamed { uri: uri(at), asked: uri(asked) };
    let found = notes(&mut device, B, &[nap("Home")]);
    assert_eq!(found, [renamed("./NAP/Home2", "./Inbox/Home")]);
    // Also inside one delivery, where the Path is not part of the place.
    let by_path = dm_tnds::Node { path: Some("P".into()), ..nap("New") };
    let found = notes(&mut device, B, &[nap("New"), by_path]);
    assert_eq!(found, [renamed("./NAP/New2", "./Inbox/P/New")]);
}

#[test]
fn names_run_out() {
    let mut device = Device::new();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    for number in 2..1000 {
        transaction.add(uri(&format!("./NAP/Home{number}")), Node::text("")).unwrap();
    }
    let _ = transaction.commit(None);
    assert_eq!(device.fail(B, &deliver(&[nap("Home")])), Reason::NoName);
}

#[test]
fn references_follow_their_objects() {
    let reference = "./Proxy/Px/ConRefs/1/ConRef";
    let (inside, outside) = ("./Inbox/Internet", "./NAP/Internet");
    for order in [[nap("Internet"), proxy(inside)], [proxy(inside), nap("Internet")]] {
        let mut device = Device::new();
        let found = notes(&mut device, B, &order);
        assert_eq!(found, [Note::ReferenceRewritten { uri: uri(reference) }]);
        assert_eq!(device.text(reference), Some(outside));
        assert_eq!(device.text("./Proxy/Px/Note"), Some(inside), "a Note is no reference");
    }
    let mut device = Device::new();
    device.run(B, &deliver(&[nap("Home"), proxy("./Inbox/Home")])).unwrap();
    assert_eq!(device.text(reference), Some("./NAP/Home2"));
    let mut device = Device::new();
    device.run(B, &deliver(&[nap("Home"), proxy("./NAP/Home")])).unwrap();
    assert_eq!(device.text(reference), Some("./NAP/Home2"), "the place that the new one asked for");
    // Objects may stand deeper inside a delivery; a node below one can be meant.
    let deep = dm_tnds::Node { path: Some("P".into()), ..nap("Internet") };
    let mut device = Device::new();
    device.run(B, &deliver(&[deep, proxy("./Inbox/P/Internet/Addr")])).unwrap();
    assert_eq!(device.text(reference), Some("./NAP/Internet/Addr"));
}

#[test]
fn dangling_references_fail_the_delivery() {
    let mut device = Device::new();
    for reference in [
        "./Inbox/None",
        "./Inbox/Inter",
        "./Inbox/Internet2",
        "./Inbox/",
        "./Inbox/Internet/",
        "./Inbox//Internet",
        "./Inbox/Internet/None",
        "./Inbox/%49nternet",
        "./Inbox/../NAP/Internet",
        "./Inbox/Alie",
        "./Inbox/Alien2",
    ] {
        let alien = inner("Alien", "urn:oma:mo:oma-alien:1.0");
        let nodes = [nap("Internet"), proxy(reference), alien];
        assert_eq!(device.fail(B, &deliver(&nodes)), Reason::DanglingReference, "{reference}");
    }
}

#[test]
fn unsupported_objects_and_older_versions_are_skipped_and_noted() {
    let mut device = Device::new();
    let widget =
        |name: &'static str, version: &'static str| inner(name, version).with(leaf("V", version));
    let (v0, v2, v10) =
        ("urn:oma:mo:oma-widget:1.0", "urn:oma:mo:oma-widget:1.2", "urn:oma:mo:oma-widget:1.10");
    let found = notes(
        &mut device,
        A,
        &[
            widget("W0", v0),
            widget("Wa", v2),
            widget("W10", v10),
            widget("Wb", v2),
            inner("Alien", "urn:oma:mo:oma-alien:1.0"),
            leaf("Text", "x"),
        ],
    );
    assert_eq!(
        found,
        [
            Note::MoOlder { uri: uri("./Inbox/W0") },
            Note::MoUnsupported { uri: uri("./Inbox/W10") },
            Note::MoUnsupported { uri: uri("./Inbox/Alien") },
            Note::MoUnsupported { uri: uri("./Inbox/Text") },
        ]
    );
    assert!(
        device.tree.contains(&uri("./Vendor/Wa/V")) && device.tree.contains(&uri("./Vendor/Wb"))
    );
    assert!(!device.tree.contains(&uri("./Vendor/W0")));
    assert_eq!(found.iter().map(Note::clause).collect::<Vec<_>>(), ["R31", "R30", "R30", "R30"]);
}

#[test]
fn unknown_extensions_of_an_object_are_skipped() {
    let mut device = Device::new();
    let ext = inner("Ext", "").with(leaf("Acme", "x"));
    let found = notes(&mut device, B, &[nap("Internet").with(ext)]);
    assert_eq!(found, [Note::ExtSkipped { uri: uri("./NAP/Internet/Ext/Acme") }]);
    assert!(device.tree.contains(&uri("./NAP/Internet/Ext")));
}

#[test]
fn the_device_itself_delivers_without_an_inbox() {
    let mut tree = Tree::new();
    let rules = rules();
    let mut transaction = Transaction::local(&mut tree, &rules);
    let account = inner("a", DM_ACC).with(leaf("ServerID", A));
    transaction.add_object(&Uri::inbox(), &object(&[account])).unwrap();
    let _ = transaction.commit(None);
    assert_eq!(tree.get(&uri("./DMAcc/a/ServerID")).unwrap().as_text(), Some(A));
}

#[test]
fn r31_versions_of_a_vendor_are_compared() {
    let mut device = Device::new();
    let (old, new) = ("com.acme/1.9/Meter", "com.acme/1.10/Meter");
    device.rules.inbox.insert("com.acme/Meter".into(), uri("./Vendor/Group"));
    device.rules.supported.extend([old, new].map(String::from));
    let found = notes(&mut device, A, &[inner("O", old), inner("N", new)]);
    assert_eq!(found, [Note::MoOlder { uri: uri("./Inbox/O") }]);
    assert!(device.tree.contains(&uri("./Vendor/Group/N")));
}

#[test]
fn objects_of_the_old_names_are_placed_as_the_registered_ones() {
    let mut device = Device::new();
    device.rules.account_creation = true;
    let account = inner("Op", "org.openmobilealliance/1.0/w7").with(leaf("ServerID", "op"));
    let net = inner("Net", "org.openmobilealliance/1.0/ConnMO").with(leaf("Addr", "x"));
    assert_eq!(notes(&mut device, A, &[account, net]), []);
    for (at, r#type) in [("./DMAcc/Op", DM_ACC), ("./NAP/Net", NAP)] {
        assert_eq!(device.tree.get(&uri(at)).map(|node| &*node.r#type), Some(r#type));
    }
}

#[test]
fn an_object_below_the_inbox_has_the_name_of_the_target() {
    let mut device = Device::new();
    let named = |name| dm_tnds::Node { node_name: None, ..nap(name) };
    let to = |target, node| {
        let object = object(&[node]);
        move |t: &mut Transaction<'_>| t.add_object(&uri(target), &object)
    };
    device.run(B, &to("./Inbox/Fast", named(""))).unwrap();
    assert_eq!(device.text("./NAP/Fast/Addr"), Some("internet.example"));
    device.run(B, &to("./Inbox/Fast", nap("Own"))).unwrap();
    assert!(device.tree.contains(&uri("./NAP/Own")), "an object that has a name keeps it");
    let path = dm_tnds::Node { path: Some("Inbox".into()), ..nap("Own") };
    assert_eq!(device.fail(A, &to(".", path)), Reason::Inbox);
}

#[test]
fn r24_an_object_without_a_name_gets_that_of_its_place_and_a_number() {
    let mut device = Device::new();
    let unnamed = || dm_tnds::Node { node_name: None, ..nap("") };
    let stands = |at| Note::MoRenamed { uri: uri(at), asked: Uri::inbox() };
    let found = notes(&mut device, B, &[unnamed(), nap("NAP1"), unnamed()]);
    assert_eq!(found, [stands("./NAP/NAP2"), stands("./NAP/NAP3")]);
    assert_eq!(device.text("./NAP/NAP2/Addr"), Some("internet.example"));
    assert_eq!(notes(&mut device, B, &[unnamed()]), [stands("./NAP/NAP4")]);
    let alien = dm_tnds::Node { node_name: None, ..inner("", "com.acme/1.0/Alien") };
    let skipped = Note::MoUnsupported { uri: uri("./Inbox/Alien1") };
    assert_eq!(notes(&mut device, B, &[alien]), [skipped]);
}

#[test]
fn r25_references_of_accounts_follow_too() {
    let mut device = Device::new();
    device.rules.account_creation = true;
    let to = inner("ToConRef", "").with(inner("1", "").with(leaf("ConRef", "./Inbox/Home")));
    let account = inner("Op", DM_ACC).with(leaf("PrefConRef", "./Inbox/Home")).with(to);
    device.run(A, &deliver(&[account, nap("Home")])).unwrap();
    assert_eq!(device.text("./DMAcc/Op/PrefConRef"), Some("./NAP/Home2"));
    assert_eq!(device.text("./DMAcc/Op/ToConRef/1/ConRef"), Some("./NAP/Home2"));
    // The maker may name further leaves.
    let vendor = || inner("Px", PROXY).with(leaf("Via", "./Inbox/Internet"));
    device.rules.reference_leaves.push("Via".into());
    device.run(A, &deliver(&[vendor(), nap("Internet")])).unwrap();
    assert_eq!(device.text("./Proxy/Px/Via"), Some("./NAP/Internet"));
}
