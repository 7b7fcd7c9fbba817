//! What is read, what is refused, and what is answered.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::net::SocketAddr;

use super::digest::{Algorithm, Challenge, Credentials};
use super::message::HEAD_LIMIT;
use super::{
    Address, Answer, Framed, Framer, Hop, Message, PushRequest, PushResponse, Start, Uri, Validity,
    Via, answer, branch, elements,
};
use crate::{Error, ErrorKind};

const REQUEST: &str = "MESSAGE sip:device1@192.0.2.7:5070;transport=tcp SIP/2.0\r\n\
    Via: SIP/2.0/TCP 192.0.2.1;rport;branch=z9hG4bK-2,SIP/2.0/UDP host:5;branch=z9hG4bK-1\r\n\
    v: SIP/2.0/UDP [::1]:9;branch=z9hG4bK-0\r\n\
    f: \"A <b>, \\\"c\\\"\" <sip:server@push.example;x=1>;tag=77\r\n\
    To: sip:device1@push.example\r\ni: a@b\r\nCSEQ : 7  MESSAGE\r\n\
    Subject: folded\r\n\tand on\r\nContent-Length: 3\r\n\r\nabc";

fn error(octets: &[u8]) -> (ErrorKind, usize) {
    let error = Message::read(octets).unwrap_err();
    (error.kind, error.offset)
}

#[test]
fn a_request_is_read_with_compact_folded_and_repeated_fields() {
    let message = Message::read(REQUEST.as_bytes()).unwrap();
    let uri = "sip:device1@192.0.2.7:5070;transport=tcp";
    assert_eq!(message.start, Start::Request { method: "MESSAGE", uri });
    assert_eq!((message.body, message.cseq()), (&b"abc"[..], Some((7, "MESSAGE"))));
    assert_eq!(message.field("subject"), Some("folded\r\n\tand on"));
    assert_eq!(message.fields("Via").count(), 2);
    let from = Address::read(message.field("From").unwrap()).unwrap();
    assert_eq!((from.uri, from.parameter("tag")), ("sip:server@push.example;x=1", Some("77")));
    let to = Address::read(message.field("To").unwrap()).unwrap();
    assert_eq!((to.uri, to.parameter("tag")), ("sip:device1@push.example", None));
}

#[test]
fn a_response_is_read_and_its_body_ends_where_it_says() {
    let octets = b"SIP/2.0 401 Not yet\r\nl: 2\r\n\r\nabc";
    let message = Message::read(octets).unwrap();
    assert_eq!(message.start, Start::Response { status: 401, reason: "Not yet" });
    assert_eq!(message.body, b"ab");
    assert_eq!(Message::read(b"SIP/2.0 200\r\n\r\nabc").unwrap().body, b"abc");
}

#[test]
fn what_is_cut_is_told_with_what_is_missing() {
    for length in 0..REQUEST.len() {
        let (kind, _) = error(&REQUEST.as_bytes()[..length]);
        assert!(matches!(kind, ErrorKind::Truncated { .. }), "{length}: {kind}");
    }
    let (head, _) = REQUEST.split_at(REQUEST.len() - 2);
    assert_eq!(error(head.as_bytes()), (ErrorKind::Truncated { missing: 2 }, head.len() - 1));
    let huge = b"SIP/2.0 200 OK\r\nl: 18446744073709551615\r\n\r\n";
    assert!(matches!(error(huge).0, ErrorKind::Truncated { .. }));
}

