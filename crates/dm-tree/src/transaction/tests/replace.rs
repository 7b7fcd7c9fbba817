use alloc::string::ToString;

use dm_tnds::Format;

use super::*;

fn replace(
    at: &'static str,
    text: &'static str,
) -> impl Fn(&mut Transaction<'_>) -> Result<(), Failure> {
    move |t| t.replace_value(&uri(at), text, None, None)
}

#[test]
fn a_value_is_replaced_and_nothing_else() {
    let mut device = Device::new();
    device.run(C, &replace("./Vendor/LeafOfC", "new")).unwrap();
    let node = device.tree.get(&uri("./Vendor/LeafOfC")).unwrap();
    assert_eq!(node.as_text(), Some("new"));
    assert_eq!((node.acl.to_string(), node.ver_no), ("Get=*&Replace=srv.c".into(), 1));
    assert_eq!((node.format, &*node.r#type, node.t_stamp), (Format::Chr, "text/plain", Some(NOW)));
}

#[test]
fn wildcards_serve_everybody_and_ids_their_server() {
    let mut device = Device::new();
    device.run("anybody", &replace("./Vendor/Anyone", "x")).unwrap();
    assert_eq!(device.fail(B, &replace("./Vendor/Setting", "x")), Reason::Right);
    assert_eq!(device.fail(A, &replace("./Vendor/Other/Leaf", "x")), Reason::Right);
    assert_eq!(device.fail("SRV.A", &replace("./Vendor/Setting", "x")), Reason::Right);
    assert_eq!(device.fail("*", &replace("./Vendor/Setting", "x")), Reason::Right);
}

#[test]
fn replace_never_creates() {
    let mut device = Device::new();
    assert_eq!(device.fail(A, &replace("./Vendor/None", "x")), Reason::Missing);
    assert_eq!(device.fail(A, &replace("./Inbox/X", "x")), Reason::Missing);
    assert_eq!(device.fail(A, &replace("./Vendor/Group", "x")), Reason::Interior);
    let to_interior = |t: &mut Transaction<'_>| {
        t.replace_value(&uri("./Vendor/Setting"), b"", Some(Format::Node), None)
    };
    assert_eq!(device.fail(A, &to_interior), Reason::Interior);
}

#[test]
fn the_value_has_to_fit_the_format_in_the_end() {
    let mut device = Device::new();
    let with = |format, text: &'static str| {
        move |t: &mut Transaction<'_>| {
            t.replace_value(&uri("./Vendor/Count"), text, format, Some("a/b"))
        }
    };
    assert_eq!(device.fail(A, &replace("./Vendor/Count", "x")), Reason::Format);
    assert_eq!(device.fail(A, &with(Some(Format::Bool), "7")), Reason::Format);
    device.run(A, &with(None, "7")).unwrap();
    device.run(A, &with(Some(Format::Chr), "x")).unwrap();
    device.run(A, &with(Some(Format::B64), "octets")).unwrap();
    let node = device.tree.get(&uri("./Vendor/Count")).unwrap();
    assert_eq!((node.format, &*node.r#type), (Format::Bin, "a/b"));
}

#[test]
fn a_permanent_leaf_keeps_format_and_type() {
    let mut device = Device::new();
    let with = |format, r#type| {
        move |t: &mut Transaction<'_>| {
            t.replace_value(&uri("./Vendor/Permanent"), "7", format, r#type)
        }
    };
    assert_eq!(device.fail(A, &with(Some(Format::Int), None)), Reason::Permanent);
    assert_eq!(device.fail(A, &with(None, Some("a/b"))), Reason::Permanent);
    device.run(A, &with(Some(Format::Chr), Some("text/plain"))).unwrap();
    assert_eq!(device.text("./Vendor/Permanent"), Some("7"));
}

#[test]
fn access_types_exclude_what_acls_allow() {
    let mut device = Device::new();
    assert_eq!(device.fail(A, &replace("./Vendor/Fixed", "x")), Reason::AccessType);
    assert_eq!(device.fail(A, &|t| t.delete(&uri("./Vendor/Fixed"))), Reason::AccessType);
    assert_eq!(device.fail(A, &|t| t.delete(&uri("./Inbox"))), Reason::Permanent);
    assert_eq!(device.fail(A, &|t| t.check_get(&uri("./Inbox"), None)), Reason::AccessType);
    assert_eq!(device.fail(A, &|t| t.check_get(&uri("./None"), None)), Reason::Missing);
    assert_eq!(device.fail(A, &|t| t.check_get(&uri("./Private"), None)), Reason::Right);
    device.run(A, &|t| t.check_get(&uri("./DevInfo/Man"), None)).unwrap();
}

