//! Searching the memory of this process, without `unsafe`: the system shows it as a file.

use std::fs::File;
use std::os::unix::fs::FileExt;

/// What is looked for, in disguise: the search does not find itself.
pub struct Pattern(Vec<u8>);

const DISGUISE: u8 = 0x5A;

impl Pattern {
    /// Of these octets, of which no clear copy is made.
    pub fn of(octets: &[u8]) -> Self {
        assert!(octets.len() >= 16, "short patterns are anywhere");
        let mut pattern = Vec::with_capacity(octets.len());
        pattern.extend(octets.iter().map(|octet| octet ^ DISGUISE));
        Self(pattern)
    }

    fn is_at(&self, octets: &[u8]) -> bool {
        octets.len() >= self.0.len()
            && self.0.iter().zip(octets).all(|(disguised, octet)| disguised ^ DISGUISE == *octet)
    }

    /// How often it stands in memory that can be written; none where the system does not show it.
    pub fn copies(&self) -> Option<usize> {
        let (Ok(maps), Ok(memory)) =
            (std::fs::read_to_string("/proc/self/maps"), File::open("/proc/self/mem"))
        else {
            let needed = std::env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1");
            assert!(!needed, "/proc/self/mem cannot be read");
            conformance::peer::skipped("this system does not show a process its memory");
            return None;
        };
        Some(maps.lines().filter_map(range).map(|range| self.copies_in(&memory, range)).sum())
    }

    fn copies_in(&self, memory: &File, (start, end): (u64, u64)) -> usize {
        const CHUNK: usize = 1 << 16;
        let mut buffer = vec![0; CHUNK + self.0.len() - 1];
        let first = self.0[0] ^ DISGUISE;
        let mut found = 0;
        let mut at = start;
        while at < end {
            let length = usize::try_from(end - at).unwrap_or(CHUNK).min(buffer.len());
            let read = memory.read_at(&mut buffer[..length], at).unwrap_or(0); // guard pages: none
            let places = buffer[..read].iter().enumerate().take(CHUNK);
            let places = places.filter(|(_, octet)| **octet == first);
            found += places.filter(|(place, _)| self.is_at(&buffer[*place..read])).count();
            buffer[..read].fill(0); // or it would be found here
            at += CHUNK as u64;
        }
        found
    }
}

/// The addresses of a mapping that this process writes to.
fn range(line: &str) -> Option<(u64, u64)> {
    let mut words = line.split_whitespace();
    let (addresses, rights) = (words.next()?, words.next()?);
    let (start, end) = addresses.split_once('-')?;
    let address = |text| u64::from_str_radix(text, 16).ok();
    rights.starts_with("rw").then_some((address(start)?, address(end)?))
}
