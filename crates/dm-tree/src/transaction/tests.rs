//! A device with rights, rules and accounts, and how commands are put to it.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::{format, vec};

use dm_tnds::MgmtTree;

use super::*;
use crate::{AccessType, Acl, AclCommand, Property, Status};

mod account;
mod add;
mod gone;
mod inbox;
mod object;
mod property;
mod reason;
mod replace;
mod undo;

/// Has everything below `./Vendor`.
const A: &str = "srv.a";
/// Has everything below `./Vendor/Other` and `./Private`.
const B: &str = "srv.b";
/// Has `Replace` on one leaf.
const C: &str = "srv.c";

const NAP: &str = "urn:oma:mo:oma-connmo-nap:1.0";
const PROXY: &str = "urn:oma:mo:oma-connmo-proxy:1.0";
const DM_ACC: &str = "urn:oma:mo:oma-dm-dmacc:1.0";

#[derive(Clone)]
struct Device {
    tree: Tree,
    rules: Rules,
}

impl Device {
    fn new() -> Self {
        let all = |server| format!("Add={server}&Delete={server}&Get=*&Replace={server}");
        let mut nodes = vec![
            ("./Inbox", interior("", "Add=*")),
            ("./DevInfo", interior("", "Get=*")),
            ("./DevInfo/Man", Node::text("maker")),
            ("./DMAcc", interior("", &all(A))),
            ("./NAP", interior("", "Get=*")),
            ("./NAP/Home", interior(NAP, "")),
            ("./Proxy", interior("", "Get=*")),
            ("./Vendor", interior("", &all(A))),
            ("./Vendor/Setting", Node::text("old")),
            ("./Vendor/Count", Node::leaf(dm_tnds::Format::Int, "text/plain", *b"1")),
            ("./Vendor/Blob", Node::leaf(dm_tnds::Format::Bin, "a/b", [0, 0xFF])),
            ("./Vendor/Group", interior("", "")),
            ("./Vendor/Group/One", Node::text("1")),
            ("./Vendor/Group/Two", Node::text("2")),
            ("./Vendor/Other", interior("", &all(B))),
            ("./Vendor/Other/Leaf", Node::text("of b")),
            ("./Vendor/Anyone", Node::text("free").with_acl(acl("Get=*&Replace=*"))),
            ("./Vendor/LeafOfC", Node::text("c").with_acl(acl("Get=*&Replace=srv.c"))),
            ("./Vendor/Fixed", Node::text("fixed")),
            ("./Vendor/Permanent", Node::text("stays")),
            ("./Vendor/Update", Node::text("").with_acl(acl("Exec=srv.a&Get=*"))),
            ("./Vendor/Hold", interior("", "")),
            ("./Vendor/Hold/Permanent", Node::text("stays")),
            ("./Vendor/Guard", interior("", "")),
            ("./Vendor/Guard/Fixed", Node::text("fixed")),
            ("./Private", interior("", "Add=srv.b&Delete=srv.b&Get=srv.b&Replace=srv.b")),
            ("./Private/Secret", Node::text("b's secret")),
        ];
        // One account where accounts stand, one where A has every right.
        for (root, server) in [("./DMAcc/a", A), ("./Vendor/Sub/b", B)] {
            if root.starts_with("./Vendor") {
                nodes.push(("./Vendor/Sub", interior("", "")));
            }
            let at = |path: &str| &*format!("{root}{path}").leak();
            nodes.push((at(""), interior(DM_ACC, "")));
            nodes.push((at("/ServerID"), Node::text(server)));
            nodes.push((at("/Name"), Node::text("name")));
            nodes.push((at("/AppAuth"), interior("", "")));
            nodes.push((at("/AppAuth/1"), interior("", "")));
            let pin = Node::leaf(dm_tnds::Format::Bin, "text/plain", [1, 2, 3]);
            nodes.push((at("/AppAuth/1/AAuthData"), pin));
        }
        let nodes = nodes.into_iter().map(|(at, node)| (uri(at), node));
        Self { tree: Tree::from_nodes(nodes).unwrap(), rules: rules() }
    }

