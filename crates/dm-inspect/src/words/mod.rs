//! What a message would do, in words. [REP 1.2 §4.1], [Sessionless §5.5]
//!
//! Read from any SyncML of any version, strict or not: whatever has the name of a command is told
//! as one. Whether a device would take it, the deviations say.

mod data;
mod indented;
mod tree;

use dm_xml::{Element, brief};

pub(crate) use data::document_inside;
pub(crate) use indented::indented;

use self::data::{Meta, describe, value};

/// Who writes to whom.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// `Source/LocURI`: the ServerID.
    pub source: Option<String>,
    /// `Target/LocURI`: the device, or a group.
    pub target: Option<String>,
    /// `VerProto`.
    pub ver_proto: Option<String>,
    /// `SessionID`.
    pub session_id: Option<String>,
    /// `MsgID`.
    pub msg_id: Option<String>,
    /// `Meta/EMI`: counter and expiry. [profile §7]
    pub emi: Option<String>,
    /// The type of a `Cred`.
    pub cred: Option<String>,
}

/// A command, or another part of a document, in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Command {
    /// `CmdID`.
    pub cmd_id: Option<String>,
    /// The name of the element.
    pub name: String,
    /// One line for each item: `Replace ./A with "b" (chr)`.
    pub words: Vec<Line>,
    /// The commands inside.
    pub commands: Vec<Command>,
}

/// A line, and the lines that belong to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// How deep it stands below its command.
    pub depth: usize,
}

impl Line {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), depth: 0 }
    }
}

