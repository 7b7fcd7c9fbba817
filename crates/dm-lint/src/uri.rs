//! Names in a `LocURI`. [TND 1.2 §7.1]
//!
//! Devices differ in which characters a name may have, so any but `/` is taken here.

use alloc::borrow::Cow;
use alloc::vec::Vec;

/// The address in a `LocURI`: names from the root down, and a query.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Address<'a> {
    pub(crate) names: Vec<Cow<'a, str>>,
    /// What stands behind `?`.
    pub(crate) query: Option<&'a str>,
}

impl<'a> Address<'a> {
    /// Reads `.`, `./A/B`, `/A/B` or `A/B`, percent-decoded once. Or says what is wrong.
    pub(crate) fn parse(text: &'a str) -> Result<Self, &'static str> {
        let (uri, query) = match text.split_once('?') {
            Some((uri, query)) => (uri, Some(query)),
            None => (text, None),
        };
        if uri == "." {
            return Ok(Self { names: Vec::new(), query });
        }
        let below = uri.strip_prefix("./").or_else(|| uri.strip_prefix('/')).unwrap_or(uri);
        Ok(Self { names: names(below)?, query })
    }

    /// The names of a `Path` that stands below something else; none for an empty one.
    pub(crate) fn path(text: &'a str) -> Result<Vec<Cow<'a, str>>, &'static str> {
        match text.strip_prefix("./").unwrap_or(text) {
            "" | "." => Ok(Vec::new()),
            below => names(below),
        }
    }
}

fn names(text: &str) -> Result<Vec<Cow<'_, str>>, &'static str> {
    text.split('/').map(name).collect()
}

/// One name, percent-decoded once.
pub(crate) fn name(text: &str) -> Result<Cow<'_, str>, &'static str> {
    let name = if text.contains('%') { Cow::Owned(decoded(text)?) } else { text.into() };
    match &*name {
        "" => Err("an empty name: two slashes, or one at the end"),
        "." | ".." => Err("a name that is . or .."),
        name if name.contains(['/', '\0']) => Err("a name with a slash or a NUL"),
        _ => Ok(name),
    }
}

fn decoded(text: &str) -> Result<alloc::string::String, &'static str> {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(octet) = rest.next() {
        octets.push(if octet == b'%' {
            let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
            let (high, low) = (digit(), digit());
            let value = high.zip(low).and_then(|(high, low)| u8::try_from(high << 4 | low).ok());
            value.ok_or(ESCAPE)?
        } else {
            octet
        });
    }
    alloc::string::String::from_utf8(octets).map_err(|_| ESCAPE)
}

const ESCAPE: &str = "a malformed escape: % and two hexadecimal digits are meant";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_decoded_once() {
        for (text, names, query) in [
            (".", &[][..], None),
            ("./A/B", &["A", "B"], None),
            ("/A", &["A"], None),
            ("A%20b/%2541?prop=Name", &["A b", "%41"], Some("prop=Name")),
        ] {
            let address = Address::parse(text).unwrap();
            assert_eq!(
                (&address.names[..], address.query),
                (&names.iter().map(|n| Cow::Borrowed(*n)).collect::<Vec<_>>()[..], query)
            );
        }
        assert_eq!(Address::path("./").unwrap().len(), 0);
        assert_eq!(Address::path("A/B").unwrap(), ["A", "B"]);
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in
            ["", "./", "./A/", "./A//B", "../A", "./A/..", "./%2F", "./%zz", "./%4", "./%FF"]
        {
            assert!(Address::parse(text).is_err(), "{text}");
        }
    }
}
