//! One connection, used by many messages.

use std::time::Duration;

use dm_push::receipt::{Detail, Says};
use dm_push::sip::Message;
use dm_transport::{Next, Route, SendError};
use tokio::time::Instant;

use crate::lab::{Lab, Line, SOON, field, listener, outgoing};

#[tokio::test]
async fn answers_find_their_messages_in_whatever_order_they_come() {
    let (listener, to) = listener().await;
    let mut lab = Lab::new("");
    let sending: Vec<_> = (0..9)
        .map(|number| lab.sends(&format!("m{number}"), &to, &[2, b'0' + number], SOON))
        .collect();
    let mut line = Line::accept(&listener).await;
    let mut requests = Vec::new();
    while requests.len() < 9 {
        requests.push(line.next().await);
    }
    for request in requests.iter().rev() {
        let number = *request.last().expect("a body");
        let status = if number == b'4' { "404 Not Found" } else { "200 OK" };
        line.answer(request, "100 Trying", "").await;
        line.answer(request, status, "").await;
    }
    for (number, sending) in sending.into_iter().enumerate() {
        let outcome = sending.await.expect("no panic");
        let is_refused = matches!(outcome, Err(SendError::Sip { status: 404, .. }));
        assert_eq!(is_refused, number == 4, "{number}: {outcome:?}");
    }
    for _ in 0..8 {
        let told = lab.told().await;
        assert_eq!((told.receipt.says(), &*told.route), (Says::HandedOver, "lab"));
        assert_eq!(told.receipt.detail(), Detail::Sip { status: 200 });
        let raw = Message::read(&told.raw).expect("SIP");
        let call_id = raw.field("Call-ID").expect("one");
        assert!(call_id.starts_with(&format!("{}.", told.id)), "{call_id}");
    }
}

#[tokio::test]
async fn a_request_says_what_was_configured_and_until_when_it_is_worth_something() {
    let (listener, to) = listener().await;
    let lab = Lab::new(
        "from = \"sip:server@push.example\"\n\
         accept_contact = ['*;+g.oma.pusheventapp=\"syncml.dm\"', '*;audio']",
    );
    let mut outgoing = outgoing("m", &to, b"\x02m", SOON);
    outgoing.valid_until = Some(std::time::SystemTime::now() + Duration::from_secs(600));
    let plan = lab.route.plan(&outgoing).expect("a plan");
    let route = lab.route.clone();
    let sending = tokio::spawn(async move { route.send(&outgoing).await });
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    assert!(request.len().abs_diff(plan.octets) < 40, "{plan:?} {}", request.len());
    assert!(field(&request, "From").starts_with("<sip:server@push.example>;tag="));
    let message = Message::read(&request).expect("SIP");
    let accepted: Vec<_> = message.fields("Accept-Contact").collect();
    assert_eq!(accepted, ["*;+g.oma.pusheventapp=\"syncml.dm\"", "*;audio"]);
    let expires: u32 = field(&request, "Expires").parse().expect("a number");
    assert!((590..=600).contains(&expires), "{expires}");
    assert!(field(&request, "Date").ends_with(" GMT"));
    assert_eq!(message.body, b"\x02m");
    line.answer(&request, "202 Accepted", "").await;
    sending.await.expect("no panic").expect("taken");
}

#[tokio::test]
async fn a_device_itself_says_that_it_was_reached_and_a_store_that_it_was_handed_over() {
    for (device, status, says) in [
        (true, "200 OK", Says::Reached),
        (true, "202 Accepted", Says::HandedOver),
        (false, "200 OK", Says::HandedOver),
    ] {
        let (listener, to) = listener().await;
        let mut lab = Lab::new(&format!("device = {device}"));
        let sending = lab.sends("m", &to, b"\x02m", SOON);
        let mut line = Line::accept(&listener).await;
        let request = line.next().await;
        line.answer(&request, status, "").await;
        sending.await.expect("no panic").expect("taken");
        assert_eq!(lab.told().await.receipt.says(), says, "{device} {status}");
    }
}

#[tokio::test]
async fn a_connection_that_is_gone_is_made_anew() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    for round in 0..3 {
        let sending = lab.sends("m", &to, b"\x02m", SOON);
        let mut line = Line::accept(&listener).await;
        let request = line.next().await;
        line.answer(&request, "200 OK", "").await;
        sending.await.expect("no panic").unwrap_or_else(|error| panic!("{round}: {error}"));
        drop(line);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn what_was_written_when_the_connection_broke_may_have_arrived_and_is_not_sent_again() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    line.next().await;
    drop(line);
    let error = sending.await.expect("no panic").expect_err("no answer");
    assert!(matches!(error, SendError::Cut { .. }), "{error}");
    assert!(error.may_have_arrived() && error.next() == Next::Again, "{error}");
    let again = tokio::time::timeout(Duration::from_millis(300), listener.accept()).await;
    assert!(again.is_err(), "nobody sends it twice");
}

