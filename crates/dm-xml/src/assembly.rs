//! A document in the making, whatever its size: readers and [`Builder`](crate::Builder) count.

use alloc::borrow::{Cow, ToOwned};
use alloc::vec::Vec;
use core::convert::Infallible;

use crate::character::is_same;
use crate::infoset::{Entry, Space, index};
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
    /// The namespace that was noted or found last, and its number.
    last: (&'a str, u32),
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
        Self { document, innermost: NONE, last: ("", NONE) }
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

    #[inline(always)]
    fn space(&mut self, namespace: Cow<'a, str>) -> u32 {
        // Tables share their strings: mostly it is the very one that was asked for before.
        match namespace {
            Cow::Borrowed(borrowed)
                if core::ptr::eq(borrowed, self.last.0) && self.last.1 != NONE =>
            {
                self.last.1
            }
            namespace => self.other_space(namespace),
        }
    }

    #[inline(never)]
    fn other_space(&mut self, namespace: Cow<'a, str>) -> u32 {
        let borrowed = match namespace {
            Cow::Borrowed(borrowed) => Some(borrowed),
            Cow::Owned(_) => None,
        };
        let number = self.number(namespace);
        if let Some(borrowed) = borrowed {
            self.last = (borrowed, number);
        }
        number
    }

    /// The number of the namespace of the element that is to begin next; it is noted when it is new.
    fn number(&mut self, namespace: Cow<'a, str>) -> u32 {
        // Children mostly share the namespace of their parent.
        if let Some(&Entry::Start { space, .. }) =
            self.document.entries.get(self.innermost as usize)
            && is_same(&self.document.spaces[space as usize].uri, &namespace)
        {
            return space;
        }
        let spaces = &mut self.document.spaces;
        let recent = spaces.len().saturating_sub(NAMESPACES_COMPARED / 2);
        let known = (0..spaces.len().min(NAMESPACES_COMPARED)).chain(recent..spaces.len());
        for at in known {
            if is_same(&spaces[at].uri, &namespace) {
                return index(at);
            }
        }
        let first = index(self.document.entries.len());
        spaces.push(Space { uri: namespace, first });
        index(spaces.len() - 1)
    }

    #[inline]
    fn begin(&mut self, space: u32, local: &'a str) {
        let start = index(self.document.entries.len());
        self.document.entries.push(Entry::Start { space, end: self.innermost, local });
        self.innermost = start;
    }

    fn keep(&mut self, string: Cow<'a, str>) -> u32 {
        if self.document.strings.capacity() == 0 {
            self.document.strings.reserve(8); // of a signature
        }
        self.document.strings.push(string);
        index(self.document.strings.len() - 1)
    }
}

impl<'a> Sink<'a> for Assembly<'a> {
    type Error = Infallible;

    #[inline]
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        let space = self.space(namespace);
        self.begin(space, local);
        Ok(())
    }

    fn start_inheriting(&mut self, namespace: &str, local: &'a str) -> Result<(), Infallible> {
        let space = match self.document.entries.get(self.innermost as usize) {
            Some(&Entry::Start { space, .. }) => space,
            _ => self.space(Cow::Owned(namespace.to_owned())), // there is none around it
        };
        self.begin(space, local);
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
        let entries = &mut self.document.entries;
        entries.reserve(3);
        let last = index(entries.len()) + if text.is_empty() { 1 } else { 2 };
        entries.push(Entry::Start { space, end: last, local });
        if !text.is_empty() {
            entries.push(Entry::Text(text));
        }
        entries.push(Entry::End);
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
