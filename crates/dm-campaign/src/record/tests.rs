use alloc::vec;
use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;
use crate::Retry;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

fn record(said: &[(Claim, u32, u8)]) -> Record {
    let mut record = Record::default();
    for (second, (claim, attempt, segment)) in (0..).zip(said) {
        let evidence = Evidence::new(*claim, *attempt, at(second));
        record.add(match segment {
            0 => evidence,
            number => evidence.of(Part { number: *number, total: 3 }),
        });
    }
    record
}

#[test]
fn the_ladder() {
    use Claim::{Accepted, HandedOver, InEffect, Reached, Sealed};
    assert_eq!(record(&[]).status(), Status::Drafted);
    assert_eq!(record(&[(Sealed, 0, 0)]).status(), Status::Sealed);
    assert_eq!(
        record(&[(Sealed, 0, 0), (Claim::Begun { route: 0 }, 1, 0)]).status(),
        Status::Sealed
    );
    assert_eq!(record(&[(HandedOver, 1, 1), (HandedOver, 1, 3)]).status(), Status::Drafted);
    assert_eq!(record(&[(HandedOver, 1, 0), (Reached, 1, 2)]).status(), Status::HandedOver);
    let all = [(Reached, 1, 2), (Reached, 1, 1), (Reached, 1, 3)];
    assert_eq!(record(&all).status(), Status::Reached);
    assert_eq!(record(&[(Accepted, 0, 0)]).status(), Status::Accepted);
    assert_eq!(record(&[(Accepted, 0, 0), (InEffect, 0, 0)]).status(), Status::InEffect);
}

#[test]
fn what_failed_on_one_route_and_not_on_another_did_not_fail() {
    use Claim::{Expired, HandedOver, Reached, Undeliverable};
    let failed = (Undeliverable, 1, 0);
    assert_eq!(record(&[(HandedOver, 1, 0), failed]).status(), Status::Undeliverable);
    assert_eq!(record(&[failed, (HandedOver, 2, 0)]).status(), Status::HandedOver);
    assert_eq!(record(&[failed, (Reached, 2, 0)]).status(), Status::Reached);
    assert_eq!(record(&[failed, (Expired, 2, 2)]).status(), Status::Undeliverable);
    let contradicts = [failed, (Reached, 1, 0)];
    assert_eq!(record(&contradicts).status(), Status::Contradicted);
    assert_eq!(
        record(&[contradicts[0], contradicts[1], (Reached, 2, 0)]).status(),
        Status::Reached
    );
}

#[test]
fn the_word_of_the_device_stands_above_that_of_a_transport() {
    use Claim::{Accepted, Reached, RefusedByDevice, Undeliverable};
    assert_eq!(record(&[(Undeliverable, 1, 0), (Accepted, 0, 0)]).status(), Status::Accepted);
    assert_eq!(record(&[(Reached, 1, 0), (RefusedByDevice, 0, 0)]).status(), Status::Refused);
    let both = [(RefusedByDevice, 0, 0), (Accepted, 0, 0)];
    assert_eq!(record(&both).status(), Status::Contradicted);
}

#[test]
fn silence_has_a_clock_and_is_no_status() {
    let patience = SignedDuration::from_secs(100);
    let begun = [(Claim::Begun { route: 0 }, 1, 0), (Claim::HandedOver, 1, 0)];
    let waits = record(&begun); // the last at second 1
    assert_eq!(waits.silent_since(patience, at(100)), None);
    assert_eq!(waits.silent_since(patience, at(101)), Some(at(101)));
    assert_eq!(waits.status(), Status::HandedOver);
    assert_eq!(record(&[(Claim::Sealed, 0, 0)]).falls_silent(patience), None, "nothing was sent");
    let reached = [begun[0], begun[1], (Claim::Reached, 1, 0)];
    assert_eq!(record(&reached).falls_silent(patience), None);
}

fn any_claim() -> impl Strategy<Value = Claim> {
    prop::sample::select(vec![
        Claim::Sealed,
        Claim::Begun { route: 0 },
        Claim::HandedOver,
        Claim::Reached,
        Claim::Accepted,
        Claim::InEffect,
        Claim::Undeliverable,
        Claim::Expired,
        Claim::Refused,
        Claim::RefusedByDevice,
        Claim::Failed(Retry::Again),
        Claim::Retried,
    ])
}

proptest! {
    /// Order and repetition change nothing, and what is added late never takes a rung away in silence: whoever
    /// stood on one stands there or above, or is shown as failed, refused or contradicted.
    #[test]
    fn a_status_is_a_fold(
        said in prop::collection::vec((any_claim(), 0_u32..4, 0_u8..4), 0..24), seed in any::<u64>(),
    ) {
        let first = record(&said);
        let mut shuffled: Vec<_> = first.evidence().to_vec();
        let mut seed = seed;
        for index in (1..shuffled.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            shuffled.swap(index, usize::try_from(seed >> 33).unwrap() % (index + 1));
        }
        let mut again = Record::default();
        shuffled.iter().chain(&shuffled).for_each(|it| again.add(*it));
        prop_assert_eq!(again.status(), first.status());
        prop_assert_eq!(again.evidence().len(), first.evidence().len());
        let mut rising = Record::default();
        for it in first.evidence() {
            let before = rising.status();
            rising.add(*it);
            let now = rising.status();
            if let (Some(before), Some(now)) = (before.rung(), now.rung()) {
                prop_assert!(now >= before, "{} after {}", now, before);
            }
        }
    }
}
