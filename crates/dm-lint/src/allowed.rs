//! Whether a text is among the allowed ones. [Windows DDF v2 AllowedValues]

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_tnds::ddf::{AllowedValues, ValueType};
use dm_xml::brief;

use crate::pattern::{Pattern, Patterns};

/// What a description says of one text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Allowed,
    /// Not allowed; what would be, for people.
    Refused(String),
    /// Limited by this, which cannot be read or is of a kind that is not checked.
    NotChecked(String),
    /// Any text is.
    Unlimited,
}

/// Whether the text, or each entry of the list that it is, is allowed.
pub(crate) fn judge<'c>(
    allowed: &'c AllowedValues,
    text: &str,
    ignores_case: bool,
    patterns: &mut Patterns<'c>,
) -> Verdict {
    let Some(delimiter) = allowed.delimiter.as_deref().map(delimiter) else {
        return judge_one(allowed, text, ignores_case, patterns);
    };
    let entries = text.split(&*delimiter).map(str::trim).filter(|entry| !entry.is_empty());
    let mut verdict = Verdict::Allowed;
    for entry in entries {
        match judge_one(allowed, entry, ignores_case, patterns) {
            Verdict::Allowed => {}
            refused @ Verdict::Refused(_) => return refused,
            other => verdict = other,
        }
    }
    verdict
}

/// Whether the limit can be read at all, of those kinds that are checked.
pub(crate) fn is_readable(allowed: &AllowedValues) -> bool {
    match allowed.value_type {
        ValueType::Range => !allowed.values.is_empty() && ranges(allowed).is_some(),
        ValueType::RegEx => {
            !allowed.values.is_empty() && allowed.values.iter().all(|p| Pattern::parse(p).is_some())
        }
        ValueType::Flag => {
            !allowed.enums.is_empty() && allowed.enums.iter().all(|e| number(&e.value).is_some())
        }
        ValueType::Enum => !allowed.enums.is_empty(),
        _ => true,
    }
}

/// The delimiter, which may be written as the number of its character.
fn delimiter(text: &str) -> Cow<'_, str> {
    let code = text.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok());
    match code.and_then(char::from_u32) {
        Some(letter) => Cow::Owned(letter.to_string()),
        None => Cow::Borrowed(text),
    }
}

fn judge_one<'c>(
    allowed: &'c AllowedValues,
    text: &str,
    ignores_case: bool,
    patterns: &mut Patterns<'c>,
) -> Verdict {
    match allowed.value_type {
        ValueType::Enum => judge_enum(allowed, text, ignores_case),
        ValueType::Flag => judge_flag(allowed, text),
        ValueType::Range => judge_range(allowed, text),
        ValueType::RegEx => judge_pattern(allowed, text, patterns),
        ValueType::None => Verdict::Unlimited,
        ref other => Verdict::NotChecked(of_type(other)),
    }
}

/// A limit of a kind that is not checked, for people.
pub(crate) fn of_type(value_type: &ValueType) -> String {
    alloc::format!("limits of type {}", brief(&value_type.to_string()))
}

fn judge_enum(allowed: &AllowedValues, text: &str, ignores_case: bool) -> Verdict {
    if allowed.enums.is_empty() {
        return Verdict::NotChecked("a list without values".into());
    }
    let given = number(text);
    let is_it = |value: &str| {
        value == text
            || (ignores_case && value.eq_ignore_ascii_case(text))
            || (given.is_some() && number(value) == given)
    };
    if allowed.enums.iter().any(|one| is_it(&one.value)) {
        return Verdict::Allowed;
    }
    Verdict::Refused(listed(allowed.enums.iter().map(|one| one.value.as_str())))
}

