//! Pushing: addresses that are none, nobody there, messages that do not fit.

use std::net::{TcpListener, UdpSocket};

use super::bench::Bench;

fn push<'a>(message: &'a str, to: &'a str) -> [&'a str; 4] {
    ["push", message, "--to", to]
}

#[test]
fn an_address_that_is_none_is_said_before_anything_is_sent() {
    let bench = Bench::ready();
    for (to, what) in [
        ("", "write udp://HOST:PORT or http://HOST:PORT/push"),
        ("192.0.2.7", "unknown transport"),
        ("sip:device@example", "unknown transport"),
        ("ftp://192.0.2.7", "unknown transport"),
        ("https://192.0.2.7/push", "https is not supported yet"),
        ("udp://", "no valid host"),
        ("udp://::1:2948", "IPv6 address in brackets"),
        ("udp://192.0.2.7:0", "from 1 to 65535"),
        ("udp://192.0.2.7:65536", "from 1 to 65535"),
        ("udp://192.0.2.7/push", "udp has no path"),
        ("http://user:secret@192.0.2.7/", "credentials do not belong"),
        ("http://192.0.2.7/a b", "no valid path"),
    ] {
        bench.fails(2, &push("set.wbxml", to), &[what]);
    }
}

#[test]
fn a_host_without_an_address_is_said() {
    let bench = Bench::ready();
    for to in ["udp://device.invalid", "http://device.invalid/push"] {
        let words = ["device.invalid", "has no address", "correct the name"];
        bench.fails(1, &push("set.wbxml", to), &words);
    }
}

#[test]
fn nobody_there_is_said() {
    let bench = Bench::ready();
    let free = |address: std::io::Result<std::net::SocketAddr>| address.expect("an address");
    let tcp = free(TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()));
    let words = ["nothing listens on that port", "start the agent"];
    bench.fails(1, &push("set.wbxml", &format!("http://{tcp}/push")), &words);
    let udp = free(UdpSocket::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()));
    bench.fails(1, &push("set.wbxml", &format!("udp://{udp}")), &words);
}

#[test]
fn a_peer_that_is_silent_or_speaks_something_else_is_said() {
    let bench = Bench::ready();
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    let to = format!("http://{}/push", listener.local_addr().expect("an address"));
    let silent = [&push("set.wbxml", &to)[..], &["--deadline", "1"]].concat();
    bench.fails(1, &silent, &["did not take the message within 1 s", "may have arrived"]);
    let server = std::thread::spawn(move || {
        for stream in listener.incoming().skip(2).take(4) {
            use std::io::{Read, Write};
            let (mut stream, mut head) = (stream.expect("a stream"), [0; 4_096]);
            let _ = stream.read(&mut head);
            let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
        }
    });
    bench.fails(1, &push("set.wbxml", &to), &["broke off", "is that port HTTP?"]);
    bench.fails(1, &push("set.wbxml", &to), &["may have arrived"]);
    server.join().expect("served");
}

#[test]
fn a_message_that_cannot_be_sent_is_said() {
    let bench = Bench::ready();
    bench.write("empty", "");
    bench.write("big", vec![2; 65_507 - 5]);
    std::fs::create_dir(bench.file("folder")).expect("made");
    let to = "udp://127.0.0.1:9";
    bench.fails(2, &push("empty", to), &["not WBXML", "empty", "mgram seal"]);
    bench.fails(2, &push("set.xml", to), &["not WBXML", "set.xml", "mgram seal"]);
    bench.fails(2, &push("none", to), &["there is no such file", "none"]);
    bench.fails(2, &push("folder", to), &["it is a folder", "folder"]);
    bench.fails(1, &push("big", to), &["65508 octets", "at most 65507", "send it over http://"]);
    let said = bench.run(&[&push("set.wbxml", to)[..], &["--deadline", "0"]].concat());
    assert!(said.code == 2 && said.err.starts_with("error: "), "{said:?}");
}

#[test]
fn a_push_is_not_wrapped_in_a_push() {
    let bench = Bench::ready();
    let device = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let to = format!("udp://{}", device.local_addr().expect("an address"));
    let made = dm_push::wsp::Push::dm(9, b"\x02body").write();
    bench.write("made.wsp", &made);
    bench.done(&push("made.wsp", &to));
    let mut octets = [0; 100];
    let (length, _) = device.recv_from(&mut octets).expect("a datagram");
    assert_eq!(octets[..length], made);
    let words = ["WSP push", "send it to udp://HOST:2948"];
    bench.fails(1, &push("made.wsp", "http://127.0.0.1:9/push"), &words);
}
