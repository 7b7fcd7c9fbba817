//! A batch of messages: accepted on the disk, sent with fallback, shown with its receipts.

use std::net::UdpSocket;

use super::bench::Bench;

/// An outbox with so many messages for a device, which listens.
fn accepted(count: usize) -> (Bench, UdpSocket) {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let at = device.local_addr().expect("an address");
    let routes = "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}\n\
                  [[route]]\nname = \"down\"\ndanger_unprotected = true\nhttp = {}\n";
    bench.write("routes.toml", routes);
    let line = |number: usize| {
        format!(
            "{{\"id\": \"c1.{number}\", \"message\": \"set.wbxml\", \
             \"to\": [\"down=https://127.0.0.1:1/push\", \"lab=udp://{at}\"]}}\n"
        )
    };
    bench.write("batch", (0..count).map(line).collect::<String>());
    let said = bench.json(&["outbox", "accept", "batch", "--outbox", "box"]);
    assert_eq!((&said["accepted"], &said["waiting"]), (&count.into(), &count.into()));
    (bench, device)
}

const SEND: [&str; 6] = ["outbox", "send", "--outbox", "box", "--routes", "routes.toml"];

#[test]
fn a_batch_is_accepted_once_sent_by_the_next_way_and_shown_with_its_receipts() {
    let (bench, device) = accepted(20);
    let again = bench.done(&["outbox", "accept", "batch", "--outbox", "box"]);
    assert_eq!(again, "0 of 20 are new; 20 wait\n");
    let said = bench.json(&[&SEND[..], &["--metrics", "metrics.txt"]].concat());
    let metrics = String::from_utf8(bench.read("metrics.txt")).expect("text");
    assert!(metrics.contains("{route=\"lab\"} 20\n"), "{metrics}");
    assert_eq!(
        (&said["sent"], &said["given_up"], &said["waiting"]),
        (&20.into(), &0.into(), &0.into())
    );
    device.set_nonblocking(true).expect("set");
    let mut datagram = [0; 2_000];
    for _ in 0..20 {
        let length = device.recv(&mut datagram).expect("a datagram each");
        assert!(datagram[..length].ends_with(&bench.read("set.wbxml")));
    }
    device.recv(&mut datagram).expect_err("and no more");
    let shown = bench.done(&["outbox", "show", "c1.7", "--outbox", "box"]);
    let head = "c1.7: sent; handed over, which does not prove that the device saw it\n";
    assert!(shown.starts_with(head), "{shown}");
    assert!(shown.contains(" lab, unprotected [R16]: handed over (datagram of "), "{shown}");
    assert_eq!(
        bench.json(&["outbox", "show", "c1.7", "--outbox", "box"])["receipts"][0]["rung"],
        2
    );
    assert_eq!(bench.done(&["outbox", "show", "--outbox", "box"]), "20 sent, 0 given up, 0 wait\n");
}

#[test]
fn what_no_route_takes_is_given_up_with_its_reason() {
    let bench = Bench::ready();
    bench.write("routes.toml", "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}\n");
    bench.write("big", vec![2; 70_000]);
    bench.write(
        "batch",
        "{\"id\": \"a\", \"message\": \"big\", \"to\": [\"lab=udp://127.0.0.1:9\"]}\n",
    );
    bench.done(&["outbox", "accept", "batch", "--outbox", "box", "--danger-unsealed"]);
    let said = bench.run(&SEND);
    assert_eq!((said.code, &*said.out), (1, "0 sent, 1 given up, 0 wait\n"), "{}", said.err);
    let shown = bench.done(&["outbox", "show", "a", "--outbox", "box"]);
    assert!(shown.contains("given up (the push to udp://127.0.0.1:9 has 70006 octets"), "{shown}");
}

#[test]
fn a_bad_line_is_named_and_what_stands_before_it_is_accepted() {
    let bench = Bench::ready();
    let good = "{\"id\": \"a\", \"message\": \"set.wbxml\", \"to\": [\"lab=udp://127.0.0.1:9\"]}\n";
    for (bad, word) in [
        ("{\"id\": \"b\"}", "missing field `message`"),
        ("nonsense", "no line of a batch"),
        ("{\"id\": \"b c\", \"message\": \"set.wbxml\", \"to\": [\"lab=udp://h\"]}", "is no id"),
        ("{\"id\": \"b\", \"message\": \"set.wbxml\", \"to\": []}", "names no way"),
        ("{\"id\": \"b\", \"message\": \"set.wbxml\", \"to\": [\"udp://h\"]}", "NAME=ADDRESS"),
        ("{\"id\": \"b\", \"message\": \"set.xml\", \"to\": [\"lab=udp://h\"]}", "not WBXML"),
        ("{\"id\": \"b\", \"message\": \"none\", \"to\": [\"lab=udp://h\"]}", "no such file"),
    ] {
        bench.write("batch", format!("{good}{bad}\n{good}"));
        let said = bench.run(&["outbox", "accept", "batch", "--outbox", "box"]);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.err.contains("batch, line 2") && said.err.contains(word), "{}", said.err);
        let shown = bench.done(&["outbox", "show", "--outbox", "box"]);
        assert_eq!(shown, "0 sent, 0 given up, 1 wait\n");
    }
}

