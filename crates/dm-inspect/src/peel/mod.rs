//! Taking off one layer after the other, down to documents.

mod capture;
mod segments;
mod wsp_push;

use core::ops::Range;

use dm_push::wsp::{PDU_TYPE_PUSH, Push};

use crate::deviation::{Deviation, of_segments};
use crate::language;
use crate::recognise::{self, Form, decode_text, recognise};
use segments::Segments;

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// What people call it.
    pub name: String,
    /// Its octets.
    pub octets: Vec<u8>,
}

impl Input {
    /// These octets under this name.
    pub fn new(name: impl Into<String>, octets: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), octets: octets.into() }
    }
}

/// What came out of some inputs.
#[derive(Clone, Debug, Default)]
pub struct Peeled {
    /// The messages, in the order in which they were complete.
    pub messages: Vec<Message>,
    /// What could not be read, or was passed over.
    pub deviations: Vec<Deviation>,
}

/// One message: a document, or octets in which none was found.
#[derive(Clone, Debug)]
pub struct Message {
    /// From the outside in; the last one is that of the message itself.
    pub layers: Vec<Layer>,
    /// What it is.
    pub kind: Kind,
    /// Its octets.
    pub octets: Vec<u8>,
    /// Where they came from, in their order.
    pub origin: Vec<Piece>,
    /// The numbers of the segments that are missing: what there is ends where they begin.
    pub missing: Vec<u8>,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Nothing that is known here.
    Unknown,
    /// A WBXML document.
    Wbxml,
    /// XML text.
    Xml,
}

/// A wrapping that was taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// Which one: `hex`, `WSP push`, `WBXML`.
    pub name: &'static str,
    /// What it says.
    pub what: String,
    /// Why it was taken for that.
    pub why: String,
    /// What its octets are, where it has its own.
    pub fields: Vec<Field>,
}

/// Some octets of a wrapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Which one of several, in words.
    pub part: String,
    /// The standard's name.
    pub name: &'static str,
    /// Where, in octets from the start of the part.
    pub offset: usize,
    /// The octets.
    pub octets: Vec<u8>,
    /// What they say.
    pub meaning: String,
}

/// Where some octets of a message came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// The octets of the message.
    pub range: Range<usize>,
    /// Which input, and what of it: `a.hex line 3`, `trace.pcap packet 7`.
    pub source: String,
    /// The number of the segment.
    pub part: Option<u8>,
    /// Where they begin in the source, in octets of what its text stands for.
    pub offset: usize,
}

/// Takes off all layers of some inputs; `form` says what they are, if somebody knows.
#[must_use]
pub fn peel(inputs: &[Input], form: Option<Form>) -> Peeled {
    let mut peeler = Peeler::default();
    for input in inputs {
        let source = Piece {
            range: 0..input.octets.len(),
            source: input.name.clone(),
            part: None,
            offset: 0,
        };
        let octets = Octets { octets: input.octets.clone(), origin: vec![source], layers: vec![] };
        peeler.take_off(octets, form, 0);
    }
    peeler.finish()
}

/// Octets on their way down, with what was taken off already.
#[derive(Clone, Debug)]
struct Octets {
    octets: Vec<u8>,
    origin: Vec<Piece>,
    layers: Vec<Layer>,
}

impl Octets {
    /// A part of them, one layer deeper.
    fn inner(&self, range: Range<usize>, layer: Layer) -> Self {
        let mut origin = Vec::new();
        for piece in &self.origin {
            let (start, end) = (piece.range.start.max(range.start), piece.range.end.min(range.end));
            if start < end {
                origin.push(Piece {
                    range: start - range.start..end - range.start,
                    offset: piece.offset + start - piece.range.start,
                    ..piece.clone()
                });
            }
        }
        let octets = self.octets.get(range).unwrap_or_default().to_vec();
        let mut layers = self.layers.clone();
        layers.push(layer);
        Self { octets, origin, layers }
    }

    fn source(&self) -> &str {
        self.origin.first().map_or("", |piece| &piece.source)
    }
}

/// Why a form was taken that somebody named.
const TOLD: &str = "you said so";

/// Wrappings inside one another; whatever is deeper is shown as octets.
const DEEPEST: usize = 8;

#[derive(Default)]
struct Peeler {
    peeled: Peeled,
    segments: Segments,
}

