//! XML text to an infoset. No DTD, no entities beyond the five, no processing instructions.
//! [XML 1.0], [Namespaces in XML 1.0]
//!
//! The reader is our own: it pushes what it reads straight into a digest or a WBXML writer, keeps
//! offsets, has two profiles as types, and works where there is no `std`.

mod attribute;
mod markup;
mod prolog;
mod reference;
mod tag;

use alloc::borrow::Cow;

use smallvec::SmallVec;

use crate::character::forbidden;
use crate::namespace::Scope;
use crate::sink::Stopped;
use crate::{
    Assembly, Document, Lenient, LimitExceeded, Limits, Meter, Profile, Sink, Strict, XmlError,
    XmlErrorKind,
};

/// Reads XML text. Prefixes are resolved and forgotten, comments are dropped.
///
/// # Errors
/// When the text is not well-formed UTF-8 XML, has something that the infoset of a message cannot
/// carry (DTD, processing instruction, attribute in a namespace, element without a namespace), or
/// passes a limit. The error says where.
pub fn parse<'a>(octets: &'a [u8], limits: &Limits) -> Result<Document<'a>, XmlError> {
    document(octets, limits, &mut Strict)
}

/// Reads XML text as people write it: device descriptions, provisioning documents, traces.
///
/// What [`parse`] refuses and what can still be shown is read, and listed: a document type
/// declaration (skipped, nothing in it is expanded), processing instructions (dropped), elements
/// without a namespace (their namespace is empty), attributes in a namespace (their name keeps
/// the prefix).
///
/// # Errors
/// When the text is not well-formed UTF-8 XML, or passes a limit.
///
/// ```
/// use dm_xml::{Limits, parse, parse_lenient};
/// let text = br#"<?pi?><MgmtTree xmlns:m="urn:m" m:by="us"/>"#;
/// assert!(parse(text, &Limits::default()).is_err());
/// let (document, lenient) = parse_lenient(text, &Limits::default()).unwrap();
/// assert_eq!(document.root().attribute("m:by"), Some("us"));
/// assert_eq!(lenient.deviations().len(), 3);
/// ```
pub fn parse_lenient<'a>(
    octets: &'a [u8],
    limits: &Limits,
) -> Result<(Document<'a>, Lenient<XmlError>), XmlError> {
    let mut profile = Lenient::default();
    let document = document(octets, limits, &mut profile)?;
    Ok((document, profile))
}

fn document<'a>(
    octets: &'a [u8],
    limits: &Limits,
    profile: &mut impl Profile<XmlError>,
) -> Result<Document<'a>, XmlError> {
    // A leaf of a message is about sixteen octets an entry; room for that is not moved while it grows.
    let mut assembly = Assembly::with_capacity(octets.len().min(1 << 16) / 12 + 8);
    read(octets, limits, profile, &mut assembly).map_err(Stopped::into_input)?;
    assembly.finish().ok_or(XmlError { kind: XmlErrorKind::Root, offset: octets.len() })
}

/// Reads XML text into a sink, without a document in between.
///
/// # Errors
/// As [`parse`], or what the sink says.
///
/// ```
/// use dm_xml::{Limits, Strict, canonical, read};
/// let mut text = Vec::new();
/// let mut writer = canonical::Writer::new(&mut text);
/// read(b"<a xmlns='urn:x'/>", &Limits::default(), &mut Strict, &mut writer).unwrap();
/// writer.finish();
/// assert_eq!(text, br#"<a xmlns="urn:x"></a>"#);
/// ```
pub fn read<'a, P: Profile<XmlError>, S: Sink<'a>>(
    octets: &'a [u8],
    limits: &Limits,
    profile: &mut P,
    sink: &mut S,
) -> Result<(), Stopped<XmlError, S::Error>> {
    let refuse = |kind, offset| Err(Stopped::Input(XmlError { kind, offset }));
    if octets.len() > limits.octets.min(u32::MAX as usize) {
        return refuse(LimitExceeded::Octets(limits.octets).into(), 0);
    }
    let text = match core::str::from_utf8(octets) {
        Ok(text) => text,
        Err(invalid) => return refuse(XmlErrorKind::Encoding, invalid.valid_up_to()),
    };
    if let Some((offset, character)) = forbidden(text) {
        return refuse(XmlErrorKind::Character(character), offset);
    }
    let at = if text.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
    let mut parser = Parser {
        text,
        at,
        here: at,
        limits,
        meter: Meter::new(*limits),
        scope: Scope::default(),
        open: SmallVec::new(),
        namespaces: 0,
        has_document_type: false,
        attributes: SmallVec::new(),
        profile,
        sink,
    };
    parser.run()
}

