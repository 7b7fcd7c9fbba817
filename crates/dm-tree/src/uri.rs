//! `Uri`: where a node stands. [TND 1.2 §7.1]

use alloc::borrow::{Borrow, Cow};
use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Bound;

use crate::UriError;

/// The absolute, normalized URI of a node: `.` or `./A/B`.
///
/// Names are percent-decoded once and compared decoded. A name that would have to be escaped
/// again (`/`, `?`, `#`, `%`, white space, control characters) is refused, so the text of a `Uri`
/// parses to itself and no reader can decode it twice. A copy is the same memory.
///
/// ```
/// use dm_tree::Uri;
/// let uri = Uri::parse("Vendor/%41pp")?;
/// assert_eq!(uri.as_str(), "./Vendor/App");
/// assert_eq!(uri, Uri::parse("/Vendor/App")?);
/// assert_eq!(uri.name(), "App");
/// assert_eq!(uri.parent(), Some(Uri::parse("./Vendor")?));
/// assert!(Uri::parse("./Vendor/../DMAcc").is_err());
/// # Ok::<(), dm_tree::UriError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uri(Arc<str>);

impl Uri {
    /// The root, `.`.
    #[must_use]
    pub fn root() -> Self {
        Self(".".into())
    }

    /// The drop point for management objects, `./Inbox`. [STD 1.2 §7.1.3.4]
    #[must_use]
    pub fn inbox() -> Self {
        Self(INBOX.into())
    }

    /// Reads `.`, `./A/B`, `/A/B` or `A/B`.
    ///
    /// # Errors
    /// [`UriError`] when a segment is empty (so also behind a trailing slash), is `.` or `..`,
    /// has a malformed escape, or holds a character that no name may hold.
    pub fn parse(text: &str) -> Result<Self, UriError> {
        if text == "." {
            return Ok(Self::root());
        }
        let whole = text.strip_prefix("./");
        if whole.is_some_and(are_plain) {
            return Ok(Self(text.into()));
        }
        let names = whole.or_else(|| text.strip_prefix('/')).unwrap_or(text);
        let mut uri = String::with_capacity(names.len() + 2);
        uri.push('.');
        for name in names.split('/') {
            uri.push('/');
            uri.push_str(&segment(name)?);
        }
        Ok(Self(uri.into()))
    }

    /// The child of this name; the name is percent-decoded once, as in [`Uri::parse`].
    ///
    /// # Errors
    /// [`UriError`] when it is no name.
    pub fn join(&self, name: &str) -> Result<Self, UriError> {
        self.join_in(name, &mut String::with_capacity(self.0.len() + name.len() + 1))
    }

    /// The same, put together in memory that is used again and again.
    pub(crate) fn join_in(&self, name: &str, room: &mut String) -> Result<Self, UriError> {
        let is_plain = are_plain(name) && !name.contains('/');
        let name = if is_plain { Cow::Borrowed(name) } else { segment(name)? };
        room.clear();
        room.push_str(&self.0);
        room.push('/');
        room.push_str(&name);
        Ok(Self(room.as_str().into()))
    }

    /// Whether both are one piece of memory. Equal ones need not be.
    #[inline]
    pub(crate) fn is_shared_with(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The text: `.` or `./A/B`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last segment; `.` for the root.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0[last_slash(&self.0).map_or(0, |at| at + 1)..]
    }

    /// Whether this is the last segment.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        self.0.strip_suffix(name).is_some_and(|above| above.ends_with('/'))
    }

    /// The node above; none above the root.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        last_slash(&self.0).map(|at| Self(self.0[..at].into()))
    }

    /// The text of the node above; none above the root.
    pub(crate) fn parent_text(&self) -> Option<&str> {
        last_slash(&self.0).map(|at| &self.0[..at])
    }

    /// Whether the node is the drop point for management objects, or below it.
    pub(crate) fn is_in_inbox(&self) -> bool {
        self.is_below_inbox() || &*self.0 == INBOX
    }

    /// Whether the node is below the drop point for management objects.
    pub(crate) fn is_below_inbox(&self) -> bool {
        self.0.as_bytes().get(INBOX.len()) == Some(&b'/') && self.0.starts_with(INBOX)
    }

    /// Whether an `E` is in it, as is in nearly none: all of it at a glance, eight octets at once and
    /// the last eight for a second time. Short ones are not looked at.
    pub(crate) fn has_capital_e(&self) -> bool {
        const ONES: u64 = u64::from_le_bytes([1; 8]);
        let has = |eight: [u8; 8]| {
            let octets = u64::from_le_bytes(eight) ^ (ONES * u64::from(b'E'));
            octets.wrapping_sub(ONES) & !octets & ONES << 7
        };
        let octets = self.0.as_bytes();
        octets.last_chunk().is_none_or(|last| {
            octets.as_chunks().0.iter().fold(has(*last), |found, &eight| found | has(eight)) != 0
        })
    }

    /// Whether this is the root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        &*self.0 == "."
    }

    /// Whether the node is strictly below `other`: a child, a grandchild, and so on.
    ///
    /// ```
    /// use dm_tree::Uri;
    /// let (a, ab) = (Uri::parse("./A")?, Uri::parse("./AB")?);
    /// assert!(!ab.is_below(&a) && !a.is_below(&a));
    /// assert!(a.join("B")?.is_below(&a) && a.is_below(&Uri::root()));
    /// # Ok::<(), dm_tree::UriError>(())
    /// ```
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.0.strip_prefix(&*other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The texts of this URI and of all nodes above it, upwards to the root.
    pub fn ancestors(&self) -> impl Iterator<Item = &str> {
        core::iter::successors(Some(self.as_str()), |uri| last_slash(uri).map(|at| &uri[..at]))
    }

    /// The names from the root down; none for the root.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').skip(1)
    }

    /// The same node when `old`, at or above it, has become `new`.
    pub(crate) fn rebased(&self, old: &Self, new: &Self) -> Self {
        Self(format!("{}{}", new.0, self.0.get(old.0.len()..).unwrap_or_default()).into())
    }

    /// The same name with a number behind it, for a fresh name.
    pub(crate) fn numbered(&self, number: u32) -> Self {
        Self(format!("{}{number}", self.0).into())
    }

    /// The range of all URIs strictly below this one in the order of URIs.
    pub(crate) fn below(&self) -> Below {
        Below { from: format!("{}/", self.0), to: format!("{}0", self.0) }
    }
}

