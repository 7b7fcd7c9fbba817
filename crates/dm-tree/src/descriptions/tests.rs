use alloc::format;
use alloc::string::ToString;
use alloc::vec;

use proptest::prelude::*;

use dm_tnds::Format;
use dm_tnds::ddf::{Access, Scope};

use super::*;
use crate::{AccessType, AclCommand, Reason, Rules, Status, Transaction};

mod case;
mod configured;
mod default;
mod occurrence;

const SERVER: &str = "srv";

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

/// A description of these nodes, written as the elements of `MgmtTree`.
fn ddf(nodes: &str) -> Ddf {
    let text = format!("<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD>{nodes}</MgmtTree>");
    let document = dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).unwrap();
    Ddf::read(document.root()).unwrap()
}

/// One node: name, Path, the commands, a format, what else its properties say, its children.
fn node(head: &str, access: &str, format: &str, more: &str, children: &str) -> String {
    let (name, path) = head.split_once('@').map_or((head, None), |(n, p)| (n, Some(p)));
    let path = path.map_or(String::new(), |path| format!("<Path>{path}</Path>"));
    let access: String = access.split_whitespace().map(|name| format!("<{name}/>")).collect();
    let more = if more.contains("DFType") {
        more.to_owned()
    } else if format == "node" {
        format!("{more}<DFType><DDFName/></DFType>")
    } else {
        format!("{more}<DFType><MIME>text/plain</MIME></DFType>")
    };
    format!(
        "<Node><NodeName>{name}</NodeName>{path}<DFProperties><AccessType>{access}</AccessType>\
         <DFFormat><{format}/></DFFormat>{more}</DFProperties>{children}</Node>"
    )
}

fn rules(nodes: &str) -> Rules {
    let mut rules = Rules::default();
    rules.descriptions.add(&ddf(nodes), &[]).unwrap();
    rules
}

/// A tree in which the server has every right, with these nodes in it.
fn tree(nodes: &[(&str, Node)]) -> Tree {
    let acl = crate::Acl::parse("Add=*&Delete=*&Exec=*&Get=*&Replace=*").unwrap();
    let root = (Uri::root(), Node::interior("").with_acl(acl));
    Tree::from_nodes(nodes.iter().map(|(at, node)| (uri(at), node.clone())).chain([root])).unwrap()
}

