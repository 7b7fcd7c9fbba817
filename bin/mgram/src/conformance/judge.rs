//! Whether what came out is what was expected.

use std::collections::BTreeMap;

use dm_client::Outcome;
use dm_tree::{Node, Tree};

use super::device;
use super::manifest::{Exec, Expect, Step};

/// What was expected and what was found, when they differ.
pub fn differs(
    step: &Step,
    outcome: &Outcome,
    before: &Tree,
    after: &Tree,
) -> Option<(String, String)> {
    let found = verdict(outcome);
    let expected = match (step.expect, &step.stage) {
        (Expect::Accepted, _) => "accepted".to_owned(),
        (Expect::Refused, Some(stage)) => format!("refused at stage {stage}"),
        (Expect::Refused, None) => "refused".to_owned(),
        (Expect::Harmless, _) => "no effect".to_owned(),
    };
    let agrees = match (step.expect, outcome) {
        (Expect::Accepted, Outcome::Accepted(_)) | (Expect::Harmless, _) => true,
        (Expect::Refused, Outcome::Refused(refused)) => {
            step.stage.as_deref().is_none_or(|stage| stage == refused.refusal.stage().as_str())
        }
        _ => false,
    };
    if !agrees {
        let clause = step.clause.as_deref().map_or(String::new(), |clause| format!(" ({clause})"));
        return Some((expected + &clause, found));
    }
    tree_differs(step, before, after).or_else(|| execs_differ(step, outcome))
}

fn verdict(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Accepted(_) => "accepted".to_owned(),
        Outcome::Refused(refused) => {
            format!("refused at stage {}: {}", refused.refusal.stage().as_str(), refused.refusal)
        }
    }
}

/// Exactly the nodes that the step names must differ, in all that they say.
fn tree_differs(step: &Step, before: &Tree, after: &Tree) -> Option<(String, String)> {
    let mut wanted: BTreeMap<&str, Option<Node>> = BTreeMap::new();
    for change in &step.changes {
        let node = change.node.as_ref().filter(|_| !change.deleted);
        wanted.insert(&change.uri, node.and_then(device::node));
    }
    let nodes = |tree: &Tree| -> BTreeMap<String, Node> {
        tree.iter().map(|(uri, node)| (uri.to_string(), node.clone())).collect()
    };
    let (before, after) = (nodes(before), nodes(after));
    let mut uris: Vec<&String> = before.keys().chain(after.keys()).collect();
    uris.sort();
    uris.dedup();
    for uri in uris {
        let (old, new) = (before.get(uri), after.get(uri));
        let optional = step.optional.iter().any(|optional| optional == uri);
        match wanted.remove(uri.as_str()) {
            Some(expected) if !same(expected.as_ref(), new) => {
                return Some((describe(uri, expected.as_ref()), describe(uri, new)));
            }
            None if !optional && !same(old, new) => {
                return Some((format!("{uri} unchanged"), describe(uri, new)));
            }
            _ => {}
        }
    }
    let absent = wanted.iter().find(|(_, node)| node.is_some());
    absent.map(|(uri, node)| (describe(uri, node.as_ref()), format!("no {uri}")))
}

fn same(one: Option<&Node>, other: Option<&Node>) -> bool {
    match (one, other) {
        (None, None) => true,
        (Some(one), Some(other)) => one.same_content(other),
        _ => false,
    }
}

fn describe(uri: &str, node: Option<&Node>) -> String {
    let Some(node) = node else { return format!("no {uri}") };
    let value = node.value.as_deref().map(String::from_utf8_lossy);
    let value = value.map_or(String::new(), |value| format!(" = {value:?}"));
    let (format, r#type, acl, title) = (node.format, &node.r#type, &node.acl, &node.title);
    format!("{uri} [{format}, type {type:?}, ACL {acl}, title {title:?}]{value}", r#type = r#type)
}

fn execs_differ(step: &Step, outcome: &Outcome) -> Option<(String, String)> {
    let execs = outcome.accepted().map(|accepted| accepted.execs.as_slice()).unwrap_or_default();
    let found: Vec<Exec> =
        execs.iter().map(|e| Exec { uri: e.uri.clone(), data: e.data.clone() }).collect();
    let differs = step.expect == Expect::Accepted && found != step.execs;
    differs.then(|| (format!("executed: {:?}", step.execs), format!("executed: {found:?}")))
}
