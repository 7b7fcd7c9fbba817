//! What was found out, for people.

use std::collections::HashMap;

use dm_client::Outcome;
use dm_crypto::AwsLc;
use dm_inspect::{
    Command, Deviation, Findings, Header, KeyHint, Kind, Layer, Message, Peeled, Signature,
    examine, xml,
};

use super::View;
use super::gate::{Gate, Verdict};
use super::screen::Screen;
use super::style::{Ink, Style};
use super::table::Table;
use crate::command::open::to_text;
use crate::fault::Fault;
use crate::report::plain;

/// Prints all messages; whether none was refused.
pub fn print(
    peeled: &Peeled,
    view: Option<View>,
    gate: &mut Gate,
    style: Style,
    screen: &mut Screen,
) -> Result<bool, Fault> {
    let mut page = Page { style, screen, view };
    let mut is_accepted = true;
    for (number, message) in peeled.messages.iter().enumerate() {
        if number > 0 {
            page.screen.line("");
        }
        is_accepted &= page.message(message, (number + 1, peeled.messages.len()), gate)?;
    }
    if !matches!(view, Some(View::Xml | View::Hex)) {
        page.beside(&peeled.deviations);
    }
    Ok(is_accepted)
}

struct Page<'s> {
    style: Style,
    screen: &'s mut Screen,
    view: Option<View>,
}

