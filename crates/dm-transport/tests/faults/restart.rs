//! Many messages over an SMS centre that cuts, throttles, falls silent and tells everything twice, from an outbox that is
//! killed or ended at any moment. What happens when is by chance, of a seed.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dm_lab::{Behaviour, SmsCentre};
use dm_push::receipt::Status;
use dm_push::smpp::{Body, Pdu};
use dm_transport::outbox::{New, State, Way};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use crate::peer::{Mood, Peer};
use crate::receipts::centre;
use crate::rig::{Rig, id, message, octets, route};
use crate::tongue::Tongue;

const MESSAGES: usize = 120;

/// What happens next.
#[derive(Clone, Copy, Debug)]
enum Happens {
    /// It is killed.
    Kill,
    /// It ends in order.
    Stop,
    /// All connections are cut.
    Cut,
    /// The centre takes so many segments a second.
    Throttle(u32),
    /// The centre says nothing, until it is cut.
    Silence,
    /// The centre is well.
    Calm,
}

fn happens() -> impl Strategy<Value = (Happens, u64)> {
    let what = prop_oneof![
        3 => Just(Happens::Kill),
        1 => Just(Happens::Stop),
        2 => Just(Happens::Cut),
        1 => (0_u32..200).prop_map(Happens::Throttle),
        1 => Just(Happens::Silence),
        2 => Just(Happens::Calm),
    ];
    (what, 0_u64..120)
}

/// The segments that came, by the number of their device: octets, how often they came, how often they were taken.
fn submitted(centre: &SmsCentre) -> BTreeMap<usize, BTreeMap<Vec<u8>, (usize, usize)>> {
    let mut all = BTreeMap::<_, BTreeMap<_, _>>::new();
    for submitted in centre.submitted() {
        let pdu = Pdu::read(&submitted.pdu).expect("a PDU");
        let Body::SubmitSm(message) = pdu.body else { panic!("{pdu:?}") };
        let device = String::from_utf8_lossy(message.destination.address).into_owned();
        let number = device.strip_prefix("3584000").and_then(|digits| digits.parse().ok());
        let segments = all.entry(number.expect("a device of ours")).or_default();
        let (came, taken) = segments.entry(submitted.pdu[16..].to_vec()).or_insert((0, 0));
        *came += 1;
        *taken += usize::from(submitted.message_id.is_some());
    }
    all
}

async fn run(seed: u64, story: Vec<(Happens, u64)>) {
    let behaviour = Behaviour {
        seed,
        delay: Duration::ZERO..Duration::from_millis(40),
        duplicate_receipts: 300,
        answer_after: Duration::from_millis(seed % 5),
        ..Behaviour::default()
    };
    let (centre, to) = centre(behaviour).await;
    let rig = Rig::new(&route("one", Tongue::Smpp, &to));
    let mut running = rig.run().await;
    let new = |number| message(number, &[("one", Tongue::Smpp, &*to)]);
    let (mut accepted, mut done) = (0, BTreeMap::new());
    for (happens, after) in story {
        // Messages come all the time.
        let more = (accepted..MESSAGES.min(accepted + 10)).map(new).collect::<Vec<_>>();
        accepted += more.len();
        running.accept(more).await;
        tokio::time::sleep(Duration::from_millis(after)).await;
        match happens {
            Happens::Kill | Happens::Stop => {
                match happens {
                    Happens::Kill => running.kill().await,
                    _ => running.stop().await,
                }
                // What it wrote to the connection is read to its end.
                centre.cut();
                tokio::time::sleep(Duration::from_millis(20)).await;
                let outbox = rig.look().await;
                let segments = submitted(&centre);
                for number in 0..accepted {
                    let standing = outbox.standing(&id(number)).expect("read");
                    if standing.expect("what was accepted is there").state == State::Sent {
                        done.entry(number).or_insert_with(|| segments[&number].clone());
                    }
                }
                drop(outbox);
                running = rig.run().await;
            }
            Happens::Cut => centre.cut(),
            Happens::Throttle(most) => centre.behave(|it| it.per_second = Some(most)),
            Happens::Silence => centre.behave(|it| it.silent_from = Some(0)),
            Happens::Calm => {
                centre.behave(|it| (it.per_second, it.silent_from) = (None, None));
                centre.cut();
            }
        }
    }
    centre.behave(|it| (it.per_second, it.silent_from) = (None, None));
    centre.cut();
    running.accept((accepted..MESSAGES).map(new).collect()).await;
    running.until_sent().await;
    let is_reached = |number| running.standing(number).status == Status::Reached;
    running.until("reached", |_| (0..MESSAGES).all(is_reached)).await;

    let segments = submitted(&centre);
    assert_eq!(segments.keys().copied().collect::<BTreeSet<_>>(), (0..MESSAGES).collect());
    for (number, segments) in &segments {
        assert_eq!(segments.len(), 3, "of {number} no octet was ever another");
        assert!(segments.values().all(|(_, taken)| *taken > 0), "{number} is there whole");
    }
    for (number, before) in &done {
        assert_eq!(&segments[number], before, "{number} was sent, and is not sent again");
    }
    running.stop().await;
}

