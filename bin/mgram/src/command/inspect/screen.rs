//! Where lines go: to a pager, once they are more than a screen, or straight to standard output.

use std::io::{ErrorKind, Write};
use std::process::{Child, Command, Stdio};

/// Takes lines.
pub struct Screen {
    /// The pager to start; none when there is no need, or no more.
    wanted: Option<String>,
    height: usize,
    /// Lines that wait until it is known whether a pager is needed.
    waiting: String,
    lines: usize,
    pager: Option<Child>,
    /// Whether whoever reads has read enough: no failure, and no end of the work either, for the
    /// exit status is its outcome.
    is_left: bool,
}

impl Screen {
    /// One of this many lines, with a pager behind it or not: `$PAGER`, or `less`.
    pub fn new(may_page: bool, height: usize) -> Self {
        let pager = || std::env::var("PAGER").unwrap_or_else(|_| "less".to_owned());
        Self::with(may_page.then(pager), height)
    }

    fn with(wanted: Option<String>, height: usize) -> Self {
        Self { wanted, height, waiting: String::new(), lines: 0, pager: None, is_left: false }
    }

    /// Takes a line, without its end.
    pub fn line(&mut self, line: &str) {
        if self.is_left {
            return;
        }
        self.waiting.push_str(line);
        self.waiting.push('\n');
        self.lines += 1;
        if self.wanted.is_some() && self.lines < self.height {
            return;
        }
        if let Some(wanted) = self.wanted.take() {
            self.pager = pager(&wanted);
        }
        if self.waiting.len() > PIECE {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let waiting = core::mem::take(&mut self.waiting);
        let written = match self.pager.as_mut().and_then(|pager| pager.stdin.as_mut()) {
            Some(pipe) => pipe.write_all(waiting.as_bytes()),
            None => {
                let mut out = std::io::stdout().lock();
                out.write_all(waiting.as_bytes()).and_then(|()| out.flush())
            }
        };
        if let Err(error) = written {
            self.wait();
            if error.kind() == ErrorKind::BrokenPipe {
                self.is_left = true;
                return;
            }
            let said = format!("mgram: cannot write to standard output: {error}\n");
            let _ = std::io::stderr().write_all(said.as_bytes());
            std::process::exit(1);
        }
    }

    /// Hands on what is left and waits until it was read.
    pub fn finish(mut self) {
        self.flush();
        self.wait();
    }

    fn wait(&mut self) {
        if let Some(mut pager) = self.pager.take() {
            drop(pager.stdin.take());
            let _ = pager.wait();
        }
    }
}

/// Octets that are gathered before they are written.
const PIECE: usize = 16 << 10;

/// The pager of this command; none if it cannot be started, or is `cat` or nothing.
fn pager(wanted: &str) -> Option<Child> {
    let mut words = wanted.split_ascii_whitespace();
    let program = words.next().filter(|program| *program != "cat")?;
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::piped());
    if std::env::var_os("LESS").is_none() {
        command.env("LESS", "-RFX");
    }
    command.spawn().ok()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{PIECE, Screen};

    #[test]
    fn more_than_a_screen_goes_through_the_pager_all_of_it_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let shown = folder.path().join("shown");
        let command = format!("cp /dev/stdin {}", shown.display());
        let mut screen = Screen::with(Some(command), 4);
        let lines: Vec<String> = (0..PIECE / 4).map(|number| format!("line {number}")).collect();
        for line in &lines[..3] {
            screen.line(line);
        }
        assert!(screen.pager.is_none(), "it still fits");
        for line in &lines[3..] {
            screen.line(line);
        }
        screen.finish();
        assert_eq!(fs::read_to_string(shown).unwrap().lines().collect::<Vec<_>>(), lines);
    }

    #[test]
    fn a_pager_that_is_none_is_not_started() {
        for command in ["cat", "", " ", "/no/such/pager -x"] {
            let mut screen = Screen::with(Some(command.to_owned()), 1);
            screen.line("");
            assert!(screen.pager.is_none() && screen.wanted.is_none(), "{command:?}");
        }
    }
}