fn status(
    rules: &Rules,
    tree: &mut Tree,
    run: impl FnOnce(&mut Transaction<'_>) -> Result<(), crate::Failure>,
) -> u16 {
    let mut transaction = Transaction::begin(tree, rules, SERVER);
    let status = match run(&mut transaction) {
        Ok(()) => Status::Ok,
        Err(failure) => failure.status(),
    };
    let _ = transaction.commit(None);
    status.code()
}

fn add(rules: &Rules, tree: &mut Tree, at: &str, node: Node) -> u16 {
    status(rules, tree, |t| t.add(uri(at), node))
}

const ANY_NUMBER: &str = "<Occurrence><ZeroOrMore/></Occurrence>";

#[test]
fn access_types_hold_for_named_and_for_nameless_nodes() {
    let leaf = node("On", "Get", "bool", "", "");
    let lamp = node("", "Add Get", "node", ANY_NUMBER, &leaf);
    let rules = rules(&node("Lamps@./Vendor", "Get", "node", "", &lamp));
    let mut tree = tree(&[
        ("./Vendor", Node::interior("")),
        ("./Vendor/Lamps", Node::interior("")),
        ("./Vendor/Lamps/x", Node::interior("")),
        ("./Vendor/Lamps/x/On", Node::leaf(Format::Bool, "text/plain", *b"true")),
        ("./Vendor/Lamps/x/Free", Node::text("")),
    ]);
    for (at, command, takes) in [
        ("./Vendor/Lamps", AclCommand::Delete, false),
        ("./Vendor/Lamps/any", AclCommand::Get, true),
        ("./Vendor/Lamps/any", AclCommand::Delete, false),
        ("./Vendor/Lamps/any/On", AclCommand::Get, true),
        ("./Vendor/Lamps/any/On", AclCommand::Replace, false),
        ("./Vendor/Lamps/any/Free", AclCommand::Replace, true),
        ("./Vendor", AclCommand::Delete, true),
    ] {
        assert_eq!(rules.takes(command, &uri(at), &tree), takes, "{at} {command:?}");
    }
    let value = |t: &mut Transaction<'_>, at| t.replace_value(&uri(at), b"", None, None);
    assert_eq!(status(&rules, &mut tree, |t| value(t, "./Vendor/Lamps/x/On")), 405);
    assert_eq!(status(&rules, &mut tree, |t| value(t, "./Vendor/Lamps/x/Free")), 200);
    assert_eq!(status(&rules, &mut tree, |t| t.delete(&uri("./Vendor/Lamps/x"))), 405);
}

#[test]
fn a_node_is_added_where_its_own_description_takes_add() {
    let children = [node("Yes", "Add", "chr", "", ""), node("No", "Get", "chr", "", "")].concat();
    let rules = rules(&node("Box@./Vendor", "Add Get", "node", "", &children));
    let mut tree = tree(&[("./Vendor", Node::interior(""))]);
    assert_eq!(add(&rules, &mut tree, "./Vendor/Box", Node::interior("")), 200);
    assert_eq!(add(&rules, &mut tree, "./Vendor/Box/Yes", Node::text("")), 200);
    assert_eq!(add(&rules, &mut tree, "./Vendor/Box/No", Node::text("")), 405);
    assert_eq!(add(&rules, &mut tree, "./Vendor/Box/Other", Node::text("")), 200, "by the parent");
    let closed = self::rules(&node("Box@./Vendor", "Get", "node", "", ""));
    assert_eq!(add(&closed, &mut tree, "./Vendor/Box/More", Node::text("")), 405, "by the parent");
}

#[test]
fn what_is_configured_comes_before_what_is_described() {
    let mut rules = rules(&node("Box@./Vendor", "Get", "chr", "", ""));
    let tree = tree(&[]);
    assert!(!rules.takes(AclCommand::Replace, &uri("./Vendor/Box"), &tree));
    rules.access.insert(uri("./Vendor/Box"), AccessType::ALL);
    assert!(rules.takes(AclCommand::Replace, &uri("./Vendor/Box"), &tree));
}

#[test]
fn values_have_the_format_and_the_type_described() {
    let cases = [
        ("int", "12", "x"),
        ("bool", "true", "yes"),
        ("float", "1.5", "1,5"),
        ("date", "2026-01-31", "31.1.2026"),
        ("time", "12:30:00", "noon"),
        ("null", "", "x"),
        ("chr", "any", "\u{0}"),
    ];
    for (name, good, bad) in cases {
        let rules = rules(&node("L@./V", "Add Replace", name, "", ""));
        let format = Format::parse(name).unwrap();
        let mut tree = tree(&[("./V", Node::interior(""))]);
        let leaf = |text: &str| Node::leaf(format, "text/plain", text);
        if name != "chr" {
            assert_eq!(add(&rules, &mut tree, "./V/L", leaf(bad)), 415, "{name}");
            assert_eq!(add(&rules, &mut tree, "./V/L", Node::text(good)), 415, "{name}");
        }
        assert_eq!(add(&rules, &mut tree, "./V/L", Node::interior("")), 415, "{name}");
        let typed = Node::leaf(format, "text/html", good);
        assert_eq!(add(&rules, &mut tree, "./V/L", typed), 415, "{name}: media type");
        let with_charset = Node::leaf(format, "Text/Plain; charset=utf-8", good);
        assert_eq!(add(&rules, &mut tree, "./V/L", with_charset), 200, "{name}");
        let value = good.as_bytes().to_vec();
        let replace = |t: &mut Transaction<'_>, f| t.replace_value(&uri("./V/L"), value, f, None);
        assert_eq!(status(&rules, &mut tree, |t| replace(t, Some(Format::Xml))), 415, "{name}");
    }
}

#[test]
fn base64_is_a_way_to_write_octets() {
    let rules = rules(&node("L@./V", "Add", "b64", "", ""));
    let mut tree = tree(&[("./V", Node::interior(""))]);
    assert_eq!(add(&rules, &mut tree, "./V/L", Node::leaf(Format::Bin, "text/plain", [0])), 200);
}

#[test]
fn permanent_nodes_stay_unless_what_holds_them_goes() {
    let permanent = "<Scope><Permanent/></Scope>";
    let inner = node("State", "Get", "chr", permanent, "");
    let held = node("", "Add Delete Replace", "node", ANY_NUMBER, &inner);
    let rules = rules(&node("Box@./V", "Delete Replace", "node", permanent, &held));
    let nodes = [
        ("./V", Node::interior("")),
        ("./V/Box", Node::interior("")),
        ("./V/Box/x", Node::interior("")),
        ("./V/Box/x/State", Node::text("")),
    ];
    let mut tree = tree(&nodes);
    let rename = |t: &mut Transaction<'_>, at: &str, to| {
        t.replace_property(&uri(at), crate::Property::Name, to)
    };
    assert_eq!(status(&rules, &mut tree, |t| t.delete(&uri("./V/Box"))), 405);
    assert_eq!(status(&rules, &mut tree, |t| t.delete(&uri("./V"))), 405, "something below stays");
    assert_eq!(status(&rules, &mut tree, |t| rename(t, "./V/Box", "Case")), 405);
    assert_eq!(status(&rules, &mut tree, |t| rename(t, "./V", "W")), 405, "out of the description");
    assert_eq!(status(&rules, &mut tree, |t| rename(t, "./V/Box/x", "y")), 200);
    assert_eq!(status(&rules, &mut tree, |t| t.delete(&uri("./V/Box/y"))), 200, "goes with State");
}

