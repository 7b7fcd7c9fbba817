//! What the project asks of its conversions: against libwbxml, against themselves with ten times
//! the nodes, and of their memory. Rates are those of one thread's processor time.

use std::convert::Infallible;
use std::hint::black_box;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use mgram_bench::conversions;
use mgram_bench::generator::Shape;
use mgram_bench::messages::Message;

use crate::measure::{Figure, alternate, processor_rate};
use crate::memory::Memory;
use crate::peer::{Operation, Peer};
use crate::report::{self, Asked, Row, Style, Unit, grouped};

/// What to measure with.
#[derive(Debug)]
pub struct Setup {
    /// The program built from `peers/libwbxml.c`.
    pub peer: PathBuf,
    /// The program of this package that counts allocations.
    pub memory: PathBuf,
    /// The folder of the messages, else our own.
    pub messages: Option<PathBuf>,
    /// Runs of each measurement.
    pub runs: u32,
    /// Milliseconds of one run.
    pub millis: u64,
    /// How rows are printed.
    pub style: Style,
    /// Only conversions whose name contains this.
    pub filter: Option<String>,
}

/// A rate of the peer, to be compared with what another harness finds.
#[derive(Clone, Debug)]
pub struct PeerRate {
    /// What the peer did.
    pub operation: Operation,
    /// With which message.
    pub message: String,
    /// Calls per second.
    pub per_second: f64,
}

/// Measures and prints row by row; yields the peer's own rates.
///
/// # Errors
/// When a message cannot be read, or a program does not start or answer.
pub fn run(setup: &Setup) -> io::Result<Vec<PeerRate>> {
    let messages = Message::compared(setup.messages.as_deref())?;
    let peers = messages.iter().map(|message| Peer::start(&setup.peer, message));
    let mut peers = peers.collect::<io::Result<Vec<_>>>()?;
    introduce(setup, &messages, &peers);
    report::heading(setup.style);
    let mut rates = Vec::new();
    for against in &AGAINST {
        for (at, message) in messages.iter().enumerate().filter(|_| setup.wants(against.what)) {
            let figure =
                setup.beside(&mut peers[at], against.operation, || (against.ours)(message))?;
            let asked = against.asked.map(|asked| Asked::AtLeast(asked[at]));
            setup.print(against.what, &message.name, asked, ratio(&figure));
            let per_second = figure.base;
            rates.push(PeerRate {
                operation: against.operation,
                message: message.name.clone(),
                per_second,
            });
        }
        if matches!(against.operation, Operation::Decode) {
            setup.alone(&messages);
            setup.growth();
            setup.memory(&messages[0].name)?;
        }
    }
    for (message, peer) in messages.iter().zip(&peers) {
        setup.size(message, peer);
    }
    Ok(rates)
}

/// A conversion that a peer has, too.
struct Against {
    what: &'static str,
    operation: Operation,
    ours: fn(&Message),
    /// How many times the peer's rate; by message.
    asked: Option<[f64; 3]>,
}

const AGAINST: [Against; 3] = [
    Against {
        what: "XML text to WBXML, libwbxml without string table",
        operation: Operation::Encode,
        ours: |message| drop(black_box(conversions::encode(black_box(message.text.as_bytes())))),
        asked: Some([3.0, 4.0, 5.0]),
    },
    Against {
        what: "WBXML to XML text, libwbxml",
        operation: Operation::Decode,
        ours: |message| drop(black_box(conversions::decode(black_box(&message.octets)))),
        asked: Some([5.0, 6.0, 8.0]),
    },
    Against {
        what: "XML text to fewest octets, libwbxml with table",
        operation: Operation::EncodeWithTable,
        ours: |message| drop(black_box(conversions::encode_fewest(black_box(&message.text)))),
        asked: None,
    },
];

/// Says with what is measured; Markdown and JSON are rows only.
fn introduce(setup: &Setup, messages: &[Message], peers: &[Peer]) {
    if setup.style != Style::Plain {
        return;
    }
    let whose = setup.messages.as_ref().map_or("our own".to_owned(), |it| it.display().to_string());
    let version = peers.first().map_or("", |peer| &peer.version);
    println!("messages: {whose}; libwbxml {version}; {} runs of {} ms", setup.runs, setup.millis);
    for (message, peer) in messages.iter().zip(peers) {
        let (name, text, octets) = (&message.name, message.text.len(), message.octets.len());
        println!(
            "  {name}: {text} octets of text, {octets} of WBXML; {} by libwbxml",
            peer.without_table
        );
    }
}

/// A ratio, and the rates of which it is one.
fn ratio(figure: &Figure) -> (f64, Unit, String) {
    let (lowest, highest) = figure.ratios;
    let (ours, theirs) = (grouped(figure.per_second), grouped(figure.base));
    let detail = format!("{ours}/s against {theirs}/s; {lowest:.2} to {highest:.2}");
    (figure.ratio, Unit::Times, detail)
}

