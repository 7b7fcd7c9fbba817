//! Rules of the configuration where case does not count: they speak of a node in any case, too.

use super::case::{CIS, CS, EVERY, boxed};
use super::*;
use crate::{Note, Property};

/// `./V/Box` with these leaves, among boxes that a description may be about.
fn with(leaves: &[&str]) -> Tree {
    let above = ["./V", "./V/Box", "./V/Box/Bag", "./V/Box/Strict"];
    let mut nodes = above.map(|at| (at, Node::interior(""))).to_vec();
    nodes.extend(leaves.iter().map(|at| (*at, Node::text("1"))));
    tree(&nodes)
}

fn replace(rules: &Rules, tree: &mut Tree, at: &str) -> u16 {
    status(rules, tree, |t| t.replace_value(&uri(at), b"2", None, None))
}

fn delete(rules: &Rules, tree: &mut Tree, at: &str) -> u16 {
    status(rules, tree, |t| t.delete(&uri(at)))
}

fn rename(rules: &Rules, tree: &mut Tree, at: &str, to: &str) -> u16 {
    status(rules, tree, |t| t.replace_property(&uri(at), Property::Name, to))
}

fn get_only(rules: &mut Rules, at: &str) {
    rules.access.insert(uri(at), [AclCommand::Get, AclCommand::Delete].into_iter().collect());
}

#[test]
fn another_case_is_no_way_around_an_access_type() {
    let mut rules = boxed();
    get_only(&mut rules, "./V/Box/Fixed");
    get_only(&mut rules, "./V/Box/BAG/Fixed");
    let mut tree = with(&[]);
    assert_eq!(add(&rules, &mut tree, "./V/Box/fixed", Node::text("1")), 200, "by the parent");
    assert_eq!(replace(&rules, &mut tree, "./V/Box/FIXED"), 405);
    assert_eq!(replace(&rules, &mut tree, "./V/Box/Fixed"), 405);
    assert_eq!(rename(&rules, &mut tree, "./V/Box/Fixed", "Free"), 405);
    assert_eq!(rename(&rules, &mut tree, "./V/Box/Fixed", "FIXED"), 405);
    rules.access.insert(uri("./V/Box/Own"), AccessType::ALL);
    assert_eq!(add(&rules, &mut tree, "./V/Box/own", Node::text("1")), 200);
    assert_eq!(rename(&rules, &mut tree, "./V/Box/own", "free"), 405, "the rule would lose it");
    // What was there in another case before there was a rule, and what is below it.
    let mut tree = with(&["./V/Box/Bag/fixed", "./V/Box/Bag/fixed2", "./V/Box/Strict/fixed"]);
    get_only(&mut rules, "./V/Box/Strict/Fixed");
    get_only(&mut rules, "./v/Box/Bag/Fixed2");
    assert_eq!(replace(&rules, &mut tree, "./V/Box/Bag/fixed"), 405);
    assert_eq!(rename(&rules, &mut tree, "./V/Box/Bag", "Other"), 405, "one below it is fixed");
    assert_eq!(replace(&rules, &mut tree, "./V/Box/Strict/fixed"), 200, "case counts there");
    assert_eq!(replace(&rules, &mut tree, "./V/Box/Bag/fixed2"), 200, "and above the Box");
}

#[test]
fn the_longest_rule_counts_in_any_case_and_of_those_the_one_that_is_spelled_so() {
    let mut rules = boxed();
    let tree = with(&[]);
    let takes = |rules: &Rules, at: &str| rules.takes(AclCommand::Replace, &uri(at), &tree);
    get_only(&mut rules, "./V/Box");
    rules.access.insert(uri("./V/Box/BAG/a"), AccessType::ALL);
    assert!(takes(&rules, "./V/Box/Bag/A/below") && !takes(&rules, "./V/Box/Bag"));
    get_only(&mut rules, "./V/Box/Bag/A");
    assert!(!takes(&rules, "./V/Box/Bag/A"), "spelled so");
    assert!(!takes(&rules, "./V/Box/Bag/a"), "neither is spelled so: what both take");
    rules.access.insert(uri("./V/Box/Bag/a"), AccessType::ALL);
    assert!(takes(&rules, "./V/Box/Bag/a"), "spelled so");
    assert!(!takes(&rules, "./V/Box/Bag/b"), "what is above it");
}

#[test]
fn where_a_node_has_the_name_as_it_is_configured_another_is_another() {
    let mut rules = boxed();
    get_only(&mut rules, "./V/Box/Fixed");
    rules.permanent.insert(uri("./V/Box/Fixed"));
    // Both were there before there was a description.
    let mut tree = with(&["./V/Box/Fixed", "./V/Box/fixed"]);
    assert_eq!(replace(&rules, &mut tree, "./V/Box/Fixed"), 405);
    assert_eq!(replace(&rules, &mut tree, "./V/Box/fixed"), 200);
    assert_eq!(delete(&rules, &mut tree, "./V/Box/fixed"), 200);
    assert_eq!(add(&rules, &mut tree, "./V/Box/fixed", Node::text("")), 418);
    // Where the case of one of two names counts, they are two, whatever is there.
    get_only(&mut rules, "./V/Box/Strict");
    let leaf = ("./V/Box/strict", Node::text(""));
    let mut tree =
        self::tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior("")), leaf]);
    assert_eq!(replace(&rules, &mut tree, "./V/Box/strict"), 200);
}

