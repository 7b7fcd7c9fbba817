//! Pushing: addresses that are none, nobody there, messages that do not fit.

use std::net::{TcpListener, UdpSocket};

use super::bench::{Bench, provision, sealing};

fn push<'a>(message: &'a str, to: &'a str) -> [&'a str; 5] {
    ["push", message, "--danger-unprotected", "--to", to]
}

#[test]
fn an_address_that_is_none_is_said_before_anything_is_sent() {
    let bench = Bench::ready();
    for (to, what) in [
        ("", "write udp://HOST:PORT, http://HOST:PORT/push, https:, sip:USER@HOST,"),
        ("192.0.2.7", "unknown transport"),
        ("sip:example", "write sip:USER@HOST"),
        ("sip:device@example;transport=sctp", "write sip:USER@HOST"),
        ("tel:+358401234567", "write smpps://CENTRE/+NUMBER"),
        ("poll:device-17", "a file of routes"),
        ("smpp://smsc.example/+358401234567", "asks who sends"),
        ("mqtt://broker.example/devices/#", "no topic of one device"),
        ("pap+http://ppg.example/pap", "WAPPUSH="),
        ("ftp://192.0.2.7", "unknown transport"),
        ("https://user@192.0.2.7/push", "credentials do not belong"),
        ("WAPPUSH=192.0.2.256/TYPE=IPv4@ppg.example", "write four numbers from 0 to 255"),
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

/// A proxy that asks who sends, and takes what comes with an answer to that.
fn proxy() -> (std::net::SocketAddr, std::thread::JoinHandle<Vec<String>>) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
    socket.set_read_timeout(Some(std::time::Duration::from_secs(20))).expect("set");
    let address = socket.local_addr().expect("an address");
    let served = std::thread::spawn(move || {
        let answer = |(status, more): (&str, &str)| {
            let mut octets = [0; 4_096];
            let (length, from) = socket.recv_from(&mut octets).expect("a request");
            let request = String::from_utf8_lossy(&octets[..length]).into_owned();
            let kept = ["Via:", "From:", "To:", "Call-ID:", "CSeq:"];
            let kept =
                request.lines().filter(|line| kept.iter().any(|name| line.starts_with(name)));
            let kept: String = kept.map(|line| format!("{line}\r\n")).collect();
            let response = format!("SIP/2.0 {status}\r\n{kept}{more}Content-Length: 0\r\n\r\n");
            socket.send_to(response.as_bytes(), from).expect("sent");
            request
        };
        let challenge = "Proxy-Authenticate: Digest realm=\"example\", nonce=\"n\"\r\n";
        [("407 Who", challenge), ("202 Accepted", "")].map(answer).to_vec()
    });
    (address, served)
}

#[test]
fn a_push_by_sip_answers_the_proxy_that_asks_who_sends() {
    let bench = Bench::ready();
    let message = b"\x02short";
    bench.write("short", message);
    bench.write("password", "p\n");
    let (address, served) = proxy();
    let address = address.to_string();
    let login = ["--user", "u", "--password-file", "password", "--proxy", &address];
    let receipt =
        bench.json(&[&push("short", "sip:d@example")[..], &["--danger-unsealed"], &login].concat());
    assert_eq!((&receipt["rung"], &receipt["status"]), (&2.into(), &"handed over".into()));
    let requests = served.join().expect("served");
    assert!(
        requests[0].starts_with("MESSAGE sip:d@example SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:")
    );
    assert!(!requests[0].contains("Authorization"), "{}", requests[0]);
    for words in [
        "From: <sip:u@example>;tag=",
        "CSeq: 2 MESSAGE\r\n",
        // MD5 of MD5("u:example:p"), "n", MD5("MESSAGE:sip:d@example"), as Python computes them.
        "response=\"b194e5829d6d6215de65f67639e9c6d6\"",
        "Content-Type: application/vnd.syncml.dm+wbxml\r\nContent-Length: 6\r\n\r\n\x02short",
    ] {
        assert!(requests[1].contains(words), "{words}: {}", requests[1]);
    }
}

#[test]
fn options_of_sip_that_do_not_fit_are_said() {
    let bench = Bench::ready();
    bench.write("password", "\n");
    let login = |user| ["--user", user, "--password-file", "password"];
    for (to, more, what) in [
        ("udp://127.0.0.1", &login("u")[..], "a user is of SIP"),
        ("sip:d@example", &login("a\"b"), "give the name alone"),
        ("sip:d@example", &login("u"), "write it as the first line there"),
        ("sip:d@example", &["--ca", "op/cert.pem"], "of TLS alone"),
        ("sip:d@example", &["--proxy", "a b"], "no valid host"),
    ] {
        bench.fails(2, &[&push("set.wbxml", to)[..], more].concat(), &[what]);
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
    let big = [&push("big", to)[..], &["--danger-unsealed"]].concat();
    bench.fails(1, &big, &["65508 octets", "at most 65507", "send it over http://"]);
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

#[test]
fn what_is_not_sealed_does_not_leave() {
    let bench = Bench::ready();
    bench.done(&["encode", "set.xml", "-o", "unsigned.wbxml"]);
    bench.write("short", b"\x02short");
    let mut changed = bench.read("set.wbxml");
    let at = changed.windows(3).position(|octets| octets == b"new").expect("the value");
    changed[at] = b'N';
    bench.write("changed.wbxml", changed);
    bench.done(&[&sealing("set.xml", "old.wbxml")[..], &["--expires", "1700000000"]].concat());
    for (file, code, words) in [
        ("unsigned.wbxml", 2, "it has no signature"),
        ("short", 2, "it has no signature"),
        ("changed.wbxml", 2, "its digest does not hold"),
        ("old.wbxml", 1, "has expired"),
    ] {
        let arguments = ["push", file, "--to", "file:out"];
        bench.fails(code, &arguments, &[words, file]);
        let line =
            format!("{{\"id\": \"a\", \"message\": \"{file}\", \"to\": [\"f=file:out\"]}}\n");
        bench.write("batch", line);
        let said = bench.run(&["outbox", "accept", "batch", "--outbox", "box"]);
        assert!(said.code == code && said.err.contains(words), "{said:?}");
    }
    bench.done(&["push", "unsigned.wbxml", "--danger-unsealed", "--to", "file:out"]);
    assert_eq!(bench.read("out"), bench.read("unsigned.wbxml"));
    // Encrypted as a whole, it shows no signature to anybody on the way.
    bench.done(&provision("enc", "op", &["--device-key", "d1"]));
    let encrypt = ["--encrypt-to", "enc/device-keys/d1.crt", "--encrypt", "message"];
    bench.done(&[&sealing("set.xml", "hidden.wbxml")[..], &encrypt].concat());
    bench.done(&["push", "hidden.wbxml", "--to", "file:hidden"]);
}
