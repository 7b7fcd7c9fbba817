//! Optional parameters: tag, length, value. [SMPP 3.4 §5.3, SMPP 5.0 §4.8]

use alloc::vec::Vec;
use core::fmt;

use crate::{Error, ErrorKind};

/// Tags of the parameters that are used here. [SMPP 5.0 §4.8.1]
pub mod tag {
    /// receipted_message_id: of which message a receipt is.
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001E;
    /// sc_interface_version: which SMPP the SMS centre speaks.
    pub const SC_INTERFACE_VERSION: u16 = 0x0210;
    /// message_payload: user data that is too long for short_message.
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    /// network_error_code: why the network did not deliver.
    pub const NETWORK_ERROR_CODE: u16 = 0x0423;
    /// message_state: how far a message is.
    pub const MESSAGE_STATE: u16 = 0x0427;
    /// congestion_state: how busy the SMS centre is, 0 to 100. [SMPP 5.0 §4.8.4.18]
    pub const CONGESTION_STATE: u16 = 0x0428;
}

/// One optional parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Tlv<'a> {
    /// What it is.
    pub tag: u16,
    /// What it says.
    pub value: &'a [u8],
}

/// The optional parameters of a PDU, in its octets: read when they are asked for.
///
/// ```
/// use dm_push::smpp::{Tlv, Tlvs, tag};
/// let mut octets = Vec::new();
/// Tlv { tag: tag::MESSAGE_STATE, value: &[2] }.write(&mut octets)?;
/// assert_eq!(octets, [0x04, 0x27, 0, 1, 2]);
/// assert_eq!(Tlvs::of(&octets).octet(tag::MESSAGE_STATE), Some(2));
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Default, Eq, PartialEq)]
pub struct Tlvs<'a> {
    octets: &'a [u8],
    /// Octets of the PDU before them.
    at: usize,
}

impl<'a> Tlvs<'a> {
    /// Those in octets that were written by [`Tlv::write`].
    #[must_use]
    pub const fn of(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    pub(super) const fn at(octets: &'a [u8], at: usize) -> Self {
        Self { octets, at }
    }

    /// Their octets, as they came.
    #[must_use]
    pub const fn octets(&self) -> &'a [u8] {
        self.octets
    }

    /// The value of the first with this tag.
    #[must_use]
    pub fn get(&self, tag: u16) -> Option<&'a [u8]> {
        self.iter().find(|tlv| tlv.tag == tag).map(|tlv| tlv.value)
    }

    /// The value of the first with this tag, if it is one octet.
    #[must_use]
    pub fn octet(&self, tag: u16) -> Option<u8> {
        match self.get(tag) {
            Some([octet]) => Some(*octet),
            _ => None,
        }
    }

    /// The value of the first with this tag as text, without the NUL that should close it.
    #[must_use]
    pub fn text(&self, tag: u16) -> Option<&'a [u8]> {
        let value = self.get(tag)?;
        value.split(|octet| *octet == 0).next()
    }

    /// All of them, up to the first that is cut off.
    pub fn iter(&self) -> impl Iterator<Item = Tlv<'a>> + use<'a> {
        let mut rest = self.octets;
        core::iter::from_fn(move || {
            let (tlv, behind) = split(rest)?;
            rest = behind;
            Some(tlv)
        })
    }

    /// Whether every octet belongs to one.
    ///
    /// # Errors
    /// [`ErrorKind::Truncated`], with the place in the PDU.
    pub fn check(&self) -> Result<(), Error> {
        let whole: usize = self.iter().map(|tlv| HEAD + tlv.value.len()).sum();
        let missing = match self.octets.get(whole..) {
            None | Some([]) => return Ok(()),
            Some(rest @ [_, _, high, low, ..]) => {
                usize::from(u16::from_be_bytes([*high, *low])) + HEAD - rest.len()
            }
            Some(rest) => HEAD - rest.len(),
        };
        Err(Error::new(ErrorKind::Truncated { missing }, self.at + self.octets.len()))
    }
}

/// Octets of tag and length.
const HEAD: usize = 4;

fn split(octets: &[u8]) -> Option<(Tlv<'_>, &[u8])> {
    let ([tag_high, tag_low, high, low], rest) = octets.split_first_chunk()?;
    let (value, behind) = rest.split_at_checked(u16::from_be_bytes([*high, *low]).into())?;
    Some((Tlv { tag: u16::from_be_bytes([*tag_high, *tag_low]), value }, behind))
}

impl Tlv<'_> {
    /// Writes it behind what is there.
    ///
    /// # Errors
    /// [`ErrorKind::FieldTooLong`] for a value of more than 65,535 octets.
    pub fn write(&self, out: &mut Vec<u8>) -> Result<(), Error> {
        let (octets, limit) = (self.value.len(), usize::from(u16::MAX));
        let length = u16::try_from(octets)
            .map_err(|_| Error::new(ErrorKind::FieldTooLong { octets, limit }, out.len()))?;
        out.extend_from_slice(&self.tag.to_be_bytes());
        out.extend_from_slice(&length.to_be_bytes());
        out.extend_from_slice(self.value);
        Ok(())
    }
}

impl fmt::Debug for Tlvs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_cut_off_hides_nothing_before_it_and_has_a_place() {
        let whole = [0, 0x1E, 0, 2, b'7', 0, 0x14, 0x01, 0, 3, 1, 2, 3];
        assert_eq!(Tlvs::of(&whole).text(tag::RECEIPTED_MESSAGE_ID), Some(&b"7"[..]));
        assert_eq!(Tlvs::of(&whole).check(), Ok(()));
        for cut in 7..whole.len() {
            let tlvs = Tlvs::at(&whole[..cut], 100);
            assert_eq!(tlvs.text(tag::RECEIPTED_MESSAGE_ID), Some(&b"7"[..]));
            let missing = if cut < 10 { 10 - cut } else { 13 - cut };
            assert_eq!(tlvs.check(), Err(Error::new(ErrorKind::Truncated { missing }, 100 + cut)));
        }
    }

    #[test]
    fn a_value_of_another_length_is_no_octet_and_text_needs_no_nul() {
        let octets = [0x04, 0x27, 0, 2, 0, 2, 0, 0x1E, 0, 2, b'a', b'b'];
        assert_eq!(Tlvs::of(&octets).octet(tag::MESSAGE_STATE), None);
        assert_eq!(Tlvs::of(&octets).text(tag::RECEIPTED_MESSAGE_ID), Some(&b"ab"[..]));
    }
}
