//! Pushing over every kind of way, with fallback and waiting; against the lab's SMS centre and plain sockets.

use std::net::{SocketAddr, UdpSocket};
use std::time::{SystemTime, UNIX_EPOCH};

use dm_lab::{Behaviour, SmsCentre};
use dm_push::smpp::{self, Body, Pdu};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::bench::{Bench, sealing};

const NUMBER: &str = "358401234567";

/// An SMS centre that runs, and what it runs in.
pub struct Lab {
    pub centre: SmsCentre,
    _runtime: Runtime,
}

impl Lab {
    /// Segments end at a device that takes them all.
    pub fn start(behaviour: Behaviour) -> Self {
        let builder = || tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = builder().expect("a runtime");
        let centre = runtime.block_on(SmsCentre::start(behaviour)).expect("started");
        let device = UdpSocket::bind("127.0.0.1:0").expect("bound").local_addr();
        runtime.block_on(centre.device(NUMBER, device.expect("an address")));
        Self { centre, _runtime: runtime }
    }

    pub fn address(&self) -> SocketAddr {
        self.centre.address()
    }
}

fn events(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn closed_port() -> u16 {
    UdpSocket::bind("127.0.0.1:0").expect("bound").local_addr().expect("an address").port()
}

#[test]
fn a_push_by_smpp_waits_until_every_segment_reached_the_device() {
    let (bench, lab) = (Bench::ready(), Lab::start(Behaviour::default()));
    bench.write("password", "secret\n");
    let to = format!("smpp://{}/+{NUMBER}", lab.address());
    let push = ["push", "set.wbxml", "--danger-unprotected", "--to", &to];
    let login = ["--user", "mgram", "--password-file", "password", "--wait", "reached"];
    let said = bench.run(&[&push[..], &login].concat());
    assert_eq!((said.code, &*said.err), (0, ""), "{}", said.out);
    let count = lab.centre.submitted().len();
    assert!(count > 3, "{count} segments");
    assert!(said.out.starts_with(&format!("{count} segments, ")), "{}", said.out);
    for words in [
        format!("  segment {count} of {count} handed over (SMPP "),
        format!("  segment 1 of {count} reached (SMPP "),
        format!(" octets to tel:+{NUMBER}: reached, which does not prove that the device verified"),
        "  protection: none beside the message's own signature [R16]\n".to_owned(),
    ] {
        assert!(said.out.contains(&words), "{words}: {}", said.out);
    }
    let json = bench.run(&[&["--json"], &push[..], &login].concat());
    let events = events(&json.out);
    assert_eq!(events[0]["event"], "plan");
    assert_eq!(events[0]["segments"], count);
    let of = |status: &str| {
        let is_it = |event: &&Value| event["event"] == "receipt" && event["status"] == status;
        events.iter().filter(is_it).count()
    };
    assert_eq!((of("handed over"), of("reached")), (count, count));
    assert_eq!(events.last().expect("a result")["status"], "reached");
}

#[test]
fn what_does_not_get_there_is_told_and_ends_with_1() {
    let bench = Bench::ready();
    let behaviour = Behaviour { undeliverable: 1_000, ..Behaviour::default() };
    let lab = Lab::start(behaviour);
    bench.write("password", "secret\n");
    let to = format!("smpp://{}/+{NUMBER}", lab.address());
    let push = ["push", "set.wbxml", "--danger-unprotected", "--to", &to, "--user", "mgram"];
    let wait = ["--password-file", "password", "--wait", "3"];
    let said = bench.run(&[&push[..], &wait].concat());
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("the transport says: undeliverable"), "{}", said.err);
    lab.centre.behave(|behaviour| (behaviour.undeliverable, behaviour.lose) = (0, 1_000));
    let said = bench.run(&[&push[..], &wait, &["--within", "1"]].concat());
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("rung 3 was not told of in time; it stands at: handed over"));
}

#[test]
fn the_next_way_is_tried_when_one_fails() {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let first = format!("http://127.0.0.1:{}/push", closed_port());
    let second = format!("udp://{}", device.local_addr().expect("an address"));
    let push = ["push", "set.wbxml", "--danger-unprotected", "--to", &first, "--to", &second];
    let said = bench.run(&push);
    assert_eq!(said.code, 0, "{said:?}");
    assert!(said.err.contains("nothing listens on that port"), "{}", said.err);
    assert!(said.err.contains("the next way is tried"), "{}", said.err);
    assert!(said.out.contains(&format!("octets to {second}: handed over")), "{}", said.out);
    let json = events(&bench.run(&[&["--json"], &push[..]].concat()).out);
    let kinds: Vec<_> = json.iter().map(|event| event["event"].as_str().expect("one")).collect();
    assert_eq!(kinds, ["plan", "failed", "plan", "receipt", "result"]);
    assert_eq!(json[4]["route"], "udp-2");
    let mut datagram = [0; 2_000];
    let length = device.recv(&mut datagram).expect("a datagram");
    assert!(datagram[..length].ends_with(&bench.read("set.wbxml")));
}

