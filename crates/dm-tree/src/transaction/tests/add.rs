use alloc::{format, vec};

use super::*;

#[test]
fn a_leaf_inherits() {
    let mut device = Device::new();
    let changes = device.run(A, &|t| t.add(uri("./Vendor/New"), Node::text("v"))).unwrap();
    assert_eq!(changes.len(), 1);
    let node = device.tree.get(&uri("./Vendor/New")).unwrap();
    assert_eq!(node, &Node { t_stamp: Some(NOW), ..Node::text("v") });
}

#[test]
fn format_b64_is_stored_as_octets() {
    let mut device = Device::new();
    let node = Node { format: dm_tnds::Format::B64, ..Node::text("x") };
    device.run(A, &|t| t.add(uri("./Vendor/New"), node.clone())).unwrap();
    assert_eq!(device.tree.get(&uri("./Vendor/New")).unwrap().format, dm_tnds::Format::Bin);
}

#[test]
fn missing_parents_are_made() {
    let mut device = Device::new();
    let changes = device.run(A, &|t| t.add(uri("./Vendor/P/Q/R"), Node::text("x"))).unwrap();
    assert_eq!(changes.len(), 3);
    assert_eq!((device.acl("./Vendor/P"), device.acl("./Vendor/P/Q")), ("".into(), "".into()));
}

#[test]
fn the_right_counts_at_the_nearest_node() {
    let mut device = Device::new();
    let add = |t: &mut Transaction<'_>| t.add(uri("./Vendor/Other/P/Q"), Node::text("x"));
    assert_eq!(device.fail(A, &add), Reason::Right);
    device.run(B, &add).unwrap();
    // Rights on a parent are none on a child with its own ACL, and the other way round.
    assert_eq!(device.fail(B, &|t| t.add(uri("./Vendor/N"), Node::text("x"))), Reason::Right);
}

#[test]
fn a_creator_without_replace_gets_rights_on_what_it_makes() {
    let mut device = Device::new();
    device.run(C, &|t| t.add(uri("./Fresh/Deep/Leaf"), Node::text("x"))).unwrap();
    assert_eq!(device.acl("./Fresh"), "Add=srv.c&Delete=srv.c&Get=srv.c&Replace=srv.c");
    assert_eq!(device.acl("./Fresh/Deep"), "");
    device.run(C, &|t| t.delete(&uri("./Fresh/Deep/Leaf"))).unwrap();
    // A leaf gets none and inherits from the root.
    device.run(C, &|t| t.add(uri("./Lone"), Node::text("x"))).unwrap();
    assert_eq!(device.acl("./Lone"), "");
    let replace = |t: &mut Transaction<'_>| t.replace_value(&uri("./Lone"), b"", None, None);
    assert_eq!(device.fail(C, &replace), Reason::Right);
}

#[test]
fn a_server_that_no_acl_can_name_gets_nothing() {
    let mut device = Device::new();
    for server in ["*", "a+b", ""] {
        device.run(server, &|t| t.add(uri("./Fresh"), Node::interior(""))).unwrap();
        assert_eq!(device.acl("./Fresh"), "");
        device.tree = Device::new().tree;
    }
}

#[test]
fn structure_comes_before_rights() {
    let mut device = Device::new();
    let add =
        |at: &'static str, node: Node| move |t: &mut Transaction<'_>| t.add(uri(at), node.clone());
    assert_eq!(device.fail(C, &add("./Vendor/Setting", Node::text(""))), Reason::Exists);
    assert_eq!(device.fail(C, &add(".", Node::interior(""))), Reason::Exists);
    assert_eq!(device.fail(C, &add("./Vendor/Setting/X", Node::text(""))), Reason::BelowLeaf);
    assert_eq!(device.fail(C, &add("./DevInfo/X", Node::text(""))), Reason::AccessType);
    let bad_int = Node::leaf(dm_tnds::Format::Int, "", *b"x");
    assert_eq!(device.fail(C, &add("./Vendor/X", bad_int.clone())), Reason::Right);
    assert_eq!(device.fail(A, &add("./Vendor/X", bad_int)), Reason::Format);
    let shapeless = Node { value: None, ..Node::text("") };
    assert_eq!(device.fail(A, &add("./Vendor/X", shapeless)), Reason::Shape);
}