/// The story of a seed, and what the centre does by chance.
fn told(seed: u8) -> (u64, Vec<(Happens, u64)>) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(ProptestConfig::default(), rng);
    let stories = (any::<u64>(), prop::collection::vec(happens(), 8..16));
    stories.new_tree(&mut runner).expect("a story").current()
}

#[tokio::test]
async fn whatever_happens_nothing_is_lost_and_what_was_sent_is_not_sent_again() {
    for seed in SEEDS {
        let (chance, story) = told(seed);
        eprintln!("seed {seed}: {story:?}"); // shown if it fails
        run(chance, story).await;
    }
}

/// A route whose peer takes what comes, and an outbox that is killed again and again while it sends.
async fn killed(tongue: Tongue) {
    let peer = Peer::start(tongue, Mood::Slow).await;
    let to = peer.at.to_string();
    let rig = Rig::new(&route("one", tongue, &to)).patient();
    let new = |number| message(number, &[("one", tongue, &*to)]);
    let running = rig.run().await;
    running.accept((0..12).map(new).collect()).await;
    running.kill().await;
    let mut done = BTreeMap::new();
    for after in [30, 120, 150, 180] {
        let running = rig.run().await;
        tokio::time::sleep(Duration::from_millis(after)).await;
        running.kill().await;
        tokio::time::sleep(Duration::from_millis(150)).await; // what was written is read
        let outbox = rig.look().await;
        for number in 0..12 {
            let standing = outbox.standing(&id(number)).expect("read");
            if standing.expect("what was accepted is there").state == State::Sent {
                done.entry(number).or_insert_with(|| peer.took_of(&octets(number)));
            }
        }
    }
    peer.is_now(Mood::Good);
    let running = rig.run().await;
    running.until_sent().await;
    assert_eq!(peer.took().0, 12, "all of them, and no octet was ever another");
    for (number, before) in done {
        assert_eq!(peer.took_of(&octets(number)), before, "{number} is not sent again");
    }
    running.stop().await;
}

#[tokio::test]
async fn http() {
    killed(Tongue::Http).await;
}

#[tokio::test]
async fn mqtt() {
    killed(Tongue::Mqtt).await;
}

#[tokio::test]
async fn pap() {
    killed(Tongue::Pap).await;
}

#[tokio::test]
async fn sip() {
    killed(Tongue::Sip).await;
}

/// What was written and not noted is written again, over itself: a reader has it once.
#[tokio::test]
async fn file() {
    let rig = Rig::new("[[route]]\nname = \"one\"\nfile = {}\n");
    let spool = rig.folder().join("spool");
    std::fs::create_dir(&spool).expect("a folder");
    let running = rig.run().await;
    let way = Way { route: "one".to_owned(), to: format!("file:{}/", spool.display()) };
    let new = |number| New { ways: vec![way.clone()], ..message(number, &[]) };
    running.accept((0..40).map(new).collect()).await;
    running.kill().await;
    for after in [1, 5, 20] {
        let running = rig.run().await;
        tokio::time::sleep(Duration::from_millis(after)).await;
        running.kill().await;
    }
    let running = rig.run().await;
    running.until_sent().await;
    running.stop().await;
    let files = std::fs::read_dir(&spool).expect("a folder").flatten();
    let found: BTreeSet<_> =
        files.map(|file| std::fs::read(file.path()).expect("a file")).collect();
    assert_eq!(found, (0..40).map(|number| octets(number).to_vec()).collect());
}

const SEEDS: std::ops::Range<u8> = 0..4;
