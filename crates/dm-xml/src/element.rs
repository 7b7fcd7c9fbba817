//! A walk over a document: elements, attributes, children, text.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::character::is_same;
use crate::infoset::Entry;
use crate::{Document, Event, Events};

/// An element of a document; a copyable place in it.
#[derive(Clone, Copy)]
pub struct Element<'d> {
    document: &'d Document<'d>,
    at: usize,
}

/// Which element of which document: the same for the same one, as long as the document lives.
/// Made by [`Element::place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    document: usize,
    at: usize,
}

/// An attribute of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'d> {
    /// Its name, without namespace.
    pub name: &'d str,
    /// Its value.
    pub value: &'d str,
}

/// A direct child of an element.
#[derive(Clone, Copy, Debug)]
pub enum Child<'d> {
    /// An element.
    Element(Element<'d>),
    /// A run of characters.
    Text(&'d str),
    /// Octets that stand for their base64 text.
    Octets(&'d [u8]),
}

impl<'d> Element<'d> {
    pub(crate) fn new(document: &'d Document<'_>, at: usize) -> Self {
        Self { document, at }
    }

    /// The document that it is in.
    #[must_use]
    pub fn document(self) -> &'d Document<'d> {
        self.document
    }

    pub(crate) fn at(self) -> usize {
        self.at
    }

    /// Which element it is.
    ///
    /// ```
    /// use dm_xml::{Limits, parse};
    /// let [one, other] = [(); 2].map(|()| parse(b"<a xmlns=\"urn:x\"><b/></a>", &Limits::default()).unwrap());
    /// assert_eq!(one.root().place(), one.root().place());
    /// assert_ne!(one.root().place(), other.root().place());
    /// assert_ne!(Some(one.root().place()), one.root().elements().next().map(|b| b.place()));
    /// ```
    #[inline]
    #[must_use]
    pub fn place(self) -> Place {
        Place { document: core::ptr::from_ref(self.document).addr(), at: self.at }
    }

    /// How many elements begin before this one: its place in the text, for whoever has that. Linear
    /// in the document.
    ///
    /// ```
    /// let document = dm_xml::parse(b"<a xmlns=\"urn:x\"><b/><c/></a>", &dm_xml::Limits::default());
    /// let document = document.unwrap();
    /// assert_eq!(document.root().elements().last().unwrap().number(), 2);
    /// ```
    #[must_use]
    pub fn number(self) -> usize {
        let before = &self.document.entries[..self.at];
        before.iter().filter(|entry| matches!(entry, Entry::Start { .. })).count()
    }

    /// Index of the `End` that belongs to this element.
    pub(crate) fn end(self) -> usize {
        match &self.document.entries[self.at] {
            Entry::Start { end, .. } => *end as usize,
            _ => self.at, // an Element is only ever made at a Start
        }
    }

    /// The name without prefix.
    #[must_use]
    pub fn local(self) -> &'d str {
        match &self.document.entries[self.at] {
            Entry::Start { local, .. } => local,
            _ => "",
        }
    }

    /// The namespace.
    #[must_use]
    pub fn namespace(self) -> &'d str {
        match &self.document.entries[self.at] {
            Entry::Start { space, .. } => &self.document.spaces[*space as usize].uri,
            _ => "",
        }
    }

    /// Whether this is the element `local` of `namespace`.
    #[must_use]
    pub fn is(self, namespace: &str, local: &str) -> bool {
        is_same(self.local(), local) && is_same(self.namespace(), namespace)
    }

    /// The attributes, in document order.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'d>> {
        self.document.entries[self.at + 1..].iter().map_while(move |entry| match entry {
            &Entry::Attribute { name, value } => {
                Some(Attribute { name, value: &self.document.strings[value as usize] })
            }
            _ => None,
        })
    }

    /// The value of this attribute.
    #[must_use]
    pub fn attribute(self, name: &str) -> Option<&'d str> {
        self.attributes().find(|attribute| attribute.name == name).map(|found| found.value)
    }

    /// Direct children, in document order.
    pub fn children(self) -> impl Iterator<Item = Child<'d>> {
        let (document, end) = (self.document, self.end());
        let mut at = self.at + 1;
        core::iter::from_fn(move || {
            while at < end {
                let here = at;
                at += 1;
                let entry = &document.entries[here];
                if let Entry::Start { end: close, .. } = entry {
                    at = *close as usize + 1;
                    return Some(Child::Element(Element { document, at: here }));
                }
                match document.event_of(entry) {
                    Event::Text(text) => return Some(Child::Text(text)),
                    Event::Octets(octets) => return Some(Child::Octets(octets)),
                    Event::Start { .. } | Event::Attribute { .. } | Event::End => {}
                }
            }
            None
        })
    }

    /// Direct child elements, in document order.
    pub fn elements(self) -> impl Iterator<Item = Element<'d>> {
        self.children().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) | Child::Octets(_) => None,
        })
    }

    /// This element and all elements below it, in document order.
    pub fn walk(self) -> impl Iterator<Item = Element<'d>> {
        let document = self.document;
        (self.at..self.end())
            .filter(|&at| matches!(document.entries[at], Entry::Start { .. }))
            .map(move |at| Element { document, at })
    }

    /// All text directly below this element, joined.
    #[must_use]
    pub fn text(self) -> Cow<'d, str> {
        let mut joined = Cow::Borrowed("");
        for child in self.children() {
            let run = match child {
                Child::Element(_) => continue,
                Child::Text(text) => Cow::Borrowed(text),
                Child::Octets(octets) => Cow::Owned(STANDARD.encode(octets)),
            };
            if joined.is_empty() {
                joined = run;
            } else {
                if let Cow::Borrowed(first) = joined {
                    let mut owned = String::with_capacity(first.len() + run.len() + 24);
                    owned.push_str(first);
                    joined = Cow::Owned(owned);
                }
                joined.to_mut().push_str(&run);
            }
        }
        joined
    }

    /// Whether there is text directly below this element that is not white space.
    #[must_use]
    pub fn has_text(self) -> bool {
        self.children().any(|child| match child {
            Child::Element(_) => false,
            Child::Text(text) => !crate::character::is_white_space(text),
            Child::Octets(octets) => !octets.is_empty(),
        })
    }

    /// The octets, when they are the only content and came as octets.
    #[must_use]
    pub fn octets(self) -> Option<&'d [u8]> {
        let mut content = self.children().filter(|child| !matches!(child, Child::Text("")));
        match (content.next(), content.next()) {
            (Some(Child::Octets(octets)), None) => Some(octets),
            _ => None,
        }
    }

    /// How many entries (elements, attributes, runs of text, ends) this element has, with all
    /// below it.
    #[must_use]
    pub fn entry_count(self) -> usize {
        self.end() - self.at + 1
    }

    /// The events of this element and all below it.
    #[must_use]
    pub fn events(self) -> Events<'d> {
        Events {
            document: self.document,
            first: self.document.entries[self.at..=self.end()].iter(),
            rest: [].iter(),
        }
    }

    /// The names of the elements from the root down to this one.
    ///
    /// Takes time linear in what stands before this element: for errors, not for the hot path.
    #[must_use]
    pub fn path(self) -> ElementPath {
        let mut path: Vec<&str> = Vec::new();
        let mut at = 0;
        while at <= self.at {
            match &self.document.entries[at] {
                Entry::Start { end, .. } if (*end as usize) < self.at => at = *end as usize,
                Entry::Start { local, .. } => path.push(local),
                _ => {}
            }
            at += 1;
        }
        ElementPath::new(path)
    }

    /// Whether both are the same place in the same document.
    #[must_use]
    pub fn is_same(self, other: Element<'_>) -> bool {
        core::ptr::addr_eq(self.document, other.document) && self.at == other.at
    }
}

/// A text that came from outside, cut to what an error can carry: 64 characters.
#[must_use]
pub fn brief(text: &str) -> Box<str> {
    match text.char_indices().nth(64) {
        None => text.into(),
        Some((end, _)) => format!("{}...", &text[..end]).into(),
    }
}

/// Where an element stands: the names from below the root down to it, like `SyncBody/Add/Item`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ElementPath(Box<[Box<str>]>);

impl ElementPath {
    /// The path of these names, the root's first.
    #[must_use]
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        Self(names.into_iter().map(brief).collect())
    }
}

impl core::fmt::Display for ElementPath {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let below_root = if self.0.len() > 1 { &self.0[1..] } else { &self.0[..] };
        for (index, name) in below_root.iter().enumerate() {
            write!(f, "{}{name}", if index == 0 { "" } else { "/" })?;
        }
        Ok(())
    }
}

impl core::fmt::Debug for Element<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{{{}}}{}", self.namespace(), self.local())
    }
}
