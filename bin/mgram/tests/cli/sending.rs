//! `mgram outbox send`: how it ends, and what it says of itself then.

use std::net::{TcpListener, UdpSocket};
use std::process::{Command, Stdio};

use super::bench::{Bench, Said};

const SEND: [&str; 6] = ["outbox", "send", "--outbox", "box", "--routes", "routes.toml"];
const UDP: &str = "danger_unprotected = true\nudp = {}\n";

/// A device that listens to datagrams.
fn device() -> (UdpSocket, String) {
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let to = format!("udp://{}", device.local_addr().expect("an address"));
    (device, to)
}

fn line(id: &str, message: &str, way: &str) -> String {
    format!("{{\"id\": \"{id}\", \"message\": \"{message}\", \"to\": [\"{way}\"]}}\n")
}

fn accept(bench: &Bench, lines: &str) {
    bench.write("batch", lines);
    bench.done(&["outbox", "accept", "batch", "--outbox", "box", "--danger-unsealed"]);
}

#[test]
fn a_disk_that_is_full_ends_it_with_that_reason() {
    let (bench, (_device, to)) = (Bench::ready(), device());
    bench.write("routes.toml", format!("[[route]]\nname = \"lab\"\n{UDP}"));
    let lines = |n: usize| line(&format!("m{n}"), "set.wbxml", &format!("lab={to}"));
    accept(&bench, &(0..3_000).map(lines).collect::<String>());
    // No file may grow, and what is written behind this place fails: half of it, or a quarter, by the unit of
    // this system's shell.
    let limit = bench.read("box").len() / 2 / 1_024;
    let limited = format!("ulimit -f {limit}; trap '' XFSZ; exec \"$0\" \"$@\"");
    let mut shell = Command::new("sh");
    shell.args(["-c", &limited, env!("CARGO_BIN_EXE_mgram")]).args(SEND);
    shell.current_dir(bench.path()).stdin(Stdio::null());
    let said = Said::of(shell.output().expect("started"));
    assert_eq!((said.code, &*said.out), (69, ""), "{}", said.err);
    assert!(said.err.contains("the outbox cannot be "), "{}", said.err);
    let said = bench.json(&SEND);
    assert_eq!(said["total"]["sent"], 3_000, "there is room again: {said}");
}

#[test]
fn a_route_for_which_nothing_waits_any_more_may_be_taken_out_of_the_file() {
    let (bench, (_device, to)) = (Bench::ready(), device());
    bench.write("routes.toml", format!("[[route]]\nname = \"old\"\n{UDP}"));
    accept(&bench, &line("a", "set.wbxml", &format!("old={to}")));
    bench.done(&SEND);
    bench.write("routes.toml", format!("[[route]]\nname = \"new\"\n{UDP}"));
    accept(&bench, &line("b", "set.wbxml", &format!("new={to}")));
    assert_eq!(bench.done(&SEND), "1 sent, 0 given up, 0 wait; 2 sent, 0 given up in all\n");
}

#[test]
fn what_waits_for_a_route_that_is_not_there_keeps_nothing_else_from_being_sent() {
    let (bench, (_device, to)) = (Bench::ready(), device());
    // So slow that some have no turn in the time of an attempt, and are taken again.
    let limits = "limits = { messages = \"2/s\" }\n";
    bench.write("routes.toml", format!("[[route]]\nname = \"lab\"\n{limits}{UDP}"));
    let lines = |n: usize| line(&format!("m{n}"), "set.wbxml", &format!("lab={to}"));
    let typo = line("typo", "set.wbxml", &format!("lap={to}"));
    accept(&bench, &(0..5).map(lines).chain([typo]).collect::<String>());
    let said = bench.run(&[&SEND[..], &["--deadline", "1"]].concat());
    assert_eq!(said.code, 1, "{said:?}");
    let words = "wait for routes that are not there: lap";
    assert!(said.err.contains(words) && said.err.contains("add these routes"), "{}", said.err);
    assert_eq!(bench.done(&["outbox", "show", "--outbox", "box"]), "5 sent, 0 given up, 1 wait\n");
}

