//! Pushes by SIP, to the octet.

use std::time::{Duration, Instant};

use dm_agent::receive::{Refusal, Transport};
use tokio::io::AsyncWriteExt;
use tokio::net::UdpSocket;

use crate::registrar::{Device, Line, ReplaceAll, datagram, message, said, tcp, udp};
use crate::rig::SOON;

#[tokio::test]
async fn a_message_is_answered_once_it_is_kept_and_a_repetition_is_not_taken_twice() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    line.send(&message("1", "", b"kept")).await;
    let mut delivery = device.delivery().await;
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"kept"[..], Transport::Sip));
    assert_eq!(delivery.from.to_string(), "sip:server@push.example");
    assert!(line.is_silent(Duration::from_millis(100)).await, "it is not kept yet");
    delivery.acknowledge();
    let first = line.next().await;
    assert!(first.starts_with("SIP/2.0 200 OK\r\n"), "{first}");
    assert_eq!(line.ask(&message("1", "", b"kept")).await, first);
    assert!(device.deliveries.try_recv().is_err());

    line.send(&message("2", "", b"lost")).await;
    drop(device.delivery().await);
    let later = line.next().await;
    assert!(later.starts_with("SIP/2.0 480 Temporarily Unavailable\r\n"), "{later}");
    line.send(&message("2", "", b"lost")).await;
    device.delivery().await.acknowledge();
    assert!(line.next().await.starts_with("SIP/2.0 200 OK\r\n"));
}

#[tokio::test]
async fn every_message_is_answered_in_the_same_words() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    let mut answers = Vec::new();
    for (id, body) in
        [("one-1", &b"garbage"[..]), ("one-2", b"\x02\0\0\0"), ("one-3", &[0xFF; 3000])]
    {
        line.send(&message(id, "", body)).await;
        device.delivery().await.acknowledge();
        answers.push(line.next().await.replace(id, "one"));
    }
    assert!(answers[0] == answers[1] && answers[1] == answers[2], "{answers:?}");
}

#[tokio::test]
async fn what_can_be_no_message_is_refused_and_the_connection_goes_on() {
    let (listener, url) = tcp().await;
    let device = Device::start(&url, "message = \"64 B\"", "").await;
    let mut line = Line::registered(&listener).await;
    let options = message("1", "", b"").replace_all("MESSAGE", "OPTIONS");
    for (octets, status) in [
        (message("2", "", &[7; 65]), "413 Request Entity Too Large"),
        (message("3", "", b""), "400 Bad Request"),
        (message("4", "Content-Encoding: gzip\r\n", b"x"), "415 Unsupported Media Type"),
        (message("5", "", b"x").replace_all("MESSAGE", "INVITE"), "405 Method Not Allowed"),
        (options, "200 OK"),
    ] {
        let answer = line.ask(&[&b"\r\n\r\n"[..], &octets].concat()).await;
        assert!(answer.starts_with(&format!("SIP/2.0 {status}\r\n")), "{answer}");
    }
    assert_eq!((device.refused(Refusal::TooLarge), device.refused(Refusal::Method)), (1, 1));
    assert_eq!(device.receivers.tally().accepted(), 0);
}

#[tokio::test]
async fn a_stream_that_is_no_sip_or_stalls_is_left_and_registered_anew() {
    let (listener, url) = tcp().await;
    let mut device =
        Device::start(&url, "body_timeout = \"300 ms\"\nmessage = \"1 KiB\"", "").await;
    let half = message("1", "", b"half");
    for octets in [
        b"GET / HTTP/1.1\r\n\r\n".to_vec(),
        message("1", "", b"x").replace_all("Content-Length", "X"),
        message("1", "", b"x").replace_all("Content-Length: 1", "Content-Length: -1"),
        vec![b'x'; 20_000],
        half[..half.len() - 1].to_vec(),
        half[..20].to_vec(),
    ] {
        let mut line = Line::registered(&listener).await;
        let _ = line.stream.write_all(&octets).await; // it may have hung up already
        line.hangs_up().await;
        // The wait doubles: no more of it than is needed.
        if octets.len() == 20_000 {
            drop(device);
            device = Device::start(&url, "body_timeout = \"300 ms\"", "").await;
        }
    }
    let mut line = Line::registered(&listener).await;
    line.send(&message("9", "", b"good")).await;
    assert_eq!(device.delivery().await.octets, b"good");
}

