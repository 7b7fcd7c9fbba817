//! TP-SCTS and absolute TP-VP: seven octets of swapped digits. [TS 23.040 §9.2.3.11]

use core::fmt;

use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// A time, as the service centre writes it. Its digits are checked, the calendar is not.
///
/// ```
/// use dm_push::sms::Timestamp;
/// let time = Timestamp::new([24, 5, 17, 8, 30, 0], -13)?;
/// assert_eq!(time.to_string(), "24-05-17 08:30:00 -03:15");
/// assert_eq!(time.octets(), [0x42, 0x50, 0x71, 0x80, 0x03, 0x00, 0x39]);
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp([u8; 7]);

/// In the octet of the time zone: west of Greenwich.
const WEST: u8 = 0x08;

impl Timestamp {
    /// A time of year (two digits), month, day, hour, minute and second, in a zone that is so many
    /// quarters of an hour east of Greenwich.
    ///
    /// # Errors
    /// [`ErrorKind::BadSemiOctet`] for a number above 99, or a zone beyond 79 quarters; the offset
    /// is that of its octet.
    pub fn new(numbers: [u8; 6], quarters: i8) -> Result<Self, Error> {
        let mut octets = [0; 7];
        for (at, number) in numbers.into_iter().chain([quarters.unsigned_abs()]).enumerate() {
            let limit = if at == 6 { 79 } else { 99 };
            if number > limit {
                return Err(Error::new(ErrorKind::BadSemiOctet { octet: number }, at));
            }
            octets[at] = ((number % 10) << 4) | (number / 10);
        }
        if quarters < 0 {
            octets[6] |= WEST;
        }
        Ok(Self(octets))
    }

    /// The octets of the wire.
    #[must_use]
    pub const fn octets(&self) -> [u8; 7] {
        self.0
    }

    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let start = cursor.at();
        let mut octets = [0; 7];
        octets.copy_from_slice(cursor.take(7)?);
        let is_bad = |(at, octet): &(usize, &u8)| *octet >> 4 > 9 || (*at < 6 && *octet & 0x0F > 9);
        match octets.iter().enumerate().find(is_bad) {
            Some((at, octet)) => {
                Err(Error::new(ErrorKind::BadSemiOctet { octet: *octet }, start + at))
            }
            None => Ok(Self(octets)),
        }
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |octet: u8| (octet & 0x0F) * 10 + (octet >> 4);
        let [year, month, day, hour, minute, second] =
            [0, 1, 2, 3, 4, 5].map(|at| number(self.0[at]));
        let quarters = number(self.0[6] & !WEST);
        let sign = if self.0[6] & WEST == 0 { '+' } else { '-' };
        write!(f, "{year:02}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} ")?;
        write!(f, "{sign}{:02}:{:02}", quarters / 4, quarters % 4 * 15)
    }
}
