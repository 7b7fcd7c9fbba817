//! The journal's line about a message that was let in, written straight from what came of it.
//!
//! It says what an [`Entry`](super::Entry) says, member by member and in the same order, and copies
//! nothing: a device writes one for each message.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use dm_seal::Accepts;
use dm_xml::brief;
use serde::{Serialize, Serializer};

use super::{MOST, Verdict, hex, is_zero, short, warnings};
use crate::{Accepted, Arrival, CommandOutcome};

/// The line; its members are described at [`Entry`](super::Entry).
#[derive(Serialize)]
struct Line<'a> {
    time: Option<u64>,
    verdict: Verdict,
    octets: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Cow<'a, str>>,
    server_id: &'a str,
    target: &'a str,
    session_id: &'a str,
    msg_id: &'a str,
    key_name: &'a str,
    digest: String,
    #[serde(skip_serializing_if = "Listed::is_empty")]
    commands: Listed<'a, CommandOutcome>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Listed::is_empty")]
    changed: Listed<'a, dm_tree::Change>,
    #[serde(skip_serializing_if = "is_zero")]
    left_out: usize,
}

/// The line about a message that was let in.
pub(crate) fn encode(accepted: &Accepted, arrival: &Arrival<'_>, accepts: Accepts) -> Vec<u8> {
    let warnings = warnings(accepted.dangers, accepts).map(Cow::Borrowed);
    let notes = accepted.notes.iter().take(MOST).map(|note| Cow::Owned(short(note)));
    let all = [accepted.commands.len(), accepted.notes.len(), accepted.changes.len()];
    let header = &accepted.header;
    let line = Line {
        time: arrival.now,
        verdict: Verdict::Accepted,
        octets: arrival.octets.len(),
        from: arrival.from.map(cut),
        server_id: &header.server_id,
        target: &header.target,
        session_id: &header.session_id,
        msg_id: &header.msg_id,
        key_name: &accepted.key_name,
        digest: hex(&accepted.digest),
        commands: Listed(&accepted.commands),
        notes: warnings.chain(notes).collect(),
        changed: Listed(accepted.changes.as_slice()),
        left_out: all.iter().map(|all| all.saturating_sub(MOST)).sum(),
    };
    serde_json::to_vec(&line).unwrap_or_default() // strings and numbers only: cannot fail
}

/// As many of a list as an entry has room for.
struct Listed<'a, T>(&'a [T]);

impl<T> Listed<'_, T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Serialize for Listed<'_, CommandOutcome> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().take(MOST).map(Command))
    }
}

impl Serialize for Listed<'_, dm_tree::Change> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().take(MOST).map(|change| cut(change.uri.as_str())))
    }
}

struct Command<'a>(&'a CommandOutcome);

impl Serialize for Command<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a> {
            cmd_id: Cow<'a, str>,
            name: &'a str,
            status: u16,
            #[serde(skip_serializing_if = "Option::is_none")]
            why: Option<String>,
        }
        let Self(outcome) = self;
        let cmd_id = match outcome.cmd_id.len() {
            ..=64 => Cow::Borrowed(&*outcome.cmd_id),
            _ => Cow::Owned(brief(&outcome.cmd_id).into()),
        };
        let (name, status) = (outcome.name, outcome.status.code());
        let why = outcome.failure.as_ref().map(short);
        Members { cmd_id, name, status, why }.serialize(serializer)
    }
}

/// A text as [`short`] has it.
fn cut(text: &str) -> Cow<'_, str> {
    match text.len() {
        ..=1_100 => Cow::Borrowed(text),
        _ => Cow::Owned(short(&text)),
    }
}
