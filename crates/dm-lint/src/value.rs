//! Whether a value fits a format and is allowed. [TND 1.2 §7.7.3], [Windows DDF v2]

use alloc::borrow::Cow;
use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_tnds::Format;
use dm_tnds::ddf::{CaseSense, DfProperties, ValueType};

use crate::allowed::{Verdict, judge, number, of_type};
use crate::pattern::Patterns;

/// A value as it stood in a document.
#[derive(Clone, Debug)]
pub(crate) enum Content<'a> {
    Text(Cow<'a, str>),
    Octets(Cow<'a, [u8]>),
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Problem {
    /// It does not fit the format, which wants this.
    Bad(&'static str),
    /// It would fit with another case.
    Case(&'static str),
    /// It is not among the allowed ones, which are these.
    NotAllowed(String),
    /// It is limited by this, which is not checked.
    NotChecked(String),
}

/// The first thing that is wrong with the value of a leaf.
pub(crate) fn check<'c>(
    properties: &'c DfProperties,
    content: &Content<'_>,
    patterns: &mut Patterns<'c>,
) -> Option<Problem> {
    let format = properties.df_format.unwrap_or(Format::Chr);
    if format.is_octets() {
        if let Content::Text(text) = content {
            let text: String = text.split_ascii_whitespace().collect();
            if STANDARD.decode(text).is_err() {
                return Some(Problem::Bad("base64 text"));
            }
        }
        return unchecked(properties); // limits are on text
    }
    let text = match content {
        Content::Text(text) => text,
        Content::Octets(octets) => match core::str::from_utf8(octets) {
            Ok(text) => text,
            Err(_) => return Some(Problem::Bad("text in UTF-8, not octets")),
        },
    };
    let ignores_case = properties.case_sense == Some(CaseSense::Insensitive);
    let allowed = properties.allowed_values.as_ref();
    let verdict = allowed.map(|allowed| judge(allowed, text, ignores_case, patterns));
    match (fits(format, text), verdict) {
        // Ranges up to 4,294,967,295 are described for `int`, and then hold.
        (Some(Problem::Bad(_)), Some(Verdict::Allowed)) if is_number(format, text) => None,
        (Some(problem), _) => Some(problem),
        (None, Some(Verdict::Refused(allowed))) => Some(Problem::NotAllowed(allowed)),
        (None, Some(Verdict::NotChecked(limit))) => Some(Problem::NotChecked(limit)),
        (None, None | Some(Verdict::Allowed | Verdict::Unlimited)) => None,
    }
}

/// What limits a value that no limit can be checked of: octets, or elements.
pub(crate) fn unchecked(properties: &DfProperties) -> Option<Problem> {
    let value_type = &properties.allowed_values.as_ref()?.value_type;
    (*value_type != ValueType::None).then(|| Problem::NotChecked(of_type(value_type)))
}

fn is_number(format: Format, text: &str) -> bool {
    format == Format::Int && number(text).is_some()
}

fn fits(format: Format, text: &str) -> Option<Problem> {
    let (is_good, wanted) = match format {
        Format::Bool if matches!(text, "true" | "false") => (true, ""),
        Format::Bool if ["true", "false"].iter().any(|name| name.eq_ignore_ascii_case(text)) => {
            return Some(Problem::Case("true or false, in lower case"));
        }
        Format::Bool => (false, "true or false"),
        Format::Int => {
            (text.parse::<i32>().is_ok(), "a whole number from -2147483648 to 2147483647")
        }
        Format::Float => (is_float(text), "a number like -1.5E3, INF, -INF or NaN"),
        Format::Date => (is_date(text), "a date like 2026-01-31 or 20260131"),
        Format::Time => (is_time(text), "a time like 12:30:00Z or 20260131T123000Z"),
        Format::Null => (text.is_empty(), "no value: the format is null"),
        Format::Xml => {
            let text = text.trim();
            (text.starts_with('<') && text.ends_with('>'), "XML text")
        }
        Format::B64 | Format::Bin | Format::Chr | Format::Node => (true, ""),
    };
    (!is_good).then_some(Problem::Bad(wanted))
}

fn is_float(text: &str) -> bool {
    matches!(text, "INF" | "-INF" | "NaN")
        || (text.bytes().all(|octet| octet.is_ascii_digit() || b"+-.eE".contains(&octet))
            && text.parse::<f64>().is_ok())
}

/// `YYYY-MM-DD` or `YYYYMMDD`. [ISO 8601]
fn is_date(text: &str) -> bool {
    let mut parts = text.split('-');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(all), None, ..) if all.len() == 8 && all.is_ascii() => {
            is_in(&all[..4], 4, 0, 9999)
                && is_in(&all[4..6], 2, 1, 12)
                && is_in(&all[6..], 2, 1, 31)
        }
        (Some(year), Some(month), Some(day), None) => {
            is_in(year, 4, 0, 9999) && is_in(month, 2, 1, 12) && is_in(day, 2, 1, 31)
        }
        _ => false,
    }
}

/// `hh:mm:ss` or `hhmmss`, with a fraction, with a zone, with a date and `T` before it or not.
fn is_time(text: &str) -> bool {
    let time = match text.split_once('T') {
        Some(("", time)) => time,
        Some((date, time)) if is_date(date) => time,
        Some(_) => return false,
        None => text,
    };
    let zone = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone);
    let is_zone = match zone.split_at_checked(1) {
        None | Some(("Z", "")) => true,
        Some(("+" | "-", offset)) => is_clock(offset, 2) || is_in(offset, 2, 0, 23),
        Some(_) => false,
    };
    let (clock, fraction) = clock.split_once(['.', ',']).unwrap_or((clock, "0"));
    let is_fraction = !fraction.is_empty() && fraction.bytes().all(|octet| octet.is_ascii_digit());
    is_zone && is_fraction && (is_clock(clock, 3) || is_clock(clock, 2))
}

/// So many pairs of digits, with colons or without.
fn is_clock(text: &str, pairs: usize) -> bool {
    let plain: String = text.chars().filter(|letter| *letter != ':').collect();
    let colons = text.len() - plain.len();
    let is_placed =
        colons == 0 || (colons == pairs - 1 && text.split(':').all(|pair| pair.len() == 2));
    is_placed
        && plain.is_ascii()
        && plain.len() == pairs * 2
        && is_in(&plain[..2], 2, 0, 24)
        && (1..pairs).all(|pair| is_in(&plain[pair * 2..pair * 2 + 2], 2, 0, 60))
}

fn is_in(text: &str, digits: usize, least: u32, most: u32) -> bool {
    text.len() == digits
        && text.bytes().all(|octet| octet.is_ascii_digit())
        && text.parse::<u32>().is_ok_and(|value| (least..=most).contains(&value))
}

#[cfg(test)]
mod tests;
