//! A query: which devices of the fleet are meant.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::Device;

/// Which devices are meant: those for which every term holds. A term is `id:`, `tag:`, `group:`, `zone:`, `route:`,
/// `object:` or the name of an attribute and `=`, and then a text, whose last letter may be `*` for whatever follows;
/// a `-` before it means that it does not hold. Without a term all are meant.
///
/// ```
/// use dm_api::{Device, Query};
/// let query: Query = r#"tag:meter -group:pilot model=x1* site="north hall""#.parse()?;
/// let device: Device = serde_json::from_str(
///     r#"{"id": "m7", "tags": ["meter"], "attributes": {"model": "x12", "site": "north hall"}}"#,
/// )?;
/// assert!(query.matches(&device));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Query {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Term {
    is_not: bool,
    of: Of,
    text: String,
    /// Whether more may follow.
    is_prefix: bool,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Of {
    Id,
    Tag,
    Group,
    Zone,
    Route,
    Object,
    Attribute(String),
}

/// What is wrong with a query, and where: the octet, from 0.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum QueryError {
    /// No term.
    #[error(
        "no term at octet {at}: write `tag:NAME`, `group:`, `id:`, `zone:`, `route:`, `object:` or `ATTRIBUTE=VALUE`, \
         with `-` before it for those that do not have it"
    )]
    Term {
        /// Where.
        at: usize,
    },
    /// A quotation that does not end.
    #[error("the quotation at octet {at} does not end")]
    Quotation {
        /// Where.
        at: usize,
    },
}

impl Query {
    /// Whether a device is meant.
    #[must_use]
    pub fn matches(&self, device: &Device) -> bool {
        self.terms.iter().all(|term| term.holds(device) != term.is_not)
    }
}

impl Term {
    fn holds(&self, device: &Device) -> bool {
        let is = |text: &str| match self.is_prefix {
            true => text.starts_with(&self.text),
            false => text == self.text,
        };
        match &self.of {
            Of::Id => is(device.id.as_str()),
            Of::Tag => device.tags.iter().any(|it| is(it.as_str())),
            Of::Group => device.groups.iter().any(|it| is(it.as_str())),
            Of::Zone => device.zone.as_deref().is_some_and(is),
            Of::Route => device.addresses.keys().any(|it| is(it.as_str())),
            Of::Object => device.capabilities.objects.iter().any(|it| is(it)),
            Of::Attribute(name) => device.attributes.get(name.as_str()).is_some_and(|it| is(it)),
        }
    }
}

const KINDS: [(&str, Of); 6] = [
    ("id", Of::Id),
    ("tag", Of::Tag),
    ("group", Of::Group),
    ("zone", Of::Zone),
    ("route", Of::Route),
    ("object", Of::Object),
];

impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let (mut terms, mut rest) = (Vec::new(), text.trim_start());
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            let (term, behind) = term(rest, at)?;
            terms.push(term);
            rest = behind.trim_start();
        }
        Ok(Self { terms })
    }
}

