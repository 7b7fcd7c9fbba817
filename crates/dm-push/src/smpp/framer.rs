//! PDUs in a stream: each says how long it is. [SMPP 3.4 §3.2]

use alloc::vec::Vec;

use super::pdu::HEADER;
use crate::{Error, ErrorKind};

/// What was read of a stream and not taken yet.
///
/// ```
/// use dm_push::smpp::{Body, Framer, Pdu};
/// let mut octets = Vec::new();
/// Pdu::ok(1, Body::Unbind).write(&mut octets)?;
/// let mut framer = Framer::new(1024);
/// framer.extend(&octets[..9]);
/// assert_eq!(framer.next()?, None);
/// framer.extend(&octets[9..]);
/// assert_eq!(framer.next()?, Some(&octets[..]));
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Octets of the buffer that were taken.
    taken: usize,
    limit: usize,
}

impl Framer {
    /// A stream at its beginning, whose PDUs have at most `limit` octets.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), taken: 0, limit }
    }

    /// Adds what was read.
    pub fn extend(&mut self, octets: &[u8]) {
        self.buffer.drain(..self.taken);
        self.taken = 0;
        self.buffer.extend_from_slice(octets);
    }

    /// The next PDU, once all of it is there.
    ///
    /// # Errors
    /// [`ErrorKind::CommandLength`]: where the next PDU would begin is not known, the stream is of no
    /// use any more.
    #[expect(clippy::should_implement_trait, reason = "it lends its octets")]
    pub fn next(&mut self) -> Result<Option<&[u8]>, Error> {
        let waiting = &self.buffer[self.taken..];
        let Some(length) = waiting.first_chunk() else { return Ok(None) };
        let length = u32::from_be_bytes(*length);
        let octets = usize::try_from(length).unwrap_or(usize::MAX);
        if !(HEADER..=self.limit).contains(&octets) {
            return Err(Error::new(ErrorKind::CommandLength { length, limit: self.limit }, 0));
        }
        let Some(pdu) = waiting.get(..octets) else { return Ok(None) };
        self.taken += octets;
        Ok(Some(pdu))
    }
}
