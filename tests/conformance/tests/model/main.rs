//! The tree against an obvious one: sequences of messages by chance, from several servers, of all
//! commands, right and wrong; the same status of each command, and the same tree after each message.
//!
//! `MGRAM_MODEL_SEED=7` runs that sequence alone and shows its messages; `MGRAM_MODEL_COUNT` says
//! how many sequences there are.

mod command;
mod generate;
mod random;
mod rules;
mod tree;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use conformance::device::{DEVICE_ID, at};
use conformance::{Device, Message, Server, alpha, gamma};
use dm_client::Settings;
use dm_crypto::Algorithm;
use dm_mo::DmAcc;
use dm_tnds::{Format, MgmtTree};
use dm_tree::store::Store;
use dm_tree::{AccessType, Acl, AclCommand, Limits, Rules, Transaction, Tree, Uri};

use command::Command;
use random::Random;
use tree::{Maker, Model, Node, Path};

/// How many sequences run when nothing else is said.
const SEQUENCES: u64 = 2_000;

/// ES256. On no other device.
fn delta() -> &'static Server {
    static DELTA: LazyLock<Server> =
        LazyLock::new(|| Server::new(Algorithm::Es256, "delta", "delta 1"));
    &DELTA
}

fn server(id: &str) -> &'static Server {
    let all = [alpha(), gamma(), delta()];
    all.into_iter().find(|server| server.id == id).expect("one of the three")
}

#[test]
fn every_command_has_the_status_and_the_effect_that_the_rules_give_it() {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    if let Some(seed) = number("MGRAM_MODEL_SEED") {
        println!("statuses: {:?}", sequence(seed, true));
        return;
    }
    let count = number("MGRAM_MODEL_COUNT").unwrap_or(SEQUENCES);
    let half = |from| {
        move || {
            let mut met = Met::new();
            (from..count).step_by(2).for_each(|seed| checked(&mut met, seed));
            met
        }
    };
    let both = [0, 1].map(|from| std::thread::spawn(half(from)));
    let mut met = Met::new();
    for half in both {
        let Ok(half) = half.join() else { panic!("a sequence failed: its seed stands above") };
        for (status, times) in half {
            *met.entry(status).or_default() += times;
        }
    }
    // Chance has to bring everything about, and success often.
    let all: u64 = met.values().sum();
    assert!(met.get(&200).is_some_and(|times| *times >= all / 6), "{met:?}");
    for status in STATUSES {
        let times = met.get(&status).copied().unwrap_or_default();
        assert!(times >= count / 200, "{status} came up {times} times: {met:?}");
    }
}

/// How often each status came up.
type Met = BTreeMap<u16, u64>;

/// What the commands of the generator can meet.
const STATUSES: [u16; 17] =
    [200, 202, 215, 216, 400, 403, 404, 405, 406, 413, 414, 415, 418, 420, 425, 500, 507];

fn checked(met: &mut Met, seed: u64) {
    let done = std::panic::catch_unwind(|| sequence(seed, false));
    let Ok(statuses) = done else {
        panic!("sequence {seed} failed; MGRAM_MODEL_SEED={seed} runs it again")
    };
    statuses.into_iter().for_each(|status| *met.entry(status).or_default() += 1);
}

/// Runs one sequence; the statuses of all its commands.
fn sequence(seed: u64, is_shown: bool) -> Vec<u16> {
    let mut all = Vec::new();
    let random = &mut Random::new(seed);
    let maker = generate::maker();
    let tree = bootstrapped(&generate::nodes(random));
    let mut model = model_of(&tree);
    let mut device = Device::of(&tree, settings(&maker));
    for number in 0..=random.below(3) {
        let server = server(generate::SERVERS[random.below(3)]);
        let commands = generate::commands(random, &model);
        let (before, old) = (device.tree().clone(), model.clone());
        let expected = command::run(&commands, &mut model, &maker, server.id);
        let mut id = 0;
        let body: String = commands.iter().map(|command| command.xml(&mut id)).collect();
        if is_shown {
            println!("message {number} of {}: {}", server.id, shown(&commands));
        }
        let message = Message::new(server).session(number + 1).with(&body);
        let statuses = device.statuses(&message.seal());
        assert_eq!(statuses, expected, "{}, {}\n{body}", server.id, shown(&commands));
        all.extend(statuses);
        let now = model_of(device.tree());
        assert_eq!(sorted(&now), sorted(&model), "{}, {}\n{body}", server.id, shown(&commands));
        check_versions(&before, device.tree(), &old, &model);
    }
    let stored = Tree::from_nodes(device.client().store().nodes().expect("memory"));
    assert_eq!(stored.as_ref(), Ok(device.tree()), "what is stored is the same");
    all
}

