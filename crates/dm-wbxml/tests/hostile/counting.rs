//! A sink that counts what it is given, and reading into it under both profiles.

use std::borrow::Cow;
use std::convert::Infallible;
use std::hash::{DefaultHasher, Hash, Hasher};

use dm_syncml::MetaRule;
use dm_wbxml::{Error, Source};
use dm_xml::{Lenient, Limits, Sink, Stopped};

use crate::vectors::LANGUAGES;

/// What was pushed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counting {
    pub starts: usize,
    pub attributes: usize,
    /// Runs of text and of octets.
    pub runs: usize,
    pub ends: usize,
    /// Characters of text and of attribute values, octets as base64.
    pub characters: usize,
    /// Octets of the names of elements and attributes.
    pub names: usize,
    /// Of all events.
    hash: u64,
}

impl Counting {
    fn note(&mut self, event: impl Hash) {
        let mut hasher = DefaultHasher::new();
        (self.hash, event).hash(&mut hasher);
        self.hash = hasher.finish();
    }
}

impl<'a> Sink<'a> for Counting {
    type Error = Infallible;

    fn start(&mut self, namespace: Cow<'a, str>, local: &'a str) -> Result<(), Infallible> {
        self.starts += 1;
        self.names += local.len();
        self.note((0, namespace, local));
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

    fn octets(&mut self, octets: Cow<'a, [u8]>) -> Result<(), Infallible> {
        self.runs += 1;
        self.characters += octets.len().div_ceil(3) * 4;
        self.note((3, octets));
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        self.ends += 1;
        self.note(4);
        Ok(())
    }
}

/// What a reader pushed, and why it stopped.
#[derive(Debug)]
pub struct Read {
    pub counted: Counting,
    pub error: Option<Error>,
}

pub fn strict(octets: &[u8], limits: &Limits) -> Read {
    let mut counted = Counting::default();
    let read = Source::new(octets, &LANGUAGES, limits).and_then(|source| {
        source.read(MetaRule::default(), limits, &mut counted).map_err(Stopped::into_input)
    });
    Read { counted, error: read.err() }
}

pub fn lenient(octets: &[u8], limits: &Limits) -> (Read, Vec<Error>) {
    let mut counted = Counting::default();
    let mut told = Lenient::default();
    let read = match Source::new_lenient(octets, &LANGUAGES, limits, &mut told) {
        Err(error) => Err(error),
        Ok(source) => source
            .read(MetaRule::default(), limits, &mut told, &mut counted)
            .map_err(Stopped::into_input),
    };
    (Read { counted, error: read.err() }, told.into_deviations())
}
