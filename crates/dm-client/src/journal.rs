//! The journal: what the device keeps of each message, instead of an answer.
//!
//! An entry is one line of JSON, so that it can be read without our tools. Values are not in it:
//! they may be secrets.

use alloc::borrow::ToOwned;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_seal::Accepts;
use serde::{Deserialize, Serialize};

pub(crate) mod line;

use crate::{Arrival, Dangers, Refused};

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

/// What a device whose owner allows a danger says of every message that it lets in.
fn warnings(dangers: Dangers, accepts: Accepts) -> impl Iterator<Item = &'static str> {
    let warning = |used, allowed, of_use, of_permission| match (used, allowed) {
        (true, _) => Some(of_use),
        (false, true) => Some(of_permission),
        (false, false) => None,
    };
    let sha1 = warning(dangers.sha1, accepts.sha1(), SHA1_USED, SHA1_ALLOWED);
    let unbound = warning(dangers.unbound, accepts.unbound(), UNBOUND_USED, UNBOUND_ALLOWED);
    sha1.into_iter().chain(unbound)
}

impl Entry {
    pub(crate) fn of_refused(refused: &Refused, arrival: &Arrival<'_>) -> Self {
        let mut entry = Self::new(Verdict::Refused, refused.claims.as_deref(), arrival);
        let refusal = &refused.refusal;
        entry.refusal = Some(refusal.name().to_owned());
        entry.stage = Some(refusal.stage().as_str().to_owned());
        entry.clause = Some(refusal.clause().to_owned());
        entry.reason = Some(short(refusal));
        entry.offset = refusal.offset();
        entry
    }

    fn new(verdict: Verdict, header: Option<&crate::gate::Header>, arrival: &Arrival<'_>) -> Self {
        let mut entry = Self::of(verdict, arrival.octets.len());
        entry.time = arrival.now;
        entry.from = arrival.from.map(|from| short(&from));
        if let Some(header) = header {
            entry.server_id = Some(header.server_id.clone());
            entry.target = Some(header.target.clone());
            entry.session_id = Some(header.session_id.clone());
            entry.msg_id = Some(header.msg_id.clone());
        }
        entry
    }

    /// Of a message of which nothing else is known.
    #[must_use]
    pub fn of(verdict: Verdict, octets: usize) -> Self {
        Self {
            time: None,
            verdict,
            octets,
            from: None,
            server_id: None,
            target: None,
            session_id: None,
            msg_id: None,
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
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        text.push(digit(octet >> 4));
        text.push(digit(octet & 15));
    }
    text
}