/// What the header of a message says, if it has one.
pub(crate) fn header(root: Element<'_>) -> Option<Header> {
    let header = child(root, "SyncHdr").filter(|_| root.local() == "SyncML")?;
    let uri = |local| child(header, local).and_then(|it| text_at(it, &["LocURI"]));
    let meta = child(header, "Meta").and_then(|meta| child(meta, "MetInf").or(Some(meta)));
    let cred = child(header, "Cred").map(|cred| Meta::of(cred).r#type.unwrap_or_default());
    Some(Header {
        source: uri("Source"),
        target: uri("Target"),
        ver_proto: text_at(header, &["VerProto"]),
        session_id: text_at(header, &["SessionID"]),
        msg_id: text_at(header, &["MsgID"]),
        emi: meta.and_then(|meta| text_at(meta, &["EMI"])),
        cred,
    })
}

/// The commands of a message; of another document, one that lists its content.
pub(crate) fn commands(root: Element<'_>) -> Vec<Command> {
    if root.local() != "SyncML" {
        let mut lines = vec![Line::new(data::title(root))];
        tree::lines(root, 1, &mut lines);
        return vec![Command { name: root.local().to_owned(), words: lines, ..Command::default() }];
    }
    let behind = root.elements().filter(|child| child.local() != "SyncHdr");
    let mut found = Vec::new();
    for part in behind {
        match part.local() {
            "SyncBody" => {
                found.extend(part.elements().filter_map(|it| command(it, &Meta::default())))
            }
            "EncryptedData" => found.push(Command {
                name: part.local().to_owned(),
                words: vec![Line::new(data::encrypted(part))],
                ..Command::default()
            }),
            _ => {}
        }
    }
    found
}

fn command(element: Element<'_>, outer: &Meta) -> Option<Command> {
    let local = element.local();
    if local == "Final" {
        return None;
    }
    let meta = Meta::of(element).or(outer);
    let mut words = Vec::new();
    match local {
        "Alert" => alert(element, &mut words),
        "Status" => words.push(Line::new(status(element))),
        "Atomic" => words.push(Line::new("Atomic: all of these or none")),
        "Sequence" => words.push(Line::new("Sequence: one after the other")),
        "Sync" => words.push(Line::new(format!("Sync {}", whole(element)))),
        "EncryptedData" => words.push(Line::new(data::encrypted(element))),
        _ => {}
    }
    if !matches!(local, "Alert" | "Status") {
        for it in element.elements().filter(|child| child.local() == "Item") {
            item(local, it, &meta, &mut words);
        }
    }
    if let Some(correlator) = text_at(element, &["Correlator"]) {
        words.push(Line { text: format!("correlator {}", quoted(&correlator)), depth: 1 });
    }
    if words.is_empty() {
        words.push(Line::new(format!("{} without an Item", brief(local))));
    }
    let inside = element.elements().filter(|child| is_command(child.local()));
    Some(Command {
        cmd_id: text_at(element, &["CmdID"]),
        name: brief(local).into(),
        words,
        commands: inside.filter_map(|child| command(child, &meta)).collect(),
    })
}

fn is_command(local: &str) -> bool {
    matches!(
        local,
        "Add"
            | "Alert"
            | "Atomic"
            | "Copy"
            | "Delete"
            | "Exec"
            | "Get"
            | "Map"
            | "Move"
            | "Put"
            | "Replace"
            | "Results"
            | "Search"
            | "Sequence"
            | "Status"
            | "Sync"
    )
}

fn item(verb: &str, item: Element<'_>, outer: &Meta, words: &mut Vec<Line>) {
    let meta = Meta::of(item).or(outer);
    let at = |local| child(item, local).and_then(|it| text_at(it, &["LocURI"]));
    let (target, source) = (at("Target"), at("Source"));
    let data = child(item, "Data").map(|data| describe(data, &meta));
    let place = match (&target, &source) {
        (Some(target), Some(source)) if verb == "Copy" => {
            format!("{} to {}", shown(source), shown(target))
        }
        (Some(target), Some(source)) => format!("{} (from {})", shown(target), shown(source)),
        (Some(uri), None) | (None, Some(uri)) => shown(uri),
        (None, None) => "(without a Target)".to_owned(),
    };
    let place = match place.split_once("?prop=") {
        Some((uri, property)) => format!("property {property} of {uri}"),
        None => place,
    };
    let joint = match verb {
        "Replace" => " with ",
        "Add" => ": ",
        "Results" | "Put" => " is ",
        _ => " ",
    };
    let mut text = format!("{} {place}", brief(verb));
    let mut below = Vec::new();
    match data {
        Some((shown, lines)) => {
            text += joint;
            text += &shown;
            below = lines;
        }
        None if verb == "Add" || verb == "Replace" => text += &meta.as_words().unwrap_or_default(),
        None => {}
    }
    if child(item, "MoreData").is_some() {
        text += ", a chunk of more (MoreData)";
    }
    words.push(Line::new(text));
    words.extend(below);
}

fn alert(alert: Element<'_>, words: &mut Vec<Line>) {
    let code = text_at(alert, &["Data"]).unwrap_or_default();
    let name = ALERTS.iter().find(|(listed, _)| *listed == code).map_or("", |(_, name)| name);
    let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
    let code = if code.is_empty() { "without a code".into() } else { brief(&code) };
    let mut text = format!("Alert {code}{name}");
    let items: Vec<Element<'_>> =
        alert.elements().filter(|child| child.local() == "Item").collect();
    let said: Vec<String> = items
        .iter()
        .filter_map(|item| child(*item, "Data").map(|data| value(data, &Meta::of(*item))))
        .collect();
    if !said.is_empty() {
        text += ": ";
        text += &said.join(", ");
    }
    words.push(Line::new(text));
    for item in items.into_iter().filter(|item| child(*item, "Data").is_none()) {
        words.push(Line { text: whole(item), depth: 1 });
    }
}

/// Source and Target of an element, as far as they are there.
fn whole(element: Element<'_>) -> String {
    let part = |local, label: &str| {
        let uri = child(element, local).and_then(|it| text_at(it, &["LocURI"]));
        uri.map(|uri| format!("{label} {}", shown(&uri)))
    };
    let parts: Vec<String> =
        [part("Source", "from"), part("Target", "to")].into_iter().flatten().collect();
    parts.join(" ")
}

fn status(status: Element<'_>) -> String {
    let at = |local| text_at(status, &[local]);
    let mut text =
        format!("Status {}", at("Data").map_or("without a code".into(), |code| shown(&code)));
    for (local, label) in
        [("Cmd", "of"), ("MsgRef", "in message"), ("CmdRef", "command"), ("TargetRef", "for")]
    {
        if let Some(found) = at(local) {
            text += &format!(" {label} {}", shown(&found));
        }
    }
    text
}

/// [DM 1.2 alerts; DS 1.2 alerts]
const ALERTS: [(&str, &str); 25] = [
    ("100", "show"),
    ("200", "two-way sync"),
    ("201", "slow sync"),
    ("202", "one-way sync from client"),
    ("203", "refresh from client"),
    ("204", "one-way sync from server"),
    ("205", "refresh from server"),
    ("206", "two-way sync, asked for by the server"),
    ("207", "one-way sync from client, asked for by the server"),
    ("208", "refresh from client, asked for by the server"),
    ("209", "one-way sync from server, asked for by the server"),
    ("210", "refresh from server, asked for by the server"),
    ("221", "result alert"),
    ("222", "next message"),
    ("223", "no end of data"),
    ("224", "suspend"),
    ("1100", "display"),
    ("1101", "confirm or reject"),
    ("1102", "text input"),
    ("1103", "single choice"),
    ("1104", "multiple choice"),
    ("1200", "session begun by the server"),
    ("1201", "session begun by the client"),
    ("1223", "session abort"),
    ("1226", "generic alert"),
];

/// The first child element of this name, in whatever namespace.
fn child<'d>(element: Element<'d>, local: &str) -> Option<Element<'d>> {
    element.elements().find(|child| child.local() == local)
}

/// The text of the element at this path below.
fn text_at(element: Element<'_>, path: &[&str]) -> Option<String> {
    let mut at = element;
    for local in path {
        at = child(at, local)?;
    }
    Some(at.text().into_owned())
}

/// A text in quotes, cut to what one line can carry.
fn quoted(text: &str) -> String {
    let count = text.chars().count();
    if count <= 64 {
        return format!("\"{text}\"");
    }
    let begun: String = text.chars().take(48).collect();
    format!("\"{begun}\u{2026}\" ({count} characters)")
}

/// A name or URI, cut to what one line can carry.
fn shown(text: &str) -> String {
    match text.chars().count() {
        0 => "(empty)".to_owned(),
        1..=200 => text.to_owned(),
        count => {
            let begun: String = text.chars().take(160).collect();
            format!("{begun}\u{2026} ({count} characters)")
        }
    }
}

#[cfg(test)]
mod tests;
