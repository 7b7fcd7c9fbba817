//! `CaseSense`: names in any case. [TND 1.2 §9.3]

use super::*;

pub(super) const EVERY: &str = "Add Delete Exec Get Replace";
pub(super) const CIS: &str = "<CaseSense><CIS/></CaseSense>";
pub(super) const CS: &str = "<CaseSense><CS/></CaseSense>";

/// Below `./V/Box`, which takes names in any case: `Level`, which no server replaces, any other
/// leaf, `Bag` with any below it, and `Strict`, where case counts.
pub(super) fn boxed() -> Rules {
    let any = |more: &str| node("", EVERY, "chr", &format!("{ANY_NUMBER}{more}"), "");
    let children = [
        node("Level", "Add Get", "int", "", ""),
        any(""),
        node("Bag", EVERY, "node", "", &any("")),
        node("Strict", EVERY, "node", CS, &any("")),
    ];
    let more = format!("{ANY_NUMBER}{CIS}");
    rules(&node("Box@./V", EVERY, "node", &more, &children.concat()))
}

fn names(tree: &Tree, at: &str) -> Vec<String> {
    tree.children(&uri(at)).map(|(at, _)| at.name().to_owned()).collect()
}

#[test]
fn a_node_is_found_in_any_case_and_keeps_the_one_it_has() {
    let rules = boxed();
    let mut tree = tree(&[("./V", Node::interior(""))]);
    let int = Node::leaf(Format::Int, "text/plain", *b"1");
    assert_eq!(add(&rules, &mut tree, "./V/BOX/level", int), 200);
    assert_eq!(names(&tree, "./V"), ["Box"], "as it is described, when it is made");
    assert_eq!(names(&tree, "./V/Box"), ["Level"]);
    assert_eq!(add(&rules, &mut tree, "./V/box/LEVEL", Node::text("")), 418);
    assert_eq!(add(&rules, &mut tree, "./V/box/fReE", Node::text("x")), 200);
    assert_eq!(
        names(&tree, "./V/Box"),
        ["Level", "fReE"],
        "as it came, where only the case is said"
    );
    let at = uri("./v/box/free");
    assert_eq!(status(&rules, &mut tree, |t| t.check_get(&at, None)), 404, "above it case counts");
    let at = uri("./V/box/FREE");
    assert_eq!(status(&rules, &mut tree, |t| t.check_get(&at, None)), 200);
    assert_eq!(status(&rules, &mut tree, |t| t.replace_value(&at, b"y", None, None)), 200);
    assert_eq!(tree.get(&uri("./V/Box/fReE")).unwrap().as_text(), Some("y"));
    let copy = uri("./V/Box/COPY");
    assert_eq!(status(&rules, &mut tree, |t| t.copy(&at, &copy)), 200);
    assert_eq!(status(&rules, &mut tree, |t| t.delete(&at)), 200);
    assert_eq!(names(&tree, "./V/Box"), ["COPY", "Level"]);
}

#[test]
fn another_case_is_no_way_around_what_is_described() {
    let rules = boxed();
    let mut tree = tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior(""))]);
    assert_eq!(add(&rules, &mut tree, "./V/Box/LEVEL", Node::text("bright")), 415);
    let int = || Node::leaf(Format::Int, "text/plain", *b"1");
    assert_eq!(add(&rules, &mut tree, "./V/Box/Level", int()), 200);
    let value = |t: &mut Transaction<'_>| t.replace_value(&uri("./V/BOX/LEVEL"), b"2", None, None);
    assert_eq!(status(&rules, &mut tree, value), 405);
    // Also where the node was made before there was a description.
    let old =
        [("./V", Node::interior("")), ("./V/BOX", Node::interior("")), ("./V/BOX/level", int())];
    let mut tree = self::tree(&old);
    assert_eq!(status(&rules, &mut tree, value), 405);
    assert_eq!(add(&rules, &mut tree, "./V/Box/Level", int()), 418);
}

#[test]
fn case_counts_again_below_a_node_that_says_so() {
    let rules = boxed();
    let mut tree = tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior(""))]);
    for (at, wanted) in [
        ("./V/Box/Strict", 200),
        ("./V/Box/Strict/a", 200),
        ("./V/Box/Strict/A", 200),
        ("./V/Box/Bag/a", 200),
        ("./V/Box/bag/A", 418),
        ("./V/Box/Bag/x/deep", 405), // below a leaf
    ] {
        let is_interior = at.ends_with("Strict");
        let node = if is_interior { Node::interior("") } else { Node::text("") };
        if at.ends_with("deep") {
            assert_eq!(add(&rules, &mut tree, "./V/Box/Bag/x", Node::text("")), 200);
        }
        assert_eq!(add(&rules, &mut tree, at, node), wanted, "{at}");
    }
    assert_eq!(names(&tree, "./V/Box"), ["Bag", "Strict"]);
}

