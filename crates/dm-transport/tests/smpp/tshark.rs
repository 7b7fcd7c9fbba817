//! A second opinion on what leaves: tshark decodes it. Skipped where it is not installed.

use std::fs;
use std::process::{Command, Output};

use dm_lab::{Behaviour, SmsCentre};
use dm_push::receipt::Status;
use dm_transport::{Outgoing, SmppConfig};

use crate::lab::config;
use crate::left_out::skipped;
use crate::route::{Listened, outgoing};

/// `<SyncML><SyncHdr><VerDTD>1.2</VerDTD>...`: WBXML 1.2, public id 0x1201, UTF-8, with 150 octets of text.
fn message() -> Vec<u8> {
    let begin = b"\x02\xA4\x01\x6A\x00\x6D\x6C\x71\x031.2\0\x01";
    [&begin[..], b"\x6F\x03", &b"x".repeat(150), b"\0\x01\x01\x01"].concat()
}

fn is_installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn run(command: &mut Command) -> Output {
    let output = command.output().expect("it starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The values of `fields` in each packet.
fn decode(packets: &[Vec<u8>], fields: &[&str]) -> Vec<Vec<String>> {
    let folder = tempfile::tempdir().expect("a folder");
    let (dump, capture) = (folder.path().join("dump"), folder.path().join("capture"));
    let line = |octets: &Vec<u8>| {
        let octets: String = octets.iter().map(|octet| format!(" {octet:02x}")).collect();
        format!("000000{octets}\n")
    };
    fs::write(&dump, packets.iter().map(line).collect::<String>()).expect("the dump");
    run(Command::new("text2pcap").args(["-q", "-T", "40000,2775"]).args([&dump, &capture]));
    let mut tshark = Command::new("tshark");
    tshark.env("HOME", folder.path()).env("XDG_CONFIG_HOME", folder.path());
    tshark.args(["-n", "-d", "tcp.port==2775,smpp", "-o", "smpp.reassemble_smpp_over_tcp:FALSE"]);
    tshark.arg("-r").arg(&capture).args([
        "-T",
        "fields",
        "-E",
        "aggregator=|",
        "-E",
        "separator=;",
    ]);
    tshark.args(["-e", "_ws.malformed"]);
    for field in fields {
        tshark.args(["-e", field]);
    }
    let text = String::from_utf8(run(&mut tshark).stdout).expect("text");
    let lines: Vec<_> = text.lines().map(String::from).collect();
    assert_eq!(lines.len(), packets.len(), "{text}");
    assert!(lines.iter().all(|line| line.starts_with(';')), "tshark calls it malformed: {text}");
    lines.iter().map(|line| line.split(';').skip(1).map(String::from).collect()).collect()
}

#[tokio::test]
async fn tshark_reads_every_segment_and_the_message_that_they_are() {
    if !is_installed("tshark") || !is_installed("text2pcap") {
        skipped("tshark not installed");
        return;
    }
    for reference_bits in [8, 16] {
        let centre = SmsCentre::start(Behaviour::default()).await.expect("a centre");
        let mut listened = Listened::new(&SmppConfig { reference_bits, ..config(&centre) });
        let octets = message().into();
        listened.send(&Outgoing { octets, ..outgoing("one", 1) }).await.expect("taken");
        listened.until("one", Status::Reached).await;
        let packets: Vec<_> = centre.submitted().into_iter().map(|it| it.pdu).collect();
        assert_eq!(packets.len(), 2);
        let fields = [
            "smpp.command_id",
            "smpp.sequence_number",
            "smpp.destination_addr",
            "smpp.dest_addr_ton",
            "smpp.source_addr",
            "smpp.esm.submit.features",
            "smpp.regdel.receipt",
            "smpp.data_coding",
        ];
        let seen = decode(&packets, &fields);
        for (packet, sequence) in seen.iter().zip(["2", "3"]) {
            let wanted =
                ["0x00000004", sequence, "358401234567", "0x01", "12345", "0x01", "0x01", "0x04"];
            assert_eq!(packet, &wanted);
        }
        let push = [
            "gsm_sms.udh.mm.msg_part",
            "wsp.pdu_type",
            "wsp.header.content_type",
            "wbxml.public_id.known",
        ];
        let seen = decode(&packets, &push);
        let last = &seen[1];
        assert_eq!(
            last[..],
            ["2", "0x06", "application/vnd.syncml.dm+wbxml", "0x00001201"],
            "with references of {reference_bits} bits"
        );
    }
}
