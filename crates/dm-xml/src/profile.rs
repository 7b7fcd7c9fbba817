//! What a reader does when it meets something that the signed profile refuses: two types, so that
//! nobody can forget which one a reader has. [profile §2]

use alloc::vec::Vec;

/// Decides about each deviation from the signed profile. A gate reads with [`Strict`], a bench
/// with [`Lenient`]: two types, so there is no flag that could be forgotten.
pub trait Profile<E> {
    /// A deviation was met. What this returns as an error ends the reading.
    ///
    /// # Errors
    /// The deviation itself, when the profile does not let it pass.
    fn met(&mut self, deviation: E) -> Result<(), E>;

    /// Something was met that every profile reads, and that a bench tells about.
    fn tolerated(&mut self, peculiarity: E) {
        drop(peculiarity);
    }
}

/// The signed profile: every deviation is an error.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strict;

impl<E> Profile<E> for Strict {
    #[inline]
    fn met(&mut self, deviation: E) -> Result<(), E> {
        Err(deviation)
    }
}

/// The bench: whatever can be shown is read, and each deviation is kept.
///
/// A document that was read in this way is for the eyes. No verdict may rest on it.
#[derive(Clone, Debug)]
pub struct Lenient<E> {
    deviations: Vec<E>,
    unlisted: usize,
}

impl<E> Lenient<E> {
    /// How many deviations are listed; any further ones are counted.
    pub const LISTED: usize = 1_000;

    /// Where the deviations are, in the order in which they were met.
    #[must_use]
    pub fn deviations(&self) -> &[E] {
        &self.deviations
    }

    /// How many more there were than are listed.
    #[must_use]
    pub fn unlisted(&self) -> usize {
        self.unlisted
    }

    /// The deviations that are listed.
    #[must_use]
    pub fn into_deviations(self) -> Vec<E> {
        self.deviations
    }
}

impl<E> Default for Lenient<E> {
    fn default() -> Self {
        Self { deviations: Vec::new(), unlisted: 0 }
    }
}

impl<E> Profile<E> for Lenient<E> {
    fn met(&mut self, deviation: E) -> Result<(), E> {
        if self.deviations.len() < Self::LISTED {
            self.deviations.push(deviation);
        } else {
            self.unlisted += 1;
        }
        Ok(())
    }

    fn tolerated(&mut self, peculiarity: E) {
        let _ = self.met(peculiarity); // which only lists it
    }
}
