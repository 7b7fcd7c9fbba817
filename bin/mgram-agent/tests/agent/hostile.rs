//! Traffic that wants to do harm: the agent survives, the tree stays, the next message counts.

use std::io::{Read, Write};
use std::time::Duration;

use dm_push::wsp::Push;

use super::device::Device;
use super::message::{sealed, sealed_with};
use super::process::{Process, request};

/// Afterwards a good message is carried out, over both transports, and nothing else was.
fn is_unharmed(device: &Device, mut agent: Process) {
    let before = device.kept();
    assert_eq!((before.left.as_str(), before.right.as_str(), before.accepted), ("0", "0", 0));
    assert_eq!(before.fresh, (0, 0));
    for _ in 0..100 {
        agent.push(&sealed(1)); // the socket's buffer may still be full
        std::thread::sleep(Duration::from_millis(50));
        if agent.accepted() > 0 {
            break;
        }
    }
    post_until_taken(&agent, &sealed(2));
    agent.wait_for(" accepted from=", 2);
    let log = agent.log();
    assert!(!log.contains("panicked"), "{log}");
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.right.as_str(), kept.accepted), ("2", "2", 2));
    assert_eq!((kept.fresh, kept.nodes), ((2, 2), before.nodes));
}

#[test]
fn datagrams_of_any_size_and_kind() {
    let device = Device::new();
    let mut agent = device.start();
    let good = Push::dm(1, &sealed_with(9, "x")).write();
    agent.datagram(&[]);
    for length in [1, 2, 3, 4, 7, 20, 65_506, 65_507] {
        for filling in [0, 6, 0x80, 0xff] {
            agent.datagram(&vec![filling; length]);
        }
    }
    agent.datagram(&[&[1, 6], &vec![0xff; 65_505][..]].concat()); // a length without end
    agent.push(&vec![2; 65_507 - 6]); // the largest message that fits
    agent.push(&[]);
    for length in (1..good.len()).step_by(23) {
        agent.datagram(&good[..length]);
        let mut changed = good.clone();
        changed[length] ^= 0x20;
        agent.datagram(&changed);
    }
    agent.wait_for("turned away", 10);
    is_unharmed(&device, agent);
}

#[test]
fn what_is_no_http_push() {
    let device = Device::new();
    let agent = device.start();
    let message = sealed_with(9, "x");
    let dm = "application/vnd.syncml.dm+wbxml";
    for (status, octets) in [
        ("400", b"GARBAGE\r\n\r\n".to_vec()),
        ("400", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello, TLS\r\n\r\n".to_vec()),
        ("404", b"GET / HTTP/1.1\r\nhost: d\r\n\r\n".to_vec()),
        ("405", b"GET /push HTTP/1.1\r\nhost: d\r\n\r\n".to_vec()),
        ("404", b"POST /../push HTTP/1.1\r\nhost: d\r\ncontent-length: 0\r\n\r\n".to_vec()),
        ("415", request("text/xml", &message)),
        ("415", request("application/vnd.syncml.dm+xml", &message)),
        ("400", request(dm, b"")),
        ("413", request(dm, &vec![2; 2 << 20])),
        ("431", [b"POST /push HTTP/1.1\r\nx: ", &vec![b'x'; 20_000][..], b"\r\n\r\n"].concat()),
    ] {
        let answer = agent.exchange(&octets);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{status}: {answer}");
        let body = answer.split_once("\r\n\r\n").expect("a head").1;
        assert_eq!(body, "", "nothing is ever answered");
    }
    is_unharmed(&device, agent);
}

#[test]
fn connections_that_stall_or_break_off() {
    let device = Device::with(
        "[limits]\nheader_timeout = \"300 ms\"\nbody_timeout = \"300 ms\"\nconnections = 4\n",
    );
    let agent = device.start();
    let message = sealed_with(9, "x");
    let whole = request("application/vnd.syncml.dm+wbxml", &message);
    let mut stalled: Vec<_> = [0, 1, 30, whole.len() - 1]
        .iter()
        .map(|&length| {
            let mut stream = agent.connect();
            stream.write_all(&whole[..length]).expect("written");
            stream
        })
        .collect();
    for stream in &mut stalled {
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer); // ends, for the agent hangs up
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "{answer}");
    }
    for length in (0..whole.len()).step_by(31) {
        let mut stream = agent.connect();
        stream.write_all(&whole[..length]).expect("written");
        drop(stream); // broken off
    }
    let mut slow = agent.connect();
    for octet in &whole {
        if slow.write_all(&[*octet]).is_err() {
            break;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(slow);
    is_unharmed(&device, agent);
}

#[test]
fn senders_that_are_not_on_the_list() {
    let device = Device::new();
    let text = super::device::LISTENERS.replace("[\"127.0.0.1\"]", "[\"192.0.2.0/24\"]");
    device.configure(&text);
    let mut agent = device.start();
    agent.push(&sealed(1));
    agent.wait_for("turned away transport=\"udp\" reason=\"source\"", 1);
    let whole = request("application/vnd.syncml.dm+wbxml", &sealed(1));
    assert_eq!(agent.exchange(&whole), "");
    agent.wait_for("turned away transport=\"http\" reason=\"source\"", 1);
    assert!(agent.is_running());
    drop(agent);
    assert_eq!(device.kept().accepted, 0);
}

/// Posts a message until the agent has room for it: a busy one says 503, try again.
fn post_until_taken(agent: &Process, message: &[u8]) {
    for _ in 0..500 {
        match agent.post(message) {
            202 => return,
            503 => std::thread::sleep(Duration::from_millis(20)),
            other => panic!("status {other}"),
        }
    }
    panic!("the agent stayed busy");
}

#[test]
fn messages_that_are_forged_repeated_or_late() {
    let device = Device::new();
    let mut agent = device.start();
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    let good = sealed(2);
    let mut refused = 0;
    for at in (1..good.len()).step_by(29) {
        let mut forged = good.clone();
        forged[at] ^= 0x41;
        post_until_taken(&agent, &forged); // acknowledged like any other
        refused += 1;
    }
    for again in [sealed(1), sealed_with(1, "other")] {
        post_until_taken(&agent, &again);
        refused += 1;
    }
    post_until_taken(&agent, &good); // in the order in which they came
    agent.wait_for(" accepted from=", 2);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("2", 2, refused));
}
