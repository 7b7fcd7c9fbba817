//! The string table that is written. [WBXML 1.3 §5.7]

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::vec::{self, Vec};

use dm_xml::character::is_same;

use super::plan::TablePlan;
use crate::{Vocabulary, WriteError};

/// Strings by content with their offsets, and how the texts of the document refer to them.
#[derive(Debug, Default)]
pub struct Table<'d> {
    octets: Cow<'d, [u8]>,
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
    /// They are being gathered, in document order.
    Gathered(Vec<Cow<'d, str>>),
    /// How each of them is written, in the same order.
    Planned(vec::IntoIter<Option<Reference>>),
    /// How some texts are written was planned for another document.
    Known(&'d TablePlan),
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
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        let mut table = Self::default();
        if vocabulary.number == 0 {
            table.push(vocabulary.text);
        }
        table
    }

    /// The same, which gathers the texts that it meets.
    pub(super) fn gathering(vocabulary: &Vocabulary) -> Self {
        Self { texts: Texts::Gathered(Vec::with_capacity(32)), ..Self::new(vocabulary) }
    }

    /// The same, with a reference, or none, for each text that was gathered.
    pub(super) fn with_references(self, references: Vec<Option<Reference>>) -> Self {
        Self { texts: Texts::Planned(references.into_iter()), ..self }
    }

    /// The table that was planned for another document.
    pub(super) fn of_plan(plan: &'d TablePlan) -> Self {
        Self { octets: Cow::Borrowed(&plan.octets), texts: Texts::Known(plan), ..Self::default() }
    }

    /// The names, and the texts in document order.
    pub(super) fn into_gathered(self) -> (Vec<&'d str>, Vec<Cow<'d, str>>) {
        let first = self.first.into_iter().map(|(name, _)| name);
        let names = first.chain(self.others.into_keys()).collect();
        match self.texts {
            Texts::Gathered(texts) => (names, texts),
            Texts::Inline | Texts::Planned(_) | Texts::Known(_) => (names, Vec::new()),
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

    /// How the next text, which is this one, is written, if not in place.
    #[inline]
    pub(super) fn next_reference(&mut self, text: &str) -> Option<Reference> {
        match &mut self.texts {
            Texts::Planned(references) => references.next().flatten(),
            Texts::Known(plan) => plan.texts.get(text).copied(),
            Texts::Inline | Texts::Gathered(_) => None,
        }
    }

    /// A text was written.
    #[inline]
    pub(super) fn met(&mut self, text: Cow<'d, str>) {
        if let Texts::Gathered(texts) = &mut self.texts {
            texts.push(text);
        }
    }

    fn get(&self, name: &str) -> Option<u32> {
        if let Texts::Known(plan) = self.texts
            && let Some(&offset) = plan.names.get(name)
        {
            return Some(offset);
        }
        let first = self.first.iter().find(|(known, _)| is_same(known, name));
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
        self.push(string);
        Ok(offset)
    }

    fn push(&mut self, string: &str) {
        let octets = self.octets.to_mut();
        octets.extend_from_slice(string.as_bytes());
        octets.push(0);
    }
}
