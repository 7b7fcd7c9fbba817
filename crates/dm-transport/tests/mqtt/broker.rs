//! One connection to a broker, used by many messages; and brokers that do what they must not.

use std::time::{Duration, SystemTime};

use dm_push::mqtt::Packet;
use dm_push::receipt::{Detail, Says};
use dm_transport::{Next, Route, SendError};
use tokio::time::Instant;

use crate::lab::{CONNACK, Lab, Line, SOON, TO, listener, outgoing};

#[tokio::test]
async fn a_message_is_published_at_qos_1_not_retained_and_for_as_long_as_it_is_valid() {
    let (listener, url) = listener().await;
    let mut lab = Lab::new(&url);
    let mut outgoing = outgoing("m", TO, b"\x02m", SOON);
    outgoing.valid_until = Some(SystemTime::now() + Duration::from_secs(600));
    let plan = lab.route.plan(&outgoing).expect("a plan");
    assert_eq!(plan.segments, 1);
    let route = lab.route.clone();
    let sending = tokio::spawn(async move { route.send(&outgoing).await });
    let (mut line, connect) = Line::accept(&listener, CONNACK).await;
    assert_eq!((connect[9], &connect[10..12]), (0b10, &[0, 60][..]), "a clean start, a minute");
    assert_eq!(connect[13..18], [0x11, 0, 0, 0, 0], "and nothing is kept for us");
    let publish = line.publish().await;
    assert_eq!((publish.topic.as_str(), &*publish.payload), ("dm/device1/push", &b"\x02m"[..]));
    assert_eq!(publish.content_type.as_deref(), Some("application/vnd.syncml.dm+wbxml"));
    assert!((590..=600).contains(&publish.expiry.expect("an end")), "{publish:?}");
    assert!(!publish.is_retained && publish.id.is_some());
    line.acknowledges(&publish, 0).await;
    sending.await.expect("no panic").expect("taken");
    let told = lab.told().await;
    assert_eq!((told.id.as_str(), told.receipt.says()), ("m", Says::HandedOver));
    assert_eq!(told.receipt.detail(), Detail::Mqtt { reason: 0 });
    assert_eq!(told.raw[..2], [0x40, 2]);
}

#[tokio::test]
async fn a_broker_whom_nobody_subscribed_took_it_and_says_so() {
    let (listener, url) = listener().await;
    let mut lab = Lab::new(&url);
    let sending = lab.sends("m", TO, b"\x02m", SOON);
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    let publish = line.publish().await;
    line.acknowledges(&publish, 0x10).await;
    sending.await.expect("no panic").expect("taken");
    let receipt = lab.told().await.receipt;
    assert_eq!((receipt.rung(), receipt.detail()), (Some(2), Detail::Mqtt { reason: 0x10 }));
    assert!(receipt.note().is_some_and(|note| note.contains("nobody who subscribes")));
}

#[tokio::test]
async fn no_more_are_on_their_way_than_the_broker_takes() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&url);
    let mut sending: Vec<_> = (0..9).map(|_| lab.sends("m", TO, b"\x02m", SOON)).collect();
    // A receive maximum of 3.
    let (mut line, _) = Line::accept(&listener, b"\x20\x06\x00\x00\x03\x21\x00\x03").await;
    let mut flying = Vec::new();
    for _ in 0..3 {
        flying.push(line.publish().await);
    }
    assert!(line.is_silent(Duration::from_millis(200)).await);
    let mut seen = Vec::new();
    for left in (0..9).rev() {
        // Those on their way have different identifiers.
        let publish = flying.pop().expect("one");
        assert!(flying.iter().all(|other| other.id != publish.id));
        line.acknowledges(&publish, 0).await;
        seen.push(publish.id);
        if left >= 3 {
            flying.push(line.publish().await);
        }
    }
    for sending in sending.drain(..) {
        sending.await.expect("no panic").expect("taken");
    }
    assert_eq!(seen.len(), 9);
}

#[tokio::test]
async fn reasons_say_what_may_be_tried_next() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&url);
    let mut line = None;
    for (reason, next, word) in [
        (0x80, Next::Again, "unspecified"),
        (0x83, Next::Again, "implementation"),
        (0x87, Next::OtherRoute, "who may publish"),
        (0x90, Next::OtherRoute, "topic"),
        (0x97, Next::Again, "quota"),
        (0x99, Next::OtherRoute, "payload"),
    ] {
        let sending = lab.sends("m", TO, b"\x02m", SOON);
        if line.is_none() {
            line = Some(Line::accept(&listener, CONNACK).await.0);
        }
        let line = line.as_mut().expect("one");
        let publish = line.publish().await;
        line.acknowledges(&publish, reason).await;
        let error = sending.await.expect("no panic").expect_err("refused");
        assert!(matches!(error, SendError::Mqtt { reason: said, .. } if said == reason), "{error}");
        assert!(error.next() == next && error.to_string().contains(word), "{error}");
        assert!(!error.may_have_arrived());
    }
}