#[test]
fn unknown_extensions_are_skipped_and_noted() {
    let mut device = Device::new();
    let mut transaction = Transaction::begin(&mut device.tree, &device.rules, A);
    transaction.add(uri("./Vendor/Ext/Acme/Knob"), Node::text("1")).unwrap();
    transaction.replace_value(&uri("./None/Ext/X"), b"", None, None).unwrap();
    let skipped = |at| Note::ExtSkipped { uri: uri(at) };
    let notes = [skipped("./Vendor/Ext/Acme/Knob"), skipped("./None/Ext/X")];
    assert_eq!(transaction.notes(), notes);
    assert_eq!(transaction.take_notes(), notes);
    assert!(transaction.notes().is_empty());
    assert!(transaction.commit(None).is_empty());
    let changes =
        device.run(A, &|t| t.add(uri("./Vendor/Ext/Known/Knob"), Node::text("1"))).unwrap();
    assert_eq!(changes.len(), 3);
}

#[test]
fn copying_reads_the_source_and_writes_the_target() {
    let mut device = Device::new();
    let copy = |from: &'static str, to: &'static str| {
        move |t: &mut Transaction<'_>| t.copy(&uri(from), &uri(to))
    };
    device.run(A, &copy("./Vendor/LeafOfC", "./Vendor/Twin")).unwrap();
    assert_eq!((device.text("./Vendor/Twin"), device.acl("./Vendor/Twin")), (Some("c"), "".into()));
    device.run(A, &copy("./Vendor/Setting", "./Vendor/Group/One")).unwrap();
    assert_eq!(device.text("./Vendor/Group/One"), Some("old"));
    device.run(A, &copy("./Vendor/Fixed", "./Vendor/P/Q")).unwrap();
    assert_eq!(device.text("./Vendor/P/Q"), Some("fixed"));

    assert_eq!(device.fail(A, &copy("./None", "./Vendor/X")), Reason::Missing);
    assert_eq!(device.fail(A, &copy("./Vendor/Group", "./Vendor/X")), Reason::SourceInterior);
    assert_eq!(device.fail(A, &copy("./Private/Secret", "./Vendor/Stolen")), Reason::Right);
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Vendor/Other/Leaf")), Reason::Right);
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Vendor/Other/New")), Reason::Right);
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Vendor/Fixed")), Reason::AccessType);
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Vendor/Group")), Reason::Interior);
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Inbox/X")), Reason::Inbox);
    assert_eq!(device.fail(A, &copy("./None", "./Inbox/X")), Reason::Inbox);
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Inbox")), Reason::Interior);
}

#[test]
fn a_copy_has_to_fit_the_format_of_its_target() {
    let mut device = Device::new();
    let copy = |from: &'static str, to: &'static str| {
        move |t: &mut Transaction<'_>| t.copy(&uri(from), &uri(to))
    };
    assert_eq!(device.fail(A, &copy("./Vendor/Setting", "./Vendor/Count")), Reason::Format);
    assert_eq!(device.fail(A, &copy("./Vendor/Blob", "./Vendor/Setting")), Reason::Format);
    device.run(A, &copy("./Vendor/Group/Two", "./Vendor/Count")).unwrap();
    let count = device.tree.get(&uri("./Vendor/Count")).unwrap();
    assert_eq!((count.format, count.as_text()), (dm_tnds::Format::Int, Some("2")));
}

