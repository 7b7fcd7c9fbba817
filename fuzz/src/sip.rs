//! SIP: what is read stands in the octets; an answer has one of each field and nothing of its own; a
//! stream is cut the same wherever its pieces end.

use dm_push::sip::digest::{Algorithm, Challenge, Credentials};
use dm_push::sip::{
    Address, Answer, Framed, Framer, HEAD_LIMIT, Message, Start, Uri, Via, answer, elements,
};

/// Octets of a body that streams may have here.
const LIMIT: usize = 256;

/// A message, and a stream that begins in pieces as long as the first octet says.
///
/// # Panics
/// When an error points outside, an answer has other fields than it should, a stream is cut
/// differently by other pieces or holds more than its limits, or a header is read from what has none.
pub fn check(octets: &[u8]) {
    match Message::read(octets) {
        Ok(message) => read(&message, octets),
        Err(error) => assert!(error.offset <= octets.len(), "{error}"),
    }
    let Some((piece, stream)) = octets.split_first() else { return };
    assert_eq!(cut(stream, usize::from(*piece).max(1)), cut(stream, stream.len().max(1)));
}

fn read(message: &Message<'_>, octets: &[u8]) {
    assert!(message.body.len() <= octets.len());
    for name in ["From", "To", "Contact", "P-Asserted-Identity"] {
        for value in message.fields(name).flat_map(elements) {
            if let Some(address) = Address::read(value) {
                assert!(value.contains(address.uri) && !address.uri.contains(char::is_whitespace));
                if let Some(uri) = Uri::read(address.uri) {
                    assert!(uri.is_same(&uri) && address.uri.contains(uri.host));
                }
            }
        }
    }
    if let Some(challenge) = Challenge::strongest(message.fields("WWW-Authenticate")) {
        let credentials = Credentials {
            method: "REGISTER",
            uri: "sip:h",
            user: "u",
            password: "secret",
            count: 1,
            cnonce: "c",
        };
        let value = challenge.authorization(credentials, |algorithm: Algorithm, _| {
            if algorithm == Algorithm::Md5 { "5".into() } else { "256".into() }
        });
        assert!(!value.contains("secret") && !value.contains("\n\n"));
    }
    let from = "[2001:db8::1]:5060".parse().expect("an address");
    let ok = Answer { status: "200 OK", tag: "t", fields: "" };
    let Some(written) = answer(message, from, ok) else { return };
    if written.len() > HEAD_LIMIT {
        return; // with what we add to a head that is full
    }
    let again = Message::read(&written).expect("our own answer");
    assert_eq!(again.start, Start::Response { status: 200, reason: "OK" });
    for once in ["From", "To", "Call-ID", "CSeq", "Content-Length"] {
        assert_eq!(again.fields(once).count(), 1, "{once}");
    }
    assert_eq!(again.fields("Via").count(), message.fields("Via").count());
    assert_eq!((again.cseq(), again.body), (message.cseq(), &b""[..]));
    let [theirs, ours] = [message, &again].map(|one| one.field("Via").and_then(Via::read));
    let (theirs, ours) = (theirs.expect("it was answered"), ours.expect("it was copied"));
    assert_eq!(theirs.branch(), ours.branch());
    assert_eq!(ours.received(), Some(from.ip()));
}

/// The messages of a stream that comes in such pieces, and whether it ended in an error.
fn cut(stream: &[u8], piece: usize) -> (Vec<Framed>, bool) {
    let (mut framer, mut found) = (Framer::new(LIMIT), Vec::new());
    for octets in stream.chunks(piece) {
        framer.extend(octets);
        loop {
            match framer.next() {
                Ok(Some(framed)) => {
                    if let Framed::Whole(octets) = &framed {
                        assert!(octets.len() <= HEAD_LIMIT + LIMIT);
                        assert!(Message::read(octets).is_ok());
                    }
                    found.push(framed);
                }
                Ok(None) => break,
                Err(_) => return (found, true),
            }
        }
    }
    (found, false)
}
