//! Commands as a server writes them, and what the obvious tree says to each.
//!
//! [REP 1.2 §4.1.6, §6.6], [Sessionless §5.5], [profile §9]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::command::{data, group, item, meta, one};
use conformance::tnds::{self, Shape};

use crate::tree::{Asking, Done, Maker, Model, Node, Path, parse, text};

#[derive(Clone, Debug)]
pub enum Command {
    Add(Vec<Written>),
    Replace(Vec<Written>),
    AddObject(String, Object),
    ReplaceObject(String, Object),
    Delete(Vec<String>),
    Copy(String, String),
    Exec(String),
    Get(String),
    Alert(&'static str),
    Chunk(String),
    Group(&'static str, Vec<Command>),
}

/// What an `Add` or `Replace` says of one item.
#[derive(Clone, Debug)]
pub struct Written {
    pub target: String,
    pub format: Option<&'static str>,
    pub r#type: Option<&'static str>,
    pub data: String,
}

/// A sub-tree: the names below the target, parents first; the first is the only one at the top.
#[derive(Clone, Debug)]
pub struct Object {
    pub nodes: Vec<(Path, Node)>,
    /// Whether the first has no name: it is the target itself.
    pub is_target: bool,
    pub shape: Shape,
}

impl Command {
    /// The command as XML text; `id` counts its `CmdID`s.
    pub fn xml(&self, id: &mut usize) -> String {
        *id += 1;
        let own = id.to_string();
        match self {
            Self::Add(items) => {
                one("Add", &own, &items.iter().map(Written::xml).collect::<String>())
            }
            Self::Replace(items) => {
                one("Replace", &own, &items.iter().map(Written::xml).collect::<String>())
            }
            Self::AddObject(target, object) => {
                tnds::command("Add", &own, target, &object.text(), object.shape)
            }
            Self::ReplaceObject(target, object) => {
                tnds::command("Replace", &own, target, &object.text(), object.shape)
            }
            Self::Delete(targets) => {
                one("Delete", &own, &targets.iter().map(|at| item(at, "")).collect::<String>())
            }
            Self::Copy(source, target) => conformance::command::copy(&own, source, target),
            Self::Exec(target) => conformance::command::exec(&own, target),
            Self::Get(target) => conformance::command::get(&own, target),
            Self::Alert(code) => conformance::command::alert(&own, code),
            Self::Chunk(target) => one("Replace", &own, &item(target, "<Data>x</Data><MoreData/>")),
            Self::Group(kind, commands) => {
                let inner: Vec<_> = commands.iter().map(|command| command.xml(id)).collect();
                group(kind, &own, &inner)
            }
        }
    }

    /// The statuses of the command, those inside a group before its own.
    pub fn run(&self, model: &mut Model, asking: Asking<'_>, statuses: &mut Vec<u16>) -> u16 {
        self.run_inside(None, model, asking, statuses)
    }

    fn run_inside(
        &self,
        outer: Option<&str>,
        model: &mut Model,
        asking: Asking<'_>,
        statuses: &mut Vec<u16>,
    ) -> u16 {
        let in_atomic = outer == Some("Atomic");
        let status = match self {
            Self::Get(_) | Self::Exec(_) | Self::Group(..) if in_atomic => 500,
            Self::Group("Atomic", commands) => atomic(commands, model, asking, statuses),
            Self::Group(kind, commands) => {
                let mut stopped = false;
                for command in commands {
                    if stopped {
                        statuses.push(215);
                    } else {
                        stopped = command.run_inside(Some(kind), model, asking, statuses) == 214;
                    }
                }
                200
            }
            // 1100 is shown to nobody; this device has no user who could confirm.
            Self::Alert("1100") => 200,
            Self::Alert(_) | Self::Chunk(_) => 406,
            Self::Exec(target) => match node(target).and_then(|at| model.exec(asking, &at)) {
                Ok(()) => 202,
                Err(status) => status,
            },
            Self::Get(target) => {
                code(split(target).and_then(|(at, property)| model.read(asking, &at, property)))
            }
            Self::Copy(source, target) => undone(model, |model| {
                let (source, target) = (node(source)?, node(target)?);
                model.copy(asking, &source, &target)
            }),
            Self::Delete(targets) => {
                each(targets, |target| undone(model, |model| model.delete(asking, &node(target)?)))
            }
            Self::Add(items) => each(items, |item| undone(model, |model| item.add(model, asking))),
            Self::Replace(items) => {
                each(items, |item| undone(model, |model| item.replace(model, asking)))
            }
            Self::AddObject(target, object) => undone(model, |model| {
                let target = node(target)?;
                model.add_object(asking, &target, &object.below(&target))
            }),
            Self::ReplaceObject(target, object) => undone(model, |model| {
                let target = parse(target)?;
                let mut above = target.clone();
                if object.is_target {
                    above.pop();
                }
                model.replace_object(asking, &target, &object.below(&above))
            }),
        };
        statuses.push(status);
        status
    }
}

/// All or nothing. A command that failed ends it, those behind it are not run.
fn atomic(
    commands: &[Command],
    model: &mut Model,
    asking: Asking<'_>,
    statuses: &mut Vec<u16>,
) -> u16 {
    let (before, first) = (model.clone(), statuses.len());
    let mut failed = false;
    for command in commands {
        if failed {
            statuses.push(215);
        } else {
            failed = command.run_inside(Some("Atomic"), model, asking, statuses) >= 300;
            // What else is over 200 and under 300, is a failure, too: not executed, rejected.
            failed |= statuses.last().is_some_and(|status| [214, 215, 216].contains(status));
        }
    }
    if !failed {
        return 200;
    }
    *model = before;
    for status in &mut statuses[first..] {
        if *status == 200 || *status == 202 {
            *status = 216;
        }
    }
    507
}

fn code(done: Done) -> u16 {
    done.err().unwrap_or(200)
}

/// Runs a part of a command; what failed leaves nothing.
fn undone(model: &mut Model, run: impl FnOnce(&mut Model) -> Done) -> u16 {
    let before = model.clone();
    let done = run(model);
    if done.is_err() {
        *model = before;
    }
    code(done)
}

/// Items are independent; the first failure names the status.
fn each<T>(items: &[T], mut run: impl FnMut(&T) -> u16) -> u16 {
    let statuses: Vec<_> = items.iter().map(&mut run).collect();
    statuses.into_iter().find(|status| *status != 200).unwrap_or(200)
}

/// A target: a node, or a property of it.
fn split(target: &str) -> Result<(Path, Option<&str>), u16> {
    const ALL: [&str; 8] = ["ACL", "Format", "Name", "Size", "Title", "TStamp", "Type", "VerNo"];
    let (uri, property) = match target.split_once('?') {
        None => (target, None),
        Some((uri, query)) => match query.strip_prefix("prop=") {
            Some(property) if ALL.contains(&property) => (uri, Some(property)),
            _ => return Err(406),
        },
    };
    Ok((parse(uri)?, property))
}

/// A target that must be a node: properties take Get and Replace.
fn node(target: &str) -> Result<Path, u16> {
    match split(target)? {
        (path, None) => Ok(path),
        (_, Some(_)) => Err(405),
    }
}

impl Written {
    fn xml(&self) -> String {
        let said = match (self.format, self.r#type) {
            (None, None) => String::new(),
            (format, r#type) => meta(format.unwrap_or_default(), r#type.unwrap_or_default()),
        };
        item(&self.target, &(said + &data(&self.data)))
    }

    fn octets(&self) -> Result<Vec<u8>, u16> {
        match self.format {
            Some("bin" | "b64") => STANDARD.decode(&self.data).map_err(|_| 415),
            _ => Ok(self.data.clone().into_bytes()),
        }
    }

    fn known_format(&self) -> Result<Option<&'static str>, u16> {
        match self.format {
            Some("odd") => Err(415),
            format => Ok(format),
        }
    }

    fn add(&self, model: &mut Model, asking: Asking<'_>) -> Done {
        let path = node(&self.target)?;
        let new = match self.known_format()?.unwrap_or("chr") {
            "node" => Node::interior(self.r#type.unwrap_or_default()),
            format => Node::leaf(format, self.r#type.unwrap_or("text/plain"), &self.octets()?),
        };
        model.add(asking, &path, new, false)
    }

    fn replace(&self, model: &mut Model, asking: Asking<'_>) -> Done {
        let (path, property) = split(&self.target)?;
        if let Some(property) = property {
            return model.set_property(asking, &path, property, &self.data);
        }
        let format = self.known_format()?;
        if format == Some("node") {
            return Err(405);
        }
        model.replace(asking, &path, &self.octets()?, (format, self.r#type))
    }
}

impl Object {
    fn below(&self, above: &[String]) -> Vec<(Path, Node)> {
        self.nodes.iter().map(|(at, node)| ([above, at].concat(), node.clone())).collect()
    }

    /// The object as XML text.
    fn text(&self) -> String {
        tnds::text(vec![self.tnds(0)])
    }

    fn tnds(&self, index: usize) -> dm_tnds::Node<'static> {
        let (path, node) = &self.nodes[index];
        let is_child = |at: &Path| at.len() == path.len() + 1 && at.starts_with(path);
        let name = path.last().filter(|_| index > 0 || !self.is_target).cloned();
        let children = (0..self.nodes.len()).filter(|at| is_child(&self.nodes[*at].0));
        let nodes: Vec<_> = children.map(|at| self.tnds(at)).collect();
        let octets = node.value.clone();
        let is_bin = node.format == "bin";
        let value = octets.map(|octets| match String::from_utf8(octets) {
            Ok(text) if !is_bin => dm_tnds::Value::Text(text.into()),
            Ok(text) => dm_tnds::Value::Octets(text.into_bytes().into()),
            Err(error) => dm_tnds::Value::Octets(error.into_bytes().into()),
        });
        let r#type = node.r#type.clone().into();
        let properties = dm_tnds::RtProperties {
            acl: (!node.acl.is_empty()).then(|| text(&node.acl).into()),
            format: dm_tnds::Format::parse(&node.format),
            title: (!node.title.is_empty()).then(|| node.title.clone().into()),
            r#type: Some(match value {
                None => dm_tnds::Type::DdfName(r#type),
                Some(_) => dm_tnds::Type::Mime(r#type),
            }),
            ..dm_tnds::RtProperties::default()
        };
        dm_tnds::Node {
            node_name: name.map(Into::into),
            path: None,
            rt_properties: Some(properties),
            value,
            nodes,
        }
    }
}

/// Runs the commands of one message.
pub fn run(commands: &[Command], model: &mut Model, maker: &Maker, server: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    for command in commands {
        command.run(model, Asking { maker, server }, &mut statuses);
    }
    statuses
}
