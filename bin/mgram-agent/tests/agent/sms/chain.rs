//! The whole way of a message, through programs that nobody here wrote: `mgram seal`, `mgram push` by PAP to
//! Kannel, SMPP to an SMS centre, short messages out of their order, oFono, the agent, the tree.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use dm_lab::{Behaviour, Segment, SmsCentre};
use tokio::sync::mpsc;

use super::ofono::{Ofono, REGISTERED};
use crate::authority::Authority;
use crate::device::Device;
use crate::left_out::skipped;
use crate::message::{DEVICE, KEY_NAME, OPERATOR, keys};
use crate::peer::{Peer, free_port};

const SENDER: &str = "1234";

#[tokio::test(flavor = "multi_thread")]
async fn a_message_goes_the_whole_way_from_the_operators_shell_to_the_tree() {
    let programs = ["bearerbox", "wapbox", "smsbox"];
    let Some(kannel) = Peer::own("kannel", &programs) else { return };
    let mgram = Path::new(env!("CARGO_BIN_EXE_mgram-agent")).with_file_name("mgram");
    if !mgram.exists() {
        return skipped("mgram is not built: cargo build -p mgram");
    }
    let Some(mut ofono) = Ofono::start().await else { return };

    // From the far end to the near one: device, SMS centre, gateway.
    let device = Device::new();
    device.configure(&ofono.sms_of(SENDER));
    let mut agent = device.start();
    agent.wait_for(REGISTERED, 1);
    let behaviour = Behaviour { system_id: "kannel".into(), seed: 6, ..Behaviour::default() };
    let (centre, mut segments) = SmsCentre::with_segments(behaviour).await.expect("started");
    let folder = tempfile::tempdir().expect("a folder");
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("127.0.0.1");
    let own = std::process::id() % 64_000;
    let gateway = format!("127.68.{}.{}", own / 250, own % 250 + 2);
    let ports = [(); 6].map(|()| free_port().to_string());
    let centre_port = centre.address().port().to_string();
    let running = tokio::task::block_in_place(|| {
        kannel.start(&[
            ("KANNEL_WORK", folder.path().to_str().expect("UTF-8")),
            ("KANNEL_WDP_ADDR", &gateway),
            ("KANNEL_SMPP_PORT", &centre_port),
            ("KANNEL_PAP_PORT", &ports[0]),
            ("KANNEL_PAP_TLS_PORT", &ports[5]),
            ("KANNEL_TLS_CERT", certificate.to_str().expect("UTF-8")),
            ("KANNEL_TLS_KEY", key.to_str().expect("UTF-8")),
            ("KANNEL_ADMIN_PORT", &ports[1]),
            ("KANNEL_WAPBOX_PORT", &ports[2]),
            ("KANNEL_SMSBOX_PORT", &ports[3]),
            ("KANNEL_FAKESMSC_PORT", &ports[4]),
        ])
    });

    // What the operator does.
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("key.pem", &keys().key_pem);
    write("password", "pipass\n");
    write("message.xml", &message());
    let run = |arguments: &[&str]| {
        let mut command = Command::new(&mgram);
        command.current_dir(folder.path()).args(arguments);
        let output = tokio::task::block_in_place(|| command.output().expect("mgram"));
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
        said
    };
    let seal = ["seal", "message.xml", "--key", "key.pem", "--key-name", KEY_NAME];
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE, "--counter", "1", "-o", "m.wbxml"];
    run(&[&seal[..], &whom].concat());
    let to = format!(
        "pap+https://127.0.0.1:{}/wappush#WAPPUSH=+358401234567/TYPE=PLMN@ppg.example",
        ports[5]
    );
    let ca = authority.path();
    let login = ["--user", "pi", "--password-file", "password"];
    let trust = ["--ca", ca.to_str().expect("UTF-8")];
    let said = run(&[&["push", "m.wbxml", "--to", &to][..], &login, &trust].concat());
    assert!(said.contains("handed over (PAP 1001), which does not prove"), "{said}");
    assert!(said.contains("protection: TLS"), "{said}");

    // The network brings the last one first.
    let mut taken = train(&mut segments).await;
    assert!(taken.len() > 5, "{} segments", taken.len());
    let half = taken.len() / 2;
    taken.rotate_left(half);
    taken.reverse();
    for segment in &taken {
        tokio::task::block_in_place(|| ofono.deliver_tpdu(&segment.tpdu));
    }
    agent.wait_for(" accepted from=sms 1234 ", 1);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("41", 1, 0));
    drop(running);
}

/// All segments of one message.
async fn train(segments: &mut mpsc::Receiver<Segment>) -> Vec<Segment> {
    let mut taken: Vec<Segment> = Vec::new();
    loop {
        let next = tokio::time::timeout(Duration::from_secs(30), segments.recv()).await;
        taken.push(next.expect("in time").expect("a segment"));
        let user_data = &taken[0].user_data;
        // The element of concatenation, with 8 bits of reference: 00 03, reference, how many. [TS 23.040 §9.2.3.24.1]
        let at = user_data.windows(2).position(|pair| pair == [0, 3]).expect("concatenated");
        if taken.len() == usize::from(user_data[at + 3]) {
            return taken;
        }
    }
}

/// Values of some length, so that it takes several short messages.
fn message() -> String {
    let replace = |number: u8, value: &str| {
        format!(
            "<Replace><CmdID>{number}</CmdID><Item><Target><LocURI>./Meter/Left</LocURI></Target>\
             <Data>{value}</Data></Item></Replace>"
        )
    };
    let padding = "x".repeat(600);
    format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr/><SyncBody>{}{}<Final/></SyncBody></SyncML>",
        replace(1, &padding),
        replace(2, "41")
    )
}
