//! What an effect owes to a message, part by part.

use std::collections::BTreeMap;

use dm_client::{ChangeKind, Consequence, Exec};

use super::schedule::Part;
use crate::config::{Action, Effect, Trigger};
use crate::run::{AgentClient, RunError};

/// What one run is for.
#[derive(Debug, Default)]
pub(super) struct Owed {
    /// Whose message it was; of the last one, when one run does for several.
    pub server_id: String,
    /// When it came.
    pub time: Option<u64>,
    /// The nodes that changed, of all of them.
    pub changed: BTreeMap<String, ChangeKind>,
    /// Whether more changed than is listed.
    pub is_cut: bool,
    /// The Exec.
    pub exec: Option<Exec>,
}

impl Owed {
    /// Reads what a run is for: one record after the other, whatever they are together.
    pub fn read(client: &AgentClient, effect: &Effect, parts: &[Part]) -> Result<Self, RunError> {
        // Only a program is told what changed.
        let needs_all = matches!(effect.action, Action::Run(_));
        let first = if needs_all { 0 } else { parts.len().saturating_sub(1) };
        let mut owed = Self::default();
        for part in &parts[first..] {
            if let Some(consequence) = client.consequence(part.number)? {
                owed.add(effect, *part, consequence);
            }
        }
        Ok(owed)
    }

    fn add(&mut self, effect: &Effect, part: Part, consequence: Consequence) {
        if let Trigger::On(on) = &effect.trigger {
            self.is_cut |= on.iter().any(|on| consequence.is_cut(on.as_str()));
            for changed in &consequence.changed {
                if on.iter().any(|on| consequence.is_followed(&changed.uri, on.as_str())) {
                    let first = self.changed.entry(changed.uri.clone()).or_insert(changed.change);
                    *first = joined(*first, changed.change);
                }
            }
        }
        self.exec = part.exec.and_then(|exec| consequence.execs.into_iter().nth(exec));
        (self.server_id, self.time) = (consequence.server_id, consequence.time);
    }
}

/// What became of a node in two steps.
fn joined(first: ChangeKind, then: ChangeKind) -> ChangeKind {
    match (first, then) {
        (ChangeKind::Added, ChangeKind::Replaced) => ChangeKind::Added,
        (ChangeKind::Deleted, ChangeKind::Added) => ChangeKind::Replaced,
        (_, then) => then,
    }
}

/// What an effect owes to a consequence.
pub(super) fn parts(effect: &Effect, consequence: &Consequence) -> Vec<Part> {
    let number = consequence.number;
    let one = |is_owed: bool| is_owed.then_some(Part { number, exec: None }).into_iter().collect();
    match &effect.trigger {
        Trigger::On(nodes) => one(nodes.iter().any(|node| consequence.touches(node.as_str()))),
        Trigger::Session => one(consequence.session),
        Trigger::Exec(node) => {
            let all = consequence.execs.iter().enumerate();
            let own = all.filter(|(_, exec)| consequence.is_named(&exec.uri, node.as_str()));
            own.map(|(index, _)| Part { number, exec: Some(index) }).collect()
        }
    }
}

/// The name under which a part is settled.
pub(super) fn name(effect: &Effect, part: Part) -> String {
    match part.exec {
        Some(index) => format!("{}#{index}", effect.name),
        None => effect.name.clone(),
    }
}

/// The names of all that an effect owes to a consequence.
pub(super) fn names(effect: &Effect, consequence: &Consequence) -> Vec<String> {
    parts(effect, consequence).into_iter().map(|part| name(effect, part)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use dm_client::Changed;
    use dm_tree::Uri;

    fn consequence(server_id: &str, changed: &[(&str, ChangeKind)]) -> Consequence {
        let changed =
            changed.iter().map(|(uri, change)| Changed { uri: (*uri).to_owned(), change: *change });
        let server_id = server_id.to_owned();
        Consequence { server_id, changed: changed.collect(), ..Consequence::default() }
    }

    #[test]
    fn of_several_messages_each_followed_node_is_owed_once_and_the_last_server_is_named() {
        use ChangeKind::{Added, Deleted, Replaced};
        let (name, nodes) = ("apn".to_owned(), vec![Uri::parse("./NAP").unwrap()]);
        let action = Action::NetworkManager("/x".into());
        let (trigger, retry) = (Trigger::On(nodes), std::time::Duration::ZERO);
        let effect = Effect { name, trigger, action, attempts: 1, retry };
        let first = consequence("one", &[("./NAP/A", Added), ("./NAP/C", Added)]);
        let mut then = consequence(
            "two",
            &[
                ("./NAP/A", Replaced),
                ("./NAP/B", Replaced),
                ("./NAP/C", Deleted),
                ("./NAPS", Added),
            ],
        );
        let mut owed = Owed::default();
        then.unlisted = ["./NAPS".to_owned()].into();
        for consequence in [first, then.clone()] {
            owed.add(&effect, Part { number: 1, exec: None }, consequence);
        }
        let expected = [("./NAP/A", Added), ("./NAP/B", Replaced), ("./NAP/C", Deleted)];
        assert!(owed.changed.iter().map(|(uri, change)| (uri.as_str(), *change)).eq(expected));
        assert_eq!((owed.server_id.as_str(), owed.is_cut), ("two", false));
        then.unlisted = ["./NAP/Home".to_owned()].into();
        owed.add(&effect, Part { number: 3, exec: None }, then);
        assert!(owed.is_cut);
    }

    #[test]
    fn what_is_followed_is_owed_however_it_is_spelled() {
        let uri = |text| Uri::parse(text).unwrap();
        let effect = |trigger| Effect {
            name: "e".to_owned(),
            trigger,
            action: Action::NetworkManager("/x".into()),
            attempts: 1,
            retry: std::time::Duration::ZERO,
        };
        let exec = |uri: &str| Exec { uri: uri.to_owned(), data: String::new(), correlator: None };
        let mut consequence = consequence("one", &[("./V/nap/A", ChangeKind::Added)]);
        consequence.execs = vec![exec("./V/Go"), exec("./V/go"), exec("./V/go/on")];
        for (named, spelled) in [("./V/NAP", "./V/nap"), ("./V/GO", "./V/go")] {
            consequence.spelled.insert(named.to_owned(), [spelled.to_owned()].into());
        }
        let on = effect(Trigger::On(vec![uri("./V/NAP")]));
        assert_eq!(parts(&on, &consequence).len(), 1);
        let mut owed = Owed::default();
        owed.add(&on, Part { number: 0, exec: None }, consequence.clone());
        assert!(owed.changed.contains_key("./V/nap/A"));
        let exec = parts(&effect(Trigger::Exec(uri("./V/GO"))), &consequence);
        assert_eq!(exec, [Part { number: 0, exec: Some(1) }]);
        assert_eq!(parts(&effect(Trigger::On(vec![uri("./V/Nap")])), &consequence), []);
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
