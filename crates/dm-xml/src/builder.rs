//! A document, event by event, within limits.

use std::borrow::Cow;

use crate::infoset::{Entry, index};
use crate::{Document, Event, LimitExceeded, Limits};

/// How many namespaces are compared before one is noted again: keeps hostile input linear.
const NAMESPACES_COMPARED: usize = 8;

/// Builds a [`Document`].
///
/// ```
/// use dm_xml::{Builder, Limits, canonical};
/// let mut builder = Builder::new(Limits::default());
/// builder.start("urn:x", "a").unwrap();
/// builder.attribute("n", "1").unwrap();
/// builder.text("ä").unwrap();
/// builder.end();
/// assert_eq!(canonical::text(&builder.finish().unwrap()), r#"<a xmlns="urn:x" n="1">ä</a>"#);
/// ```
#[derive(Debug)]
pub struct Builder<'a> {
    document: Document<'a>,
    open: Vec<u32>,
    limits: Limits,
    elements: usize,
    text: usize,
}

impl<'a> Builder<'a> {
    /// An empty document to be built within these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            document: Document { entries: Vec::with_capacity(64), spaces: Vec::with_capacity(4) },
            open: Vec::with_capacity(16),
            limits,
            elements: 0,
            text: 0,
        }
    }

    /// How many elements are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Whether the root element has ended.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.open.is_empty() && !self.document.entries.is_empty()
    }

    /// The namespace of the innermost open element.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        let &start = self.open.last()?;
        match &self.document.entries[start as usize] {
            Entry::Start { space, .. } => Some(&self.document.spaces[*space as usize]),
            _ => None,
        }
    }

    /// An element begins.
    ///
    /// # Errors
    /// When there are too many elements, or they are nested too deeply.
    pub fn start(
        &mut self,
        namespace: impl Into<Cow<'a, str>>,
        local: &'a str,
    ) -> Result<(), LimitExceeded> {
        let space = self.space(namespace.into());
        self.start_in(space, local)
    }

    /// An element begins in the namespace of the innermost open element.
    ///
    /// # Errors
    /// As [`Builder::start`].
    pub fn start_inheriting(&mut self, local: &'a str) -> Result<(), LimitExceeded> {
        let inherited = match self.open.last().map(|&start| &self.document.entries[start as usize])
        {
            Some(Entry::Start { space, .. }) => *space,
            _ => self.space(Cow::Borrowed("")),
        };
        self.start_in(inherited, local)
    }

    fn start_in(&mut self, space: u32, local: &'a str) -> Result<(), LimitExceeded> {
        self.elements += 1;
        if self.elements > self.limits.elements {
            return Err(LimitExceeded::Elements(self.limits.elements));
        }
        if self.open.len() >= self.limits.depth {
            return Err(LimitExceeded::Depth(self.limits.depth));
        }
        self.open.push(index(self.document.entries.len()));
        self.document.entries.push(Entry::Start { space, end: 0, local });
        Ok(())
    }

    fn space(&mut self, namespace: Cow<'a, str>) -> u32 {
        let spaces = &mut self.document.spaces;
        // Children mostly share the namespace of their parent, and tables share their strings.
        if let Some(&start) = self.open.last()
            && let Entry::Start { space, .. } = &self.document.entries[start as usize]
            && is_same(&spaces[*space as usize], &namespace)
        {
            return *space;
        }
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

    /// An attribute of the element that has just begun.
    ///
    /// # Errors
    /// When there is too much text.
    pub fn attribute(
        &mut self,
        name: &'a str,
        value: impl Into<Cow<'a, str>>,
    ) -> Result<(), LimitExceeded> {
        let value = value.into();
        self.charge(count(&value))?;
        self.document.entries.push(Entry::Attribute { name, value });
        Ok(())
    }

    /// Characters.
    ///
    /// # Errors
    /// When there is too much text.
    pub fn text(&mut self, text: impl Into<Cow<'a, str>>) -> Result<(), LimitExceeded> {
        let text = text.into();
        if !text.is_empty() {
            self.charge(count(&text))?;
            self.document.entries.push(Entry::Text(text));
        }
        Ok(())
    }

    /// The base64 text of these octets.
    ///
    /// # Errors
    /// When there is too much text.
    pub fn octets(&mut self, octets: impl Into<Cow<'a, [u8]>>) -> Result<(), LimitExceeded> {
        let octets = octets.into();
        if !octets.is_empty() {
            self.charge(octets.len().div_ceil(3) * 4)?;
            self.document.entries.push(Entry::Octets(octets));
        }
        Ok(())
    }

    /// The innermost open element ends; without one, nothing happens.
    pub fn end(&mut self) {
        if let Some(start) = self.open.pop() {
            let last = index(self.document.entries.len());
            if let Entry::Start { end, .. } = &mut self.document.entries[start as usize] {
                *end = last;
            }
            self.document.entries.push(Entry::End);
        }
    }

    /// One event of another document.
    ///
    /// # Errors
    /// When a limit is passed.
    pub fn event(&mut self, event: Event<'a>) -> Result<(), LimitExceeded> {
        match event {
            Event::Start { namespace, local } => self.start(namespace, local),
            Event::Attribute { name, value } => self.attribute(name, value),
            Event::Text(text) => self.text(text),
            Event::Octets(octets) => self.octets(octets),
            Event::End => {
                self.end();
                Ok(())
            }
        }
    }

    /// An element that holds nothing but text.
    ///
    /// # Errors
    /// When a limit is passed.
    pub fn leaf(
        &mut self,
        namespace: &'a str,
        local: &'a str,
        text: impl Into<Cow<'a, str>>,
    ) -> Result<(), LimitExceeded> {
        self.start(namespace, local)?;
        self.text(text)?;
        self.end();
        Ok(())
    }

    /// The document, when its root element has ended.
    #[must_use]
    pub fn finish(self) -> Option<Document<'a>> {
        self.is_complete().then_some(self.document)
    }

    fn charge(&mut self, characters: usize) -> Result<(), LimitExceeded> {
        self.text += characters;
        if self.text > self.limits.text {
            return Err(LimitExceeded::Text(self.limits.text));
        }
        Ok(())
    }
}

/// Whether two strings are equal; most often they are the very same one.
#[inline]
fn is_same(one: &str, other: &str) -> bool {
    core::ptr::eq(one, other) || one == other
}

/// Characters of a text; octets when it is ASCII, which most is.
fn count(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.chars().count() }
}
