//! A place in the octets of an input. Its offsets are those of the whole input.

use crate::{Error, ErrorKind};

/// Reads forward, never past its end.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    octets: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) const fn new(octets: &'a [u8]) -> Self {
        Self { octets, at: 0 }
    }

    pub(crate) fn octet(&mut self) -> Result<u8, Error> {
        let octet = self.peek()?;
        self.at += 1;
        Ok(octet)
    }

    pub(crate) fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        match self.rest().get(..length) {
            Some(taken) => {
                self.at += length;
                Ok(taken)
            }
            None => Err(self.truncated(length)),
        }
    }

    /// The next `length` octets as a cursor of their own.
    pub(crate) fn part(&mut self, length: usize) -> Result<Self, Error> {
        let at = self.at;
        self.take(length)?;
        Ok(Self { octets: &self.octets[..self.at], at })
    }

    /// The octets up to the next NUL, which is passed.
    pub(crate) fn text(&mut self) -> Result<&'a [u8], Error> {
        let rest = self.rest();
        let Some(length) = rest.iter().position(|octet| *octet == 0) else {
            return Err(Error::new(ErrorKind::TextUnterminated, self.at));
        };
        self.at += length + 1;
        Ok(&rest[..length])
    }

    pub(crate) fn peek(&self) -> Result<u8, Error> {
        self.octets.get(self.at).copied().ok_or_else(|| self.truncated(1))
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        &self.octets[self.at..]
    }

    pub(crate) const fn at(&self) -> usize {
        self.at
    }

    pub(crate) const fn is_at_end(&self) -> bool {
        self.at == self.octets.len()
    }

    fn truncated(&self, wanted: usize) -> Error {
        Error::new(ErrorKind::Truncated { missing: wanted - self.rest().len() }, self.at)
    }
}