const INBOX: &str = "./Inbox";

/// The range of the URIs below one: `0` is the character behind `/`.
pub(crate) struct Below {
    from: String,
    to: String,
}

impl Below {
    pub(crate) fn bounds(&self) -> (Bound<&str>, Bound<&str>) {
        (Bound::Included(&self.from), Bound::Excluded(&self.to))
    }
}

impl Borrow<str> for Uri {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Uri {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for Uri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl core::str::FromStr for Uri {
    type Err = UriError;

    fn from_str(text: &str) -> Result<Self, UriError> {
        Self::parse(text)
    }
}

/// Where the last segment of a URI begins, less one. Names are short: it is near the end.
pub(crate) fn last_slash(uri: &str) -> Option<usize> {
    uri.bytes().rposition(|octet| octet == b'/')
}

/// Whether these are names as nearly all are: of letters, digits, and marks that no rule is about,
/// none of them beginning with a dot. Others are looked at one by one.
fn are_plain(names: &str) -> bool {
    let mut begins = true;
    let each = names.bytes().all(|octet| match PLAIN[usize::from(octet)] {
        Plain::Yes => {
            begins = false;
            true
        }
        Plain::Inside => !core::mem::replace(&mut begins, octet == b'/'),
        Plain::No => false,
    });
    each && !begins
}

/// Whether an octet is one of a plain name.
#[derive(Clone, Copy)]
enum Plain {
    No,
    /// Not where a name begins.
    Inside,
    Yes,
}

const PLAIN: [Plain; 256] = {
    let mut table = [Plain::No; 256];
    let mut octet = 0;
    while octet < 128_u8 {
        table[octet as usize] = match octet {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' | b'-' | b'_' | b'~' | b':' | b'@' => {
                Plain::Yes
            }
            b'.' | b'/' => Plain::Inside,
            _ => Plain::No,
        };
        octet += 1;
    }
    table
};

/// One name, percent-decoded once.
fn segment(text: &str) -> Result<Cow<'_, str>, UriError> {
    let name = if text.contains('%') { Cow::Owned(decoded(text)?) } else { Cow::Borrowed(text) };
    match &*name {
        "" => Err(UriError::EmptySegment),
        "." | ".." => Err(UriError::DotSegment),
        name if name.contains(is_refused) => Err(UriError::Character),
        _ => Ok(name),
    }
}

fn decoded(text: &str) -> Result<String, UriError> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(if octet == b'%' {
            let digits = rest.next().and_then(hex_digit).zip(rest.next().and_then(hex_digit));
            let (high, low) = digits.ok_or(UriError::Escape)?;
            high << 4 | low
        } else {
            octet
        });
    }
    String::from_utf8(octets).map_err(|_| UriError::Escape)
}

fn hex_digit(octet: u8) -> Option<u8> {
    match octet {
        b'0'..=b'9' => Some(octet - b'0'),
        b'A'..=b'F' => Some(octet - b'A' + 10),
        b'a'..=b'f' => Some(octet - b'a' + 10),
        _ => None,
    }
}

/// White space, control characters, what XML forbids, and what a URI would have to escape.
fn is_refused(c: char) -> bool {
    matches!(c, '/' | '?' | '#' | '%' | '\u{FFFE}' | '\u{FFFF}')
        || c.is_whitespace()
        || c.is_control()
}

#[cfg(test)]
mod tests;
