//! Starting and stopping: what keeps an agent from starting, and what a signal does.

use std::net::{TcpListener, UdpSocket};

use dm_agent::persist::RedbStore;

use super::bootstrap_push::{good, unborn};
use super::device::{Device, LISTENERS};
use super::message::{DEVICE, sealed};
use super::process::{program, run};

/// The agent does not start: status 1, these words, and the device as it was.
fn does_not_start(device: &Device, environment: &[(&str, &str)], words: &[&str]) {
    ends_with(1, device, environment, words);
}

fn ends_with(status: i32, device: &Device, environment: &[(&str, &str)], words: &[&str]) {
    let path = device.config_path();
    let mut command = program(&["run", "--config", &path]);
    let (code, out, err) = run(command.envs(environment.iter().copied()));
    assert_eq!((code, out.as_str()), (status, ""), "{err}");
    let said: Vec<_> = err.lines().filter(|line| !line.contains(" INFO ")).collect();
    assert!(said.len() <= 2 && said[0].starts_with("mgram-agent: "), "{err}");
    for inside in ["panicked", "Error {", "Os {", "Some("] {
        assert!(!err.contains(inside), "{err}");
    }
    words.iter().for_each(|word| assert!(err.contains(word), "{word}: {err}"));
}

#[test]
fn a_port_in_use_is_said() {
    let device = Device::new();
    let before = device.kept();
    let udp = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let tcp = TcpListener::bind("127.0.0.1:0").expect("bound");
    let [udp_address, tcp_address] = [udp.local_addr(), tcp.local_addr()];
    for (taken, number) in [(udp_address, 1), (tcp_address, 2)] {
        let taken = taken.expect("an address").to_string();
        let parts: Vec<_> = LISTENERS.splitn(3, "127.0.0.1:0").collect();
        let text = match number {
            1 => format!("{}{taken}{}127.0.0.1:0{}", parts[0], parts[1], parts[2]),
            _ => format!("{}127.0.0.1:0{}{taken}{}", parts[0], parts[1], parts[2]),
        };
        device.configure(&text);
        let number = format!("number {number}");
        let words = ["cannot listen on", &taken, &number, "end the program that holds the port"];
        does_not_start(&device, &[], &words);
    }
    device.configure(&LISTENERS.replace("127.0.0.1:0", "192.0.2.1:0"));
    does_not_start(&device, &[], &["192.0.2.1", "choose an address that this device has"]);
    assert_eq!(device.kept(), before);
}

#[test]
fn a_state_in_use_is_said_and_the_one_that_holds_it_goes_on() {
    let device = Device::new();
    let mut agent = device.start();
    does_not_start(&device, &[], &["is in use by another process", "next: stop the other"]);
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    drop(agent);
    let held = RedbStore::open(&device.state()).expect("free");
    does_not_start(&device, &[], &["is in use by another process"]);
    drop(held);
    device.start();
}

#[test]
fn a_state_that_is_none_or_damaged_or_of_another_device_is_said() {
    let device = Device::new();
    let words = ["is not a state folder", "next: make it with `mgram provision`"];
    ends_with(69, &device, &[("MARCONIGRAM_STATE", "/nowhere/at/all")], &words);
    let words = ["urn:imei:7", DEVICE, "correct `device_id` or `state`"];
    does_not_start(&device, &[("MARCONIGRAM_DEVICE_ID", "urn:imei:7")], &words);
    let file = device.state().join("state.redb");
    let whole = std::fs::read(&file).expect("readable");
    std::fs::write(&file, &whole[..whole.len() / 2]).expect("written");
    does_not_start(&device, &[], &["is damaged", "next: put a copy back"]);
    std::fs::write(&file, &whole).expect("written");
    device.start();
}

