use super::*;

fn set(
    at: &'static str,
    property: Property,
    text: &'static str,
) -> impl Fn(&mut Transaction<'_>) -> Result<(), Failure> {
    move |t| t.replace_property(&uri(at), property, text)
}

#[test]
fn an_interior_acl_is_set_by_its_own_or_its_parents_right() {
    let mut device = Device::new();
    device.run(B, &set("./Vendor/Other", Property::Acl, "Replace=srv.b+srv.a&Get=*")).unwrap();
    assert_eq!(device.acl("./Vendor/Other"), "Get=*&Replace=srv.a+srv.b");
    device.run(A, &set("./Vendor/Other", Property::Acl, "Get=srv.c")).unwrap();
    assert_eq!(device.fail(B, &set("./Vendor/Other", Property::Acl, "")), Reason::Right);
    assert_eq!(device.fail(C, &set("./Vendor/Other", Property::Acl, "")), Reason::Right);
    device.run(A, &set("./Vendor/Other", Property::Acl, "")).unwrap();
    device.run(A, &|t| t.replace_value(&uri("./Vendor/Other/Leaf"), b"", None, None)).unwrap();
}

#[test]
fn the_acl_of_a_leaf_is_set_by_its_parents_right_only() {
    let mut device = Device::new();
    let take = set("./Vendor/LeafOfC", Property::Acl, "Replace=srv.c&Delete=srv.c");
    assert_eq!(device.fail(C, &take), Reason::Right);
    device.run(A, &take).unwrap();
    device.run(C, &|t| t.delete(&uri("./Vendor/LeafOfC"))).unwrap();
}

#[test]
fn a_malformed_acl_is_not_stored() {
    let mut device = Device::new();
    for text in ["Replace", "Copy=*", "Replace=a b", "Get=", "get=*"] {
        let reason =
            device.fail(B, &|t| t.replace_property(&uri("./Vendor/Other"), Property::Acl, text));
        assert_eq!(reason.status(), Status::BadRequest, "{text}");
    }
}

#[test]
fn the_root_keeps_add_for_all() {
    let mut device = Device::new();
    assert_eq!(device.fail(A, &set(".", Property::Acl, "Add=*&Replace=srv.a")), Reason::Right);
    let local = |device: &mut Device, text: &str| {
        let mut transaction = Transaction::local(&mut device.tree, &device.rules);
        let result = transaction.replace_property(&Uri::root(), Property::Acl, text);
        let _ = transaction.commit(None);
        result.map_err(|failure| failure.reason)
    };
    assert_eq!(local(&mut device, "Get=*"), Err(Reason::RootAcl));
    assert_eq!(local(&mut device, ""), Err(Reason::RootAcl));
    assert_eq!(local(&mut device, "Add=*&Replace=srv.a"), Ok(()));
    assert_eq!(device.fail(A, &set(".", Property::Acl, "Add=srv.a")), Reason::RootAcl);
    device.run(A, &set(".", Property::Acl, "Add=*")).unwrap();
}

#[test]
fn rename_moves_the_sub_tree() {
    let mut device = Device::new();
    device.run(A, &set("./Vendor/Group/One", Property::Title, "T")).unwrap();
    let changes = device.run(A, &set("./Vendor/Group", Property::Name, "Team")).unwrap();
    assert_eq!(changes.len(), 6);
    let one = device.tree.get(&uri("./Vendor/Team/One")).unwrap();
    assert_eq!((one.as_text(), &*one.title, one.ver_no), (Some("1"), "T", 1));
    assert_eq!(device.tree.get(&uri("./Vendor/Team")).unwrap().ver_no, 1);
    assert_eq!(device.text("./Vendor/Group/Two"), None);
}

