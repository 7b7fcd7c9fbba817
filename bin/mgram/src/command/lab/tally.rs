//! What happens in a lab: printed as it happens, and counted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use dm_lab::{By, Event, Kind};
use serde_json::{Map, Value, json};

use crate::report::Reporter;

/// Counts events, and prints them where JSON is asked for.
pub struct Tally {
    reporter: Reporter,
    counts: Mutex<BTreeMap<(By, Kind), u64>>,
}

impl Tally {
    pub fn new(reporter: Reporter) -> Self {
        Self { reporter, counts: Mutex::default() }
    }

    /// Takes an event.
    pub fn take(&self, event: &Event) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((event.by, event.kind)).or_default() += 1;
        if self.reporter.is_json() {
            let Event { id, to, detail, .. } = event;
            let (kind, by) = (event.kind.name(), event.by.name());
            let line = json!({ "event": kind, "by": by, "id": id, "to": to, "detail": detail });
            self.reporter.result(&line, String::new);
        }
    }

    /// Says what was counted, a line for each of these.
    pub fn show(&self, parts: &[By]) {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        for by in parts {
            let of = |kind| counts.get(&(*by, kind)).copied().unwrap_or(0);
            let mut value = Map::new();
            value.insert("event".to_owned(), "counts".into());
            value.insert("by".to_owned(), by.name().into());
            for kind in Kind::ALL {
                value.insert(kind.name().to_owned(), of(kind).into());
            }
            self.reporter.result(&Value::Object(value), || {
                let counts = Kind::ALL.map(|kind| match kind {
                    Kind::Receipt => format!("{} receipts", of(kind)),
                    _ => format!("{} {}", of(kind), kind.name()),
                });
                format!("{}: {}", by.name(), counts.join(", "))
            });
        }
    }
}
