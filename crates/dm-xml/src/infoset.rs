//! A document: the infoset, flat, in document order.
//!
//! Entries borrow from the input wherever they can, so reading a message copies none of its
//! text. Runs of text are not joined: a string-table string that is used a hundred thousand times
//! costs a hundred thousand references and not one copy.

use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use crate::character::is_same;
use crate::{Element, Event, Events, Sink, ToInfoset, character};

/// A whole document with exactly one root element.
///
/// Made by [`parse`](crate::parse), by a WBXML reader, or event by event with
/// [`Builder`](crate::Builder).
#[derive(Clone, Debug)]
pub struct Document<'a> {
    pub(crate) entries: Vec<Entry<'a>>,
    pub(crate) spaces: Vec<Space<'a>>,
    /// Attribute values, and text that does not stand in the input as it is.
    pub(crate) strings: Vec<Cow<'a, str>>,
    /// Octets that do not stand in the input as they are.
    pub(crate) blocks: Vec<Vec<u8>>,
}

/// A namespace of a document. One may be noted more than once.
#[derive(Clone, Debug)]
pub(crate) struct Space<'a> {
    pub(crate) uri: Cow<'a, str>,
    /// Where the first element stands that has it by this note.
    pub(crate) first: u32,
}

/// One entry; an element is its `Start`, attributes, content and `End`. Small and free to copy and
/// to drop: a message is little more than a hundred of them.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Entry<'a> {
    Start { space: u32, end: u32, local: &'a str },
    Attribute { name: &'a str, value: u32 },
    Text(&'a str),
    OwnedText(u32),
    Octets(&'a [u8]),
    OwnedOctets(u32),
    End,
}

impl<'a> Document<'a> {
    /// The root element.
    #[must_use]
    pub fn root(&self) -> Element<'_> {
        Element::new(self, 0)
    }

    /// All events, in document order.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events { document: self, first: self.entries.iter(), rest: [].iter() }
    }

    /// All events but those of this element, which must be of this document.
    #[must_use]
    pub fn events_without(&self, element: Element<'_>) -> Events<'_> {
        Events {
            document: self,
            first: self.entries[..element.at()].iter(),
            rest: self.entries[element.end() + 1..].iter(),
        }
    }

    /// Pushes all events but those of this element, which must be of this document: how an
    /// enveloped signature is left out.
    ///
    /// # Errors
    /// When the sink cannot take one.
    ///
    /// ```
    /// use dm_xml::{Limits, canonical};
    /// let text = r#"<a xmlns="urn:x"><b>1</b><c><b>2</b></c></a>"#;
    /// let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
    /// let last = document.root().elements().last().unwrap();
    /// let mut octets = Vec::new();
    /// let mut writer = canonical::Writer::new(&mut octets);
    /// document.write_without(last, &mut writer).unwrap();
    /// writer.finish();
    /// assert_eq!(octets, br#"<a xmlns="urn:x"><b>1</b></a>"#);
    /// ```
    pub fn write_without<'s, S: Sink<'s>>(
        &'s self,
        element: Element<'_>,
        sink: &mut S,
    ) -> Result<(), S::Error> {
        self.push(&self.entries[..element.at()], sink)?;
        self.push(&self.entries[element.end() + 1..], sink)
    }

    /// Whether an element may be of this namespace: no answer but `false` is final.
    #[must_use]
    pub fn may_have_namespace(&self, namespace: &str) -> bool {
        self.spaces.iter().any(|space| is_same(&space.uri, namespace))
    }

    /// Whether an element of this namespace stands anywhere but in this element, which must be of
    /// this document.
    #[must_use]
    pub fn has_namespace_without(&self, namespace: &str, element: Element<'_>) -> bool {
        let (at, end) = (index(element.at()), element.end());
        let is_it = |space: &Space<'_>| is_same(&space.uri, namespace);
        // Where each one begins is known, so only what is behind the element has to be looked at.
        self.spaces.iter().any(|space| space.first < at && is_it(space))
            || self.entries[end + 1..].iter().any(|entry| match *entry {
                Entry::Start { space, .. } => is_it(&self.spaces[space as usize]),
                _ => false,
            })
    }

    /// What an entry stands for.
    #[inline]
    pub(crate) fn event_of<'d>(&'d self, entry: &Entry<'d>) -> Event<'d> {
        match *entry {
            Entry::Start { space, local, .. } => {
                Event::Start { namespace: &self.spaces[space as usize].uri, local }
            }
            Entry::Attribute { name, value } => {
                Event::Attribute { name, value: &self.strings[value as usize] }
            }
            Entry::Text(text) => Event::Text(text),
            Entry::OwnedText(at) => Event::Text(&self.strings[at as usize]),
            Entry::Octets(octets) => Event::Octets(octets),
            Entry::OwnedOctets(at) => Event::Octets(&self.blocks[at as usize]),
            Entry::End => Event::End,
        }
    }

    /// How many entries (elements, attributes, runs of text, ends) the document has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Never: a document has a root element.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Adds the root of `child`, with all below it, as the last child of the root.
    pub fn append(&mut self, child: Document<'a>) {
        let close = self.entries.pop();
        let entries_before = index(self.entries.len());
        let spaces_before = index(self.spaces.len());
        let strings_before = index(self.strings.len());
        let blocks_before = index(self.blocks.len());
        self.spaces.extend(
            child
                .spaces
                .into_iter()
                .map(|space| Space { first: space.first + entries_before, ..space }),
        );
        self.strings.extend(child.strings);
        self.blocks.extend(child.blocks);
        self.entries.extend(child.entries.into_iter().map(|mut entry| {
            match &mut entry {
                Entry::Start { space, end, .. } => {
                    *space += spaces_before;
                    *end += entries_before;
                }
                Entry::Attribute { value: at, .. } | Entry::OwnedText(at) => *at += strings_before,
                Entry::OwnedOctets(at) => *at += blocks_before,
                Entry::Text(_) | Entry::Octets(_) | Entry::End => {}
            }
            entry
        }));
        self.entries.extend(close);
        let last = index(self.entries.len() - 1);
        if let Some(Entry::Start { end, .. }) = self.entries.first_mut() {
            *end = last;
        }
    }

    /// Drops white space between elements: the text of every element that has child elements and
    /// nothing but white space beside them. Writers emit none. [profile §2]
    ///
    /// A document that is already signed must be left as it is.
    #[must_use]
    pub fn without_white_space(self) -> Self {
        // Per open element: where it starts, whether it has elements, whether it has other text.
        let mut padding: Vec<(usize, bool, bool)> = Vec::new();
        let mut drop_text = vec![false; self.entries.len()];
        for (at, entry) in self.entries.iter().enumerate() {
            match entry {
                Entry::Start { .. } => {
                    if let Some((_, has_elements, _)) = padding.last_mut() {
                        *has_elements = true;
                    }
                    padding.push((at, false, false));
                }
                Entry::Text(_) | Entry::OwnedText(_) if self.is_white_space(entry) => {}
                Entry::Text(_) | Entry::OwnedText(_) | Entry::Octets(_) | Entry::OwnedOctets(_) => {
                    if let Some((_, _, has_text)) = padding.last_mut() {
                        *has_text = true;
                    }
                }
                Entry::Attribute { .. } => {}
                Entry::End => {
                    if let Some((start, has_elements, has_text)) = padding.pop() {
                        drop_text[start] = has_elements && !has_text;
                    }
                }
            }
        }
        self.filter(&drop_text)
    }

    /// The same document without the direct text of the elements marked at their start.
    fn filter(mut self, drop_text: &[bool]) -> Self {
        let mut kept: Vec<Entry<'a>> = Vec::with_capacity(self.entries.len());
        let mut open: Vec<(usize, bool)> = Vec::new();
        for (at, &entry) in self.entries.iter().enumerate() {
            match entry {
                Entry::Start { space, .. } => {
                    let first = &mut self.spaces[space as usize].first;
                    if *first as usize == at {
                        *first = index(kept.len());
                    }
                    open.push((kept.len(), drop_text[at]));
                    kept.push(entry);
                }
                Entry::Text(_) | Entry::OwnedText(_)
                    if open.last().is_some_and(|&(_, drop)| drop) => {}
                Entry::End => {
                    let last = index(kept.len());
                    if let Some((start, _)) = open.pop()
                        && let Entry::Start { end, .. } = &mut kept[start]
                    {
                        *end = last;
                    }
                    kept.push(entry);
                }
                _ => kept.push(entry),
            }
        }
        Self { entries: kept, ..self }
    }

    fn is_white_space(&self, entry: &Entry<'_>) -> bool {
        matches!(self.event_of(entry), Event::Text(text) if character::is_white_space(text))
    }
}

impl ToInfoset for Document<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        self.push(&self.entries, sink)
    }
}

