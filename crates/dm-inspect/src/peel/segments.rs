//! The layers of short messages: TPDU, user data header, segments. [TS 23.040 §9]

use dm_push::Error;
use dm_push::sms::reassembly::{Added, Contribution, Limits, Part, Reassembler, Refused, Whole};
use dm_push::sms::{Pdu, Ports, ShortMessage, Udhi};

use super::{Field, Layer, Octets, Peeler, Piece, TOLD};
use crate::deviation::Deviation;
use crate::recognise::Form;

/// Most parts and octets that wait for one another: a tool has room for a large trace.
const LIMITS: Limits = Limits { sets: 65_536, parts: 1_000_000, octets: 256 << 20, age: None };

/// The most short messages that are looked into: what is shown of each is a hundred times as long.
const MOST: usize = 100_000;

/// Short messages seen so far. The number of each is its input for the reassembler.
pub(super) struct Segments {
    seen: Vec<Octets>,
    reassembler: Reassembler<String>,
    /// Whether it was said that there are too many.
    is_full: bool,
}

impl Default for Segments {
    fn default() -> Self {
        Self { seen: Vec::new(), reassembler: Reassembler::new(LIMITS), is_full: false }
    }
}

/// A message of which segments are missing.
pub(super) struct Incomplete {
    pub(super) what: String,
    pub(super) missing: Vec<u8>,
    /// What there is from its beginning on.
    pub(super) begun: Option<Octets>,
}

impl Peeler {
    pub(super) fn short_message(&mut self, octets: Octets, form: Form, why: String, depth: usize) {
        if self.segments.seen.len() >= MOST {
            if !core::mem::replace(&mut self.segments.is_full, true) {
                let what = format!(
                    "there are more than {MOST} short messages, and the others are left out"
                );
                self.peeled.deviations.push(Deviation::of_too_many(octets.source(), what));
            }
            return;
        }
        let opened = match form {
            Form::Tpdu => of_tpdu(&octets, why),
            _ => of_short_message(&octets, why),
        };
        let opened = match opened {
            Ok(opened) => opened,
            Err(error) => {
                self.peeled.deviations.push(Deviation::of_push(octets.source(), &error));
                return self.unknown(octets);
            }
        };
        let input = self.segments.seen.len();
        let part = Part { input, data: &opened.data.octets, ..opened.part };
        let outcome = self.segments.reassembler.add(part);
        self.segments.seen.push(opened.data);
        match outcome {
            Ok(Added::Whole(whole)) => {
                let whole = self.segments.join(&whole);
                self.take_off(whole, None, depth + 1);
            }
            Ok(_) => {}
            Err(refused) => {
                let source = self.segments.seen[input].source();
                let what = match refused {
                    // Its inputs are counted by us; a person knows them by their source.
                    Refused::Conflict { sequence, first, .. } => {
                        let first = self.segments.seen[first].source();
                        format!(
                            "segment {sequence} differs from that of {first}; what came of the \
                             message is discarded"
                        )
                    }
                    refused => refused.to_string(),
                };
                self.peeled.deviations.push(Deviation::of_segment(source, what));
            }
        }
    }
}

/// A short message without its header, and its place among others.
struct Opened {
    data: Octets,
    part: Part<'static, String>,
}

fn of_tpdu(octets: &Octets, why: String) -> Result<Opened, Error> {
    let pdu = Pdu::read(&octets.octets)?;
    pdu.tpdu.data()?;
    let fields = fields(octets, pdu.fields());
    let (name, preposition) = match pdu.tpdu.message_type {
        dm_push::sms::MessageType::Deliver { .. } => ("SMS-DELIVER", "from"),
        dm_push::sms::MessageType::Submit { .. } => ("SMS-SUBMIT", "to"),
    };
    let sender = pdu.tpdu.address.to_string();
    let header = pdu.tpdu.user_data.header.as_ref();
    let part = Part::new(header, &[], format!("{preposition} {sender}"), 0);
    let what = format!("{preposition} {sender}, {}", place(&part));
    let layer = Layer { name, what, why, fields };
    Ok(Opened { data: octets.inner(pdu.data_range(), layer), part })
}

fn of_short_message(octets: &Octets, why: String) -> Result<Opened, Error> {
    let udhi = if why == TOLD { Udhi::Present } else { Udhi::Unknown };
    let message = ShortMessage::read(&octets.octets, udhi)?;
    let part = Part::new(message.header.as_ref(), &[], String::new(), 0);
    let fields = fields(octets, message.fields());
    let layer = Layer { name: "short message", what: place(&part), why, fields };
    Ok(Opened { data: octets.inner(message.data_range(), layer), part })
}

