//! The route against a gateway of our own, for what Kannel never says.

use std::sync::atomic::Ordering;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_crypto::{Sec, Secrets, secret};
use dm_push::pap::{self, Code, Document, Results, State, Verdict, Word};
use dm_push::receipt::{Detail, Says};
use dm_transport::{
    Next, PapConfig, PapRoute, PushId, Route, Secret, SendError, SetupError, Teller, Told, attempt,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::lab::{Notes, gateway, http, next, outgoing, push_id, response};

const TO: &str = "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example";

fn route(url: &str) -> (PapRoute, mpsc::Receiver<Told>) {
    let (tell, told) = mpsc::channel(16);
    let route = PapRoute::new(&PapConfig::new(url), Teller::new("ppg", tell), Notes::new());
    (route.expect("a route"), told)
}

#[tokio::test]
async fn the_gateway_gets_what_is_configured_and_the_octets_as_they_are() {
    let (url, mut asked) =
        gateway(vec![response(&format!("{}@server.example", push_id("one")), 1001)]).await;
    let password = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(password.path(), "secret\n").unwrap();
    let config: PapConfig = toml::from_str(&format!(
        "url = {url:?}\nuser = \"me\"\npassword = {{ file = {:?} }}\ndelivery = \"notspecified\"\n\
         push_id_domain = \"server.example\"\nsource_reference = \"us\"\n\
         notify = \"https://server.example/pap\"",
        password.path()
    ))
    .unwrap();
    let (tell, mut told) = mpsc::channel(1);
    let route = PapRoute::new(&config, Teller::new("ppg", tell), Notes::new()).unwrap();
    let mut outgoing = outgoing("one", b"\x02message", TO);
    outgoing.valid_until = Some(std::time::UNIX_EPOCH + Duration::from_secs(1_795_455_912));
    let plan = route.plan(&outgoing).unwrap();
    attempt(&route, &outgoing).await.unwrap();
    assert_eq!(next(&mut told).await.receipt.rung(), Some(2));

    let asked = asked.recv().await.unwrap();
    assert!(asked.head.starts_with("POST /pap HTTP/1.1\r\n"), "{}", asked.head);
    let login = format!("Basic {}", STANDARD.encode("me:secret"));
    assert_eq!(asked.field("authorization"), Some(login.as_str()));
    assert_eq!(asked.body.len(), plan.octets);
    let parts = pap::split(asked.field("content-type").unwrap(), &asked.body).unwrap();
    assert_eq!(parts.content, b"\x02message");
    let Document::PushMessage(message) = pap::read(parts.control).unwrap() else { panic!() };
    assert_eq!(message.push_id(), format!("{}@server.example", push_id("one")));
    assert_eq!(message.address.to_string(), TO);
    assert_eq!(message.deliver_before.unwrap().to_string(), "2026-11-23T17:45:12Z");
    assert_eq!(message.source_reference.as_deref(), Some("us"));
    assert_eq!(message.notify.as_deref(), Some("https://server.example/pap"));
    assert_eq!(message.exchanged, pap::Exchanged::NotSpecified);
}

#[tokio::test]
async fn a_mac_travels_with_what_it_is_of() {
    let (url, mut asked) = gateway(vec![response(&push_id("one"), 1001)]).await;
    // 01 06: a push; in its general form the content type, SEC (0x91) 1, MAC (0x92) "0AF9".
    let push = b"\x01\x06\x0A\x09\xB6\x91\x81\x920AF9\0body";
    attempt(&route(&url).0, &outgoing("one", push, TO)).await.unwrap();
    let asked = asked.recv().await.unwrap();
    let parts = pap::split(asked.field("content-type").unwrap(), &asked.body).unwrap();
    let content_type = "application/vnd.wap.connectivity-wbxml; SEC=1; MAC=0AF9";
    assert_eq!((parts.content_type, parts.application_id), (content_type, None));
    assert_eq!(parts.content, b"body");
}

#[tokio::test]
async fn a_route_with_a_secret_proves_it_in_the_content_type_of_each_message() {
    let (url, mut asked) =
        gateway(vec![response(&push_id("one"), 1001), response(&push_id("two"), 1001)]).await;
    let pin = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(pin.path(), "1234\n").unwrap();
    let config: PapConfig = toml::from_str(&format!(
        "url = {url:?}\nsec_mac = {{ sec = \"userpin\", userpin = {{ file = {:?} }} }}",
        pin.path()
    ))
    .unwrap();
    let (tell, _told) = mpsc::channel(2);
    let route = PapRoute::new(&config, Teller::new("ppg", tell), Notes::new()).unwrap();
    let message = outgoing("one", b"\x02message", TO);
    let plan = route.plan(&message).unwrap();
    attempt(&route, &message).await.unwrap();
    let posted = asked.recv().await.unwrap();
    assert_eq!(posted.body.len(), plan.octets);
    let parts = pap::split(posted.field("content-type").unwrap(), &posted.body).unwrap();
    let secrets = Secrets { netwpin: None, userpin: secret(b"1234") };
    let mac = Sec::UserPin.mac(&secrets, b"\x02message").unwrap();
    let wanted = format!("application/vnd.syncml.dm+wbxml; SEC=1; MAC={mac}");
    assert!(parts.content_type.eq_ignore_ascii_case(&wanted), "{}", parts.content_type);
    assert_eq!(parts.application_id, Some("x-wap-application:syncml.dm"));
    assert_eq!(parts.content, b"\x02message");

    // A push that proves something itself is carried with what it proves.
    let push = b"\x01\x06\x0A\x09\xB6\x91\x81\x920AF9\0body";
    attempt(&route, &outgoing("two", push, TO)).await.unwrap();
    let posted = asked.recv().await.unwrap();
    let parts = pap::split(posted.field("content-type").unwrap(), &posted.body).unwrap();
    assert!(parts.content_type.ends_with("; SEC=1; MAC=0AF9"), "{}", parts.content_type);

    std::fs::write(pin.path(), "no digits\n").unwrap();
    let (tell, _told) = mpsc::channel(1);
    let error = PapRoute::new(&config, Teller::new("ppg", tell), Notes::new()).err().unwrap();
    assert!(matches!(error, SetupError::Key(_)), "{error}");
}

#[tokio::test]
async fn each_answer_says_what_may_be_tried_next() {
    for (answer, next) in [
        (response(&push_id("one"), 4001), Some(Next::Again)),
        (response(&push_id("one"), 3000), Some(Next::Again)),
        (response(&push_id("one"), 2001), Some(Next::Again)),
        (response(&push_id("one"), 2002), Some(Next::OtherRoute)),
        (response(&push_id("one"), 1000), None),
    ] {
        let (url, _asked) = gateway(vec![answer]).await;
        let (route, mut told) = route(&url);
        let outcome = attempt(&route, &outgoing("one", b"\x02message", TO)).await;
        assert_eq!(outcome.as_ref().err().map(SendError::next), next);
        if let Err(error) = &outcome {
            assert!(matches!(error, SendError::Pap { .. }) && !error.may_have_arrived(), "{error}");
            assert!(error.to_string().contains("(so be it); "), "{error}");
        }
        let receipt = told.try_recv().ok().map(|told| told.receipt.says());
        assert_eq!(receipt, outcome.ok().map(|()| Says::HandedOver), "rung 2, never more");
    }
}

#[tokio::test]
async fn a_push_id_that_the_gateway_knows_is_ours_only_if_it_was_sent_before() {
    let known = || response("", 2007);
    let (url, mut asked) = gateway(vec![known(), String::new(), known(), known()]).await;
    let (route, mut told) = route(&url);
    let error = attempt(&route, &outgoing("one", b"\x02", TO)).await.unwrap_err();
    assert_eq!((error.next(), error.may_have_arrived()), (Next::OtherRoute, true), "{error}");
    assert!(error.to_string().contains("has had that push-id before"), "{error}");
    assert!(told.try_recv().is_err(), "nothing is known of ours");

    // The answer was lost, and the ledger knows that it was sent.
    let message = outgoing("two", b"\x02", TO);
    assert!(attempt(&route, &message).await.unwrap_err().may_have_arrived());
    attempt(&route, &message).await.unwrap();
    assert_eq!(told.try_recv().unwrap().receipt.detail(), Detail::Pap { code: 2007 });
    // The same sending to another device is another push, and was not sent before.
    let other = "WAPPUSH=+358401234568/TYPE=PLMN@ppg.example";
    attempt(&route, &outgoing("two", b"\x02", other)).await.unwrap_err();
    let mut push_ids = Vec::new();
    while let Ok(asked) = asked.try_recv() {
        let parts = pap::split(asked.field("content-type").unwrap(), &asked.body).unwrap();
        let Document::PushMessage(message) = pap::read(parts.control).unwrap() else { panic!() };
        push_ids.push(message.push_id().to_owned());
    }
    assert_eq!(push_ids[..3], [push_id("one"), push_id("two"), push_id("two")]);
    assert!(push_ids[3].starts_with("two.") && push_ids[3] != push_id("two"), "{push_ids:?}");
}

#[tokio::test]
async fn what_is_no_answer_to_this_is_none() {
    let bad = "<pap><badmessage-response code=\"2000\" desc=\"no\"/></pap>";
    for (answer, is_pap, next) in [
        (http("200 OK", "<html>It works!</html>"), false, Next::Again),
        (http("200 OK", ""), false, Next::Again),
        (response("other", 1001), false, Next::Again),
        (http("200 OK", &"x".repeat(100_000)), false, Next::Again),
        (http("400 Bad Request", bad), true, Next::OtherRoute),
    ] {
        let (url, _asked) = gateway(vec![answer]).await;
        let (route, mut told) = route(&url);
        let error = attempt(&route, &outgoing("one", b"\x02message", TO)).await.unwrap_err();
        assert_eq!(matches!(error, SendError::Pap { .. }), is_pap, "{error}");
        assert_eq!((error.next(), error.may_have_arrived()), (next, !is_pap), "{error}");
        assert_eq!(route.is_to_blame(&error), !is_pap, "{error}");
        assert!(told.try_recv().is_err());
    }
    let busy = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\ncontent-length: 0\r\n\r\n";
    let (url, _asked) = gateway(vec![busy.into()]).await;
    let error = attempt(&route(&url).0, &outgoing("one", b"\x02message", TO)).await.unwrap_err();
    assert_eq!((error.next(), error.wait()), (Next::Again, Some(Duration::from_secs(7))));
}

#[tokio::test]
async fn nothing_is_sent_that_cannot_be_noted_or_written() {
    let (url, mut asked) = gateway(vec![response(&push_id("one"), 1001)]).await;
    let (tell, _told) = mpsc::channel(1);
    let notes = Notes::new();
    let config = PapConfig::new(&url);
    let route = PapRoute::new(&config, Teller::new("ppg", tell), notes.clone()).unwrap();
    notes.fails.store(true, Ordering::Relaxed);
    let error = attempt(&route, &outgoing("one", b"\x02message", TO)).await.unwrap_err();
    assert!(matches!(error, SendError::Ledger { .. }) && error.next() == Next::Again, "{error}");
    notes.fails.store(false, Ordering::Relaxed);

    let flagged = b"\x01\x06\x05\xC2\xAF\x87\xB4\x81body";
    let error = attempt(&route, &outgoing("one", flagged, TO)).await.unwrap_err();
    assert!(matches!(error, SendError::PapMessage { .. }), "{error}");
    let error = attempt(&route, &outgoing("one", b"\x02", "udp://127.0.0.1")).await.unwrap_err();
    assert!(matches!(error, SendError::Address { transport: "PAP", .. }), "{error}");
    let ipv6 = outgoing("one", b"\x02", "WAPPUSH=2001:db8:1:2:3:4:5:6/TYPE=IPv6@ppg.example");
    let error = attempt(&route, &ipv6).await.unwrap_err();
    assert!(error.to_string().contains("PAP without `ipv6`"), "{error}");
    assert!(asked.try_recv().is_err(), "nothing came");
}

#[tokio::test]
async fn a_gateway_that_is_silent_or_gone_does_not_spoil_the_route() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (route, _told) = route(&format!("http://{}/pap", silent.local_addr().unwrap()));
    let mut slow = outgoing("one", b"\x02message", TO);
    slow.deadline = Instant::now() + Duration::from_millis(200);
    let error = attempt(&route, &slow).await.unwrap_err();
    assert!(matches!(error, SendError::Silent { .. }) && error.may_have_arrived(), "{error}");
    drop(silent);
    let error = attempt(&route, &outgoing("one", b"\x02message", TO)).await.unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error}");
}

