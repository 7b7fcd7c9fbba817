//! `status` and `journal`: what the owner of a running agent is told, and that nobody else is.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::device::Device;
use super::message::{DEVICE, OPERATOR, sealed};
use super::process::{program, run};

/// A command of the program on a device: its status, and what it prints.
fn ask(device: &Device, command: &[&str]) -> (i32, String, String) {
    let path = device.config_path();
    run(program(command).args(["--config", &path]))
}

fn asked_in_json(device: &Device) -> Value {
    let (code, out, err) = ask(device, &["--json", "status"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{err}");
    serde_json::from_str(&out).expect("JSON")
}

#[test]
fn a_running_agent_says_how_it_is() {
    let device = Device::new();
    let mut agent = device.start();
    agent.push(&sealed(7));
    agent.push(b"garbage");
    agent.wait_for(" refused from=", 1);
    agent.wait_for(" accepted from=", 1);
    assert!(agent.exchange(b"GET / HTTP/1.1\r\nhost: d\r\n\r\n").contains(" 404 "));

    let status = asked_in_json(&device);
    assert_eq!((&status["running"], &status["device_id"]), (&true.into(), &DEVICE.into()));
    let places: Vec<_> = ["udp", "http"].map(|it| agent.address(it).to_string()).into();
    let receivers = status["receivers"].as_array().expect("receivers");
    assert_eq!(
        receivers.iter().map(|it| &it["place"]).collect::<Vec<_>>(),
        [&places[0], &places[1]]
    );
    assert_eq!((&receivers[0]["taken"], &receivers[1]["taken"]), (&2.into(), &0.into()));
    assert_eq!((&status["taken"], &status["turned_away"]["path"]), (&2.into(), &1.into()));
    assert_eq!(status["nodes"], Value::from(device.kept().nodes - 1), "all but the root");
    assert_eq!(status["servers"][0]["server_id"], OPERATOR);
    assert_eq!(status["servers"][0]["highest"][DEVICE], 7);
    assert_eq!((&status["busy_for"], &status["waiting"]["messages"]), (&Value::Null, &0.into()));
    let verdicts: Vec<_> = status["last"].as_array().expect("entries").iter().collect();
    assert_eq!(verdicts.len(), 2);

    let (code, out, _) = ask(&device, &["status"]);
    assert_eq!(code, 0);
    for words in
        ["running: ", &places[0], "good, 2 taken", "path 1", "highest counter 7", " accepted "]
    {
        assert!(out.contains(words), "{words}: {out}");
    }
}

#[test]
fn effects_that_wait_are_in_its_status() {
    let device = Device::with(
        "[[effect]]\nname = \"late\"\non = [\"./Meter\"]\nrun = [\"/bin/false\"]\nretry = \"1 h\"\n",
    );
    let mut agent = device.start();
    agent.push(&sealed(1));
    agent.wait_for(" effect failed", 1);
    let status = asked_in_json(&device);
    assert_eq!(
        (&status["effects_waiting"], &status["effects"][0]["server_id"]),
        (&1.into(), &OPERATOR.into())
    );
}

#[test]
fn an_agent_that_does_not_run_is_said_with_status_1() {
    let device = Device::new();
    let (code, out, err) = ask(&device, &["status"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.starts_with("not running: no agent answers on the state /"), "{out}");
    device.start().kill(); // its socket stays behind
    let (code, out, _) = ask(&device, &["--json", "status"]);
    assert!(code == 1 && out.starts_with("{\"running\":false,"), "{out}");
    let agent = device.start();
    assert_eq!(asked_in_json(&device)["running"], true, "the old socket gave way");
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert!(!device.state().join("agent.sock").exists());
    let (code, _, err) = run(program(&["status", "--config", &device.config_path()])
        .env("MARCONIGRAM_STATE", "/nowhere"));
    assert!(code == 69 && err.contains("is not a state folder"), "{err}");
}

#[test]
fn the_socket_is_its_owners_alone_and_bears_what_is_no_question() {
    let device = Device::new();
    let mut agent = device.start();
    let path = device.state().join("agent.sock");
    let mode = std::fs::metadata(&path).expect("a socket").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let connect = || {
        let stream = UnixStream::connect(&path).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        stream
    };
    let endless = [b'x'; 4_096];
    for octets in
        [&b"{}\n"[..], b"\xff\xfe\n", b"{\"ask\":\"tree\"}\n", b"{\"ask\":\"status\"", &endless]
    {
        let mut stream = connect();
        let _ = stream.write_all(octets); // it may have hung up already
        stream.shutdown(std::net::Shutdown::Write).expect("shut down");
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert_eq!(answer, b"", "{octets:?}");
    }
    // Those that say nothing hold a place, and the agent does its work all the same.
    let _silent: Vec<_> = (0..3).map(|_| connect()).collect();
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    assert_eq!(asked_in_json(&device)["taken"], 1);
}

#[test]
fn the_journal_is_printed_chosen_and_exported_whether_the_agent_runs_or_not() {
    let device = Device::new();
    let mut agent = device.start();
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    agent.push(&sealed(1));
    agent.wait_for(" refused from=", 1);
    let export = device.path("journal.ndjson");
    let seen = |device: &Device| {
        let (code, all, err) = ask(device, &["journal"]);
        assert_eq!((code, err.as_str()), (0, ""));
        assert!(all.starts_with("1 t=") && all.contains("\n2 t="), "{all}");
        assert!(all.contains("accepted from") && all.contains("Replayed at stage"), "{all}");
        let of = |words: &[&str]| ask(device, &[&["journal"], words].concat()).1;
        assert!(of(&["--verdict", "refused"]).starts_with("2 t="));
        assert!(of(&["--verdict", "accepted", "--verdict", "refused"]) == all);
        assert!(of(&["--after", "1"]).starts_with("2 t=") && of(&["--since", "1h"]) == all);
        for none in [
            &["--until", "1h"][..],
            &["--server-id", "x"],
            &["--verdict", "effect"],
            &["--after", "2"],
        ] {
            assert_eq!(of(none), "no such entry in the journal\n", "{none:?}");
        }
        assert!(of(&["--server-id", OPERATOR]) == all, "claimed or proved");
        let lines = of(&["--json"]);
        let numbers: Vec<u64> = lines
            .lines()
            .map(|line| {
                let value: Value = serde_json::from_str(line).expect("JSON");
                value["number"].as_u64().expect("a number")
            })
            .collect();
        assert_eq!(numbers, [1, 2]);
        let (code, out, _) = ask(device, &["journal", "--export", export.to_str().expect("UTF-8")]);
        assert!(code == 0 && out.ends_with(": 2 entries\n"), "{out}");
        assert_eq!(std::fs::read_to_string(&export).expect("written"), lines);
        let mode = std::fs::metadata(&export).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let (code, _, err) = ask(device, &["journal", "--export", export.to_str().expect("UTF-8")]);
        assert!(code == 1 && err.contains("exists"), "nothing is overwritten: {err}");
        std::fs::remove_file(&export).expect("removed");
        all
    };
    let running = seen(&device);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(seen(&device), running);
    let (code, _, err) = ask(&device, &["journal", "--follow"]);
    assert!(
        code == 1 && err.contains("no agent runs") && err.contains("  next: start it"),
        "{err}"
    );
    let (code, _, err) = ask(&device, &["journal", "--since", "yesterday"]);
    assert!(code == 2 && err.contains("90s, 15min, 6h, 7d"), "{err}");
}

#[test]
fn a_journal_that_is_followed_goes_on() {
    let device = Device::new();
    let mut agent = device.start();
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    let path = device.config_path();
    let mut follow = program(&["--json", "journal", "--follow", "--config", &path])
        .stdout(Stdio::piped())
        .spawn()
        .expect("started");
    let mut lines = BufReader::new(follow.stdout.take().expect("a pipe")).lines();
    let mut next = || {
        let line = lines.next().expect("a line").expect("readable");
        serde_json::from_str::<Value>(&line).expect("JSON")["number"].clone()
    };
    assert_eq!(next(), 1);
    for number in 2..=3 {
        agent.push(&sealed(number));
        assert_eq!(next(), number);
    }
    assert_eq!(agent.signal("TERM").code(), Some(0), "who follows does not keep it from stopping");
    let status = follow.wait().expect("ended");
    assert_eq!(status.code(), Some(1), "it is told that the agent has gone");
}

#[test]
fn those_who_follow_the_journal_keep_nobody_from_asking() {
    let device = Device::new();
    let agent = device.start();
    let socket = device.state().join("agent.sock");
    let following: Vec<_> = (0..8)
        .map(|_| {
            let mut stream = UnixStream::connect(&socket).expect("connected");
            stream.write_all(b"{\"ask\":\"journal\",\"follow\":true}\n").expect("asked");
            stream
        })
        .collect();
    let asked = Instant::now();
    let (code, out, err) = ask(&device, &["status"]);
    assert_eq!(code, 0, "{out}{err}");
    assert!(asked.elapsed() < Duration::from_secs(9), "{:?}", asked.elapsed());
    drop((following, agent));
}

#[test]
fn an_agent_starts_while_somebody_looks_into_its_state() {
    let device = Device::new();
    let held = dm_agent::persist::RedbStore::open(&device.state()).expect("free");
    let looking = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        drop(held);
    });
    let agent = device.start();
    looking.join().expect("ended");
    assert_eq!(agent.signal("TERM").code(), Some(0));
}
