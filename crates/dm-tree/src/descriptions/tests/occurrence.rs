//! `Occurrence`: how many nodes of a kind there may be, and that the last stays where there has to
//! be one. [TND 1.2 §9.3]

use super::case::EVERY;
use super::*;
use crate::work;

fn delete(rules: &Rules, tree: &mut Tree, at: &str) -> u16 {
    status(rules, tree, |t| t.delete(&uri(at)))
}

#[test]
fn no_more_nodes_are_added_than_described() {
    for (occurrence, most, refusal) in [
        ("<ZeroOrOne/>", 1, 405),
        ("<One/>", 1, 405),
        ("<ZeroOrN>3</ZeroOrN>", 3, 420),
        ("<OneOrN>2</OneOrN>", 2, 420),
        ("<OneOrMore/>", 9, 200),
        ("<ZeroOrMore/>", 9, 200),
    ] {
        let more = format!("<Occurrence>{occurrence}</Occurrence>");
        let named = node("Own", "Add", "chr", "", "");
        let children = format!("{named}{}", node("", "Add Delete", "chr", &more, ""));
        let rules = rules(&node("Box@./V", "Get", "node", "", &children));
        let mut tree = tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior(""))]);
        assert_eq!(add(&rules, &mut tree, "./V/Box/Own", Node::text("")), 200, "named beside");
        for number in 0..most {
            let at = format!("./V/Box/{number}");
            assert_eq!(add(&rules, &mut tree, &at, Node::text("")), 200, "{occurrence} {number}");
        }
        let before = tree.clone();
        assert_eq!(add(&rules, &mut tree, "./V/Box/more", Node::text("")), refusal, "{occurrence}");
        assert_eq!(refusal == 200, before != tree, "a refused Add left a trace");
        // The only one is not deleted where there has to be one.
        if refusal != 200 && occurrence != "<One/>" {
            assert_eq!(status(&rules, &mut tree, |t| t.delete(&uri("./V/Box/0"))), 200);
            assert_eq!(add(&rules, &mut tree, "./V/Box/more", Node::text("")), 200, "room again");
        }
    }
}

#[test]
fn an_object_that_brings_too_many_is_refused_as_a_whole() {
    let more = "<Occurrence><ZeroOrN>2</ZeroOrN></Occurrence>";
    let rules = rules(&node("Box@./V", "Add Get", "node", "", &node("", "Add", "chr", more, "")));
    let mut tree = tree(&[("./V", Node::interior(""))]);
    let mut object = dm_tnds::Node::interior("Box", "");
    for name in ["a", "b", "c"] {
        object = object.with(dm_tnds::Node::leaf(name, ""));
    }
    let object = dm_tnds::MgmtTree::new(vec![object]);
    assert_eq!(status(&rules, &mut tree, |t| t.add_object(&uri("./V"), &object)), 420);
    assert!(!tree.contains(&uri("./V/Box")));
}

#[test]
fn the_last_of_a_kind_is_not_deleted_where_one_has_to_be() {
    for (occurrence, last) in [
        ("<OneOrMore/>", 405),
        ("<OneOrN>3</OneOrN>", 405),
        ("<ZeroOrMore/>", 200),
        ("<ZeroOrN>3</ZeroOrN>", 200),
    ] {
        let more = format!("<Occurrence>{occurrence}</Occurrence>");
        let children =
            [node("Own", "Add", "chr", "", ""), node("", "Add Delete", "chr", &more, "")];
        let rules = rules(&node("Box@./V", "Add Delete", "node", ANY_NUMBER, &children.concat()));
        let mut tree = tree(&[
            ("./V", Node::interior("")),
            ("./V/Box", Node::interior("")),
            ("./V/Box/Own", Node::text("")), // of another kind
            ("./V/Box/a", Node::text("")),
            ("./V/Box/b", Node::text("")),
        ]);
        assert_eq!(delete(&rules, &mut tree, "./V/Box/a"), 200, "{occurrence}");
        let before = tree.clone();
        assert_eq!(delete(&rules, &mut tree, "./V/Box/b"), last, "{occurrence}");
        assert_eq!(tree == before, last != 200, "{occurrence}: a refused Delete left a trace");
        assert_eq!(delete(&rules, &mut tree, "./V/Box"), 200, "it goes with what holds it");
    }
}

