//! What the project asks of sealing and opening: against the raw primitive of the same library,
//! measured in turn with it, and against the chain of peers, as their own harness measured it just
//! before.

use std::cell::Cell;
use std::hint::black_box;
use std::num::NonZero;
use std::path::Path;
use std::thread;
use std::time::Duration;
use std::{convert::Infallible, io};

use dm_crypto::{AwsLc, seal_all};
use dm_seal::{Pin, Sealer, Trust, verify};
use dm_syncml::{MetaRule, SyncMl, wbxml};
use dm_xml::{Document, Limits};
use mgram_bench::messages::{Message, parse};

use crate::device::{ES256, KEY_NAME, Pair, RS256, SERVER};
use crate::measure::{Clock, alternate, pair, processor_rate};
use crate::primitives;
use crate::report::{self, Asked, Row, Unit, grouped};
use crate::targets::Setup;

/// Measures and prints row by row.
///
/// # Errors
/// When the table of the peers cannot be read.
pub fn run(setup: &Setup, peers: Option<&Path>) -> io::Result<()> {
    let messages = Message::compared(setup.messages.as_deref())?;
    let table = peers.map(std::fs::read_to_string).transpose()?.unwrap_or_default();
    let [small, medium, large] = &messages[..] else { return Ok(()) };
    let seals = Seals { setup, table };
    let chain = ("chain", "build+sign+encode ecdsa-p256-sha256");
    let signing = ("xmlsec1", "parse+sign+serialise ecdsa-p256-sha256");
    let verifying = ("chain", "decode+verify cost-if-it-held ecdsa-p256-sha256");
    let p256 = "seal, the raw P-256 signature";
    let task = |what, message, asked, peer| Task { what, message, asked, peer };
    seals.seal(&ES256, &task(p256, small, Some(0.85), Some((chain, 5.0))));
    seals.seal(&ES256, &task(p256, medium, Some(0.60), Some((chain, 15.0))));
    seals.seal(&ES256, &task(p256, large, None, Some((signing, 15.0))));
    seals.seal(&RS256, &task("seal, the raw RSA-2048 signature", small, Some(0.97), None));
    let open = "open, the raw P-256 verification";
    seals.open(&task(open, small, Some(0.90), None));
    seals.open(&task(open, large, None, Some((verifying, 20.0))));
    seals.batch(small);
    Ok(())
}

/// Messages of a batch.
const BATCH: u32 = 4_096;

struct Seals<'s> {
    setup: &'s Setup,
    /// The rates of the peers, tab-separated: section, operation, message, octets, median rate.
    table: String,
}

/// What a peer does, and how many times its rate is asked.
type Peer = ((&'static str, &'static str), f64);

/// One measurement: of the raw primitive it should be this part, and the peer's rate so many times.
struct Task<'m> {
    what: &'static str,
    message: &'m Message,
    asked: Option<f64>,
    peer: Option<Peer>,
}