const THING: &str = "urn:oma:mo:oma-thing:1.0";

#[test]
fn an_object_without_a_place_is_known_by_its_type() {
    let typed = format!("<DFType><DDFName>{THING}</DDFName></DFType>");
    let leaf = node("Size", "Add Get", "int", "", "");
    let rules = rules(&node("", "Add Get", "node", &typed, &leaf));
    let mut tree = tree(&[("./A", Node::interior(""))]);
    assert_eq!(add(&rules, &mut tree, "./A/t", Node::interior(THING)), 200);
    assert_eq!(add(&rules, &mut tree, "./A/t/Size", Node::text("big")), 415);
    let size = Node::leaf(Format::Int, "text/plain", *b"1");
    assert_eq!(add(&rules, &mut tree, "./A/t/Size", size), 200);
    assert_eq!(status(&rules, &mut tree, |t| t.delete(&uri("./A/t"))), 405);
    assert_eq!(add(&rules, &mut tree, "./A/Size", Node::text("big")), 200, "of no such object");
    assert_eq!(rules.descriptions.identifiers().collect::<Vec<_>>(), [THING]);
    assert_eq!(rules.descriptions.homes().count(), 0);
}

#[test]
fn no_name_leads_into_or_out_of_an_object_that_is_known_by_its_type() {
    let typed = format!("<DFType><DDFName>{THING}</DDFName></DFType>");
    let any = node("", "Add Get Replace", "int", ANY_NUMBER, "");
    let leaves = [("Level", "int"), ("Other", "int"), ("Text", "chr")]
        .map(|(name, format)| node(name, "Add Get Replace", format, "", ""));
    let sizes = node("Sizes", "Add Get Replace", "node", "", &any);
    let below = format!("{}{sizes}", leaves.concat());
    let rules = rules(&node("", "Add Get Replace", "node", &typed, &below));
    let int = || Node::leaf(Format::Int, "text/plain", *b"1");
    let before = tree(&[
        ("./A", Node::interior("")),
        ("./A/t", Node::interior(THING)),
        ("./A/t/Foo", Node::text("bright")),
        ("./A/t/Other", int()),
        ("./A/t/Sizes", Node::interior("")),
        ("./A/t/Sizes/a", int()),
        ("./A/t/Bag", Node::interior("")),
        ("./A/t/Bag/a", Node::text("")),
    ]);
    for (at, name, wanted) in [
        ("./A/t/Foo", "Level", 405),
        ("./A/t/Other", "Level", 405),
        ("./A/t/Other", "Free", 405),
        ("./A/t/Bag", "Text", 405),
        ("./A/t/Sizes", "Bags", 405),
        ("./A/t/Foo", "Free", 200),
        ("./A/t/Bag", "Bags", 200),
        ("./A/t/Sizes/a", "b", 200),
        ("./A/t", "u", 200),
        ("./A", "B", 200),
    ] {
        let mut tree = before.clone();
        let rename =
            |t: &mut Transaction<'_>| t.replace_property(&uri(at), crate::Property::Name, name);
        assert_eq!(status(&rules, &mut tree, rename), wanted, "{at} to {name}");
        assert_eq!(tree == before, wanted != 200, "{at} to {name}");
    }
}

