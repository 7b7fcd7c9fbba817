//! `DefaultValue`: put in where only the device makes the leaf. [TND 1.2 §9.3]

use super::*;

fn default(text: &str) -> String {
    format!("<DefaultValue>{text}</DefaultValue>")
}

#[test]
fn a_leaf_that_no_server_adds_comes_with_its_default_value() {
    let one = |text| format!("{}<Occurrence><One/></Occurrence>", default(text));
    let maybe = format!("{}<Occurrence><ZeroOrOne/></Occurrence>", default("1"));
    let deep = [
        node("Inner", "Get", "node", "", &node("Level", "Get Replace", "int", &one("50"), "")),
        node("Bare", "Get", "node", "", &node("Level", "Get Replace", "int", "", "")),
    ];
    let children = [
        node("Level", "Get Replace", "int", &one("50"), ""),
        node("Unwritten", "Get Replace", "chr", &default("x"), ""), // occurs once
        node("Key", "Get", "b64", &one("AAE="), ""),
        node("On", "Get", "bool", &one("False"), ""),
        node("Added", "Add Get", "int", &one("1"), ""),
        node("Maybe", "Get", "int", &maybe, ""),
        node("Empty", "Get", "chr", &one(""), ""),
        node("None", "Get", "chr", "", ""),
        deep.concat(),
    ];
    let rules = rules(&node("@./V", "Add Delete Get", "node", ANY_NUMBER, &children.concat()));
    let mut tree = tree(&[("./V", Node::interior(""))]);
    let free = Node::text("");
    assert_eq!(add(&rules, &mut tree, "./V/a/Other", free), 200, "missing parents, too");
    let found: Vec<_> = tree.subtree(&uri("./V/a")).skip(1).collect();
    let leaf = |format, octets: &[u8]| Some((format, crate::Octets::from(octets)));
    let value = |node: &Node| Some((node.format, node.value.clone()?));
    let found: Vec<_> = found.iter().map(|(at, node)| (&at.as_str()[6..], value(node))).collect();
    let wanted = [
        ("Inner", None),
        ("Inner/Level", leaf(Format::Int, b"50")),
        ("Key", leaf(Format::Bin, b"\0\x01")),
        ("Level", leaf(Format::Int, b"50")),
        ("On", leaf(Format::Bool, b"false")),
        ("Other", leaf(Format::Chr, b"")),
        ("Unwritten", leaf(Format::Chr, b"x")),
    ];
    assert_eq!(found, wanted);
    let level = uri("./V/a/Level");
    let replaced = status(&rules, &mut tree, |t| t.replace_value(&level, b"7", None, None));
    assert_eq!(replaced, 200);
    assert_eq!(add(&rules, &mut tree, "./V/a/Third", Node::text("")), 200);
    assert_eq!(tree.get(&level).unwrap().as_text(), Some("7"), "only when its node is made");
}

#[test]
fn a_default_value_needs_room_or_the_command_fails() {
    let leaf = node("Level", "Get", "int", &default("50"), "");
    let mut rules = rules(&node("@./V", "Add Get", "node", ANY_NUMBER, &leaf));
    let empty = tree(&[("./V", Node::interior(""))]);
    rules.limits.nodes = 3; // the root, V and a
    let mut tree = empty.clone();
    assert_eq!(add(&rules, &mut tree, "./V/a", Node::interior("")), 420);
    assert_eq!(tree, empty);
    rules.limits.nodes = 4;
    assert_eq!(add(&rules, &mut tree, "./V/a", Node::interior("")), 200);
    let (mut tree, limits) = (empty.clone(), rules.limits);
    rules.limits = crate::Limits { nodes: 9, depth: 2, ..limits };
    assert_eq!(add(&rules, &mut tree, "./V/a", Node::interior("")), 414);
    assert_eq!(tree, empty);
}

#[test]
fn a_default_value_that_is_none_of_its_format_is_named() {
    for (format, text) in [("int", "many"), ("bool", "yes"), ("b64", "=="), ("node", "x")] {
        let leaf = node("L@./V", "Get", format, &default(text), "");
        let error = Descriptions::default().add(&ddf(&leaf), &[]).unwrap_err();
        assert_eq!(error, DescriptionError::Default("./V/L".into()), "{format}");
        let added = node("L@./V", "Add", format, &default(text), ""); // never put in
        Descriptions::default().add(&ddf(&added), &[]).unwrap();
    }
}
