//! Whatever takes an infoset, event by event: a document, a digest, a writer.

use alloc::borrow::{Cow, ToOwned};
use core::convert::Infallible;
use core::fmt;

use crate::{Element, Event};

/// Takes the events of one document in document order. Readers push into it, so a conversion from
/// one form to another needs neither a document in memory nor an allocation for each event.
pub trait Sink<'a> {
    /// Why it can stop the reading.
    type Error;

    /// An element begins; its attributes follow.
    ///
    /// # Errors
    /// When the sink cannot take it; so for every other function.
    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Self::Error>;

    /// An element begins that has the namespace of the one around it, where that namespace is not
    /// there for as long as the document: whoever knows the one around it need not copy it.
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn start_inheriting(&mut self, namespace: &str, local: &'a str) -> Result<(), Self::Error> {
        self.start(Cow::Owned(namespace.to_owned()), local)
    }

    /// An attribute, without namespace, of the element that has just begun.
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Self::Error>;

    /// Characters. A run of text may come in several pieces.
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Self::Error>;

    /// The characters that are the base64 text, without line breaks, of these octets.
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Self::Error>;

    /// The innermost open element ends.
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn end(&mut self) -> Result<(), Self::Error>;

    /// An element that holds nothing but text.
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn leaf(
        &mut self,
        namespace: &'a str,
        local: &'a str,
        text: &'a str,
    ) -> Result<(), Self::Error> {
        self.start(Cow::Borrowed(namespace), local)?;
        if !text.is_empty() {
            self.text(Cow::Borrowed(text))?;
        }
        self.end()
    }

    /// An element of a document in memory, with all that is in it. A sink that meets the same one
    /// again and again may know it by its [`place`](Element::place).
    ///
    /// # Errors
    /// When the sink cannot take it.
    fn element(&mut self, element: Element<'a>) -> Result<(), Self::Error>
    where
        Self: Sized,
    {
        element.push(self)
    }

    /// One event of a document.
    ///
    /// # Errors
    /// When the sink cannot take it.
    #[inline]
    fn event(&mut self, event: Event<'a>) -> Result<(), Self::Error> {
        match event {
            Event::Start { namespace, local } => self.start(Cow::Borrowed(namespace), local),
            Event::Attribute { name, value } => self.attribute(name, Cow::Borrowed(value)),
            Event::Text(text) => self.text(Cow::Borrowed(text)),
            Event::Octets(octets) => self.octets(Cow::Borrowed(octets)),
            Event::End => self.end(),
        }
    }
}

/// Whatever can be said as an infoset: a document, a message, a command, an object.
///
/// A value pushes itself into a sink; a digest, a WBXML writer or a count of octets needs no
/// document in between.
pub trait ToInfoset {
    /// Pushes all events of this value, whole elements only.
    ///
    /// # Errors
    /// When the sink cannot take one.
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error>;
}

impl<T: ToInfoset> ToInfoset for &T {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        (**self).write(sink)
    }
}

/// Why a reader did not come to the end: its input, or the sink that it fed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped<R, S> {
    /// The input was refused.
    Input(R),
    /// The sink could not take it.
    Sink(S),
}

impl<R> Stopped<R, Infallible> {
    /// The reader's error, when the sink takes everything.
    pub fn into_input(self) -> R {
        match self {
            Self::Input(error) => error,
            Self::Sink(never) => match never {},
        }
    }
}

impl<R: fmt::Display, S: fmt::Display> fmt::Display for Stopped<R, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => error.fmt(f),
            Self::Sink(error) => error.fmt(f),
        }
    }
}

impl<R: core::error::Error, S: core::error::Error> core::error::Error for Stopped<R, S> {}
