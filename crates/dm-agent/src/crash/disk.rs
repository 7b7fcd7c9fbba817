//! A disk in memory that numbers what is done to it, and can fail at any number.
//!
//! It holds what a state folder holds: the database, and the files of the queue. What a loss of power
//! leaves of it is in [`super::power`].

use std::collections::BTreeMap;
use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

use crate::kept::Folder;

/// A file, whatever its name: an inode.
pub type File = usize;
/// The database. It has its name from the beginning.
pub const DATABASE: File = 0;

/// One thing that is done to the disk.
#[derive(Clone, Debug)]
pub enum Step {
    Write(File, usize, Vec<u8>),
    Resize(File, usize),
    Sync(File),
    /// A name in the queue's folder is of this file now, or of none.
    Name(String, Option<File>),
    SyncNames,
}

/// What is on a disk.
#[derive(Clone, Debug, Default)]
pub struct Image {
    pub files: Vec<Vec<u8>>,
    pub names: BTreeMap<String, File>,
}

impl Image {
    pub fn apply(&mut self, step: &Step) {
        match step {
            Step::Write(file, offset, octets) => {
                let (file, end) = (&mut self.files[*file], offset + octets.len());
                file.resize(file.len().max(end), 0);
                file[*offset..end].copy_from_slice(octets);
            }
            Step::Resize(file, length) => self.files[*file].resize(*length, 0),
            Step::Name(name, Some(file)) => {
                self.files.resize(self.files.len().max(file + 1), Vec::new());
                self.names.insert(name.clone(), *file);
            }
            Step::Name(name, None) => drop(self.names.remove(name)),
            Step::Sync(_) | Step::SyncNames => {}
        }
    }
}

/// Which steps fail.
#[derive(Clone, Copy, Debug, Default)]
pub enum Fails {
    #[default]
    Never,
    /// This one and all behind it.
    From(usize),
    /// This one only.
    Once(usize),
}

/// A disk, with everything that was done to it.
#[derive(Clone, Debug)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    before: Image,
    now: Image,
    steps: Vec<Step>,
    tried: usize,
    fails: Fails,
}

impl Disk {
    pub fn of(before: Image) -> Self {
        let (steps, now) = (Vec::new(), before.clone());
        Self(Arc::new(Mutex::new(Inner { before, now, steps, tried: 0, fails: Fails::Never })))
    }

    pub fn failing(self, fails: Fails) -> Self {
        self.inner().fails = fails;
        self
    }

    /// How many steps were taken.
    pub fn count(&self) -> usize {
        self.inner().steps.len()
    }

    /// What was there before the first step, and the steps.
    pub fn history(&self) -> (Image, Vec<Step>) {
        let inner = self.inner();
        (inner.before.clone(), inner.steps.clone())
    }

    /// What is there.
    pub fn now(&self) -> Image {
        self.inner().now.clone()
    }

    /// The folder of the queue.
    pub fn queue(&self) -> Box<dyn Folder> {
        Box::new(Queue { disk: self.clone(), grows: None })
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    fn step(&self, step: Step) -> Result<()> {
        let mut inner = self.inner();
        let number = inner.tried;
        inner.tried += 1;
        let does_fail = match inner.fails {
            Fails::Never => false,
            Fails::From(first) => number >= first,
            Fails::Once(only) => number == only,
        };
        if does_fail {
            return Err(Error::other("the disk fails"));
        }
        inner.now.apply(&step);
        inner.steps.push(step);
        Ok(())
    }
}

/// The database on it.
impl StorageBackend for Disk {
    fn len(&self) -> Result<u64> {
        Ok(self.inner().now.files[DATABASE].len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<()> {
        let (inner, start) = (self.inner(), index(offset));
        let found = inner.now.files[DATABASE].get(start..start + out.len());
        out.copy_from_slice(found.ok_or(Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<()> {
        self.step(Step::Resize(DATABASE, index(length)))
    }

    fn sync_data(&self) -> Result<()> {
        self.step(Step::Sync(DATABASE))
    }

    fn write(&self, offset: u64, octets: &[u8]) -> Result<()> {
        self.step(Step::Write(DATABASE, index(offset), octets.to_vec()))
    }
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}

#[derive(Debug)]
struct Queue {
    disk: Disk,
    grows: Option<File>,
}

impl Folder for Queue {
    fn names(&self) -> Result<Vec<String>> {
        Ok(self.disk.inner().now.names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let inner = self.disk.inner();
        let file = inner.now.names.get(name).ok_or(Error::from(ErrorKind::NotFound))?;
        Ok(inner.now.files[*file].clone())
    }

    fn begin(&mut self, name: &str) -> Result<()> {
        let file = {
            let inner = self.disk.inner();
            if inner.now.names.contains_key(name) {
                return Err(ErrorKind::AlreadyExists.into());
            }
            inner.now.files.len()
        };
        self.disk.step(Step::Name(name.to_owned(), Some(file)))?;
        self.grows = Some(file);
        self.disk.step(Step::SyncNames)
    }

    fn append(&mut self, octets: &[u8]) -> Result<()> {
        let file = self.grows.unwrap();
        let length = self.disk.inner().now.files[file].len();
        // As a full disk does it: a part comes first, and is there if the rest fails.
        let (first, rest) = octets.split_at(octets.len() / 2);
        self.disk.step(Step::Write(file, length, first.to_vec()))?;
        self.disk.step(Step::Write(file, length + first.len(), rest.to_vec()))
    }

    fn sync(&mut self) -> Result<()> {
        self.disk.step(Step::Sync(self.grows.unwrap()))
    }

    fn cut(&mut self, length: u64) -> Result<()> {
        self.disk.step(Step::Resize(self.grows.unwrap(), index(length)))
    }

    fn remove(&mut self, name: &str) -> Result<()> {
        self.disk.step(Step::Name(name.to_owned(), None))
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<()> {
        let file = self.disk.inner().now.names.get(from).copied();
        self.disk.step(Step::Name(to.to_owned(), file))?;
        self.disk.step(Step::Name(from.to_owned(), None))
    }
}
