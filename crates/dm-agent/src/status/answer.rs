//! A status in words.

use std::fmt::Write;

use super::Status;
use crate::journal::{plain, text};

impl Status {
    /// In words: a line for each thing, for people.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("running: {}, process {}\n", plain(&self.device_id), self.pid);
        let mut line = |words: String| {
            let _ = writeln!(out, "{words}"); // into a String: cannot fail
        };
        let memory = self.resident_kib.map_or(String::new(), |kib| format!(", {kib} KiB resident"));
        line(format!("  version {}, up {}{memory}", self.version, span(self.uptime)));
        if let Some(seconds) = self.busy_for.filter(|seconds| *seconds > 1) {
            line(format!("  BUSY with one message for {}", span(seconds)));
        }
        for receiver in &self.receivers {
            let state = match &receiver.trouble {
                None => "good".to_owned(),
                Some(trouble) => format!("NOT WORKING: {}", plain(trouble)),
            };
            let (transport, place) = (&receiver.transport, plain(&receiver.place));
            line(format!("  receiver {transport} {place}: {state}, {} taken", receiver.taken));
        }
        let reasons: Vec<String> =
            self.turned_away.iter().map(|(reason, count)| format!("{reason} {count}")).collect();
        let reasons = if reasons.is_empty() { "nothing".to_owned() } else { reasons.join(", ") };
        line(format!("  taken {}, turned away: {reasons}", self.taken));
        line(format!("  waiting to be carried out: {} message(s)", self.waiting.messages));
        line(format!("  tree: {} of at most {} nodes", self.nodes, self.most_nodes));
        if self.accounts == 0 {
            line(
                "  NO ACCOUNT: every message is refused; give the device a bootstrap document"
                    .to_owned(),
            );
        }
        for server in &self.servers {
            let counters: Vec<String> = server
                .highest
                .iter()
                .map(|(target, highest)| format!("{highest} for {}", plain(target)))
                .collect();
            let counters =
                if counters.is_empty() { "none".to_owned() } else { counters.join(", ") };
            let (server_id, digests) = (plain(&server.server_id), server.digests);
            line(format!("  server {server_id}: highest counter {counters}; {digests} digest(s)"));
        }
        line(format!("  effects waiting: those of {} message(s)", self.effects_waiting));
        for effect in &self.effects {
            line(format!("    {} of {}", effect.number, plain(&effect.server_id)));
        }
        if let Some(reported) = &self.reported {
            let state = match &reported.trouble {
                None => "good".to_owned(),
                Some(trouble) => format!("NOT WORKING: {}", plain(trouble)),
            };
            line(format!(
                "  reported to {}: up to {}, {state}",
                plain(&reported.url),
                reported.last
            ));
        }
        if self.last.is_empty() {
            line("  the journal is empty".to_owned());
        }
        for numbered in &self.last {
            let words = text(numbered.number, &numbered.entry);
            words.lines().take(1).for_each(|first| line(format!("  {first}")));
        }
        out
    }
}

/// Seconds, in the two largest units that fit.
fn span(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min {} s", seconds % 60),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        _ => format!("{days} d {} h", hours % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn spans_have_two_units() {
        let spans = [59, 60, 3_599, 3_600, 86_399, 90_000].map(span);
        assert_eq!(
            spans,
            ["59 s", "1 min 0 s", "59 min 59 s", "1 h 0 min", "23 h 59 min", "1 d 1 h"]
        );
    }
}
