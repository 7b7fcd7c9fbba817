//! The string table that is written. [WBXML 1.3 §5.7]

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::{Vocabulary, WriteError};

/// Strings by content with their offsets, and how the texts of the document refer to them.
#[derive(Debug, Default)]
pub struct Table<'d> {
    octets: Vec<u8>,
    /// The first few names, which is all of a usual message, are compared one by one.
    first: Vec<(&'d str, u32)>,
    others: BTreeMap<&'d str, u32>,
    texts: Texts<'d>,
}

/// What is known about the texts of the document.
#[derive(Debug, Default)]
enum Texts<'d> {
    /// They stand in place.
    #[default]
    Inline,
    /// They are being counted: how often each occurs.
    Counted(BTreeMap<Cow<'d, str>, usize>),
    /// Those that refer to the table.
    Planned(BTreeMap<Cow<'d, str>, Reference>),
}

/// How a text is written: a reference to the string that it begins with, the rest in place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reference {
    pub(super) offset: u32,
    pub(super) length: usize,
}

impl<'d> Table<'d> {
    const FIRST: usize = 24;

    /// A table for documents of this language, whose texts stand in place.
    pub(super) fn new(vocabulary: &Vocabulary) -> Result<Self, WriteError> {
        let mut table = Self::default();
        if vocabulary.number == 0 {
            table.append(vocabulary.text)?;
        }
        Ok(table)
    }

    /// The same, which counts the texts that it meets.
    pub(super) fn counting(vocabulary: &Vocabulary) -> Result<Self, WriteError> {
        Ok(Self { texts: Texts::Counted(BTreeMap::new()), ..Self::new(vocabulary)? })
    }

    /// The same, with these references for texts.
    pub(super) fn with_texts(self, texts: BTreeMap<Cow<'d, str>, Reference>) -> Self {
        Self { texts: Texts::Planned(texts), ..self }
    }

    /// The names, and how often each text was met.
    pub(super) fn into_counts(self) -> (Vec<&'d str>, BTreeMap<Cow<'d, str>, usize>) {
        let first = self.first.into_iter().map(|(name, _)| name);
        let names = first.chain(self.others.into_keys()).collect();
        match self.texts {
            Texts::Counted(counts) => (names, counts),
            Texts::Inline | Texts::Planned(_) => (names, BTreeMap::new()),
        }
    }

    pub(super) fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The offset of this name, which is added if it is not there.
    pub(super) fn offset(&mut self, name: &'d str) -> Result<u32, WriteError> {
        if let Some(offset) = self.get(name) {
            return Ok(offset);
        }
        let offset = self.append(name)?;
        self.note(name, offset);
        Ok(offset)
    }

    /// How this text is written, if not in place.
    #[inline]
    pub(super) fn text(&self, text: &str) -> Option<Reference> {
        match &self.texts {
            Texts::Planned(texts) => texts.get(text).copied(),
            Texts::Inline | Texts::Counted(_) => None,
        }
    }

    /// A text was written.
    #[inline]
    pub(super) fn met(&mut self, text: Cow<'d, str>) {
        if let Texts::Counted(counts) = &mut self.texts {
            *counts.entry(text).or_default() += 1;
        }
    }

    fn get(&self, name: &str) -> Option<u32> {
        let is_equal = |known: &str| {
            known.len() == name.len() && (known.as_ptr() == name.as_ptr() || known == name)
        };
        let first = self.first.iter().find(|(known, _)| is_equal(known));
        first
            .map(|&(_, offset)| offset)
            .or_else(|| if self.others.is_empty() { None } else { self.others.get(name).copied() })
    }

    /// Notes that this name stands at this offset.
    pub(super) fn note(&mut self, name: &'d str, offset: u32) {
        if self.first.len() < Self::FIRST {
            self.first.push((name, offset));
        } else {
            self.others.insert(name, offset);
        }
    }

    /// Appends a string with its NUL; yields its offset.
    pub(super) fn append(&mut self, string: &str) -> Result<u32, WriteError> {
        let offset = u32::try_from(self.octets.len()).map_err(|_| WriteError::TooLarge)?;
        self.octets.extend_from_slice(string.as_bytes());
        self.octets.push(0);
        Ok(offset)
    }
}
