//! A number of devices: counted, or a part of all.

use alloc::string::String;
use core::fmt;
use core::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::PolicyError;

/// `50` devices, or `2.5 %` of them.
///
/// ```
/// use dm_campaign::Share;
/// let share: Share = "2.5 %".parse()?;
/// assert_eq!((share.of(40_000), share.of(1)), (1_000, 1));
/// assert_eq!("50".parse::<Share>()?.of(20), 20);
/// # Ok::<(), dm_campaign::PolicyError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(try_from = "Written", into = "String")]
pub enum Share {
    /// So many.
    Count(u64),
    /// So many of a hundred thousand: thousandths of a per cent.
    Part(u32),
}

impl Share {
    /// How many that is of so many: at least one of a part that is not nothing, never more than there are.
    #[must_use]
    pub fn of(self, all: u64) -> u64 {
        match self {
            Self::Count(count) => count.min(all),
            Self::Part(part) => {
                let exact = u128::from(all) * u128::from(part);
                u64::try_from(exact.div_ceil(u128::from(WHOLE))).unwrap_or(all).min(all)
            }
        }
    }

    /// Whether a part is more than this; of none it never is.
    pub(crate) fn is_exceeded(self, part: u64, all: u64) -> bool {
        match self {
            Self::Count(count) => part > count,
            Self::Part(share) => {
                u128::from(part) * u128::from(WHOLE) > u128::from(all) * u128::from(share)
            }
        }
    }
}

/// All, in the unit of a part.
const WHOLE: u32 = 100_000;

/// As it stands in a file: a number, or text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(u64),
    Text(String),
}

impl TryFrom<Written> for Share {
    type Error = PolicyError;

    fn try_from(written: Written) -> Result<Self, PolicyError> {
        match written {
            Written::Number(count) => Ok(Self::Count(count)),
            Written::Text(text) => text.parse(),
        }
    }
}

impl From<Share> for String {
    fn from(share: Share) -> Self {
        alloc::format!("{share}")
    }
}

impl FromStr for Share {
    type Err = PolicyError;

    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let wrong = || PolicyError::Share(text.into());
        let Some(number) = text.trim().strip_suffix('%') else {
            return text.trim().parse().map(Self::Count).map_err(|_| wrong());
        };
        let (whole, fraction) = number.trim().split_once('.').unwrap_or((number.trim(), ""));
        let is_digits = |text: &str| text.bytes().all(|c| c.is_ascii_digit());
        if whole.is_empty() || fraction.len() > 3 || !is_digits(whole) || !is_digits(fraction) {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let fraction: u32 = alloc::format!("{fraction:0<3}").parse().map_err(|_| wrong())?;
        match whole.checked_mul(1_000).and_then(|it| it.checked_add(fraction)) {
            Some(part) if part <= WHOLE => Ok(Self::Part(part)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Count(count) => write!(f, "{count}"),
            Self::Part(part) if part.is_multiple_of(1_000) => write!(f, "{} %", part / 1_000),
            Self::Part(part) => {
                let fraction = alloc::format!("{:03}", part % 1_000);
                write!(f, "{}.{} %", part / 1_000, fraction.trim_end_matches('0'))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn what_is_written_is_read_and_written_again() {
        for text in ["0", "50", "10 %", "2.5 %", "0.001 %", "100 %"] {
            assert_eq!(text.parse::<Share>().unwrap().to_string(), text);
        }
        for text in
            ["", "-1", "%", "101 %", "1.2345 %", "1,5 %", "a", "1e3", "100.001 %", "4294968 %"]
        {
            assert!(text.parse::<Share>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_is_rounded_up_and_more_than_a_part_is_more() {
        let two: Share = "2 %".parse().unwrap();
        assert_eq!((two.of(100), two.of(101), two.of(0)), (2, 3, 0));
        assert!(!two.is_exceeded(2, 100) && two.is_exceeded(3, 100));
        assert!(!Share::Count(1).is_exceeded(1, 9) && Share::Count(0).is_exceeded(1, 9));
        assert!(!two.is_exceeded(0, 0));
        assert_eq!(Share::Part(100_000).of(u64::MAX), u64::MAX);
    }
}