impl Page<'_> {
    fn message(
        &mut self,
        message: &Message,
        (number, of): (usize, usize),
        gate: &mut Gate,
    ) -> Result<bool, Fault> {
        match self.view {
            Some(View::Xml) => {
                self.xml(message);
                return Ok(true);
            }
            Some(View::Hex) => {
                Table::hex(message, self.screen);
                return Ok(true);
            }
            _ => {}
        }
        self.layers(message, number, of);
        if self.view != Some(View::Model) {
            self.table(message);
        }
        if self.view == Some(View::Tokens) || message.kind == Kind::Unknown {
            return Ok(true);
        }
        let findings = examine(message, &AwsLc);
        self.commands(&findings);
        if let Some(signature) = &findings.signature {
            self.signature(signature);
        }
        self.deviations(&findings);
        let verdict = gate.judge(message)?;
        Ok(self.verdict(&verdict))
    }

    fn title(&mut self, title: &str) {
        self.screen.line("");
        self.screen.line(&self.style.ink(Ink::Title, title));
    }

    /// A line, or several, indented behind a label.
    fn entry(&mut self, label: &str, width: usize, text: &str, ink: Ink) {
        let mut label = format!("  {label:width$}  ");
        for line in wrapped(&plain(text), self.style.width.saturating_sub(width + 4).max(20)) {
            self.screen.line(&format!("{}{}", label, self.style.ink(ink, &line)));
            label = " ".repeat(width + 4);
        }
    }

    fn layers(&mut self, message: &Message, number: usize, of: usize) {
        let source = message.origin.first().map_or("", |piece| &piece.source);
        let count = if of > 1 { format!("message {number} of {of}, ") } else { String::new() };
        let more = message.origin.len().saturating_sub(1);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let line = format!("{count}{}{more}", plain(source));
        self.screen.line(&self.style.ink(Ink::Title, &line));
        for Layer { name, what, why, .. } in &message.layers {
            self.entry(name, LABEL, &format!("{what} ({why})"), Ink::Plain);
        }
        if !message.missing.is_empty() {
            let missing: Vec<String> = message.missing.iter().map(u8::to_string).collect();
            let said =
                format!("segments {} are missing: this is its beginning", missing.join(", "));
            self.entry("incomplete", LABEL, &said, Ink::Bad);
        }
    }

    fn table(&mut self, message: &Message) {
        let table = Table::new(self.style);
        self.screen.line("");
        let mut has_fields = false;
        for layer in &message.layers {
            let is_one = layer.fields.iter().all(|field| field.part.is_empty());
            if layer.fields.is_empty() || !(is_one || self.view == Some(View::Tokens)) {
                continue;
            }
            has_fields = true;
            let mut part = None;
            for field in &layer.fields {
                if part.replace(&field.part) != Some(&field.part) {
                    let said = format!("{} {}", layer.name, plain(&field.part));
                    self.screen.line(&self.style.ink(Ink::Title, said.trim_end()));
                }
                table.field(field, self.screen);
            }
        }
        if has_fields {
            self.screen.line("");
        }
        table.head(self.screen);
        table.rows(message, self.screen);
    }

    fn commands(&mut self, findings: &Findings) {
        let is_message = findings.header.is_some();
        if findings.commands.is_empty() && !is_message {
            return;
        }
        self.title(if is_message { "Commands" } else { "Content" });
        if let Some(header) = &findings.header {
            self.entry("", 0, &who(header), Ink::Dim);
        }
        for command in &findings.commands {
            self.command(command, 0);
        }
        if findings.commands.is_empty() {
            self.entry("", 0, "none", Ink::Plain);
        }
    }

    fn command(&mut self, command: &Command, depth: usize) {
        let margin = "  ".repeat(depth.min(8));
        for (at, line) in command.words.iter().enumerate() {
            let id = command.cmd_id.as_deref().filter(|_| at == 0).map(plain).unwrap_or_default();
            let inner = "  ".repeat(line.depth.min(16));
            let label = format!("{margin}{}{inner}", super::style::fit(&format!("{id:3}"), 6));
            let ink = if line.depth == 0 { Ink::Plain } else { Ink::Dim };
            self.entry(&label, label.chars().count(), &line.text, ink);
        }
        command.commands.iter().for_each(|inner| self.command(inner, depth + 1));
    }

    fn signature(&mut self, signature: &Signature) {
        self.title("Signature");
        if signature.encrypted > 0 {
            let said = format!("{} encrypted, shown by name and not opened", signature.encrypted);
            self.entry("parts", LABEL, &said, Ink::Plain);
        }
        if !signature.is_there {
            return self.entry("", 0, "none: the message is not signed", Ink::Plain);
        }
        let (said, ink) = match signature.is_well_shaped {
            true => ("as the profile wants it (§3)", Ink::Good),
            false => ("not the one shape that a device accepts (profile §3)", Ink::Bad),
        };
        self.entry("shape", LABEL, said, ink);
        for (element, uri) in &signature.algorithms {
            self.entry(short(element), LABEL, uri, Ink::Plain);
        }
        let (digest, value) = signature.octets;
        let said = format!("digest {digest} octets, signature {value} octets");
        self.entry("values", LABEL, &said, Ink::Plain);
        match signature.digest_holds {
            Some(true) => {
                let said = "matches the content, which says nothing of who signed";
                self.entry("digest", LABEL, said, Ink::Good);
            }
            Some(false) => {
                let said = "does not match: the message was changed after it was signed";
                self.entry("digest", LABEL, said, Ink::Bad);
            }
            None => {}
        }
        for key in &signature.keys {
            let said = match key {
                KeyHint::Name(name) => format!("{name:?}, by name"),
                KeyHint::Certificate(names) => format!("a certificate for {}", names.join(", ")),
                KeyHint::Other(other) => format!("{other}, which a device does not use"),
                _ => continue,
            };
            self.entry("key", LABEL, &said, Ink::Plain);
        }
        if !signature.missing.is_empty() {
            self.entry("missing", LABEL, &signature.missing.join(", "), Ink::Bad);
        }
    }

    fn deviations(&mut self, findings: &Findings) {
        let count = findings.deviations.len() + findings.unlisted;
        if count == 0 {
            return;
        }
        self.title(&format!("Deviations from what a device accepts: {count}"));
        self.each_kind(&findings.deviations);
        if findings.unlisted > 0 {
            self.entry("", 0, &format!("and {} more", findings.unlisted), Ink::Plain);
        }
    }

    /// The first deviation of each kind, with the places of the others.
    fn each_kind(&mut self, deviations: &[Deviation]) {
        let mut kinds: Vec<(&Deviation, Vec<usize>)> = Vec::new();
        // A capture can have a deviation in each of a million packets.
        let mut first = HashMap::new();
        for deviation in deviations {
            let kind = (&deviation.what, deviation.layer, &deviation.place);
            let known = *first.entry(kind).or_insert(kinds.len());
            match (kinds.get_mut(known), deviation.offset) {
                (Some((_, others)), Some(offset)) => others.push(offset),
                _ => kinds.push((deviation, Vec::new())),
            }
        }
        kinds.iter().for_each(|(deviation, others)| self.deviation(deviation, others));
    }

    fn deviation(&mut self, deviation: &Deviation, others: &[usize]) {
        let Deviation { layer, offset, place, what, clause, remedy, .. } = deviation;
        let mut at = offset.map(|offset| format!(" at octet {offset}")).unwrap_or_default();
        match others {
            [] => {}
            [only] => at += &format!(" and {only}"),
            [next, ..] => at += &format!(", {next} and {} more places", others.len() - 1),
        }
        let place = if place.is_empty() { String::new() } else { format!(", {place}") };
        self.entry(layer, 9, &format!("{what}{at}{place}"), Ink::Bad);
        self.entry("", 9, &format!("clause {clause}; {remedy}"), Ink::Dim);
    }

    /// What belongs to no message.
    fn beside(&mut self, deviations: &[Deviation]) {
        if deviations.is_empty() {
            return;
        }
        self.title("Not read");
        self.each_kind(deviations);
    }

    fn verdict(&mut self, verdict: &Verdict) -> bool {
        self.title("Verdict");
        match verdict {
            Verdict::NotVerified(why) => {
                let ask = " (--state DIR asks the gate of a device)";
                let ask = if why.starts_with("no account") { ask } else { "" };
                self.entry("", 0, &format!("not verified: {why}{ask}"), Ink::Plain);
                true
            }
            Verdict::Judged(outcome) => {
                let is_accepted = matches!(outcome, Outcome::Accepted(_));
                let ink = if is_accepted { Ink::Good } else { Ink::Bad };
                for (at, line) in to_text(outcome, true).lines().enumerate() {
                    let ink = if at == 0 { ink } else { Ink::Plain };
                    let text = line.trim_start();
                    let margin = " ".repeat(line.len() - text.len());
                    self.entry(&margin, margin.len(), text, ink);
                }
                is_accepted
            }
        }
    }

    fn xml(&mut self, message: &Message) {
        match xml(message) {
            Some(text) => text.lines().for_each(|line| self.screen.line(&plain(line))),
            None => self.screen.line("no infoset: nothing could be read"),
        }
    }
}

