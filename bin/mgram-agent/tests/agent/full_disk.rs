//! A disk that is full: the agent ends and says so, and what it keeps is whole.

use std::process::Command;

use super::device::Device;
use super::message::{sealed, sealed_with};
use super::process::Process;

#[test]
fn a_full_disk_ends_the_agent_and_leaves_a_whole_state() {
    let device = Device::new();
    let before = device.kept();
    // No file may grow beyond 80 or 160 KiB, by the unit of this system's shell.
    let limited = "ulimit -f 160; trap '' XFSZ; exec \"$0\" run --config \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_mgram-agent"), &device.config_path()]);
    let mut agent = Process::start_by(&mut shell, &device.config());
    let mut number = 0;
    while agent.is_running() && number < 100 {
        number += 1;
        agent.push(&sealed_with(number, &format!("{number}{}", "x".repeat(20_000))));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let log = agent.log();
    assert_eq!(agent.ended().code(), Some(1), "{log}");
    assert!(log.contains("message lost: the state cannot be written"), "{log}");
    let last = log.lines().rev().take(2).collect::<Vec<_>>();
    assert!(last[0].starts_with("  next: look at the disk"), "{log}");
    assert!(last[1].starts_with("mgram-agent: the store failed: "), "{log}");

    let kept = device.kept();
    assert_eq!((&kept.left, kept.nodes), (&kept.right, before.nodes));
    assert_eq!(kept.fresh.1, kept.accepted, "{} accepted", kept.accepted);
    let mut agent = device.start();
    agent.push(&sealed(number + 1));
    agent.wait_for(" accepted from=", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.kept().left, (number + 1).to_string());
}

/// The queue is on the same disk: a message that cannot be kept is not acknowledged, and what was
/// acknowledged is carried out when there is room again.
#[test]
fn a_full_disk_loses_nothing_that_was_acknowledged() {
    let device = Device::with("[limits]\nqueue = 64\n");
    let limited = "ulimit -f 160; trap '' XFSZ; exec \"$0\" run --config \"$1\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_mgram-agent"), &device.config_path()]);
    let mut agent = Process::start_by(&mut shell, &device.config());
    let (mut number, mut acknowledged) = (0, Vec::new());
    // First one that alone is too large for what is left of the disk.
    let huge = sealed_with(1_000, &"x".repeat(200_000));
    assert_eq!(agent.post(&huge), 503);
    agent.wait_for("messages not acknowledged: they cannot be kept on the disk", 1);
    while agent.is_running() && number < 300 {
        number += 1;
        let octets = usize::try_from(number).expect("small") * 200;
        let message = sealed_with(number, &format!("{number}{}", "x".repeat(octets)));
        match agent.try_post(&message) {
            Some(202) => acknowledged.push(number),
            Some(503) | None => {}
            Some(status) => panic!("{status}"),
        }
    }
    let log = agent.log();
    assert_eq!(agent.ended().code(), Some(1), "{log}");
    assert!(acknowledged.len() > 1, "{log}");
    let mut agent = device.start();
    agent.push(&sealed(number + 1));
    agent.wait_for(" accepted from=udp", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let journal = device.accepted();
    for number in &acknowledged {
        let times = journal.iter().filter(|accepted| *accepted == number).count();
        assert_eq!(times, 1, "{number} of {journal:?}");
    }
    assert!(!journal.contains(&1_000), "it was never acknowledged, nor was it kept");
}