#[test]
fn a_check_tries_the_device_keys_and_tells_it_in_json_too() {
    let device = Device::new();
    let path = device.config_path();
    let good = run(&mut program(&["--json", "check", "--config", &path]));
    assert_eq!((good.0, good.2.as_str()), (0, ""));
    assert!(good.1.ends_with("}\n") && good.1.contains("\"device_keys\":0"), "{}", good.1);
    let token = "\n[device_keys]\n[[device_keys.tokens]]\nname = \"d1\"\n\
                 uri = \"pkcs11:token=x?module-path=/nowhere/library.so\"\n";
    device.configure(&format!("{LISTENERS}{token}"));
    let (code, out, err) = run(&mut program(&["check", "--config", &path]));
    assert_eq!((code, out.as_str()), (69, ""), "{err}");
    assert!(err.contains("/nowhere/library.so") && err.contains("  next: "), "{err}");
    let (code, out, err) = run(&mut program(&["check", "--json", "--config", &path]));
    assert_eq!((code, err.as_str()), (69, ""));
    assert!(out.starts_with("{\"error\":{") && out.matches('\n').count() == 1, "{out}");
}

#[test]
fn a_signal_ends_it_in_order() {
    let device = Device::new();
    for (number, name) in (1..).zip(["TERM", "INT"]) {
        let mut agent = device.start();
        agent.push(&sealed(number));
        agent.push(b"a refusal that need not be durable at once");
        agent.wait_for(" refused from=", 1);
        let status = agent.signal(name);
        assert_eq!(status.code(), Some(0), "SIG{name}");
        let kept = device.kept();
        assert_eq!((kept.left, kept.right), (number.to_string(), number.to_string()));
        let times = usize::try_from(number).expect("small");
        assert_eq!((kept.accepted, kept.refused), (times, times), "both are in the journal");
        RedbStore::open(&device.state()).expect("closed in order");
    }
}

#[test]
fn a_configuration_without_a_receiver_is_wrong_and_what_to_write_is_said() {
    let device = Device::new();
    let path = device.config_path();
    device.configure("");
    for command in ["run", "check"] {
        let (code, out, err) = run(&mut program(&[command, "--config", &path]));
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains("there is no receiver") && err.contains(&path), "{err}");
        assert!(err.contains("  next: write a section [[listen]]"), "{err}");
    }
    // What it says to write is right.
    let folder = device.path("spool");
    std::fs::create_dir(&folder).expect("made");
    device.configure(&format!(
        "[[spool]]\nfolder = {folder:?}\nsecurity = \"owner\"\nowners = [0]\n"
    ));
    assert_eq!(run(&mut program(&["check", "--config", &path])).0, 0);
    assert_eq!(device.start().signal("TERM").code(), Some(0));
}

#[test]
fn a_state_without_an_account_is_said_in_the_log_and_in_the_status() {
    let device = unborn("push = true", LISTENERS);
    let mut agent = device.start();
    agent.wait_for("the state has no account: every message is refused", 1);
    let path = device.config_path();
    let status = || run(&mut program(&["status", "--config", &path])).1;
    let in_json = || run(&mut program(&["--json", "status", "--config", &path])).1;
    assert!(status().contains("  NO ACCOUNT: every message is refused"), "{}", status());
    assert!(in_json().contains("\"accounts\":0,"), "{}", in_json());
    agent.datagram(&good());
    agent.wait_for("bootstrapped from=udp", 1);
    assert!(!status().contains("NO ACCOUNT"), "{}", status());
    assert!(in_json().contains("\"accounts\":1,"), "{}", in_json());
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let mut agent = device.start();
    agent.wait_for("running device_id=", 1);
    assert!(!agent.log().contains("no account"), "{}", agent.log());
}

#[test]
fn a_danger_that_is_switched_on_is_said_at_every_start() {
    let device = Device::new();
    device.configure(&format!("{LISTENERS}\n[danger]\nsha1 = true\nunbound_ciphertext = true\n"));
    let mut agent = device.start();
    agent.wait_for("DANGER: danger.sha1 is on", 1);
    agent.wait_for("DANGER: danger.unbound_ciphertext is on", 1);
    agent.push(&sealed(1));
    agent.wait_for(" accepted from=", 1);
    drop(agent);
    device.configure(LISTENERS);
    let mut agent = device.start();
    agent.push(&sealed(2));
    agent.wait_for(" accepted from=", 1);
    assert!(!agent.log().contains("DANGER"));
}
