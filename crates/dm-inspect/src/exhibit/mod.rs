//! Octets, tokens and infoset side by side: one row after the other, as they are asked for.
//!
//! Rows follow the octets, not the infoset, and cover each octet of a message once, but white
//! space between XML tags. A document inside a document is shown where it stands, one level deeper.

mod octets;
mod wbxml;
mod xml;

use std::borrow::Cow;

use octets::OctetRows;
use wbxml::WbxmlRows;
use xml::XmlRows;

use crate::{Kind, Message};

/// Some octets and what they mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// Where they begin, in octets from the start of the message.
    pub offset: usize,
    /// The octets.
    pub octets: &'a [u8],
    /// What they are, as the standard spells it: `STR_I`, `SWITCH_PAGE`, `TAG 0/20 C`.
    pub token: Cow<'static, str>,
    /// How deep in the infoset.
    pub depth: usize,
    /// What they stand for in the infoset.
    pub text: Cow<'a, str>,
    /// What kind of row it is.
    pub kind: RowKind,
}

/// What a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RowKind {
    /// An attribute, or a piece of one.
    Attribute,
    /// The end of an element, or of its start.
    End,
    /// What cannot be read.
    Fault,
    /// The head of a document.
    Head,
    /// Something without a place in the infoset: a change of page, a comment.
    Other,
    /// Octets that stand for themselves.
    Octets,
    /// The start of an element.
    Start,
    /// Characters.
    Text,
}

/// The rows of a message.
#[must_use]
pub fn rows(message: &Message) -> Rows<'_> {
    let octets = &message.octets[..];
    let frame = match message.kind {
        Kind::Wbxml => WbxmlRows::new(octets, 0, 0).map(|rows| Frame::Wbxml(Box::new(rows))),
        Kind::Xml => Some(Frame::Xml(XmlRows::new(octets, 0, 0))),
        Kind::Unknown => None,
    };
    Rows { stack: vec![frame.unwrap_or_else(|| Frame::Octets(OctetRows::new(octets, 0, 0)))] }
}

/// Rows, one after the other. Its memory is that of the open elements.
#[derive(Debug)]
pub struct Rows<'a> {
    stack: Vec<Frame<'a>>,
}

#[derive(Debug)]
enum Frame<'a> {
    Octets(OctetRows<'a>),
    Wbxml(Box<WbxmlRows<'a>>),
    Xml(XmlRows<'a>),
}

/// What comes next: a row, perhaps with a document whose rows follow it.
struct Step<'a> {
    row: Row<'a>,
    inner: Option<Frame<'a>>,
}

impl<'a> From<Row<'a>> for Step<'a> {
    fn from(row: Row<'a>) -> Self {
        Self { row, inner: None }
    }
}

/// Documents inside one another whose rows are shown.
const DEEPEST: usize = 4;

impl<'a> Iterator for Rows<'a> {
    type Item = Row<'a>;

    fn next(&mut self) -> Option<Row<'a>> {
        let may_nest = self.stack.len() < DEEPEST;
        loop {
            let step = match self.stack.last_mut()? {
                Frame::Octets(rows) => rows.next().map(Step::from),
                Frame::Wbxml(rows) => rows.step(may_nest),
                Frame::Xml(rows) => rows.next().map(Step::from),
            };
            match step {
                Some(Step { row, inner }) => {
                    self.stack.extend(inner);
                    return Some(row);
                }
                None => {
                    self.stack.pop();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