#[test]
fn limits_hold_for_every_way_to_a_new_node() {
    let mut device = Device::new();
    let limits = device.rules.limits;
    let add = |at: &'static str, value: &'static str| {
        move |t: &mut Transaction<'_>| t.add(uri(at), Node::text(value))
    };
    device.rules.limits.octets_of_a_value = 3;
    assert_eq!(device.fail(A, &add("./Vendor/X", "1234")), Reason::Value);
    device.run(A, &add("./Vendor/X", "123")).unwrap();
    let long = acl("Get=*");
    let with_acl =
        |t: &mut Transaction<'_>| t.add(uri("./Vendor/Y"), Node::text("").with_acl(long.clone()));
    assert_eq!(device.fail(A, &with_acl), Reason::Value);
    let blob =
        |t: &mut Transaction<'_>| t.replace_value(&uri("./Vendor/X"), vec![0; 4], None, None);
    assert_eq!(device.fail(A, &blob), Reason::Value);

    device.rules.limits = crate::Limits { nodes: device.tree.count() + 1, ..limits };
    assert_eq!(device.fail(A, &add("./Vendor/P/Q", "")), Reason::Full);
    device.run(A, &add("./Vendor/Y", "")).unwrap();
    assert_eq!(device.fail(A, &add("./Vendor/Z", "")), Reason::Full);

    device.rules.limits = crate::Limits { depth: 3, segment_characters: 9, ..limits };
    assert_eq!(device.fail(A, &add("./Vendor/P/Q/R", "")), Reason::LongUri);
    assert_eq!(device.fail(A, &add("./Vendor/P123456789", "")), Reason::LongUri);
    device.run(A, &add("./Vendor/P/Q", "")).unwrap();
    let copy = |t: &mut Transaction<'_>| t.copy(&uri("./Vendor/Y"), &uri("./Vendor/P/Q2345678901"));
    assert_eq!(device.fail(A, &copy), Reason::LongUri);
    let deep = [inner("P2", "").with(inner("Q", "").with(leaf("R", "")))];
    let object = |t: &mut Transaction<'_>| t.add_object(&uri("./Vendor"), &object(&deep));
    assert_eq!(device.fail(A, &object), Reason::LongUri);
}

#[test]
fn a_node_has_so_many_children_and_no_more() {
    let mut device = Device::new();
    device.rules.limits.children = 3;
    let add = |t: &mut Transaction<'_>| t.add(uri("./Vendor/Group/Three"), Node::text(""));
    device.run(A, &add).unwrap();
    let add = |t: &mut Transaction<'_>| t.add(uri("./Vendor/Group/Four"), Node::text(""));
    assert_eq!(device.fail(A, &add), Reason::Children);
    let copy = |t: &mut Transaction<'_>| t.copy(&uri("./Vendor/Setting"), &uri("./Vendor/Group/X"));
    assert_eq!(device.fail(A, &copy), Reason::Children);
    let wide = [inner("Wide", "").with(leaf("A", "")).with(leaf("B", "")).with(leaf("C", ""))];
    let wider = [wide[0].clone().with(leaf("D", ""))];
    let below = uri("./Vendor/Hold");
    assert_eq!(device.fail(A, &|t| t.add_object(&below, &object(&wider))), Reason::Children);
    device.run(A, &|t| t.add_object(&below, &object(&wide))).unwrap();
    // One goes, another comes; what is further below does not count.
    device.run(A, &|t| t.delete(&uri("./Vendor/Group/Three"))).unwrap();
    device.run(A, &|t| t.add(uri("./Vendor/Group/X/Y/Z"), Node::text(""))).unwrap();
    let rename = |t: &mut Transaction<'_>| {
        t.replace_property(&uri("./Vendor/Group/X"), Property::Name, "Other")
    };
    device.run(A, &rename).unwrap();
}

#[test]
fn many_nodes_are_added_in_one_object() {
    let mut device = Device::new();
    let nodes = (0..10_000).map(|n| dm_tnds::Node::leaf(format!("n{n}"), "v"));
    let root = nodes.fold(inner("Many", ""), dm_tnds::Node::with);
    let object = MgmtTree::new(vec![root]);
    let changes = device.run(A, &|t| t.add_object(&uri("./Vendor"), &object)).unwrap();
    assert_eq!(changes.len(), 10_001);
    assert_eq!(device.tree.children(&uri("./Vendor/Many")).count(), 10_000);
}
