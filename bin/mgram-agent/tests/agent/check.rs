//! `check`: what is wrong with a configuration, where, and what to write.

use super::device::{Device, LISTENERS};
use super::message::DEVICE;
use super::process::{program, run};

/// `check` and `run` refuse this text in the same words, with status 2.
fn refused(text: &str, words: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("agent.toml");
    std::fs::write(&path, text).expect("written");
    for command in ["check", "run"] {
        let (code, out, err) =
            run(program(&[command, "--config", "agent.toml"]).current_dir(folder.path()));
        assert_eq!((code, out.as_str(), err.lines().count()), (2, "", 1), "{text}: {err}");
        assert!(err.starts_with("mgram-agent: "), "{err}");
        assert!(!err.contains("panicked") && !err.contains("Error"), "{err}");
        words.iter().for_each(|word| assert!(err.contains(word), "{word}: {err}"));
    }
    let files = std::fs::read_dir(folder.path()).expect("read").count();
    assert_eq!(files, 1, "only the configuration");
}

#[test]
fn a_good_configuration_is_said_to_be_good() {
    let device = Device::new();
    let (code, out, err) = run(&mut program(&["check", "--config", &device.config_path()]));
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.ends_with(&format!("good, for device {DEVICE}, 2 listener(s)\n")), "{out}");
}

#[test]
fn a_bad_configuration_is_refused_by_line_and_column() {
    let base = "device_id = \"d\"\nstate = \"s\"\n";
    for (rest, words) in [
        ("stat = 1", ["agent.toml:3:1: ", "unknown field `stat`"]),
        ("[limits]\nqeue = 4", ["agent.toml:4:1: ", "unknown field `qeue`"]),
        ("[limits]\nmessage = \"2 MiB\"", ["agent.toml:4:11: ", "\"1 B\" and \"1 MiB\""]),
        ("[limits]\nmessage = \"0 B\"", ["agent.toml:4:11: ", "\"1 B\" and \"1 MiB\""]),
        ("[limits]\nmessage = 5", ["agent.toml:4:11: ", "with its unit"]),
        ("[limits]\ntree_value = \"9 kB\"", ["agent.toml:4:14: ", "(B, KiB, MiB)"]),
        ("[limits]\nbody_timeout = \"0 s\"", ["agent.toml:4:16: ", "a duration with its unit"]),
        ("[limits]\nqueue = 0", ["agent.toml:4:9: ", "from 1 to"]),
        ("freshness = \"never\"", ["agent.toml:3:13: ", "`if-present`, `off`, `required`"]),
        ("groups = [\"meters\"]", ["agent.toml:3:10: ", "begins with `urn:`"]),
        (
            "[tree]\npermanent = [\"./a//b\"]",
            ["tree.permanent: \"./a//b\"", "\"./Vendor/Setting\""],
        ),
        ("[tree]\naccess = { \"./A\" = [\"Write\"] }", ["\"Write\"", "Add, Copy, Delete"]),
        ("x = = 1", ["agent.toml:3:5: ", ""]),
    ] {
        refused(&format!("{base}{rest}\n"), &words);
    }
    refused("state = \"s\"\n", &["agent.toml: `device_id` is missing", "urn:imei:..."]);
    refused("device_id = \"d\"\n", &["agent.toml: `state` is missing", "for instance"]);
    refused("device_id = \"\"\nstate = \"s\"\n", &["agent.toml:1:13: the id is empty"]);
    refused("", &["agent.toml: `device_id` is missing"]);
}

#[test]
fn a_listener_without_security_is_refused() {
    let base = "device_id = \"d\"\nstate = \"s\"\n[[listen]]\ntransport = \"udp\"\naddress = \"127.0.0.1:0\"\n";
    for (rest, what) in [
        ("", "`security` is missing"),
        ("security = \"none\"", "without the security that it must have"),
        ("security = \"dtls\"", "\"dtls\" is not supported"),
        ("security = \"source-list\"", "needs the sources"),
    ] {
        refused(&format!("{base}{rest}\n"), &["agent.toml:3:1: ", what, "R16", "write"]);
    }
    let far = LISTENERS.replace("127.0.0.1:0", "127.0.0.1:99999");
    refused(&format!("device_id = \"d\"\nstate = \"s\"\n{far}"), &["agent.toml:6:11: "]);
}

#[test]
fn a_file_that_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("binary"), [0xff, 0xfe, 0]).expect("written");
    for name in ["none.toml", ".", "binary"] {
        let (code, out, err) = run(program(&["check", "--config", name]).current_dir(&folder));
        assert_eq!((code, out.as_str()), (2, ""), "{err}");
        assert!(err.contains(name) && err.contains("name a readable file"), "{err}");
    }
}

#[test]
fn the_environment_goes_over_the_file() {
    let device = Device::new();
    let check = |name: &str, value: &str| {
        run(program(&["check", "--config", &device.config_path()]).env(name, value))
    };
    let (code, out, _) = check("MARCONIGRAM_DEVICE_ID", "urn:imei:7");
    assert!(code == 0 && out.contains("for device urn:imei:7,"), "{out}");
    for (name, value, what) in [
        ("MARCONIGRAM_LIMITS__MESSAGE", "2 MiB", "between \"1 B\" and \"1 MiB\""),
        ("MARCONIGRAM_COLOUR", "red", "unknown field `colour`"),
    ] {
        let (code, out, err) = check(name, value);
        assert_eq!((code, out.as_str()), (2, ""));
        assert!(err.contains(name) && err.contains(what), "{err}");
    }
    let (code, out, _) = check("MARCONIGRAM", "not ours");
    assert_eq!((code, out.is_empty()), (0, false));
}

#[test]
fn what_receivers_need_is_looked_at_without_receiving() {
    let device = Device::new();
    let _agent = device.start(); // a check beside it, too
    let check = |rest: &str| {
        device.configure(&format!("{LISTENERS}{rest}"));
        run(&mut program(&["check", "--config", &device.config_path()]))
    };
    let spool = device.path("spool");
    let section = format!("\n[[spool]]\nfolder = {spool:?}\nsecurity = \"owner\"\nowners = [0]\n");
    let (code, _, err) = check(&section);
    assert!(code == 1 && err.contains("number 1") && err.contains("make a folder"), "{err}");
    std::fs::create_dir(&spool).expect("made");
    let (code, out, _) = check(&section);
    assert!(code == 0 && out.ends_with("2 listener(s), 1 other receiver(s)\n"), "{out}");
    let (code, _, err) = check(
        "\n[[poll]]\nurl = \"https://dm.example\"\nsecurity = \"tls\"\nca = \"/nowhere/ca.pem\"\n",
    );
    assert!(
        code == 1 && err.contains("[[poll]] number 1") && err.contains("/nowhere/ca.pem"),
        "{err}"
    );
}
