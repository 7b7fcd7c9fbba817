//! XML text, tag by tag. What the reader thinks of it, the deviations say.

use std::borrow::Cow;

use super::{Row, RowKind};

/// Rows of XML text.
#[derive(Debug)]
pub(super) struct XmlRows<'a> {
    octets: &'a [u8],
    at: usize,
    base: usize,
    depth: usize,
    outer: usize,
}

/// What begins with what, ends with what, and is called what.
const MARKUP: [(&[u8], &[u8], &str); 4] = [
    (b"<!--", b"-->", "comment"),
    (b"<![CDATA[", b"]]>", "CDATA"),
    (b"<?", b"?>", "PI"),
    (b"<!", b">", "DOCTYPE"),
];

impl<'a> XmlRows<'a> {
    pub(super) fn new(octets: &'a [u8], base: usize, depth: usize) -> Self {
        Self { octets, at: 0, base, depth, outer: depth }
    }

    pub(super) fn next(&mut self) -> Option<Row<'a>> {
        loop {
            let rest = self.octets.get(self.at..).filter(|rest| !rest.is_empty())?;
            if rest[0] != b'<' {
                let end = rest.iter().position(|&octet| octet == b'<').unwrap_or(rest.len());
                let is_space = rest[..end].trim_ascii().is_empty();
                if is_space {
                    self.at += end;
                    continue;
                }
                return Some(self.row(end, "text", RowKind::Text, self.depth));
            }
            return Some(self.markup(rest));
        }
    }

    fn markup(&mut self, rest: &'a [u8]) -> Row<'a> {
        for (begin, end, name) in MARKUP {
            if rest.starts_with(begin) {
                let length = match name {
                    "DOCTYPE" => doctype(rest),
                    _ => find(&rest[begin.len()..], end).map(|at| begin.len() + at + end.len()),
                };
                let kind = if name == "CDATA" { RowKind::Text } else { RowKind::Other };
                return self.row(length.unwrap_or(rest.len()), name, kind, self.depth);
            }
        }
        let length = tag(rest);
        if rest.starts_with(b"</") {
            self.depth = self.depth.saturating_sub(1).max(self.outer);
            return self.row(length, "end tag", RowKind::End, self.depth);
        }
        let depth = self.depth;
        if rest[..length].ends_with(b"/>") {
            return self.row(length, "empty tag", RowKind::Start, depth);
        }
        self.depth += 1;
        self.row(length, "start tag", RowKind::Start, depth)
    }

    fn row(&mut self, length: usize, token: &'static str, kind: RowKind, depth: usize) -> Row<'a> {
        let octets = &self.octets[self.at..self.at + length];
        let offset = self.base + self.at;
        self.at += length;
        let text = String::from_utf8_lossy(octets);
        Row { offset, octets, token: Cow::Borrowed(token), depth, text, kind }
    }
}

/// Octets of a tag, up to a `>` that is not in quotes, or to the end.
fn tag(octets: &[u8]) -> usize {
    let mut quote = None;
    for (at, &octet) in octets.iter().enumerate() {
        match (quote, octet) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(octet),
            (Some(open), _) if open == octet => quote = None,
            _ => {}
        }
    }
    octets.len()
}

/// Octets of a document type declaration with its internal subset.
fn doctype(octets: &[u8]) -> Option<usize> {
    let mut inside = false;
    octets
        .iter()
        .position(|&octet| {
            match octet {
                b'[' => inside = true,
                b']' => inside = false,
                _ => {}
            }
            octet == b'>' && !inside
        })
        .map(|at| at + 1)
}

fn find(octets: &[u8], wanted: &[u8]) -> Option<usize> {
    octets.windows(wanted.len()).position(|window| window == wanted)
}
