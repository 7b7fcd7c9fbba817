//! How far a server has been polled, or told of the journal: a number, durable before it counts.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use tracing::warn;

/// The number of the last message that is kept, or of the last entry that was taken.
#[derive(Debug)]
pub(crate) struct Position {
    number: u64,
    path: PathBuf,
    url: String,
}

impl Position {
    /// What is written of this URL, or the beginning. From there all comes once more: messages are
    /// refused as replays, entries have their numbers; no harm in it. A folder of the state folder has
    /// a file for each URL: the URL, then the number.
    pub(crate) fn read(state: &Path, folder: &str, url: &str) -> Self {
        let path = state.join(folder).join(format!("{:08x}", crc32fast::hash(url.as_bytes())));
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

    pub(crate) const fn number(&self) -> u64 {
        self.number
    }

    /// Its file.
    pub(crate) fn file(&self) -> &Path {
        &self.path
    }

    /// Writes the next number; when it returns, it survives a loss of power.
    pub(crate) fn advance(&mut self, number: u64) -> io::Result<()> {
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
        let mut position = Position::read(state.path(), "poll", "https://a/");
        assert_eq!(position.number(), 0);
        position.advance(7).unwrap();
        position.advance(19).unwrap();
        assert_eq!(Position::read(state.path(), "poll", "https://a/").number(), 19);
        assert_eq!(Position::read(state.path(), "poll", "https://b/").number(), 0);
        fs::write(&position.path, "https://other/\n5\n").unwrap();
        assert_eq!(Position::read(state.path(), "poll", "https://a/").number(), 0);
        fs::write(&position.path, "https://a/\nx").unwrap();
        assert_eq!(Position::read(state.path(), "poll", "https://a/").number(), 0);
    }
}
