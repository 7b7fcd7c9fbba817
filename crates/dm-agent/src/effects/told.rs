//! What a program is told on its standard input: one line of JSON.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_client::{ChangeKind, Consequence, Exec};
use dm_tree::{Tree, Uri};
use serde::Serialize;

use super::account::Account;

/// The line.
#[derive(Serialize)]
struct Told<'t> {
    effect: &'t str,
    /// Whose message it was; of the last one, when one run does for several.
    server_id: &'t str,
    time: Option<u64>,
    #[serde(flatten)]
    what: What<'t>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum What<'t> {
    Changed {
        changed: Vec<ChangedNode<'t>>,
        /// Whether more changed than is listed.
        is_cut: bool,
    },
    Exec {
        exec: &'t Exec,
    },
    Session {
        session: &'t Account,
    },
}

#[derive(Serialize)]
struct ChangedNode<'t> {
    uri: &'t str,
    change: ChangeKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'static str>,
    /// The value, if it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'t str>,
    /// The value in base64, if it is octets.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
}

/// The nodes at and below `on` that changed, with what they hold now.
pub(super) fn changed(
    effect: &str,
    on: &[Uri],
    consequences: &[Consequence],
    tree: &Tree,
) -> Vec<u8> {
    let mut nodes = BTreeMap::new();
    for changed in consequences.iter().flat_map(|consequence| &consequence.changed) {
        if on.iter().any(|on| on.is_root() || is_at_or_below(&changed.uri, on.as_str())) {
            let first = nodes.entry(changed.uri.as_str()).or_insert(changed.change);
            *first = joined(*first, changed.change);
        }
    }
    let changed = nodes.into_iter().map(|(uri, change)| node(uri, change, tree)).collect();
    let is_cut = consequences.iter().any(|consequence| consequence.is_cut);
    encode(effect, consequences.last(), What::Changed { changed, is_cut })
}

/// The Exec, with its data and its correlator.
pub(super) fn exec(effect: &str, consequence: &Consequence, exec: &Exec) -> Vec<u8> {
    encode(effect, Some(consequence), What::Exec { exec })
}

/// The account that a session is to be opened with. Nothing of the message is in it. (R20)
pub(super) fn session(effect: &str, consequence: &Consequence, account: &Account) -> Vec<u8> {
    encode(effect, Some(consequence), What::Session { session: account })
}

fn encode(effect: &str, consequence: Option<&Consequence>, what: What<'_>) -> Vec<u8> {
    let server_id = consequence.map_or("", |it| it.server_id.as_str());
    let told = Told { effect, server_id, time: consequence.and_then(|it| it.time), what };
    let mut line = serde_json::to_vec(&told).unwrap_or_default(); // strings and numbers only
    line.push(b'\n');
    line
}

/// What became of a node in two steps.
fn joined(first: ChangeKind, then: ChangeKind) -> ChangeKind {
    match (first, then) {
        (ChangeKind::Added, ChangeKind::Replaced) => ChangeKind::Added,
        (ChangeKind::Deleted, ChangeKind::Added) => ChangeKind::Replaced,
        (_, then) => then,
    }
}

/// A node as it is now: one that went since is told as gone.
fn node<'t>(uri: &'t str, change: ChangeKind, tree: &'t Tree) -> ChangedNode<'t> {
    let change_to_gone = ChangeKind::Deleted;
    let gone = ChangedNode { uri, change: change_to_gone, format: None, value: None, base64: None };
    let found = Uri::parse(uri).ok().and_then(|uri| tree.get(&uri));
    let Some(node) = found else { return gone };
    let change = if change == ChangeKind::Deleted { ChangeKind::Replaced } else { change };
    let text = node.as_text().filter(|_| !node.format.is_octets());
    let octets = node.value.as_deref().filter(|_| text.is_none());
    let base64 = octets.map(|octets| STANDARD.encode(octets));
    ChangedNode { uri, change, format: Some(node.format.as_str()), value: text, base64 }
}

fn is_at_or_below(node: &str, uri: &str) -> bool {
    node.strip_prefix(uri).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use dm_client::Changed;
    use dm_tnds::Format;
    use dm_tree::Node;
    use serde_json::{Value, json};

    fn consequence(server_id: &str, changed: &[(&str, ChangeKind)]) -> Consequence {
        let changed =
            changed.iter().map(|(uri, change)| Changed { uri: (*uri).to_owned(), change: *change });
        let server_id = server_id.to_owned();
        Consequence { server_id, changed: changed.collect(), ..Consequence::default() }
    }

    #[test]
    fn nodes_are_told_as_they_are_now_each_once_and_no_others() {
        use ChangeKind::{Added, Deleted, Replaced};
        let uri = |text: &str| Uri::parse(text).unwrap();
        let tree = Tree::from_nodes([
            (uri("./NAP"), Node::interior("")),
            (uri("./NAP/A"), Node::text("new")),
            (uri("./NAP/B"), Node::leaf(Format::Bin, "x/y", [0xFF, 0])),
            (uri("./NAPS"), Node::text("other")),
        ]);
        let first = consequence("one", &[("./NAP", Added), ("./NAP/A", Added), ("./NAP/C", Added)]);
        let last = consequence(
            "two",
            &[
                ("./NAP/A", Replaced),
                ("./NAP/B", Replaced),
                ("./NAP/C", Deleted),
                ("./NAPS", Added),
            ],
        );
        let line = changed("apn", &[uri("./NAP")], &[first, last], &tree.unwrap());
        assert_eq!(line.last(), Some(&b'\n'));
        let told: Value = serde_json::from_slice(&line).unwrap();
        let expected = json!({
            "effect": "apn", "server_id": "two", "time": null, "is_cut": false,
            "changed": [
                {"uri": "./NAP", "change": "added", "format": "node"},
                {"uri": "./NAP/A", "change": "added", "format": "chr", "value": "new"},
                {"uri": "./NAP/B", "change": "replaced", "format": "bin", "base64": "/wA="},
                {"uri": "./NAP/C", "change": "deleted"},
            ],
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn what_went_and_came_again_was_replaced() {
        use ChangeKind::{Added, Deleted, Replaced};
        for (first, then, both) in [
            (Added, Replaced, Added),
            (Added, Deleted, Deleted),
            (Deleted, Added, Replaced),
            (Replaced, Deleted, Deleted),
        ] {
            assert_eq!(joined(first, then), both);
        }
    }
}
