//! Multi-octet integers. [WBXML 1.3 §5.1]

use alloc::vec::Vec;

/// A number of 32 bits in one to five octets, seven bits each, the most significant first.
///
/// ```
/// use dm_wbxml::MbUInt32;
/// assert_eq!(MbUInt32::decode(&[0xA4, 0x01]), Some((MbUInt32(0x1201), 2)));
/// assert_eq!(MbUInt32::decode(&[0x80, 0x80, 0x01]), Some((MbUInt32(1), 3)));
/// assert_eq!(MbUInt32::decode(&[0x90, 0x80, 0x80, 0x80, 0x00]), None);
/// let mut octets = Vec::new();
/// MbUInt32(0x1201).encode(&mut octets);
/// assert_eq!(octets, [0xA4, 0x01]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MbUInt32(pub u32);

impl MbUInt32 {
    /// The number at the start of `octets`, and how many octets it takes. Leading `80` octets are
    /// read, never written. None when it is cut off, longer than five octets or over 32 bits.
    #[must_use]
    pub fn decode(octets: &[u8]) -> Option<(Self, usize)> {
        let mut value: u32 = 0;
        for (index, &octet) in octets.iter().take(5).enumerate() {
            if value >> 25 != 0 {
                return None;
            }
            value = value << 7 | u32::from(octet & 0x7F);
            if octet & 0x80 == 0 {
                return Some((Self(value), index + 1));
            }
        }
        None
    }

    /// Appends the shortest form.
    #[inline]
    pub fn encode(self, octets: &mut Vec<u8>) {
        // Nearly every number is of one octet.
        if self.0 >= 0x80 {
            self.encode_high(octets);
        }
        octets.push((self.0 & 0x7F) as u8);
    }

    fn encode_high(self, octets: &mut Vec<u8>) {
        for shift in (1..5).rev().map(|group| group * 7) {
            if self.0 >> shift != 0 {
                octets.push(0x80 | (self.0 >> shift & 0x7F) as u8);
            }
        }
    }

    /// How many octets the shortest form takes.
    #[must_use]
    pub fn encoded_len(self) -> usize {
        (1..5).filter(|group| self.0 >> (group * 7) != 0).count() + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_width_reads_back() {
        for value in
            [0, 0x7F, 0x80, 0x3FFF, 0x4000, 0x1F_FFFF, 0x20_0000, 0xFFF_FFFF, 0x1000_0000, u32::MAX]
        {
            let mut octets = Vec::new();
            MbUInt32(value).encode(&mut octets);
            assert_eq!(octets.len(), MbUInt32(value).encoded_len());
            assert_eq!(MbUInt32::decode(&octets), Some((MbUInt32(value), octets.len())));
        }
    }

    #[test]
    fn overflow_and_cut_off_numbers_are_none() {
        assert_eq!(MbUInt32::decode(&[]), None);
        assert_eq!(MbUInt32::decode(&[0x81]), None);
        assert_eq!(MbUInt32::decode(&[0x80; 6]), None);
        assert_eq!(
            MbUInt32::decode(&[0x8F, 0xFF, 0xFF, 0xFF, 0x7F]),
            Some((MbUInt32(u32::MAX), 5))
        );
        assert_eq!(MbUInt32::decode(&[0x9F, 0xFF, 0xFF, 0xFF, 0x7F]), None);
    }
}
