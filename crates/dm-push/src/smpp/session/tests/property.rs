//! Whatever an SMS centre does: the window holds, each segment comes back once, and order is kept.

use alloc::collections::{BTreeMap, BTreeSet};

use super::*;

#[derive(Clone, Debug)]
enum Step {
    Submit,
    /// Answers one of those that were sent, or one that was answered before.
    Answer {
        which: usize,
        status: Status,
        load: Option<u8>,
    },
    Wait(u64),
    Withdraw,
    EnquireLink,
}

fn step() -> impl Strategy<Value = Step> {
    let status = prop_oneof![
        4 => Just(Status::OK),
        2 => Just(Status::THROTTLED),
        1 => Just(Status::QUEUE_FULL),
        1 => Just(Status::SYSTEM_ERROR),
    ];
    let load = proptest::option::of(0..=100_u8);
    prop_oneof![
        5 => Just(Step::Submit),
        5 => (any::<usize>(), status, load).prop_map(|(which, status, load)| Step::Answer { which, status, load }),
        2 => (0..700_u64).prop_map(Step::Wait),
        1 => Just(Step::Withdraw),
        1 => Just(Step::EnquireLink),
    ]
}

proptest! {
    #[test]
    fn the_window_holds_and_every_segment_comes_back_once(
        steps in some(step(), 1..120),
        window in 1..6_usize,
    ) {
        let mut session = bound(Settings { window, ..Settings::default() });
        let mut now = Duration::ZERO;
        let mut number = 0;
        let mut sequences: Vec<u32> = Vec::new();
        let mut out: BTreeMap<u32, u32> = BTreeMap::new();
        let (mut firsts, mut back) = (Vec::new(), BTreeSet::new());
        for step in steps {
            match step {
                Step::Submit => {
                    let room = session.room();
                    number += 1;
                    let submitted = session.submit(number, segment(number), now);
                    prop_assert_eq!(submitted.is_ok(), room > 0);
                    if submitted.is_err() {
                        number -= 1;
                    }
                }
                Step::Answer { which, status, load } if !sequences.is_empty() => {
                    let sequence = sequences[which % sequences.len()];
                    let mut tlvs = Vec::new();
                    if let Some(load) = load {
                        Tlv { tag: tag::CONGESTION_STATE, value: &[load] }.write(&mut tlvs).expect("short");
                    }
                    let body = Body::SubmitSmResp { message_id: b"id", tlvs: Tlvs::of(&tlvs) };
                    session.receive(&octets(status, sequence, body), now);
                    out.remove(&sequence);
                }
                Step::Answer { .. } => {}
                Step::Wait(milliseconds) => {
                    now += Duration::from_millis(milliseconds);
                    session.handle_timeout(now);
                }
                Step::Withdraw => for token in session.withdraw(|token| token % 3 == 0) {
                    prop_assert!(back.insert(token), "withdrawn twice");
                },
                Step::EnquireLink => session.receive(&octets(Status::OK, 1, Body::EnquireLink), now),
            }
            let now_sent = sent(&mut session);
            for (sequence, number) in &now_sent {
                prop_assert!(!sequences.contains(sequence), "a number is used once");
                prop_assert!(!back.contains(number), "sent again after its answer");
                if !firsts.contains(number) {
                    firsts.push(*number);
                }
                sequences.push(*sequence);
                out.insert(*sequence, *number);
            }
            prop_assert!(now_sent.is_sorted_by_key(|(_, number)| *number), "{:?}", now_sent);
            prop_assert!(out.len() <= window && session.waiting() <= window);
            for (token, _) in answered(&mut session) {
                prop_assert!(back.insert(token), "answered twice");
            }
        }
        prop_assert!(firsts.is_sorted(), "{:?}", firsts);
        let unanswered = session.into_unanswered();
        prop_assert!(unanswered.is_sorted_by_key(|it| it.token));
        for it in unanswered {
            prop_assert!(back.insert(it.token), "answered, and left over");
        }
        prop_assert_eq!(back, (1..=number).collect());
    }
}
