//! Each rule of objects, in a message and alone.

use dm_lint::Rule;

use super::bench::{check, error, found_alone, lamp, node, object, seen, warning};

const SCENES: &str = "./Vendor/Acme/Lamp/Scenes";

/// A message with this object, in one of the shapes.
fn with_object(verb: &str, target: &str, nodes: &str, in_place: bool) -> String {
    let object = object(nodes);
    let data = match in_place {
        true => object,
        false => object.replace('&', "&amp;").replace('<', "&lt;"),
    };
    format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncBody><{verb}><CmdID>1</CmdID><Item>
        <Target><LocURI>{target}</LocURI></Target><Meta><Format xmlns='syncml:metinf'>xml</Format>
        <Type xmlns='syncml:metinf'>application/vnd.syncml.dmtnds+xml</Type></Meta>
        <Data>{data}</Data></Item></{verb}></SyncBody></SyncML>"
    )
}

#[test]
fn an_object_as_described_has_no_findings_in_either_shape() {
    let scene = node("a", "node", &node("Color", "chr", "<Value>warm</Value>"));
    for in_place in [true, false] {
        let text = with_object("Add", SCENES, &scene, in_place);
        let findings = check(&lamp(), &text);
        assert_eq!(seen(&findings), []);
        assert!(findings.checked >= 2);
    }
    let named_by_target = node("", "node", &node("Color", "chr", "<Value>warm</Value>"));
    let text = with_object("Replace", "./Vendor/Acme/Lamp/Scenes/a", &named_by_target, true);
    assert_eq!(seen(&check(&lamp(), &text)), []);
}

#[test]
fn nodes_of_an_object_are_found_where_they_stand() {
    let at = "SyncBody/Add/Item/Data/MgmtTree";
    let color = node("Color", "chr", "");
    let cases = [
        (
            node("a", "node", &(color.clone() + &node("Shade", "chr", ""))),
            Rule::UnknownNode,
            "Node/Node[2]",
            "a/Shade",
        ),
        (node("a", "node", &node("Color", "int", "")), Rule::WrongFormat, "Node/Node", "a/Color"),
        (
            node("a", "node", &node("Color", "chr", "<Value>x</Value>")),
            Rule::ValueNotAllowed,
            "Node/Node",
            "a/Color",
        ),
        (
            node("a", "node", &(color.clone() + &color)),
            Rule::MoreThanOne,
            "Node/Node[2]",
            "a/Color",
        ),
        (
            node("a", "node", &(node("Color", "chr", &node("X", "chr", "")))),
            Rule::LeafHasChildren,
            "Node/Node",
            "a/Color",
        ),
        (
            node("a", "node", &(color.clone() + "<Value>x</Value>")),
            Rule::ValueOnInterior,
            "Node",
            "a",
        ),
        (node("A", "node", &color), Rule::NameNotAllowed, "Node", "A"),
        (
            node("a", "node", &(color.clone() + &node("b/c", "chr", ""))),
            Rule::BadUri,
            "Node/Node[2]",
            "a",
        ),
    ];
    for (nodes, rule, element, uri) in cases {
        let found = seen(&check(&lamp(), &with_object("Add", SCENES, &nodes, true)));
        let expected = error(rule, &format!("{at}/{element}"), &format!("{SCENES}/{uri}"));
        assert_eq!(found.first(), Some(&expected), "{nodes}");
    }
    let three: String = ["a", "b", "c"].map(|name| node(name, "node", &color)).concat();
    let found = seen(&check(&lamp(), &with_object("Add", SCENES, &three, true)));
    assert_eq!(found, [error(Rule::MoreThanOne, &format!("{at}/Node[3]"), &format!("{SCENES}/c"))]);
}

#[test]
fn rights_are_those_of_the_command() {
    let brightness = node("Brightness", "int", "<Value>1</Value>");
    let added = seen(&check(&lamp(), &with_object("Add", "./Vendor/Acme/Lamp", &brightness, true)));
    let at = "SyncBody/Add/Item/Data/MgmtTree/Node";
    assert_eq!(added, [error(Rule::MissingRight, at, "./Vendor/Acme/Lamp/Brightness")]);
    let text = with_object("Replace", "./Vendor/Acme/Lamp", &brightness, true);
    assert_eq!(seen(&check(&lamp(), &text)), []);
}

#[test]
fn what_an_object_should_bring_and_does_not_is_a_warning() {
    let found = seen(&check(&lamp(), &with_object("Add", SCENES, &node("a", "node", ""), true)));
    let at = "SyncBody/Add/Item/Data/MgmtTree/Node";
    assert_eq!(found, [warning(Rule::MissingMandatory, at, "./Vendor/Acme/Lamp/Scenes/a")]);
}

#[test]
fn an_object_in_the_inbox_is_known_by_its_type() {
    let lamp_node = |name: &str| {
        format!(
            "<Node><NodeName>L</NodeName><RTProperties><Format><node/></Format><Type><DDFName>{name}</DDFName></Type>
             </RTProperties>{}{}</Node>",
            node("Brightness", "int", "<Value>500</Value>"),
            node("Reset", "null", ""),
        )
    };
    let text = with_object("Add", "./Inbox", &lamp_node("com.example/1.0/Lamp"), true);
    let at = "SyncBody/Add/Item/Data/MgmtTree/Node";
    assert_eq!(
        seen(&check(&lamp(), &text)),
        [error(Rule::ValueNotAllowed, &format!("{at}/Node[1]"), "./Inbox/L/Brightness")]
    );
    let text = with_object("Add", "./Inbox", &lamp_node("com.example/1.0/Other"), true);
    assert_eq!(seen(&check(&lamp(), &text)), [error(Rule::UnknownNode, at, "./Inbox/L")]);
}

#[test]
fn an_object_alone_stands_where_its_path_says() {
    let leaf = "<Node><NodeName>Brightness</NodeName><Path>./Vendor/Acme/Lamp</Path><RTProperties><Format><int/>
      </Format></RTProperties><Value>7</Value></Node>";
    assert_eq!(found_alone(leaf), []);
    let high = leaf.replace("<Value>7<", "<Value>101<");
    let uri = "./Vendor/Acme/Lamp/Brightness";
    assert_eq!(found_alone(&high), [error(Rule::ValueNotAllowed, "Node", uri)]);
}

#[test]
fn an_object_that_cannot_be_read_is_a_finding() {
    let text = with_object("Add", SCENES, "<Foo/>", false);
    assert_eq!(
        seen(&check(&lamp(), &text)),
        [error(Rule::BadValue, "SyncBody/Add/Item/Data", SCENES)]
    );
}
