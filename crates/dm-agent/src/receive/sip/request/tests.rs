//! Requests of all kinds, and what is said to them.

use super::*;
use crate::config::Config;

const FROM: &str = "192.0.2.1:5060";

fn desk(lines: &str) -> Desk {
    let text = format!(
        "device_id = \"d\"\nstate = \"s\"\n[[sip]]\nurl = \"sip://h\"\nsecurity = \"none\"\n\
         danger_insecure = true\naor = \"sip:device1@push.example\"\n{lines}"
    );
    let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).unwrap();
    Desk::new(&config.sip[0], 7)
}

fn request(method: &str, fields: &str, body: &str) -> String {
    let typed = fields.contains("Content-Type") || fields.contains("c:");
    let typed = if typed { "" } else { "Content-Type: application/vnd.syncml.dm+wbxml\r\n" };
    let named =
        if fields.contains("From:") { "" } else { "From: <sip:server@push.example>;tag=1\r\n" };
    format!(
        "{method} sip:device1@198.51.100.9:5070 SIP/2.0\r\nVia: SIP/2.0/TCP p;branch=z9hG4bKx\r\n{named}\
         To: <sip:device1@push.example>\r\nCall-ID: c\r\nCSeq: 1 {method}\r\n{typed}{fields}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// The status that is said; "take" for what is to be kept.
fn said(desk: &mut Desk, text: &str) -> String {
    let message = Message::read(text.as_bytes()).unwrap();
    let verdict = desk.judge(&message, Instant::now());
    if let Verdict::Take(_) = verdict {
        return "take".into();
    }
    let answer = desk.answer(&message, FROM.parse().unwrap(), &verdict);
    let answer = answer.map(|octets| String::from_utf8(octets).unwrap());
    answer.map_or("silent".into(), |answer| answer[8..].lines().next().unwrap().into())
}

#[test]
fn what_can_be_a_message_is_taken_and_all_else_is_refused_for_what_it_is() {
    let mut desk = desk("");
    for (method, fields, body, expected) in [
        ("MESSAGE", "", "x", "take"),
        ("MESSAGE", "X-Wap-Application-Id: x-wap-application:syncml.dm\r\n", "x", "take"),
        ("MESSAGE", "X-Wap-Application-Id: x-wap-application:mms.ua\r\n", "x", TYPE),
        ("MESSAGE", "c: text/plain\r\n", "x", TYPE),
        ("MESSAGE", "Content-Encoding: gzip\r\n", "x", TYPE),
        ("MESSAGE", "", "", "400 Bad Request"),
        ("MESSAGE", "Require: 100rel\r\n", "x", EXTENSION),
        ("OPTIONS", "", "", "200 OK"),
        ("INVITE", "", "x", METHOD),
        ("NOTIFY", "", "", METHOD),
        ("message", "", "x", METHOD),
        ("ACK", "", "", "silent"),
    ] {
        assert_eq!(said(&mut desk, &request(method, fields, body)), expected, "{method} {fields}");
    }
    let other = request("MESSAGE", "", "x").replace("sip:device1@1", "sip:device2@1");
    assert_eq!(said(&mut desk, &other), "404 Not Found");
    let cut = request("MESSAGE", "", "x").replace("CSeq: 1 MESSAGE", "CSeq: 1 INVITE");
    assert_eq!(said(&mut desk, &cut), "400 Bad Request");
    let no_branch = request("MESSAGE", "", "x").replace(";branch=z9hG4bKx", "");
    assert_eq!(said(&mut desk, &no_branch), "400 Bad Request");
    let nowhere = request("MESSAGE", "", "x").replace("Via:", "X:");
    assert_eq!(said(&mut desk, &nowhere), "silent", "there is no way back");
}

#[test]
fn an_answer_says_what_is_allowed_and_accepted() {
    let desk = desk("");
    let text = request("OPTIONS", "Require: a\r\nRequire: b, c\r\n", "");
    let message = Message::read(text.as_bytes()).unwrap();
    let says = |verdict: Verdict| {
        let octets = desk.answer(&message, FROM.parse().unwrap(), &verdict).unwrap();
        String::from_utf8(octets).unwrap()
    };
    let options = says(Verdict::Done);
    assert!(
        options
            .contains("\r\nAllow: MESSAGE, OPTIONS\r\nAccept: application/vnd.syncml.dm+wbxml\r\n")
    );
    assert!(options.contains(">;tag=0000000000000007\r\n"), "{options}");
    let extension = says(Verdict::Refused(Refusal::Extension, ""));
    assert!(extension.contains("\r\nUnsupported: a\r\nUnsupported: b, c\r\n"), "{extension}");
    for later in [Refusal::Rate, Refusal::QueueFull, Refusal::NotKept] {
        assert!(says(Verdict::Refused(later, "")).contains("\r\nRetry-After: 10\r\n"));
    }
}

#[test]
fn r16_only_listed_senders_are_heard_and_nobody_can_borrow_their_name() {
    let from = |user: &str| format!("From: \"sip:server@push.example\" <sip:{user}>;tag=1\r\n");
    let asserted = |user: &str| format!("P-Asserted-Identity: <{user}>\r\n");
    let [good, evil] = ["server@push.example", "evil@push.example"];
    let mut by_from = desk("senders = [\"sip:server@push.example\", \"sip:other@push.example\"]");
    for (fields, expected) in [
        (from(good), "take"),
        (from("server@PUSH.example;x=y"), "take"),
        (from(evil), "403 Forbidden"),
        (from("Server@push.example"), "403 Forbidden"),
        (from(good) + &asserted("sip:evil@push.example"), "403 Forbidden"),
        (from(evil) + &asserted("sip:server@push.example"), "403 Forbidden"),
        (from(good) + &asserted("sips:other@push.example"), "take"),
        (from(good) + &asserted("tel:+15550100"), "403 Forbidden"),
        ("From: nonsense\r\n".into(), "400 Bad Request"),
    ] {
        assert_eq!(said(&mut by_from, &request("MESSAGE", &fields, "x")), expected, "{fields}");
    }
    let mut by_proxy = desk("identity = \"asserted\"\nsenders = [\"sip:server@push.example\"]");
    for (fields, expected) in [
        (from("anonymous@anonymous.invalid") + &asserted("sip:server@push.example"), "take"),
        (from(good), "403 Forbidden"),
        (from(good) + &asserted("sip:evil@push.example"), "403 Forbidden"),
        (from(good) + "P-Asserted-Identity: <tel:+1>, <sip:server@push.example>\r\n", "take"),
    ] {
        assert_eq!(said(&mut by_proxy, &request("MESSAGE", &fields, "x")), expected, "{fields}");
    }
    let long = from(&format!("{}@push.example", "a".repeat(256)));
    assert_eq!(said(&mut desk(""), &request("MESSAGE", &long, "x")), "400 Bad Request");
}

#[test]
fn a_repetition_is_known_for_as_long_as_it_may_come_and_another_body_is_none() {
    let mut desk = desk("");
    let now = Instant::now();
    let text = request("MESSAGE", "", "kept");
    let message = Message::read(text.as_bytes()).unwrap();
    let Verdict::Take(push) = desk.judge(&message, now) else { panic!("it is new") };
    assert!(matches!(desk.judge(&message, now), Verdict::Take(_)), "it was not kept yet");
    desk.remember(&push, now);
    let by_another_way = text.replace("z9hG4bKx", "z9hG4bKy");
    let again = Message::read(by_another_way.as_bytes()).unwrap();
    assert!(matches!(desk.judge(&again, now), Verdict::Done));
    let other = text.replace("kept", "lost");
    assert!(matches!(desk.judge(&Message::read(other.as_bytes()).unwrap(), now), Verdict::Take(_)));
    assert!(matches!(desk.judge(&message, now + REPEATED), Verdict::Take(_)));
    for number in 0..200 {
        desk.remember(&Push { sender: String::new(), key: [number; 32] }, now);
    }
    assert_eq!(desk.taken.len(), TAKEN);
}
