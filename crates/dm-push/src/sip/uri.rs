//! URIs of users: `sip:USER@HOST:PORT`. [RFC 3261 §19.1]

use super::message::decimal;

/// A SIP or SIPS URI, as far as it says who is meant.
///
/// ```
/// use dm_push::sip::Uri;
/// let one = Uri::read("sip:server@Push.Example;transport=tcp").unwrap();
/// assert!(one.is_same(&Uri::read("sips:server@push.example").unwrap()));
/// assert!(!one.is_same(&Uri::read("sip:Server@push.example").unwrap()));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Uri<'a> {
    /// The user, if there is one; escapes stay as they are.
    pub user: Option<&'a str>,
    /// The host, a name or an address; of IPv6 with its brackets.
    pub host: &'a str,
    /// The port, if there is one.
    pub port: Option<u16>,
}

impl<'a> Uri<'a> {
    /// Reads one; its parameters are passed over. `None` for those of other schemes, too.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.split_once(':')?;
        if !["sip", "sips"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return None;
        }
        let (user, rest) = match rest.split_once('@') {
            Some((user, rest)) => (Some(user.split_once(':').map_or(user, |(user, _)| user)), rest),
            None => (None, rest),
        };
        let place = &rest[..rest.find([';', '?']).unwrap_or(rest.len())];
        let after = if place.starts_with('[') { place.find(']')? } else { 0 };
        let (host, port) = match place[after..].find(':') {
            Some(colon) => {
                let (host, port) = place.split_at(after + colon);
                (host, Some(decimal(&port[1..])?.try_into().ok()?))
            }
            None => (place, None),
        };
        let is_host = |octet: u8| octet.is_ascii_alphanumeric() || b"-._[]:".contains(&octet);
        let is_one = !host.is_empty() && host.bytes().all(is_host) && user != Some("");
        is_one.then_some(Self { user, host, port })
    }

    /// Whether both name the same user of the same host. With TLS or without makes no difference.
    #[must_use]
    pub fn is_same(&self, other: &Uri<'_>) -> bool {
        self.user == other.user
            && self.host.eq_ignore_ascii_case(other.host)
            && self.port == other.port
    }
}
