//! A sink that counts what it is given.

use std::borrow::Cow;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};

use dm_xml::{Limits, Profile, Sink, Stopped, XmlError};

/// What was pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counting {
    pub starts: usize,
    pub attributes: usize,
    /// Runs of text.
    pub runs: usize,
    pub ends: usize,
    /// Characters of text and of attribute values.
    pub characters: usize,
    /// Octets of the names of elements and attributes.
    pub names: usize,
    /// Octets of the namespaces that canonical form declares.
    pub namespaces: usize,
    /// The namespaces of the open elements, by their hashes.
    open: Vec<u64>,
    /// Of all events.
    hash: u64,
}

impl Counting {
    fn note(&mut self, event: impl Hash) {
        self.hash = hash((self.hash, event));
    }
}

/// Its length, its beginning and its end: whoever counts must not be the one who works most.
fn brief(text: &str) -> (usize, &[u8], &[u8]) {
    let octets = text.as_bytes();
    (text.len(), &octets[..octets.len().min(64)], &octets[octets.len().saturating_sub(64)..])
}

fn hash(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

impl<'a> Sink<'a> for Counting {
    type Error = Infallible;

    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        self.starts += 1;
        self.names += local.len();
        let space = hash(brief(&namespace));
        if self.open.last() != Some(&space) {
            self.namespaces += namespace.len();
        }
        self.open.push(space);
        self.note((0, space, local));
        Ok(())
    }

    fn attribute(&mut self, name: &'a str, value: Cow<'a, str>) -> Result<(), Infallible> {
        self.attributes += 1;
        self.names += name.len();
        self.characters += value.chars().count();
        self.note((1, name, value));
        Ok(())
    }

    fn text(&mut self, text: Cow<'a, str>) -> Result<(), Infallible> {
        self.runs += 1;
        self.characters += text.chars().count();
        self.note((2, text));
        Ok(())
    }

    fn octets(&mut self, _: Cow<'a, [u8]>) -> Result<(), Infallible> {
        panic!("text has no octets")
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.ends += 1;
        self.open.pop();
        self.note(4);
        Ok(())
    }
}

/// What the reader pushed, and why it stopped.
#[derive(Debug)]
pub struct Read {
    pub counted: Counting,
    pub error: Option<XmlError>,
}

pub fn read(octets: &[u8], limits: &Limits, profile: &mut impl Profile<XmlError>) -> Read {
    let mut counted = Counting::default();
    let read = dm_xml::read(octets, limits, profile, &mut counted).map_err(Stopped::into_input);
    Read { counted, error: read.err() }
}