/// Why a step of the parser failed: the text, at the place where the step began, or the sink.
enum Stop<E> {
    Text(XmlErrorKind),
    Sink(E),
}

impl<E> From<XmlErrorKind> for Stop<E> {
    fn from(kind: XmlErrorKind) -> Self {
        Self::Text(kind)
    }
}

impl<E> From<LimitExceeded> for Stop<E> {
    fn from(limit: LimitExceeded) -> Self {
        Self::Text(limit.into())
    }
}

struct Parser<'a, 'p, P, S> {
    text: &'a str,
    at: usize,
    /// Where what is being read begins.
    here: usize,
    limits: &'p Limits,
    meter: Meter,
    scope: Scope<'a>,
    /// The names of the open elements, with their prefixes, and which declaration in scope their
    /// namespaces are from.
    open: SmallVec<[(&'a str, usize); 16]>,
    /// Octets of the namespaces that canonical form declares so far: a short prefix is the
    /// cheapest way to ask for a long namespace again.
    namespaces: usize,
    has_document_type: bool,
    /// The attributes of the tag that is being read.
    attributes: SmallVec<[(&'a str, Cow<'a, str>); 4]>,
    profile: &'p mut P,
    sink: &'p mut S,
}

impl<'a, P: Profile<XmlError>, S: Sink<'a>> Parser<'a, '_, P, S> {
    fn run(&mut self) -> Result<(), Stopped<XmlError, S::Error>> {
        while self.at < self.text.len() {
            self.here = self.at;
            self.step().map_err(|stop| self.stopped(stop))?;
        }
        if self.meter.is_complete() {
            return Ok(());
        }
        let kind = if self.open.is_empty() { XmlErrorKind::Root } else { XmlErrorKind::Syntax };
        Err(Stopped::Input(XmlError { kind, offset: self.text.len() }))
    }

    fn stopped(&self, stop: Stop<S::Error>) -> Stopped<XmlError, S::Error> {
        match stop {
            Stop::Text(kind) => Stopped::Input(XmlError { kind, offset: self.here }),
            Stop::Sink(error) => Stopped::Sink(error),
        }
    }

    #[inline]
    fn step(&mut self) -> Result<(), Stop<S::Error>> {
        match self.text.as_bytes()[self.at] {
            b'<' => match self.text.as_bytes().get(self.at + 1) {
                Some(b'/') => self.end_tag(),
                Some(b'!') => self.declaration_or_section(),
                Some(b'?') => self.instruction(),
                _ => self.start_tag(),
            },
            b'&' => self.reference(),
            _ => self.characters(),
        }
    }

    /// A deviation that begins where the present step began.
    fn deviates(&mut self, kind: XmlErrorKind) -> Result<(), Stop<S::Error>> {
        let deviation = XmlError { kind, offset: self.here };
        self.profile.met(deviation).map_err(|refused| Stop::Text(refused.kind))
    }

    fn emit(&mut self, text: Cow<'a, str>) -> Result<(), Stop<S::Error>> {
        self.meter.text(&text)?;
        self.sink.text(text).map_err(Stop::Sink)
    }
}

#[cfg(test)]
mod tests;
