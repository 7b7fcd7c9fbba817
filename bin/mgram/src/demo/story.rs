//! The story on the terminal, and the checks that it rests on.

use std::cell::RefCell;

use serde_json::{Value, json};

use crate::report::Reporter;

/// Tells and checks.
#[derive(Debug)]
pub struct Story {
    reporter: Reporter,
    checks: RefCell<Vec<(String, bool)>>,
}

impl Story {
    /// A story without checks yet.
    pub fn new(reporter: Reporter) -> Self {
        Self { reporter, checks: RefCell::default() }
    }

    /// A new scene.
    pub fn scene(&self, title: &str) {
        self.reporter.line(&format!("\n== {title}"));
    }

    /// A sentence.
    pub fn tell(&self, text: &str) {
        self.reporter.line(&format!("   {text}"));
    }

    /// A command that anybody can repeat.
    pub fn command(&self, text: &str) {
        self.reporter.line(&format!("   $ {text}"));
    }

    /// A check: the demo fails when it does not hold.
    pub fn check(&self, what: impl Into<String>, held: bool) {
        let what = what.into();
        self.reporter.line(&format!("   {} {what}", if held { "[ok]    " } else { "[FAILED]" }));
        self.checks.borrow_mut().push((what, held));
    }

    /// How many checks did not hold.
    pub fn failed(&self) -> usize {
        self.checks.borrow().iter().filter(|(_, held)| !held).count()
    }

    /// All checks.
    pub fn to_json(&self) -> Value {
        let checks = self.checks.borrow();
        checks.iter().map(|(what, held)| json!({"what": what, "held": held})).collect()
    }

    /// The last sentence.
    pub fn summary(&self) -> String {
        let all = self.checks.borrow().len();
        match self.failed() {
            0 => format!("\nAll {all} checks held."),
            failed => format!("\n{failed} of {all} checks did NOT hold."),
        }
    }
}
