//! `AccessType`: which commands a node takes, whoever sends them. [TND 1.2 §9.3.1]

use core::fmt;

/// A command that `AccessType` can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// The node can be made.
    Add,
    /// The node can be copied.
    Copy,
    /// The node can be deleted.
    Delete,
    /// The node does something.
    Exec,
    /// The node can be read.
    Get,
    /// The node's value can be changed.
    Replace,
}

impl Access {
    /// All of them, in the order of the DTD.
    pub const ALL: [Access; 6] =
        [Access::Add, Access::Copy, Access::Delete, Access::Exec, Access::Get, Access::Replace];

    /// The one of this name, case-sensitive.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|access| access.as_str() == name)
    }

    /// The name as the standard spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Access::Add => "Add",
            Access::Copy => "Copy",
            Access::Delete => "Delete",
            Access::Exec => "Exec",
            Access::Get => "Get",
            Access::Replace => "Replace",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A set of commands.
///
/// ```
/// use dm_tnds::ddf::{Access, AccessType};
/// let access = AccessType::from_iter([Access::Replace, Access::Get]);
/// assert!(access.has(Access::Get) && !access.has(Access::Exec));
/// assert_eq!(access.to_string(), "Get, Replace");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessType {
    commands: u8,
}

impl AccessType {
    /// Whether the node takes this command.
    #[must_use]
    pub fn has(self, access: Access) -> bool {
        self.commands & (1 << access as u8) != 0
    }

    /// Whether the node takes none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.commands == 0
    }

    /// The commands, in the order of the DTD.
    pub fn iter(self) -> impl Iterator<Item = Access> {
        Access::ALL.into_iter().filter(move |access| self.has(*access))
    }

    /// Adds a command; false when it was there.
    pub(crate) fn insert(&mut self, access: Access) -> bool {
        let before = self.commands;
        self.commands |= 1 << access as u8;
        self.commands != before
    }
}

impl FromIterator<Access> for AccessType {
    fn from_iter<T: IntoIterator<Item = Access>>(commands: T) -> Self {
        let mut found = Self::default();
        for access in commands {
            found.insert(access);
        }
        found
    }
}

/// The names with commas between them, or `none`.
impl fmt::Display for AccessType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (index, access) in self.iter().enumerate() {
            write!(f, "{}{access}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}