#[test]
fn the_only_one_by_name_is_needed_where_one_is_written_or_delete_is_not() {
    for (access, occurrence, only) in [
        ("Add Delete", "<Occurrence><One/></Occurrence>", 405),
        ("Add Delete", "<Occurrence><ZeroOrOne/></Occurrence>", 200),
        ("Add Delete", "", 200), // One, but that it takes Delete is written
        ("Add", "", 405),
    ] {
        let leaf = node("Level", access, "chr", occurrence, "");
        let rules = rules(&node("Box@./V", "Add Delete", "node", ANY_NUMBER, &leaf));
        let nodes = [
            ("./V", Node::interior("")),
            ("./V/Box", Node::interior("")),
            ("./V/Box/Level", Node::text("1")),
        ];
        let mut tree = tree(&nodes);
        assert_eq!(delete(&rules, &mut tree, "./V/Box/Level"), only, "{access} {occurrence}");
        let local = |tree: &mut Tree| {
            let mut transaction = Transaction::local(tree, &rules);
            let done = transaction.delete(&uri("./V/Box/Level"));
            let _ = transaction.commit(None);
            done.is_ok()
        };
        assert_eq!(local(&mut tree), only != 200, "the device itself may");
    }
}

#[test]
fn an_object_that_replaces_another_has_to_have_what_is_needed() {
    let more = "<Occurrence><OneOrMore/></Occurrence>";
    let every = "Add Delete Get Replace";
    let leaf = node("", every, "chr", more, "");
    let rules = rules(&node("Box@./V", every, "node", ANY_NUMBER, &leaf));
    let mut tree = tree(&[
        ("./V", Node::interior("")),
        ("./V/Box", Node::interior("")),
        ("./V/Box/a", Node::text("1")),
    ]);
    let object = |names: &[&'static str]| {
        let root = dm_tnds::Node::interior("", "");
        let leaves = names.iter().map(|name| dm_tnds::Node::leaf(*name, ""));
        dm_tnds::MgmtTree::new(vec![leaves.fold(root, dm_tnds::Node::with)])
    };
    let mut replace = |names: &[&'static str]| {
        let object = object(names);
        status(&rules, &mut tree, |t| t.replace_object(&uri("./V/Box"), &object))
    };
    assert_eq!(replace(&[]), 405);
    assert_eq!(replace(&["b"]), 200, "another of its kind is there in the end");
    assert!(tree.contains(&uri("./V/Box/b")) && !tree.contains(&uri("./V/Box/a")));
}

#[test]
fn an_atomic_can_exchange_the_last_one() {
    let more = "<Occurrence><OneOrMore/></Occurrence>";
    let leaf = node("", "Add Delete", "chr", more, "");
    let rules = rules(&node("Box@./V", "Add Delete", "node", ANY_NUMBER, &leaf));
    let mut tree = tree(&[
        ("./V", Node::interior("")),
        ("./V/Box", Node::interior("")),
        ("./V/Box/a", Node::text("1")),
    ]);
    let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
    transaction.add(uri("./V/Box/b"), Node::text("2")).unwrap();
    transaction.delete(&uri("./V/Box/a")).unwrap();
    let refused = transaction.delete(&uri("./V/Box/b")).unwrap_err();
    assert_eq!(refused.reason, Reason::Needed);
    assert_eq!(refused.uri, Some(uri("./V/Box/b")));
}

/// A Box with this many leaves in it.
fn filled(leaves: usize) -> Tree {
    let names: Vec<_> = (0..leaves).map(|number| format!("./V/Box/n{number}")).collect();
    let mut nodes = vec![("./V", Node::interior("")), ("./V/Box", Node::interior(""))];
    nodes.extend(names.iter().map(|at| (at.as_str(), Node::text(""))));
    tree(&nodes)
}

#[test]
fn siblings_are_counted_only_where_there_are_more_than_there_may_be() {
    let any = node("", EVERY, "chr", "<Occurrence><ZeroOrN>600</ZeroOrN></Occurrence>", "");
    let rules = rules(&node("Box@./V", EVERY, "node", "", &any));
    let mut tree = filled(500);
    let work = work::of(|| {
        for number in 0..100 {
            let at = format!("./V/Box/x{number}");
            assert_eq!(add(&rules, &mut tree, &at, Node::text("")), 200);
        }
    });
    assert!(work < 500, "{work} siblings and steps looked at");
    assert_eq!(add(&rules, &mut tree, "./V/Box/y", Node::text("")), 420);
}
