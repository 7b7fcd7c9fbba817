//! Chance that is good enough to spread waits, and for words that nobody else uses. Not for secrets.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

/// Another number each time: the keys of the hash are of the system's chance.
pub(crate) fn chance() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_are_alike_and_both_halves_have_some() {
        let all: Vec<u64> = (0..1_000).map(|_| chance()).collect();
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        let high = all.iter().filter(|number| **number > u64::MAX / 2).count();
        assert!((300..700).contains(&high), "{high} of 1,000");
    }
}