#[test]
fn what_is_no_message_is_refused_at_its_octet() {
    for (text, kind, offset) in [
        ("HELLO\r\n\r\n", ErrorKind::SipStartLine, 0),
        ("MESSAGE sip:a SIP/3.0\r\n\r\n", ErrorKind::SipStartLine, 0),
        ("MESSAGE  SIP/2.0\r\n\r\n", ErrorKind::SipStartLine, 0),
        ("SIP/2.0 0200 OK\r\n\r\n", ErrorKind::SipStartLine, 0),
        ("SIP/2.0 700 OK\r\n\r\n", ErrorKind::SipStartLine, 0),
        ("SIP/2.0 200 OK\r\n folded\r\n\r\n", ErrorKind::SipField, 16),
        ("SIP/2.0 200 OK\r\na: b\r\nno colon\r\n\r\n", ErrorKind::SipField, 22),
        ("SIP/2.0 200 OK\r\na\nb: c\r\n\r\n", ErrorKind::NotText { octet: b'\n' }, 17),
        ("SIP/2.0 200 OK\r\na: \rb\r\n\r\n", ErrorKind::NotText { octet: b'b' }, 20),
        ("SIP/2.0 200 OK\r\na: \0\r\n\r\n", ErrorKind::NotText { octet: 0 }, 19),
        ("SIP/2.0 200 OK\r\nl: 1\r\nl: 1\r\n\r\nx", ErrorKind::SipLength, 0),
        ("SIP/2.0 200 OK\r\nl: +1\r\n\r\nx", ErrorKind::SipLength, 0),
        ("SIP/2.0 200 OK\r\nl: 99999999999999999999\r\n\r\nx", ErrorKind::SipLength, 0),
    ] {
        assert_eq!(error(text.as_bytes()), (kind, offset), "{text:?}");
    }
    assert_eq!(error(b"SIP/2.0 200 \xFF\r\n\r\n"), (ErrorKind::SipText, 12));
}

#[test]
fn a_head_has_a_limit_of_octets_and_of_fields() {
    let many = format!("SIP/2.0 200 OK\r\n{}\r\n", "a: b\r\n".repeat(129));
    assert_eq!(error(many.as_bytes()).0, ErrorKind::TooMany { limit: 128 });
    assert!(Message::read(many.replacen("a: b\r\n", "", 1).as_bytes()).is_ok());
    let long = |spaces| format!("SIP/2.0 200 OK\r\na: {}\r\n\r\n", "x".repeat(spaces));
    let fixed = long(0).len();
    assert!(Message::read(long(HEAD_LIMIT - fixed).as_bytes()).is_ok());
    let too_long = long(HEAD_LIMIT - fixed + 1);
    let kind = ErrorKind::SipHeadTooLong { limit: HEAD_LIMIT };
    assert_eq!(error(too_long.as_bytes()), (kind, HEAD_LIMIT));
}

#[test]
fn a_stream_is_cut_wherever_its_pieces_end() {
    let stream = format!("\r\n\r\n{REQUEST}\r\n{REQUEST}");
    for piece in [1, 2, 3, 7, 100, 9999] {
        let (mut framer, mut found) = (Framer::new(3), Vec::new());
        for octets in stream.as_bytes().chunks(piece) {
            framer.extend(octets);
            while let Some(framed) = framer.next().unwrap() {
                found.push(framed);
            }
        }
        assert_eq!(found, vec![Framed::Whole(REQUEST.into()); 2], "{piece}");
        assert!(!framer.is_within());
    }
}

#[test]
fn a_body_above_the_limit_is_passed_over_and_never_held() {
    let head = "SIP/2.0 200 OK\r\nl: 1000000\r\n\r\n";
    let mut framer = Framer::new(3);
    framer.extend(head.as_bytes());
    framer.extend(&[b'x'; 10]);
    assert_eq!(framer.next(), Ok(Some(Framed::TooLarge(head.into()))));
    for _ in 0..9_999 {
        framer.extend(&[b'x'; 100]);
        assert_eq!(framer.next(), Ok(None));
        assert!(framer.is_within());
    }
    framer.extend(format!("{}{REQUEST}", "x".repeat(90)).as_bytes());
    assert_eq!(framer.next(), Ok(Some(Framed::Whole(REQUEST.into()))));
}

