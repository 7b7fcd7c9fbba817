//! The agent behind `mgram lab`: whatever the way loses or repeats, each message that arrives is carried out once.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::device::Device;
use super::left_out::skipped;
use super::message::sealed;

/// Ends with the test.
struct Lab(Child);

impl Drop for Lab {
    fn drop(&mut self) {
        let _ = self.0.kill(); // it has ended, unless the test failed
        let _ = self.0.wait();
    }
}

#[test]
fn what_a_bad_way_brings_is_carried_out_once_each() {
    let mgram = Path::new(env!("CARGO_BIN_EXE_mgram-agent")).with_file_name("mgram");
    if !mgram.exists() {
        return skipped("mgram is not built: cargo build -p mgram");
    }
    let device = Device::new();
    let mut agent = device.start();
    let to = agent.address("udp").to_string();
    let faults = ["--seed", "7", "--lose", "30%", "--duplicate", "40%", "--to", &to];
    let mut lab = Command::new(&mgram);
    lab.args(["--json", "lab", "--bearer"]).args(faults);
    let mut lab = Lab(lab.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("mgram"));
    let mut out = BufReader::new(lab.0.stdout.take().expect("piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    let bearer = line.split('"').find(|part| part.starts_with("udp://")).expect("an address");
    for number in 1..=20 {
        std::fs::write(device.path("message"), sealed(number)).expect("written");
        let mut push = Command::new(&mgram);
        push.arg("push").arg(device.path("message")).args(["--danger-unprotected", "--to", bearer]);
        let output = push.output().expect("mgram");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let ended = Command::new("kill").arg(lab.0.id().to_string()).status().expect("kill");
    assert!(ended.success());
    let mut events = String::new();
    out.read_to_string(&mut events).expect("text");
    let ids = |words: &str| -> Vec<u64> {
        let lines = events.lines().filter(|line| line.contains(words));
        let id = |line: &str| line.split("\"id\":\"").nth(1)?.split('"').next()?.parse().ok();
        lines.map(|line| id(line).expect("an id")).collect()
    };
    let (delivered, twice) = (ids("\"event\":\"delivered\""), ids("\"detail\":\"twice\""));
    assert!(delivered.len() < 20 && !twice.is_empty(), "{events}");
    agent.wait_for(" accepted from=", delivered.len());
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(device.accepted(), delivered, "in their order, each once");
    assert_eq!(device.kept().left, delivered.last().expect("one").to_string());
}
