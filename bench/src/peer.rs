//! libwbxml beside us: a program of its own (`peers/libwbxml.c`), told line by line what to do.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use mgram_bench::messages::Message;
use tempfile::TempDir;

/// What the peer can be asked to repeat.
#[derive(Clone, Copy, Debug)]
pub enum Operation {
    /// XML text to WBXML without a string table.
    Encode,
    /// XML text to WBXML with one.
    EncodeWithTable,
    /// WBXML to XML text.
    Decode,
}

impl Operation {
    /// How it is called on the command line of the peer.
    pub fn word(self) -> &'static str {
        match self {
            Self::Encode => "encode",
            Self::EncodeWithTable => "encode-table",
            Self::Decode => "decode",
        }
    }
}

/// The peer, which has read one message. It ends when its input does.
#[derive(Debug)]
pub struct Peer {
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    child: Child,
    /// Its version.
    pub version: String,
    /// Octets of the message as it encodes them without a string table; it decodes these.
    pub without_table: usize,
    /// Octets of the message with a string table.
    pub with_table: usize,
    /// The message, as files.
    _folder: TempDir,
}

impl Peer {
    /// Starts it with a message, of which it makes every conversion once.
    ///
    /// # Errors
    /// When it does not start, or cannot convert the message.
    pub fn start(program: &Path, message: &Message) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        let text = folder.path().join("message.xml");
        std::fs::write(&text, &message.text)?;
        let mut command = Command::new(program);
        command.arg(&text).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let mut output = BufReader::new(output.ok_or_else(|| silent(program))?);
        let line = answer(&mut output)?;
        let facts = facts(&line).ok_or_else(|| silent(program))?;
        let (version, without_table, with_table) = facts;
        Ok(Self { input, output, child, version, without_table, with_table, _folder: folder })
    }

    /// Calls per second of its processor time.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn rate(&mut self, operation: Operation, time: Duration) -> io::Result<f64> {
        let input = self.input.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(input, "{} {}", operation.word(), time.as_millis())?;
        let line = answer(&mut self.output)?;
        let numbers = line.split_once(' ').and_then(|(calls, nanoseconds)| {
            Some((calls.parse::<f64>().ok()?, nanoseconds.trim().parse::<f64>().ok()?))
        });
        let (calls, nanoseconds) = numbers
            .ok_or_else(|| io::Error::other(format!("the peer's answer is no figure: {line}")))?;
        Ok(calls / nanoseconds * 1e9)
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.input = None; // its input ends, and so does it
        let _ = self.child.wait();
    }
}

/// Version, octets without and with a string table.
fn facts(line: &str) -> Option<(String, usize, usize)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [version, without_table, with_table, _] = words[..] else { return None };
    Some((version.to_owned(), without_table.parse().ok()?, with_table.parse().ok()?))
}

fn answer(output: &mut impl BufRead) -> io::Result<String> {
    let mut line = String::new();
    match output.read_line(&mut line)? {
        0 => Err(io::Error::other("the peer ended")),
        _ => Ok(line),
    }
}

fn silent(program: &Path) -> io::Error {
    io::Error::other(format!("{} did not say what it is", program.display()))
}
