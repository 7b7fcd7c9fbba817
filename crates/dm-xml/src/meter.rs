//! What a document has cost so far, against its limits. [profile §2]

use crate::{LimitExceeded, Limits};

/// Counts elements, depth and text of one document. Readers and builders share the rules of
/// [`Limits`] by sharing this.
#[derive(Clone, Copy, Debug)]
pub struct Meter {
    limits: Limits,
    elements: usize,
    depth: usize,
    text: usize,
}

impl Meter {
    /// Nothing so far.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits, elements: 0, depth: 0, text: 0 }
    }

    /// How many elements are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.depth
    }

    /// Whether a root element has begun and ended.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.depth == 0 && self.elements > 0
    }

    /// An element begins.
    ///
    /// # Errors
    /// When there are too many elements, or they are nested too deeply.
    #[inline]
    pub fn start(&mut self) -> Result<(), LimitExceeded> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(LimitExceeded::Elements(self.limits.elements));
        }
        if self.depth >= self.limits.depth {
            return Err(LimitExceeded::Depth(self.limits.depth));
        }
        self.depth += 1;
        Ok(())
    }

    /// An element begins, has this many characters of text, and ends.
    ///
    /// # Errors
    /// As those of [`start`](Self::start) and [`characters`](Self::characters).
    #[inline]
    pub fn leaf(&mut self, characters: usize) -> Result<(), LimitExceeded> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(LimitExceeded::Elements(self.limits.elements));
        }
        if self.depth >= self.limits.depth {
            return Err(LimitExceeded::Depth(self.limits.depth));
        }
        self.characters(characters)
    }

    /// The innermost open element ends.
    #[inline]
    pub fn end(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Characters of text or of an attribute value.
    ///
    /// # Errors
    /// When there is too much text.
    #[inline]
    pub fn text(&mut self, text: &str) -> Result<(), LimitExceeded> {
        // Octets when it is ASCII, which most is.
        self.characters(if text.is_ascii() { text.len() } else { text.chars().count() })
    }

    /// Octets that stand for their base64 text.
    ///
    /// # Errors
    /// When there is too much text.
    #[inline]
    pub fn octets(&mut self, octets: &[u8]) -> Result<(), LimitExceeded> {
        self.characters(octets.len().div_ceil(3) * 4)
    }

    /// This many characters.
    ///
    /// # Errors
    /// When there is too much text.
    #[inline]
    pub fn characters(&mut self, characters: usize) -> Result<(), LimitExceeded> {
        self.text += characters;
        if self.text > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text));
        }
        Ok(())
    }
}
