//! SIGKILL at any moment, again and again: what a power cut is to a process.
//!
//! Each message replaces two values in one Atomic, with its number as the counter. Whenever the
//! process dies, values, replay protection and journal must tell of the same messages.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
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

/// What was acknowledged is carried out, however often the process dies: here by several senders at
/// once, so that messages wait in the queue on the disk.
#[test]
fn what_was_acknowledged_survives_each_kill() {
    const SENDERS: u64 = 4;
    let device = Device::with("[limits]\nqueue = 64\n");
    let numbers = AtomicU64::new(1);
    let mut acknowledged = BTreeSet::new();
    for cut in 0..CUTS {
        let agent = device.start();
        let moment = Duration::from_micros(5_000 + cut * 7_919 % CUTS * 2_000);
        let is_over = AtomicBool::new(false);
        let got: Vec<Vec<u64>> = std::thread::scope(|scope| {
            let sender = || {
                let mut got = Vec::new();
                while !is_over.load(Ordering::Relaxed) {
                    let number = numbers.fetch_add(1, Ordering::Relaxed);
                    if agent.try_post(&sealed(number)) == Some(202) {
                        got.push(number);
                    }
                }
                got
            };
            let senders: Vec<_> = (0..SENDERS).map(|_| scope.spawn(sender)).collect();
            std::thread::sleep(moment);
            agent.kill_now();
            is_over.store(true, Ordering::Relaxed);
            senders.into_iter().map(|sender| sender.join().expect("a sender")).collect()
        });
        acknowledged.extend(got.into_iter().flatten());
    }
    let agent = device.start();
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let journal = device.accepted();
    let times = |number: &u64| journal.iter().filter(|accepted| *accepted == number).count();
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    for number in &acknowledged {
        assert_eq!(times(number), 1, "{number} of {journal:?}");
    }
    assert!(journal.iter().all(|number| times(number) == 1), "{journal:?}");
    println!("{} acknowledged, {} carried out, {CUTS} kills", acknowledged.len(), journal.len());
}