/// A node that is there before and after a message counts one change, or none. [TND 1.2 §7.7.9]
fn check_versions(before: &Tree, after: &Tree, old: &Model, new: &Model) {
    for (path, node) in &new.nodes {
        let uri = uri(path);
        let (Some(was), Some(is)) = (before.get(&uri), after.get(&uri)) else { continue };
        let changed = old.get(path) != Some(node);
        assert_eq!(is.ver_no, was.ver_no.wrapping_add(u16::from(changed)), "VerNo of {uri}");
        assert_eq!(is.t_stamp == was.t_stamp, !changed || was.t_stamp.is_some(), "TStamp of {uri}");
    }
}

fn shown(commands: &[Command]) -> String {
    format!("{commands:?}")
}

fn sorted(model: &Model) -> Vec<(Path, Node)> {
    let mut nodes = model.nodes.clone();
    nodes.sort_by(|(one, _), (other, _)| one.cmp(other));
    nodes
}

fn uri(path: &[String]) -> Uri {
    if path.is_empty() { Uri::root() } else { at(&format!("./{}", path.join("/"))) }
}

/// A device's tree with three accounts and these nodes.
fn bootstrapped(nodes: &[(Path, Node)]) -> Tree {
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut tree, &rules);
    let mut accounts = Vec::new();
    for (id, name) in generate::SERVERS.iter().zip(["a", "b", "c"]) {
        let object = DmAcc::object(name, id, &[server(id).pin()]);
        accounts.push(object);
    }
    let account = |object| transaction.add_object(&Uri::root(), &MgmtTree::new(vec![object]));
    accounts.into_iter().try_for_each(account).expect("accounts");
    for (path, node) in nodes {
        let made = match &node.value {
            None => dm_tree::Node::interior(&*node.r#type),
            Some(value) => {
                let format = Format::parse(&node.format).expect("a format");
                dm_tree::Node::leaf(format, &*node.r#type, value.clone())
            }
        };
        let acl = Acl::parse(&tree::text(&node.acl)).expect("a good one");
        transaction.add(uri(path), made.with_acl(acl)).expect("a node to begin with");
    }
    let _ = transaction.commit(None);
    tree
}

/// What the tree says, as the obvious one has it.
fn model_of(tree: &Tree) -> Model {
    let node = |(uri, node): (&Uri, &dm_tree::Node)| {
        let read = Node {
            format: node.format.to_string(),
            r#type: node.r#type.to_string(),
            value: node.value.as_deref().map(<[u8]>::to_vec),
            acl: tree::acl(&node.acl.to_string()).expect("as it prints"),
            title: node.title.clone(),
        };
        (uri.segments().map(str::to_owned).collect(), read)
    };
    Model { nodes: tree.iter().map(node).collect() }
}

fn settings(maker: &Maker) -> Settings {
    let access = maker.access.iter().map(|(path, commands)| {
        let commands = commands.iter().filter_map(|name| AclCommand::parse(name));
        (uri(path), AccessType::from_iter(commands))
    });
    let uris = |paths: &[Path]| paths.iter().map(|path| uri(path)).collect();
    let limits = Limits {
        nodes: maker.nodes,
        children: maker.children,
        depth: maker.depth,
        octets_of_a_value: maker.value,
        segment_characters: maker.segment,
        uri_characters: maker.uri,
        ..Limits::default()
    };
    let rules = Rules {
        permanent: uris(&maker.permanent),
        access: access.collect(),
        exec: uris(&maker.exec),
        limits,
        ..Rules::default()
    };
    Settings { device_id: DEVICE_ID.to_owned(), rules, ..Settings::default() }
}
