//! An independent reader, tshark, and we see the same. Skipped where it is not installed.

#[path = "../../../tests/peers/left_out.rs"]
mod left_out;

use std::fmt::Write;
use std::fs;
use std::process::{Command, Output};

use dm_capture::{Frame, Packets, Streams, Transport};
use dm_push::wsp::Push;

/// `<SyncML><SyncHdr><VerDTD>1.2</VerDTD></SyncHdr></SyncML>`: WBXML 1.2, public id 0x1201, UTF-8.
const MESSAGE: [u8; 16] = *b"\x02\xA4\x01\x6A\x00\x6D\x6C\x71\x031.2\0\x01\x01\x01";

#[test]
fn files_that_text2pcap_writes_are_read_alike() {
    if is_missing() {
        return;
    }
    let push = Push::dm(7, &MESSAGE).write();
    for format in ["pcap", "nsecpcap", "pcapng"] {
        for addresses in [["-4", "192.0.2.1,192.0.2.2"], ["-6", "2001:db8::1,2001:db8::2"]] {
            for transport in ["-u", "-T"] {
                let options = [&["-F", format][..], &addresses, &[transport, "9200,2948"]].concat();
                same(&text2pcap(&options, &[&push, b"second"]), 2);
            }
        }
    }
}

#[test]
fn link_types_without_a_writer_are_read_alike() {
    if is_missing() {
        return;
    }
    let push = Push::dm(7, &MESSAGE).write();
    let ethernet =
        text2pcap(&["-F", "pcap", "-4", "192.0.2.1,192.0.2.2", "-u", "9200,2948"], &[&push]);
    let ip = &ethernet[24 + 16 + 14..];
    let sll = [0, 0, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0x08, 0x00];
    let sll2 = [8, 0, 0, 0, 0, 0, 0, 1, 3, 4, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0];
    let tagged = [&ethernet[40..52], &[0x81, 0, 0, 5, 0x08, 0]].concat();
    let fronts: [(u16, &[u8]); 7] = [
        (0, &[2, 0, 0, 0]),
        (1, &tagged),
        (101, &[]),
        (108, &[0, 0, 0, 2]),
        (113, &sll),
        (228, &[]),
        (276, &sll2),
    ];
    for (link_type, front) in fronts {
        let packet = [front, ip].concat();
        let length = u32::try_from(packet.len()).expect("short").to_le_bytes();
        let mut file = ethernet[..32].to_vec();
        file[20..22].copy_from_slice(&link_type.to_le_bytes());
        file.extend([&length[..], &length, &packet].concat());
        same(&file, 1);
    }
}

/// tshark and we see the same number of packets, at the same times, between the same ports, with
/// the same payloads.
fn same(file: &[u8], packets: usize) {
    let mut ours = String::new();
    let mut streams = Streams::new();
    for packet in Packets::read(file).expect("a capture") {
        let packet = packet.expect("a packet");
        let frame = Frame::read(&packet).expect("well-formed").expect("UDP or TCP");
        streams.add(&frame, packet.number);
        let time = packet.time.expect("a time");
        write!(ours, "{}\t{}.{:09}\t", packet.number, time.seconds, time.nanoseconds)
            .expect("a string");
        let [source, destination] = [frame.source, frame.destination].map(|end| end.port());
        let hex: String = frame.payload.iter().map(|octet| format!("{octet:02x}")).collect();
        match frame.transport {
            Transport::Udp => writeln!(ours, "{source}\t{destination}\t{hex}\t\t\t"),
            Transport::Tcp { .. } => writeln!(ours, "\t\t\t{source}\t{destination}\t{hex}"),
        }
        .expect("a string");
    }
    let theirs = tshark(file);
    assert_eq!(ours, theirs);
    assert_eq!(ours.lines().count(), packets);
    // text2pcap numbers its segments so that they follow one another.
    assert!(streams.finish().len() <= 1);
}

fn tshark(file: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("capture");
    fs::write(&path, file).expect("the capture");
    // Nobody's own Wireshark settings, no name look-ups.
    let mut tshark = Command::new("tshark");
    tshark.env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
    tshark.args(["-n", "-r"]).arg(&path).args(["-T", "fields"]);
    let fields = ["frame.number", "frame.time_epoch", "udp.srcport", "udp.dstport", "udp.payload"];
    for field in fields.iter().chain(&["tcp.srcport", "tcp.dstport", "tcp.payload"]) {
        tshark.args(["-e", field]);
    }
    String::from_utf8(run(&mut tshark).stdout).expect("text")
}

fn text2pcap(options: &[&str], packets: &[&[u8]]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (dump, capture) = (folder.path().join("dump"), folder.path().join("capture"));
    let mut text = String::new();
    for packet in packets {
        let hex: Vec<String> = packet.iter().map(|octet| format!("{octet:02x}")).collect();
        writeln!(text, "000000 {}", hex.join(" ")).expect("a string");
    }
    fs::write(&dump, text).expect("the dump");
    run(Command::new("text2pcap").arg("-q").args(options).args([&dump, &capture]));
    fs::read(&capture).expect("the capture")
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn is_missing() -> bool {
    let is_missing = |program| Command::new(program).arg("-v").output().is_err();
    let missing = is_missing("tshark") || is_missing("text2pcap");
    if missing {
        left_out::skipped("tshark not installed");
    }
    missing
}
