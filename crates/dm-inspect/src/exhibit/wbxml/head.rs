//! The head of a WBXML document: version, public identifier, charset, string table.
//! [WBXML 1.3 §5.4-5.7]

use std::borrow::Cow;
use std::collections::VecDeque;

use dm_wbxml::{Charset, MbUInt32, Vocabulary};

use super::{Row, RowKind};
use crate::language::{self, LANGUAGES};

/// What a head says.
pub(super) struct Head<'a> {
    pub(super) rows: VecDeque<Row<'a>>,
    pub(super) table: &'a [u8],
    pub(super) charset: Charset,
    pub(super) vocabulary: &'static Vocabulary,
    /// Where the body begins.
    pub(super) body: usize,
}

/// Reads the head of a document that begins at `base` of the message; none if there is none.
pub(super) fn read(octets: &[u8], base: usize, depth: usize) -> Option<Head<'_>> {
    let mut fields = Fields { octets, at: 0, base, depth, rows: VecDeque::new() };
    let version = *octets.first()?;
    fields.put(1, "VERSION", format!("WBXML 1.{version}"));
    let (identifier, length) = fields.number()?;
    let by_text = match identifier {
        0 => {
            let (offset, more) = MbUInt32::decode(octets.get(1 + length..)?)?;
            fields.put(length + more, "PUBLICID", format!("in the string table at {}", offset.0));
            Some(offset.0)
        }
        _ => {
            let known = LANGUAGES.by_number(identifier).filter(|_| identifier != 1);
            let known = known.map_or("no language that is known", |it| it.text);
            fields.put(length, "PUBLICID", format!("0x{identifier:04X} {known}"));
            None
        }
    };
    let mib_enum = if version == 0 {
        0 // WBXML 1.0 has none
    } else {
        let (mib_enum, length) = fields.number()?;
        let known = Charset::from_mib_enum(mib_enum);
        let name = known.map_or("not supported", language::charset);
        fields.put(length, "CHARSET", format!("{mib_enum} {name}"));
        mib_enum
    };
    let (announced, length) = fields.number()?;
    fields.put(length, "STRTBL LENGTH", format!("{announced} octets"));
    let start = fields.at;
    let rest = octets.get(start..)?;
    let table = rest.get(..usize::try_from(announced).ok()?).unwrap_or(rest);
    let found = match by_text {
        Some(offset) => {
            let text = usize::try_from(offset).ok().and_then(|offset| table.get(offset..));
            let text = text.and_then(|text| text.split(|&octet| octet == 0).next());
            text.and_then(|text| core::str::from_utf8(text).ok())
                .and_then(|it| LANGUAGES.by_text(it))
        }
        None => LANGUAGES.by_number(identifier),
    };
    let vocabulary = found.or(LANGUAGES.known.first().copied())?;
    if let (Some(_), Some(row)) = (by_text, fields.rows.get_mut(1)) {
        row.text = format!("{}: {}", row.text, language::name(vocabulary)).into();
    }
    let charset = Charset::from_mib_enum(mib_enum).unwrap_or(Charset::Utf8);
    Some(Head { rows: fields.rows, table, charset, vocabulary, body: start + table.len() })
}

struct Fields<'a> {
    octets: &'a [u8],
    at: usize,
    base: usize,
    depth: usize,
    rows: VecDeque<Row<'a>>,
}

impl<'a> Fields<'a> {
    fn number(&self) -> Option<(u32, usize)> {
        let (number, length) = MbUInt32::decode(self.octets.get(self.at..)?)?;
        Some((number.0, length))
    }

    fn put(&mut self, length: usize, token: impl Into<Cow<'static, str>>, text: String) {
        self.rows.push_back(Row {
            offset: self.base + self.at,
            octets: self.octets.get(self.at..self.at + length).unwrap_or_default(),
            token: token.into(),
            depth: self.depth,
            text: text.into(),
            kind: RowKind::Head,
        });
        self.at += length;
    }
}
