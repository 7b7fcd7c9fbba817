//! What is signed and sent: lines of JSON, the first of which says what the others are.

use serde_json::json;

/// A report: a head, then entries as they are stored, a line each.
pub(super) struct Payload {
    pub(super) text: String,
    /// The number of the last entry in it.
    pub(super) last: u64,
}

impl Payload {
    /// Of entries behind a number, as many as fit; none of none. The head tells whose they are, the
    /// first and last number, and how many gave way before they could be reported.
    pub(super) fn of(device_id: &str, after: u64, entries: &[(u64, Vec<u8>)]) -> Option<Self> {
        let mut lines = String::new();
        let (mut count, mut last) = (0_usize, None);
        for (number, entry) in entries {
            // An entry is one line of JSON as it is stored.
            let entry = String::from_utf8_lossy(entry);
            if count > 0 && lines.len() + entry.len() > MOST_OCTETS {
                break;
            }
            lines.push_str(&format!("{{\"number\":{number},\"entry\":{entry}}}\n"));
            (count, last) = (count + 1, Some(*number));
        }
        let (last, first) = (last?, entries.first()?.0);
        let head = json!({
            "report": 1, "device_id": device_id, "first": first, "last": last, "entries": count,
            "lost": first.saturating_sub(after).saturating_sub(1),
        });
        Some(Self { text: format!("{head}\n{lines}"), last })
    }
}

/// Octets of a report, unless a single entry has more.
const MOST_OCTETS: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(numbers: &[u64], octets: usize) -> Vec<(u64, Vec<u8>)> {
        let entry = format!("{{\"x\":\"{}\"}}", "y".repeat(octets)).into_bytes();
        numbers.iter().map(|number| (*number, entry.clone())).collect()
    }

    #[test]
    fn the_head_says_what_follows_and_what_is_lost() {
        let payload = Payload::of("urn:imei:1", 4, &entries(&[7, 8], 1)).unwrap();
        let mut lines = payload.text.lines();
        let head: serde_json::Value = serde_json::from_str(lines.next().unwrap()).unwrap();
        let wanted = json!({
            "report": 1, "device_id": "urn:imei:1", "first": 7, "last": 8, "entries": 2, "lost": 2
        });
        assert_eq!(head, wanted);
        assert_eq!(lines.next(), Some("{\"number\":7,\"entry\":{\"x\":\"y\"}}"));
        assert_eq!((lines.count(), payload.last), (1, 8));
        assert!(Payload::of("d", 0, &[]).is_none());
    }

    #[test]
    fn a_report_has_its_limit_and_one_entry_at_least() {
        let payload = Payload::of("d", 0, &entries(&[1, 2, 3], 100 << 10)).unwrap();
        assert_eq!((payload.last, payload.text.lines().count()), (2, 3));
        let payload = Payload::of("d", 0, &entries(&[1, 2], 300 << 10)).unwrap();
        assert_eq!((payload.last, payload.text.lines().count()), (1, 2));
    }
}