#[tokio::test]
async fn an_answer_after_the_deadline_is_told_all_the_same() {
    let (listener, to) = listener().await;
    let mut lab = Lab::new("");
    let sending = lab.sends("late", &to, b"\x02m", Duration::from_millis(200));
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    let error = sending.await.expect("no panic").expect_err("no answer yet");
    assert!(matches!(error, SendError::Silent { .. }), "{error}");
    line.answer(&request, "200 OK", "").await;
    let told = lab.told().await;
    assert_eq!((told.id.as_str(), told.receipt.says()), ("late", Says::HandedOver));
    // And the connection serves the next one.
    let sending = lab.sends("next", &to, b"\x02m", SOON);
    let request = line.next().await;
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
}

/// Kamailio says 477 of a user with several connections of which the first is gone, and passes on what the
/// device says over another one.
#[tokio::test]
async fn the_answer_of_a_device_that_its_proxy_did_not_wait_for_is_told() {
    let (listener, to) = listener().await;
    let mut lab = Lab::new("");
    let mut line = None;
    for (status, text) in [(408, "408 Request Timeout"), (477, "477 Unfortunately")] {
        let sending = lab.sends("slow", &to, b"\x02m", SOON);
        if line.is_none() {
            line = Some(Line::accept(&listener).await);
        }
        let line = line.as_mut().expect("one");
        let request = line.next().await;
        line.answer(&request, text, "").await;
        let error = sending.await.expect("no panic").expect_err("too late");
        assert!(matches!(error, SendError::Sip { status: said, .. } if said == status), "{error}");
        assert!(error.may_have_arrived(), "{error}");
        for _ in 0..2 {
            line.answer(&request, "200 OK", "").await;
        }
        let told = lab.told().await;
        assert_eq!(told.id.as_str(), "slow");
        assert_eq!(told.receipt.detail(), Detail::Sip { status: 200 });
        let more = tokio::time::timeout(Duration::from_millis(100), lab.told.recv()).await;
        assert!(more.is_err(), "once: {more:?}");
    }
}

#[tokio::test]
async fn responses_to_others_and_requests_change_nothing() {
    let (listener, to) = listener().await;
    let mut lab = Lab::new("");
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    let text = String::from_utf8(request.clone()).expect("text");
    let (before, branch) = text.split_once("branch=").expect("one");
    let branch = branch.split_once("\r\n").expect("a line").0;
    for other in ["z9hG4bKx.0", "z9hG4bK.0", "0", "z9hG4bKffffffffffffffff.ffffffffffffffffff"] {
        let other = text.replace(branch, other);
        line.answer(other.as_bytes(), "404 Not Found", "").await;
    }
    assert!(before.starts_with("MESSAGE "));
    line.answer(text.replace("1 MESSAGE", "1 INFO").as_bytes(), "404 Not Found", "").await;
    let options = text.replacen("MESSAGE", "OPTIONS", 1);
    tokio::io::AsyncWriteExt::write_all(&mut line.stream, options.as_bytes()).await.expect("sent");
    assert!(!sending.is_finished());
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
    // The same answer once more is nobody's.
    line.answer(&request, "200 OK", "").await;
    assert_eq!(lab.told().await.id.as_str(), "m");
    let more = tokio::time::timeout(Duration::from_millis(100), lab.told.recv()).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test]
async fn closing_waits_for_what_is_on_its_way() {
    let (listener, to) = listener().await;
    let lab = Lab::new("");
    let sending = lab.sends("m", &to, b"\x02m", SOON);
    let mut line = Line::accept(&listener).await;
    let request = line.next().await;
    let route = lab.route.clone();
    let closing = tokio::spawn(async move { route.close(Instant::now() + SOON).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!closing.is_finished());
    line.answer(&request, "200 OK", "").await;
    sending.await.expect("no panic").expect("taken");
    closing.await.expect("no panic");
    let read = tokio::io::AsyncReadExt::read(&mut line.stream, &mut [0; 1]).await;
    assert_eq!(read.unwrap_or(0), 0, "it hung up");
}