#[test]
fn r16_a_way_without_protection_is_refused() {
    let bench = Bench::ready();
    let words = ["R16", "udp://127.0.0.1:9", "--danger-unprotected"];
    bench.fails(2, &["push", "set.wbxml", "--to", "udp://127.0.0.1:9"], &words);
}

#[test]
fn routes_of_a_file_are_named_before_the_address() {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let at = device.local_addr().expect("an address");
    bench.write("routes.toml", "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}\n");
    let push = ["push", "set.wbxml", "--routes", "routes.toml", "--to"];
    let named = format!("lab=udp://{at}");
    let said = bench.done(&[&push[..], &[&named]].concat());
    assert!(said.contains(&format!("octets to udp://{at}: handed over")), "{said}");
    for (to, words) in [
        ("udp://127.0.0.1:9", "write NAME=ADDRESS"),
        ("sms=udp://127.0.0.1:9", "there is no route \"sms\""),
        ("lab=ftp://h", "unknown transport"),
    ] {
        bench.fails(2, &[&push[..], &[to]].concat(), &[words]);
    }
    bench.write("routes.toml", "[[route]]\nname = \"lab\"\nudp = {}\n");
    bench.fails(2, &[&push[..], &[&named]].concat(), &["R16", "danger_unprotected"]);
}

#[test]
fn a_file_and_a_code_on_the_terminal_are_ways_too() {
    let bench = Bench::ready();
    let said = bench.done(&["push", "set.wbxml", "--to", "file:out.wbxml"]);
    assert!(said.contains("file:out.wbxml: handed over (file of "), "{said}");
    assert!(said.contains("protection: by hand"), "{said}");
    assert_eq!(bench.read("out.wbxml"), bench.read("set.wbxml"));
    let said = bench.done(&["push", "set.wbxml", "--to", "qr:-"]);
    assert!(said.contains('█') && said.contains("qr:-: handed over"), "{said}");
    let said = bench.run(&["--json", "push", "set.wbxml", "--to", "qr:-"]);
    assert!(said.code == 2 && said.out.contains("no line of JSON"), "{said:?}");
    assert!(!said.out.contains('█'), "{said:?}");
}

#[test]
fn a_plan_says_what_each_way_takes_and_sends_nothing() {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    device.set_nonblocking(true).expect("set");
    let at = device.local_addr().expect("an address");
    let routes = "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}\n\
                  [[route]]\nname = \"sms\"\ncost = { segment = \"0.04 EUR\" }\n\
                  smpp = { centre = \"127.0.0.1:9\", system_id = \"m\", tls = {} }\n";
    bench.write("routes.toml", routes);
    let (lab, sms) = (format!("lab=udp://{at}"), format!("sms=tel:+{NUMBER}"));
    let plan = ["push", "set.wbxml", "--routes", "routes.toml", "--plan", "--to"];
    let said = bench.done(&[&plan[..], &[&lab, "--to", &sms]].concat());
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].contains(" 1 segment, ") && !lines[0].contains("EUR"), "{said}");
    let segments = lines[1].split(": ").nth(1).and_then(|text| text.split(' ').next());
    let segments: u64 = segments.expect("a number").parse().expect("a number");
    let cents = segments * 4;
    let cost = format!(", {}.{:02} EUR", cents / 100, cents % 100);
    assert!(segments > 3 && lines[1].ends_with(&cost), "{said}");
    let event = bench.json(&[&plan[..], &[&sms]].concat());
    assert_eq!((&event["event"], &event["segments"]), (&"plan".into(), &segments.into()));
    device.recv(&mut [0; 10]).expect_err("nothing is sent");
    bench.write("big", vec![2; 70_000]);
    bench.fails(
        1,
        &["push", "big", "--danger-unsealed", "--routes", "routes.toml", "--plan", "--to", &sms],
        &["255"],
    );
}

#[test]
fn what_no_way_can_tell_of_is_not_waited_for() {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    device.set_nonblocking(true).expect("set");
    let udp = format!("udp://{}", device.local_addr().expect("an address"));
    let wait = ["push", "set.wbxml", "--danger-unprotected", "--wait", "reached", "--to"];
    for to in [&*udp, "file:out", "qr:-", "mqtt://127.0.0.1/t", "sip:d@127.0.0.1"] {
        let words = [
            "no way can tell of rung 3",
            to.split(':').next().expect("a scheme"),
            "leave --wait out",
        ];
        bench.fails(2, &[&wait[..], &[to]].concat(), &words);
    }
    device.recv(&mut [0; 10]).expect_err("nothing was sent");
    // The one that can is away; the other one is not waited for, and what is known is said.
    let away = format!("http://127.0.0.1:{}/push", closed_port());
    let said = bench.run(&[&wait[..], &[&away, "--to", &udp]].concat());
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains("this way cannot tell of rung 3; it stands at: handed over"),
        "{}",
        said.err
    );
}

