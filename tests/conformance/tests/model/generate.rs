//! Trees, makers and commands by chance: mostly sensible ones, so that much succeeds, and of every
//! kind of wrong one some.

use conformance::tnds::Shape;

use crate::command::{Command, Object, Written};
use crate::random::Random;
use crate::tree::{Maker, Model, Node, Path, acl};

/// The ServerIDs.
pub const SERVERS: [&str; 3] = ["dm.alpha.example", "gamma", "delta"];

const NAMES: [&str; 6] = ["A", "B", "C", "D", "Long5678", "é"];
const FORMATS: [&str; 6] = ["chr", "int", "bool", "bin", "b64", "null"];
const ACCOUNT: &str = "urn:oma:mo:oma-dm-dmacc:1.0";

pub fn path(text: &str) -> Path {
    text.split('/').skip(1).map(str::to_owned).collect()
}

/// What the maker fixed; a small device, so that its limits are met.
pub fn maker() -> Maker {
    let commands = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Maker {
        permanent: ["./A", "./B/A", "./P", "./P/A/B"].map(path).to_vec(),
        access: vec![
            (path("./C"), commands(&["Get", "Add"])),
            (path("./C/A"), commands(&["Add", "Delete", "Exec", "Get", "Replace"])),
            (path("./D/A"), commands(&["Replace", "Delete"])),
        ],
        exec: ["./X", "./C/X", "./C/A/X"].map(path).to_vec(),
        nodes: 50,
        children: 4,
        depth: 5,
        value: 300,
        segment: 8,
        uri: 30,
    }
}

/// Nodes to begin with, below the root and beside the accounts.
pub fn nodes(random: &mut Random) -> Vec<(Path, Node)> {
    let mut model = Model { nodes: vec![(Path::new(), Node::interior(""))] };
    for fixed in ["A", "B", "C", "D", "P"] {
        let mut node = with_acl(Node::interior(""), random);
        while node.acl.is_empty() {
            node = with_acl(node, random);
        }
        model.nodes.push((vec![fixed.to_owned()], node));
    }
    for run in ["./X", "./C/X"] {
        model.nodes.push((path(run), with_acl(Node::leaf("chr", "text/plain", b""), random)));
    }
    for _ in 0..random.below(16) {
        let interior: Vec<_> =
            model.nodes.iter().filter(|(at, node)| node.value.is_none() && at.len() < 4).collect();
        let above = random.pick(&interior).0.clone();
        let at = [above, vec![random.pick(&NAMES).to_owned()]].concat();
        let is_free = model.get(&at).is_none() && at.len() > 1;
        if is_free && crate::tree::uri_characters(&at) <= 30 {
            let node = if random.once_in(3) { Node::interior("") } else { leaf(random) };
            model.nodes.push((at, with_acl(node, random)));
        }
    }
    model.nodes.split_off(1)
}

fn with_acl(node: Node, random: &mut Random) -> Node {
    let text = match random.below(6) {
        0 => good_acl(random),
        1 | 2 => "Add=*&Delete=*&Exec=*&Get=*&Replace=*".to_owned(),
        _ => String::new(),
    };
    Node { acl: acl(&text).expect("a good one"), ..node }
}

fn leaf(random: &mut Random) -> Node {
    match random.below(5) {
        0 => Node::leaf("int", "text/plain", b"12"),
        1 => Node::leaf("bool", "text/plain", b"true"),
        2 => Node::leaf("bin", "a/b", &[0, 0xFF]),
        _ => Node::leaf("chr", "text/plain", b"text"),
    }
}

fn good_acl(random: &mut Random) -> String {
    let mut entries = Vec::new();
    for command in ["Add", "Delete", "Exec", "Get", "Replace", "Get"] {
        let ids: Vec<_> = (0..random.below(3)).map(|_| id(random)).collect();
        if !ids.is_empty() {
            entries.push(format!("{command}={}", ids.join("+")));
        }
    }
    entries.join("&")
}

fn id(random: &mut Random) -> &'static str {
    match random.below(5) {
        0 | 1 => "*",
        _ => SERVERS[random.below(3)],
    }
}

/// The commands of one message.
pub fn commands(random: &mut Random, model: &Model) -> Vec<Command> {
    (0..=random.below(4)).map(|_| command(random, model, 2)).collect()
}