#[test]
fn rename_needs_a_free_name_that_is_one() {
    let mut device = Device::new();
    let rename = |at, name| set(at, Property::Name, name);
    assert_eq!(device.fail(A, &rename("./Vendor/Group", "Setting")), Reason::Exists);
    assert_eq!(device.fail(A, &rename("./Vendor/Group", "Group")), Reason::Exists);
    for name in ["", "..", "A/B", "A?prop=ACL", "A%2FB", "A B"] {
        assert_eq!(device.fail(A, &rename("./Vendor/Group", name)).status(), Status::NotFound);
    }
    assert_eq!(device.fail(C, &rename("./Vendor/LeafOfC", "Setting")), Reason::Exists);
    assert_eq!(device.fail(B, &rename("./Vendor/Group", "Team")), Reason::Right);
    assert_eq!(device.fail(A, &rename("./Vendor/Other", "Team")), Reason::Right);
    device.run(C, &rename("./Vendor/LeafOfC", "Mine")).unwrap();
}

#[test]
fn what_the_maker_fixed_keeps_its_name() {
    let mut device = Device::new();
    let rename = |at| set(at, Property::Name, "New");
    assert_eq!(device.fail(A, &rename("./Vendor/Permanent")), Reason::Permanent);
    assert_eq!(device.fail(A, &rename("./Vendor/Fixed")), Reason::AccessType);
    // The rules of what is below would no longer be found.
    assert_eq!(device.fail(A, &rename("./Vendor/Hold")), Reason::Permanent);
    assert_eq!(device.fail(A, &rename("./Vendor/Guard")), Reason::Permanent);
    device.rules.exec.insert(uri("./Vendor/Group/One"));
    assert_eq!(device.fail(A, &rename("./Vendor/Group")), Reason::Permanent);
    // Nobody has Replace on the root; the device itself does not rename it either.
    assert_eq!(device.fail(A, &rename(".")), Reason::Right);
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    let failure = transaction.replace_property(&Uri::root(), Property::Name, "X").unwrap_err();
    assert_eq!(failure.reason, Reason::Permanent);
}

#[test]
fn nothing_is_renamed_to_the_inbox() {
    let mut device = Device::new();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    transaction.delete(&Uri::inbox()).unwrap();
    transaction.replace_property(&uri("."), Property::Acl, "Add=*&Replace=srv.a").unwrap();
    transaction.replace_property(&uri("./Private"), Property::Acl, "").unwrap();
    transaction.replace_property(&uri("./Proxy"), Property::Acl, "").unwrap();
    let _ = transaction.commit(None);
    for at in ["./Private", "./Proxy"] {
        let rename =
            |t: &mut Transaction<'_>| t.replace_property(&uri(at), Property::Name, "Inbox");
        assert_eq!(device.fail(A, &rename), Reason::Inbox, "{at}");
    }
    assert_eq!(device.fail(A, &|t| t.add(uri("./Inbox"), Node::interior(""))), Reason::Inbox);
    assert_eq!(device.fail(A, &|t| t.add(uri("./Inbox/X"), Node::interior(NAP))), Reason::Missing);
    let object = object(&[inner("X", NAP)]);
    assert_eq!(device.fail(A, &|t| t.add_object(&uri("./Inbox"), &object)), Reason::Missing);
}

#[test]
fn a_renamed_node_has_to_fit() {
    let mut device = Device::new();
    device.rules.limits.uri_characters = "./Vendor/Group1/One".len();
    let rename = |name| set("./Vendor/Group", Property::Name, name);
    assert_eq!(device.fail(A, &rename("Group12")), Reason::LongUri);
    device.run(A, &rename("Group1")).unwrap();
}

#[test]
fn titles_are_short() {
    let mut device = Device::new();
    let long: &'static str = "t".repeat(256).leak();
    let title = |text| set("./Vendor/Setting", Property::Title, text);
    assert_eq!(device.fail(A, &title(long)), Reason::Value);
    device.run(A, &title(&long[1..])).unwrap();
    assert_eq!(device.fail(B, &title("x")), Reason::Right);
    assert_eq!(device.fail(A, &set("./Vendor/Fixed", Property::Title, "x")), Reason::AccessType);
}

#[test]
fn other_properties_are_not_replaced() {
    use Property::{Format, Size, TStamp, Type, VerNo};
    let mut device = Device::new();
    for property in [Format, Size, TStamp, Type, VerNo] {
        assert_eq!(device.fail(A, &set("./Vendor/Setting", property, "x")), Reason::Property);
        assert_eq!(device.fail(A, &set("./None", property, "x")), Reason::Missing);
    }
}
