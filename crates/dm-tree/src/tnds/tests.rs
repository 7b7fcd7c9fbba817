use alloc::string::{String, ToString};
use alloc::vec;

use super::*;

fn object(nodes: Vec<dm_tnds::Node<'static>>) -> MgmtTree<'static> {
    MgmtTree::new(nodes)
}

fn read(target: &str, nodes: Vec<dm_tnds::Node<'static>>) -> Result<Vec<Placed>, Reason> {
    placed(&object(nodes), &Uri::parse(target).unwrap()).map_err(|failure| failure.reason)
}

fn uris(target: &str, nodes: Vec<dm_tnds::Node<'static>>) -> Vec<String> {
    read(target, nodes).unwrap().into_iter().map(|placed| placed.uri.to_string()).collect()
}

fn leaf(name: &'static str) -> dm_tnds::Node<'static> {
    dm_tnds::Node::leaf(name, "v")
}

fn interior(name: &'static str) -> dm_tnds::Node<'static> {
    dm_tnds::Node::interior(name, "")
}

fn with_path(path: &'static str, node: dm_tnds::Node<'static>) -> dm_tnds::Node<'static> {
    dm_tnds::Node { path: Some(path.into()), ..node }
}

fn with_value(format: Format, value: Value<'static>) -> dm_tnds::Node<'static> {
    let properties = RtProperties { format: Some(format), ..RtProperties::default() };
    dm_tnds::Node { rt_properties: Some(properties), value: Some(value), ..leaf("L") }
}

#[test]
fn paths_are_composed() {
    let nested = || interior("A").with(leaf("B")).with(interior("C").with(leaf("D")));
    assert_eq!(uris(".", vec![nested()]), ["./A", "./A/B", "./A/C", "./A/C/D"]);
    assert_eq!(uris("./X", vec![nested()])[3], "./X/A/C/D");
    assert_eq!(uris("./X", vec![with_path("P/Q", leaf("A"))]), ["./X/P/Q/A"]);
    assert_eq!(uris("./X", vec![with_path("./P", leaf("A"))]), ["./X/P/A"]);
    assert_eq!(uris("./X", vec![with_path("", leaf("A"))]), ["./X/A"]);
    // No name: the node is the target itself.
    assert_eq!(uris("./X", vec![interior("").with(leaf("A"))]), ["./X", "./X/A"]);
    let unnamed = dm_tnds::Node { node_name: None, ..leaf("") };
    assert_eq!(uris("./X", vec![unnamed]), ["./X"]);
    assert_eq!(uris(".", vec![leaf("%41")]), ["./A"]);
}

#[test]
fn only_top_level_nodes_are_on_top() {
    let nodes = read(".", vec![interior("A").with(leaf("B")), leaf("C")]).unwrap();
    assert_eq!(nodes.iter().map(|node| node.top).collect::<Vec<_>>(), [true, false, true]);
}

#[test]
fn hostile_names_and_paths_are_refused() {
    for name in ["..", "A/B", "A?prop=ACL", "A B", "%2F", "."] {
        let refused = |result: Result<_, _>| matches!(result, Err(Reason::Uri(_)));
        assert!(refused(read(".", vec![leaf(name)])), "{name}");
        assert!(refused(read(".", vec![interior("A").with(leaf(name))])), "{name}");
        if name != "A/B" {
            assert!(refused(read(".", vec![with_path(name, leaf("A"))])), "{name}");
        }
    }
    assert_eq!(read(".", vec![with_path("/A", leaf("B"))]), Err(Reason::Path));
    assert_eq!(read(".", vec![interior("A").with(with_path("P", leaf("B")))]), Err(Reason::Path));
    assert_eq!(read(".", vec![interior("A").with(leaf(""))]), Err(Reason::Unnamed));
    assert_eq!(read(".", vec![leaf("A"), leaf("A")]), Err(Reason::Exists));
    assert_eq!(read(".", vec![leaf("A"), leaf("%41")]), Err(Reason::Exists));
    assert_eq!(
        read(".", vec![with_path("A", leaf("B")), interior("A").with(leaf("B"))]),
        Err(Reason::Exists)
    );
}

#[test]
fn other_versions_are_not_read() {
    let mut object = object(vec![leaf("A")]);
    for version in ["", "1.1", "1.2 "] {
        object.ver_dtd = version.into();
        let failure = placed(&object, &Uri::root()).unwrap_err();
        assert_eq!(failure.reason, Reason::NotTnds);
    }
}

#[test]
fn a_missing_format_is_told_from_the_content() {
    let bare = |name: &'static str| dm_tnds::Node {
        node_name: Some(name.into()),
        ..dm_tnds::Node::default()
    };
    let nodes = read(".", vec![bare("A").with(bare("B"))]).unwrap();
    assert_eq!(nodes[0].node, Node::interior(""));
    assert_eq!(nodes[1].node, Node::text(""));
}

#[test]
fn a_node_has_children_or_a_value() {
    let both = dm_tnds::Node { value: Some(Value::Text("v".into())), ..interior("A") };
    assert_eq!(read(".", vec![both.clone()]), Err(Reason::Shape));
    assert_eq!(read(".", vec![both.with(leaf("B"))]), Err(Reason::Shape));
    assert_eq!(read(".", vec![leaf("A").with(leaf("B"))]), Err(Reason::Shape));
}

#[test]
fn octets_come_in_two_shapes() {
    let value = |format, value| read(".", vec![with_value(format, value)]);
    let text = |text: &'static str| Value::Text(text.into());
    let octets = || Value::Octets(vec![0, 1, 2].into());
    for format in [Format::Bin, Format::B64] {
        for (shape, wanted) in
            [(text("AAEC"), &[0, 1, 2][..]), (octets(), &[0, 1, 2]), (text(""), &[])]
        {
            let node = &value(format, shape).unwrap()[0].node;
            assert_eq!((node.format, node.value.as_deref()), (Format::Bin, Some(wanted)));
        }
        for bad in ["AAE", "AAEC=", "AA EC", "AAEC\n", "AA-_", "A===", "AAF=", "AB=="] {
            assert_eq!(value(format, text(bad)), Err(Reason::Format), "{bad:?}");
        }
    }
    assert_eq!(value(Format::Chr, octets()), Err(Reason::Format));
    assert_eq!(value(Format::Int, text("x")), Err(Reason::Format));
    assert_eq!(value(Format::Bool, text("1")), Err(Reason::Format));
}

#[test]
fn properties_are_taken_over() {
    let mut node = leaf("A");
    let properties = node.rt_properties.as_mut().unwrap();
    properties.acl = Some("Get=b+a".into());
    properties.title = Some("T".into());
    properties.r#type = Some(Type::Mime("".into()));
    let read = &read(".", vec![node.clone()]).unwrap()[0].node;
    assert_eq!((read.acl.to_string().as_str(), &*read.title), ("Get=a+b", "T"));
    assert_eq!(read.r#type, "text/plain");
    node.rt_properties.as_mut().unwrap().acl = Some("Get".into());
    let failure = placed(&object(vec![node]), &Uri::root()).unwrap_err();
    assert_eq!(failure.reason, Reason::Acl(crate::AclError::Entry));
}

#[test]
fn nesting_ends() {
    let deep = |depth| (0..depth).fold(leaf("L"), |node, _| interior("N").with(node));
    assert_eq!(read(".", vec![deep(OBJECT_DEPTH)]).unwrap().len(), OBJECT_DEPTH + 1);
    assert_eq!(read(".", vec![deep(OBJECT_DEPTH + 1)]), Err(Reason::Nesting));
}
