//! Long poll: `GET /devices/{id}/push?after=SEQ` with `Prefer: wait=50`. [RFC 7240]
//!
//! What a request asks for, and the fields of what it is answered. The device's end is in the agent.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use crate::{Error, ErrorKind};

/// The header field with the number of a message.
pub const SEQ_FIELD: &str = "push-seq";

/// What a device asks for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ask {
    /// Which device it says it is.
    pub device: String,
    /// It has all messages up to this one.
    pub after: u64,
}

impl Ask {
    /// Reads the target of a request. Parameters that are not known mean nothing.
    ///
    /// ```
    /// use dm_push::poll::Ask;
    /// let ask = Ask::read("/devices/urn:imei:004999010640000/push?after=41")?;
    /// assert_eq!((&*ask.device, ask.after), ("urn:imei:004999010640000", 41));
    /// assert_eq!(Ask::read("/devices/a%20b/push")?.device, "a b");
    /// # Ok::<(), dm_push::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::PollPath`] if nothing is asked for there, [`ErrorKind::PollAfter`] if the number is none.
    pub fn read(target: &str) -> Result<Self, Error> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let no_path = Error::new(ErrorKind::PollPath, 0);
        let device = path.strip_prefix(BEFORE).and_then(|rest| rest.strip_suffix(BEHIND));
        let device = device.filter(|device| !device.contains('/')).and_then(unescaped);
        let device = device.filter(|device| !device.is_empty()).ok_or(no_path)?;
        let mut after = None;
        let mut at = path.len() + 1;
        for parameter in query.split('&') {
            if let Some(number) = parameter.strip_prefix("after=") {
                let is_number = number.bytes().all(|octet| octet.is_ascii_digit());
                match number.parse().ok().filter(|_| is_number && after.is_none()) {
                    Some(number) => after = Some(number),
                    None => return Err(Error::new(ErrorKind::PollAfter, at)),
                }
            }
            at += parameter.len() + 1;
        }
        Ok(Self { device, after: after.unwrap_or(0) })
    }
}

/// For how long a request may be held back: the first `wait` of its `Prefer` fields. Without one it is
/// answered at once. [RFC 7240 §2, §4.3]
///
/// ```
/// use core::time::Duration;
/// use dm_push::poll::wait;
/// assert_eq!(wait(["return=minimal", "handling=lenient, wait=50"]), Duration::from_secs(50));
/// assert_eq!(wait(["respond-async"]), Duration::ZERO);
/// ```
#[must_use]
pub fn wait<'a>(fields: impl IntoIterator<Item = &'a str>) -> Duration {
    let preferences = fields.into_iter().flat_map(|field| field.split(','));
    let seconds = preferences.filter_map(|preference| {
        let (name, value) = preference.split(';').next()?.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"'))
    });
    // A number that is none is as if it were not there; a large one is cut by the server anyway.
    let seconds = seconds.take(1).find(|text| text.bytes().all(|octet| octet.is_ascii_digit()));
    let is_large = |text: &str| text.len() > 9;
    seconds.map_or(Duration::ZERO, |text| match is_large(text) {
        true => Duration::from_secs(u64::from(u32::MAX)),
        false => Duration::from_secs(text.parse().unwrap_or(0)),
    })
}

/// The text of a path segment; none if an escape in it is none, or it is no text.
fn unescaped(segment: &str) -> Option<String> {
    let (mut octets, mut rest) = (Vec::new(), segment.bytes());
    while let Some(octet) = rest.next() {
        octets.push(match octet {
            b'%' => {
                let mut digit = || char::from(rest.next()?).to_digit(16);
                u8::try_from(digit()? * 16 + digit()?).ok()?
            }
            octet => octet,
        });
    }
    String::from_utf8(octets).ok().filter(|text| !text.contains(char::is_control))
}

const BEFORE: &str = "/devices/";
const BEHIND: &str = "/push";

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(target: &str) -> ErrorKind {
        Ask::read(target).unwrap_err().kind
    }

    #[test]
    fn only_that_path_is_one_of_a_device() {
        for target in [
            "/",
            "/devices//push",
            "/devices/a",
            "/devices/a/b/push",
            "/devices/a/push/",
            "devices/a/push",
            "/devices/%4/push",
            "/devices/%zz/push",
            "/devices/%FF/push",
            "/devices/%0A/push",
            "*",
        ] {
            assert_eq!(kind(target), ErrorKind::PollPath, "{target}");
        }
        assert_eq!(Ask::read("/devices/a%2Fb/push").unwrap().device, "a/b");
    }

    #[test]
    fn the_number_is_one_and_stands_there_once() {
        for query in
            ["after=", "after=-1", "after=+1", "after=1&after=2", "after=18446744073709551616"]
        {
            let target = alloc::format!("/devices/a/push?{query}");
            assert_eq!(kind(&target), ErrorKind::PollAfter, "{target}");
        }
        let at = Ask::read("/devices/a/push?x=1&after=x").unwrap_err();
        assert_eq!(at.offset, 20);
        for (query, after) in
            [("", 0), ("?", 0), ("?x", 0), ("?y=2&after=18446744073709551615", u64::MAX)]
        {
            assert_eq!(Ask::read(&alloc::format!("/devices/a/push{query}")).unwrap().after, after);
        }
    }

    #[test]
    fn the_first_wait_counts() {
        for (field, seconds) in [
            ("wait=50", 50),
            ("Wait = \"7\"; foo", 7),
            ("wait=1, wait=2", 1),
            ("wait=x", 0),
            ("wait=", 0),
            ("wait", 0),
            ("waits=5", 0),
            ("wait=99999999999999999999", u64::from(u32::MAX)),
        ] {
            assert_eq!(wait([field]).as_secs(), seconds, "{field}");
        }
    }
}
