//! `mgram outbox send` killed by the system, again and again, while it sends to an SMS centre.

use std::collections::BTreeMap;
use std::time::Duration;

use dm_lab::{Behaviour, SmsCentre};
use dm_push::smpp::{Body, Pdu};

use super::bench::Bench;
use super::ways::Lab;

const MESSAGES: usize = 40;

/// How often each segment was taken, by the number of its device.
fn taken(centre: &SmsCentre) -> BTreeMap<usize, BTreeMap<Vec<u8>, usize>> {
    let mut all = BTreeMap::<_, BTreeMap<_, _>>::new();
    for submitted in centre.submitted() {
        let Body::SubmitSm(message) = Pdu::read(&submitted.pdu).expect("a PDU").body else {
            panic!("{submitted:?}")
        };
        let device = String::from_utf8_lossy(message.destination.address).into_owned();
        let number = device.strip_prefix("3584000").expect("a device").parse().expect("a number");
        let times = all.entry(number).or_default().entry(submitted.pdu[16..].to_vec()).or_default();
        *times += usize::from(submitted.message_id.is_some());
    }
    all
}

#[test]
fn what_was_accepted_is_there_and_what_was_sent_is_not_sent_again_after_each_kill() {
    let (bench, lab) = (
        Bench::ready(),
        Lab::start(Behaviour { answer_after: Duration::from_millis(20), ..Behaviour::default() }),
    );
    bench.write("password", "secret\n");
    let routes = format!(
        "[[route]]\nname = \"sms\"\ndanger_unprotected = true\nlimits = {{ window = 4 }}\n\
         smpp = {{ centre = \"{}\", system_id = \"mgram\", password = {{ file = \"password\" }}, window = 10 }}\n",
        lab.address()
    );
    bench.write("routes.toml", routes);
    let line = |number: usize| {
        format!(
            "{{\"id\": \"m{number}\", \"message\": \"set.wbxml\", \"to\": [\"sms=tel:+3584000{number:05}\"]}}\n"
        )
    };
    bench.write("batch", (0..MESSAGES).map(line).collect::<String>());
    bench.done(&["outbox", "accept", "batch", "--outbox", "box"]);
    let mut done = BTreeMap::new();
    for round in 1_u64.. {
        let send = ["outbox", "send", "--outbox", "box", "--routes", "routes.toml"];
        let mut sending = bench.command(&send).spawn().expect("started");
        std::thread::sleep(Duration::from_millis(60 + 37 * round));
        sending.kill().expect("killed");
        sending.wait().expect("ended");
        lab.centre.cut();
        std::thread::sleep(Duration::from_millis(60));
        let segments = taken(&lab.centre);
        for number in 0..MESSAGES {
            let shown = bench.json(&["outbox", "show", &format!("m{number}"), "--outbox", "box"]);
            if shown["state"] == "sent" {
                let then = done.entry(number).or_insert_with(|| segments[&number].clone());
                assert_eq!(*then, segments[&number], "m{number} was sent again");
            }
        }
        if done.len() == MESSAGES {
            assert!(round > 1, "it was killed in the middle");
            break;
        }
        assert!(round < 60, "{} of {MESSAGES}", done.len());
    }
    for (number, segments) in taken(&lab.centre) {
        let first = segments.keys().next().expect("a segment");
        assert!(segments.len() > 3 && first.len() > 40, "m{number}");
        assert!(segments.values().all(|times| *times > 0), "m{number} is there whole");
    }
    let total: usize = taken(&lab.centre)[&0].len();
    assert!(taken(&lab.centre).values().all(|it| it.len() == total), "no octet was ever another");
}
