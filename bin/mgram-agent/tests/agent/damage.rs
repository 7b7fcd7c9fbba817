//! What is on the disk is damaged, or cannot be written: said, left as it is, nothing made anew.

use std::process::Command;

use dm_agent::kept::{Kept, Message};

use super::device::Device;
use super::message::sealed;
use super::process::{program, run};

/// Octets all over the file, one after the other: the agent does not start and says why, or nobody
/// uses the octet. Either way the file is as it was when it does not start.
#[test]
fn an_octet_that_was_changed_is_found_or_does_no_harm() {
    let device = Device::new();
    let file = device.state().join("state.redb");
    let whole = std::fs::read(&file).expect("readable");
    let before = device.kept();
    let (mut found, step) = (0, whole.len() / 24);
    for at in (9..whole.len()).step_by(step) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x41;
        std::fs::write(&file, &damaged).expect("written");
        let log = device.config().with_extension("log");
        let mut command = program(&["run", "--config", &device.config_path()]);
        command.stdout(std::process::Stdio::null());
        command.stderr(std::fs::File::create(&log).expect("a log"));
        let mut child = command.spawn().expect("started");
        let status = loop {
            let text = std::fs::read_to_string(&log).expect("a log");
            if text.contains(" running device_id=") {
                break None;
            }
            if let Some(status) = child.try_wait().expect("a process") {
                break Some(status);
            }
            std::thread::sleep(std::time::Duration::from_millis(3));
        };
        let text = std::fs::read_to_string(&log).expect("a log");
        assert!(!text.contains("panicked"), "octet {at}: {text}");
        match status {
            Some(status) => {
                found += 1;
                assert!([1, 69].contains(&status.code().expect("not killed")), "{at}: {text}");
                let is_said =
                    text.contains("is damaged") || text.contains("no readable state.redb");
                assert!(is_said && text.contains("  next: "), "octet {at}: {text}");
                assert_eq!(std::fs::read(&file).expect("there"), damaged, "left as it is");
            }
            None => {
                child.kill().expect("killed");
                child.wait().expect("ended");
                assert_eq!(device.kept(), before, "octet {at}");
            }
        }
    }
    assert!(found > 0, "none of the octets counted");
    std::fs::write(&file, &whole).expect("written");
    device.start();
}

/// The messages before the damage are carried out, the file is kept, and the log says so.
#[test]
fn a_queue_that_is_damaged_in_its_middle_is_put_aside() {
    let device = Device::new();
    let mut kept = Kept::open(&device.state(), None).expect("a queue").0;
    let message = |number| Message {
        octets: sealed(number),
        received: Some(1_800_000_000),
        from: "http 192.0.2.7:1".to_owned(),
    };
    kept.keep(&[message(1), message(2), message(3)]).expect("kept");
    drop(kept);
    let queue = device.state().join("queue");
    let names = || {
        let entries = std::fs::read_dir(&queue).expect("a folder");
        entries.map(|entry| entry.expect("one").file_name()).collect::<Vec<_>>()
    };
    let segment = queue.join(&names()[0]);
    let mut octets = std::fs::read(&segment).expect("readable");
    let middle = octets.len() / 2;
    octets[middle] ^= 0x41;
    std::fs::write(&segment, &octets).expect("written");

    let mut agent = device.start();
    agent.wait_for("kept messages are damaged", 1);
    agent.wait_for(" accepted from=http 192.0.2.7:1", 1);
    agent.push(&sealed(4));
    agent.wait_for(" accepted from=", 2);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let aside = segment.with_extension("damaged");
    assert_eq!(names(), [aside.file_name().expect("a name")]);
    assert_eq!(std::fs::read(&aside).expect("kept"), octets);
    assert_eq!(device.accepted(), [1, 4]);
    // And it is not looked at again.
    let agent = device.start();
    assert!(!agent.log().contains("are damaged"));
}

#[test]
fn a_folder_that_can_only_be_read_is_said_and_stays_as_it_is() {
    let device = Device::new();
    let state = device.state();
    let mount = "mount --bind \"$2\" \"$2\" && mount -o remount,ro,bind \"$2\" && \
                 touch \"$2/x\" 2>/dev/null; test -e \"$2/x\" && exit 99; \
                 grep -q \" $2 .* ro,\" /proc/self/mounts || exit 99; \
                 exec \"$0\" run --config \"$1\"";
    let mut command = Command::new("unshare");
    command.args(["-rm", "sh", "-c", mount, env!("CARGO_BIN_EXE_mgram-agent")]);
    command.arg(device.config()).arg(&state);
    let Ok(output) = command.output() else {
        println!("skipped: no unshare here");
        return;
    };
    let (code, err) = (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned());
    let _ = std::fs::remove_file(state.join("x"));
    if code == Some(99) || err.contains("unshare failed") || err.contains("mount:") {
        println!("skipped: nothing can be mounted here: {err}");
        return;
    }
    assert_eq!(code, Some(1), "{err}");
    let words = ["cannot be read or written: Read-only file system", "  next: look at the disk"];
    words.iter().for_each(|word| assert!(err.contains(word), "{word}: {err}"));
    let names = std::fs::read_dir(&state).expect("a folder").count();
    assert_eq!(names, 1, "nothing was made");
    device.start();
}

/// A state that is gone is not made anew either, though there are messages in the queue.
#[test]
fn a_file_that_is_gone_is_not_made_anew() {
    let device = Device::new();
    let state = device.state();
    std::fs::rename(state.join("state.redb"), state.join("elsewhere")).expect("renamed");
    let (code, _, err) = run(&mut program(&["run", "--config", &device.config_path()]));
    assert_eq!(code, 69, "{err}");
    assert!(err.contains("is not a state folder"), "{err}");
    assert!(!state.join("state.redb").exists());
}
