//! What is measured, and against what.

use std::hint::black_box;

use dm_client::Effect;
use dm_crypto::AwsLc;
use dm_seal::{DigestMethod, Hasher, Provider, Sealer};
use dm_syncml::{MetaRule, SyncMl, wbxml};
use dm_wbxml::Version;
use dm_xml::canonical::Output;
use dm_xml::{Document, Limits, canonical};

use crate::device::{ES256, KEY_NAME, Pair, RS256, in_memory, sealed};
use crate::measure::Clock;
use crate::primitives;
use crate::{applying, durable};
use mgram_bench::messages::{Message, SMALL, large, parse};

/// Something that can be called again and again.
pub type Work = Box<dyn FnMut()>;

/// One measurement.
pub struct Scenario {
    /// Its name.
    pub name: &'static str,
    /// What is measured.
    pub work: fn() -> Work,
    /// The name of what it is compared to.
    pub base: &'static str,
    /// What it is compared to.
    pub against: fn() -> Work,
}

impl Scenario {
    /// By which clock it is measured.
    pub fn clock(&self) -> Clock {
        if self.name.contains("durable") { Clock::Wall } else { Clock::Processor }
    }
}

/// All measurements.
pub fn all() -> Vec<Scenario> {
    let scenario = |name, work: fn() -> Work, base, against: fn() -> Work| Scenario {
        name,
        work,
        base,
        against,
    };
    vec![
        scenario("seal small es256", || seal(&ES256, small_text()), "raw p256 sign", raw_sign),
        scenario(
            "seal medium es256",
            || seal(&ES256, text_of("medium")),
            "raw p256 sign",
            raw_sign,
        ),
        scenario("seal large es256", || seal(&ES256, text_of("large")), "raw p256 sign", raw_sign),
        scenario("seal small es256 from text", seal_text, "raw p256 sign", raw_sign),
        scenario("open small es256", || open_small(&ES256), "raw p256 verify", raw_verify),
        scenario("seal small rs256", || seal(&RS256, small_text()), "raw rsa-2048 sign", rsa_sign),
        scenario("open small rs256", || open_small(&RS256), "raw rsa-2048 verify", rsa_verify),
        scenario(
            "open small es256, durable",
            durable::take,
            "empty durable commit",
            durable::empty_commit,
        ),
        scenario(
            "open small es256, durable, of the disk",
            durable::take,
            "append, fdatasync",
            durable::append,
        ),
        scenario(
            "open small es256, durable, kept first",
            durable::keep,
            "append, fdatasync",
            durable::append,
        ),
        scenario(
            "apply 30 Replace, unchecked",
            applying::replace_30,
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario(
            "apply 30 Replace, string table",
            applying::replace_30_table,
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario(
            "canonical form of 30 Replace",
            applying::canonical_30,
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario("add 1,000 nodes", applying::add_1000, "decide, 1,000 nodes", || {
            applying::decide(1_000)
        }),
        scenario("delete 1,000 nodes", applying::delete_1000, "decide, 1,000 nodes", || {
            applying::decide(1_000)
        }),
        scenario(
            "add and delete 1,000 nodes",
            applying::add_delete_1000,
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario(
            "decide, 30,000 nodes",
            || applying::decide(30_000),
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario(
            "decide, 1,000,000 nodes",
            || applying::decide(1_000_000),
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario(
            "decide, 1,000 of 1,000,000 nodes",
            || applying::decide_some(1_000_000),
            "decide, 1,000 nodes",
            || applying::decide(1_000),
        ),
        scenario("decode large (1,000 commands)", decode_large, "memory copy", copy_large),
        scenario("encode large (1,000 commands)", encode_large, "memory copy", copy_large),
        scenario("digest large, canonical", canonical_large, "sha-256 of its text", sha_large),
    ]
}

/// A model in memory to sealed octets, prepared as for many devices.
fn seal(pair: &'static Pair, text: String) -> Work {
    let document: &'static Document<'static> = Box::leak(Box::new(parse(text.leak())));
    let message = SyncMl::read(document.root()).expect("the small message");
    let message: &'static SyncMl<'static> = Box::leak(Box::new(message));
    let writing = (wbxml::encoder(message), MetaRule::default());
    let sealer = Sealer::new(message, writing, KEY_NAME, &pair.key, AwsLc);
    let sealer = sealer.expect("sealing");
    Box::new(move || {
        black_box(sealer.seal(black_box(message)).expect("sealing"));
    })
}

fn small_text() -> String {
    SMALL.trim_end().to_owned()
}

/// The text of the message of this name among those that are compared with peers.
fn text_of(name: &str) -> String {
    let messages = Message::compared(None).expect("our own messages");
    let message = messages.into_iter().find(|message| message.name.starts_with(name));
    message.expect("one of that name").text
}

/// XML text to sealed octets.
fn seal_text() -> Work {
    Box::new(|| {
        let document = parse(SMALL.trim_end());
        let sealed = dm_seal::seal(document, KEY_NAME, &ES256.key, &AwsLc).expect("sealing");
        black_box(wbxml::encode(&sealed, Version::V1_2).expect("encoding"));
    })
}

/// Sealed octets through the whole gate to a changed tree, in memory.
fn open_small(pair: &'static Pair) -> Work {
    // A device refuses what it has seen; more messages than it remembers, without counters to
    // fall behind, can be taken round and round by devices that are new each round.
    let messages: Vec<_> = (1..=4096).map(|counter| sealed(pair, counter)).collect();
    let (mut client, mut next) = (in_memory(pair), 0);
    Box::new(move || {
        if next == messages.len() {
            (client, next) = (in_memory(pair), 0);
        }
        let outcome = client.receive(&messages[next], None, Effect::Durable).expect("memory");
        assert!(outcome.accepted().is_some_and(|accepted| !accepted.commands.is_empty()));
        next += 1;
    })
}

// -------------------------------------------------------------------- primitives

fn raw_sign() -> Work {
    Box::new(primitives::p256_signature())
}

fn raw_verify() -> Work {
    Box::new(primitives::p256_verification())
}

fn rsa_sign() -> Work {
    Box::new(primitives::signature(&RS256))
}

fn rsa_verify() -> Work {
    Box::new(primitives::verification(&RS256))
}

// ------------------------------------------------------------------------ codecs

fn large_octets() -> Vec<u8> {
    let text = large();
    wbxml::encode(&parse(&text), Version::V1_2).expect("encoding")
}

fn decode_large() -> Work {
    let octets = large_octets();
    Box::new(move || {
        let source = wbxml::open(black_box(&octets), &Limits::default()).expect("head");
        black_box(wbxml::decode(&source, &Limits::default()).expect("body"));
    })
}

fn encode_large() -> Work {
    let text: &'static str = large().leak();
    let document = parse(text);
    Box::new(move || {
        black_box(wbxml::encode(&document, Version::V1_2).expect("encoding"));
    })
}

fn copy_large() -> Work {
    let octets = large_octets();
    Box::new(move || {
        black_box(black_box(&octets).clone());
    })
}

fn canonical_large() -> Work {
    let text: &'static str = large().leak();
    let document = parse(text);
    Box::new(move || {
        let mut hasher = AwsLc.hasher(DigestMethod::Sha256);
        canonical::write(document.events(), &mut hasher);
        black_box(hasher.finish());
    })
}

fn sha_large() -> Work {
    let text: &'static str = large().leak();
    let text = canonical::text(&parse(text));
    Box::new(move || {
        let mut hasher = AwsLc.hasher(DigestMethod::Sha256);
        hasher.write(text.as_bytes());
        black_box(hasher.finish());
    })
}