impl Setup {
    fn beside(&self, peer: &mut Peer, operation: Operation, work: impl Fn()) -> io::Result<Figure> {
        let ours = |time| Ok(processor_rate(&work, time));
        alternate(ours, |time| peer.rate(operation, time), self.runs, self.millis)
    }

    /// One of our conversions against another one of ours.
    fn ours(&self, one: impl Fn(), other: impl Fn()) -> Figure {
        let one = |time: Duration| Ok::<_, Infallible>(processor_rate(&one, time));
        match alternate(one, |time| Ok(processor_rate(&other, time)), self.runs, self.millis) {
            Ok(figure) => figure,
            Err(never) => match never {},
        }
    }

    pub fn wants(&self, what: &str) -> bool {
        self.filter.as_deref().is_none_or(|text| what.contains(text))
    }

    /// Without text: events, and the model of commands.
    fn alone(&self, messages: &[Message]) {
        let (model, events) = ("WBXML to events and model, no text", "WBXML to events");
        let wanted = self.wants(model) || self.wants(events);
        for (at, message) in messages.iter().enumerate().filter(|_| wanted) {
            let octets = &message.octets;
            let figure = self.ours(
                || {
                    black_box(conversions::model(black_box(octets)));
                },
                || {
                    black_box(conversions::events(black_box(octets)));
                },
            );
            let asked = (at == 0).then_some(Asked::AtLeast(1.5e6));
            let detail = format!("spread {:.1} %", figure.spread);
            let per_second = (figure.per_second, Unit::PerSecond, detail);
            self.print(model, &message.name, asked, per_second);
            let per_second = (figure.base, Unit::PerSecond, String::new());
            self.print(events, &message.name, None, per_second);
        }
    }

    /// Ten times the nodes against the nodes.
    fn growth(&self) {
        for shape in Shape::ALL {
            let message = |nodes| Message::new(shape.name(), shape.message(nodes));
            let (one, ten) = (message(1_000), message(10_000));
            for against in &AGAINST {
                let asked = against.asked.map(|_| Asked::AtMost(11.0));
                let what = match against.operation {
                    Operation::Encode => "10,000 nodes against 1,000, XML text to WBXML",
                    Operation::EncodeWithTable => {
                        "10,000 nodes against 1,000, text to fewest octets"
                    }
                    Operation::Decode => "10,000 nodes against 1,000, WBXML to XML text",
                };
                if self.wants(what) {
                    let figure = self.ours(|| (against.ours)(&one), || (against.ours)(&ten));
                    self.print(what, shape.name(), asked, ratio(&figure));
                }
            }
        }
    }

    fn memory(&self, small: &str) -> io::Result<()> {
        let memory = Memory::counted(&self.memory, self.messages.as_deref())?;
        for shape in Shape::ALL.map(Shape::name) {
            for (way, what) in [
                ("encode", "peak memory, 100,000 nodes less 1,000, to WBXML"),
                ("decode", "peak memory, 100,000 nodes less 1,000, to text"),
            ] {
                let peaks = [1_000, 10_000, 100_000].map(|nodes| memory.peak(way, shape, nodes));
                let [Some(least), Some(middle), Some(most)] = peaks else {
                    return Err(io::Error::other("the program that counts left out a figure"));
                };
                let detail =
                    format!("{}, {}, {} octets", grouped(least), grouped(middle), grouped(most));
                let growth = most - least;
                self.print(what, shape, Some(Asked::AtMost(0.0)), (growth, Unit::Octets, detail));
            }
        }
        let allocations = memory.allocations("events", small);
        let allocations = allocations.ok_or_else(|| io::Error::other("no count of allocations"))?;
        let what = "WBXML to events, allocations";
        let detail = "beyond the caller's buffers".to_owned();
        self.print(what, small, Some(Asked::AtMost(0.0)), (allocations, Unit::Allocations, detail));
        Ok(())
    }

    fn size(&self, message: &Message, peer: &Peer) {
        let fewest = conversions::encode_fewest(&message.text).len();
        let number = |octets: usize| f64::from(u32::try_from(octets).unwrap_or(u32::MAX));
        let (ours, theirs) = (number(fewest), number(peer.with_table));
        let detail = format!("{} octets against {}", grouped(ours), grouped(theirs));
        let what = "size of the fewest octets, libwbxml with table";
        self.print(what, &message.name, None, (ours / theirs, Unit::Times, detail));
    }

    fn print(
        &self,
        what: &'static str,
        message: &str,
        asked: Option<Asked>,
        (measured, unit, detail): (f64, Unit, String),
    ) {
        if !self.wants(what) {
            return;
        }
        let message = message.to_owned();
        report::row(&Row { what, message, asked, measured, unit, detail }, self.style);
    }
}
