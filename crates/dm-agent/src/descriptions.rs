//! The registry of device descriptions: DDF files of the maker, and those of the standard
//! objects. [TND 1.2 §9], [DDF 1.2]
//!
//! A file is read by the letter of the DTD. One with elements of a vendor, or without a namespace,
//! as the descriptions of Windows are, may leave elements out; what it leaves out says nothing.

use std::io;
use std::path::{Path, PathBuf};

use dm_mo::VIEWS;
use dm_tnds::ddf::{Ddf, Deviation};
use dm_tnds::tables::NAMESPACE;
use dm_tree::{DescriptionError, Descriptions};
use dm_xml::{Document, Limits};
use thiserror::Error;

mod line;

/// A description cannot be used: which file, where in it, and why.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The file is XML, but no description.
    #[error("{}:{line}, {}: {}", path.display(), error.path, error.kind)]
    Ddf {
        /// The file.
        path: PathBuf,
        /// The line where the element begins.
        line: usize,
        /// What is wrong, and at which element.
        error: dm_tnds::Error,
    },
    /// The description does not fit to the others.
    #[error("{}: {error}", path.display())]
    Description {
        /// The file.
        path: PathBuf,
        /// What is wrong, and with which node.
        error: DescriptionError,
    },
    /// There is no description in a folder.
    #[error("{}: there is no .xml or .ddf file in this folder", .0.display())]
    Empty(PathBuf),
    /// The file or folder cannot be read.
    #[error("{}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        error: io::Error,
    },
    /// The file is larger than [`FILE_OCTETS`].
    #[error("{}: a description has {FILE_OCTETS} octets at most", .0.display())]
    Large(PathBuf),
    /// The file is no XML.
    #[error("{}:{line}: {error}", path.display())]
    Xml {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong, and at which octet.
        error: dm_xml::XmlError,
    },
}

/// Octets of one description at most.
pub const FILE_OCTETS: u64 = 16 << 20;

/// Reads the descriptions of these files and folders; of a folder its `.xml` and `.ddf` files, in
/// the order of their names.
///
/// # Errors
/// [`RegistryError`] for the first file that cannot be used.
pub fn read(paths: &[PathBuf], standard: bool) -> Result<Descriptions, RegistryError> {
    let mut all = Descriptions::default();
    if standard {
        for view in VIEWS {
            add(&mut all, Path::new(view.file), view.ddf.as_bytes())?;
        }
    }
    for path in paths {
        let io = |error| RegistryError::Io { path: path.clone(), error };
        let files = if path.is_dir() { files(path).map_err(io)? } else { vec![path.clone()] };
        if files.is_empty() {
            return Err(RegistryError::Empty(path.clone()));
        }
        for file in files {
            let io = |error| RegistryError::Io { path: file.clone(), error };
            if std::fs::metadata(&file).map_err(io)?.len() > FILE_OCTETS {
                return Err(RegistryError::Large(file));
            }
            add(&mut all, &file, &std::fs::read(&file).map_err(io)?)?;
        }
    }
    Ok(all)
}

fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if matches!(extension, Some("xml" | "ddf")) && path.is_file() {
            found.push(path);
        }
    }
    found.sort_unstable();
    Ok(found)
}

fn add(all: &mut Descriptions, path: &Path, text: &[u8]) -> Result<(), RegistryError> {
    let document = parse(text).map_err(|error| {
        let line = line::of_offset(text, error.offset);
        RegistryError::Xml { path: path.into(), line, error }
    })?;
    let (ddf, deviations) = description(&document).map_err(|error| {
        let line = line::of_element(text, error.element);
        RegistryError::Ddf { path: path.into(), line, error }
    })?;
    all.add(&ddf, &deviations)
        .map_err(|error| RegistryError::Description { path: path.into(), error })
}

/// With the limits of tools, not of messages: the maker wrote these files, often with a DOCTYPE.
fn parse(text: &[u8]) -> Result<Document<'_>, dm_xml::XmlError> {
    dm_xml::parse_lenient(text, &Limits::generous()).map(|(document, _)| document)
}

fn description(document: &Document<'_>) -> Result<(Ddf, Vec<Deviation>), dm_tnds::Error> {
    let root = document.root();
    // Windows leaves the namespace out, or names elements of its own.
    let is_foreign = |namespace: &str| namespace != NAMESPACE;
    if root.walk().any(|element| is_foreign(element.namespace())) {
        return Ddf::read_lenient(root);
    }
    Ddf::read(root).map(|ddf| (ddf, Vec::new()))
}

#[cfg(test)]
mod tests;
