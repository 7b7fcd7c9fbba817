//! An independent decoder, tshark, reads what we write. Skipped where it is not installed.

#[path = "../../../tests/peers/left_out.rs"]
mod left_out;

use std::fs;
use std::process::{Command, Output};

use dm_push::sms::{
    Address, DataCoding, Flags, MessageType, Ports, Reference, Timestamp, Tpdu, UserData, segment,
};
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

#[test]
fn tshark_reads_a_short_message() {
    let fields = [
        ("e164.msisdn", "358401234567"),
        ("gsm_sms.tp-dcs", "245"),
        ("gsm_sms.scts.timezone", "12"),
        ("gsm_sms.udh.mm.msg_parts", ""),
    ];
    let tpdus = deliver(&Push::dm(7, &MESSAGE).write());
    assert_eq!(tpdus.len(), 1);
    sees(&["-P", "gsm_sms"], &tpdus, &[&fields[..], &PUSH].concat());
}

#[test]
fn tshark_puts_our_segments_together() {
    let fields = [("gsm_sms.udh.mm.msg_parts", "2"), ("gsm_sms.udh.mm.msg_part", "2")];
    let padded = [&MESSAGE[..13], b"\x03", &b"x".repeat(150), b"\0", &MESSAGE[13..]];
    let tpdus = deliver(&Push::dm(7, &padded.concat()).write());
    assert_eq!(tpdus.len(), 2);
    sees(&["-P", "gsm_sms"], &tpdus, &[&fields[..], &PUSH].concat());
}

/// What tshark sees in every push of [`MESSAGE`].
const PUSH: [(&str, &str); 7] = [
    ("wsp.pdu_type", "0x06"),
    ("wsp.header.content_type", "application/vnd.syncml.dm+wbxml"),
    ("wsp.header.x_wap_application_id", "x-wap-application:syncml.dm"),
    ("wbxml.version", "0x02"),
    ("wbxml.public_id.known", "0x00001201"),
    ("wbxml.known_tag", "SyncML"),
    ("wbxml.str_i", "1.2"),
];

fn reads(form: Form) {
    let ports = format!("{PORT_WSP},{PORT_PUSH}");
    let wrap = ["-4", "127.0.0.1,127.0.0.1", "-u", &ports];
    sees(&wrap, &[Push::dm(7, &MESSAGE).write_as(form)], &PUSH);
}

/// The short messages that bring a push to a device.
fn deliver(push: &[u8]) -> Vec<Vec<u8>> {
    let ports = Ports { destination: PORT_PUSH, source: PORT_WSP };
    let time = Timestamp::new([24, 1, 2, 3, 4, 5], 12).expect("in range");
    let segments = segment(push, ports, Reference::Eight(9)).expect("short enough");
    let tpdu = |(header, data)| Tpdu {
        message_type: MessageType::Deliver { time },
        flags: Flags::NO_MORE_MESSAGES,
        address: Address::number("+358401234567").expect("digits"),
        protocol_id: 0,
        coding: DataCoding::DATA_CLASS_1,
        user_data: UserData::new(header, data),
    };
    let tpdus = segments.into_iter().map(|part| tpdu((part.header, part.data)));
    tpdus.map(|tpdu| tpdu.write().expect("short enough")).collect()
}

/// tshark finds the values of `fields` in the last of the `packets`, and nothing wrong in any.
fn sees(wrap: &[&str], packets: &[Vec<u8>], fields: &[(&str, &str)]) {
    if !is_installed("tshark") || !is_installed("text2pcap") {
        left_out::skipped("tshark not installed");
        return;
    }
    let names: Vec<_> = fields.iter().map(|(field, _)| *field).collect();
    let seen = decode(wrap, packets, &names);
    assert_eq!(seen.len(), fields.len(), "{seen:?}");
    for ((field, wanted), seen) in fields.iter().zip(&seen) {
        assert!(seen.contains(wanted), "{field}: wanted {wanted}, tshark saw {seen:?}");
        assert!(!seen.contains("nknown"), "{seen:?}");
    }
}

/// The values of `fields` that tshark finds in the last packet.
fn decode(wrap: &[&str], packets: &[Vec<u8>], fields: &[&str]) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (dump, capture) = (folder.path().join("dump"), folder.path().join("capture"));
    fs::write(&dump, packets.iter().map(|octets| hex_dump(octets)).collect::<String>())
        .expect("the dump");
    run(Command::new("text2pcap").arg("-q").args(wrap).args([&dump, &capture]));

    // Nobody's own Wireshark settings, no name look-ups.
    let mut tshark = Command::new("tshark");
    tshark.env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
    tshark.args(["-n", "-r"]).arg(&capture).args(["-T", "fields", "-E", "aggregator=|"]);
    tshark.args(["-e", "_ws.malformed"]);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let text = String::from_utf8(run(&mut tshark).stdout).expect("text");
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), packets.len(), "{text}");
    assert!(lines.iter().all(|line| line.starts_with('\t')), "tshark calls it malformed: {text}");
    let last = lines.last().expect("a packet");
    last.split('\t').skip(1).map(String::from).collect()
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