fn results(state: Option<State>, code: u16) -> Results {
    let verdict = Verdict { code: Code::new(code).expect("a code"), text: String::new() };
    let word = Word { verdict, state, at: None, addresses: vec![TO.into()] };
    Results { push_id: push_id("one"), results: vec![word] }
}

#[tokio::test]
async fn a_sending_is_withdrawn() {
    let answer = |code| {
        let document = Document::CancelResponse(results(None, code));
        http("200 OK", &document.write().unwrap())
    };
    let (url, mut asked) = gateway(vec![answer(1000), answer(1001), answer(2008)]).await;
    let (route, mut told) = route(&url);
    let (id, to) = (PushId::new("one").unwrap(), TO.parse().unwrap());
    route.cancel(&id, &to).await.unwrap();
    let told_of = next(&mut told).await;
    assert_eq!((told_of.id.as_str(), told_of.receipt.says()), ("one", Says::Refused));
    let asked = asked.recv().await.unwrap();
    assert_eq!(asked.field("content-type"), Some("application/xml"));
    let Document::CancelMessage(selection) = pap::read(&asked.body).unwrap() else { panic!() };
    assert_eq!((selection.push_id(), selection.addresses.len()), (&*push_id("one"), 1));

    route.cancel(&id, &to).await.unwrap();
    assert!(told.try_recv().is_err(), "the gateway will see to it");
    let error = route.cancel(&id, &to).await.unwrap_err();
    assert!(error.to_string().contains("2008"), "{error}");
    assert!(told.try_recv().is_err(), "it may be on its way");
}

