//! `2026-11-23T17:45:12Z`: a time, always of Greenwich. [PAP §8.2]

use core::fmt;
use core::str::FromStr;

use super::PapFault;
use crate::{Error, ErrorKind};

/// A second between 1970 and the end of 9999.
///
/// ```
/// use dm_push::pap::Timestamp;
/// let time = Timestamp::from_unix(1_795_455_912);
/// assert_eq!(time.to_string(), "2026-11-23T17:45:12Z");
/// assert_eq!("2026-11-23T17:45:12Z".parse(), Ok(time));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(u64);

impl Timestamp {
    /// So many seconds after the start of 1970; what is later than 9999 is its end.
    #[must_use]
    pub const fn from_unix(seconds: u64) -> Self {
        Self(if seconds > LAST { LAST } else { seconds })
    }

    /// Seconds after the start of 1970.
    #[must_use]
    pub const fn unix(self) -> u64 {
        self.0
    }
}

impl FromStr for Timestamp {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        read(text.as_bytes()).ok_or(Error::new(ErrorKind::Pap(PapFault::NoTime), 0))
    }
}

fn read(text: &[u8]) -> Option<Timestamp> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', rest @ ..] = text else { return None };
    let [h0, h1, b':', n0, n1, b':', s0, s1, b'Z'] = rest else { return None };
    let year = number(&[*y0, *y1, *y2, *y3])?;
    let [month, day] = [number(&[*m0, *m1])?, number(&[*d0, *d1])?];
    let [hour, minute, second] = [[h0, h1], [n0, n1], [s0, s1]].map(|two| number(&two.map(|d| *d)));
    let (hour, minute, second) = (hour?, minute?, second?);
    let length = *LENGTHS.get(usize::try_from(month.checked_sub(1)?).ok()?)?;
    let length = if month == 2 && is_leap(year) { 29 } else { length };
    let is_there = year >= 1970 && (1..=length).contains(&day);
    if !is_there || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = (days(year, month, day) * 24 + hour) * 3_600 + minute * 60 + second;
    Some(Timestamp::from_unix(seconds))
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + u64::from(digit - b'0'))
    })
}

const LENGTHS: [u64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days from the start of 1970. A year begins in March here, so that a leap day is its last.
const fn days(year: u64, month: u64, day: u64) -> u64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_years = 365 * year + year / 4 - year / 100 + year / 400;
    of_years + (153 * month + 2) / 5 + day - 1 - BEFORE_1970
}

/// Days from the first of March of the year 0 to the start of 1970.
const BEFORE_1970: u64 = 719_468;
/// Days of four hundred years.
const CYCLE: u64 = 146_097;
/// The last second of 9999.
const LAST: u64 = 253_402_300_799;

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / 86_400 + BEFORE_1970, self.0 % 86_400);
        let (cycle, day) = (days / CYCLE, days % CYCLE);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let year = cycle * 400 + year + u64::from(month > 9);
        let month = if month < 10 { month + 3 } else { month - 9 };
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}