/// The first term, and what stands behind it.
fn term(text: &str, at: usize) -> Result<(Term, &str), QueryError> {
    let wrong = || QueryError::Term { at };
    let (is_not, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let end = text.find([':', '=', ' ', '"']).ok_or_else(wrong)?;
    let (name, behind) = text.split_at(end);
    let of = match behind.as_bytes().first() {
        Some(b':') => KINDS.into_iter().find(|(kind, _)| *kind == name).map(|(_, of)| of),
        Some(b'=') => name.parse::<crate::Word>().ok().map(|_| Of::Attribute(name.to_owned())),
        _ => None,
    };
    let (of, behind) = (of.ok_or_else(wrong)?, behind.get(1..).ok_or_else(wrong)?);
    // Between quotation marks all is meant as it stands: the star stands behind them.
    let (text, is_prefix, behind) = if let Some(quoted) = behind.strip_prefix('"') {
        let (text, behind) = quoted.split_once('"').ok_or(QueryError::Quotation { at })?;
        let more = behind.strip_prefix('*');
        (text, more.is_some(), more.unwrap_or(behind))
    } else {
        let end = behind.find(char::is_whitespace).unwrap_or(behind.len());
        let (text, behind) = behind.split_at(end);
        let prefix = text.strip_suffix('*');
        (prefix.unwrap_or(text), prefix.is_some(), behind)
    };
    let is_whole = behind.is_empty() || behind.starts_with(char::is_whitespace);
    if !is_whole || (text.is_empty() && !is_prefix) {
        return Err(wrong());
    }
    Ok((Term { is_not, of, text: text.to_owned(), is_prefix }, behind))
}

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Term { is_not, of, text, is_prefix }) in self.terms.iter().enumerate() {
            f.write_str(if index > 0 { " " } else { "" })?;
            f.write_str(if *is_not { "-" } else { "" })?;
            match of {
                Of::Attribute(name) => write!(f, "{name}=")?,
                _ => {
                    let kind =
                        KINDS.iter().find(|(_, kind)| kind == of).map_or("", |(kind, _)| kind);
                    write!(f, "{kind}:")?;
                }
            }
            let is_quoted = text.contains(char::is_whitespace) || text.ends_with('*');
            let (mark, star) =
                (if is_quoted { "\"" } else { "" }, if *is_prefix { "*" } else { "" });
            write!(f, "{mark}{text}{mark}{star}")?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Query {
    type Error = QueryError;

    fn try_from(text: String) -> Result<Self, QueryError> {
        text.parse()
    }
}

impl From<Query> for String {
    fn from(query: Query) -> Self {
        alloc::format!("{query}")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn device() -> Device {
        let text = r#"{"id": "IMEI:1", "zone": "Europe/Helsinki", "tags": ["meter"], "groups": ["pilot"],
            "addresses": {"sms": "tel:+1"}, "attributes": {"model": "x12", "site": "north hall", "odd": "a*"},
            "capabilities": {"objects": ["urn:oma:mo:oma-dm-dmacc:1.2"]}}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_term_has_to_hold() {
        let yes = [
            "",
            "  ",
            "id:IMEI:1",
            "id:IMEI:*",
            "tag:meter group:pilot zone:Europe/*",
            "-tag:car",
            "tag:*",
            "model=x12",
            "model=x1*",
            "site=\"north hall\"",
            "site=\"north h\"*",
            "route:sms",
            "odd=\"a*\"",
            "object:urn:oma:mo:oma-dm-dmacc:*",
            "-colour=red",
            "-colour=*",
        ];
        let no = [
            "id:IMEI:",
            "tag:mete",
            "tag:meter tag:car",
            "-route:sms",
            "model=X12",
            "colour=*",
            "odd=\"b*\"",
        ];
        for text in yes {
            assert!(text.parse::<Query>().unwrap().matches(&device()), "{text}");
        }
        for text in no {
            assert!(!text.parse::<Query>().unwrap().matches(&device()), "{text}");
        }
    }

    #[test]
    fn what_is_no_query_says_where() {
        for (text, at) in
            [("meter", 0), ("tag:a b", 6), ("tag:", 0), ("colour:red", 0), ("tag:a =b", 6)]
        {
            assert_eq!(text.parse::<Query>(), Err(QueryError::Term { at }), "{text}");
        }
        assert_eq!("tag:a b=\"c".parse::<Query>(), Err(QueryError::Quotation { at: 6 }));
        assert_eq!("a=\"b\"c".parse::<Query>(), Err(QueryError::Term { at: 0 }));
    }

    #[test]
    fn what_is_read_is_written_and_read_again() {
        for text in ["", "id:a", "-tag:b*", "site=\"north hall\"* zone:*", "odd=\"a*\"", "a=b\"c"] {
            let query: Query = text.parse().unwrap();
            assert_eq!(query.to_string(), text);
        }
    }
}
