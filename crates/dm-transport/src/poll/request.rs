//! One request of HTTP/1.1, and how it is answered. [RFC 9110, RFC 9112]
//!
//! Nothing but `GET` without a body is taken here, so that what two readers could understand
//! differently, the length of a body, does not occur.

use std::time::{Duration, SystemTime};

use dm_push::poll::{self, Ask};
use dm_push::{APPLICATION_ID, ErrorKind, http_push, media_type};
use zeroize::Zeroizing;

use super::store::Message;

/// What is asked for.
#[derive(Debug)]
pub(super) struct Request {
    pub ask: Ask,
    pub wait: Duration,
    /// Of `Authorization: Bearer`.
    pub token: Option<Zeroizing<String>>,
    /// Whether another request may follow on this connection.
    pub goes_on: bool,
}

/// An answer that gives nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    NoContent,
    BadRequest(&'static str),
    Unauthorized,
    Forbidden,
    NotFound,
    Method,
    TooLarge,
    Unavailable,
    Version,
}

/// How many octets of these are the head of a request, once all of it is there.
pub(super) fn end_of_head(octets: &[u8]) -> Option<usize> {
    octets.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

impl Request {
    /// Reads the head of a request.
    pub fn read(head: &[u8]) -> Result<Self, Answer> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut request = httparse::Request::new(&mut fields);
        match request.parse(head) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Answer::BadRequest("no request")),
            Err(httparse::Error::TooManyHeaders) => return Err(Answer::TooLarge),
            Err(httparse::Error::Version) => return Err(Answer::Version),
            Err(_) => return Err(Answer::BadRequest("no request of HTTP/1.1")),
        }
        let is_current = request.version == Some(1);
        let all = |name: &'static str| {
            let wanted = move |field: &&httparse::Header<'_>| field.name.eq_ignore_ascii_case(name);
            request.headers.iter().filter(wanted).map(|field| field.value)
        };
        let text = |name| all(name).filter_map(|value| std::str::from_utf8(value).ok());
        if all("host").count() != 1 && is_current {
            return Err(Answer::BadRequest("one Host is needed"));
        }
        let has_body = all("transfer-encoding").count() > 0
            || all("content-length").any(|length| length.trim_ascii() != b"0");
        if has_body {
            return Err(Answer::BadRequest("no body is taken here"));
        }
        if request.method != Some("GET") {
            return Err(Answer::Method);
        }
        let ask = Ask::read(request.path.unwrap_or_default());
        let ask = ask.map_err(|error| match error.kind {
            ErrorKind::PollAfter => Answer::BadRequest("`after` is no number"),
            _ => Answer::NotFound,
        })?;
        if all("authorization").count() > 1 {
            return Err(Answer::BadRequest("more than one Authorization"));
        }
        let bearer = text("authorization").next().and_then(|value| {
            let (scheme, token) = value.trim().split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_start().to_owned().into())
        });
        let wish = |word: &str| {
            let options = text("connection").flat_map(|value| value.split(','));
            options.map(str::trim).any(|option| option.eq_ignore_ascii_case(word))
        };
        let goes_on = !wish("close") && (is_current || wish("keep-alive"));
        Ok(Self { ask, wait: poll::wait(text("prefer")), token: bearer, goes_on })
    }
}

impl Answer {
    /// The octets.
    pub fn write(self, goes_on: bool) -> Vec<u8> {
        let (status, field, why) = match self {
            Self::NoContent => ("204 No Content", "cache-control: no-store\r\n", ""),
            Self::BadRequest(why) => ("400 Bad Request", "", why),
            Self::Unauthorized => ("401 Unauthorized", "www-authenticate: Bearer\r\n", ""),
            Self::Forbidden => ("403 Forbidden", "", ""),
            Self::NotFound => ("404 Not Found", "", ""),
            Self::Method => ("405 Method Not Allowed", "allow: GET\r\n", ""),
            Self::TooLarge => ("431 Request Header Fields Too Large", "", ""),
            Self::Unavailable => ("503 Service Unavailable", "retry-after: 10\r\n", ""),
            Self::Version => ("505 HTTP Version Not Supported", "", ""),
        };
        let mut head = head(status, goes_on);
        head.push_str(field);
        // 204 has no length. [RFC 9110 §8.6]
        if self != Self::NoContent {
            head.push_str(&format!(
                "content-type: text/plain\r\ncontent-length: {}\r\n",
                why.len()
            ));
        }
        (head + "\r\n" + why).into_bytes()
    }
}

