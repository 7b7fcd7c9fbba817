//! TP-DCS: how the user data is coded. [TS 23.038 §4]

use core::fmt;

/// A data coding scheme.
///
/// ```
/// use dm_push::sms::{Alphabet, DataCoding};
/// assert_eq!(DataCoding(0xF5).alphabet(), Alphabet::Data);
/// assert_eq!(DataCoding(0x08).alphabet(), Alphabet::Ucs2);
/// assert_eq!((DataCoding(0xF5).class(), DataCoding::DATA.class()), (Some(1), None));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataCoding(pub u8);

/// What a data coding scheme makes of the user data.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Alphabet {
    /// Octets of any meaning, which a push needs.
    Data,
    /// Text in the default alphabet, seven bits to a character.
    Gsm7,
    /// Text in UCS-2.
    Ucs2,
    /// Compressed, by TS 23.042.
    Compressed,
    /// A reserved value; a receiver assumes seven-bit text.
    Reserved,
}

impl DataCoding {
    /// 8-bit data without a class.
    pub const DATA: Self = Self(0x04);
    /// 8-bit data of class 1, for the equipment: what push gateways send.
    pub const DATA_CLASS_1: Self = Self(0xF5);

    /// What the user data is.
    #[must_use]
    pub const fn alphabet(self) -> Alphabet {
        match self.0 >> 4 {
            // General and automatic deletion: bit 5 compresses, bits 3 and 2 tell the alphabet.
            0x0..=0x7 if self.0 & 0x20 != 0 => Alphabet::Compressed,
            0x0..=0x7 => match self.0 & 0x0C {
                0x00 => Alphabet::Gsm7,
                0x04 => Alphabet::Data,
                0x08 => Alphabet::Ucs2,
                _ => Alphabet::Reserved,
            },
            // Message waiting; its other two groups are below.
            0xE => Alphabet::Ucs2,
            // Data coding and class.
            0xF if self.0 & 0x04 != 0 => Alphabet::Data,
            0xC | 0xD | 0xF => Alphabet::Gsm7,
            _ => Alphabet::Reserved,
        }
    }

    /// The message class, 0 to 3, where the scheme has one.
    #[must_use]
    pub const fn class(self) -> Option<u8> {
        match self.0 >> 4 {
            0xF => Some(self.0 & 0x03),
            0x0..=0x7 if self.0 & 0x10 != 0 => Some(self.0 & 0x03),
            _ => None,
        }
    }

    /// Whether TP-UDL counts septets instead of octets. [TS 23.040 §9.2.3.16]
    pub(super) const fn counts_septets(self) -> bool {
        matches!(self.alphabet(), Alphabet::Gsm7 | Alphabet::Reserved)
    }
}

impl fmt::Display for Alphabet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "8-bit data",
            Self::Gsm7 => "7-bit text",
            Self::Ucs2 => "UCS-2 text",
            Self::Compressed => "compressed",
            Self::Reserved => "reserved",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_the_standard() {
        for (coding, alphabet) in [
            (0x00, Alphabet::Gsm7),
            (0x04, Alphabet::Data),
            (0x15, Alphabet::Data),
            (0x08, Alphabet::Ucs2),
            (0x0C, Alphabet::Reserved),
            (0x24, Alphabet::Compressed),
            (0x44, Alphabet::Data),
            (0x84, Alphabet::Reserved),
            (0xC8, Alphabet::Gsm7),
            (0xE0, Alphabet::Ucs2),
            (0xF1, Alphabet::Gsm7),
            (0xF6, Alphabet::Data),
        ] {
            assert_eq!(DataCoding(coding).alphabet(), alphabet, "{coding:#04x}");
        }
    }
}