/// A sum of bits, each of which is in one of the values.
fn judge_flag(allowed: &AllowedValues, text: &str) -> Verdict {
    let values: Option<Vec<i64>> = allowed.enums.iter().map(|one| number(&one.value)).collect();
    let Some(values) = values.filter(|values| !values.is_empty()) else {
        return Verdict::NotChecked("flags that are no whole numbers".into());
    };
    let all = values.iter().fold(0, |all, value| all | value);
    match number(text) {
        Some(given) if given & !all == 0 => Verdict::Allowed,
        _ => {
            let values = allowed.enums.iter().map(|one| one.value.as_str());
            Verdict::Refused(alloc::format!("a sum of {}", listed(values)))
        }
    }
}

fn judge_range(allowed: &AllowedValues, text: &str) -> Verdict {
    let Some(ranges) = ranges(allowed).filter(|ranges| !ranges.is_empty()) else {
        let values = listed(allowed.values.iter().map(String::as_str));
        return Verdict::NotChecked(alloc::format!("ranges that cannot be read: {values}"));
    };
    match number(text) {
        Some(given) if ranges.iter().any(|(least, most)| (*least..=*most).contains(&given)) => {
            Verdict::Allowed
        }
        _ => Verdict::Refused(listed(allowed.values.iter().map(String::as_str))),
    }
}

fn judge_pattern<'c>(
    allowed: &'c AllowedValues,
    text: &str,
    patterns: &mut Patterns<'c>,
) -> Verdict {
    let mut unchecked = allowed.values.is_empty().then(|| "an empty list of patterns".into());
    for text_of_pattern in &allowed.values {
        let why = match patterns.get(text_of_pattern).map(|pattern| pattern.matches(text)) {
            Some(Some(true)) => return Verdict::Allowed,
            Some(Some(false)) => continue,
            Some(None) => "takes too long",
            None => "cannot be read",
        };
        unchecked = Some(alloc::format!("a pattern that {why}: {}", brief(text_of_pattern)));
    }
    if let Some(limit) = unchecked {
        return Verdict::NotChecked(limit);
    }
    let patterns = listed(allowed.values.iter().map(String::as_str));
    Verdict::Refused(alloc::format!("text that matches {patterns}"))
}

/// The ranges of all values: `[0-30]`, `[(-1)-5]`, `[7]`, several with a comma between them.
fn ranges(allowed: &AllowedValues) -> Option<Vec<(i64, i64)>> {
    let mut found = Vec::new();
    for value in &allowed.values {
        for text in value.split([',', ';']) {
            let text = text.trim();
            let text =
                text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            found.push(range(text)?);
        }
    }
    Some(found)
}

fn range(text: &str) -> Option<(i64, i64)> {
    if let Some(single) = bound(text) {
        return Some((single, single));
    }
    // The first hyphen that is no sign.
    let signs = text.match_indices('-').map(|(at, _)| at).filter(|at| *at > 0);
    for at in signs {
        if let (Some(least), Some(most)) = (bound(&text[..at]), bound(&text[at + 1..])) {
            return (least <= most).then_some((least, most));
        }
    }
    None
}

fn bound(text: &str) -> Option<i64> {
    let text = text.trim();
    number(text.strip_prefix('(').and_then(|text| text.strip_suffix(')')).unwrap_or(text))
}

