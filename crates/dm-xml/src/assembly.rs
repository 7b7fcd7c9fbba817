//! A document in the making, whatever its size: readers and [`Builder`](crate::Builder) count.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::convert::Infallible;

use crate::character::is_same;
use crate::infoset::{Entry, index};
use crate::{Document, Sink};

/// How many namespaces are compared before one is noted again: keeps hostile input linear.
const NAMESPACES_COMPARED: usize = 8;

/// Puts a document together. It has no limits of its own: a reader that feeds it has them.
#[derive(Debug)]
pub struct Assembly<'a> {
    document: Document<'a>,
    /// Where the innermost open element starts. Until an element ends, its `end` is where the one
    /// around it starts.
    innermost: u32,
}

/// No element is open.
const NONE: u32 = u32::MAX;

impl<'a> Assembly<'a> {
    /// No document yet, and room for this many entries (elements, attributes, runs of text, ends).
    #[must_use]
    pub fn with_capacity(entries: usize) -> Self {
        let document = Document {
            entries: Vec::with_capacity(entries),
            spaces: Vec::with_capacity(4),
            strings: Vec::new(),
            blocks: Vec::new(),
        };
        Self { document, innermost: NONE }
    }

    /// Whether the root element has ended.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.innermost == NONE && !self.document.entries.is_empty()
    }

    /// The document, when its root element has ended.
    #[must_use]
    pub fn finish(self) -> Option<Document<'a>> {
        self.is_complete().then_some(self.document)
    }

    #[inline]
    fn space(&mut self, namespace: Cow<'a, str>) -> u32 {
        // Children mostly share the namespace of their parent, and tables share their strings.
        if let Some(&Entry::Start { space, .. }) =
            self.document.entries.get(self.innermost as usize)
            && is_same(&self.document.spaces[space as usize], &namespace)
        {
            return space;
        }
        self.other_space(namespace)
    }

    fn other_space(&mut self, namespace: Cow<'a, str>) -> u32 {
        let spaces = &mut self.document.spaces;
        let recent = spaces.len().saturating_sub(NAMESPACES_COMPARED / 2);
        let known = (0..spaces.len().min(NAMESPACES_COMPARED)).chain(recent..spaces.len());
        for at in known {
            if is_same(&spaces[at], &namespace) {
                return index(at);
            }
        }
        spaces.push(namespace);
        index(spaces.len() - 1)
    }

    fn keep(&mut self, string: Cow<'a, str>) -> u32 {
        self.document.strings.push(string);
        index(self.document.strings.len() - 1)
    }
}

impl<'a> Sink<'a> for Assembly<'a> {
    type Error = Infallible;

    #[inline]
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        let space = self.space(namespace);
        let start = index(self.document.entries.len());
        self.document.entries.push(Entry::Start { space, end: self.innermost, local });
        self.innermost = start;
        Ok(())
    }

    #[inline]
    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Infallible> {
        let value = self.keep(value);
        self.document.entries.push(Entry::Attribute { name, value });
        Ok(())
    }

    #[inline]
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Infallible> {
        if !text.is_empty() {
            let entry = match text {
                Cow::Borrowed(text) => Entry::Text(text),
                owned @ Cow::Owned(_) => Entry::OwnedText(self.keep(owned)),
            };
            self.document.entries.push(entry);
        }
        Ok(())
    }

    #[inline]
    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Infallible> {
        if !octets.is_empty() {
            let entry = match octets {
                Cow::Borrowed(octets) => Entry::Octets(octets),
                Cow::Owned(octets) => {
                    self.document.blocks.push(octets);
                    Entry::OwnedOctets(index(self.document.blocks.len() - 1))
                }
            };
            self.document.entries.push(entry);
        }
        Ok(())
    }

    #[inline]
    fn leaf(
        &mut self,
        namespace: &'a str,
        local: &'a str,
        text: &'a str,
    ) -> Result<(), Infallible> {
        let space = self.space(Cow::Borrowed(namespace));
        let last = index(self.document.entries.len()) + if text.is_empty() { 1 } else { 2 };
        let start = Entry::Start { space, end: last, local };
        match text.is_empty() {
            true => self.document.entries.extend_from_slice(&[start, Entry::End]),
            false => {
                let leaf = [start, Entry::Text(text), Entry::End];
                self.document.entries.extend_from_slice(&leaf);
            }
        }
        Ok(())
    }

    /// The innermost open element ends; without one, nothing happens.
    #[inline]
    fn end(&mut self) -> Result<(), Infallible> {
        let last = index(self.document.entries.len());
        if let Some(Entry::Start { end, .. }) =
            self.document.entries.get_mut(self.innermost as usize)
        {
            self.innermost = core::mem::replace(end, last);
            self.document.entries.push(Entry::End);
        }
        Ok(())
    }
}
