//! What an effect owes to a message, part by part.

use dm_client::Consequence;

use super::schedule::Part;
use crate::config::{Effect, Trigger};

/// What an effect owes to a consequence.
pub(super) fn parts(effect: &Effect, consequence: &Consequence) -> Vec<Part> {
    let number = consequence.number;
    let one = |is_owed: bool| is_owed.then_some(Part { number, exec: None }).into_iter().collect();
    match &effect.trigger {
        Trigger::On(nodes) => one(nodes.iter().any(|node| consequence.touches(node.as_str()))),
        Trigger::Session => one(consequence.session),
        Trigger::Exec(node) => {
            let all = consequence.execs.iter().enumerate();
            let own = all.filter(|(_, exec)| exec.uri == node.as_str());
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