#[test]
fn a_stream_that_nobody_can_follow_is_an_error() {
    let fails = |octets: &[u8]| {
        let mut framer = Framer::new(9);
        framer.extend(octets);
        framer.next().unwrap_err().kind
    };
    assert_eq!(fails(b"SIP/2.0 200 OK\r\n\r\n"), ErrorKind::SipLength);
    assert_eq!(fails(b"nonsense\r\nl: 0\r\n\r\n"), ErrorKind::SipStartLine);
    assert_eq!(fails(&[b'x'; HEAD_LIMIT]), ErrorKind::SipHeadTooLong { limit: HEAD_LIMIT });
}

#[test]
fn addresses_vias_and_lists_are_read() {
    let list = "\"a, b\" <sip:a@b;x=\",\">;q=1 , <tel:+1>,, sip:c@d;tag=\"x;y\"";
    let found: Vec<_> = elements(list).map(|part| Address::read(part).unwrap().uri).collect();
    assert_eq!(found, ["sip:a@b;x=\",\"", "tel:+1", "sip:c@d"]);
    for wrong in ["", "<>", "<sip:a", "a b", "\"x\"", "<sip:a b>", "nothing"] {
        assert_eq!(Address::read(wrong), None, "{wrong}");
    }
    let via = Via::read("SIP/2.0/UDP h:7;received=::1;rport;branch=b, SIP/2.0/TCP x").unwrap();
    assert_eq!((via.sent_by, via.branch(), via.rport()), ("h:7", Some("b"), Some(0)));
    assert_eq!((via.received(), via.port()), ("::1".parse().ok(), Some(7)));
    let via = Via::read("SIP / 2.0 / TLS [::1];rport=70000;received=x");
    assert_eq!(via, None, "no blanks in it");
    for open in ["SIP/2.0/UDP h;x=\"", "SIP/2.0/UDP h;x=<;branch=b", "SIP/2.0/UDP h;x=\"\\\""] {
        assert_eq!(Via::read(open), None, "{open}");
    }
    assert_eq!(Address::read("sip:a@b;x=\"y"), None);
    let via = Via::read("SIP/2.0/TLS [::1];rport=70000;received=x").unwrap();
    assert_eq!((via.rport(), via.received(), via.port(), via.branch()), (None, None, None, None));
}

#[test]
fn uris_are_the_same_whatever_their_parameters() {
    let uri = Uri::read("sip:u:p@[::1]:5;x?y=1").unwrap();
    assert_eq!((uri.user, uri.host, uri.port), (Some("u"), "[::1]", Some(5)));
    assert_eq!(Uri::read("sips:push.example").unwrap().user, None);
    for wrong in ["tel:+1", "sip:", "sip:@h", "sip:a@", "sip:a@b@c", "sip:a@h:x", "sip:a@[::1", "x"]
    {
        assert_eq!(Uri::read(wrong), None, "{wrong}");
    }
}

#[test]
fn an_answer_copies_what_it_must_and_says_whence_the_request_came() {
    let message = Message::read(REQUEST.as_bytes()).unwrap();
    let from: SocketAddr = "198.51.100.1:4711".parse().unwrap();
    let ok = Answer { status: "200 OK", tag: "t1", fields: "Allow: MESSAGE\r\n" };
    let text = String::from_utf8(answer(&message, from, ok).unwrap()).unwrap();
    assert_eq!(
        text,
        "SIP/2.0 200 OK\r\n\
         Via: SIP/2.0/TCP 192.0.2.1;rport=4711;branch=z9hG4bK-2;received=198.51.100.1,\
         SIP/2.0/UDP host:5;branch=z9hG4bK-1\r\n\
         Via: SIP/2.0/UDP [::1]:9;branch=z9hG4bK-0\r\n\
         From: \"A <b>, \\\"c\\\"\" <sip:server@push.example;x=1>;tag=77\r\n\
         To: sip:device1@push.example;tag=t1\r\nCall-ID: a@b\r\nCSeq: 7  MESSAGE\r\n\
         Allow: MESSAGE\r\nContent-Length: 0\r\n\r\n"
    );
    let tagged = REQUEST.replace("To: sip:device1@push.example", "To: <sip:d@e>;tag=old");
    let tagged = answer(&Message::read(tagged.as_bytes()).unwrap(), from, ok).unwrap();
    assert!(String::from_utf8(tagged).unwrap().contains("To: <sip:d@e>;tag=old\r\n"));
    for field in ["f: ", "To: ", "i: ", "CSEQ : "] {
        let without = REQUEST.replace(field, "X-Other: ");
        assert!(answer(&Message::read(without.as_bytes()).unwrap(), from, ok).is_none(), "{field}");
    }
    let without = REQUEST.replace("Via: ", "x: ").replace("v: ", "x: ");
    assert!(answer(&Message::read(without.as_bytes()).unwrap(), from, ok).is_none());
}