#[tokio::test]
async fn a_refused_connection_is_the_routes_fault_and_nothing_left() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&url);
    let sending = lab.sends("m", TO, b"\x02m", SOON);
    let (mut line, _) = Line::accept(&listener, b"\x20\x03\x00\x86\x00").await;
    let error = sending.await.expect("no panic").expect_err("refused");
    assert!(matches!(error, SendError::Broker { reason: 0x86, .. }), "{error}");
    assert!(error.to_string().contains("bad user name or password"), "{error}");
    assert!(lab.route.is_to_blame(&error) && !error.may_have_arrived());
    assert_eq!((error.next(), line.packet().await), (Next::Again, None));

    // One that does not take QoS 1, and one that speaks something else.
    for (connack, word) in [
        (&b"\x20\x05\x00\x00\x02\x24\x00"[..], "QoS"),
        (&[b'H'; 99], "no MQTT 5"),
        (b"\x20\x06\x00\x00\x03\x21\x00\x00", "a receive maximum of 0"),
    ] {
        let sending = lab.sends("m", TO, b"\x02m", SOON);
        let (mut line, _) = Line::accept(&listener, connack).await;
        let error = sending.await.expect("no panic").expect_err("refused");
        assert!(error.to_string().contains(word), "{error}");
        assert_eq!(line.packet().await, None);
    }
}

#[tokio::test]
async fn what_is_above_the_brokers_limit_is_not_sent() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&url);
    let sending = lab.sends("m", TO, &[2; 100], SOON);
    // Packets of at most 100 octets.
    let connack = b"\x20\x08\x00\x00\x05\x27\x00\x00\x00\x64";
    let (mut line, _) = Line::accept(&listener, connack).await;
    let error = sending.await.expect("no panic").expect_err("too large");
    assert!(matches!(error, SendError::Mqtt { reason: 0x95, .. }), "{error}");
    assert_eq!(error.next(), Next::OtherRoute);
    let sending = lab.sends("m", TO, &[2; 20], SOON);
    let publish = line.publish().await;
    line.acknowledges(&publish, 0).await;
    sending.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn what_was_published_when_the_connection_broke_may_have_arrived() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&url);
    let sending = lab.sends("m", TO, b"\x02m", SOON);
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    line.publish().await;
    line.says(b"\xE0\x01\x8B").await;
    let error = sending.await.expect("no panic").expect_err("broken");
    assert!(matches!(error, SendError::Cut { .. }) && error.may_have_arrived(), "{error}");
    assert!(error.to_string().contains("server shutting down"), "{error}");
    drop(line);
    let sending = lab.sends("m", TO, b"\x02m", SOON);
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    let publish = line.publish().await;
    line.acknowledges(&publish, 0).await;
    sending.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn what_waits_for_room_when_the_connection_breaks_goes_over_the_next_one_once() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&format!("{url}window = 1"));
    let first = lab.sends("first", TO, b"\x02a", SOON);
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    line.publish().await;
    let second = lab.sends("second", TO, b"\x02b", SOON);
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(line);
    assert!(matches!(first.await.expect("no panic"), Err(SendError::Cut { .. })));
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    let publish = line.publish().await;
    assert_eq!(publish.payload, b"\x02b");
    line.acknowledges(&publish, 0).await;
    second.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn a_late_acknowledgement_is_told_and_gives_its_room_back() {
    let (listener, url) = listener().await;
    let mut lab = Lab::new(&format!("{url}window = 1"));
    let late = lab.sends("late", TO, b"\x02a", Duration::from_millis(200));
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    let publish = line.publish().await;
    let error = late.await.expect("no panic").expect_err("not yet");
    assert!(matches!(error, SendError::Silent { .. }), "{error}");
    let next = lab.sends("next", TO, b"\x02b", SOON);
    assert!(line.is_silent(Duration::from_millis(200)).await, "the broker takes one at once");
    line.acknowledges(&publish, 0).await;
    let publish = line.publish().await;
    line.acknowledges(&publish, 0).await;
    next.await.expect("no panic").expect("taken");
    assert_eq!(lab.told().await.id.as_str(), "late");
    assert_eq!(lab.told().await.id.as_str(), "next");
}

