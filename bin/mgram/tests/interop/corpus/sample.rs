//! Documents to write: our messages, and all of the corpus that can be read and has a language.

use std::fs;

use dm_wbxml::Vocabulary;
use dm_xml::Document;

use super::files;
use super::reading::{Reading, read, read_text};
use super::written::placed;
use crate::messages::MESSAGES;

/// A document, its name, its language.
pub struct Sample {
    /// Without a slash if it is ours.
    pub name: String,
    pub document: Document<'static>,
    pub language: &'static Vocabulary,
}

impl Sample {
    /// All of them, ours first; and whether there is a corpus.
    pub fn all() -> (Vec<Self>, bool) {
        let ours = MESSAGES.iter().map(|message| {
            let text = fs::read(message.path()).expect("a message").leak();
            (message.name.to_owned(), read_text(text).expect("ours"))
        });
        let files = files();
        let is_complete = files.is_some();
        let files = files.unwrap_or_default();
        let theirs = files.iter().filter_map(|file| Some((file.name.clone(), read(file).ok()?)));
        let samples = ours.chain(theirs);
        (samples.filter_map(|(name, reading)| Self::new(name, reading)).collect(), is_complete)
    }

    /// None for a document without a language.
    pub fn new(name: String, reading: Reading) -> Option<Self> {
        let document = Box::leak(Box::new(reading.document));
        let language = reading.language?;
        // Writers emit no white space between elements, and the tools drop it.
        let document = placed(document, language).without_white_space();
        Some(Self { name, document, language })
    }
}
