//! A document, event by event, within limits.

use alloc::borrow::Cow;

use crate::{Assembly, Document, LimitExceeded, Limits, Meter, Sink};

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
    assembly: Assembly<'a>,
    meter: Meter,
}

impl<'a> Builder<'a> {
    /// An empty document to be built within these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { assembly: Assembly::with_capacity(64), meter: Meter::new(limits) }
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
        self.meter.start()?;
        let Ok(()) = self.assembly.start(namespace.into(), local);
        Ok(())
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
        self.meter.text(&value)?;
        let Ok(()) = self.assembly.attribute(name, value);
        Ok(())
    }

    /// Characters.
    ///
    /// # Errors
    /// When there is too much text.
    pub fn text(&mut self, text: impl Into<Cow<'a, str>>) -> Result<(), LimitExceeded> {
        let text = text.into();
        self.meter.text(&text)?;
        let Ok(()) = self.assembly.text(text);
        Ok(())
    }

    /// The base64 text of these octets.
    ///
    /// # Errors
    /// When there is too much text.
    pub fn octets(&mut self, octets: impl Into<Cow<'a, [u8]>>) -> Result<(), LimitExceeded> {
        let octets = octets.into();
        self.meter.octets(&octets)?;
        let Ok(()) = self.assembly.octets(octets);
        Ok(())
    }

    /// The innermost open element ends; without one, nothing happens.
    pub fn end(&mut self) {
        self.meter.end();
        let Ok(()) = self.assembly.end();
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
        self.assembly.finish()
    }
}

impl<'a> Sink<'a> for Builder<'a> {
    type Error = LimitExceeded;

    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), LimitExceeded> {
        Builder::start(self, namespace, local)
    }

    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), LimitExceeded> {
        Builder::attribute(self, name, value)
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), LimitExceeded> {
        Builder::text(self, text)
    }

    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), LimitExceeded> {
        Builder::octets(self, octets)
    }

    fn end(&mut self) -> Result<(), LimitExceeded> {
        Builder::end(self);
        Ok(())
    }
}
