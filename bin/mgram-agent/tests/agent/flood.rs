//! A thousand pushes of garbage a second over each transport: memory stays as it is, and good pushes
//! are still carried out.

use std::net::UdpSocket;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dm_push::wsp::Push;

use super::device::Device;
use super::message::sealed;
use super::process::Process;

/// Pushes a second, of each transport.
const RATE: u32 = 1_000;
/// Seconds, if the environment does not say.
const SECONDS: u64 = 5;
/// The variable that says it.
const VARIABLE: &str = "MGRAM_FLOOD_SECONDS";
/// What a process may need more after a while, in KiB: arenas, the journal's pages, the queue.
const GROWTH: u64 = 6 * 1_024;

/// Calls it at the rate until it is over; yields how often.
fn at_rate(is_over: &AtomicBool, mut push: impl FnMut(u32)) -> u32 {
    let (start, mut sent) = (Instant::now(), 0);
    while !is_over.load(Ordering::Relaxed) {
        push(sent);
        sent += 1;
        let due = Duration::from_secs(1) * sent / RATE;
        std::thread::sleep(due.saturating_sub(start.elapsed()));
    }
    sent
}

fn good_until_accepted(agent: &Process, number: u64) {
    let (message, accepted) = (sealed(number), agent.accepted());
    let start = Instant::now();
    while agent.post(&message) != 202 {
        assert!(start.elapsed() < Duration::from_secs(20), "never taken");
        std::thread::sleep(Duration::from_millis(5));
    }
    while agent.accepted() == accepted {
        assert!(start.elapsed() < Duration::from_secs(20), "never carried out");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_flood_of_garbage_takes_no_memory_and_stops_no_good_push() {
    let seconds = std::env::var(VARIABLE).ok().and_then(|text| text.parse().ok());
    let seconds = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let device = Device::new();
    let agent = device.start();
    let garbage = |number: u32| {
        let mut octets = sealed(1);
        let at = number as usize % octets.len();
        octets[at] ^= 0x41;
        octets
    };
    let garbage: Vec<Vec<u8>> = (0..64).map(|number| garbage(number * 13)).collect();
    let (is_over, posted) = (AtomicBool::new(false), AtomicUsize::new(0));
    let (mut number, mut measured) = (1, Vec::new());
    std::thread::scope(|scope| {
        let udp = scope.spawn(|| {
            let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
            let address = agent.address("udp");
            at_rate(&is_over, |sent| {
                let octets = Push::dm(1, &garbage[sent as usize % garbage.len()]).write();
                let _ = socket.send_to(&octets, address); // a full buffer is part of it
            })
        });
        let http = scope.spawn(|| {
            at_rate(&is_over, |sent| {
                let status = agent.try_post(&garbage[sent as usize % garbage.len()]);
                posted.fetch_add(usize::from(status == Some(202)), Ordering::Relaxed);
            })
        });
        let start = Instant::now();
        while start.elapsed() < seconds {
            number += 1;
            good_until_accepted(&agent, number);
            measured.push(agent.resident());
        }
        is_over.store(true, Ordering::Relaxed);
        let sent = [udp.join().expect("a sender"), http.join().expect("a sender")];
        println!(
            "{} s: {} datagrams, {} posts, {posted:?} acknowledged, {} good ones carried out, \
             resident {:?} KiB at first, {:?} at last",
            seconds.as_secs(),
            sent[0],
            sent[1],
            number - 1,
            measured.first(),
            measured.last()
        );
        assert!(u64::from(sent[0]) > seconds.as_secs() * u64::from(RATE) / 2, "no flood: {sent:?}");
    });
    let (lines, good) = (agent.log().lines().count(), agent.accepted());
    assert!(lines < 3 * good + 500, "{lines} lines of log, {good} good pushes");
    let (first, most) = (measured[0], *measured.iter().max().expect("some"));
    assert!(most <= first + GROWTH, "from {first} to {most} KiB");
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.clone(), kept.right), (number.to_string(), number.to_string()));
}
