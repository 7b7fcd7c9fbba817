//! The commands, in order. [REP 1.2 §4.1.6], [Sessionless §5.5], [profile §9]

use alloc::borrow::{Cow, ToOwned};
use alloc::string::ToString;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_syncml::{
    Alert, Command, Data, Group, GroupKind, Item, ItemCommand, ObjectError, SyncBody, Verb,
    is_object, is_wbxml,
};
use dm_tnds::Format;
use dm_tree::{Node, Octets, Reason, Status, Target, Transaction, Uri};
use dm_xml::Limits;

use crate::{CmdId, CommandFailure as Failure, CommandOutcome, Exec, Settings, Ui};

/// Where a command stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Atomic,
    Body,
    Sequence,
}

/// Runs the commands of one message with the rights of its server (R23).
pub(crate) struct Executor<'x, 't> {
    transaction: &'x mut Transaction<'t>,
    limits: &'x Limits,
    ui: Ui,
    may_ask_session: bool,
    done: Done,
}

/// What came of the commands.
#[derive(Default)]
pub(crate) struct Done {
    pub outcomes: Vec<CommandOutcome>,
    pub execs: Vec<Exec>,
    /// Whether a session is asked for (R20).
    pub session: bool,
}

impl<'x, 't> Executor<'x, 't> {
    pub(crate) fn new(transaction: &'x mut Transaction<'t>, settings: &'x Settings) -> Self {
        let may_ask_session = settings.effects.session;
        let (limits, ui) = (&settings.limits, settings.ui);
        Self { transaction, limits, ui, may_ask_session, done: Done::default() }
    }

    /// Runs all commands. One that fails does not stop those behind it.
    pub(crate) fn run(mut self, body: &SyncBody<'_>) -> Done {
        self.done.outcomes.reserve_exact(body.commands.iter().map(commands).sum());
        for command in &body.commands {
            self.command(command, Inside::Body);
        }
        self.done
    }

    /// Runs one command; yields its status, none for what is only tolerated.
    fn command(&mut self, command: &Command<'_>, inside: Inside) -> Option<Status> {
        let outcome = match command {
            Command::Tolerated(_) => return None,
            Command::Alert(alert) => self.alert(alert),
            Command::Group(group) => self.group(group, inside),
            Command::Items(command) => self.items(command, inside),
        };
        let (cmd_id, name) = identify(command);
        let (status, failure) = match outcome {
            Ok(status) => (status, None),
            Err(failure) => (failure.status(), Some(failure)),
        };
        self.done.outcomes.push(CommandOutcome { cmd_id, name, status, failure });
        Some(status)
    }

    /// Notes a command that was not run.
    fn skip(&mut self, command: &Command<'_>) {
        if !matches!(command, Command::Tolerated(_)) {
            let (cmd_id, name) = identify(command);
            let (status, failure) = (Status::NotExecuted, None);
            self.done.outcomes.push(CommandOutcome { cmd_id, name, status, failure });
        }
    }

    // -------------------------------------------------------------------- groups

    fn group(&mut self, group: &Group<'_>, inside: Inside) -> Result<Status, Failure> {
        if inside == Inside::Atomic {
            return Err(fail(
                Status::CommandFailed,
                group.kind.as_str(),
                "not accepted inside Atomic",
            ));
        }
        match group.kind {
            GroupKind::Atomic => self.atomic(group),
            GroupKind::Sequence => {
                let mut stopped = false;
                for command in &group.commands {
                    if stopped {
                        self.skip(command);
                    } else {
                        stopped = self.command(command, Inside::Sequence)
                            == Some(Status::OperationCancelled);
                    }
                }
                Ok(Status::Ok)
            }
        }
    }

    fn atomic(&mut self, group: &Group<'_>) -> Result<Status, Failure> {
        let savepoint = self.transaction.savepoint();
        let (first, session) = (self.done.outcomes.len(), self.done.session);
        let mut failed = false;
        for command in &group.commands {
            if failed {
                self.skip(command);
            } else {
                failed = self
                    .command(command, Inside::Atomic)
                    .is_some_and(|status| !status.is_success());
            }
        }
        if !failed {
            return Ok(Status::Ok);
        }
        self.transaction.rollback_to(savepoint);
        self.done.session = session;
        for outcome in self.done.outcomes[first..].iter_mut().filter(|o| o.status.is_success()) {
            outcome.status = Status::AtomicRolledBack;
        }
        Err(fail(Status::AtomicFailed, "Atomic", "a command inside failed; all were rolled back"))
    }