    fn run(&mut self, server: &str, operation: Operation<'_>) -> Result<Changes, Failure> {
        let mut transaction = Transaction::begin(&mut self.tree, &self.rules, server);
        operation(&mut transaction)?;
        Ok(transaction.commit(Some(NOW)))
    }

    /// Runs an operation that has to fail; the tree must be what it was.
    fn fail(&mut self, server: &str, operation: Operation<'_>) -> Reason {
        let before = self.tree.clone();
        let mut transaction = Transaction::begin(&mut self.tree, &self.rules, server);
        let failure = operation(&mut transaction).expect_err("the operation must fail");
        assert_eq!(transaction.tree(), &before, "a failed operation left a trace");
        assert!(transaction.notes().is_empty(), "a failed operation left a note");
        assert!(transaction.commit(Some(NOW)).is_empty());
        failure.reason
    }

    fn text(&self, at: &str) -> Option<&str> {
        self.tree.get(&uri(at)).map(|node| node.as_text().unwrap_or("(octets)"))
    }

    fn acl(&self, at: &str) -> String {
        self.tree.get(&uri(at)).unwrap().acl.to_string()
    }
}

type Run = fn(&mut Transaction<'_>) -> Result<(), Failure>;
type Operation<'o> = &'o dyn Fn(&mut Transaction<'_>) -> Result<(), Failure>;

fn rules() -> Rules {
    let get = || AccessType::from_iter([AclCommand::Get]);
    let mut rules = Rules::default();
    for at in ["./Inbox", "./DMAcc", "./NAP", "./Vendor/Permanent", "./Vendor/Hold/Permanent"] {
        rules.permanent.insert(uri(at));
    }
    rules.access.insert(uri("./DevInfo"), get());
    rules.access.insert(uri("./Vendor/Fixed"), get());
    rules.access.insert(uri("./Vendor/Guard/Fixed"), get());
    rules.exec.insert(uri("./Vendor/Update"));
    rules.ext_known.insert(uri("./Vendor/Ext/Known"));
    for (name, parent) in [
        ("urn:oma:mo:oma-dm-dmacc", "./DMAcc"),
        ("urn:oma:mo:oma-connmo-nap", "./NAP"),
        ("urn:oma:mo:oma-connmo-proxy", "./Proxy"),
        ("urn:oma:mo:oma-widget", "./Vendor"),
    ] {
        rules.inbox.insert(name.to_owned(), uri(parent));
    }
    let widgets = ["urn:oma:mo:oma-widget:1.0", "urn:oma:mo:oma-widget:1.2"];
    rules.supported = [DM_ACC, NAP, PROXY].into_iter().chain(widgets).map(String::from).collect();
    rules
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

fn acl(text: &str) -> Acl {
    Acl::parse(text).unwrap()
}

fn interior(r#type: &str, text: &str) -> Node {
    Node::interior(r#type).with_acl(acl(text))
}

/// An object of these nodes.
fn object(nodes: &[dm_tnds::Node<'static>]) -> MgmtTree<'static> {
    MgmtTree::new(nodes.to_vec())
}

/// An interior node of an object.
fn inner(name: &'static str, r#type: &'static str) -> dm_tnds::Node<'static> {
    dm_tnds::Node::interior(name, r#type)
}

/// A leaf of an object.
fn leaf(name: &'static str, value: &'static str) -> dm_tnds::Node<'static> {
    dm_tnds::Node::leaf(name, value)
}

/// The same node with an ACL.
fn with_acl(mut node: dm_tnds::Node<'static>, acl: &'static str) -> dm_tnds::Node<'static> {
    node.rt_properties.get_or_insert_default().acl = Some(acl.into());
    node
}

const NOW: u64 = 1_780_000_000;