#[test]
fn a_type_takes_nothing_out_of_its_description_by_path() {
    let typed = format!("<DFType><DDFName>{THING}</DDFName></DFType>");
    let anywhere = node("", "Add Delete Get Replace", "node", &typed, "");
    let rules = rules(&format!("{anywhere}{}", node("Box@./V", "Get", "node", "", "")));
    let tree = tree(&[("./V", Node::interior("")), ("./V/Box", Node::interior(THING))]);
    assert!(!rules.takes(AclCommand::Delete, &uri("./V/Box"), &tree));
}

#[test]
fn delivered_objects_go_where_their_description_says() {
    let typed = format!("{ANY_NUMBER}<DFType><DDFName>{THING}</DDFName></DFType>");
    let one = "urn:oma:mo:oma-one:1.0";
    let only = format!("<DFType><DDFName>{one}</DDFName></DFType>");
    let mut rules = rules(&format!(
        "{}{}",
        node("@./V/Things", "Add Get", "node", &typed, ""),
        node("Only@./V", "Add Get", "node", &only, "")
    ));
    let homes: Vec<_> =
        rules.descriptions.homes().map(|(n, h)| (n.to_owned(), h.clone())).collect();
    assert_eq!(homes.len(), 2);
    for (name, home) in homes {
        rules.inbox.insert(name, home.parent);
    }
    rules.supported = [THING, one].map(ToString::to_string).into();
    let mut tree = tree(&[("./Inbox", Node::interior("")), ("./V", Node::interior(""))]);
    let object = |name: &'static str, id: &'static str| {
        dm_tnds::MgmtTree::new(vec![dm_tnds::Node::interior(name, id)])
    };
    let deliver =
        |t: &mut Transaction<'_>, name, id| t.add_object(&Uri::inbox(), &object(name, id));
    assert_eq!(status(&rules, &mut tree, |t| deliver(t, "a", THING)), 200);
    assert!(tree.contains(&uri("./V/Things/a")));
    assert_eq!(status(&rules, &mut tree, |t| deliver(t, "b", one)), 200);
    assert!(tree.contains(&uri("./V/Only")), "the only one has the name that is described");
    assert_eq!(status(&rules, &mut tree, |t| deliver(t, "c", one)), 418);
}

