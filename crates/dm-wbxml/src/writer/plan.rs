//! The string table for the fewest octets: which strings it has, in which order, and which texts
//! refer to them.
//!
//! Besides the literal names these are the beginnings that [`prefix`](super::prefix) chooses. A
//! string that ends another one is not written twice, and a text that ends one refers to it. What
//! is used most for its length comes first, where an offset is one octet.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use hashbrown::HashMap;

use super::prefix;
use super::table::{Reference, Table};
use crate::{MbUInt32, Strings, Vocabulary, WriteError};

/// The string table of one document, to be used for others like it: a message to many devices
/// differs in a few texts, which then stand in place. Made by [`Encoder::plan`](crate::Encoder::plan).
#[derive(Clone, Debug)]
pub struct TablePlan {
    pub(super) octets: Vec<u8>,
    pub(super) names: HashMap<Box<str>, u32>,
    pub(super) texts: HashMap<Box<str>, Reference>,
}

/// A string that the table must have.
struct Entry<'t> {
    string: &'t str,
    uses: usize,
    offset: u32,
}

/// The table for a document with these names and texts, gathered by a first pass.
pub(super) fn plan<'d>(
    gathered: Table<'d>,
    vocabulary: &Vocabulary,
) -> Result<Table<'d>, WriteError> {
    let (names, occurrences) = gathered.into_gathered();
    let by_text = by_text(&occurrences);
    let texts = with_uses(&by_text, &occurrences);
    let mut table = Table::new(vocabulary);
    let chosen = prefix::choose(&texts);
    let entries = lay_out(wanted(&names, &texts, &chosen), &mut table)?;
    for name in names {
        if let Some(offset) = offset_of(name, &entries) {
            table.note(name, offset);
        }
    }
    let mut references = vec![None; occurrences.len()];
    let mut occurrences = by_text.into_iter();
    for (&(text, uses), &length) in texts.iter().zip(&chosen) {
        let reference = best(text, length, &entries);
        for at in occurrences.by_ref().take(uses) {
            references[at] = reference;
        }
    }
    Ok(table.with_references(references))
}

/// The same plan, kept apart from the document.
pub(super) fn keep(
    gathered: Table<'_>,
    vocabulary: &Vocabulary,
    strings: Strings,
) -> Result<TablePlan, WriteError> {
    let (names, mut occurrences) = gathered.into_gathered();
    if strings == Strings::Inline {
        occurrences.clear();
    }
    let texts = with_uses(&by_text(&occurrences), &occurrences);
    let mut table = Table::new(vocabulary);
    let chosen = prefix::choose(&texts);
    let entries = lay_out(wanted(&names, &texts, &chosen), &mut table)?;
    let names =
        names.into_iter().filter_map(|name| Some((name.into(), offset_of(name, &entries)?)));
    let references = texts.iter().zip(&chosen);
    let references = references
        .filter_map(|(&(text, _), &length)| Some((text.into(), best(text, length, &entries)?)));
    Ok(TablePlan {
        octets: table.octets().to_vec(),
        names: names.collect(),
        texts: references.collect(),
    })
}

/// The occurrences in the order of their texts.
fn by_text(occurrences: &[Cow<'_, str>]) -> Vec<usize> {
    let mut by_text: Vec<usize> = (0..occurrences.len()).collect();
    by_text.sort_unstable_by(|&one, &other| occurrences[one].cmp(&occurrences[other]));
    by_text
}

/// Each text once, with its uses.
fn with_uses<'t>(by_text: &[usize], occurrences: &'t [Cow<'_, str>]) -> Vec<(&'t str, usize)> {
    let mut texts: Vec<(&str, usize)> = Vec::with_capacity(occurrences.len());
    for &at in by_text {
        match texts.last_mut() {
            Some((text, uses)) if **text == *occurrences[at] => *uses += 1,
            _ => texts.push((&occurrences[at], 1)),
        }
    }
    texts
}

/// The strings that the table must have, with their uses: all names, and the chosen beginnings.
fn wanted<'t>(
    names: &[&'t str],
    texts: &[(&'t str, usize)],
    chosen: &[usize],
) -> BTreeMap<&'t str, usize> {
    let mut wanted: BTreeMap<&str, usize> = names.iter().map(|&name| (name, 1)).collect();
    for (&(text, uses), &length) in texts.iter().zip(chosen) {
        if length > 0 {
            *wanted.entry(&text[..length]).or_default() += uses;
        }
    }
    wanted
}

/// Writes the strings into the table; yields them sorted by their ends.
fn lay_out<'t>(
    wanted: BTreeMap<&'t str, usize>,
    table: &mut Table<'_>,
) -> Result<Vec<Entry<'t>>, WriteError> {
    let entries = wanted.into_iter().map(|(string, uses)| Entry { string, uses, offset: 0 });
    let mut entries: Vec<Entry<'t>> = entries.collect();
    entries.sort_by(|one, other| one.string.bytes().rev().cmp(other.string.bytes().rev()));
    // What ends the string behind it is part of that one.
    let mut hosts: Vec<usize> = (0..entries.len()).collect();
    for at in (0..entries.len().saturating_sub(1)).rev() {
        if entries[at + 1].string.ends_with(entries[at].string) {
            hosts[at] = hosts[at + 1];
            entries[hosts[at]].uses += entries[at].uses;
        }
    }
    let mut order: Vec<usize> = (0..entries.len()).filter(|&at| hosts[at] == at).collect();
    order.sort_by(|&one, &other| {
        let (one, other) = (&entries[one], &entries[other]);
        let weight = |this: &Entry<'_>, that: &Entry<'_>| this.uses * (that.string.len() + 1);
        weight(other, one).cmp(&weight(one, other)).then(one.string.cmp(other.string))
    });
    for at in order {
        entries[at].offset = table.append(entries[at].string)?;
    }
    for at in 0..entries.len() {
        let host = &entries[hosts[at]];
        let behind = host.string.len() - entries[at].string.len();
        let offset = host.offset as usize + behind;
        entries[at].offset = u32::try_from(offset).map_err(|_| WriteError::TooLarge)?;
    }
    Ok(entries)
}

/// Where this string stands in the table, whole or as the end of another one.
fn offset_of(string: &str, entries: &[Entry<'_>]) -> Option<u32> {
    let before = |entry: &Entry<'_>| entry.string.bytes().rev().lt(string.bytes().rev());
    let entry = entries.get(entries.partition_point(before))?;
    let behind = entry.string.strip_suffix(string)?.len();
    Some(entry.offset + u32::try_from(behind).ok()?)
}

/// The reference that writes this text in fewer octets than in place, if there is one: to all of
/// it, or to the chosen beginning.
fn best(text: &str, chosen: usize, entries: &[Entry<'_>]) -> Option<Reference> {
    let in_place = text.len() + 2;
    let cost = |length: usize, offset: u32| {
        let rest = if length == text.len() { 0 } else { text.len() - length + 2 };
        1 + MbUInt32(offset).encoded_len() + rest
    };
    let references = [text.len(), chosen].into_iter().filter(|&length| length > 0);
    let references = references.filter_map(|length| {
        let offset = offset_of(&text[..length], entries)?;
        Some((cost(length, offset), Reference { offset, length }))
    });
    let (cost, reference) = references.min_by_key(|&(cost, _)| cost)?;
    (cost < in_place).then_some(reference)
}
