//! xmllint and we, on all XML text that there is.

use std::fs;
use std::path::Path;

use dm_xml::canonical;

use super::{xmllint, xmllint_file};
use crate::corpus::files;
use crate::corpus::reading::read_text;
use crate::messages::MESSAGES;
use crate::{generated, page, peer};

#[test]
fn xmllint_says_the_same_of_every_document() {
    if !peer::all_here(&["xmllint"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let ours = MESSAGES.iter().map(|message| {
        (message.name.to_owned(), &*fs::read(message.path()).expect("a message").leak())
    });
    let files = files();
    let is_complete = files.is_some();
    let files = files.unwrap_or_default();
    let theirs = files.iter().filter(|file| !file.is_wbxml());
    let theirs = theirs.map(|file| (file.name.clone(), file.octets));
    let generated = (5_000..5_100)
        .map(|seed| (format!("seed {seed}"), &*generated::document(seed).into_bytes().leak()));
    let mut sum = [0; 3];
    for (name, text) in ours.chain(theirs).chain(generated) {
        let at = compared(&name, text, folder.path());
        sum[at] += 1;
    }
    let all: usize = sum.iter().sum();
    let [octets, infosets, unreadable] = sum;
    let said = format!(
        "{all} XML texts: of {octets} the same octets; of {infosets}, which have prefixes, comments \
         or processing instructions, the same infoset; {unreadable} are not well-formed to either."
    );
    eprintln!("{said}");
    if is_complete {
        page::check("xmllint", &said);
    }
}

/// 0: the same octets. 1: the same infoset. 2: not well-formed, both say.
fn compared(name: &str, text: &'static [u8], folder: &Path) -> usize {
    let file = folder.join("file.xml");
    fs::write(&file, text).expect("the text");
    let Ok(reading) = read_text(text) else {
        let mut lint = std::process::Command::new("xmllint");
        let said = crate::program::run(lint.args(["--nonet", "--noout"]).arg(&file));
        assert_ne!(said.code, 0, "{name}: xmllint reads it");
        return 2;
    };
    let ours = canonical::text(&reading.document);
    assert_eq!(xmllint(&ours, folder), ours, "{name}: our form does not stay as it is");
    let theirs = xmllint_file(&file);
    if theirs == ours {
        return 0;
    }
    assert!(["<!--", "<?", "xmlns:"].iter().any(|more| theirs.contains(more)), "{name}");
    let again = read_text(theirs.into_bytes().leak()).expect("it can be read");
    assert_eq!(canonical::text(&again.document), ours, "{name}");
    1
}
