//! Messages in a stream: each is as long as its `Content-Length` says. [RFC 3261 §18.3]

use alloc::vec::Vec;

use super::message::{Message, head_end};
use crate::{Error, ErrorKind};

/// What was read of a stream and not taken yet: never more than a head, a body of the limit, and
/// what was handed in last.
///
/// ```
/// use dm_push::sip::{Framed, Framer};
/// let mut framer = Framer::new(1024);
/// framer.extend(b"\r\n\r\nSIP/2.0 200 OK\r\nl: 2\r\n\r\nh");
/// assert_eq!(framer.next()?, None);
/// framer.extend(b"i");
/// assert_eq!(framer.next()?, Some(Framed::Whole(b"SIP/2.0 200 OK\r\nl: 2\r\n\r\nhi".to_vec())));
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Debug)]
pub struct Framer {
    buffer: Vec<u8>,
    /// Octets of the buffer that have no end of a head in them.
    scanned: usize,
    /// Octets of the message that the buffer begins with, once its head is there.
    whole: Option<usize>,
    /// Octets that belong to a body which is too large.
    skip: u64,
    limit: usize,
}

/// A message of a stream.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Framed {
    /// All of it.
    Whole(Vec<u8>),
    /// Its head; the body is longer than the limit, and will be passed over.
    TooLarge(Vec<u8>),
}

impl Framer {
    /// A stream at its beginning; bodies have at most `limit` octets.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), scanned: 0, whole: None, skip: 0, limit }
    }

    /// Adds what was read.
    pub fn extend(&mut self, octets: &[u8]) {
        let passed = octets.len().min(usize::try_from(self.skip).unwrap_or(usize::MAX));
        self.skip -= passed as u64;
        self.buffer.extend_from_slice(&octets[passed..]);
    }

    /// Whether a message has begun and is not whole.
    #[must_use]
    pub fn is_within(&self) -> bool {
        self.skip > 0 || !self.buffer.is_empty()
    }

    /// The next message, if it is there. Empty lines before it keep a connection alive, no more.
    ///
    /// # Errors
    /// [`Error`] if nobody can know where the next message begins: a head that cannot be read or is too
    /// long, no `Content-Length`. The stream is of no use then.
    #[expect(
        clippy::should_implement_trait,
        reason = "it ends in an error, and goes on after None"
    )]
    pub fn next(&mut self) -> Result<Option<Framed>, Error> {
        let whole = match self.whole {
            Some(whole) => whole,
            None => {
                self.blank_lines();
                let Some(end) = head_end(&self.buffer, self.scanned.saturating_sub(3))? else {
                    self.scanned = self.buffer.len();
                    return Ok(None);
                };
                let length = Message::head(&self.buffer[..end])?.content_length()?;
                let length = length.ok_or(Error::new(ErrorKind::SipLength, end))?;
                match usize::try_from(length) {
                    Ok(length) if length <= self.limit => end + length,
                    _ => {
                        let head = self.take(end);
                        let rest = core::mem::take(&mut self.buffer);
                        self.skip = length;
                        self.extend(&rest);
                        return Ok(Some(Framed::TooLarge(head)));
                    }
                }
            }
        };
        self.whole = Some(whole);
        if self.buffer.len() < whole {
            return Ok(None);
        }
        Ok(Some(Framed::Whole(self.take(whole))))
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.buffer.split_off(length);
        (self.scanned, self.whole) = (0, None);
        core::mem::replace(&mut self.buffer, rest)
    }

    fn blank_lines(&mut self) {
        let lines = self.buffer.chunks(2).take_while(|two| *two == b"\r\n").count();
        if lines > 0 {
            self.buffer.drain(..lines * 2);
            self.scanned = 0;
        }
    }
}