#[test]
fn an_object_has_no_two_nodes_that_differ_by_case_only() {
    let rules = boxed();
    let mut tree = tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior(""))]);
    let object = |names: [&'static str; 2]| {
        let root = dm_tnds::Node::interior("", "");
        let leaves = names.into_iter().map(|name| dm_tnds::Node::leaf(name, name));
        dm_tnds::MgmtTree::new(vec![leaves.fold(root, dm_tnds::Node::with)])
    };
    let bag = uri("./V/Box/BAG");
    let twice = object(["a", "A"]);
    assert_eq!(status(&rules, &mut tree, |t| t.add_object(&bag, &twice)), 418);
    let two = object(["a", "b"]);
    assert_eq!(status(&rules, &mut tree, |t| t.add_object(&bag, &two)), 200);
    let other = object(["B", "c"]);
    assert_eq!(status(&rules, &mut tree, |t| t.replace_object(&bag, &other)), 200);
    assert_eq!(names(&tree, "./V/Box/Bag"), ["b", "c"]);
    assert_eq!(tree.get(&uri("./V/Box/Bag/b")).unwrap().as_text(), Some("B"));
}

#[test]
fn a_node_can_be_renamed_to_another_spelling_of_its_name_but_not_of_anothers() {
    let rules = boxed();
    let mut tree = tree(&[
        ("./V", Node::interior("")),
        ("./V/Box", Node::interior("")),
        ("./V/Box/a", Node::text("")),
        ("./V/Box/b", Node::text("")),
    ]);
    let rename = |t: &mut Transaction<'_>, to| {
        t.replace_property(&uri("./V/BOX/A"), crate::Property::Name, to)
    };
    assert_eq!(status(&rules, &mut tree, |t| rename(t, "B")), 418);
    assert_eq!(status(&rules, &mut tree, |t| rename(t, "A")), 200);
    assert_eq!(names(&tree, "./V/Box"), ["A", "b"]);
}

#[test]
fn what_is_undone_is_not_found_by_another_case() {
    let rules = boxed();
    let mut tree = tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior(""))]);
    let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
    let start = transaction.savepoint();
    transaction.add(uri("./V/Box/one"), Node::text("")).unwrap();
    assert_eq!(transaction.spelled(uri("./V/Box/ONE")), uri("./V/Box/one"));
    transaction.rollback_to(start);
    assert_eq!(transaction.spelled(uri("./V/Box/ONE")), uri("./V/Box/ONE"));
    transaction.add(uri("./V/Box/ONE"), Node::text("")).unwrap();
    transaction.delete(&uri("./V/Box/one")).unwrap();
    assert_eq!(transaction.spelled(uri("./V/Box/one")), uri("./V/Box/one"));
}

#[test]
fn what_is_deleted_and_undone_is_found_by_another_case() {
    let rules = boxed();
    let mut tree = tree(&[
        ("./V", Node::interior("")),
        ("./V/Box", Node::interior("")),
        ("./V/Box/one", Node::text("")),
    ]);
    let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
    assert_eq!(transaction.spelled(uri("./V/Box/ONE")), uri("./V/Box/one"));
    let start = transaction.savepoint();
    transaction.delete(&uri("./V/Box/one")).unwrap();
    transaction.add(uri("./V/Box/One"), Node::text("")).unwrap();
    assert_eq!(transaction.spelled(uri("./V/Box/ONE")), uri("./V/Box/One"));
    transaction.rollback_to(start);
    assert_eq!(transaction.spelled(uri("./V/Box/ONE")), uri("./V/Box/one"));
    assert_eq!(transaction.spelled(uri("./V/Box/One")), uri("./V/Box/one"));
}

#[test]
fn of_two_that_differ_by_case_only_the_other_is_found_when_one_went() {
    let rules = boxed();
    let both = [("./V", Node::interior("")), ("./V/Box", Node::interior(""))];
    for (goes, stays) in [("ONE", "one"), ("one", "ONE")] {
        let at = |name| format!("./V/Box/{name}");
        let (one, other) = (at(goes), at(stays));
        let leaves = [(one.as_str(), Node::text("")), (other.as_str(), Node::text(""))];
        // Both were there before there was a description.
        let mut tree = tree(&[both.clone(), leaves].concat());
        let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
        let found = transaction.spelled(uri("./V/Box/One"));
        assert!(found == uri(&one) || found == uri(&other), "{found}");
        transaction.delete(&uri(&one)).unwrap();
        assert_eq!(transaction.spelled(uri("./V/Box/One")), uri(&other));
        assert!(transaction.add(uri("./V/Box/One"), Node::text("")).is_err());
    }
}

