//! `SyncBody`. [REP 1.2 §4.1.4], [profile §8 `model`]

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use dm_xml::{Element, Sink, ToInfoset};

use crate::content::{elements, flag, required};
use crate::error::ErrorKind::{self, CmdId, Twice, Unexpected};
use crate::tables::SYNCML_1_2;
use crate::{Command, Error};

/// The commands of a message.
///
/// Reading it needs no signature, because tools read unsigned messages. A device reads it only
/// from a verified message: see `dm-client`.
#[derive(Clone, Debug, Default)]
pub struct SyncBody<'a> {
    /// The commands, in order.
    pub commands: Vec<Command<'a>>,
    /// `Final`: the package is complete. Its absence is tolerated.
    pub r#final: bool,
}

impl<'a> SyncBody<'a> {
    /// Reads the body of the message with this root.
    ///
    /// # Errors
    /// When there is not exactly one `SyncBody`, or a command is not well formed, or a `CmdID` is
    /// missing, `0` or used twice.
    pub fn read(root: Element<'a>) -> Result<Self, Error> {
        let mut bodies = root.elements().filter(|child| child.is(SYNCML_1_2, "SyncBody"));
        let element = required(bodies.next(), "SyncBody", root)?;
        if let Some(second) = bodies.next() {
            return Err(Error::new(Twice, second));
        }
        let mut body = Self::default();
        for child in elements(element) {
            let child = child?;
            if child.local() == "Final" {
                flag(&mut body.r#final, child)?;
                continue;
            }
            if body.commands.capacity() == 0 {
                // There mostly is one, and room for four of them is a kilobyte.
                body.commands.reserve_exact(1);
            }
            Command::read_into(&mut body.commands, child)?;
        }
        check_all_cmd_ids(&body.commands, element)?;
        Ok(body)
    }

    /// The error for a root whose body is not where it belongs: once, behind the header.
    #[must_use]
    pub fn misplaced(root: Element<'a>) -> Error {
        let bodies = root.elements().filter(|child| child.is(SYNCML_1_2, "SyncBody"));
        match bodies.last() {
            Some(body) => Error::new(Unexpected, body),
            None => Error::new(ErrorKind::Missing("SyncBody"), root),
        }
    }
}

impl ToInfoset for SyncBody<'_> {
    fn write<'s, S: Sink<'s>>(&'s self, sink: &mut S) -> Result<(), S::Error> {
        sink.start(SYNCML_1_2.into(), "SyncBody")?;
        self.commands.iter().try_for_each(|command| command.write(sink))?;
        if self.r#final {
            sink.leaf(SYNCML_1_2, "Final", "")?;
        }
        sink.end()
    }
}

fn check_all_cmd_ids(commands: &[Command<'_>], body: Element<'_>) -> Result<(), Error> {
    let mut taken = CmdIds::default();
    let bad = commands.iter().position(|command| !are_cmd_ids_good(command, &mut taken));
    let Some(bad) = bad else { return Ok(()) };
    let element = body.elements().filter(|child| child.local() != "Final").nth(bad);
    Err(Error::new(CmdId, element.unwrap_or(body)))
}

/// `CmdID`s share one number space, also inside groups.
fn are_cmd_ids_good<'c>(command: &'c Command<'_>, taken: &mut CmdIds<'c>) -> bool {
    let is_good = command
        .cmd_id()
        .is_none_or(|cmd_id| !cmd_id.is_empty() && cmd_id != "0" && taken.insert(cmd_id));
    let inner = if let Command::Group(group) = command { &group.commands[..] } else { &[] };
    is_good && inner.iter().all(|inner| are_cmd_ids_good(inner, taken))
}

/// The `CmdID`s so far. In a usual message they are numbers from 1 on.
#[derive(Default)]
struct CmdIds<'c> {
    /// A bit for each number.
    numbers: [u64; 8],
    others: BTreeSet<&'c str>,
}

impl<'c> CmdIds<'c> {
    /// Adds one; false when it is there.
    fn insert(&mut self, cmd_id: &'c str) -> bool {
        if let Some(number) = small(cmd_id)
            && let Some(bits) = self.numbers.get_mut(number / 64)
        {
            let bit = 1 << (number % 64);
            return core::mem::replace(bits, *bits | bit) & bit == 0;
        }
        self.others.insert(cmd_id)
    }
}

/// The number that this is the one way to write of, where it has three digits at most.
fn small(text: &str) -> Option<usize> {
    let digits = text.as_bytes();
    let is_short = matches!(digits, [b'1'..=b'9', rest @ ..] if rest.len() <= 2);
    let add = |number: usize, digit: &u8| {
        digit.is_ascii_digit().then(|| number * 10 + usize::from(digit - b'0'))
    };
    if is_short { digits.iter().try_fold(0, add) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_is_an_id_once() {
        let mut taken = CmdIds::default();
        let all =
            ["1", "63", "64", "511", "512", "999", "1000", "01", "001", "+1", "1x", "x", "1 "];
        assert!(all.iter().all(|cmd_id| taken.insert(cmd_id)));
        assert!(!all.iter().any(|cmd_id| taken.insert(cmd_id)));
        assert!(taken.insert("2") && taken.insert("65") && taken.insert("100"));
    }
}
