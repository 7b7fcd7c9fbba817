//! `[[effect]]`: what the device does after a message: once it is durable, and never as an answer.
//! [Sessionless §5.5], R19, R20

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use dm_tree::Uri;
use serde::{Deserialize, Deserializer, de};

use super::unit;
use crate::effects::template::{Template, TemplateError};

/// Something that follows messages.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "EffectTable")]
pub struct Effect {
    /// What the journal calls it.
    pub name: String,
    /// What sets it going.
    pub trigger: Trigger,
    /// What it does.
    pub action: Action,
    /// After how many runs that failed a message is given up. Default: 8.
    pub attempts: u32,
    /// The pause after the first failure; it doubles with each, up to an hour. Default: 5 s.
    pub retry: Duration,
}

/// What sets an effect going.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Trigger {
    /// `on`: one of these nodes, or a node below one, changed. Those of a template are among them.
    On(Vec<Uri>),
    /// `exec`: an Exec of this node was allowed.
    Exec(Uri),
    /// `session`: an alert 1200 or 1201 of an accepted message asks for a session. (R20)
    Session,
}

/// What an effect does.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Action {
    /// `run`: starts a program.
    Run(Program),
    /// `network_manager`: keeps connection profiles in this folder.
    NetworkManager(PathBuf),
    /// `file`: writes a file.
    File(TemplateFile),
}

/// A program and how it is run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Program {
    /// Its path and its arguments; no shell reads them.
    pub argv: Vec<String>,
    /// When it is killed, with its process group. Default: 30 s.
    pub timeout: Duration,
    /// Whose rights it has. Default: those of the agent.
    pub user: Option<String>,
}

/// A file that is written from values of the tree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TemplateFile {
    /// The file.
    pub path: PathBuf,
    /// What is in it.
    pub template: Template,
    /// Its mode. Default: 0600.
    pub mode: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EffectTable {
    name: String,
    #[serde(default, deserialize_with = "unit::count")]
    attempts: Option<usize>,
    exec: Option<String>,
    file: Option<PathBuf>,
    mode: Option<String>,
    network_manager: Option<PathBuf>,
    on: Option<Vec<String>>,
    #[serde(default, deserialize_with = "unit::duration")]
    retry: Option<Duration>,
    run: Option<Vec<String>>,
    #[serde(default)]
    session: bool,
    template: Option<String>,
    #[serde(default, deserialize_with = "unit::duration")]
    timeout: Option<Duration>,
    user: Option<String>,
}

impl TryFrom<EffectTable> for Effect {
    type Error = EffectError;

    fn try_from(mut table: EffectTable) -> Result<Self, EffectError> {
        if !is_name(&table.name) {
            return Err(EffectError::Name(table.name));
        }
        let mut trigger = match (table.on.take(), table.exec.take(), table.session) {
            (Some(nodes), None, false) if !nodes.is_empty() => {
                let nodes = nodes.iter().map(|node| uri(node)).collect::<Result<Vec<_>, _>>()?;
                Trigger::On(nodes)
            }
            (None, Some(node), false) => Trigger::Exec(uri(&node)?),
            (None, None, true) => Trigger::Session,
            _ => return Err(EffectError::Trigger),
        };
        let (name, attempts) = (table.name.clone(), table.attempts.unwrap_or(8));
        let attempts = u32::try_from(attempts).unwrap_or(u32::MAX);
        let retry = table.retry.unwrap_or(Duration::from_secs(5));
        let action = action(table)?;
        match (&action, &trigger) {
            (Action::Run(_), _) | (_, Trigger::On(_)) => {}
            _ => return Err(EffectError::NotOn),
        }
        if let Trigger::On(nodes) = &mut trigger {
            if let Action::File(file) = &action {
                nodes.extend(file.template.uris().cloned()); // else the file would not follow them
            }
            *nodes = highest(nodes);
        }
        Ok(Self { name, trigger, action, attempts, retry })
    }
}

