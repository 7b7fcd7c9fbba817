//! Output: text for people, or one line of JSON.

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

pub use dm_agent::journal::plain;
use serde_json::{Value, json};

use crate::fault::Fault;

/// Prints results and faults in the form that was asked for.
#[derive(Clone, Copy, Debug)]
pub struct Reporter {
    json: bool,
}

impl Reporter {
    /// JSON, or text.
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Whether JSON was asked for.
    pub fn is_json(self) -> bool {
        self.json
    }

    /// Prints a result: its JSON, or these lines.
    pub fn result(self, value: &Value, text: impl FnOnce() -> String) {
        if self.json {
            print(&format!("{value}\n"));
        } else {
            let text = text();
            print(&if text.ends_with('\n') || text.is_empty() { text } else { text + "\n" });
        }
    }

    /// Prints a line of a story, unless JSON was asked for.
    pub fn line(self, text: &str) {
        if !self.json {
            print(&format!("{text}\n"));
        }
    }

    /// Prints what whoever gave the command should know, beside the result.
    pub fn warning(self, text: &str) {
        let _ = std::io::stderr().write_all(format!("mgram: warning: {text}\n").as_bytes());
    }

    /// Prints a fault and yields its exit status.
    pub fn fault(self, fault: &Fault) -> ExitCode {
        if self.json {
            let error = json!({
                "error": {
                    "what": fault.what,
                    "where": fault.place,
                    "clause": fault.clause,
                    "next": fault.next,
                }
            });
            print(&format!("{error}\n"));
        } else {
            let lines = |text: &str| text.split('\n').map(plain).collect::<Vec<_>>().join("\n");
            let mut text = format!("mgram: {}\n", lines(&fault.what));
            let details = [
                ("where", fault.place.as_deref()),
                ("clause", fault.clause),
                ("next", fault.next.as_deref()),
            ];
            for (label, detail) in details {
                if let Some(detail) = detail {
                    text += &format!("  {label}: {}\n", lines(detail));
                }
            }
            let _ = std::io::stderr().write_all(text.as_bytes());
        }
        ExitCode::from(fault.kind as u8)
    }
}

/// Writes to standard output. Nothing more is said to a reader that has gone away, but what the
/// command found stays its exit status; any other failure ends the program, for its output is what
/// was asked for.
fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        if error.kind() == ErrorKind::BrokenPipe {
            return;
        }
        let said = format!("mgram: cannot write to standard output: {error}\n");
        let _ = std::io::stderr().write_all(said.as_bytes());
        std::process::exit(1);
    }
}

/// Octets as lower-case hexadecimal text.
pub fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}