    /// 1100 is shown to nobody here; 1101 is answered as the device is configured; 1200 and 1201 ask
    /// for a session, where there is who opens one (R20); the answers of others have nowhere to go.
    fn alert(&mut self, alert: &Alert<'_>) -> Result<Status, Failure> {
        match (alert.code.as_deref(), self.ui) {
            (Some("1100"), _) | (Some("1101"), Ui::Yes) => Ok(Status::Ok),
            (Some("1101"), Ui::No) => {
                Err(fail(Status::OperationCancelled, "1101", "rejected by the user"))
            }
            (Some("1101"), Ui::Absent) => {
                Err(fail(Status::NotSupported, "1101", "the device has no user interface"))
            }
            (Some("1200" | "1201"), _) if self.may_ask_session => {
                self.done.session = true;
                Ok(Status::Accepted)
            }
            (code, _) => Err(fail(
                Status::NotSupported,
                code.unwrap_or("Alert"),
                "this alert has no meaning without a session",
            )),
        }
    }

    // --------------------------------------------------------------------- items

    /// Items are independent: the first failure names the command's status, the others run.
    fn items(&mut self, command: &ItemCommand<'_>, inside: Inside) -> Result<Status, Failure> {
        let mut outcome = None;
        for item in &command.items {
            let result = self.item(command, item, inside);
            if outcome
                .as_ref()
                .is_none_or(|first: &Result<Status, Failure>| first.is_ok() && result.is_err())
            {
                outcome = Some(result);
            }
        }
        let why = "the command has no Item";
        outcome.unwrap_or_else(|| Err(fail(Status::BadRequest, command.verb.as_str(), why)))
    }

    fn item(
        &mut self,
        command: &ItemCommand<'_>,
        item: &Item<'_>,
        inside: Inside,
    ) -> Result<Status, Failure> {
        let target = location(item.target.as_ref());
        if item.more_data {
            return Err(fail(Status::NotSupported, target, "a chunk needs a response"));
        }
        let meta = Effective {
            format: item.meta.format.as_deref().or(command.meta.format.as_deref()),
            r#type: item.meta.r#type.as_deref().or(command.meta.r#type.as_deref()),
        };
        match command.verb {
            Verb::Add => self.add(target, item.data.as_ref(), &meta),
            Verb::Replace => self.replace(target, item.data.as_ref(), &meta),
            Verb::Delete => {
                let uri = self.node(target)?;
                Ok(self.transaction.delete(&uri).map(|()| Status::Ok)?)
            }
            Verb::Copy => {
                let source = self.node(location(item.source.as_ref()))?;
                let target = self.node(target)?;
                Ok(self.transaction.copy(&source, &target).map(|()| Status::Ok)?)
            }
            Verb::Get | Verb::Exec if inside == Inside::Atomic => Err(fail(
                Status::CommandFailed,
                command.verb.as_str(),
                "not accepted inside Atomic",
            )),
            Verb::Get => {
                let Target { uri, property } = self.target(target)?;
                Ok(self.transaction.check_get(&uri, property).map(|()| Status::Ok)?)
            }
            Verb::Exec => self.exec(target, item, command),
        }
    }

    fn add(
        &mut self,
        target: &str,
        data: Option<&Data<'_>>,
        meta: &Effective<'_>,
    ) -> Result<Status, Failure> {
        let uri = self.node(target)?;
        if let Some((data, r#type)) = meta.object(data) {
            let transaction = &mut *self.transaction;
            let added = data.with_object(r#type, meta.is_bin(), self.limits, |object| {
                transaction.add_object(&uri, object)
            });
            added.map_err(|error| of_object(&error, target))??;
        } else {
            self.transaction.add(uri, meta.node(data, target)?)?;
        }
        Ok(Status::Ok)
    }

    fn replace(
        &mut self,
        target: &str,
        data: Option<&Data<'_>>,
        meta: &Effective<'_>,
    ) -> Result<Status, Failure> {
        let Target { uri, property } = self.target(target)?;
        if let Some(property) = property {
            let text = text(data, target)?;
            self.transaction.replace_property(&uri, property, &text)?;
        } else if let Some((data, r#type)) = meta.object(data) {
            let transaction = &mut *self.transaction;
            let replaced = data.with_object(r#type, meta.is_bin(), self.limits, |object| {
                transaction.replace_object(&uri, object)
            });
            replaced.map_err(|error| of_object(&error, target))??;
        } else {
            let format = meta.format(target)?;
            if format == Some(Format::Node) {
                let why = "Replace cannot make an interior node";
                return Err(fail(Status::NotAllowed, target, why));
            }
            let octets = meta.octets(data, target)?;
            self.transaction.replace_value(&uri, octets, format, meta.r#type)?;
        }
        Ok(Status::Ok)
    }

    fn exec(
        &mut self,
        target: &str,
        item: &Item<'_>,
        command: &ItemCommand<'_>,
    ) -> Result<Status, Failure> {
        let uri = self.node(target)?;
        let uri = self.transaction.spelled(uri);
        self.transaction.may_exec(&uri)?;
        let data = text(item.data.as_ref(), target)?.into_owned();
        let correlator = command.correlator.as_deref().map(str::to_owned);
        self.done.execs.push(Exec { uri: uri.to_string(), data, correlator });
        Ok(Status::Accepted)
    }

    /// A target that is a node: properties take `Get` and `Replace` only. [TND 1.2 §7.7]
    fn node(&mut self, text: &str) -> Result<Uri, Failure> {
        match self.target(text)? {
            Target { uri, property: None } => Ok(uri),
            Target { uri, property: Some(_) } => {
                Err(dm_tree::Failure { reason: Reason::Property, uri: Some(uri) }.into())
            }
        }
    }

    fn target(&mut self, text: &str) -> Result<Target, Failure> {
        self.transaction.target(text).map_err(|error| Failure::of_target(error, text))
    }
}

/// The text of the data, as the infoset has it.
fn text<'d>(data: Option<&'d Data<'_>>, target: &str) -> Result<Cow<'d, str>, Failure> {
    let Some(data) = data else { return Ok(Cow::Borrowed("")) };
    data.text().ok_or_else(|| fail(Status::UnsupportedFormat, target, "elements in Data"))
}

/// Format and Type in force for an item: its own Meta, field by field, then the command's.
struct Effective<'m> {
    format: Option<&'m str>,
    r#type: Option<&'m str>,
}