#[tokio::test]
async fn what_became_of_a_sending_is_asked_for() {
    let answer = |state, code| {
        let document = Document::StatusQueryResponse(results(state, code));
        http("200 OK", &document.write().unwrap())
    };
    let answers = [
        (Some(State::Delivered), 1000, Some(Says::Reached)),
        (Some(State::Expired), 3000, Some(Says::Expired)),
        (Some(State::Pending), 1001, Some(Says::HandedOver)),
        (Some(State::Unknown), 1000, None),
    ];
    let all = answers.iter().map(|(state, code, _)| answer(*state, *code));
    let (url, _asked) = gateway(all.chain([answer(None, 2004)]).collect()).await;
    let (route, mut told) = route(&url);
    let (id, to) = (PushId::new("one").unwrap(), TO.parse().unwrap());
    for (state, code, says) in answers {
        route.query(&id, &to).await.unwrap();
        let receipt = told.try_recv().ok().map(|told| told.receipt);
        assert_eq!(receipt.map(|receipt| receipt.says()), says, "{state:?}");
        if let Some(receipt) = receipt {
            assert_eq!(receipt.detail(), Detail::Pap { code });
        }
    }
    let error = route.query(&id, &to).await.unwrap_err();
    assert!(matches!(&error, SendError::Pap { code, .. } if code.number() == 2004), "{error}");
}

