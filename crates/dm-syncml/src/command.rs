//! The commands of a body. [REP 1.2 §4.1.6], [syncml-dm facts §1, §4]

use alloc::borrow::Cow;
use alloc::vec::Vec;

use dm_xml::{Element, Sink, ToInfoset};

use crate::content::{elements, flag, once, required, text};
use crate::error::ErrorKind::{MetaBehindData, Unexpected};
use crate::tables::SYNCML_1_2;
use crate::{Error, Item, Meta};

/// A command, or what a message without a session must tolerate in its place.
#[derive(Clone, Debug)]
pub enum Command<'a> {
    /// `Alert`.
    Alert(Alert<'a>),
    /// `Atomic` or `Sequence`.
    Group(Group<'a>),
    /// `Add`, `Copy`, `Delete`, `Exec`, `Get` or `Replace`.
    Items(ItemCommand<'a>),
    /// `Status` or `Results`: meaningless here, ignored.
    Tolerated(Tolerated<'a>),
}

/// A command that works on items.
#[derive(Clone, Debug)]
pub struct ItemCommand<'a> {
    /// Which command.
    pub verb: Verb,
    /// `CmdID`; unique in the message, never `0`.
    pub cmd_id: Cow<'a, str>,
    /// `Meta`: holds for every item that does not say otherwise.
    pub meta: Meta<'a>,
    /// `Correlator` of an `Exec`.
    pub correlator: Option<Cow<'a, str>>,
    /// `Item`, each one.
    pub items: Items<'a>,
}

/// The items of a command. There mostly is one.
pub type Items<'a> = Vec<Item<'a>>;

/// The commands that work on items.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Makes a node.
    Add,
    /// Copies a leaf.
    Copy,
    /// Removes a sub-tree.
    Delete,
    /// Sets something going.
    Exec,
    /// Reads; has no effect without a response.
    Get,
    /// Changes a value, a property or a sub-tree.
    Replace,
}

/// `Alert`.
#[derive(Clone, Debug)]
pub struct Alert<'a> {
    /// `CmdID`.
    pub cmd_id: Cow<'a, str>,
    /// `Data`: the alert code, `1100` to `1299`.
    pub code: Option<Cow<'a, str>>,
    /// `Correlator`.
    pub correlator: Option<Cow<'a, str>>,
    /// `Item`: parameters, then text, then choices.
    pub items: Items<'a>,
}

/// Commands that belong together.
#[derive(Clone, Debug)]
pub struct Group<'a> {
    /// Which group.
    pub kind: GroupKind,
    /// `CmdID`.
    pub cmd_id: Cow<'a, str>,
    /// `Meta`.
    pub meta: Meta<'a>,
    /// The commands inside.
    pub commands: Vec<Command<'a>>,
}

/// The groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GroupKind {
    /// All or nothing.
    Atomic,
    /// In order.
    Sequence,
}

/// A `Status` or `Results`, as it stands.
#[derive(Clone, Copy, Debug)]
pub struct Tolerated<'a> {
    /// The element.
    pub element: Element<'a>,
}

impl Verb {
    /// The element name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "Add",
            Self::Copy => "Copy",
            Self::Delete => "Delete",
            Self::Exec => "Exec",
            Self::Get => "Get",
            Self::Replace => "Replace",
        }
    }
}

impl GroupKind {
    /// The element name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Atomic => "Atomic",
            Self::Sequence => "Sequence",
        }
    }
}

impl<'a> Command<'a> {
    /// Reads one command, in its place behind these. Recursive in groups: the depth of a document is
    /// limited when it is read.
    pub(crate) fn read_into(commands: &mut Vec<Self>, element: Element<'a>) -> Result<(), Error> {
        let verb = match element.local() {
            "Add" => Verb::Add,
            "Copy" => Verb::Copy,
            "Delete" => Verb::Delete,
            "Exec" => Verb::Exec,
            "Get" => Verb::Get,
            "Replace" => Verb::Replace,
            _ => {
                commands.push(Self::read_other(element)?);
                return Ok(());
            }
        };
        // It is large to move about, and filled where it stands.
        commands.push(Self::Items(ItemCommand::new(verb)));
        match commands.last_mut() {
            Some(Self::Items(command)) => command.fill(element),
            _ => Ok(()), // not reached: it was put there
        }
    }

    fn read_other(element: Element<'a>) -> Result<Self, Error> {
        match element.local() {
            "Alert" => Alert::read(element).map(Self::Alert),
            "Atomic" => Group::read(GroupKind::Atomic, element).map(Self::Group),
            "Sequence" => Group::read(GroupKind::Sequence, element).map(Self::Group),
            "Status" | "Results" => Ok(Self::Tolerated(Tolerated { element })),
            _ => Err(Error::new(Unexpected, element)),
        }
    }

    /// `CmdID`, where it counts.
    #[must_use]
    pub fn cmd_id(&self) -> Option<&str> {
        match self {
            Self::Alert(alert) => Some(&alert.cmd_id),
            Self::Group(group) => Some(&group.cmd_id),
            Self::Items(command) => Some(&command.cmd_id),
            Self::Tolerated(_) => None,
        }
    }
}