#[test]
fn a_node_that_is_described_twice_and_not_alike_is_named() {
    let mut all = Descriptions::default();
    let one = ddf(&node("L@./V", "Get", "chr", "", ""));
    all.add(&one, &[]).unwrap();
    all.add(&one, &[]).unwrap();
    let before = all.clone();
    let error = all.add(&ddf(&node("L@./V", "Add", "chr", "", "")), &[]).unwrap_err();
    assert_eq!(error, DescriptionError::Twice("./V/L".into()));
    assert_eq!(all, before);
}

#[test]
fn a_name_that_is_none_is_named() {
    for (head, text) in [("a/b@./V", "a/b"), ("L@./V//W", "./V//W"), ("..@./V", "..")] {
        let error = Descriptions::default().add(&ddf(&node(head, "Get", "chr", "", "")), &[]);
        assert!(
            matches!(error, Err(DescriptionError::Name { text: t, .. }) if t == text),
            "{head}"
        );
    }
}

/// A description made at random: at each depth some of four names, the first of which is none.
fn any_nodes(depth: u32) -> BoxedStrategy<Vec<String>> {
    let names = proptest::sample::subsequence(vec!["", "A", "B", "C"], 0..=3);
    let below = if depth == 0 { Just(vec![]).boxed() } else { any_nodes(depth - 1) };
    let parts = (names, proptest::collection::vec((any::<u8>(), any::<bool>(), below), 3));
    parts
        .prop_map(|(names, parts)| {
            let nodes = names.into_iter().zip(parts).map(|(name, (bits, permanent, below))| {
                let all = ["Add", "Delete", "Exec", "Get", "Replace"].into_iter().enumerate();
                let access = all.filter(|(n, _)| bits & (1 << n) != 0).map(|(_, name)| name);
                let access = access.collect::<Vec<_>>().join(" ");
                let scope = if permanent { "<Scope><Permanent/></Scope>" } else { "" };
                node(name, &access, "node", scope, &below.concat())
            });
            nodes.collect()
        })
        .boxed()
}

/// Slow and obvious: all patterns are narrowed name by name; those with the name come before
/// those for any name.
fn interpreted(ddf: &Ddf, uri: &Uri) -> Option<(dm_tnds::ddf::AccessType, Scope)> {
    let patterns: Vec<(Vec<String>, &DdfNode)> = ddf
        .nodes()
        .map(|(id, node)| (ddf.uri(id).split('/').skip(1).map(String::from).collect(), node))
        .collect();
    let names: Vec<&str> = uri.segments().collect();
    let mut left: Vec<_> = patterns.iter().collect();
    for (index, name) in names.iter().enumerate() {
        let has = |(pattern, _): &&&(Vec<String>, &DdfNode), wanted: &str| {
            pattern.get(index).is_some_and(|own| own == wanted)
        };
        let wanted = if left.iter().any(|it| has(&it, name)) { name } else { "*" };
        left = left.iter().filter(|it| has(it, wanted)).copied().collect();
    }
    let found = left.iter().find(|(pattern, _)| pattern.len() == names.len())?;
    Some((found.1.properties.access_type, found.1.properties.scope))
}

proptest! {
    #[test]
    fn the_trie_says_what_a_slow_interpreter_says(
        nodes in any_nodes(3),
        uris in proptest::collection::vec("[.](/[A-D]){1,4}", 1..30),
    ) {
        let ddf = ddf(&nodes.concat());
        let mut all = Descriptions::default();
        all.add(&ddf, &[]).unwrap();
        for text in uris {
            let uri = uri(&text);
            let found = all.get(&uri, &Tree::new());
            let wanted = interpreted(&ddf, &uri);
            prop_assert_eq!(found.is_some(), wanted.is_some(), "{}", uri);
            let (Some(found), Some((access, scope))) = (found, wanted) else { continue };
            prop_assert_eq!(found.is_permanent, scope == Scope::Permanent);
            for command in AclCommand::ALL {
                let name = Access::parse(&command.to_string()).unwrap();
                prop_assert_eq!(found.permits(command), access.has(name), "{} {}", uri, name);
            }
        }
    }
}
