//! An independent decoder, tshark, reads what we write. Skipped where it is not installed.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use dm_push::wsp::{Form, PORT_PUSH, PORT_WSP, Push};

/// `<SyncML><SyncHdr><VerDTD>1.2</VerDTD></SyncHdr></SyncML>`: WBXML 1.2, public id 0x1201, UTF-8.
const MESSAGE: [u8; 16] = *b"\x02\xA4\x01\x6A\x00\x6D\x6C\x71\x031.2\0\x01\x01\x01";

#[test]
fn tshark_reads_the_token_form() {
    reads(Form::Token);
}

#[test]
fn tshark_reads_the_text_form() {
    reads(Form::Text);
}

fn reads(form: Form) {
    if !is_installed("tshark") || !is_installed("text2pcap") {
        println!("skipped: tshark not installed");
        return;
    }
    let fields = [
        ("wsp.pdu_type", "0x06"),
        ("wsp.header.content_type", "application/vnd.syncml.dm+wbxml"),
        ("wsp.header.x_wap_application_id", "x-wap-application:syncml.dm"),
        ("wbxml.version", "0x02"),
        ("wbxml.public_id.known", "0x00001201"),
        ("wbxml.known_tag", "SyncML"),
        ("wbxml.str_i", "1.2"),
    ];
    let seen = decode(&Push::dm(7, &MESSAGE).write_as(form), &fields.map(|(field, _)| field));
    assert_eq!(seen.len(), fields.len(), "{seen:?}");
    for ((field, wanted), seen) in fields.iter().zip(&seen) {
        assert!(seen.contains(wanted), "{field}: wanted {wanted}, tshark saw {seen:?}");
    }
    assert!(!seen[1].contains("nknown"), "{seen:?}");
}

/// The values of `fields` that tshark finds in one datagram from port 9200 to port 2948.
fn decode(datagram: &[u8], fields: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (dump, capture) = (folder.path().join("dump"), folder.path().join("capture"));
    fs::write(&dump, hex_dump(datagram)).expect("the dump");

    let ports = format!("{PORT_WSP},{PORT_PUSH}");
    let wrap = ["-q", "-4", "127.0.0.1,127.0.0.1", "-u", &ports].map(Path::new);
    run(Command::new("text2pcap").args(wrap).args([&dump, &capture]));

    // Nobody's own Wireshark settings, no name look-ups.
    let mut tshark = Command::new("tshark");
    tshark.env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
    tshark.args(["-n", "-r"]).arg(&capture).args(["-T", "fields", "-E", "aggregator=|"]);
    tshark.args(["-e", "_ws.malformed"]);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let line = String::from_utf8(run(&mut tshark).stdout).expect("text");
    let mut values = line.trim_end_matches('\n').split('\t').map(String::from);
    assert_eq!(values.next().as_deref(), Some(""), "tshark calls it malformed: {line}");
    values.collect()
}

fn hex_dump(octets: &[u8]) -> String {
    let hex: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    format!("000000 {}\n", hex.join(" "))
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("-v").output().is_ok()
}
