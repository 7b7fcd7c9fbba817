//! `Acl`: which server may do what to a node. [TND 1.2 §7.7.1]

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;

use crate::AclError;

/// A command that an ACL can allow. There is none for `Copy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AclCommand {
    /// Adding a child.
    Add,
    /// Deleting the node with everything below it.
    Delete,
    /// Executing it.
    Exec,
    /// Reading its value and properties.
    Get,
    /// Replacing its value, title or name.
    Replace,
}

impl AclCommand {
    /// All commands, in the order of their names.
    pub const ALL: [AclCommand; 5] = [
        AclCommand::Add,
        AclCommand::Delete,
        AclCommand::Exec,
        AclCommand::Get,
        AclCommand::Replace,
    ];

    /// The command of this name, if there is one; names are case-sensitive.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|command| command.as_str() == name)
    }

    /// The name as the standard spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            AclCommand::Add => "Add",
            AclCommand::Delete => "Delete",
            AclCommand::Exec => "Exec",
            AclCommand::Get => "Get",
            AclCommand::Replace => "Replace",
        }
    }
}

impl fmt::Display for AclCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An access control list. An empty one means that the node inherits. [TND 1.2 §7.7.1.2]
///
/// Entries of one command are united, `*` swallows the other ids of its entry, and the text has
/// commands and ids sorted: two lists that say the same are equal and print the same.
///
/// ```
/// use dm_tree::{Acl, AclCommand};
/// let acl = Acl::parse("Get=b+a&Replace=a&Get=c")?;
/// assert_eq!(acl.to_string(), "Get=a+b+c&Replace=a");
/// assert!(acl.allows("b", AclCommand::Get));
/// assert!(!acl.allows("b", AclCommand::Replace));
/// # Ok::<(), dm_tree::AclError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Acl {
    /// None where nothing is said, as on nearly all nodes; copies share what is.
    entries: Option<Arc<Entries>>,
}

/// No set is empty; a set with `*` holds nothing else.
type Entries = BTreeMap<AclCommand, BTreeSet<String>>;

impl Acl {
    /// The list that says nothing.
    pub(crate) const EMPTY: Acl = Acl { entries: None };

    /// Reads the text form; the empty text is the empty list.
    ///
    /// # Errors
    /// [`AclError`] when an entry names no command or no id, or an id holds `=`, `&`, `*`, white
    /// space or a control character.
    pub fn parse(text: &str) -> Result<Self, AclError> {
        if text.is_empty() {
            return Ok(Self::EMPTY);
        }
        let mut entries = Entries::new();
        for entry in text.split('&') {
            let (command, ids) = entry.split_once('=').ok_or(AclError::Entry)?;
            let command = AclCommand::parse(command).ok_or(AclError::Command)?;
            for id in ids.split('+') {
                insert(&mut entries, command, id)?;
            }
        }
        Ok(entries.into())
    }

    /// These commands for one server, or for all of them with `*`.
    ///
    /// # Errors
    /// [`AclError::Id`] when that is no id that a list can hold.
    pub fn granting(server: &str, commands: &[AclCommand]) -> Result<Self, AclError> {
        let mut entries = Entries::new();
        for command in commands {
            insert(&mut entries, *command, server)?;
        }
        Ok(entries.into())
    }

    /// What the root has from the start: `Add=*&Get=*`. [TND 1.2 §7.7.1.3]
    pub(crate) fn of_root() -> Self {
        let all = || BTreeSet::from(["*".to_owned()]);
        Entries::from([(AclCommand::Add, all()), (AclCommand::Get, all())]).into()
    }

    /// Whether a server of this id can be granted anything by a list.
    #[must_use]
    pub fn is_id(id: &str) -> bool {
        let refused = |c: char| "=&*+".contains(c) || c.is_whitespace() || c.is_control();
        !id.is_empty() && !id.contains(refused)
    }

    /// Whether an entry names one of these servers.
    pub(crate) fn names_any(&self, servers: &BTreeSet<String>) -> bool {
        self.said().any(|(_, ids)| !ids.is_disjoint(servers))
    }

    /// The list without these servers; entries that nobody is left in go. [TND 1.2 §7.7.1.4]
    pub(crate) fn without(&self, servers: &BTreeSet<String>) -> Self {
        let mut entries = self.entries.as_deref().cloned().unwrap_or_default();
        entries.retain(|_, ids| {
            ids.retain(|id| !servers.contains(id));
            !ids.is_empty()
        });
        entries.into()
    }

    /// The root's list without these servers: what everybody has there from the start goes to
    /// everybody, where nobody is left.
    pub(crate) fn of_root_without(&self, servers: &BTreeSet<String>) -> Self {
        let root = Self::of_root();
        let mut without = self.without(servers).entries.as_deref().cloned().unwrap_or_default();
        for (command, ids) in root.said() {
            if self.ids(command).is_some() {
                without.entry(command).or_insert_with(|| ids.clone());
            }
        }
        if without.is_empty() { root } else { without.into() }
    }

    /// Whether the node inherits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_none()
    }

    /// Whether this list lets this server do this; ids are compared octet by octet.
    #[must_use]
    pub fn allows(&self, server: &str, command: AclCommand) -> bool {
        self.ids(command).is_some_and(|ids| ids.contains("*") || ids.contains(server))
    }

    /// Whether this list lets everybody do this.
    #[must_use]
    pub fn allows_all(&self, command: AclCommand) -> bool {
        self.ids(command).is_some_and(|ids| ids.contains("*"))
    }

    /// The entries: a command and its ids, `*` alone where it is one of them.
    pub fn entries(&self) -> impl Iterator<Item = (AclCommand, impl Iterator<Item = &str>)> {
        self.said().map(|(command, ids)| (command, ids.iter().map(String::as_str)))
    }

    /// The length of the text.
    #[inline]
    pub(crate) fn text_octets(&self) -> usize {
        self.entries.as_deref().map_or(0, text_octets)
    }

    fn said(&self) -> impl Iterator<Item = (AclCommand, &BTreeSet<String>)> {
        self.entries.iter().flat_map(|entries| entries.iter()).map(|(command, ids)| (*command, ids))
    }

    fn ids(&self, command: AclCommand) -> Option<&BTreeSet<String>> {
        self.entries.as_ref()?.get(&command)
    }
}

impl From<Entries> for Acl {
    fn from(entries: Entries) -> Self {
        Self { entries: (!entries.is_empty()).then(|| Arc::new(entries)) }
    }
}

fn text_octets(entries: &Entries) -> usize {
    let entry = |(command, ids): (&AclCommand, &BTreeSet<String>)| {
        command.as_str().len() + ids.iter().map(|id| id.len() + 1).sum::<usize>() + 1
    };
    entries.iter().map(entry).sum::<usize>().saturating_sub(1)
}

fn insert(entries: &mut Entries, command: AclCommand, id: &str) -> Result<(), AclError> {
    if id != "*" && !Acl::is_id(id) {
        return Err(AclError::Id);
    }
    let ids = entries.entry(command).or_default();
    if id == "*" {
        ids.clear();
    }
    if !ids.contains("*") {
        ids.insert(id.to_owned());
    }
    Ok(())
}

impl fmt::Display for Acl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut mark = "";
        for (command, ids) in self.said() {
            write!(f, "{mark}{command}")?;
            mark = "=";
            for id in ids {
                write!(f, "{mark}{id}")?;
                mark = "+";
            }
            mark = "&";
        }
        Ok(())
    }
}

impl core::str::FromStr for Acl {
    type Err = AclError;

    fn from_str(text: &str) -> Result<Self, AclError> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests;