impl Seals<'_> {
    /// Messages of one template to many devices; and such as have nothing but their string table in
    /// common with the one that the sealer was prepared with.
    fn seal(&self, key: &'static Pair, task: &Task<'_>) {
        let [template, equal] = [(); 2].map(|()| parse(&task.message.text));
        let models = to_devices(&template);
        let writing = (wbxml::encoder(&models[0]), MetaRule::default());
        let sealer = Sealer::new(&models[0], writing, KEY_NAME, &key.key, AwsLc).expect("sealing");
        for (models, how) in [(models.clone(), ""), (to_devices(&equal), ", each anew")] {
            let next = Cell::new(0);
            let ours = || {
                next.set((next.get() + 1) % models.len());
                drop(black_box(sealer.seal(black_box(&models[next.get()])).expect("sealing")));
            };
            let raw = primitives::signature(key);
            let per_second = self.against((task.what, how), task, ours, raw);
            self.beside(("seal, the peers", how), task, per_second);
        }
    }

    fn open(&self, task: &Task<'_>) {
        let text = with_server(&task.message.text);
        let document = parse(&text);
        let sealed = dm_seal::seal(&document, KEY_NAME, &ES256.key, &AwsLc).expect("sealing");
        let octets = wbxml::encoder(&sealed).encode(&sealed, MetaRule::default()).expect("WBXML");
        let pins = [Pin::new(KEY_NAME, &ES256.der, &AwsLc).expect("a pin")];
        let ours = || {
            let limits = Limits::default();
            let source = wbxml::open(black_box(&octets), &limits).expect("WBXML");
            let document = wbxml::decode(&source, &limits).expect("WBXML");
            let trust = Trust::pinned(SERVER, &pins);
            let verified = verify(document, &trust, &AwsLc).expect("it holds");
            drop(black_box(SyncMl::read(verified.get().root()).expect("a message")));
        };
        let raw = primitives::p256_verification();
        let per_second = self.against((task.what, ""), task, ours, raw);
        self.beside(("open, the peers", ""), task, per_second);
    }

    /// A batch by two threads against one, and bare signatures alike: what the machine can do.
    fn batch(&self, message: &Message) {
        let document = parse(&message.text);
        let models: Vec<SyncMl<'_>> =
            to_devices(&document).into_iter().cycle().take(BATCH as usize).collect();
        let writing = (wbxml::encoder(&models[0]), MetaRule::default());
        let sealer = Sealer::new(&models[0], writing, KEY_NAME, &ES256.key, AwsLc);
        let sealer = sealer.expect("sealing");
        let by = |threads: usize| {
            let threads = NonZero::new(threads).expect("some");
            drop(black_box(seal_all(&sealer, black_box(&models), threads)));
        };
        self.two_cores("seal a batch, two cores against one", message, Some(1.9), by);
        let sign = primitives::p256_signature();
        let by = |threads: u32| {
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| (0..BATCH / threads).for_each(|_| sign()));
                }
            });
        };
        let by = |threads: usize| by(u32::try_from(threads).expect("few"));
        self.two_cores("bare signatures of a seal, two cores against one", message, None, by);
    }

    fn two_cores(
        &self,
        what: &'static str,
        message: &Message,
        asked: Option<f64>,
        by: impl Fn(usize),
    ) {
        if !self.setup.wants(what) {
            return;
        }
        let how_long = (self.setup.runs, self.setup.millis);
        let figure = pair(&mut || by(2), &mut || by(1), Clock::Wall, how_long);
        let all = |batches: f64| grouped(batches * f64::from(BATCH));
        let detail =
            format!("{}/s against {}/s, by the clock", all(figure.per_second), all(figure.base));
        self.print(what, message, asked, (figure.ratio, detail));
    }

    /// Prints a rate as a part of that of the primitive; yields the rate.
    fn against(
        &self,
        (what, how): (&str, &str),
        task: &Task<'_>,
        ours: impl Fn(),
        raw: impl Fn(),
    ) -> f64 {
        let mine = |time: Duration| Ok::<_, Infallible>(processor_rate(&ours, time));
        let base = |time: Duration| Ok(processor_rate(&raw, time));
        let Ok(figure) = alternate(mine, base, self.setup.runs, self.setup.millis);
        let (per_second, base) = (grouped(figure.per_second), grouped(figure.base));
        let (lowest, highest) = figure.ratios;
        let detail = format!("{per_second}/s against {base}/s; {lowest:.3} to {highest:.3}");
        self.print(&format!("{what}{how}"), task.message, task.asked, (figure.ratio, detail));
        figure.per_second
    }

    fn beside(&self, (what, how): (&str, &str), task: &Task<'_>, per_second: f64) {
        let Some(((section, operation), asked)) = task.peer else { return };
        let found = rate(&self.table, section, operation, &task.message.name);
        let Some(theirs) = found else { return };
        let (mine, peers) = (grouped(per_second), grouped(theirs));
        let detail = format!("{mine}/s against {peers}/s, {section}: {operation}");
        let what = format!("{what}{how}");
        self.print(&what, task.message, Some(asked), (per_second / theirs, detail));
    }

    fn print(
        &self,
        what: &str,
        message: &Message,
        asked: Option<f64>,
        (measured, detail): (f64, String),
    ) {
        if self.setup.wants(what) {
            let (message, asked) = (message.name.clone(), asked.map(Asked::AtLeast));
            let row = Row { what, message, asked, measured, unit: Unit::Times, detail };
            report::row(&row, self.setup.style);
        }
    }
}

/// The message of this document to many devices.
fn to_devices<'d>(document: &'d Document<'_>) -> Vec<SyncMl<'d>> {
    let message = SyncMl::read(document.root()).expect("a message");
    let to_device = |device: u32| {
        let mut message = message.clone();
        message.sync_hdr.target.loc_uri = format!("IMEI:4930051005{device:05}").into();
        message
    };
    (0..64).map(to_device).collect()
}

/// The message as if it came from the server whose key the bench has.
fn with_server(text: &str) -> String {
    let document = parse(text);
    let mut message = SyncMl::read(document.root()).expect("a message");
    message.sync_hdr.source.loc_uri = SERVER.into();
    dm_xml::canonical::text(&message)
}

/// The rate of a peer's operation with this message.
fn rate(table: &str, section: &str, operation: &str, message: &str) -> Option<f64> {
    table.lines().find_map(|line| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [of, what, with, _, rate, ..] = columns[..] else { return None };
        let is_meant = of == section && what == operation && with == message;
        if is_meant { rate.parse().ok() } else { None }
    })
}
