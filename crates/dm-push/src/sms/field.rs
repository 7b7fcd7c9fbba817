//! Which octets hold what: for showing octets beside their meaning.

use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// A field of a layer, and the octets that hold it.
///
/// The fields of a layer follow one another without a gap and cover all of its octets.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// The standard's own name: `TP-OA`, `UDHL`.
    pub name: &'static str,
    /// Its octets, counted from the start of the input of the layer.
    pub range: Range<usize>,
    /// What they say, for people.
    pub meaning: String,
}

/// Lays fields one after the other.
pub(super) struct Layout {
    at: usize,
    fields: Vec<Field>,
}

impl Layout {
    pub(super) const fn new() -> Self {
        Self { at: 0, fields: Vec::new() }
    }

    /// The next `length` octets. A field of no octets is left out.
    pub(super) fn put(&mut self, name: &'static str, length: usize, meaning: String) {
        let end = self.at + length;
        if length > 0 {
            self.fields.push(Field { name, range: self.at..end, meaning });
        }
        self.at = end;
    }

    pub(super) fn finish(self) -> Vec<Field> {
        self.fields
    }
}
