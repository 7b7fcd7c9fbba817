//! More messages than the agent can carry out at once.

use super::device::Device;
use super::message::sealed;

#[test]
fn messages_that_come_while_another_is_carried_out_wait_their_turn() {
    let device = Device::with("[limits]\nqueue = 64\n");
    let mut agent = device.start();
    let messages: Vec<_> = (1..=30).map(sealed).collect();
    messages.iter().for_each(|message| agent.push(message));
    agent.wait_for(" accepted from=", 30);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.right.as_str()), ("30", "30"));
    assert_eq!((kept.accepted, kept.refused, kept.fresh), (30, 0, (30, 30)));
}

#[test]
fn what_was_acknowledged_is_carried_out_before_the_end() {
    let device = Device::with("[limits]\nqueue = 64\n");
    let agent = device.start();
    let acknowledged = (1..=30).map(sealed).filter(|message| agent.post(message) == 202).count();
    assert_eq!(acknowledged, 30);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.kept().accepted, 30);
}

/// A full queue turns a message away, and says so to a sender that asks; nothing else happens to
/// it, and it can come again.
#[test]
fn a_full_queue_turns_messages_away_that_may_come_again() {
    let device = Device::with("[limits]\nqueue = 1\n");
    let agent = device.start();
    let messages: Vec<_> = (1..=60).map(sealed).collect();
    let mut taken = vec![false; messages.len()];
    for _ in 0..200 {
        std::thread::scope(|scope| {
            let waiting = taken.iter_mut().zip(&messages).filter(|(taken, _)| !**taken);
            for (taken, message) in waiting {
                let agent = &agent;
                scope.spawn(move || match agent.post(message) {
                    202 => *taken = true,
                    503 => {}
                    status => panic!("{status}"),
                });
            }
        });
        if taken.iter().all(|taken| *taken) {
            break;
        }
    }
    assert!(taken.iter().all(|taken| *taken), "not all came in");
    assert!(agent.log().contains("reason=\"queue-full\""), "the queue was never full");
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!(kept.accepted + kept.refused, 60, "each acknowledged message came to the gate");
    assert_eq!((kept.fresh.0, kept.left == kept.right), (60, true));
}