/// The octets of an answer that gives a message.
pub(super) fn give(message: &Message, goes_on: bool) -> Vec<u8> {
    let mut head = head("200 OK", goes_on);
    head.push_str(&format!(
        "content-type: {}\r\n{}: {APPLICATION_ID}\r\n{}: {}\r\ncache-control: no-store\r\n\
         content-length: {}\r\n\r\n",
        media_type::DM_WBXML,
        http_push::APPLICATION_ID_FIELD,
        poll::SEQ_FIELD,
        message.seq,
        message.octets.len()
    ));
    [head.as_bytes(), &message.octets].concat()
}

fn head(status: &str, goes_on: bool) -> String {
    let date = httpdate::HttpDate::from(SystemTime::now());
    let close = if goes_on { "" } else { "connection: close\r\n" };
    format!("HTTP/1.1 {status}\r\ndate: {date}\r\n{close}")
}

/// Header fields of a request, at most.
const FIELDS: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &str) -> Result<Request, Answer> {
        Request::read(format!("GET /devices/a/push?after=4 HTTP/1.1\r\n{fields}\r\n").as_bytes())
    }

    #[test]
    fn a_request_says_who_after_what_and_how_long() {
        let request = read(
            "host: s\r\nPrefer: respond-async\r\nprefer: wait=50\r\nAuthorization: bearer  t=\r\n",
        );
        let request = request.unwrap();
        assert_eq!((&*request.ask.device, request.ask.after, request.wait.as_secs()), ("a", 4, 50));
        assert_eq!((request.token.unwrap().as_str(), request.goes_on), ("t=", true));
        let request = read("host: s\r\nconnection: foo, Close\r\nauthorization: Basic YTpi\r\n");
        let request = request.unwrap();
        assert!(!request.goes_on && request.token.is_none() && request.wait.is_zero());
    }

    #[test]
    fn what_could_be_understood_in_two_ways_is_refused() {
        for fields in [
            "",
            "host: a\r\nhost: b\r\n",
            "host: a\r\ncontent-length: 5\r\n",
            "host: a\r\ncontent-length: 0\r\ncontent-length: 5\r\n",
            "host: a\r\ntransfer-encoding: chunked\r\n",
            "host: a\r\nauthorization: Bearer a\r\nauthorization: Bearer b\r\n",
            "host: a\r\n continued: a\r\n",
            "host : a\r\n",
        ] {
            assert!(matches!(read(fields), Err(Answer::BadRequest(_))), "{fields:?}");
        }
        assert!(read("host: a\r\ncontent-length: 0\r\n").is_ok());
    }

    #[test]
    fn other_methods_versions_and_places_have_answers_of_their_own() {
        let read =
            |line: &str| Request::read(format!("{line}\r\nhost: a\r\n\r\n").as_bytes()).err();
        assert_eq!(read("POST /devices/a/push HTTP/1.1"), Some(Answer::Method));
        assert_eq!(read("GET /devices/a HTTP/1.1"), Some(Answer::NotFound));
        assert_eq!(read("GET /devices/a/push HTTP/3.0"), Some(Answer::Version));
        assert!(matches!(
            read("GET /devices/a/push?after=x HTTP/1.1"),
            Some(Answer::BadRequest(_))
        ));
        assert!(matches!(read("hello"), Some(Answer::BadRequest(_))));
        let many = "x: y\r\n".repeat(FIELDS + 1);
        let request = format!("GET /devices/a/push HTTP/1.1\r\n{many}\r\n");
        assert_eq!(Request::read(request.as_bytes()).err(), Some(Answer::TooLarge));
    }
}
