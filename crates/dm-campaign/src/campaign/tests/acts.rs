//! Which act is possible when, and what it leaves behind.

use alloc::vec;

use super::*;
use crate::{Refusal, Status, Zone};

const ACTS: [Act; 7] =
    [Act::Approve, Act::Start, Act::Pause, Act::Resume, Act::OpenGate, Act::Stop, Act::RetryFailed];

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).unwrap()
}

fn campaign(text: &str) -> Campaign {
    let policy: Policy = toml::from_str(text).unwrap();
    let policy = Policy { expiry: now() + SignedDuration::from_hours(1), ..policy };
    let chunk = |wave| Chunk::planned(wave, Zone::utc(), 10, now());
    Campaign::new(policy.check().unwrap(), vec![chunk(0), chunk(1)], now())
}

const TWO: &str =
    "routes = ['a']\nexpiry = '2026-12-01T00:00:00Z'\nwaves = [{ size = 10, gate = 'by hand' }]";

fn ann() -> By {
    By::Author("ann".into())
}

#[test]
fn each_phase_has_its_acts() {
    let can = |phase: Phase| {
        let state = Snapshot { phase, ..campaign(TWO).snapshot().clone() };
        let tries = |act: &Act| {
            let mut campaign = Campaign::restore(state.clone(), now());
            campaign.act(*act, ann(), "why".into(), now()).is_ok()
        };
        ACTS.into_iter().filter(tries).collect::<Vec<_>>()
    };
    assert_eq!(can(Phase::Planned), [Act::Approve, Act::Stop]);
    assert_eq!(can(Phase::Approved), [Act::Start, Act::Stop]);
    assert_eq!(can(Phase::Running), [Act::Pause, Act::OpenGate, Act::Stop, Act::RetryFailed]);
    assert_eq!(can(Phase::Paused), [Act::Resume, Act::OpenGate, Act::Stop, Act::RetryFailed]);
    assert_eq!(can(Phase::Stopped), []);
    assert_eq!(can(Phase::Finished), [Act::RetryFailed]);
}

#[test]
fn a_change_says_who_when_why_and_wants_a_reason() {
    let mut campaign = campaign(TWO);
    let refused = campaign.act(Act::Approve, ann(), " ".into(), now());
    assert_eq!((refused, campaign.phase()), (Err(Refusal::Reason), Phase::Planned));
    let change = campaign.act(Act::Approve, ann(), "as seen".into(), now()).unwrap();
    let (from, to) = (Phase::Planned, Phase::Approved);
    let why = Why::Said("as seen".into());
    assert_eq!(change, Transition { at: now(), by: ann(), why, from, to, wave: 0 });
}

#[test]
fn a_gate_by_hand_waits_for_a_hand_and_the_last_wave_has_none() {
    let mut campaign = campaign(TWO);
    for act in [Act::Approve, Act::Start] {
        campaign.act(act, ann(), "go".into(), now()).unwrap();
    }
    let mut tally = Tally::default();
    (tally[Status::Reached], tally.begun, tally.settled) = (10, 10, 10);
    campaign.update(ChunkId(0), Report { tally, due: None, silent: None, version: 1 });
    assert_eq!(campaign.tick(now()), []);
    assert_eq!(campaign.lease(SignedDuration::from_mins(1), now()), None);
    campaign.act(Act::OpenGate, ann(), "looks good".into(), now()).unwrap();
    assert_eq!(campaign.lease(SignedDuration::from_mins(1), now()).unwrap().chunk, ChunkId(1));
    let again = campaign.act(Act::OpenGate, ann(), "more".into(), now());
    assert_eq!(again, Err(Refusal::NoGate { wave: 2 }));
}

#[test]
fn a_lease_that_is_over_is_somebody_elses_and_its_count_is_taken_if_it_is_news() {
    let mut campaign = campaign(TWO);
    for act in [Act::Approve, Act::Start] {
        campaign.act(act, ann(), "go".into(), now()).unwrap();
    }
    let (term, later) = (SignedDuration::from_mins(1), now() + SignedDuration::from_mins(2));
    let first = campaign.lease(term, now()).unwrap();
    assert_eq!(campaign.lease(term, now()), None, "one chunk of the wave, and it is taken");
    assert_eq!(campaign.grant(&first, 0, 5, later), Err(Refusal::Lease));
    let second = campaign.lease(term, later).unwrap();
    assert_eq!((first.chunk, second.chunk), (ChunkId(0), ChunkId(0)));
    let report = |version, reached| {
        let mut tally = Tally::default();
        (tally[Status::Reached], tally[Status::Drafted]) = (reached, 10 - reached);
        Report { tally, due: None, silent: None, version }
    };
    assert_eq!(campaign.settle(&first, report(2, 3)), Err(Refusal::Lease));
    assert_eq!(campaign.tally()[Status::Reached], 3);
    assert_eq!(campaign.settle(&second, report(1, 2)), Ok(()), "an older count");
    assert_eq!(campaign.tally()[Status::Reached], 3);
}

#[test]
fn nothing_is_begun_between_a_broken_rule_and_the_tick_that_says_so() {
    let mut campaign = campaign(TWO);
    for act in [Act::Approve, Act::Start] {
        campaign.act(act, ann(), "go".into(), now()).unwrap();
    }
    let lease = campaign.lease(SignedDuration::from_mins(1), now()).unwrap();
    let mut tally = Tally::one(Status::Contradicted);
    (tally[Status::Drafted], tally.begun) = (9, 1);
    campaign.update(ChunkId(0), Report { tally, due: Some(now()), silent: None, version: 1 });
    assert_eq!(campaign.grant(&lease, 0, 1, now()), Err(Refusal::Lease));
    let changes = campaign.tick(now());
    assert!(matches!(changes[..], [Transition { to: Phase::Paused, why: Why::Broken(_), .. }]));
    campaign.act(Act::Resume, ann(), "one is known".into(), now()).unwrap();
    assert_eq!((campaign.tick(now()), campaign.phase()), (vec![], Phase::Running));
}
