//! What the service manager and the system's journal are told.

use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixDatagram;
use std::time::Duration;

use super::device::Device;
use super::message::sealed;
use super::process::{Process, program};

fn started(device: &Device, environment: &[(&str, &str)]) -> Process {
    let path = device.config_path();
    let mut command = program(&["run", "--config", &path]);
    Process::start_by(command.envs(environment.iter().copied()), &device.config())
}

fn socket(device: &Device) -> (UnixDatagram, String) {
    let path = device.path("notify");
    let socket = UnixDatagram::bind(&path).expect("bound");
    socket.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
    (socket, path.to_str().expect("UTF-8").to_owned())
}

fn next(socket: &UnixDatagram) -> String {
    let mut octets = [0; 256];
    let count = socket.recv(&mut octets).expect("a datagram in time");
    String::from_utf8_lossy(&octets[..count]).into_owned()
}

#[test]
fn the_manager_learns_when_it_is_ready_and_when_it_stops() {
    let device = Device::new();
    let (socket, path) = socket(&device);
    let agent = started(&device, &[("NOTIFY_SOCKET", &path)]);
    assert!(next(&socket).starts_with("READY=1\n"));
    socket.set_read_timeout(Some(Duration::from_millis(300))).expect("set");
    assert!(socket.recv(&mut [0; 16]).is_err(), "nothing more until it stops");
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert!(next(&socket).starts_with("STOPPING=1\n"));
}

#[test]
fn a_watchdog_hears_of_it_only_where_one_is_set_for_this_process() {
    let device = Device::new();
    let (socket, path) = socket(&device);
    let agent = started(&device, &[("NOTIFY_SOCKET", &path), ("WATCHDOG_USEC", "200000")]);
    assert!(next(&socket).starts_with("READY=1\n"));
    assert_eq!([next(&socket), next(&socket), next(&socket)], ["WATCHDOG=1"; 3]);
    agent.kill();
    let device = Device::new();
    let (socket, path) = self::socket(&device);
    let others = [("NOTIFY_SOCKET", &*path), ("WATCHDOG_USEC", "200000"), ("WATCHDOG_PID", "1")];
    let _agent = started(&device, &others);
    assert!(next(&socket).starts_with("READY=1\n"));
    socket.set_read_timeout(Some(Duration::from_millis(400))).expect("set");
    assert!(socket.recv(&mut [0; 16]).is_err());
}

#[test]
fn lines_for_the_journal_begin_with_their_weight_and_have_no_time() {
    let device = Device::new();
    let log = device.config().with_extension("log");
    std::fs::write(&log, "").expect("written");
    let there = std::fs::metadata(&log).expect("there");
    let stream = format!("{}:{}", there.dev(), there.ino());
    let mut agent = started(&device, &[("JOURNAL_STREAM", &stream)]);
    agent.push(&sealed(1));
    agent.push(b"\x01\x02garbage");
    agent.wait_for(" accepted from=", 1);
    agent.wait_for(" refused from=", 1);
    for line in agent.log().lines() {
        let weight = if line.contains(": refused ") { "<4>dm_agent" } else { "<6>" };
        assert!(line.starts_with(weight), "{line}");
    }
    drop(agent);
    let agent = started(&device, &[("JOURNAL_STREAM", "1:1")]);
    assert!(agent.log().lines().all(|line| line.starts_with("20")), "{}", agent.log());
}