#[tokio::test]
async fn it_registers_again_before_the_time_is_over_and_over_a_new_connection_when_one_ends() {
    let (listener, url) = tcp().await;
    let _device = Device::start(&url, "", "expires = \"90 s\"").await;
    let mut line = Line::accept(&listener).await;
    let first = line.next().await;
    assert!(first.contains("\r\nExpires: 90\r\n"), "{first}");
    let begun = Instant::now();
    line.send(&said(&first, "200 OK", "Expires: 4\r\n")).await;
    let second = line.next().await;
    let after = begun.elapsed();
    assert!((2900..4000).contains(&after.as_millis()), "{after:?}");
    assert!(second.contains("CSeq: 2 REGISTER"), "{second}");
    line.send(&said(&second, "200 OK", "Expires: 600\r\n")).await;
    assert!(line.is_silent(Duration::from_millis(600)).await, "nothing wakes it");
    drop(line);
    let mut line = Line::accept(&listener).await;
    assert!(line.next().await.contains("CSeq: 3 REGISTER"));
}

#[tokio::test]
async fn a_refused_device_waits_before_it_asks_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let password = folder.path().join("password");
    std::fs::write(&password, "wrong\n").expect("written");
    let (listener, url) = tcp().await;
    let lines = format!("user = \"d1\"\npassword_file = {password:?}");
    let _device = Device::start(&url, "", &lines).await;
    let challenge =
        "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\", qop=\"auth\", algorithm=SHA-256\r\n";
    let mut line = Line::accept(&listener).await;
    for _ in 0..2 {
        let register = line.next().await;
        line.send(&said(&register, "401 Unauthorized", challenge)).await;
    }
    let begun = Instant::now();
    line.hangs_up().await;
    std::fs::write(&password, "right\n").expect("written");
    let mut line = Line::accept(&listener).await;
    assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
    let register = line.next().await;
    assert!(!register.contains("Authorization"), "the answer to that nonce was wrong: {register}");
    line.send(&said(&register, "401 Unauthorized", challenge)).await;
    let register = line.next().await;
    assert!(register.contains("algorithm=SHA-256, qop=auth, nc=00000001"), "{register}");
}

#[tokio::test]
async fn at_the_end_it_takes_its_registration_back() {
    let (listener, url) = tcp().await;
    let device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    let stopping = tokio::spawn(device.receivers.stop());
    let last = line.next().await;
    assert!(last.starts_with("REGISTER ") && last.contains("\r\nExpires: 0\r\n"), "{last}");
    line.send(&said(&last, "200 OK", "")).await;
    let begun = Instant::now();
    tokio::time::timeout(SOON, stopping).await.expect("in time").expect("it stopped");
    assert!(begun.elapsed() < Duration::from_millis(1900), "it waits for nothing else");

    let (listener, url) = tcp().await;
    let device = Device::start(&url, "", "").await;
    let _silent = Line::registered(&listener).await;
    let begun = Instant::now();
    device.receivers.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(4), "a silent registrar holds nobody up");
}

#[tokio::test]
async fn a_sender_that_comes_too_often_is_put_off_and_another_is_not() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "rate = \"1/h\"", "").await;
    let mut line = Line::registered(&listener).await;
    for id in ["1", "2"] {
        line.send(&message(id, "", b"x")).await;
        if id == "1" {
            device.delivery().await.acknowledge();
        }
        let status = if id == "1" { "SIP/2.0 200" } else { "SIP/2.0 480" };
        let answer = line.next().await;
        assert!(answer.starts_with(status), "{answer}");
    }
    line.send(&message("3", "", b"x").replace_all("sip:server@", "sip:other@")).await;
    device.delivery().await.acknowledge();
    assert!(line.next().await.starts_with("SIP/2.0 200"));
    assert_eq!(device.refused(Refusal::Rate), 1);
}

