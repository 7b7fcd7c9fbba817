//! A carousel for a bearer that only broadcasts: blocks of one size, round after round.

use std::io::{self, Write};

use dm_push::carousel::Carousel;

/// Writes so many rounds of an object, in blocks of this size: to a pipe of the multiplexer, a file, a
/// socket. How fast it goes, whoever reads decides. Says how many octets that were.
///
/// # Errors
/// Of writing; [`io::ErrorKind::InvalidInput`] if nothing of the object fits a block.
pub fn write_carousel(
    object: &[u8],
    size: usize,
    rounds: u64,
    to: &mut dyn Write,
) -> io::Result<u64> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let carousel = Carousel::new(object, size).map_err(invalid)?;
    let mut octets = 0;
    for _ in 0..rounds {
        for number in 0..carousel.len() {
            to.write_all(&carousel.block(number))?;
            octets += size as u64;
        }
    }
    to.flush()?;
    Ok(octets)
}