#[test]
fn another_case_is_no_way_to_move_what_is_permanent() {
    let mut rules = boxed();
    for at in ["./V/Box/Keep", "./V/Box/BAG/Keep", "./V/Box/Strict/Keep"] {
        rules.permanent.insert(uri(at));
    }
    let mut tree = with(&["./V/Box/keep", "./V/Box/Bag/KEEP", "./V/Box/Strict/keep"]);
    for (at, wanted) in [
        ("./V/Box/keep", 405),
        ("./V/Box/Bag/Keep", 405),
        ("./V/Box/Bag", 405), // as something below it stays
        ("./V/Box/Strict/keep", 200),
    ] {
        assert_eq!(delete(&rules, &mut tree, at), wanted, "{at}");
    }
    let kind = |t: &mut Transaction<'_>| {
        t.replace_value(&uri("./V/Box/keep"), b"", None, Some("text/html"))
    };
    assert_eq!(status(&rules, &mut tree, kind), 405);
    let root = dm_tnds::Node::interior("", "").with(dm_tnds::Node::leaf("Other", ""));
    let object = dm_tnds::MgmtTree::new(vec![root]);
    let replace = |t: &mut Transaction<'_>| t.replace_object(&uri("./V/Box/bag"), &object);
    assert_eq!(status(&rules, &mut tree, replace), 405);
}

#[test]
fn what_executes_does_so_in_any_case() {
    let mut rules = boxed();
    rules.exec = ["./V/Box/Go", "./V/Box/Strict/Go"].map(uri).into();
    let mut tree = with(&["./V/Box/go", "./V/Box/Strict/go", "./V/Box/Bag/go"]);
    for (at, wanted) in [("./V/Box/GO", 200), ("./V/Box/Strict/go", 405), ("./V/Box/Bag/go", 405)] {
        assert_eq!(status(&rules, &mut tree, |t| t.may_exec(&uri(at))), wanted, "{at}");
    }
    assert_eq!(rename(&rules, &mut tree, "./V/Box/go", "stay"), 405, "the effect would lose it");
}

#[test]
fn an_extension_is_one_in_any_case() {
    let strict = node("Strict", EVERY, "node", CS, "");
    let mut rules = rules(&node("Box@./V", EVERY, "node", CIS, &strict));
    rules.ext_known.insert(uri("./V/Box/Ext/Known"));
    let mut tree = with(&[]);
    let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
    for (at, is_added) in [
        ("./V/Box/EXT/KNOWN/a", true),
        ("./V/Box/Bag/ext/Acme", false),
        ("./V/Box/ext/acme", false),
        ("./V/Box/Strict/ext/acme", true), // another name
        ("./V/Box/extra/acme", true),
    ] {
        transaction.add(uri(at), Node::text("")).unwrap();
        let notes = transaction.take_notes();
        let is_skipped = matches!(notes[..], [Note::ExtSkipped { .. }]);
        assert_eq!(!is_skipped, is_added, "{at}: {notes:?}");
    }
}

#[test]
fn a_rule_speaks_in_any_case_inside_an_object_known_by_its_type() {
    let more = format!("{CIS}<DFType><DDFName>{THING}</DDFName></DFType>");
    let mut rules = rules(&node("", EVERY, "node", &more, ""));
    get_only(&mut rules, "./A/t/Fixed");
    get_only(&mut rules, "./A/T/Fixed");
    get_only(&mut rules, "./A/u/Fixed");
    let mut tree = tree(&[
        ("./A", Node::interior("")),
        ("./A/t", Node::interior(THING)),
        ("./A/t/fixed", Node::text("")),
        ("./A/u", Node::interior("")),
        ("./A/u/fixed", Node::text("")),
    ]);
    assert_eq!(replace(&rules, &mut tree, "./A/t/fixed"), 405);
    assert_eq!(replace(&rules, &mut tree, "./A/u/fixed"), 200, "of no such object");
}

#[test]
fn a_rule_holds_for_a_node_that_a_replaced_object_spells_anew() {
    let mut rules = boxed();
    get_only(&mut rules, "./V/Box/Bag/Level");
    let below = node("Level", EVERY, "chr", "<Occurrence><ZeroOrOne/></Occurrence>", "");
    let bag = node("Bag@./W", EVERY, "node", CIS, &below);
    rules.descriptions.add(&ddf(&bag), &[]).unwrap();
    get_only(&mut rules, "./W/Bag/level");
    let mut tree = tree(&[
        ("./W", Node::interior("")),
        ("./W/Bag", Node::interior("")),
        ("./W/Bag/level", Node::text("1")), // the description has it otherwise
    ]);
    let object = |value| {
        let root = dm_tnds::Node::interior("", "").with(dm_tnds::Node::leaf("level", value));
        dm_tnds::MgmtTree::new(vec![root])
    };
    let other = object("2");
    assert_eq!(status(&rules, &mut tree, |t| t.replace_object(&uri("./W/Bag"), &other)), 405);
    let same = object("1");
    assert_eq!(status(&rules, &mut tree, |t| t.replace_object(&uri("./W/Bag"), &same)), 200);
    for at in ["./W/Bag/level", "./W/Bag/Level", "./W/Bag/LEVEL"] {
        assert_eq!(replace(&rules, &mut tree, at), 405, "{at}");
    }
}
