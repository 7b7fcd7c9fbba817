//! What a program is told on its standard input: one line of JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_client::{ChangeKind, Exec};
use dm_tree::{Tree, Uri};
use serde::Serialize;

use super::account::Account;
use super::owed::Owed;

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

/// The nodes that changed, with what they hold now.
pub(super) fn changed(effect: &str, owed: &Owed, tree: &Tree) -> Vec<u8> {
    let nodes = owed.changed.iter().map(|(uri, change)| node(uri, *change, tree));
    encode(effect, owed, What::Changed { changed: nodes.collect(), is_cut: owed.is_cut })
}

/// The Exec, with its data and its correlator.
pub(super) fn exec(effect: &str, owed: &Owed, exec: &Exec) -> Vec<u8> {
    encode(effect, owed, What::Exec { exec })
}

/// The account that a session is to be opened with. Nothing of the message is in it. (R20)
pub(super) fn session(effect: &str, owed: &Owed, account: &Account) -> Vec<u8> {
    encode(effect, owed, What::Session { session: account })
}

fn encode(effect: &str, owed: &Owed, what: What<'_>) -> Vec<u8> {
    let told = Told { effect, server_id: &owed.server_id, time: owed.time, what };
    let mut line = serde_json::to_vec(&told).unwrap_or_default(); // strings and numbers only
    line.push(b'\n');
    line
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

#[cfg(test)]
mod tests {
    use super::*;
    use dm_tnds::Format;
    use dm_tree::Node;
    use serde_json::{Value, json};

    #[test]
    fn nodes_are_told_as_they_are_now() {
        use ChangeKind::{Added, Deleted, Replaced};
        let uri = |text: &str| Uri::parse(text).unwrap();
        let tree = Tree::from_nodes([
            (uri("./NAP"), Node::interior("")),
            (uri("./NAP/A"), Node::text("new")),
            (uri("./NAP/B"), Node::leaf(Format::Bin, "x/y", [0xFF, 0])),
            (uri("./NAP/D"), Node::text("again")),
        ]);
        let all = [("", Added), ("/A", Added), ("/B", Replaced), ("/C", Added), ("/D", Deleted)];
        let changed = all.map(|(below, change)| (format!("./NAP{below}"), change)).into();
        let owed = Owed { server_id: "two".into(), changed, ..Owed::default() };
        let line = super::changed("apn", &owed, &tree.unwrap());
        assert_eq!(line.last(), Some(&b'\n'));
        let told: Value = serde_json::from_slice(&line).unwrap();
        let expected = json!({
            "effect": "apn", "server_id": "two", "time": null, "is_cut": false,
            "changed": [
                {"uri": "./NAP", "change": "added", "format": "node"},
                {"uri": "./NAP/A", "change": "added", "format": "chr", "value": "new"},
                {"uri": "./NAP/B", "change": "replaced", "format": "bin", "base64": "/wA="},
                {"uri": "./NAP/C", "change": "deleted"},
                {"uri": "./NAP/D", "change": "replaced", "format": "chr", "value": "again"},
            ],
        });
        assert_eq!(told, expected);
    }
}