#[test]
fn a_time_that_no_clock_has_is_refused() {
    let bench = Bench::ready();
    let most = u64::MAX.to_string();
    for option in ["--deadline", "--within"] {
        let said = bench.run(&["push", "set.wbxml", "--to", "file:out", option, &most]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(
            said.err.contains(&format!("invalid value '{most}' for '{option}")),
            "{}",
            said.err
        );
    }
}

#[test]
fn a_plan_opens_nothing() {
    let bench = Bench::ready();
    let used = std::net::TcpListener::bind("127.0.0.1:0").expect("bound");
    let at = used.local_addr().expect("an address");
    let routes = format!(
        "[[route]]\nname = \"poll\"\ndanger_unprotected = true\n\
         poll = {{ listen = \"{at}\", store = \"mail.redb\", tokens = {{ file = \"tokens\" }} }}\n"
    );
    bench.write("routes.toml", routes);
    bench.write("tokens", "");
    let plan = ["push", "set.wbxml", "--routes", "routes.toml", "--plan", "--to"];
    let said = bench.done(&[&plan[..], &["poll=poll:device-17"]].concat());
    assert!(said.contains(" octets to poll:device-17: 1 segment, "), "{said}");
    assert!(!bench.file("mail.redb").exists());
    bench.fails(1, &[&plan[..], &["poll=udp://127.0.0.1"]].concat(), &["long poll"]);
}

#[test]
fn a_gateway_may_try_until_the_message_expires() {
    let (bench, lab) = (Bench::ready(), Lab::start(Behaviour::default()));
    bench.write("password", "secret\n");
    let to = format!("smpp://{}/+{NUMBER}", lab.address());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let validity = |more: &[&str]| {
        let expires = (now + 500_000).to_string();
        bench.done(&[&sealing("set.xml", "m.wbxml")[..], &["--expires", &expires]].concat());
        let push = ["push", "m.wbxml", "--danger-unprotected", "--to", &to, "--user", "mgram"];
        bench.done(&[&push[..], &["--password-file", "password"], more].concat());
        let submitted = lab.centre.submitted().pop().expect("a segment");
        let Body::SubmitSm(message) = Pdu::read(&submitted.pdu).expect("a PDU").body else {
            panic!("{submitted:?}")
        };
        String::from_utf8(message.validity.to_vec()).expect("ASCII")
    };
    let at = |seconds| smpp::absolute_time(now + seconds);
    assert_eq!(validity(&[]), at(500_000));
    let shorter = validity(&["--valid-for", "1h"]);
    assert!(at(3_600) <= shorter && shorter < at(7_200), "{shorter}");
}

#[test]
fn what_is_wrong_with_routes_where_and_what_to_do_stand_in_their_own_places() {
    let bench = Bench::ready();
    let error = |text: &str, to: &str| {
        bench.write("routes.toml", text);
        let said =
            bench.run(&["--json", "push", "set.wbxml", "--routes", "routes.toml", "--to", to]);
        assert_eq!(said.code, 2, "{said:?}");
        let error = events(&said.out).pop().expect("one")["error"].clone();
        ["what", "where", "next"].map(|key| error[key].as_str().unwrap_or_default().to_owned())
    };
    let lab = "[[route]]\nname = \"lab\"\n";
    let [what, place, next] = error(&format!("{lab}udp = {{ nothing = 1 }}\n"), "lab=udp://h");
    assert!(what.starts_with("unknown field `nothing`"), "{what}");
    assert!(
        place.starts_with("routes.toml:3:") && next.starts_with("correct it there"),
        "{place}: {next}"
    );
    let [what, _, next] = error("", "lab=udp://h");
    assert_eq!(
        (&*what, &*next),
        ("there is no route \"lab\"", "add it to the file, which has no route")
    );
    let [what, place, next] = error(lab, "lab=udp://h");
    assert_eq!((&*what, &*place), ("it has no transport", "routes.toml: route \"lab\""));
    assert!(next.starts_with("write one of file, http"), "{next}");
    let to = "lab=WAPPUSH=+358401234567/TYPE=PLMN";
    let [what, place, next] = error(&format!("{lab}file = {{}}\n"), to);
    assert!(what.starts_with("no name of a gateway"), "{what}");
    assert!(place.contains(", octet 3") && !next.contains("octet"), "{place}: {next}");
}
