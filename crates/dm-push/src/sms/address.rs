//! Addresses: a number in semi-octets, or a name in the default alphabet. [TS 23.040 §9.1.2.5]

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::gsm7;
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// Most semi-octets of one address: its value has at most ten octets. [TS 23.040 §9.1.2.5]
pub const MAX_SEMI_OCTETS: usize = 20;

const MAX_VALUE: usize = MAX_SEMI_OCTETS / 2;
const UNKNOWN: u8 = 0x81;
const INTERNATIONAL: u8 = 0x91;
const ALPHANUMERIC: u8 = 0xD0;
/// The four bits after the last digit of an odd number.
const FILLER: u8 = 0xF;
const DIGITS: &[u8; 15] = b"0123456789*#abc";

/// An address of TP-OA, TP-DA or a service centre.
///
/// ```
/// use dm_push::sms::Address;
/// let number = Address::number("+358401234567")?;
/// assert_eq!(number.type_of_address(), 0x91);
/// assert_eq!(number.value(), [0x53, 0x48, 0x10, 0x32, 0x54, 0x76]);
/// assert_eq!(Address::alphanumeric("ACME")?.to_string(), "ACME");
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Address {
    type_of_address: u8,
    semi_octets: u8,
    value: [u8; MAX_VALUE],
}

impl Address {
    /// A telephone number: digits, `*`, `#`, `a` to `c`, and a leading `+` if international.
    ///
    /// # Errors
    /// [`ErrorKind::NotText`] for any other character, [`ErrorKind::AddressTooLong`].
    pub fn number(text: &str) -> Result<Self, Error> {
        let (digits, type_of_address) = match text.strip_prefix('+') {
            Some(digits) => (digits, INTERNATIONAL),
            None => (text, UNKNOWN),
        };
        let start = text.len() - digits.len();
        let mut value = Vec::new();
        for (at, digit) in digits.bytes().enumerate() {
            let code = DIGITS.iter().position(|listed| *listed == digit);
            let code = code.and_then(|code| u8::try_from(code).ok());
            let code = code.ok_or(Error::new(ErrorKind::NotText { octet: digit }, start + at))?;
            match value.last_mut() {
                Some(last) if at % 2 == 1 => *last = *last & 0x0F | code << 4,
                _ => value.push(FILLER << 4 | code),
            }
        }
        Self::of(type_of_address, digits.len(), &value, 0)
    }

    /// A name, of at most 11 characters of the default alphabet.
    ///
    /// # Errors
    /// [`ErrorKind::NotText`] for a character that the alphabet lacks,
    /// [`ErrorKind::AddressTooLong`].
    pub fn alphanumeric(text: &str) -> Result<Self, Error> {
        let (packed, codes) = gsm7::pack(text).map_err(|at| {
            Error::new(
                ErrorKind::NotText { octet: text.as_bytes().get(at).copied().unwrap_or(0) },
                at,
            )
        })?;
        Self::of(ALPHANUMERIC, (codes * 7).div_ceil(4), &packed, 0)
    }

    /// Numbering plan and kind of number.
    #[must_use]
    pub const fn type_of_address(&self) -> u8 {
        self.type_of_address
    }

    /// How many semi-octets of the value are used.
    #[must_use]
    pub const fn semi_octets(&self) -> u8 {
        self.semi_octets
    }

    /// The octets after the type of address.
    #[must_use]
    pub fn value(&self) -> &[u8] {
        &self.value[..usize::from(self.semi_octets).div_ceil(2)]
    }

    /// Whether it is a name and not a number.
    #[must_use]
    pub const fn is_alphanumeric(&self) -> bool {
        self.type_of_address & 0x70 == ALPHANUMERIC & 0x70
    }

    /// Reads TP-OA or TP-DA: the length counts semi-octets.
    pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Self, Error> {
        let at = cursor.at();
        let semi_octets = usize::from(cursor.octet()?);
        if semi_octets > MAX_SEMI_OCTETS {
            return Err(Error::new(ErrorKind::AddressTooLong { semi_octets }, at));
        }
        let type_of_address = cursor.octet()?;
        let value = cursor.take(semi_octets.div_ceil(2))?;
        Self::of(type_of_address, semi_octets, value, at + 1)
    }

    /// Reads a service centre's address of `length` octets. [TS 24.011 §8.2.5.1]
    pub(super) fn read_octets(cursor: &mut Cursor<'_>, length: usize) -> Result<Self, Error> {
        let at = cursor.at();
        let type_of_address = cursor.octet()?;
        let value = cursor.take(length.saturating_sub(1))?;
        let fillers = usize::from(value.last().is_some_and(|last| last >> 4 == FILLER));
        Self::of(type_of_address, value.len() * 2 - fillers, value, at)
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend([self.semi_octets, self.type_of_address]);
        out.extend_from_slice(self.value());
    }

    /// Checks the parts; `at` is the offset of the type of address.
    fn of(type_of_address: u8, semi_octets: usize, value: &[u8], at: usize) -> Result<Self, Error> {
        let too_long = Error::new(ErrorKind::AddressTooLong { semi_octets }, at);
        let mut held = [0; MAX_VALUE];
        held.get_mut(..value.len()).ok_or(too_long)?.copy_from_slice(value);
        let used = u8::try_from(semi_octets).map_err(|_| too_long)?;
        let address = Self { type_of_address, semi_octets: used, value: held };

        if type_of_address & 0x80 == 0 {
            return Err(Error::new(ErrorKind::BadAddressType { octet: type_of_address }, at));
        }
        if address.is_alphanumeric() {
            return Ok(address);
        }
        for (index, octet) in value.iter().enumerate() {
            let is_half = index * 2 + 1 == semi_octets;
            let is_filler = octet >> 4 == FILLER;
            if octet & 0x0F == FILLER || is_half != is_filler {
                return Err(Error::new(ErrorKind::BadSemiOctet { octet: *octet }, at + 1 + index));
            }
        }
        Ok(address)
    }

    fn text(&self) -> String {
        let semi_octets = usize::from(self.semi_octets);
        if self.is_alphanumeric() {
            return gsm7::unpack(self.value(), semi_octets * 4 / 7);
        }
        let halves = self.value().iter().flat_map(|octet| [octet & 0x0F, octet >> 4]);
        let digits = halves.take(semi_octets).filter_map(|half| DIGITS.get(usize::from(half)));
        let plus = if self.type_of_address & 0x70 == 0x10 { "+" } else { "" };
        plus.chars().chain(digits.map(|digit| char::from(*digit))).collect()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests;
