//! What is secret stays so, and which passphrase opens what.

use std::os::unix::fs::PermissionsExt;

use super::bench::{Bench, DEVICE, provision, sealing};

const WIFI: &str = r#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>Wifi</NodeName>
<RTProperties><Format><node/></Format></RTProperties>
<Node><NodeName>SSID</NodeName><RTProperties><Format><chr/></Format></RTProperties><Value>depot</Value></Node>
<Node><NodeName>PSK</NodeName><RTProperties><Format><chr/></Format></RTProperties><Value>hush-1</Value></Node>
<Node><NodeName>PWD</NodeName><RTProperties><Format><chr/></Format></RTProperties><Value>hush-2</Value></Node>
<Node><NodeName>WEPKey</NodeName><RTProperties><Format><chr/></Format></RTProperties><Value>hush-3</Value></Node>
</Node></MgmtTree>"#;

#[test]
fn the_tree_shows_no_secret_unless_it_is_asked_to() {
    let bench = Bench::ready();
    bench.write("wifi.xml", WIFI);
    bench.done(&provision("wifi", "op", &["--tnds", "wifi.xml"]));
    let arguments = ["tree", "wifi", "./Wifi"];
    let (text, value) = (bench.done(&arguments), bench.json(&arguments).to_string());
    for shown in [&text, &value] {
        assert!(shown.contains("depot") && !shown.contains("hush"), "{shown}");
    }
    assert_eq!(text.matches("(hidden)").count(), 3, "{text}");
    let all = bench.done(&[&arguments[..], &["--secrets"]].concat());
    assert_eq!(all.matches("hush").count(), 3, "{all}");
}

/// A device whose key is encrypted, `m` for it, and `agent.toml` with the passphrase.
fn locked() -> Bench {
    let bench = Bench::ready();
    for (file, text) in [("pass", "a passphrase\n"), ("wrong", "another\n")] {
        bench.write(file, text);
        std::fs::set_permissions(bench.file(file), std::fs::Permissions::from_mode(0o600))
            .expect("changed");
    }
    let made = ["--tnds", "home.xml", "--device-key", "d1", "--encrypt", "--key-pass-file", "pass"];
    bench.done(&provision("enc", "op", &made));
    let to = ["--encrypt-to", "enc/device-keys/d1.crt", "--encrypt", "message"];
    bench.done(&[&sealing("set.xml", "m")[..], &to].concat());
    let pass = bench.file("pass");
    bench.write(
        "agent.toml",
        format!("device_id = {DEVICE:?}\nstate = \"enc\"\n[device_keys]\npass_file = {pass:?}\n"),
    );
    bench
}

#[test]
fn the_environment_gives_a_passphrase_only_where_nothing_nearer_does() {
    let bench = locked();
    let code = |variable: &str, more: &[&str]| {
        let arguments = [&["open", "m", "enc", "--dry-run"][..], more].concat();
        let mut command = bench.command(&arguments);
        command.env("MGRAM_KEY_PASS", variable).output().expect("started").status.code()
    };
    assert_eq!(code("a passphrase", &[]), Some(0));
    assert_eq!(code("another", &[]), Some(2));
    assert_eq!(
        code("another", &["--config", "agent.toml"]),
        Some(0),
        "the configuration goes before"
    );
    assert_eq!(code("another", &["--key-pass-file", "pass"]), Some(0), "the option goes before");
    let both = ["--config", "agent.toml", "--key-pass-file", "wrong"];
    assert_eq!(code("a passphrase", &both), Some(2), "the option goes before everything");
}

#[test]
fn device_keys_that_are_not_there_or_there_twice_are_named() {
    let bench = locked();
    let open = ["open", "m", "enc", "--dry-run", "--key-pass-file", "pass", "--device-key"];
    let with = |key| [&open[..], &[key]].concat();
    bench.fails(
        2,
        &with("d2=none.pem"),
        &["there is no such file", "none.pem", "correct the path"],
    );
    bench.fails(
        2,
        &with("d1=enc/device-keys/d1.pem"),
        &["two device keys of the name \"d1\"", "--device-key", "another name"],
    );
}

#[test]
fn a_reader_that_goes_away_does_not_turn_a_refusal_into_consent() {
    let bench = Bench::ready();
    bench.done(&["open", "set.wbxml", "st"]);
    let left = |arguments: &[&str]| {
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let mut command = bench.command(arguments);
        let output = command.stdout(writer).output().expect("started");
        (output.status.code(), String::from_utf8(output.stderr).expect("text"))
    };
    let refused = ["open", "set.wbxml", "st"];
    assert_eq!(left(&refused), (Some(1), String::new()));
    assert_eq!(left(&["--json", "open", "none", "st"]), (Some(2), String::new()));
    assert_eq!(left(&["tree", "st"]), (Some(0), String::new()));
    bench.write("junk", "junk");
    let whole = bench.run(&["inspect", "junk"]).code;
    assert_eq!(left(&["inspect", "junk"]), (Some(whole), String::new()));
}