fn action(table: EffectTable) -> Result<Action, EffectError> {
    let of_run = table.timeout.is_some() || table.user.is_some();
    let of_file = table.template.is_some() || table.mode.is_some();
    match (table.run, table.network_manager, table.file) {
        (Some(argv), None, None) if !of_file => {
            absolute(argv.first().map(Path::new).unwrap_or(Path::new("")), "run")?;
            if argv.iter().any(|argument| argument.contains('\0')) {
                return Err(EffectError::Nul);
            }
            let timeout = table.timeout.unwrap_or(Duration::from_secs(30));
            Ok(Action::Run(Program { argv, timeout, user: table.user }))
        }
        (None, Some(folder), None) if !of_run && !of_file => {
            Ok(Action::NetworkManager(absolute(&folder, "network_manager")?))
        }
        (None, None, Some(path)) if !of_run => {
            let path = absolute(&path, "file")?;
            let text = table.template.ok_or(EffectError::NoTemplate)?;
            let template = Template::parse(&text)?;
            let mode = table.mode.as_deref().map_or(Ok(0o600), mode)?;
            Ok(Action::File(TemplateFile { path, template, mode }))
        }
        _ => Err(EffectError::Action),
    }
}

fn absolute(path: &Path, key: &'static str) -> Result<PathBuf, EffectError> {
    if path.is_absolute() { Ok(path.to_owned()) } else { Err(EffectError::Path(key)) }
}

fn uri(text: &str) -> Result<Uri, EffectError> {
    Uri::parse(text).map_err(|_| EffectError::Uri(text.to_owned()))
}

/// Without those that are below another, or come twice: they are followed all the same.
fn highest(nodes: &[Uri]) -> Vec<Uri> {
    let mut highest: Vec<Uri> = Vec::new();
    for node in nodes {
        if !highest.contains(node) && !nodes.iter().any(|other| node.is_below(other)) {
            highest.push(node.clone());
        }
    }
    highest
}

fn mode(text: &str) -> Result<u32, EffectError> {
    u32::from_str_radix(text, 8)
        .ok()
        .filter(|mode| text.len() <= 4 && *mode <= 0o777)
        .ok_or_else(|| EffectError::Mode(text.to_owned()))
}

fn is_name(name: &str) -> bool {
    let is_of_name = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
    (1..=64).contains(&name.len()) && name.bytes().all(is_of_name)
}

/// Reads all effects; each has a name of its own, and what it writes to itself.
pub(super) fn read<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<Effect>>, D::Error> {
    let effects = Vec::<Effect>::deserialize(from)?;
    let (mut names, mut paths) = (BTreeSet::new(), BTreeSet::new());
    for effect in &effects {
        if !names.insert(&effect.name) {
            let said = format_args!("two effects are named `{}`; name one otherwise", effect.name);
            return Err(de::Error::custom(said));
        }
        let path = match &effect.action {
            Action::Run(_) => continue,
            Action::NetworkManager(path) | Action::File(TemplateFile { path, .. }) => path,
        };
        if !paths.insert(path) {
            let said = format_args!("two effects write {}; leave it to one", path.display());
            return Err(de::Error::custom(said));
        }
    }
    Ok(Some(effects))
}

#[derive(Debug, thiserror::Error)]
enum EffectError {
    #[error(
        "an effect does one thing; write run = [\"/path/program\"] (with `timeout`, `user`), \
         network_manager = \"/folder\", or file = \"/path\" with template = \"...\" (and `mode`)"
    )]
    Action,
    #[error("`{0}` is no mode of a file; write it in octal, like mode = \"0640\"")]
    Mode(String),
    #[error("`{0}` is no name; write 1 to 64 of letters, digits, '-', '_', '.'")]
    Name(String),
    #[error("`file` needs its text; write template = \"apn = {{./NAP/Home/Addr}}\"")]
    NoTemplate,
    #[error(
        "`network_manager` and `file` follow nodes; write on = [\"./NAP\"], or `run` a program"
    )]
    NotOn,
    #[error("an argument in `run` has a NUL; remove it")]
    Nul,
    #[error("the path in `{0}` is not absolute; write all of it, from '/'")]
    Path(&'static str),
    #[error(transparent)]
    Template(#[from] TemplateError),
    #[error(
        "an effect has one trigger; write on = [\"./NAP\"], exec = \"./Vendor/Reboot\" or \
         session = true"
    )]
    Trigger,
    #[error("`{0}` is not a node URI; write one like \"./Vendor/Setting\"")]
    Uri(String),
}

#[cfg(test)]
mod tests;
