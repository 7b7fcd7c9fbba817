//! Octets, token and infoset in columns.

use dm_inspect::{Field, Message, Row, RowKind, rows};

use super::screen::Screen;
use super::style::{Ink, Style, fit};
use crate::report::{hex, plain};

/// The columns of a table.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    style: Style,
    /// Octets that are shown of a row.
    octets: usize,
    token: usize,
    indent: usize,
}

/// What stands in the columns of one line.
struct Cells<'a> {
    offset: usize,
    octets: &'a [u8],
    token: &'a str,
    depth: usize,
    text: &'a str,
    ink: Ink,
}

/// Columns of an offset, with the space behind it.
const OFFSET: usize = 8;

impl Table {
    /// One that fits the terminal.
    pub fn new(style: Style) -> Self {
        let (octets, token, indent) = match style.width {
            0..90 => (5, 14, 1),
            90..130 => (8, 15, 2),
            _ => (12, 18, 2),
        };
        Self { style, octets, token, indent }
    }

    /// The names of the columns.
    pub fn head(&self, screen: &mut Screen) {
        let width = self.octets * 3 + 1;
        let line = format!(
            "{:>6}  {:width$}{:token$} infoset",
            "octet",
            "octets",
            "token",
            token = self.token
        );
        screen.line(&self.style.ink(Ink::Dim, &line));
    }

    /// All rows of a message, with a line wherever another segment begins.
    pub fn rows(&self, message: &Message, screen: &mut Screen) {
        let mut pieces = message.origin.iter().peekable();
        let in_pieces = message.origin.len() > 1;
        for row in rows(message) {
            while let Some(piece) = pieces.next_if(|piece| piece.range.start <= row.offset) {
                if in_pieces {
                    let part = piece.part.map_or(String::new(), |part| format!("part {part}, "));
                    let offset = piece.offset + row.offset - piece.range.start;
                    let said = format!("{part}{}, octet {offset}", plain(&piece.source));
                    screen.line(&self.style.ink(Ink::Dim, &format!("{:>6}  {said}", "--")));
                }
            }
            self.row(&row, screen);
        }
    }

    /// A row of a message.
    fn row(&self, row: &Row<'_>, screen: &mut Screen) {
        let ink = match row.kind {
            RowKind::Start | RowKind::End => Ink::Tag,
            RowKind::Text | RowKind::Attribute => Ink::Quote,
            RowKind::Fault => Ink::Bad,
            RowKind::Other => Ink::Dim,
            _ => Ink::Plain,
        };
        let cells = Cells {
            offset: row.offset,
            octets: row.octets,
            token: &row.token,
            depth: row.depth,
            text: &row.text,
            ink,
        };
        self.line(&cells, screen);
    }

    /// A row of a wrapping.
    pub fn field(&self, field: &Field, screen: &mut Screen) {
        let cells = Cells {
            offset: field.offset,
            octets: &field.octets,
            token: field.name,
            depth: 0,
            text: &field.meaning,
            ink: Ink::Plain,
        };
        self.line(&cells, screen);
    }

    fn line(&self, cells: &Cells<'_>, screen: &mut Screen) {
        let Cells { offset, octets, token, depth, text, ink } = *cells;
        let shown: Vec<String> =
            octets.iter().take(self.octets).map(|octet| hex(&[*octet])).collect();
        let more = if octets.len() > self.octets { "\u{2026}" } else { "" };
        let octets_width = self.octets * 3;
        let octets = format!("{:octets_width$}", shown.join(" ") + more);
        let token = format!("{:width$}", fit(token, self.token), width = self.token);
        let used = OFFSET + octets_width + 1 + self.token + 1;
        let room = self.style.width.saturating_sub(used);
        let indent = (depth * self.indent).min(room / 2);
        let text = fit(text, room - indent);
        let (style, margin) = (self.style, " ".repeat(indent));
        screen.line(
            format!(
                "{}  {} {} {margin}{}",
                style.ink(Ink::Dim, &format!("{offset:>6}")),
                octets,
                style.ink(Ink::Mark, &token),
                style.ink(ink, &text)
            )
            .trim_end(),
        );
    }

    /// Octets with their offsets and characters, sixteen a line.
    pub fn hex(message: &Message, screen: &mut Screen) {
        for (at, octets) in message.octets.chunks(16).enumerate() {
            let shown: Vec<String> = octets.iter().map(|octet| hex(&[*octet])).collect();
            let is_shown = |octet: u8| octet.is_ascii_graphic() || octet == b' ';
            let characters: String = octets
                .iter()
                .map(|&octet| if is_shown(octet) { char::from(octet) } else { '.' })
                .collect();
            screen.line(&format!("{:08x}  {:47}  |{characters}|", at * 16, shown.join(" ")));
        }
    }
}