#[tokio::test]
async fn acknowledgements_of_nothing_or_twice_change_nothing() {
    let (listener, url) = listener().await;
    let mut lab = Lab::new(&url);
    let first = lab.sends("first", TO, b"\x02a", SOON);
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    let publish = line.publish().await;
    let [_, low] = publish.id.expect("QoS 1").to_be_bytes();
    line.says(&[0x40, 2, 0x77, low]).await;
    line.says(&[0x40, 4, 0x77, low, 0x87, 0]).await;
    line.acknowledges(&publish, 0).await;
    first.await.expect("no panic").expect("taken");
    line.acknowledges(&publish, 0x87).await;
    line.acknowledges(&publish, 0).await;
    let next = lab.sends("next", TO, b"\x02b", SOON);
    let publish = line.publish().await;
    assert_eq!(publish.payload, b"\x02b", "over the same connection");
    line.acknowledges(&publish, 0).await;
    next.await.expect("no panic").expect("taken");
    assert_eq!(lab.told().await.id.as_str(), "first");
    assert_eq!(lab.told().await.id.as_str(), "next");
    let more = tokio::time::timeout(Duration::from_millis(100), lab.told.recv()).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test]
async fn a_broker_that_acknowledges_nothing_is_left_for_another_connection() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&format!("{url}window = 2\nkeep_alive = \"1 s\""));
    let sending = [(); 2].map(|()| lab.sends("m", TO, b"\x02m", Duration::from_millis(500)));
    let (mut line, _) = Line::accept(&listener, CONNACK).await;
    line.publish().await;
    line.publish().await;
    for sending in sending {
        let error = sending.await.expect("no panic").expect_err("silent");
        assert!(matches!(error, SendError::Silent { .. }) && error.may_have_arrived());
    }
    // It answers pings, and nothing else.
    assert_eq!(line.packet().await, Some(Packet::Other));
    line.says(b"\xD0\x00").await;
    let next = lab.sends("next", TO, b"\x02b", SOON);
    let (mut other, _) = Line::accept(&listener, CONNACK).await;
    let publish = other.publish().await;
    assert_eq!(publish.payload, b"\x02b");
    other.acknowledges(&publish, 0).await;
    next.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn the_broker_hears_from_us_and_leave_is_taken() {
    let (listener, url) = listener().await;
    let lab = Lab::new(&url);
    let sending = lab.sends("m", TO, b"\x02m", SOON);
    // It wants to hear something each second.
    let (mut line, _) = Line::accept(&listener, b"\x20\x06\x00\x00\x03\x13\x00\x01").await;
    let publish = line.publish().await;
    line.acknowledges(&publish, 0).await;
    sending.await.expect("no panic").expect("taken");
    let begun = Instant::now();
    for _ in 0..2 {
        assert_eq!(line.packet().await, Some(Packet::Other));
        line.says(b"\xD0\x00").await;
    }
    assert!(begun.elapsed() < Duration::from_secs(4), "{:?}", begun.elapsed());
    let route = lab.route.clone();
    let closing = tokio::spawn(async move { route.close(Instant::now() + SOON).await });
    loop {
        match line.packet().await {
            Some(Packet::Other) => {}
            left => break assert_eq!(left, Some(Packet::Disconnect(0))),
        }
    }
    drop(line);
    closing.await.expect("no panic");
}

#[tokio::test]
async fn other_addresses_and_wsp_pushes_are_for_other_routes() {
    let lab = Lab::new("url = \"mqtt://127.0.0.1:1\"");
    let error = lab.route.plan(&outgoing("m", "udp://h", b"\x02", SOON)).expect_err("another");
    assert!(matches!(error, SendError::Address { transport: "MQTT", .. }), "{error}");
    let push = dm_push::wsp::Push::dm(1, b"\x02m").write();
    let error = lab.route.plan(&outgoing("m", TO, &push, SOON)).expect_err("wrapped");
    assert!(matches!(error, SendError::Wrapped { .. }), "{error}");
    let error = lab.send("m", TO, b"\x02m").await.expect_err("away");
    assert!(matches!(error, SendError::Network { .. }) && !error.may_have_arrived(), "{error}");
}

#[tokio::test]
async fn a_broker_that_answers_no_connect_is_named_and_got_nothing() {
    let (listener, url) = listener().await;
    let at = listener.local_addr().expect("an address");
    let lab = Lab::new(&url);
    let error = lab.sends("m", TO, b"\x02m", Duration::from_millis(200)).await.expect("no panic");
    let error = error.expect_err("nobody answers");
    let said = error.to_string();
    assert!(said.starts_with(&format!("{at} did not answer CONNECT within 0.2 s, and ")), "{said}");
    assert!(!error.may_have_arrived() && lab.route.is_to_blame(&error), "{said}");
}
