//! A place in a file whose numbers are of either byte order.

use crate::{Error, ErrorKind};

/// Reads forward, never past its end. Offsets are those of the file.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    octets: &'a [u8],
    at: usize,
    is_big_endian: bool,
}

impl<'a> Cursor<'a> {
    /// At the start, in big-endian order until told otherwise.
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0, is_big_endian: true }
    }

    pub(crate) const fn set_big_endian(&mut self, is_big_endian: bool) {
        self.is_big_endian = is_big_endian;
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let rest = &self.octets[self.at..];
        let Some(taken) = rest.get(..length) else {
            let missing = length - rest.len();
            return Err(Error::new(ErrorKind::Truncated { missing }, self.at));
        };
        self.at += length;
        Ok(taken)
    }

    /// The next `length` octets as a cursor of their own.
    pub(crate) fn part(&mut self, length: usize) -> Result<Self, Error> {
        let start = self.at;
        self.take(length)?;
        Ok(Self { octets: &self.octets[..self.at], at: start, ..*self })
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, Error> {
        let octets = self.array()?;
        Ok(if self.is_big_endian { u16::from_be_bytes(octets) } else { u16::from_le_bytes(octets) })
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Error> {
        let octets = self.array()?;
        Ok(if self.is_big_endian { u32::from_be_bytes(octets) } else { u32::from_le_bytes(octets) })
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Error> {
        let octets = self.array()?;
        Ok(if self.is_big_endian { i64::from_be_bytes(octets) } else { i64::from_le_bytes(octets) })
    }

    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) const fn left(&self) -> usize {
        self.octets.len() - self.at
    }
}