#[tokio::test]
async fn over_udp_only_the_registrar_is_heard_and_what_is_cut_is_refused() {
    let (registrar, url) = udp().await;
    let mut device = Device::start(&url, "", "transport = \"udp\"").await;
    let (first, from) = datagram(&registrar).await;
    let (again, _) = datagram(&registrar).await;
    assert_eq!(first, again, "it repeats what nobody answers");
    registrar.send_to(&said(&first, "200 OK", "Expires: 600\r\n"), from).await.expect("sent");
    let stranger = UdpSocket::bind("127.0.0.1:0").await.expect("bound");
    let large = vec![b'y'; 20_000];
    let whole = message("2", "", b"whole");
    for (socket, octets) in [
        (&stranger, message("1", "", b"forged")),
        (&registrar, vec![0xFF; 1000]),
        (&registrar, b"\r\n\r\n".to_vec()),
        (&registrar, whole[..whole.len() - 1].to_vec()),
        (&registrar, message("3", "", &large)),
    ] {
        socket.send_to(&octets, from).await.expect("sent");
    }
    let (cut, _) = datagram(&registrar).await;
    assert!(cut.starts_with("SIP/2.0 400 Bad Request\r\n"), "{cut}");
    let mut delivery = device.delivery().await;
    assert_eq!(delivery.octets, large, "beyond 8 KiB, too");
    delivery.acknowledge();
    assert!(datagram(&registrar).await.0.starts_with("SIP/2.0 200 OK\r\n"));
    assert_eq!(device.refused(Refusal::Malformed), 2);
    let answered =
        tokio::time::timeout(Duration::from_millis(50), stranger.recv(&mut [0; 9])).await;
    assert!(answered.is_err(), "a stranger learns nothing");
    assert_eq!(device.receivers.tally().accepted(), 1);
}

#[tokio::test]
async fn r16_a_list_of_sources_lets_other_proxies_through_and_nobody_else() {
    let (registrar, url) = udp().await;
    let lines = "transport = \"udp\"\nkeep_alive = \"1 s\"\nfrom = [\"127.0.0.1\", \"127.0.0.9\"]";
    let mut device = Device::start(&url, "", lines).await;
    let (register, from) = datagram(&registrar).await;
    registrar.send_to(&said(&register, "200 OK", "Expires: 600\r\n"), from).await.expect("sent");
    let proxy = UdpSocket::bind("127.0.0.9:0").await.expect("bound");
    let stranger = UdpSocket::bind("127.0.0.8:0").await.expect("bound");
    stranger.send_to(&message("1", "", b"forged"), from).await.expect("sent");
    proxy.send_to(&message("2", "", b"good"), from).await.expect("sent");
    let mut delivery = device.delivery().await;
    assert_eq!(delivery.octets, b"good");
    delivery.acknowledge();
    let (answer, _) = datagram(&proxy).await;
    assert!(answer.starts_with("SIP/2.0 200 OK\r\n"), "{answer}");
    assert_eq!(datagram(&registrar).await.0, "\r\n\r\n", "the way is kept open");

    let (listener, url) = tcp().await;
    let _device = Device::start(&url, "", "from = [\"127.0.0.9\"]").await;
    let line = Line::accept(&listener).await;
    line.hangs_up().await;
}

#[tokio::test]
async fn a_flood_of_garbage_is_counted_and_the_next_message_is_taken() {
    let (listener, url) = tcp().await;
    let mut device = Device::start(&url, "", "").await;
    let mut line = Line::registered(&listener).await;
    let stray = b"SIP/2.0 200 OK\r\nVia: SIP/2.0/TCP x;branch=z9hG4bK0\r\nl: 0\r\n\r\n";
    let mut octets = Vec::new();
    for _ in 0..3000 {
        octets.extend_from_slice(stray);
        octets.extend_from_slice(b"\r\nX sip:a SIP/2.0\r\nContent-Length: 3\r\n\r\nabc");
    }
    line.send(&octets).await;
    line.send(&message("1", "", b"good")).await;
    device.delivery().await.acknowledge();
    assert!(line.next().await.starts_with("SIP/2.0 200 OK\r\n"));
    assert_eq!(device.refused(Refusal::Malformed), 3000);
}

#[tokio::test]
async fn a_status_says_where_it_registers_and_why_it_brings_nothing() {
    let (listener, url) = tcp().await;
    let device = Device::start(&url, "", "").await;
    let status = || device.receivers.progress()[0].status();
    assert_eq!((status().transport, status().place), ("sip".to_owned(), url));
    drop(Line::registered(&listener).await);
    let mut line = Line::accept(&listener).await;
    assert!(status().trouble.is_some(), "the first connection is gone");
    let register = line.next().await;
    line.send(&said(&register, "200 OK", "Expires: 600\r\n")).await;
    let start = Instant::now();
    while status().trouble.is_some() {
        assert!(start.elapsed() < SOON, "{:?}", status().trouble);
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}