impl ToInfoset for Element<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.element(*self)
    }
}

impl<'d> Element<'d> {
    /// Pushes its events one by one, where [`ToInfoset::write`] hands on the element.
    ///
    /// # Errors
    /// When the sink cannot take one.
    pub fn push<S: Sink<'d>>(self, sink: &mut S) -> Result<(), S::Error> {
        let document = self.document();
        document.push(&document.entries[self.at()..=self.end()], sink)
    }
}

impl Document<'_> {
    /// Pushes these entries; an element that holds one text is pushed at once.
    fn push<'s, S: Sink<'s>>(
        &'s self,
        mut entries: &'s [Entry<'s>],
        sink: &mut S,
    ) -> Result<(), S::Error> {
        // Each function of the sink is called from one place, so that all of them become one loop.
        while let [entry, rest @ ..] = entries {
            entries = rest;
            match *entry {
                Entry::End => sink.end()?,
                Entry::Start { space, local, .. } => {
                    let namespace = &*self.spaces[space as usize].uri;
                    let (text, behind) = match rest {
                        [Entry::Text(text), Entry::End, behind @ ..] => (*text, behind),
                        [Entry::End, behind @ ..] => ("", behind),
                        _ => {
                            sink.start(Cow::Borrowed(namespace), local)?;
                            continue;
                        }
                    };
                    entries = behind;
                    sink.leaf(namespace, local, text)?;
                }
                _ => match self.event_of(entry) {
                    Event::Attribute { name, value } => sink.attribute(name, value.into())?,
                    Event::Text(text) => sink.text(text.into())?,
                    Event::Octets(octets) => sink.octets(octets.into())?,
                    Event::Start { .. } | Event::End => {}
                },
            }
        }
        Ok(())
    }
}

/// An index as it is stored. Readers keep their input below `u32::MAX` octets, and an entry takes
/// at least one octet of input.
pub(crate) fn index(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
