use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

use super::*;

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn acl(text: &str) -> Acl {
    Acl::parse(text).unwrap()
}

fn tree(nodes: &[(&str, Node)]) -> Tree {
    Tree::from_nodes(nodes.iter().map(|(at, node)| (uri(at), node.clone()))).unwrap()
}

/// The worked example of the standard. [TND 1.2 §7.7.1.5]
fn figure() -> Tree {
    let interior = |text| Node::interior("").with_acl(acl(text));
    let leaf = |text| Node::text("").with_acl(acl(text));
    tree(&[
        ("./NodeA", interior("Get=ServerC&Replace=ServerC")),
        ("./NodeA/Node1", leaf("Get=*")),
        ("./NodeB", interior("Get=ServerA&Replace=ServerA")),
        ("./NodeB/Node2", Node::text("")),
        ("./NodeB/Node3", interior("Get=ServerB&Replace=ServerB&Delete=ServerB")),
        ("./NodeB/Node3/Node4", Node::text("")),
        ("./NodeB/Node3/Node5", leaf("Get=ServerA&Replace=ServerA&Get=ServerB")),
    ])
}

#[test]
fn the_figure_of_the_standard() {
    use AclCommand::{Add, Delete, Get, Replace};
    const TABLE: [(&str, AclCommand, &[&str]); 22] = [
        (".", Add, &["ServerA", "ServerB", "ServerC"]),
        (".", Get, &["ServerA", "ServerB", "ServerC"]),
        (".", Replace, &[]),
        ("./NodeA", Get, &["ServerC"]),
        ("./NodeA", Replace, &["ServerC"]),
        ("./NodeA", Add, &[]),
        ("./NodeA/Node1", Get, &["ServerA", "ServerB", "ServerC"]),
        ("./NodeA/Node1", Replace, &[]),
        ("./NodeA/Node1", Delete, &[]),
        ("./NodeB", Get, &["ServerA"]),
        ("./NodeB", Replace, &["ServerA"]),
        ("./NodeB/Node2", Get, &["ServerA"]),
        ("./NodeB/Node2", Replace, &["ServerA"]),
        ("./NodeB/Node2", Delete, &[]),
        ("./NodeB/Node3", Get, &["ServerB"]),
        ("./NodeB/Node3", Replace, &["ServerB"]),
        ("./NodeB/Node3/Node4", Get, &["ServerB"]),
        ("./NodeB/Node3/Node4", Replace, &["ServerB"]),
        ("./NodeB/Node3/Node4", Delete, &["ServerB"]),
        ("./NodeB/Node3/Node5", Get, &["ServerA", "ServerB"]),
        ("./NodeB/Node3/Node5", Replace, &["ServerA"]),
        ("./NodeB/Node3/Node5", Delete, &[]),
    ];
    let tree = figure();
    for (at, command, servers) in TABLE {
        let allowed: Vec<_> = ["ServerA", "ServerB", "ServerC"]
            .into_iter()
            .filter(|server| tree.allows(server, command, &uri(at)))
            .collect();
        assert_eq!(allowed, servers, "{command} {at}");
    }
    let node4 = tree.get(&uri("./NodeB/Node3/Node4")).unwrap();
    assert!(node4.acl.is_empty(), "its own ACL is empty although it inherits one");
}

#[test]
fn children_are_found_among_names_that_sort_between() {
    let i = || Node::interior("");
    let tree = tree(&[
        ("./A", i()),
        ("./A/B", i()),
        ("./A/B!", Node::text("")),
        ("./A/B-C", i()),
        ("./A/B-C/D", Node::text("")),
        ("./A/B/C", i()),
        ("./A/B/C/D", Node::text("")),
        ("./A/B0", Node::text("")),
        ("./A/BB", Node::text("")),
        ("./A-", i()),
        ("./A-/X", Node::text("")),
    ]);
    let names = |at: &str| -> Vec<String> {
        tree.children(&uri(at)).map(|(at, _)| at.name().to_owned()).collect()
    };
    assert_eq!(names("./A"), ["B", "B!", "B-C", "B0", "BB"]);
    assert_eq!(names("./A/B"), ["C"]);
    assert_eq!(names("."), ["A", "A-"]);
    assert_eq!(names("./A/B0"), [""; 0]);
    assert_eq!(tree.subtree(&uri("./A/B")).count(), 3);
    assert_eq!(tree.subtree(&uri("./A")).count(), 9);
    assert_eq!(tree.subtree(&uri(".")).count(), tree.count());
    assert_eq!(tree.subtree(&uri("./None")).count(), 0);
}

#[test]
fn stored_nodes_make_a_tree_or_an_error() {
    let load = |nodes: &[(&str, Node)]| {
        Tree::from_nodes(nodes.iter().map(|(at, node)| (uri(at), node.clone())))
    };
    let text = || Node::text("");
    assert_eq!(load(&[("./A/B", text())]), Err(TreeError::Orphan(uri("./A/B"))));
    let below_leaf = [("./A/B", text()), ("./A", text())];
    assert_eq!(load(&below_leaf), Err(TreeError::Orphan(uri("./A/B"))));
    assert_eq!(load(&[("./A", text()), ("./A", text())]), Err(TreeError::Double(uri("./A"))));
    let shapeless = Node { value: None, ..text() };
    assert_eq!(load(&[("./A", shapeless)]), Err(TreeError::Shape(uri("./A"))));
    // A root that is a leaf carries nothing.
    assert_eq!(load(&[(".", text()), ("./A", text())]), Err(TreeError::Orphan(uri("./A"))));
    let bare = load(&[(".", Node::interior(""))]).unwrap();
    assert_eq!(bare, Tree::new());
}

#[test]
fn accounts_are_found_wherever_they_stand() {
    let account = || Node::interior("urn:oma:mo:oma-dm-dmacc:1.1");
    let tree = tree(&[
        ("./X", Node::interior("")),
        ("./X/acc", account()),
        ("./X/acc/ServerID", Node::text("srv")),
        ("./acc", account()),
    ]);
    let found: Vec<_> = tree.accounts().map(Uri::as_str).collect();
    assert_eq!(found, ["./X/acc", "./acc"]);
    assert_eq!(tree.account_of(&uri("./X/acc/ServerID/none")), Some(&uri("./X/acc")));
    assert_eq!(tree.account_of(&uri("./X")), None);
}

#[test]
fn an_object_has_everything_below_it_in_order() {
    let tree = tree(&[
        ("./A", Node::interior("mo").with_acl(acl("Get=*"))),
        ("./A/B", Node::interior("")),
        ("./A/B-", Node::text("1")),
        ("./A/B/C", Node { title: "T".into(), ..Node::text("2") }),
        ("./A/D", Node::leaf(dm_tnds::Format::Bin, "x/y", [0, 0xFF])),
    ]);
    let object = tree.object(&uri("./A"));
    let names = |nodes: &[dm_tnds::Node<'_>]| -> Vec<String> {
        nodes.iter().map(|node| node.node_name.as_deref().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&object.nodes), ["A"]);
    assert_eq!(names(&object.nodes[0].nodes), ["B", "B-", "D"]);
    assert_eq!(names(&tree.object(&Uri::root()).nodes), ["A"]);
    assert!(tree.object(&uri("./None")).nodes.is_empty());

    // Read again below another tree's root, it is the same.
    let rules = crate::Rules::default();
    let mut copy = Tree::new();
    let mut transaction = crate::Transaction::local(&mut copy, &rules);
    transaction.add_object(&Uri::root(), &object).unwrap();
    let _ = transaction.commit(None);
    assert_eq!(copy, tree);
}
