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
