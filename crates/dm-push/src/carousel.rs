//! A carousel: one object in numbered blocks of a fixed size, again and again, for bearers that only
//! broadcast. Whoever tunes in at any time has it after one round, and what was lost after the next.
//!
//! | Octets | In a block |
//! | -- | -- |
//! | 4 | `MGC1` |
//! | 4 | which object: the CRC-32 of it |
//! | 4 | octets of the object |
//! | 4 | number of the block, from 0 |
//! | 4 | CRC-32 of all of the block but this |
//! | the rest | octets of the object; behind its end 0 |
//!
//! Numbers are high octet first. The size of a block is the bearer's.

use alloc::vec;
use alloc::vec::Vec;

use crate::crc::{crc32, crc32_of};
use crate::cursor::Cursor;
use crate::{Error, ErrorKind};

/// Octets of a block that are none of the object.
pub const OVERHEAD: usize = 20;

/// An object that goes round.
///
/// ```
/// use dm_push::carousel::{Carousel, Collector};
/// let carousel = Carousel::new(&[7; 1_000], 188)?;
/// assert_eq!(carousel.len(), 6);
/// let mut collector = Collector::new(4_096);
/// let heard = (3..9).find_map(|number| collector.take(&carousel.block(number)).unwrap());
/// assert_eq!(heard.unwrap(), [7; 1_000]);
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Carousel<'a> {
    object: &'a [u8],
    id: u32,
    size: usize,
}

impl<'a> Carousel<'a> {
    /// An object in blocks of this many octets.
    ///
    /// # Errors
    /// [`ErrorKind::TooLarge`] if the object is empty, has 4 GiB or more, or nothing of it fits a block.
    pub fn new(object: &'a [u8], size: usize) -> Result<Self, Error> {
        if size <= OVERHEAD || object.is_empty() || u32::try_from(object.len()).is_err() {
            let kind =
                ErrorKind::TooLarge { octets: object.len(), limit: size.saturating_sub(OVERHEAD) };
            return Err(Error::new(kind, 0));
        }
        Ok(Self { object, id: crc32(object), size })
    }

    /// Blocks of one round.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "there is always one")]
    pub const fn len(&self) -> usize {
        self.object.len().div_ceil(self.size - OVERHEAD)
    }

    /// One block; behind the last comes the first.
    #[must_use]
    pub fn block(&self, number: usize) -> Vec<u8> {
        let (number, room) = (number % self.len(), self.size - OVERHEAD);
        let rest = &self.object[number * room..];
        let mut block = Vec::with_capacity(self.size);
        let field = |number: usize| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
        block.extend_from_slice(MAGIC);
        block.extend(self.id.to_be_bytes());
        block.extend(field(self.object.len()));
        block.extend(field(number));
        let mut data = rest[..rest.len().min(room)].to_vec();
        data.resize(room, 0);
        block.extend(crc32_of(&[&block, &data]).to_be_bytes());
        block.append(&mut data);
        block
    }
}

/// Gathers the blocks of an object; of one at a time.
#[derive(Clone, Debug)]
pub struct Collector {
    limit: usize,
    gathered: Option<Gathered>,
}

#[derive(Clone, Debug)]
struct Gathered {
    id: u32,
    length: usize,
    room: usize,
    octets: Vec<u8>,
    missing: usize,
    has: Vec<bool>,
}

