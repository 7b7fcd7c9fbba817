//! Every document of `corpus/peer-a` and `corpus/ms-ddf`: read leniently, each deviation by its
//! rule, written again in every way, and read again.
//!
//! Nothing of them is in this project but names and counts. Without them these tests say so.

mod pairs;
pub mod reading;
pub mod rules;
pub mod sample;
pub mod written;

use std::fs;
use std::path::Path;

use crate::peer;

/// A document of the corpus.
#[derive(Debug)]
pub struct File {
    /// Its name below the corpus.
    pub name: String,
    pub octets: &'static [u8],
}

impl File {
    /// Whether it is WBXML.
    pub fn is_wbxml(&self) -> bool {
        self.name.ends_with(".wbxml")
    }
}

/// All documents, by name; `None`, and a word about it, where they are not.
pub fn files() -> Option<Vec<File>> {
    let corpus = peer::documents("corpus")?;
    let mut files = Vec::new();
    for part in ["ms-ddf", "peer-a"] {
        gather(&corpus, &corpus.join(part), &mut files);
    }
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Some(files)
}

fn gather(corpus: &Path, folder: &Path, files: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            gather(corpus, &path, files);
        } else if path.extension().is_none_or(|extension| extension != "md") {
            let name = path.strip_prefix(corpus).expect("below it").to_string_lossy().into_owned();
            files.push(File { name, octets: fs::read(&path).expect("a document").leak() });
        }
    }
}