fn fields(octets: &Octets, fields: Vec<dm_push::sms::Field>) -> Vec<Field> {
    let of = |field: dm_push::sms::Field| Field {
        part: octets.source().to_owned(),
        name: field.name,
        offset: field.range.start,
        octets: octets.octets.get(field.range).unwrap_or_default().to_vec(),
        meaning: field.meaning,
    };
    fields.into_iter().map(of).collect()
}

/// Ports and number of a part, in words.
fn place(part: &Part<'_, String>) -> String {
    let number = part.concatenation.map_or("one part".to_owned(), |it| {
        format!("part {} of {}, reference {}", it.sequence, it.total, number(it.reference))
    });
    match part.ports {
        Some(ports) => format!("{}, {number}", of_ports(ports)),
        None => number,
    }
}

fn of_ports(ports: Ports) -> String {
    format!("ports {} > {}", ports.source, ports.destination)
}

fn number(reference: dm_push::sms::Reference) -> u16 {
    match reference {
        dm_push::sms::Reference::Eight(number) => number.into(),
        dm_push::sms::Reference::Sixteen(number) => number,
    }
}

impl Segments {
    /// All segments of a message as one, with the layers of all of them.
    fn join(&self, whole: &Whole<String>) -> Octets {
        let contributions = &whole.contributions;
        if let ([only], None) = (&contributions[..], whole.reference) {
            return self.seen[only.input].clone();
        }
        let order: Vec<String> = {
            let mut came: Vec<&Contribution> = contributions.iter().collect();
            came.sort_by_key(|contribution| contribution.input);
            came.iter().map(|contribution| contribution.sequence.to_string()).collect()
        };
        let again: usize = contributions.iter().map(|contribution| contribution.duplicates).sum();
        let mut what = format!("{} segments", contributions.len());
        if let Some(reference) = whole.reference {
            what += &format!(", reference {}", number(reference));
        }
        if let Some(ports) = whole.ports {
            what += &format!(", {}", of_ports(ports));
        }
        what += &format!(", came as {}", order.join(" "));
        if again > 0 {
            what += &format!(", {again} again");
        }
        self.of_inputs(contributions.iter().map(|it| (it.sequence, it.input)), &what)
    }

    /// The data of these segments, one behind the other.
    fn of_inputs(&self, inputs: impl Iterator<Item = (u8, usize)>, what: &str) -> Octets {
        let (mut octets, mut origin, mut layers) = (Vec::new(), Vec::new(), Vec::<Layer>::new());
        let mut fields = Vec::new();
        for (sequence, input) in inputs {
            let part = &self.seen[input];
            let start = octets.len();
            octets.extend_from_slice(&part.octets);
            for piece in &part.origin {
                origin.push(Piece {
                    range: start + piece.range.start..start + piece.range.end,
                    part: Some(sequence),
                    ..piece.clone()
                });
            }
            if layers.is_empty() {
                layers.clone_from(&part.layers);
            }
            fields.extend(
                part.layers.last().into_iter().flat_map(|layer| layer.fields.iter().cloned()),
            );
        }
        // The layers of the first part stand for those of all of them.
        if let Some(last) = layers.pop() {
            let sender = match last.what.split_once(", ") {
                Some((sender, _)) if last.name.starts_with("SMS") => format!("{sender}, "),
                _ => String::new(),
            };
            layers.push(Layer { what: format!("{sender}{what}"), fields, ..last });
        }
        if let [.., outer, _] = &mut layers[..]
            && let Some((_, rest)) = outer.what.split_once(": one of ")
        {
            outer.what = format!("a list of {}", rest.split(',').next().unwrap_or(rest));
        }
        Octets { octets, origin, layers }
    }

    /// What waits for segments that never came.
    pub(super) fn incomplete(self) -> Vec<Incomplete> {
        let pending: Vec<_> = self.reassembler.pending().collect();
        let of = |pending: dm_push::sms::reassembly::Pending<String>| {
            let sender = if pending.sender.is_empty() { "" } else { " " };
            let what = format!(
                "{} of {} segments came of message {}{sender}{}",
                pending.inputs.len(),
                pending.total,
                number(pending.reference),
                pending.sender
            );
            let first = pending.inputs.iter().zip(1_usize..);
            let prefix: Vec<(u8, usize)> = first
                .take_while(|((sequence, _), expected)| usize::from(*sequence) == *expected)
                .map(|(part, _)| *part)
                .collect();
            let begun = (!prefix.is_empty()).then(|| self.of_inputs(prefix.into_iter(), &what));
            Incomplete { what, missing: pending.missing, begun }
        };
        pending.into_iter().map(of).collect()
    }
}
