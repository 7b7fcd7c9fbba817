//! A message: its commands, in order, groups unfolded. [REP 1.2 §4.1.6]

use alloc::borrow::Cow;

use dm_syncml::{Command, GroupKind, ItemCommand, SyncBody, Verb};
use dm_xml::Element;

use crate::linter::{Linter, Options};
use crate::{Catalog, Findings};

/// Checks the commands of a message against descriptions. The header is not looked at.
///
/// # Errors
/// When the `SyncBody` of this root cannot be read.
pub fn check_message(
    root: Element<'_>,
    catalog: &Catalog,
    options: &Options,
) -> Result<Findings, dm_syncml::Error> {
    let body = SyncBody::read(root)?;
    let mut linter = Linter::new(catalog, options);
    linter.elements.push("SyncBody".into());
    linter.commands(&body.commands);
    Ok(linter.found)
}

impl Linter<'_> {
    /// Recursive in groups: the depth of a document is limited when it is read.
    fn commands(&mut self, commands: &[Command<'_>]) {
        let mut all = [0; NAMES.len()];
        commands.iter().filter_map(kind).for_each(|kind| all[kind] += 1);
        let mut met = [0; NAMES.len()];
        for command in commands {
            let Some(kind) = kind(command) else { continue };
            met[kind] += 1;
            self.elements.push(numbered(NAMES[kind], met[kind], all[kind]));
            match command {
                Command::Group(group) => self.commands(&group.commands),
                Command::Items(command) => self.items(command),
                Command::Alert(_) | Command::Tolerated(_) => {}
            }
            self.elements.pop();
        }
    }

    fn items(&mut self, command: &ItemCommand<'_>) {
        for (index, item) in command.items.iter().enumerate() {
            self.elements.push(numbered("Item", index + 1, command.items.len()));
            self.item(command.verb, &command.meta, item);
            self.elements.pop();
        }
    }
}

/// The names of elements that hold commands on nodes.
const NAMES: [&str; 8] = ["Add", "Copy", "Delete", "Exec", "Get", "Replace", "Atomic", "Sequence"];

/// The position in [`NAMES`]; none of an alert, which has nothing to do with nodes.
fn kind(command: &Command<'_>) -> Option<usize> {
    match command {
        Command::Items(command) => Some(match command.verb {
            Verb::Add => 0,
            Verb::Copy => 1,
            Verb::Delete => 2,
            Verb::Exec => 3,
            Verb::Get => 4,
            Verb::Replace => 5,
        }),
        Command::Group(group) => Some(match group.kind {
            GroupKind::Atomic => 6,
            GroupKind::Sequence => 7,
        }),
        Command::Alert(_) | Command::Tolerated(_) => None,
    }
}

/// The name, with a number from 1 where there are several of it.
pub(crate) fn numbered(name: &'static str, number: usize, of: usize) -> Cow<'static, str> {
    if of > 1 { alloc::format!("{name}[{number}]").into() } else { name.into() }
}