fn command(random: &mut Random, model: &Model, groups: usize) -> Command {
    match random.below(32) {
        0..=5 => Command::Add(several(random, |random| added(random, model))),
        6..=10 => Command::Replace(several(random, |random| replaced(random, model))),
        11..=14 => {
            let item = property(random, model);
            Command::Replace(vec![item])
        }
        15..=17 => Command::Delete(several(random, |random| target(random, model, 3))),
        18..=20 => {
            let source = target(random, model, 8);
            Command::Copy(source, target(random, model, 2))
        }
        21 => Command::Exec(exec(random, model)),
        22 => Command::Get(target(random, model, 6) + query(random)),
        23 => Command::Alert(random.pick(&["1100", "1101", "1200"])),
        24 => Command::Chunk(target(random, model, 6)),
        25 | 26 => Command::AddObject(target(random, model, 6), object(random, None)),
        27 | 28 => replace_object(random, model),
        _ if groups == 0 => Command::Get(target(random, model, 6)),
        kind => {
            let kind = if kind == 31 { "Sequence" } else { "Atomic" };
            let inner = (0..=random.below(4)).map(|_| command(random, model, groups - 1));
            Command::Group(kind, inner.collect())
        }
    }
}

fn several<T>(random: &mut Random, mut one: impl FnMut(&mut Random) -> T) -> Vec<T> {
    let more = if random.once_in(5) { random.below(3) } else { 0 };
    (0..=more).map(|_| one(random)).collect()
}

/// The text of a target: mostly a node that is there, else one that may be new, or no URI.
fn target(random: &mut Random, model: &Model, rarely_new: usize) -> String {
    if random.once_in(40) {
        let bad =
            ["./A/", "./A/../B", "./A//B", "", "./A/%2FB", "./A/%4", "./A/B C", "./A/%FF", "A/."];
        return random.pick(&bad).to_owned();
    }
    if random.once_in(60) {
        return "./A?prop=Title".to_owned();
    }
    // Accounts have many nodes, and are closed to all commands.
    let is_free = |at: &Path| at.first().is_none_or(|name| name != "DMAcc");
    let (mut at, _) = random.pick(&model.nodes);
    while !is_free(&at) && !random.once_in(40) {
        at.clone_from(&random.pick(&model.nodes).0);
    }
    if random.once_in(rarely_new) {
        at.push(random.pick(&NAMES).to_owned());
        if random.once_in(6) {
            at.push(random.pick(&["A", "X", "TooLong89"]).to_owned());
        }
    }
    let names = at.join("/");
    match random.below(12) {
        _ if at.is_empty() => ".".to_owned(),
        0 => names,
        1 => format!("/{names}"),
        2 => format!("./{}", names.replacen('A', "%41", 1)),
        _ => format!("./{names}"),
    }
}

fn exec(random: &mut Random, model: &Model) -> String {
    match random.below(3) {
        0 => target(random, model, 6),
        _ => random.pick(&["./X", "./C/X", "./C/A/X"]).to_owned(),
    }
}

fn query(random: &mut Random) -> &'static str {
    match random.below(4) {
        0 => random.pick(&["?list=Struct", "?prop=acl", "?", "?prop=Color"]),
        1 => random.pick(&["?prop=Size", "?prop=Type"]),
        2 => "?prop=ACL",
        _ => "",
    }
}

fn text(random: &mut Random) -> String {
    match random.below(14) {
        0 | 1 => "12".to_owned(),
        2 => "true".to_owned(),
        3 => "MTI=".to_owned(),
        4 => "AP8=".to_owned(),
        5 => "x".repeat(301),
        6 => String::new(),
        number => format!("text {number}"),
    }
}

fn format(random: &mut Random) -> Option<&'static str> {
    match random.below(8) {
        0 => Some("odd"),
        1..=3 => Some(random.pick(&FORMATS)),
        _ => None,
    }
}

