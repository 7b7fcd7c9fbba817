//! `Octets`: the value of a leaf.
//!
//! Most values are short. They stand in the node itself; others are shared, so that a node before
//! and after a change, in the tree and in a store, is one copy of them.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

/// Octets that are cheap to copy: up to 22 stand in place, more are shared.
///
/// ```
/// use dm_tree::Octets;
/// let value = Octets::from("7");
/// assert_eq!(*value, *b"7");
/// ```
#[derive(Clone)]
pub struct Octets(Repr);

/// So many that the whole is no larger than a pointer, a length and one word more.
const IN_PLACE: usize = 22;

#[derive(Clone)]
enum Repr {
    InPlace { length: u8, octets: [u8; IN_PLACE] },
    Shared(Arc<[u8]>),
}

impl Deref for Octets {
    type Target = [u8];

    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::InPlace { length, octets } => {
                octets.get(..usize::from(*length)).unwrap_or(octets)
            }
            Repr::Shared(octets) => octets,
        }
    }
}

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Octets {
    #[inline]
    fn from(octets: &[u8]) -> Self {
        let mut place = [0; IN_PLACE];
        match (place.get_mut(..octets.len()), u8::try_from(octets.len())) {
            (Some(room), Ok(length)) => {
                room.copy_from_slice(octets);
                Self(Repr::InPlace { length, octets: place })
            }
            _ => Self(Repr::Shared(octets.into())),
        }
    }
}

impl<const N: usize> From<&[u8; N]> for Octets {
    fn from(octets: &[u8; N]) -> Self {
        octets[..].into()
    }
}

impl<const N: usize> From<[u8; N]> for Octets {
    fn from(octets: [u8; N]) -> Self {
        octets[..].into()
    }
}

impl From<&str> for Octets {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl From<&String> for Octets {
    fn from(text: &String) -> Self {
        text.as_bytes().into()
    }
}

impl From<String> for Octets {
    fn from(text: String) -> Self {
        text.as_bytes().into()
    }
}

impl From<Vec<u8>> for Octets {
    fn from(octets: Vec<u8>) -> Self {
        octets[..].into()
    }
}

impl PartialEq for Octets {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Octets {}

impl PartialEq<[u8]> for Octets {
    fn eq(&self, other: &[u8]) -> bool {
        **self == *other
    }
}

impl PartialEq<&[u8]> for Octets {
    fn eq(&self, other: &&[u8]) -> bool {
        **self == **other
    }
}

impl Hash for Octets {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Octets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn octets_of_any_number_are_what_was_put_in() {
        for length in 0..=50 {
            let all: Vec<u8> = (0..length).collect();
            let octets = Octets::from(all.clone());
            assert_eq!(*octets, *all);
            assert_eq!(octets.clone(), Octets::from(&all[..]));
            assert_ne!(octets, Octets::from(vec![1; usize::from(length) + 1]));
        }
    }

    #[test]
    fn a_copy_of_many_octets_is_the_same_memory() {
        let octets = Octets::from([7; 23]);
        assert_eq!(octets.clone().as_ptr(), octets.as_ptr());
        assert_eq!(size_of::<Option<Octets>>(), size_of::<Vec<u8>>());
    }
}