/// The hash of RFC 7616's examples is `dm-crypto`'s to compute; here it shows what is hashed.
fn shown(_: Algorithm, octets: &[u8]) -> String {
    format!("({})", String::from_utf8_lossy(octets))
}

#[test]
fn the_strongest_challenge_that_can_be_answered_is() {
    let md5 = "Digest realm=\"a, b\", nonce=\"n\", qop=\"auth-int,auth\", opaque=\"o\", stale=TRUE";
    let sha256 = "digest algorithm=SHA-256, realm=\"r\",nonce=\"m\",qop=\"auth\"";
    let others = [
        "Basic realm=\"r\"",
        "Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256",
        "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
        "Digest realm=\"r",
        "Digest nonce=\"n\"",
    ];
    let strongest = |values: &[&'static str]| Challenge::strongest(values.iter().copied());
    assert_eq!(strongest(&others), None);
    assert_eq!(strongest(&[sha256, md5]).unwrap().algorithm, Algorithm::Sha256);
    let challenge = strongest(&[others[0], md5, others[1]]).unwrap();
    assert!(challenge.stale && challenge.algorithm == Algorithm::Md5);
    let credentials = Credentials {
        method: "REGISTER",
        uri: "sip:h",
        user: "u",
        password: "p",
        count: 17,
        cnonce: "c",
    };
    assert_eq!(
        challenge.authorization(credentials, shown),
        "Digest username=\"u\", realm=\"a, b\", nonce=\"n\", uri=\"sip:h\", \
         response=\"((u:a, b:p):n:00000011:c:auth:(REGISTER:sip:h))\", algorithm=MD5, qop=auth, \
         nc=00000011, cnonce=\"c\", opaque=\"o\""
    );
    let old = strongest(&["Digest realm=\"r\", nonce=\"n\""]).unwrap();
    let value = old.authorization(credentials, shown);
    assert!(value.contains("response=\"((u:r:p):n:(REGISTER:sip:h))\", algorithm=MD5"), "{value}");
    assert!(!value.contains("qop"), "{value}");
}

#[test]
fn octets_changed_one_by_one_never_become_fields_of_an_answer() {
    let from: SocketAddr = "[::1]:1".parse().unwrap();
    let ok = Answer { status: "200 OK", tag: "t", fields: "" };
    for at in 0..REQUEST.len() {
        for octet in [0, b'\r', b'\n', b' ', b'"', b'<', b';', b',', 0xFF] {
            let mut changed = REQUEST.as_bytes().to_vec();
            changed[at] = octet;
            let message = match Message::read(&changed) {
                Ok(message) => message,
                Err(Error { offset, .. }) => {
                    assert!(offset <= changed.len());
                    continue;
                }
            };
            let Some(octets) = answer(&message, from, ok) else { continue };
            let answer = Message::read(&octets).unwrap();
            assert_eq!(answer.start, Start::Response { status: 200, reason: "OK" });
            for once in ["From", "To", "Call-ID", "CSeq", "Content-Length"] {
                assert_eq!(answer.fields(once).count(), 1, "{}", String::from_utf8_lossy(&octets));
            }
            assert_eq!(answer.fields("Via").count(), message.fields("Via").count());
            assert_eq!(answer.fields("Subject").count(), 0);
        }
    }
}

const PUSH: PushRequest<'_> = PushRequest {
    uri: "sip:device1@push.example",
    from: "sip:server@push.example",
    tag: "t",
    call_id: "id",
    accept_contact: &[],
    validity: None,
    body: b"\x02m",
};

