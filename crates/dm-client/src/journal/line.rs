//! The journal's line about a message that was let in, written straight from what came of it.
//!
//! It is what [`Entry::encode`](super::Entry::encode) writes, octet by octet. A device writes one
//! for each message, of many parts: so there is no entry in between, and no copy of any text.

use alloc::borrow::Cow;
use alloc::string::ToString;
use alloc::vec::Vec;

use dm_seal::Accepts;
use dm_xml::brief;

use super::{MOST, hex, short, warnings};
use crate::{Accepted, Arrival, CommandOutcome};

/// The line about a message that was let in.
pub(crate) fn encode(accepted: &Accepted, arrival: &Arrival<'_>, accepts: Accepts) -> Vec<u8> {
    let header = &accepted.header;
    let (commands, changes) = (&accepted.commands, &accepted.changes);
    let mut line = Line(Vec::with_capacity(512 + 64 * (commands.len() + changes.len()).min(MOST)));
    line.raw("{\"time\":");
    match arrival.now {
        Some(now) => line.raw(&now.to_string()),
        None => line.raw("null"),
    }
    line.raw(",\"verdict\":\"accepted\",\"octets\":");
    line.raw(&arrival.octets.len().to_string());
    if let Some(from) = arrival.from {
        line.member("from", &cut(from));
    }
    line.member("server_id", &header.server_id);
    line.member("target", &header.target);
    line.member("session_id", &header.session_id);
    line.member("msg_id", &header.msg_id);
    line.member("key_name", &accepted.key_name);
    line.member("digest", &hex(&accepted.digest));
    line.list("commands", commands.iter().take(MOST), Line::command);
    let warnings = warnings(accepted.dangers, accepts).map(Cow::Borrowed);
    let notes = accepted.notes.iter().take(MOST).map(|note| Cow::Owned(short(note)));
    line.list("notes", warnings.chain(notes), |line, note| line.text(&note));
    let changed = changes.iter().take(MOST).map(|change| cut(change.uri.as_str()));
    line.list("changed", changed, |line, uri| line.text(&uri));
    let all = [commands.len(), accepted.notes.len(), changes.len()];
    let left_out: usize = all.iter().map(|all| all.saturating_sub(MOST)).sum();
    if left_out > 0 {
        line.raw(",\"left_out\":");
        line.raw(&left_out.to_string());
    }
    line.raw("}");
    line.0
}

struct Line(Vec<u8>);

impl Line {
    fn raw(&mut self, json: &str) {
        self.0.extend_from_slice(json.as_bytes());
    }

    /// A text as a string of JSON. Nearly none has anything to escape.
    fn text(&mut self, text: &str) {
        if is_plain(text.as_bytes()) {
            self.0.reserve(text.len() + 2);
            self.0.push(b'"');
            self.0.extend_from_slice(text.as_bytes());
            self.0.push(b'"');
        } else {
            self.0.extend(serde_json::to_vec(text).unwrap_or_default()); // a string: cannot fail
        }
    }

    fn member(&mut self, name: &str, text: &str) {
        self.raw(",\"");
        self.raw(name);
        self.raw("\":");
        self.text(text);
    }

    /// Nothing for none.
    fn list<T>(&mut self, name: &str, all: impl Iterator<Item = T>, each: impl Fn(&mut Self, T)) {
        let mut is_first = true;
        for one in all {
            if is_first {
                self.raw(",\"");
                self.raw(name);
                self.raw("\":[");
            } else {
                self.raw(",");
            }
            is_first = false;
            each(self, one);
        }
        if !is_first {
            self.raw("]");
        }
    }

    fn command(&mut self, outcome: &CommandOutcome) {
        self.raw("{\"cmd_id\":");
        match outcome.cmd_id.len() {
            ..=64 => self.text(&outcome.cmd_id),
            _ => self.text(&brief(&outcome.cmd_id)),
        }
        self.raw(",\"name\":\"");
        self.raw(outcome.name);
        let code = outcome.status.code();
        let digit = |place| b'0' + u8::try_from(code / place % 10).unwrap_or_default();
        self.raw("\",\"status\":");
        self.0.extend_from_slice(&[digit(100), digit(10), digit(1)]);
        if let Some(failure) = &outcome.failure {
            self.member("why", &short(failure));
        }
        self.raw("}");
    }
}

/// Whether a string of JSON holds these octets as they are. Eight are looked at at once, the last
/// eight for a second time.
fn is_plain(text: &[u8]) -> bool {
    match text.last_chunk() {
        Some(&last) => {
            let (eights, _) = text.as_chunks();
            eights.iter().fold(escaped(last), |found, &eight| found | escaped(eight)) == 0
        }
        None => text.iter().all(|octet| *octet >= b' ' && *octet != b'"' && *octet != b'\\'),
    }
}

/// A bit that is set if one of these octets has to be escaped.
#[inline]
fn escaped(eight: [u8; 8]) -> u64 {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let octets = u64::from_le_bytes(eight);
    // Less than so much, where the high bit was not set before: as it is in no octet of these.
    let below = |octets: u64, bound: u8| octets.wrapping_sub(ONES * u64::from(bound)) & !octets;
    let is = |octet: u8| below(octets ^ (ONES * u64::from(octet)), 1);
    (below(octets, b' ') | is(b'"') | is(b'\\')) & ONES << 7
}

/// A text as [`short`] has it.
fn cut(text: &str) -> Cow<'_, str> {
    match text.len() {
        ..=1_100 => Cow::Borrowed(text),
        _ => Cow::Owned(short(&text)),
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    #[test]
    fn what_is_taken_as_it_is_needs_no_escape_wherever_it_stands() {
        for sign in (0..=0x17F).filter_map(char::from_u32) {
            for length in 0..20 {
                for at in 0..=length {
                    let mut text: String = core::iter::repeat_n('m', length).collect();
                    text.insert(at, sign);
                    let mut line = Line(Vec::new());
                    line.text(&text);
                    assert_eq!(line.0, serde_json::to_vec(&text).unwrap(), "{text:?}");
                    let is_as_it_is = line.0.len() == text.len() + 2;
                    assert_eq!(is_plain(text.as_bytes()), is_as_it_is, "{text:?}");
                }
            }
        }
    }
}
