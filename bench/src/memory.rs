//! What `mgram-bench-memory` counted: its allocator does, ours need not.

use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Its figures.
#[derive(Debug)]
pub struct Memory(Vec<Value>);

impl Memory {
    /// Runs the program with these messages.
    ///
    /// # Errors
    /// When it does not start, does not end well, or prints something else than figures.
    pub fn counted(program: &Path, messages: Option<&Path>) -> io::Result<Self> {
        let mut command = Command::new(program);
        if let Some(folder) = messages {
            command.arg("--messages").arg(folder);
        }
        let output = command.stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(io::Error::other(format!("{} did not end well", program.display())));
        }
        let figures = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
        Ok(Self(figures.collect::<Result<_, _>>()?))
    }

    /// How many octets were allocated at one time, at most.
    pub fn peak(&self, what: &str, of: &str, nodes: u32) -> Option<f64> {
        let mut figures = self.about(what, of);
        figures.find(|figure| figure["nodes"] == nodes)?["peak"].as_f64()
    }

    /// How many allocations there were.
    pub fn allocations(&self, what: &str, of: &str) -> Option<f64> {
        self.about(what, of).next()?["count"].as_f64()
    }

    fn about(&self, what: &str, of: &str) -> impl Iterator<Item = &Value> {
        self.0.iter().filter(move |figure| figure["what"] == what && figure["of"] == of)
    }
}