#[test]
fn an_outbox_that_is_not_there_and_routes_that_are_missing_are_said() {
    let bench = Bench::ready();
    bench.fails(69, &["outbox", "show", "--outbox", "none"], &["there is no outbox", "none"]);
    let (bench, _device) = accepted(1);
    bench.write("routes.toml", "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}\n");
    let said = bench.run(&SEND);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("wait for routes that are not there: down"), "{}", said.err);
    let said = bench.run(&["outbox", "show", "c9", "--outbox", "box"]);
    assert!(said.code == 1 && said.err.contains("was never accepted"), "{said:?}");
}

#[test]
fn a_file_that_is_no_outbox_or_cannot_be_used_is_said_with_what_to_do() {
    let bench = Bench::ready();
    std::fs::create_dir(bench.file("folder")).expect("made");
    for (file, code, words) in [
        ("set.xml", 69, ["no outbox", "correct the path"]),
        ("folder", 69, ["is a folder", "name a file"]),
    ] {
        bench.fails(code, &["outbox", "show", "--outbox", file], &words);
    }
    bench.write("batch", "");
    let said = bench.run(&["outbox", "accept", "batch", "--outbox", "none/box"]);
    assert!(said.code == 69 && said.err.contains("make the folder first"), "{said:?}");
    let _open = dm_transport::outbox::Outbox::open(&bench.file("box")).expect("open");
    let words = ["another program has the outbox open", "end it, then try again"];
    bench.fails(69, &["outbox", "show", "--outbox", "box"], &words);
}

#[test]
fn a_line_that_the_outbox_does_not_take_is_named_and_those_before_it_are_accepted() {
    let bench = Bench::ready();
    bench.seal("set.xml", "other.wbxml", 2);
    let line = |id: &str, message: &str| {
        format!("{{\"id\": \"{id}\", \"message\": \"{message}\", \"to\": [\"lab=udp://h\"]}}\n")
    };
    bench.write("batch", line("a", "set.wbxml"));
    bench.done(&["outbox", "accept", "batch", "--outbox", "box"]);
    let lines = [("b", "set.wbxml"), ("c", "set.wbxml"), ("a", "other.wbxml"), ("d", "set.wbxml")];
    bench.write("batch", lines.map(|(id, message)| line(id, message)).concat());
    let said = bench.run(&["outbox", "accept", "batch", "--outbox", "box"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(
        said.err.contains("batch, line 3") && said.err.contains("an id of its own"),
        "{}",
        said.err
    );
    assert!(said.err.contains("warning: 2 before it were accepted"), "{}", said.err);
    let shown = bench.done(&["outbox", "show", "--state", "waiting", "--outbox", "box"]);
    assert_eq!(shown, "a: waits\nb: waits\nc: waits\n");
    // Nothing is made for a batch that is not there.
    bench.fails(2, &["outbox", "accept", "none", "--outbox", "new"], &["there is no such file"]);
}

#[test]
fn what_was_given_up_is_listed_with_its_reason_and_waits_again() {
    let bench = Bench::ready();
    bench.write("routes.toml", "[[route]]\nname = \"lab\"\ndanger_unprotected = true\nudp = {}\n");
    bench.write("big", vec![2; 70_000]);
    let line = |number| {
        format!(
            "{{\"id\": \"m{number}\", \"message\": \"big\", \"to\": [\"lab=udp://127.0.0.1:9\"]}}\n"
        )
    };
    bench.write("batch", (1..=3).map(line).collect::<String>());
    bench.done(&["outbox", "accept", "batch", "--outbox", "box", "--danger-unsealed"]);
    assert_eq!(bench.run(&SEND).code, 1);
    let show = ["outbox", "show", "--outbox", "box", "--state", "given-up"];
    let shown = bench.done(&[&show[..], &["--most", "2"]].concat());
    assert!(shown.starts_with("m1: given up (the push to udp://127.0.0.1:9 has 70006"), "{shown}");
    assert!(shown.lines().count() == 3 && shown.ends_with("and more: --after m2\n"), "{shown}");
    let rest = bench.json(&[&show[..], &["--after", "m2"]].concat());
    assert_eq!((&rest["ids"][0]["id"], &rest["more"]), (&"m3".into(), &false.into()));
    assert_eq!(bench.done(&["outbox", "retry", "--outbox", "box"]), "3 wait again\n");
    assert_eq!(bench.done(&["outbox", "show", "--outbox", "box"]), "0 sent, 0 given up, 3 wait\n");
}

#[test]
fn a_receipt_is_shown_with_its_octets_and_what_it_does_not_prove() {
    let (bench, _device) = accepted(1);
    bench.done(&SEND);
    let shown = bench.json(&["outbox", "show", "c1.0", "--outbox", "box"]);
    let receipt = &shown["receipts"][0];
    assert_eq!(receipt["does_not_prove"], "that the device saw it");
    assert!(receipt["raw"].is_string() && receipt["segment"].is_null(), "{receipt}");
}