impl ToInfoset for Command<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        match self {
            Self::Alert(alert) => alert.write(sink),
            Self::Group(group) => group.write(sink),
            Self::Items(command) => command.write(sink),
            Self::Tolerated(tolerated) => tolerated.element.write(sink),
        }
    }
}

impl<'a> ItemCommand<'a> {
    /// A command that says nothing yet.
    fn new(verb: Verb) -> Self {
        let cmd_id = Cow::Borrowed("");
        Self { verb, cmd_id, meta: Meta::default(), correlator: None, items: Items::new() }
    }

    fn fill(&mut self, element: Element<'a>) -> Result<(), Error> {
        let (mut cmd_id, mut meta, mut rest) = (None, None, None);
        let (mut no_resp, mut archive, mut soft) = (false, false, false);
        let verb = self.verb;
        for child in elements(element) {
            let child = child?;
            match child.local() {
                "CmdID" => once(&mut cmd_id, text(child)?, child)?,
                "NoResp" => flag(&mut no_resp, child)?,
                "Cred" => once(&mut rest, (), child)?, // forbidden here, and of no use
                "Meta" if !self.items.is_empty() => return Err(Error::new(MetaBehindData, child)),
                "Meta" => once(&mut meta, Meta::read(child)?, child)?,
                "Archive" if verb == Verb::Delete => flag(&mut archive, child)?,
                "SftDel" if verb == Verb::Delete => flag(&mut soft, child)?,
                "Lang" if verb == Verb::Get => drop(text(child)?),
                "Correlator" if verb == Verb::Exec => {
                    once(&mut self.correlator, text(child)?, child)?;
                }
                "Item" => Item::read_into(&mut self.items, child)?,
                _ => return Err(Error::new(Unexpected, child)),
            }
        }
        self.cmd_id = required(cmd_id, "CmdID", element)?;
        if let Some(meta) = meta {
            self.meta = meta;
        }
        Ok(())
    }
}

impl ToInfoset for ItemCommand<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), self.verb.as_str())?;
        sink.leaf(SYNCML_1_2, "CmdID", &self.cmd_id)?;
        self.meta.write(sink)?;
        if let Some(correlator) = &self.correlator {
            sink.leaf(SYNCML_1_2, "Correlator", correlator)?;
        }
        self.items.iter().try_for_each(|item| item.write(sink))?;
        sink.end()
    }
}

impl<'a> Alert<'a> {
    fn read(element: Element<'a>) -> Result<Self, Error> {
        let (mut cmd_id, mut code, mut correlator, mut rest) = (None, None, None, None);
        let mut no_resp = false;
        let mut items = Items::new();
        for child in elements(element) {
            let child = child?;
            match child.local() {
                "CmdID" => once(&mut cmd_id, text(child)?, child)?,
                "NoResp" => flag(&mut no_resp, child)?,
                "Cred" => once(&mut rest, (), child)?,
                "Data" => once(&mut code, text(child)?, child)?,
                "Correlator" => once(&mut correlator, text(child)?, child)?,
                "Item" => Item::read_into(&mut items, child)?,
                _ => return Err(Error::new(Unexpected, child)),
            }
        }
        Ok(Self { cmd_id: required(cmd_id, "CmdID", element)?, code, correlator, items })
    }
}

impl ToInfoset for Alert<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), "Alert")?;
        sink.leaf(SYNCML_1_2, "CmdID", &self.cmd_id)?;
        if let Some(code) = &self.code {
            sink.leaf(SYNCML_1_2, "Data", code)?;
        }
        if let Some(correlator) = &self.correlator {
            sink.leaf(SYNCML_1_2, "Correlator", correlator)?;
        }
        self.items.iter().try_for_each(|item| item.write(sink))?;
        sink.end()
    }
}

impl<'a> Group<'a> {
    fn read(kind: GroupKind, element: Element<'a>) -> Result<Self, Error> {
        let (mut cmd_id, mut meta) = (None, None);
        let mut no_resp = false;
        // A command has twelve entries or more, and room for all of them is made once.
        let mut commands = Vec::with_capacity((element.entry_count() / 12).min(64));
        for child in elements(element) {
            let child = child?;
            match child.local() {
                "CmdID" => once(&mut cmd_id, text(child)?, child)?,
                "NoResp" => flag(&mut no_resp, child)?,
                "Meta" => once(&mut meta, Meta::read(child)?, child)?,
                _ => Command::read_into(&mut commands, child)?,
            }
        }
        let cmd_id = required(cmd_id, "CmdID", element)?;
        Ok(Self { kind, cmd_id, meta: meta.unwrap_or_default(), commands })
    }
}

impl ToInfoset for Group<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), self.kind.as_str())?;
        sink.leaf(SYNCML_1_2, "CmdID", &self.cmd_id)?;
        self.meta.write(sink)?;
        self.commands.iter().try_for_each(|command| command.write(sink))?;
        sink.end()
    }
}