/// A whole number, decimal or as `0x` and hexadecimal digits.
pub(crate) fn number(text: &str) -> Option<i64> {
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"));
    match hexadecimal {
        Some(digits) if digits.starts_with(['+', '-']) => None,
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// The most that is named of what would be allowed.
const MOST_LISTED: usize = 12;

fn listed<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut shown = String::new();
    for (index, value) in values.enumerate() {
        if index == MOST_LISTED {
            shown.push_str(", ...");
            break;
        }
        if index > 0 {
            shown.push_str(", ");
        }
        shown.push_str(&brief(value));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use dm_tnds::ddf::EnumValue;

    fn judge(allowed: &AllowedValues, text: &str, ignores_case: bool) -> Verdict {
        super::judge(allowed, text, ignores_case, &mut Patterns::default())
    }

    fn allowed(value_type: ValueType, values: &[&str], delimiter: Option<&str>) -> AllowedValues {
        let is_enum = matches!(value_type, ValueType::Enum | ValueType::Flag);
        let enums =
            values.iter().map(|value| EnumValue { value: (*value).into(), description: None });
        AllowedValues {
            enums: enums.filter(|_| is_enum).collect(),
            values: values.iter().filter(|_| !is_enum).map(|value| (*value).into()).collect(),
            value_type,
            delimiter: delimiter.map(Into::into),
        }
    }

    #[test]
    fn values_are_judged_by_their_kind() {
        let cases = [
            (ValueType::Enum, &["0", "1"][..], None, &["0", "0x1"][..], &["2", "", "a"][..]),
            (ValueType::Enum, &["On"], None, &["On"], &["on", "1"]),
            (ValueType::Flag, &["1", "4"], None, &["0", "1", "5"], &["2", "7", "x", "-1"]),
            (ValueType::Flag, &["0x1", "0xffffffff"], None, &["6", "4294967295"], &["4294967296"]),
            (ValueType::Range, &["[0-30]"], None, &["0", "30"], &["31", "-1", "", "x"]),
            (ValueType::Range, &["[(-1)-5]"], None, &["-1", "5"], &["-2", "6"]),
            (ValueType::Range, &["[-10--5]"], None, &["-10", "-5"], &["0", "-4"]),
            (ValueType::Range, &["[0]", "[3-4],[7]"], None, &["0", "3", "7"], &["1", "5"]),
            (ValueType::RegEx, &["[a-c]+", "x"], None, &["abc", "x"], &["", "ax"]),
            (ValueType::Enum, &["a", "b"], Some(";"), &["a", "b; a", "", "a;"], &["a;c", "a,b"]),
            (ValueType::Enum, &["a", "b"], Some("0x3A"), &["a:b"], &["a0x3Ab"]),
        ];
        for (value_type, values, delimiter, good, bad) in cases {
            let allowed = allowed(value_type, values, delimiter);
            assert!(is_readable(&allowed), "{allowed:?}");
            for text in good {
                assert_eq!(judge(&allowed, text, false), Verdict::Allowed, "{allowed:?} {text}");
            }
            for text in bad {
                let verdict = judge(&allowed, text, false);
                assert!(matches!(verdict, Verdict::Refused(_)), "{allowed:?} {text}: {verdict:?}");
            }
        }
        let on = allowed(ValueType::Enum, &["On"], None);
        assert_eq!(judge(&on, "oN", true), Verdict::Allowed);
    }

    #[test]
    fn what_is_not_checked_is_named() {
        for (value_type, values, limit) in [
            (ValueType::Xsd, &[][..], "limits of type XSD"),
            (ValueType::Other("Moon".into()), &[], "limits of type Moon"),
            (ValueType::RegEx, &["a", "(?=x)"], "a pattern that cannot be read: (?=x)"),
            (ValueType::Range, &["low"], "ranges that cannot be read: low"),
        ] {
            let verdict = judge(&allowed(value_type, values, None), "x", false);
            assert_eq!(verdict, Verdict::NotChecked(limit.into()));
        }
        let list = allowed(ValueType::RegEx, &["a", "(?=x)"], Some(";"));
        assert!(matches!(judge(&list, "x;a", false), Verdict::NotChecked(_)));
        assert_eq!(judge(&allowed(ValueType::None, &[], None), "x", false), Verdict::Unlimited);
    }

    #[test]
    fn what_cannot_be_read_refuses_nothing() {
        for (value_type, values) in [
            (ValueType::Range, &["low to high"][..]),
            (ValueType::Range, &["[5-1]"]),
            (ValueType::Range, &[]),
            (ValueType::RegEx, &["(?=x)"]),
            (ValueType::Flag, &["one"]),
            (ValueType::Enum, &[]),
        ] {
            let allowed = allowed(value_type, values, None);
            assert!(!is_readable(&allowed), "{allowed:?}");
            let verdict = judge(&allowed, "x", false);
            assert!(matches!(verdict, Verdict::NotChecked(_)), "{allowed:?}: {verdict:?}");
        }
    }
}
