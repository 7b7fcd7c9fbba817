//! What the queue does to the disk: every step that a loss of power can come between.

use std::fmt::Debug;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;

/// A folder of files, of which one grows.
pub(crate) trait Folder: Debug + Send {
    /// The names in it; none where there is no folder.
    fn names(&self) -> io::Result<Vec<String>>;

    /// The octets of a file.
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;

    /// Makes the file that grows from now on. Its name is durable before anything in it is.
    fn begin(&mut self, name: &str) -> io::Result<()>;

    /// Appends to the file that grows.
    fn append(&mut self, octets: &[u8]) -> io::Result<()>;

    /// Waits until what was appended is durable.
    fn sync(&mut self) -> io::Result<()>;

    /// Cuts the file that grows.
    fn cut(&mut self, length: u64) -> io::Result<()>;

    /// Removes a file. A loss of power may bring it back.
    fn remove(&mut self, name: &str) -> io::Result<()>;

    /// Gives a file another name. A loss of power may undo it.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
}

/// A folder of the file system.
#[derive(Debug)]
pub(super) struct OnDisk {
    path: PathBuf,
    grows: Option<File>,
}

impl OnDisk {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self { path, grows: None }
    }

    fn grows(&mut self) -> io::Result<&mut File> {
        self.grows.as_mut().ok_or_else(|| ErrorKind::NotFound.into())
    }
}

impl Folder for OnDisk {
    fn names(&self) -> io::Result<Vec<String>> {
        match std::fs::read_dir(&self.path) {
            Ok(entries) => {
                let names = entries.map(|entry| Ok(entry?.file_name().into_string().ok()));
                names.filter_map(Result::transpose).collect()
            }
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.path.join(name))
    }

    fn begin(&mut self, name: &str) -> io::Result<()> {
        if !self.path.exists() {
            DirBuilder::new().mode(0o700).create(&self.path)?;
            if let Some(state) = self.path.parent() {
                File::open(state)?.sync_all()?;
            }
        }
        let mut options = OpenOptions::new();
        let file = options.append(true).create_new(true).mode(0o600).open(self.path.join(name))?;
        self.grows = Some(file);
        File::open(&self.path)?.sync_all()
    }

    fn append(&mut self, octets: &[u8]) -> io::Result<()> {
        self.grows()?.write_all(octets)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.grows()?.sync_data()
    }

    fn cut(&mut self, length: u64) -> io::Result<()> {
        self.grows()?.set_len(length)
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        std::fs::remove_file(self.path.join(name))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        std::fs::rename(self.path.join(from), self.path.join(to))
    }
}