impl Effective<'_> {
    /// The data and its type, when it is a serialized sub-tree.
    fn object<'d>(&self, data: Option<&'d Data<'d>>) -> Option<(&'d Data<'d>, &str)> {
        let r#type = self.r#type.filter(|r#type| is_object(r#type))?;
        Some((data?, r#type))
    }

    /// Whether the Format says that text is the base64 text of octets.
    fn is_bin(&self) -> bool {
        self.format.and_then(Format::parse).is_some_and(Format::is_octets)
    }

    fn format(&self, target: &str) -> Result<Option<Format>, Failure> {
        self.format
            .map(|name| {
                Format::parse(name)
                    .ok_or_else(|| fail(Status::UnsupportedFormat, target, "an unknown format"))
            })
            .transpose()
    }

    /// The node that an Add makes.
    fn node(&self, data: Option<&Data<'_>>, target: &str) -> Result<Node, Failure> {
        let format = self.format(target)?.unwrap_or(Format::Chr);
        if format == Format::Node {
            return Ok(Node::interior(self.r#type.unwrap_or_default()));
        }
        let octets = self.octets(data, target)?;
        let is_octets = self.r#type.is_some_and(is_wbxml);
        let format = if is_octets { Format::Bin } else { format };
        Ok(Node::leaf(format, self.r#type.unwrap_or("text/plain"), octets))
    }

    /// The octets of a value: text as it is, base64 text decoded where octets are meant.
    fn octets(&self, data: Option<&Data<'_>>, target: &str) -> Result<Octets, Failure> {
        let octets_meant = self.format(target)?.is_some_and(Format::is_octets)
            || self.r#type.is_some_and(is_wbxml);
        match data {
            None => Ok(Octets::from(b"")),
            Some(Data::Octets(octets)) => Ok((**octets).into()),
            Some(Data::Text(text)) if octets_meant => STANDARD
                .decode(text.as_bytes())
                .map(Octets::from)
                .map_err(|_| fail(Status::UnsupportedFormat, target, "the data is not base64")),
            Some(Data::Text(text)) => Ok((**text).into()),
            Some(Data::Elements(_)) => {
                Err(fail(Status::UnsupportedFormat, target, "elements in Data"))
            }
        }
    }
}

/// How many commands there are at most: it, and those inside.
fn commands(command: &Command<'_>) -> usize {
    match command {
        Command::Group(group) => 1 + group.commands.iter().map(commands).sum::<usize>(),
        _ => 1,
    }
}

fn identify(command: &Command<'_>) -> (CmdId, &'static str) {
    let name = match command {
        Command::Alert(_) => "Alert",
        Command::Group(group) => group.kind.as_str(),
        Command::Items(command) => command.verb.as_str(),
        Command::Tolerated(_) => "",
    };
    (command.cmd_id().unwrap_or_default().into(), name)
}

fn location<'i>(location: Option<&'i dm_syncml::Location<'i>>) -> &'i str {
    location.map_or("", |location| &location.loc_uri)
}

fn of_object(error: &ObjectError, target: &str) -> Failure {
    let why = match error {
        ObjectError::Base64 => "the object is not base64",
        ObjectError::Xml(_) => "the object is not readable as XML",
        ObjectError::Wbxml(_) => "the object is not readable as WBXML",
        ObjectError::Limit(_) => "documents are nested too deeply",
        _ => "the object is not readable as TNDS",
    };
    fail(Status::UnsupportedFormat, target, why)
}

fn fail(status: Status, place: &str, why: &'static str) -> Failure {
    Failure::new(status, place, why)
}