fn added(random: &mut Random, model: &Model) -> Written {
    let target = target(random, model, 1);
    if random.once_in(3) {
        let r#type = match random.below(8) {
            0 => Some(ACCOUNT),
            1 | 2 => Some("urn:x:mo:1.0"),
            _ => None,
        };
        return Written { target, format: Some("node"), r#type, data: String::new() };
    }
    let r#type = random.once_in(4).then_some("a/b");
    Written { target, format: format(random), r#type, data: text(random) }
}

fn replaced(random: &mut Random, model: &Model) -> Written {
    let mut target = self::target(random, model, 9);
    for _ in 0..2 {
        // Mostly of something that has a value.
        let node = crate::tree::parse(&target).ok().and_then(|at| model.get(&at).cloned());
        if node.is_some_and(|node| node.value.is_none()) {
            target = self::target(random, model, 9);
        }
    }
    let format = if random.once_in(12) { Some("node") } else { format(random) };
    let r#type = random.once_in(8).then_some("a/b");
    Written { target, format, r#type, data: text(random) }
}

fn property(random: &mut Random, model: &Model) -> Written {
    let node = target(random, model, 12);
    let (property, data) = match random.below(10) {
        0..=4 => ("ACL", some_acl(random)),
        5 | 6 => {
            let wrong = ["..", "A/B", "", "TooLong89"];
            let name = if random.once_in(5) { random.pick(&wrong) } else { random.pick(&NAMES) };
            ("Name", name.to_owned())
        }
        7 | 8 => {
            let length = random.pick(&[1, 3, 255, 256]);
            ("Title", "t".repeat(length))
        }
        _ => (random.pick(&["Format", "Size", "TStamp", "Type", "VerNo"]), "1".to_owned()),
    };
    let target = format!("{}?prop={property}", node.split('?').next().unwrap_or_default());
    Written { target, format: None, r#type: None, data }
}

fn some_acl(random: &mut Random) -> String {
    let bad = ["Get", "Copy=*", "Get=", "Get=a b", "Get=*&", "=a", "Get=a**", "get=*"];
    match random.below(8) {
        0 => random.pick(&bad).to_owned(),
        1 => String::new(),
        2 => format!("Add=*&{}", good_acl(random)).trim_end_matches('&').to_owned(),
        _ => good_acl(random),
    }
}

/// An object: one node at the top, with this name, and perhaps some below.
fn object(random: &mut Random, name: Option<&str>) -> Object {
    let name = name.unwrap_or(NAMES[random.below(NAMES.len())]).to_owned();
    let top = if random.once_in(5) { leaf(random) } else { Node::interior(kind(random)) };
    let mut nodes = vec![(vec![name], titled(top, random))];
    for _ in 0..random.below(5) {
        let (above, node) = random.pick(&nodes);
        let at = [above, vec![random.pick(&NAMES).to_owned()]].concat();
        let is_new = nodes.iter().all(|(known, _)| *known != at);
        if node.value.is_none() && is_new {
            let below = match random.below(6) {
                0 | 1 => Node::interior(kind(random)),
                2 if random.once_in(4) => Node::leaf("int", "text/plain", b"no number"),
                _ => leaf(random),
            };
            nodes.push((at, titled(below, random)));
        }
    }
    let shape = random.pick(&Shape::ALL);
    Object { nodes: in_document_order(&nodes), is_target: false, shape }
}

fn kind(random: &mut Random) -> &'static str {
    match random.below(30) {
        0 => ACCOUNT,
        1..=5 => "urn:x:mo:1.0",
        _ => "",
    }
}

fn titled(node: Node, random: &mut Random) -> Node {
    let node = if random.once_in(3) { with_acl(node, random) } else { node };
    let title = if random.once_in(5) { "title".to_owned() } else { String::new() };
    Node { title, ..node }
}

/// Each node, and then all below it, before the next beside it; as a document has them.
fn in_document_order(nodes: &[(Path, Node)]) -> Vec<(Path, Node)> {
    fn take(nodes: &[(Path, Node)], at: &Path, found: &mut Vec<(Path, Node)>) {
        for (path, node) in nodes.iter().filter(|(path, _)| path == at) {
            found.push((path.clone(), node.clone()));
        }
        for (path, _) in nodes {
            if path.len() == at.len() + 1 && path.starts_with(at) {
                take(nodes, path, found);
            }
        }
    }
    let mut found = Vec::new();
    take(nodes, &nodes[0].0, &mut found);
    found
}

/// Mostly the sub-tree as it is, a little changed.
fn replace_object(random: &mut Random, model: &Model) -> Command {
    let target = target(random, model, 12).replace("?prop=Title", "");
    let Ok(at) = crate::tree::parse(&target) else {
        return Command::ReplaceObject(target, object(random, None));
    };
    let Some(name) = at.last() else {
        return Command::Get(".".to_owned()); // an object has a name, and the root none
    };
    let mut object = object(random, Some(name));
    if random.once_in(2) && model.get(&at).is_some() {
        let above = at.len() - 1;
        let kept = model.nodes.iter().filter(|(path, _)| path.starts_with(&at));
        let mut nodes: Vec<_> = kept.map(|(p, node)| (p[above..].to_vec(), node.clone())).collect();
        nodes.sort_by(|(one, _), (other, _)| one.cmp(other));
        let change = random.below(nodes.len());
        if nodes[change].1.value.is_some() {
            nodes[change].1 = leaf(random);
        } else if random.once_in(2) {
            nodes[change].1 = with_acl(Node::interior(""), random);
        }
        object.nodes = in_document_order(&nodes);
    }
    object.is_target = !random.once_in(15);
    Command::ReplaceObject(target, object)
}
