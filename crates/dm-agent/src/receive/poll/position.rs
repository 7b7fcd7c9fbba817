//! How far a server has been polled: a number, durable before the server learns of it.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tracing::warn;

use super::PollError;

/// The folder in a state folder, and a file for each URL in it: the URL, then the number.
const FOLDER: &str = "poll";

/// The number of the last message that is kept.
pub(super) struct Position {
    number: u64,
    path: PathBuf,
    url: String,
}

impl Position {
    /// What is written of this URL, or the beginning. From there messages come once more, and are
    /// refused as replays: no harm in it.
    pub(super) fn read(state: &Path, url: &str) -> Self {
        let path = state.join(FOLDER).join(format!("{:08x}", crc32fast::hash(url.as_bytes())));
        let number = match fs::read_to_string(&path) {
            Ok(text) => {
                let number = text.split_once('\n').filter(|(first, _)| *first == url);
                number.and_then(|(_, number)| number.trim_end().parse().ok()).unwrap_or(0)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => 0,
            Err(error) => {
                warn!(path = %path.display(), %error, "begins anew: the position cannot be read");
                0
            }
        };
        Self { number, path, url: url.to_owned() }
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    /// The number of a message that follows: above that of the last.
    pub(super) fn following(&self, text: Option<&str>) -> Result<u64, PollError> {
        let number = text.and_then(|text| text.parse().ok()).ok_or(PollError::Unnumbered)?;
        match number > self.number {
            true => Ok(number),
            false => {
                let (last, file) = (self.number, self.path.clone());
                Err(PollError::Behind { number, last, file })
            }
        }
    }

    /// Writes the next number; when it returns, it survives a loss of power.
    pub(super) fn advance(&mut self, number: u64) -> io::Result<()> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        if !folder.exists() {
            DirBuilder::new().mode(0o700).create(folder)?;
            if let Some(state) = folder.parent() {
                File::open(state)?.sync_all()?;
            }
        }
        let new = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(format!("{}\n{number}\n", self.url).as_bytes())?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        File::open(folder)?.sync_all()?;
        self.number = number;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_is_of_its_url_and_what_cannot_be_read_is_the_beginning() {
        let state = tempfile::tempdir().unwrap();
        let mut position = Position::read(state.path(), "https://a/");
        assert_eq!(position.number(), 0);
        position.advance(7).unwrap();
        position.advance(19).unwrap();
        assert_eq!(Position::read(state.path(), "https://a/").number(), 19);
        assert_eq!(Position::read(state.path(), "https://b/").number(), 0);
        fs::write(&position.path, "https://other/\n5\n").unwrap();
        assert_eq!(Position::read(state.path(), "https://a/").number(), 0);
        fs::write(&position.path, "https://a/\nx").unwrap();
        assert_eq!(Position::read(state.path(), "https://a/").number(), 0);
    }

    #[test]
    fn a_number_that_is_not_above_the_last_is_told_with_the_file_to_remove() {
        let state = tempfile::tempdir().unwrap();
        let mut position = Position::read(state.path(), "https://a/");
        position.advance(100).unwrap();
        assert_eq!(position.following(Some("101")).unwrap(), 101);
        let said = position.following(Some("100")).unwrap_err().to_string();
        let remove = format!("stop the agent, remove {}, and start it", position.path.display());
        assert!(said.starts_with("`Push-Seq` is 100, and 100 was the last"), "{said}");
        assert!(said.ends_with(&remove), "{said}");
        for none in [None, Some("x"), Some("-1")] {
            assert!(matches!(position.following(none), Err(PollError::Unnumbered)), "{none:?}");
        }
    }
}
