//! SIGKILL at any moment, again and again: what a power cut is to a process.
//!
//! Each message replaces two values in one Atomic, with its number as the counter. Whenever the
//! process dies, values, replay protection and journal must tell of the same messages.

use std::time::{Duration, Instant};

use super::device::Device;
use super::message::sealed;

const CUTS: u64 = 20;

#[test]
fn what_a_killed_agent_leaves_agrees() {
    let device = Device::with("[limits]\nqueue = 64\n");
    let mut number = 0;
    let mut midway = 0;
    for cut in 0..CUTS {
        let agent = device.start();
        // From 0 to 19 ms after the first message, in an order that hits every part of a commit.
        let moment = Duration::from_micros(cut * 7_919 % CUTS * 1_000 + cut * 37);
        let start = Instant::now();
        let mut sent = 0;
        while start.elapsed() < moment || sent == 0 {
            number += 1;
            sent += 1;
            agent.push(&sealed(number));
        }
        agent.kill();
        let kept = device.kept();
        let value: u64 = kept.left.parse().expect("a number");
        assert_eq!(kept.left, kept.right, "cut {cut}: {kept:?}");
        assert_eq!(kept.fresh, (value, kept.accepted), "cut {cut}: {kept:?}");
        assert_eq!(kept.refused, 0, "cut {cut}: {kept:?}");
        assert!(value <= number, "cut {cut}: {kept:?}");
        midway += usize::from(value < number && value > 0);
        number = number.max(value);
    }
    assert!(midway > 3, "only {midway} cuts came while messages waited");

    let mut agent = device.start();
    agent.push(&sealed(number + 1));
    agent.wait_for(" accepted from=", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.kept().left, (number + 1).to_string());
}
