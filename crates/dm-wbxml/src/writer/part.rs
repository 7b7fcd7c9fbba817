//! A part of a body that is written once, and put into many documents.

use alloc::vec::Vec;

use super::table::Table;
use super::{TablePlan, Writer, skeleton};
use crate::{Encoder, OctetRule, Token, Tokens, WriteError};
use dm_xml::ToInfoset;
use dm_xml::canonical::Output;

/// The octets of a part of a body: elements that are the same in many documents. They go with the
/// [`TablePlan`] that they were written with.
///
/// Some octets of it may be overwritten, as long as they stay what they are: characters of a text,
/// octets of an OPAQUE.
#[derive(Clone, Debug)]
pub struct Part {
    octets: Vec<u8>,
    /// The tag page that must be in force before it, if that matters.
    before: Option<u8>,
    /// The pages in force behind it; those for tags stay if there are none.
    behind: Option<u8>,
    attributes: u8,
}

impl Part {
    /// The octets.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// The octets, some of which may be overwritten.
    pub fn octets_mut(&mut self) -> &mut [u8] {
        &mut self.octets
    }
}

impl Encoder {
    /// Writes a part of a body. All names that it needs must be in the plan.
    ///
    /// # Errors
    /// As [`Encoder::encode`], or [`WriteError::NotPlanned`] when a name is not in the plan.
    pub fn part(
        &self,
        plan: &TablePlan,
        value: &impl ToInfoset,
        rule: impl OctetRule,
    ) -> Result<Part, WriteError> {
        let mut writer = Writer::new(self.vocabulary, Table::of_plan(plan), rule, Vec::new());
        skeleton::feed(value, &mut writer)?;
        let (page, attributes) = writer.pages();
        let (table, octets) = writer.into_parts();
        if table.octets().len() > plan.octets.len() {
            return Err(WriteError::NotPlanned);
        }
        let (before, switches) = pages_of(&octets);
        let behind = switches.then_some(page);
        Ok(Part { octets, before, behind, attributes })
    }
}

impl<R: OctetRule, O: Output> Writer<'_, R, O> {
    /// Puts a part that was written with the same plan as the next child of the innermost element.
    pub fn put(&mut self, part: &Part) {
        self.begin_child(part.before);
        self.take_octets(&part.octets);
        self.set_pages(part.behind, part.attributes);
    }
}

/// The page that the first tag by token is on, if none is switched to before it; and whether one
/// is switched to at all.
fn pages_of(octets: &[u8]) -> (Option<u8>, bool) {
    let mut tokens = Tokens::new(octets, 0);
    let (mut before, mut switches) = (None, false);
    while !tokens.is_at_end() {
        let of_attributes = tokens.is_in_attributes();
        match tokens.next() {
            Ok(Token::SwitchPage(_)) if !of_attributes => switches = true,
            Ok(Token::Tag { .. }) if !switches => before = Some(0),
            Ok(_) => {}
            Err(_) => break, // what was just written can be read
        }
    }
    (before, switches)
}