/// Columns of a label.
const LABEL: usize = 13;

fn who(header: &Header) -> String {
    let or =
        |text: &Option<String>, absent: &str| text.clone().unwrap_or_else(|| absent.to_owned());
    let mut said = format!(
        "from {} to {}; session {}, message {}, {}",
        or(&header.source, "nobody"),
        or(&header.target, "nobody"),
        or(&header.session_id, "?"),
        or(&header.msg_id, "?"),
        or(&header.ver_proto, "no VerProto"),
    );
    if let Some(emi) = &header.emi {
        said += &format!("; {emi}");
    }
    if let Some(cred) = &header.cred {
        said += &format!("; with a Cred ({cred})");
    }
    said
}

/// The name of an element that names an algorithm, without what all of them end in.
fn short(element: &str) -> &str {
    match element {
        "CanonicalizationMethod" => "canonical",
        "SignatureMethod" => "signed by",
        "DigestMethod" => "digest by",
        "Transform" => "transform",
        other if other.len() <= LABEL && other.is_ascii() => other,
        _ => "algorithm",
    }
}

/// A text in lines of at most so many characters, broken at spaces where there are some.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split_inclusive(' ') {
        let size = word.chars().count();
        if length > 0 && length + word.trim_end().chars().count() > width {
            lines.push(line.trim_end().to_owned());
            (line, length) = (String::new(), 0);
        }
        line.push_str(word);
        length += size;
    }
    lines.push(line.trim_end().to_owned());
    lines
}