fn hop<'a>(branch: &'a str, answers: &'a str) -> Hop<'a> {
    let local = SocketAddr::from(([192, 0, 2, 1], 5070));
    Hop { transport: "TCP", local, branch, sequence: 3, answers }
}

#[test]
fn a_push_is_one_message_request_with_what_was_configured() {
    let octets = PUSH.write(hop("z9hG4bKb", ""));
    assert_eq!(
        String::from_utf8(octets).unwrap(),
        "MESSAGE sip:device1@push.example SIP/2.0\r\n\
         Via: SIP/2.0/TCP 192.0.2.1:5070;rport;branch=z9hG4bKb\r\nMax-Forwards: 70\r\n\
         From: <sip:server@push.example>;tag=t\r\nTo: <sip:device1@push.example>\r\n\
         Call-ID: id\r\nCSeq: 3 MESSAGE\r\nContent-Type: application/vnd.syncml.dm+wbxml\r\n\
         Content-Length: 2\r\n\r\n\x02m"
    );
    let accept_contact = ["*;+g.oma.pusheventapp=\"syncml.dm\"".to_owned()];
    let validity = Some(Validity { date: 1_289_690_940, expires: 60 });
    let full = PushRequest { accept_contact: &accept_contact, validity, ..PUSH };
    let octets = full.write(hop("z9hG4bKb", "Authorization: x\r\n"));
    let message = Message::read(&octets).unwrap();
    assert_eq!(message.field("Accept-Contact"), Some("*;+g.oma.pusheventapp=\"syncml.dm\""));
    assert_eq!(message.field("Date"), Some("Sat, 13 Nov 2010 23:29:00 GMT"));
    assert_eq!(message.field("Expires"), Some("60"));
    assert_eq!(message.field("Authorization"), Some("x"));
}

#[test]
fn a_response_is_known_by_the_transaction_that_it_answers() {
    let octets = PUSH.write(hop(&branch("chance", 255), ""));
    let request = Message::read(&octets).unwrap();
    let from = SocketAddr::from(([192, 0, 2, 1], 9));
    let said = |status, fields| {
        let octets = answer(&request, from, Answer { status, tag: "x", fields }).unwrap();
        String::from_utf8(octets).unwrap()
    };
    let busy = said("503 Busy", "Retry-After: 120 (no, wait)\r\n");
    let read = |text: &str| {
        let message = Message::read(text.as_bytes()).unwrap();
        PushResponse::read(&message).map(|it| (it.status, it.branch.to_owned(), it.retry_after))
    };
    assert_eq!(read(&busy), Some((503, "z9hG4bKchance.ff".to_owned(), Some(120))));
    let long = busy.replace("120 (", "99999999999999999999;duration=7 (");
    assert_eq!(read(&long).unwrap().2, None, "a number that nobody can mean");
    assert_eq!(read(&busy.replace("120", "soon")).unwrap().2, None);
    for (one, other) in [
        ("CSeq: 3 MESSAGE", "CSeq: 3 INVITE"),
        (";branch=z9hG4bKchance.ff", ""),
        ("SIP/2.0/TCP", "SIP/2.0/UDP other;branch=z9hG4bKx, SIP/2.0/TCP"),
    ] {
        assert_eq!(read(&busy.replacen(one, other, 1)), None, "{other}");
    }
    assert_eq!(PushResponse::read(&request), None);
    let digest = "Digest realm=\"r\", nonce=\"n\"";
    let both = format!("WWW-Authenticate: {digest}\r\nProxy-Authenticate: Basic realm=\"r\"\r\n");
    for (status, is_answerable) in [("401 Who", true), ("407 Who", false), ("403 No", false)] {
        let text = said(status, &both);
        let message = Message::read(text.as_bytes()).unwrap();
        assert_eq!(PushResponse::read(&message).unwrap().challenge.is_some(), is_answerable);
    }
}
