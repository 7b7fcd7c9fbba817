//! Limits that hold for whatever is read, text or octets. [profile §2]

use crate::LimitExceeded;

/// What a reader may cost: every limit in one value.
///
/// The defaults are those of the gate. A tool may raise them, a device may only lower them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Octets of one message, or of one XML text.
    pub octets: usize,
    /// Elements that contain one another.
    pub depth: usize,
    /// Elements in one document.
    pub elements: usize,
    /// Attributes of one element.
    pub attributes: usize,
    /// Characters of all text and attribute values, each use of a string counted. Names by
    /// reference and namespaces, each time that canonical form declares one, have as many octets
    /// again.
    pub text: usize,
    /// WBXML documents inside one another.
    pub nested: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            octets: 1 << 20,
            depth: 64,
            elements: 50_000,
            attributes: 64,
            text: 4_000_000,
            nested: 2,
        }
    }
}

impl Limits {
    /// Limits for a tool on its owner's machine: 256 MiB, 10,000,000 elements, 1,000,000,000 characters.
    ///
    /// There are about four characters for each octet: a reference of a few octets stands for a whole
    /// string of the table each time it is used, and a tool shall show such documents too. So what is
    /// read takes little more memory than its octets, but what is written of it up to a gigabyte:
    /// too much for a device, and for whoever reads for others.
    #[must_use]
    pub fn generous() -> Self {
        Self {
            octets: 256 << 20,
            depth: 256,
            elements: 10_000_000,
            attributes: 256,
            text: 1_000_000_000,
            nested: 2,
        }
    }

    /// The limits for a document inside one that was read under these.
    ///
    /// # Errors
    /// When no further nesting is allowed.
    pub fn inside(self) -> Result<Self, LimitExceeded> {
        let nested = self.nested.checked_sub(1).ok_or(LimitExceeded::Nested(0))?;
        Ok(Self { nested, ..self })
    }
}
