use alloc::vec::Vec;

use proptest::prelude::*;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + second).unwrap()
}

/// Two attempts on `a`, 10 s and 20 s apart; `b` falls back after 50 s; until second 1,000.
fn policy() -> Policy {
    let text = "
        routes = ['a', 'b', 'c']
        expiry = '2026-09-21T14:30:00Z'
        [retries.a]
        attempts = 3
        wait = '10s'
        longest_wait = '15s'
        [retries.b]
        fall_back_after = '50s'
    ";
    let policy: Policy = toml::from_str(text).unwrap();
    Policy { expiry: at(1_000), ..policy }.check().unwrap()
}

fn add(record: &mut Record, claim: Claim, attempt: u32, second: i64) {
    record.add(Evidence::new(claim, attempt, at(second)));
}

#[test]
fn one_route_after_another_with_pauses_that_grow() {
    let (policy, mut record) = (policy(), Record::default());
    let step = |record: &Record, second| record.step(&policy, &[0, 1], at(second));
    let again = Claim::Failed(Retry::Again);
    assert_eq!(step(&record, 0), Step::Send { attempt: 1, route: 0 });
    add(&mut record, Claim::Begun { route: 0 }, 1, 0);
    assert_eq!(
        step(&record, 5),
        Step::Send { attempt: 1, route: 0 },
        "nobody knows: the same again"
    );
    add(&mut record, again, 1, 1);
    assert_eq!(step(&record, 5), Step::Wait(at(11)));
    assert_eq!(step(&record, 11), Step::Send { attempt: 2, route: 0 });
    add(&mut record, Claim::Begun { route: 0 }, 2, 11);
    add(&mut record, again, 2, 12);
    assert_eq!(step(&record, 13), Step::Wait(at(27)), "the longest wait");
    add(&mut record, Claim::Begun { route: 0 }, 3, 27);
    add(&mut record, again, 3, 28);
    assert_eq!(step(&record, 28), Step::Send { attempt: 4, route: 1 });
    add(&mut record, Claim::Begun { route: 1 }, 4, 28);
    add(&mut record, Claim::Failed(Retry::OtherRoute), 4, 29);
    assert_eq!(step(&record, 29), Step::GiveUp(Claim::Undeliverable));
    add(&mut record, Claim::Undeliverable, 0, 29);
    assert_eq!((step(&record, 30), record.status()), (Step::Settled, Status::Undeliverable));
    add(&mut record, Claim::Retried, 4, 40);
    assert_eq!(step(&record, 40), Step::Send { attempt: 5, route: 0 });
}

#[test]
fn who_was_handed_over_to_is_waited_for_and_then_tried_elsewhere() {
    let (policy, mut record) = (policy(), Record::default());
    add(&mut record, Claim::Begun { route: 1 }, 1, 0);
    add(&mut record, Claim::HandedOver, 1, 2);
    assert_eq!(record.step(&policy, &[1, 2], at(10)), Step::Wait(at(52)));
    assert_eq!(record.step(&policy, &[1, 2], at(52)), Step::Send { attempt: 2, route: 2 });
    assert_eq!(record.step(&policy, &[0, 1], at(52)), Step::Wait(at(1_000)), "no other one");
    assert_eq!(
        record.step(&policy, &[0, 1], at(1_000)),
        Step::Settled,
        "handed over is no failure"
    );
    add(&mut record, Claim::Reached, 1, 30);
    assert_eq!(record.step(&policy, &[1, 2], at(52)), Step::Settled);
}

#[test]
fn what_is_over_is_given_up_and_what_no_route_takes_too() {
    let (policy, mut record) = (policy(), Record::default());
    assert_eq!(record.step(&policy, &[], at(0)), Step::GiveUp(Claim::Undeliverable));
    assert_eq!(record.step(&policy, &[0], at(1_000)), Step::GiveUp(Claim::Expired));
    add(&mut record, Claim::Begun { route: 0 }, 1, 0);
    add(&mut record, Claim::Failed(Retry::Never), 1, 0);
    assert_eq!(record.step(&policy, &[0, 1], at(1)), Step::GiveUp(Claim::Undeliverable));
}

#[test]
fn a_device_that_refused_it_is_not_asked_again() {
    let (policy, mut record) = (policy(), Record::default());
    add(&mut record, Claim::RefusedByDevice, 0, 0);
    assert_eq!(record.step(&policy, &[0], at(1)), Step::Settled);
}

proptest! {
    /// Whatever the transports say: attempts are numbered without a gap, each route has its number of them at most,
    /// and all comes to an end.
    #[test]
    fn it_ends(said in prop::collection::vec((0_u8..6, 1_i64..40), 60)) {
        let (policy, routes, mut record) = (policy(), [0, 1, 2], Record::default());
        let (mut now, mut sent, mut said) = (0, Vec::new(), said.into_iter());
        loop {
            match record.step(&policy, &routes, at(now)) {
                Step::Send { attempt, route } => {
                    prop_assert!(now < 1_000);
                    sent.push((attempt, route));
                    let (what, after) = said.next().unwrap();
                    add(&mut record, Claim::Begun { route }, attempt, now);
                    now += after;
                    let claim = match what {
                        0 => Claim::HandedOver,
                        1 => Claim::Undeliverable,
                        2 => Claim::Expired,
                        3 => Claim::Failed(Retry::OtherRoute),
                        _ => Claim::Failed(Retry::Again),
                    };
                    add(&mut record, claim, attempt, now);
                }
                Step::Wait(until) => {
                    prop_assert!(until > at(now) && until <= at(1_000));
                    now = until.as_second() - 1_790_000_000;
                }
                Step::GiveUp(claim) => add(&mut record, claim, 0, now),
                Step::Settled => break,
            }
        }
        let numbers: Vec<u32> = sent.iter().map(|(attempt, _)| *attempt).collect();
        prop_assert_eq!(&numbers, &(1..).take(sent.len()).collect::<Vec<u32>>());
        for route in routes {
            let times = sent.iter().filter(|(_, it)| *it == route).count();
            prop_assert!(times <= 3, "{} times on {}", times, route);
        }
    }
}