#[tokio::test]
async fn a_gateway_that_takes_ipv6_gets_it() {
    let (url, mut asked) = gateway(vec![response("", 1001)]).await;
    let config = PapConfig { ipv6: true, ..PapConfig::new(&url) };
    let (tell, _told) = mpsc::channel(1);
    let route = PapRoute::new(&config, Teller::new("ppg", tell), Notes::new()).unwrap();
    let to = "WAPPUSH=2001:db8:1:2:3:4:5:6/TYPE=IPv6@ppg.example";
    attempt(&route, &outgoing("one", b"\x02", to)).await.unwrap();
    assert!(String::from_utf8_lossy(&asked.recv().await.unwrap().body).contains(to));
}

#[test]
fn a_route_is_not_made_of_half_a_login() {
    let half = |user: Option<&str>, password: Option<Secret>| {
        let config = PapConfig {
            user: user.map(Into::into),
            password,
            ..PapConfig::new("http://127.0.0.1/pap")
        };
        config_fails(&config)
    };
    let absent = || Some(Secret::Env("MGRAM_NO_SUCH_VARIABLE".into()));
    assert!(matches!(half(Some("me"), None), SetupError::Key(_)));
    let config = PapConfig { push_id_domain: Some("a&b".into()), ..PapConfig::new("http://a/") };
    assert!(config_fails(&config).to_string().contains("push_id_domain"));
    assert!(matches!(half(None, absent()), SetupError::Key(_)));
    assert!(matches!(half(Some("me:you"), absent()), SetupError::Key(_)));
    assert!(matches!(half(Some("me"), absent()), SetupError::Secret { .. }));
}

fn config_fails(config: &PapConfig) -> SetupError {
    let (tell, _) = mpsc::channel(1);
    PapRoute::new(config, Teller::new("ppg", tell), Notes::new()).err().expect("an error")
}
