//! Which entries of a journal somebody wants to see.

use dm_client::{JournalEntry, Verdict};

/// What an entry is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A message that was accepted.
    Accepted,
    /// An effect, whatever came of it.
    Effect,
    /// A message that was refused.
    Refused,
}

/// A choice among entries; by default all of them.
///
/// ```
/// use dm_agent::journal::Selection;
/// use dm_client::JournalEntry;
/// let line = br#"{"time":7,"effect":"apn","result":"done","server_id":"s","attempt":1}"#;
/// let entry = JournalEntry::decode(line).unwrap();
/// assert!(Selection { since: Some(7), ..Selection::default() }.takes(&entry));
/// assert!(!Selection { until: Some(6), ..Selection::default() }.takes(&entry));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// Only these kinds; none of them means all.
    pub kinds: Vec<Kind>,
    /// Only those of this ServerID, claimed or proved.
    pub server_id: Option<String>,
    /// Only those from this time on, in seconds since 1970. One without a time is none of them.
    pub since: Option<u64>,
    /// Only those up to this time.
    pub until: Option<u64>,
}

impl Selection {
    /// Whether this entry is one of them.
    #[must_use]
    pub fn takes(&self, entry: &JournalEntry) -> bool {
        let (kind, time, server_id) = match entry {
            JournalEntry::Effect(entry) => (Kind::Effect, entry.time, Some(&entry.server_id)),
            JournalEntry::Message(entry) => {
                let kind = match entry.verdict {
                    Verdict::Accepted => Kind::Accepted,
                    Verdict::Refused => Kind::Refused,
                };
                (kind, entry.time, entry.server_id.as_ref())
            }
        };
        (self.kinds.is_empty() || self.kinds.contains(&kind))
            && self.server_id.as_ref().is_none_or(|wanted| server_id == Some(wanted))
            && self.since.is_none_or(|since| time.is_some_and(|time| time >= since))
            && self.until.is_none_or(|until| time.is_some_and(|time| time <= until))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(verdict: &str, time: &str, server_id: &str) -> JournalEntry {
        let text = format!(
            r#"{{"time":{time},"verdict":"{verdict}","octets":1,"server_id":"{server_id}",
                "target":null,"session_id":null,"msg_id":null}}"#
        );
        JournalEntry::decode(text.as_bytes()).unwrap()
    }

    #[test]
    fn entries_are_chosen_by_kind_server_and_time() {
        let entries = [
            entry("accepted", "5", "a"),
            entry("refused", "9", "b"),
            entry("refused", "null", "a"),
        ];
        let chosen = |selection: Selection| -> Vec<usize> {
            (0..entries.len()).filter(|index| selection.takes(&entries[*index])).collect()
        };
        let all = Selection::default;
        assert_eq!(chosen(all()), [0, 1, 2]);
        assert_eq!(chosen(Selection { kinds: vec![Kind::Refused], ..all() }), [1, 2]);
        assert_eq!(chosen(Selection { kinds: vec![Kind::Effect], ..all() }), [0; 0]);
        assert_eq!(chosen(Selection { kinds: vec![Kind::Effect, Kind::Accepted], ..all() }), [0]);
        assert_eq!(chosen(Selection { server_id: Some("a".into()), ..all() }), [0, 2]);
        assert_eq!(chosen(Selection { since: Some(5), ..all() }), [0, 1]);
        assert_eq!(chosen(Selection { since: Some(6), until: Some(9), ..all() }), [1]);
        assert_eq!(chosen(Selection { until: Some(8), ..all() }), [0]);
    }
}