#[test]
fn only_some_nodes_execute() {
    let mut device = Device::new();
    assert_eq!(device.fail(A, &|t| t.may_exec(&uri("./None"))), Reason::Missing);
    assert_eq!(device.fail(A, &|t| t.may_exec(&uri("./Vendor"))), Reason::NotExecutable);
    assert_eq!(device.fail(B, &|t| t.may_exec(&uri("./Vendor/Update"))), Reason::Right);
    assert!(device.run(A, &|t| t.may_exec(&uri("./Vendor/Update"))).unwrap().is_empty());
}

#[test]
fn delete_takes_the_whole_sub_tree() {
    let mut device = Device::new();
    let changes = device.run(A, &|t| t.delete(&uri("./Vendor/Group"))).unwrap();
    let gone: Vec<_> = changes.iter().map(|change| change.uri.as_str()).collect();
    assert_eq!(gone, ["./Vendor/Group", "./Vendor/Group/One", "./Vendor/Group/Two"]);
    assert!(changes.iter().all(|change| change.before.is_some() && change.after.is_none()));
}

#[test]
fn delete_acts_on_the_node_addressed() {
    let mut device = Device::new();
    assert_eq!(device.fail(A, &|t| t.delete(&uri("./Vendor/Other"))), Reason::Right);
    assert_eq!(device.fail(C, &|t| t.delete(&uri("./Vendor/LeafOfC"))), Reason::Right);
    assert_eq!(device.fail(A, &|t| t.delete(&uri("./None"))), Reason::Missing);
    // Descendants with other ACLs go with it.
    let acl = acl("Delete=srv.b");
    device.run(B, &|t| t.add(uri("./Private/X/Y"), Node::text("").with_acl(acl.clone()))).unwrap();
    device.run(B, &|t| t.delete(&uri("./Private"))).unwrap();
    assert_eq!(device.text("./Private/X/Y"), None);
}

#[test]
fn permanent_nodes_stay_also_below_a_deleted_one() {
    let mut device = Device::new();
    for at in [".", "./Vendor/Permanent", "./Vendor/Hold", "./Vendor"] {
        assert_eq!(device.fail(A, &|t| t.delete(&uri(at))), Reason::Permanent, "{at}");
    }
}

#[test]
fn the_acl_of_a_leaf_is_shown_to_who_may_read_it_or_its_parent() {
    let get = |device: &mut Device, server, at: &str, property| {
        let done = device.run(server, &|t| t.check_get(&uri(at), property));
        done.map(drop).map_err(|failure| failure.reason)
    };
    let mut device = Device::new();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    for (at, acl) in [("./Vendor/Group", "Get=srv.a"), ("./Vendor/Group/One", "Get=srv.b")] {
        transaction.replace_property(&uri(at), Property::Acl, acl).unwrap();
    }
    let _ = transaction.commit(None);
    for (server, of_value, of_acl) in [
        (A, Err(Reason::Right), Ok(())),
        (B, Ok(()), Ok(())),
        (C, Err(Reason::Right), Err(Reason::Right)),
    ] {
        assert_eq!(get(&mut device, server, "./Vendor/Group/One", None), of_value, "{server}");
        for property in Property::ALL {
            let expected = if property == Property::Acl { of_acl } else { of_value };
            let done = get(&mut device, server, "./Vendor/Group/One", Some(property));
            assert_eq!(done, expected, "{server} {property}");
        }
        // An interior node's ACL is covered by itself.
        let done = get(&mut device, server, "./Vendor/Group", Some(Property::Acl));
        assert_eq!(done.is_ok(), server == A, "{server}");
    }
}

#[test]
fn an_interior_node_has_no_size() {
    let mut device = Device::new();
    let get = |t: &mut Transaction<'_>| t.check_get(&uri("./Vendor"), Some(Property::Size));
    assert_eq!(device.fail(A, &get), Reason::Query);
    device.run(A, &|t| t.check_get(&uri("./Vendor/Count"), Some(Property::Size))).unwrap();
}
