//! A disk in memory that remembers what was done to it, so that its power can be cut at any moment.

use std::io::{Error, ErrorKind};
use std::sync::{Arc, Mutex, MutexGuard};

use redb::StorageBackend;

/// What a disk writes whole or not at all.
pub const SECTOR: usize = 512;

/// One call of the database to its disk.
#[derive(Clone, Debug)]
pub enum Call {
    Resize(usize),
    Sync,
    Write(usize, Vec<u8>),
}

/// A disk, with everything that was done to it since it was new.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    image: Vec<u8>,
    calls: Vec<Call>,
    /// Calls that still succeed; none: all do.
    good_for: Option<usize>,
}

impl Disk {
    /// A disk with these contents.
    pub fn of(image: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(Inner { image, ..Inner::default() })))
    }

    /// How many calls there were.
    pub fn count(&self) -> usize {
        self.inner().calls.len()
    }

    /// Everything that was done.
    pub fn calls(&self) -> Vec<Call> {
        self.inner().calls.clone()
    }

    /// What it holds.
    pub fn image(&self) -> Vec<u8> {
        self.inner().image.clone()
    }

    /// Lets this many calls succeed, and no more.
    pub fn fail_after(&self, calls: usize) {
        self.inner().good_for = Some(calls);
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap()
    }

    fn call(&self, call: Call) -> Result<(), Error> {
        let mut inner = self.inner();
        match &mut inner.good_for {
            Some(0) => return Err(Error::other("the disk is full")),
            Some(left) => *left -= 1,
            None => {}
        }
        apply(&mut inner.image, &call);
        inner.calls.push(call);
        Ok(())
    }
}

/// Carries out a call on an image.
pub fn apply(image: &mut Vec<u8>, call: &Call) {
    match call {
        Call::Resize(length) => image.resize(*length, 0),
        Call::Sync => {}
        Call::Write(offset, octets) => {
            let end = offset + octets.len();
            if image.len() < end {
                image.resize(end, 0);
            }
            image[*offset..end].copy_from_slice(octets);
        }
    }
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, Error> {
        Ok(self.inner().image.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), Error> {
        let (inner, start) = (self.inner(), index(offset));
        let found = inner.image.get(start..start + out.len());
        out.copy_from_slice(found.ok_or(Error::from(ErrorKind::UnexpectedEof))?);
        Ok(())
    }

    fn set_len(&self, length: u64) -> Result<(), Error> {
        self.call(Call::Resize(index(length)))
    }

    fn sync_data(&self) -> Result<(), Error> {
        self.call(Call::Sync)
    }

    fn write(&self, offset: u64, octets: &[u8]) -> Result<(), Error> {
        self.call(Call::Write(index(offset), octets.to_vec()))
    }
}

fn index(offset: u64) -> usize {
    usize::try_from(offset).unwrap()
}
