use alloc::borrow::ToOwned;

use super::*;

fn add(
    target: &'static str,
    nodes: &[dm_tnds::Node<'static>],
) -> impl Fn(&mut Transaction<'_>) -> Result<(), Failure> + use<> {
    let object = object(nodes);
    move |t| t.add_object(&uri(target), &object)
}

fn replace(
    target: &'static str,
    nodes: &[dm_tnds::Node<'static>],
) -> impl Fn(&mut Transaction<'_>) -> Result<(), Failure> + use<> {
    let object = object(nodes);
    move |t| t.replace_object(&uri(target), &object)
}

#[test]
fn an_object_is_added_whole_or_not_at_all() {
    let mut device = Device::new();
    let app = inner("App", "com.example/1.0/App").with(leaf("Name", "x"));
    let changes = device.run(A, &add("./Vendor", &[app.clone(), inner("Two", "")])).unwrap();
    assert_eq!(changes.len(), 3);
    assert_eq!(device.fail(A, &add("./Vendor", &[leaf("Fine", ""), app])), Reason::Exists);
    assert_eq!(device.fail(A, &add("./Vendor/Other", &[leaf("X", "")])), Reason::Right);
    assert_eq!(device.fail(A, &add("./Vendor/Setting", &[leaf("X", "")])), Reason::BelowLeaf);
}

#[test]
fn acls_inside_an_object_are_set() {
    let mut device = Device::new();
    let app = with_acl(inner("App", ""), "Replace=srv.b&Get=*")
        .with(with_acl(leaf("L", ""), "Replace=srv.c"));
    device.run(A, &add("./Vendor", &[app])).unwrap();
    assert_eq!(device.acl("./Vendor/App"), "Get=*&Replace=srv.b");
    device.run(C, &|t| t.replace_value(&uri("./Vendor/App/L"), b"", None, None)).unwrap();
}

#[test]
fn rights_are_decided_and_given_at_the_top() {
    let mut device = Device::new();
    // The ACL of the object's root gives C no Add, and still C adds what is below it.
    let app = with_acl(inner("App", ""), "Get=*").with(inner("Sub", "").with(leaf("L", "")));
    device.run(C, &add(".", &[app, inner("Own", "").with(inner("Sub", ""))])).unwrap();
    assert_eq!((device.acl("./App"), device.acl("./App/Sub")), ("Get=*".into(), "".into()));
    assert_eq!(device.acl("./Own"), "Add=srv.c&Delete=srv.c&Get=srv.c&Replace=srv.c");
    assert_eq!(device.acl("./Own/Sub"), "");
    // But AccessTypes are no rights.
    let below = [dm_tnds::Node { path: Some("DevInfo".into()), ..leaf("X", "") }];
    assert_eq!(device.fail(C, &add(".", &below)), Reason::AccessType);
    device.rules.access.insert(uri("./Vendor/App/In"), AccessType::default());
    let inside = [inner("App", "").with(inner("In", "").with(leaf("X", "")))];
    assert_eq!(device.fail(A, &add("./Vendor", &inside)), Reason::AccessType);
}

#[test]
fn nothing_of_an_object_stays_below_the_inbox() {
    let mut device = Device::new();
    let by_path = [dm_tnds::Node { path: Some("Inbox".into()), ..leaf("X", "") }];
    assert_eq!(device.fail(A, &add(".", &by_path)), Reason::Inbox);
    assert_eq!(
        device.fail(A, &add(".", &[inner("Inbox", "").with(leaf("X", ""))])),
        Reason::Exists
    );
    device.run(A, &add("./Inbox/X", &[inner("", NAP)])).unwrap();
    assert!(device.tree.contains(&uri("./NAP/X")) && !device.tree.contains(&uri("./Inbox/X")));
    let as_ext = [dm_tnds::Node { path: Some("Inbox/Ext".into()), ..leaf("X", "") }];
    assert_eq!(device.fail(A, &add(".", &as_ext)), Reason::Inbox, "not skipped either");
    // Not by the device itself either.
    let filled = object(&[inner("", "").with(leaf("X", ""))]);
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    let failure = transaction.replace_object(&Uri::inbox(), &filled).unwrap_err();
    assert_eq!(failure.reason, Reason::Inbox);
}

#[test]
fn a_sub_tree_is_replaced() {
    let mut device = Device::new();
    device
        .run(A, &|t| {
            t.replace_property(
                &uri("./Vendor/Group"),
                Property::Acl,
                "Get=*&Replace=srv.a&Add=srv.a&Delete=srv.a",
            )
        })
        .unwrap();
    let group = inner("", "").with(leaf("Two", "zwei")).with(leaf("Three", "3"));
    let changes = device.run(A, &replace("./Vendor/Group", &[group])).unwrap();
    let uris: Vec<_> = changes.iter().map(|change| change.uri.as_str()).collect();
    assert_eq!(uris, ["./Vendor/Group/One", "./Vendor/Group/Three", "./Vendor/Group/Two"]);
    assert_eq!(device.text("./Vendor/Group/Two"), Some("zwei"));
    assert_eq!(device.tree.get(&uri("./Vendor/Group/Two")).unwrap().ver_no, 1);
    assert!(!device.acl("./Vendor/Group").is_empty(), "the target keeps its ACL");
}

#[test]
fn the_object_starts_at_its_target() {
    let mut device = Device::new();
    assert_eq!(device.fail(A, &replace("./Vendor/Group", &[inner("X", "")])), Reason::OtherTarget);
    assert_eq!(device.fail(A, &replace("./Vendor/Group", &[])), Reason::OtherTarget);
    assert_eq!(device.fail(A, &replace("./Vendor/None", &[inner("", "")])), Reason::Missing);
}

#[test]
fn replacing_needs_replace_delete_and_add() {
    let mut device = Device::new();
    let one = || inner("", "").with(leaf("One", "1"));
    assert_eq!(device.fail(B, &replace("./Vendor/Group", &[one()])), Reason::Right);
    assert_eq!(device.fail(B, &replace("./Vendor/Setting", &[leaf("", "x")])), Reason::Right);
    let acl = |device: &mut Device, at: &str, text: &str| {
        let (at, text) = (uri(at), text.to_owned());
        device.run(A, &|t| t.replace_property(&at, Property::Acl, &text)).unwrap();
    };
    // Two would disappear, but A has no Delete on it.
    acl(&mut device, "./Vendor/Group/Two", "Get=*&Replace=srv.a");
    assert_eq!(device.fail(A, &replace("./Vendor/Group", &[one()])), Reason::Right);
    acl(&mut device, "./Vendor/Group/Two", "Delete=srv.a");
    device.run(A, &replace("./Vendor/Group", &[one()])).unwrap();
    acl(&mut device, "./Vendor/Group", "Replace=srv.a&Delete=srv.a");
    let two = one().with(leaf("Two", ""));
    assert_eq!(device.fail(A, &replace("./Vendor/Group", &[two])), Reason::Right);
}

#[test]
fn replacing_is_no_way_around_the_acl_of_a_leaf() {
    let mut device = Device::new();
    let take = with_acl(leaf("", "mine"), "Get=*&Replace=srv.c&Delete=srv.c");
    assert_eq!(
        device.fail(C, &replace("./Vendor/LeafOfC", core::slice::from_ref(&take))),
        Reason::Right
    );
    device.run(C, &replace("./Vendor/LeafOfC", &[leaf("", "mine")])).unwrap();
    assert_eq!(device.acl("./Vendor/LeafOfC"), "Get=*&Replace=srv.c");
    device.run(A, &|t| t.replace_property(&uri("./Vendor/LeafOfC"), Property::Acl, "")).unwrap();
    device.run(A, &replace("./Vendor/LeafOfC", &[take])).unwrap();
}

#[test]
fn what_the_maker_fixed_is_not_replaced() {
    let mut device = Device::new();
    let hold = |value| inner("", "").with(leaf("Permanent", value));
    assert_eq!(device.fail(A, &replace("./Vendor/Hold", &[hold("stays")])), Reason::Permanent);
    let guard = |value| inner("", "").with(leaf("Fixed", value));
    assert_eq!(device.fail(A, &replace("./Vendor/Guard", &[guard("x")])), Reason::AccessType);
    assert!(device.run(A, &replace("./Vendor/Guard", &[guard("fixed")])).unwrap().is_empty());
    assert_eq!(device.fail(A, &replace("./Vendor/Guard", &[inner("", "")])), Reason::AccessType);
    // A permanent node stays of its kind.
    let to_leaf = replace("./Vendor/Permanent", &[inner("", "")]);
    assert_eq!(device.fail(A, &to_leaf), Reason::Permanent);
    device.run(A, &replace("./Vendor/Permanent", &[leaf("", "new")])).unwrap();
}

#[test]
fn the_root_stays_an_interior_node_with_its_acl() {
    let mut device = Device::new();
    let rules = Rules::default();
    let local = |device: &mut Device, node: dm_tnds::Node<'static>| {
        let mut transaction = Transaction::local(&mut device.tree, &rules);
        let result = transaction.replace_object(&Uri::root(), &object(&[node]));
        let _ = transaction.commit(None);
        result.map_err(|failure| failure.reason)
    };
    assert_eq!(local(&mut device, leaf("", "")), Err(Reason::Permanent));
    assert_eq!(local(&mut device, with_acl(inner("", ""), "Get=*")), Err(Reason::RootAcl));
    assert_eq!(local(&mut device, inner("", "").with(leaf("A", ""))), Ok(()));
    assert_eq!((device.tree.count(), device.acl(".")), (2, "Add=*&Get=*".into()));
}

#[test]
fn skipped_extensions_are_not_kept_by_a_replacement() {
    let mut device = Device::new();
    let mut transaction = Transaction::local(&mut device.tree, &device.rules);
    let knob = Node::text("1").with_acl(acl("Get=*"));
    transaction.add(uri("./Vendor/Group/Ext/Acme"), knob).unwrap();
    let _ = transaction.commit(None);
    let group = inner("", "").with(inner("Ext", "").with(leaf("Acme", "2")));
    assert_eq!(device.fail(A, &replace("./Vendor/Group", &[group])), Reason::Right);
}
