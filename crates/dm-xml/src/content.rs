//! Content models: elements only, text only. What every model of a document is read with.

use alloc::borrow::Cow;

use crate::character::is_same;
use crate::infoset::Entry;
use crate::{Document, Element, Event, character};

/// What a content model does not allow, at the element where it stands.
#[derive(Clone, Copy, Debug)]
pub enum Misplaced<'d> {
    /// Text beside elements, or elements beside text.
    Mixed(Element<'d>),
    /// An element of another namespace.
    Foreign(Element<'d>),
}

/// The children of an element that holds elements of one namespace, white space, and nothing else.
/// Made by [`Element::content`].
#[derive(Clone, Debug)]
pub struct Content<'d, 'n> {
    document: &'d Document<'d>,
    parent: Element<'d>,
    at: usize,
    end: usize,
    namespace: &'n str,
}

impl<'d> Element<'d> {
    /// The child elements, all of this namespace, with nothing but white space beside them.
    #[must_use]
    pub fn content<'n>(self, namespace: &'n str) -> Content<'d, 'n> {
        let (at, end) = (self.at() + 1, self.end());
        Content { document: self.document(), parent: self, at, end, namespace }
    }

    /// The text of an element that holds one run of text and nothing else, as nearly all that hold
    /// text do.
    #[inline]
    #[must_use]
    pub fn plain_text(self) -> Option<&'d str> {
        match self.document().entries[self.at() + 1..=self.end()] {
            [Entry::Text(text), Entry::End] => Some(text),
            _ => None,
        }
    }

    /// The text of an element that holds nothing else.
    ///
    /// # Errors
    /// When there is an element in it.
    #[inline]
    pub fn text_only(self) -> Result<Cow<'d, str>, Misplaced<'d>> {
        match self.document().entries[self.at() + 1..=self.end()] {
            [Entry::Text(text), Entry::End] => Ok(Cow::Borrowed(text)),
            [Entry::End] => Ok(Cow::Borrowed("")),
            _ => match self.elements().next() {
                Some(child) => Err(Misplaced::Mixed(child)),
                None => Ok(self.text()),
            },
        }
    }
}

impl<'d> Iterator for Content<'d, '_> {
    type Item = Result<Element<'d>, Misplaced<'d>>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.end {
            let here = self.at;
            let entry = &self.document.entries[here];
            if let Entry::Start { space, end, .. } = *entry {
                self.at = end as usize + 1;
                let child = Element::new(self.document, here);
                return Some(
                    match is_same(&self.document.spaces[space as usize].uri, self.namespace) {
                        true => Ok(child),
                        false => Err(Misplaced::Foreign(child)),
                    },
                );
            }
            self.at += 1;
            let is_allowed = match self.document.event_of(entry) {
                Event::Text(text) => character::is_white_space(text),
                Event::Octets(_) => false,
                Event::Start { .. } | Event::Attribute { .. } | Event::End => true,
            };
            if !is_allowed {
                return Some(Err(Misplaced::Mixed(self.parent)));
            }
        }
        None
    }
}
