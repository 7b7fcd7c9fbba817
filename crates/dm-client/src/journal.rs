//! The journal: what the device keeps of each message, instead of an answer.
//!
//! An entry is one line of JSON, so that it can be read without our tools. Values are not in it:
//! they may be secrets.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_seal::Accepts;
use dm_xml::brief;
use serde::{Deserialize, Serialize};

use crate::{Accepted, Arrival, Dangers, Refused};

/// One entry.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct Entry {
    /// When, in seconds since 1970, if the device has a clock.
    pub time: Option<u64>,
    /// Accepted or refused.
    pub verdict: Verdict,
    /// Octets of the message.
    pub octets: usize,
    /// How it came and from where, as the network says.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// ServerID; claimed only, when the message was refused before its signature held.
    pub server_id: Option<String>,
    /// Target.
    pub target: Option<String>,
    /// SessionID.
    pub session_id: Option<String>,
    /// MsgID.
    pub msg_id: Option<String>,
    /// The pinned key that verified it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub key_name: Option<String>,
    /// SHA-256 of the canonical message, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<String>,
    /// The refusal: its name.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub refusal: Option<String>,
    /// The stage that refused it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub stage: Option<String>,
    /// The clause it breaks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub clause: Option<String>,
    /// What happened, in words.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<String>,
    /// The octet at fault.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub offset: Option<usize>,
    /// Each command: CmdID, name, status, and why it failed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub commands: Vec<EntryCommand>,
    /// What was skipped, renamed or rewritten.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub notes: Vec<String>,
    /// The nodes that changed.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub changed: Vec<String>,
    /// How many commands, notes and nodes are not listed: a journal has its limits.
    #[serde(skip_serializing_if = "is_zero", default)]
    pub left_out: usize,
}

const SHA1_USED: &str =
    "DANGER: signed with SHA-1, which proves little; this device is configured to accept it";
const SHA1_ALLOWED: &str =
    "DANGER: this device is configured to accept SHA-1; this message does not use it";
const UNBOUND_USED: &str = "DANGER: encrypted, and bound to nobody: another server may have taken it from elsewhere; this \
     device is configured to accept it";
const UNBOUND_ALLOWED: &str = "DANGER: this device is configured to accept ciphertext that is bound to nobody; this message \
     has none";
/// Commands, notes and nodes that one entry lists, of each.
const MOST: usize = 256;

/// A text that may hold what a message brought, cut to 1,100 characters: an address, and a sentence.
fn short(text: &impl ToString) -> String {
    let mut text = text.to_string();
    if let Some((end, _)) = text.char_indices().nth(1_100) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference over")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// Accepted or refused.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The gate opened.
    Accepted,
    /// The gate stayed shut.
    Refused,
}

/// A command in an entry.
#[derive(Clone, Debug, Serialize, Deserialize, PartialEq, Eq)]
pub struct EntryCommand {
    /// CmdID.
    pub cmd_id: String,
    /// The element name.
    pub name: String,
    /// The status code.
    pub status: u16,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub why: Option<String>,
}

impl Entry {
    pub(crate) fn of_accepted(accepted: &Accepted, arrival: &Arrival<'_>) -> Self {
        let mut entry = Self::new(Verdict::Accepted, Some(&accepted.header), arrival);
        entry.key_name = Some(accepted.key_name.clone());
        entry.digest = Some(hex(&accepted.digest));
        let commands = accepted.commands.iter().map(|command| EntryCommand {
            cmd_id: brief(&command.cmd_id).into(),
            name: command.name.to_owned(),
            status: command.status.code(),
            why: command.failure.as_ref().map(short),
        });
        entry.commands = commands.take(MOST).collect();
        entry.notes = accepted.notes.iter().take(MOST).map(short).collect();
        let changed = accepted.changes.iter().map(|change| short(&change.uri));
        entry.changed = changed.take(MOST).collect();
        let all = [accepted.commands.len(), accepted.notes.len(), accepted.changes.len()];
        entry.left_out = all.iter().map(|all| all.saturating_sub(MOST)).sum();
        entry
    }

    /// A device whose owner allows a danger says so with every message that it lets in.
    pub(crate) fn warn_of(&mut self, dangers: Dangers, accepts: Accepts) {
        for (used, allowed, [of_use, of_permission]) in [
            (dangers.unbound, accepts.unbound(), [UNBOUND_USED, UNBOUND_ALLOWED]),
            (dangers.sha1, accepts.sha1(), [SHA1_USED, SHA1_ALLOWED]),
        ] {
            match (used, allowed) {
                (true, _) => self.notes.insert(0, of_use.to_owned()),
                (false, true) => self.notes.insert(0, of_permission.to_owned()),
                (false, false) => {}
            }
        }
    }

    pub(crate) fn of_refused(refused: &Refused, arrival: &Arrival<'_>) -> Self {
        let mut entry = Self::new(Verdict::Refused, refused.claims.as_ref(), arrival);
        let refusal = &refused.refusal;
        entry.refusal = Some(refusal.name().to_owned());
        entry.stage = Some(refusal.stage().as_str().to_owned());
        entry.clause = Some(refusal.clause().to_owned());
        entry.reason = Some(short(refusal));
        entry.offset = refusal.offset();
        entry
    }

    fn new(verdict: Verdict, header: Option<&crate::gate::Header>, arrival: &Arrival<'_>) -> Self {
        Self {
            time: arrival.now,
            verdict,
            octets: arrival.octets.len(),
            from: arrival.from.map(|from| short(&from)),
            server_id: header.map(|header| header.server_id.clone()),
            target: header.map(|header| header.target.clone()),
            session_id: header.map(|header| header.session_id.clone()),
            msg_id: header.map(|header| header.msg_id.clone()),
            key_name: None,
            digest: None,
            refusal: None,
            stage: None,
            clause: None,
            reason: None,
            offset: None,
            commands: Vec::new(),
            notes: Vec::new(),
            changed: Vec::new(),
            left_out: 0,
        }
    }

    /// The entry as it is stored: one line of JSON without its end.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default() // strings and numbers only: cannot fail
    }

    /// Reads a stored entry; none when it is something else.
    #[must_use]
    pub fn decode(octets: &[u8]) -> Option<Self> {
        serde_json::from_slice(octets).ok()
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
