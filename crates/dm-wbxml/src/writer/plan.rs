//! The string table for the fewest octets: which strings it has, in which order, and which texts
//! refer to them.
//!
//! Besides the literal names these are the beginnings that [`prefix`](super::prefix) chooses. A
//! string that ends another one is not written twice, and a text that ends one refers to it. What
//! is used most for its length comes first, where an offset is one octet.

use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;

use super::prefix;
use super::table::{Reference, Table};
use crate::{MbUInt32, Vocabulary, WriteError};

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
    let mut by_text: Vec<usize> = (0..occurrences.len()).collect();
    by_text.sort_unstable_by(|&one, &other| occurrences[one].cmp(&occurrences[other]));
    let mut texts: Vec<(&str, usize)> = Vec::with_capacity(occurrences.len());
    for &at in &by_text {
        match texts.last_mut() {
            Some((text, uses)) if **text == *occurrences[at] => *uses += 1,
            _ => texts.push((&occurrences[at], 1)),
        }
    }
    let chosen = prefix::choose(&texts);

    let mut wanted: BTreeMap<&str, usize> = names.iter().map(|&name| (name, 1)).collect();
    for (&(text, uses), &length) in texts.iter().zip(&chosen) {
        if length > 0 {
            *wanted.entry(&text[..length]).or_default() += uses;
        }
    }
    let mut table = Table::new(vocabulary);
    let entries = lay_out(wanted, &mut table)?;
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
