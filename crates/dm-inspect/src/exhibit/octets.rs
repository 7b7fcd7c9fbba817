//! Octets of which nothing is known, sixteen a row, beside their characters.

use std::borrow::Cow;

use super::{Row, RowKind};

const WIDTH: usize = 16;

/// Rows of octets that nobody understands.
#[derive(Debug)]
pub(super) struct OctetRows<'a> {
    octets: &'a [u8],
    offset: usize,
    depth: usize,
}

impl<'a> OctetRows<'a> {
    pub(super) fn new(octets: &'a [u8], offset: usize, depth: usize) -> Self {
        Self { octets, offset, depth }
    }

    pub(super) fn next(&mut self) -> Option<Row<'a>> {
        let (row, rest) = self.octets.split_at(self.octets.len().min(WIDTH));
        if row.is_empty() {
            return None;
        }
        let offset = self.offset;
        (self.octets, self.offset) = (rest, offset + row.len());
        let shown = |&octet: &u8| if octet.is_ascii_graphic() { char::from(octet) } else { '.' };
        Some(Row {
            offset,
            octets: row,
            token: Cow::Borrowed("octets"),
            depth: self.depth,
            text: Cow::Owned(row.iter().map(shown).collect()),
            kind: RowKind::Octets,
        })
    }
}