#[test]
fn the_exit_status_is_that_of_what_it_did_itself() {
    let (bench, (_device, to)) = (Bench::ready(), device());
    bench.write("routes.toml", format!("[[route]]\nname = \"lab\"\n{UDP}"));
    bench.write("big", vec![2; 70_000]);
    let way = format!("lab={to}");
    accept(&bench, &(line("a", "big", &way) + &line("b", "set.wbxml", &way)));
    let said = bench.run(&SEND);
    assert_eq!((said.code, &*said.out), (1, "1 sent, 1 given up, 0 wait\n"), "{}", said.err);
    let again = bench.done(&SEND);
    assert_eq!(again, "0 sent, 0 given up, 0 wait; 1 sent, 1 given up in all\n");
}

#[test]
fn it_ends_soon_when_it_is_told_to_though_the_other_end_is_silent() {
    let bench = Bench::ready();
    let silent = TcpListener::bind("127.0.0.1:0").expect("bound");
    let to = format!("lab=http://{}/push", silent.local_addr().expect("an address"));
    let route = "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nhttp = {}\n";
    bench.write("routes.toml", route);
    accept(&bench, &line("a", "set.wbxml", &to));
    let arguments = [&SEND[..], &["--deadline", "3600", "--metrics", "metrics.txt"]].concat();
    let mut command = bench.command(&arguments);
    let sending = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let (mut _stream, _) = silent.accept().expect("it sends");
    let kill = Command::new("kill").args(["-TERM", &sending.id().to_string()]).status();
    assert!(kill.expect("kill").success());
    let said = Said::of(sending.wait_with_output().expect("ended"));
    let out = "0 sent, 0 given up, 1 wait\n";
    assert_eq!((said.code, &*said.out), (1, out), "not all was done: {}", said.err);
    assert!(said.err.contains("is sent again"), "{}", said.err);
}

#[test]
fn a_file_of_metrics_that_cannot_be_written_is_said_before_anything_is_sent() {
    let (bench, (device, to)) = (Bench::ready(), device());
    bench.write("routes.toml", format!("[[route]]\nname = \"lab\"\n{UDP}"));
    accept(&bench, &line("a", "set.wbxml", &format!("lab={to}")));
    let arguments = [&SEND[..], &["--metrics", "none/metrics.txt"]].concat();
    bench.fails(1, &arguments, &["there is no such folder", "none/metrics.txt"]);
    device.set_nonblocking(true).expect("set");
    device.recv(&mut [0; 10]).expect_err("nothing was sent");
}

#[test]
fn what_is_accepted_while_it_stays_is_sent() {
    let (bench, (device, to)) = (Bench::ready(), device());
    device.set_read_timeout(Some(std::time::Duration::from_secs(60))).expect("set");
    bench.write("routes.toml", format!("[[route]]\nname = \"lab\"\n{UDP}"));
    accept(&bench, &line("a", "set.wbxml", &format!("lab={to}")));
    bench.seal("set.xml", "other.wbxml", 2);
    let mut command = bench.command(&[&SEND[..], &["--stay"]].concat());
    let sending = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    let mut datagram = [0; 2_000];
    device.recv(&mut datagram).expect("the first one");
    let lines = ["b", "c"].map(|id| line(id, "other.wbxml", &format!("lab={to}"))).concat();
    bench.write("batch", lines);
    let said = bench.json(&["outbox", "accept", "batch", "--outbox", "box"]);
    assert_eq!((&said["lines"], &said["accepted"]), (&2.into(), &2.into()));
    for _ in 0..2 {
        let length = device.recv(&mut datagram).expect("handed in, and sent");
        assert!(datagram[..length].ends_with(&bench.read("other.wbxml")));
    }
    // What is wrong with a line is said as ever.
    let line = |id, message| line(id, message, &format!("lab={to}"));
    bench.write("batch", line("d", "set.wbxml") + &line("a", "other.wbxml"));
    let said = bench.run(&["outbox", "accept", "batch", "--outbox", "box"]);
    assert!(said.code == 1 && said.err.contains("batch, line 2"), "{said:?}");
    device.recv(&mut datagram).expect("the good line");
    let kill = Command::new("kill").args(["-TERM", &sending.id().to_string()]).status();
    assert!(kill.expect("kill").success());
    let said = Said::of(sending.wait_with_output().expect("ended"));
    assert_eq!((said.code, &*said.out), (0, "4 sent, 0 given up, 0 wait\n"), "{}", said.err);
    assert!(!bench.file("box.door").exists());
}