#[test]
fn names_beside_a_new_one_are_read_once_also_where_it_is_refused() {
    let rules = boxed();
    let names: Vec<_> = (0..500).map(|number| format!("./V/Box/n{number}")).collect();
    let mut nodes = vec![("./V", Node::interior("")), ("./V/Box", Node::interior(""))];
    nodes.extend(names.iter().map(|at| (at.as_str(), Node::text(""))));
    let mut tree = tree(&nodes);
    let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
    let work = crate::work::of(|| {
        for number in 0..100 {
            let at = uri(&format!("./V/Box/x{number}"));
            transaction.add(at.clone(), Node::text("")).unwrap();
            let start = transaction.savepoint();
            transaction.delete(&at).unwrap();
            transaction.rollback_to(start);
        }
    });
    assert!(work < 2 * 500, "{work} siblings looked at");
}

proptest! {
    #[test]
    fn names_that_were_read_are_those_that_are_there(
        before in proptest::sample::subsequence(vec!["aa", "aA", "AA", "Bag", "BAG"], 0..=4),
        steps in proptest::collection::vec((0..6, "[aAbB][aA]|Bag|BAG|Bag/[aA]|BAG/[aA]"), 1..40),
    ) {
        let rules = boxed();
        let names: Vec<_> = before.iter().map(|name| format!("./V/Box/{name}")).collect();
        let mut nodes = vec![("./V", Node::interior("")), ("./V/Box", Node::interior(""))];
        nodes.extend(names.iter().map(|at| (at.as_str(), Node::interior(""))));
        let mut tree = tree(&nodes);
        let mut transaction = Transaction::begin(&mut tree, &rules, SERVER);
        let mut savepoint = transaction.savepoint();
        for (what, name) in steps {
            let at = uri(&format!("./V/Box/{name}"));
            let is_bag = name.eq_ignore_ascii_case("bag");
            let node = if is_bag { Node::interior("") } else { Node::text("") };
            let _ = match what {
                0 | 1 => transaction.add(at, node),
                2 => transaction.delete(&at),
                3 => transaction.replace_property(&at, crate::Property::Name, "Ab"),
                _ => {
                    if what == 5 {
                        transaction.rollback_to(savepoint);
                    }
                    savepoint = transaction.savepoint();
                    Ok(())
                }
            };
            for at in ["./V/Box/Aa", "./V/Box/ba", "./V/Box/ab", "./V/Box/bag", "./V/Box/bag/a"] {
                let at = uri(at);
                let new = rules.descriptions.respelled(
                    &at, transaction.tree(), &mut Spellings::default()
                );
                prop_assert_eq!(transaction.spelled(at.clone()), new.unwrap_or(at));
            }
        }
    }
}

#[test]
fn a_delivered_object_gets_another_name_where_its_own_is_taken_in_any_case() {
    let more = format!("{ANY_NUMBER}{CIS}<DFType><DDFName>{THING}</DDFName></DFType>");
    let mut rules = rules(&node("@./V/Things", "Add Get", "node", &more, ""));
    rules.inbox.insert("urn:oma:mo:oma-thing".into(), uri("./V/Things"));
    rules.supported = [THING.to_owned()].into();
    let mut tree = tree(&[
        ("./Inbox", Node::interior("")),
        ("./V", Node::interior("")),
        ("./V/Things", Node::interior("")),
        ("./V/Things/Home", Node::interior(THING)),
    ]);
    let of = |name: &'static str| dm_tnds::Node::interior(name, THING);
    let two = dm_tnds::MgmtTree::new(vec![of("home"), of("HOME")]);
    assert_eq!(status(&rules, &mut tree, |t| t.add_object(&Uri::inbox(), &two)), 200);
    assert_eq!(names(&tree, "./V/Things"), ["HOME3", "Home", "home2"]);
}

#[test]
fn an_object_known_by_its_type_says_it_too() {
    let more = format!("{CIS}<DFType><DDFName>{THING}</DDFName></DFType>");
    let rules = rules(&node("", EVERY, "node", &more, &node("Size", EVERY, "int", "", "")));
    let mut tree = tree(&[("./A", Node::interior("")), ("./A/t", Node::interior(THING))]);
    assert_eq!(add(&rules, &mut tree, "./A/t/SIZE", Node::text("big")), 415);
    let int = Node::leaf(Format::Int, "text/plain", *b"1");
    assert_eq!(add(&rules, &mut tree, "./A/t/SIZE", int), 200);
    assert_eq!(names(&tree, "./A/t"), ["Size"]);
    assert_eq!(add(&rules, &mut tree, "./A/T", Node::text("")), 200, "its name is not below it");
}
