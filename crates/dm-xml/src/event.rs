//! The infoset as a stream of borrowed events.

use crate::Document;
use crate::infoset::Entry;

/// One thing met in document order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// An element begins; its attributes follow.
    Start {
        /// The namespace; never empty.
        namespace: &'a str,
        /// The name without prefix.
        local: &'a str,
    },
    /// An attribute, without namespace, of the element that has just begun.
    Attribute {
        /// Its name.
        name: &'a str,
        /// Its value.
        value: &'a str,
    },
    /// Characters. A run of text may come in several events.
    Text(&'a str),
    /// The characters that are the base64 text, without line breaks, of these octets.
    Octets(&'a [u8]),
    /// The innermost open element ends.
    End,
}

/// The events of a document or of an element, in document order. A cheap, replayable iterator.
#[derive(Clone, Debug)]
pub struct Events<'a> {
    pub(crate) document: &'a Document<'a>,
    pub(crate) first: core::slice::Iter<'a, Entry<'a>>,
    pub(crate) rest: core::slice::Iter<'a, Entry<'a>>,
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    #[inline]
    fn next(&mut self) -> Option<Event<'a>> {
        let entry = match self.first.next() {
            Some(entry) => entry,
            None => self.rest.next()?,
        };
        Some(self.document.event_of(entry))
    }
}