impl Peeler {
    fn take_off(&mut self, octets: Octets, form: Option<Form>, depth: usize) {
        // Octets of a form that somebody named may still be written as text.
        let is_text = |form| matches!(form, Form::Hex | Form::Base64 | Form::Xml);
        let written = || recognise::text(&octets.octets).filter(|found| found.form != Form::Xml);
        if let Some(inner) = form.filter(|&form| !is_text(form))
            && let Some(found) = written()
        {
            return self.text(&octets, (found.form, &found.why), Some(inner), depth);
        }
        let told = form.map(|form| (form, TOLD.to_owned()));
        let found = || recognise(&octets.octets).map(|found| (found.form, found.why));
        let found = told.or_else(found).filter(|_| depth < DEEPEST);
        let Some((form, why)) = found else { return self.unknown(octets) };
        match form {
            Form::Hex | Form::Base64 => self.text(&octets, (form, &why), None, depth),
            Form::Capture => self.capture(&octets, why, depth),
            Form::Wsp => self.push(octets, why, depth),
            Form::Tpdu | Form::ShortMessage => self.short_message(octets, form, why, depth),
            Form::Wbxml => self.document(octets, Kind::Wbxml, why),
            Form::Xml => self.document(octets, Kind::Xml, why),
        }
    }

    /// What text stands for, one by one; each is of the inner form, if somebody named that.
    fn text(
        &mut self,
        octets: &Octets,
        (form, why): (Form, &str),
        inner: Option<Form>,
        depth: usize,
    ) {
        let is_list = matches!(inner, Some(Form::Tpdu | Form::ShortMessage));
        let decoded = decode_text(&octets.octets, form, is_list);
        if decoded.is_empty() {
            let what = format!("the input is not {} text", form.name());
            self.peeled.deviations.push(Deviation::of_input(octets.source(), what));
            return self.unknown(octets.clone());
        }
        let (name, of) = (octets.source().to_owned(), decoded.len());
        for decoded in decoded {
            let length = decoded.octets.len();
            let what = match of {
                1 => format!("{} characters for {length} octets", octets.octets.len()),
                _ => format!("line {}: one of {of}, {length} octets", decoded.line),
            };
            let mut layers = octets.layers.clone();
            let fields = Vec::new();
            layers.push(Layer { name: form.name(), what, why: why.to_owned(), fields });
            let source =
                if of == 1 { name.clone() } else { format!("{name} line {}", decoded.line) };
            let origin = vec![Piece { range: 0..length, source, part: None, offset: 0 }];
            self.take_off(Octets { octets: decoded.octets, origin, layers }, inner, depth + 1);
        }
    }

    fn document(&mut self, octets: Octets, kind: Kind, why: String) {
        let length = octets.octets.len();
        let (name, what) = match kind {
            Kind::Wbxml => ("WBXML", language::describe(&octets.octets)),
            _ => ("XML", "text".to_owned()),
        };
        let what = format!("{what}, {length} octets");
        self.message(octets, kind, Layer { name, what, why, fields: Vec::new() });
    }

    fn unknown(&mut self, octets: Octets) {
        let what = format!("{} octets", octets.octets.len());
        let why = why_not(&octets.octets);
        let layer = Layer { name: "unknown", what, why, fields: Vec::new() };
        self.message(octets, Kind::Unknown, layer);
    }

    fn message(&mut self, octets: Octets, kind: Kind, layer: Layer) {
        let Octets { octets, origin, mut layers } = octets;
        layers.push(layer);
        self.peeled.messages.push(Message { layers, kind, octets, origin, missing: Vec::new() });
    }

    /// What is left: segments of which others are missing.
    fn finish(mut self) -> Peeled {
        for incomplete in core::mem::take(&mut self.segments).incomplete() {
            self.peeled.deviations.push(of_segments(&incomplete.what, &incomplete.missing));
            let Some(begun) = incomplete.begun else { continue };
            let before = self.peeled.messages.len();
            self.take_off(begun, None, 1);
            for message in &mut self.peeled.messages[before..] {
                message.missing.clone_from(&incomplete.missing);
            }
        }
        self.peeled
    }
}

/// Why octets were taken for nothing, and what comes nearest.
fn why_not(octets: &[u8]) -> String {
    if octets.is_empty() {
        return "there is nothing".to_owned();
    }
    let push = Push::read(octets).err().filter(|_| octets.get(1) == Some(&PDU_TYPE_PUSH));
    let nearest = match push {
        Some(error) => format!("as a WSP push, {error}; "),
        None => String::new(),
    };
    format!("no form that is known fits; {nearest}`--from` says what it is meant to be")
}

#[cfg(test)]
mod tests;