impl Collector {
    /// For objects of at most this many octets.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { limit, gathered: None }
    }

    /// Takes a block; with the last one comes the object. A block of another object begins that.
    ///
    /// # Errors
    /// [`Error`]: the block is damaged, or of no object that is taken. What was gathered stays.
    pub fn take(&mut self, block: &[u8]) -> Result<Option<Vec<u8>>, Error> {
        let Block { id, length, number, data } = Block::read(block)?;
        if length == 0 || length > self.limit {
            let kind = ErrorKind::TooLarge { octets: length, limit: self.limit };
            return Err(Error::new(kind, 8));
        }
        let total = length.div_ceil(data.len());
        if number >= total {
            return Err(Error::new(ErrorKind::NotOf { form: "block of its object" }, 12));
        }
        let is_of = |it: &&mut Gathered| (it.id, it.length, it.room) == (id, length, data.len());
        let gathered = match self.gathered.as_mut().filter(is_of) {
            Some(gathered) => gathered,
            None => self.gathered.insert(Gathered {
                id,
                length,
                room: data.len(),
                octets: vec![0; length],
                missing: total,
                has: vec![false; total],
            }),
        };
        if !gathered.has[number] {
            let from = number * gathered.room;
            let to = (from + gathered.room).min(length);
            gathered.octets[from..to].copy_from_slice(&data[..to - from]);
            gathered.has[number] = true;
            gathered.missing -= 1;
        }
        if gathered.missing > 0 {
            return Ok(None);
        }
        let octets = core::mem::take(&mut gathered.octets);
        self.gathered = None;
        match crc32(&octets) {
            found if found != id => Err(Error::new(ErrorKind::Checksum { written: id, found }, 4)),
            _ => Ok(Some(octets)),
        }
    }
}

struct Block<'a> {
    id: u32,
    length: usize,
    number: usize,
    data: &'a [u8],
}

impl<'a> Block<'a> {
    fn read(octets: &'a [u8]) -> Result<Self, Error> {
        let mut cursor = Cursor::new(octets);
        if cursor.take(MAGIC.len())? != MAGIC {
            return Err(Error::new(ErrorKind::NotOf { form: "block of a carousel" }, 0));
        }
        let mut field = || -> Result<u32, Error> {
            let octets = cursor.take(4)?;
            Ok(octets.iter().fold(0, |number, octet| (number << 8) | u32::from(*octet)))
        };
        let (id, length, number, written) = (field()?, field()?, field()?, field()?);
        let data = cursor.rest();
        if data.is_empty() {
            return Err(Error::new(ErrorKind::Truncated { missing: 1 }, octets.len()));
        }
        match crc32_of(&[&octets[..OVERHEAD - 4], data]) {
            found if found != written => {
                Err(Error::new(ErrorKind::Checksum { written, found }, OVERHEAD - 4))
            }
            _ => Ok(Self { id, length: length as usize, number: number as usize, data }),
        }
    }
}

const MAGIC: &[u8] = b"MGC1";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whoever_tunes_in_anywhere_and_misses_some_has_it_in_the_end(
            object in prop::collection::vec(any::<u8>(), 1..600), size in 21_usize..120,
            from in 0_usize..50, lost in prop::collection::vec(any::<bool>(), 40),
        ) {
            let carousel = Carousel::new(&object, size).unwrap();
            let mut collector = Collector::new(600);
            let mut heard = None;
            for number in from..from + 3 * carousel.len() {
                let block = carousel.block(number);
                prop_assert_eq!(block.len(), size);
                let is_lost = lost[number % lost.len()] && number < from + 2 * carousel.len();
                if !is_lost {
                    heard = heard.or(collector.take(&block).unwrap());
                }
            }
            prop_assert_eq!(heard.unwrap(), object);
        }

        #[test]
        fn a_damaged_block_is_never_taken(at in 0_usize..64, bit in 0_u8..8) {
            let object: Vec<u8> = (0..100).collect();
            let mut block = Carousel::new(&object, 64).unwrap().block(1);
            block[at] ^= 1 << bit;
            prop_assert!(Collector::new(600).take(&block).is_err());
        }
    }

    #[test]
    fn another_object_begins_anew_and_one_that_is_too_long_is_refused() {
        let (one, other) =
            (Carousel::new(&[1; 100], 60).unwrap(), Carousel::new(&[2; 80], 60).unwrap());
        let mut collector = Collector::new(100);
        assert_eq!(collector.take(&one.block(0)), Ok(None));
        assert_eq!(collector.take(&other.block(0)), Ok(None));
        assert_eq!(collector.take(&one.block(1)), Ok(None));
        assert_eq!(collector.take(&one.block(2)), Ok(None));
        assert_eq!(collector.take(&one.block(0)), Ok(Some(vec![1; 100])));
        let error = Collector::new(99).take(&one.block(0)).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TooLarge { octets: 100, limit: 99 });
        assert!(Carousel::new(&[1], 20).is_err() && Carousel::new(&[], 60).is_err());
    }
}
