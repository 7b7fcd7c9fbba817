//! Charsets, by IANA MIBenum. [WBXML 1.3 §5.6], [profile §2]

use alloc::borrow::Cow;

/// A charset that the reader knows. OPAQUE text is UTF-8 in each of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// US-ASCII, 3.
    Ascii,
    /// ISO-8859-1, 4.
    Latin1,
    /// UTF-8, 106; also 0, unknown.
    Utf8,
}

impl Charset {
    /// The charset of this number.
    #[must_use]
    pub fn from_mib_enum(number: u32) -> Option<Self> {
        match number {
            3 => Some(Self::Ascii),
            4 => Some(Self::Latin1),
            0 | 106 => Some(Self::Utf8),
            _ => None,
        }
    }

    /// The text that these octets are.
    ///
    /// # Errors
    /// The offset of the first octet that is none.
    pub fn decode(self, octets: &[u8]) -> Result<Cow<'_, str>, usize> {
        if self == Self::Latin1 && !octets.is_ascii() {
            return Ok(Cow::Owned(octets.iter().map(|&octet| char::from(octet)).collect()));
        }
        if self == Self::Ascii && !octets.is_ascii() {
            return Err(octets.iter().position(|octet| !octet.is_ascii()).unwrap_or(0));
        }
        match core::str::from_utf8(octets) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(invalid) => Err(invalid.valid_up_to()),
        }
    }
}
