//! XML and WBXML of one document, written by others: both say the same, or differ for a reason.

use std::path::Path;

use super::files;
use super::reading::read;
use super::sample::Sample;
use crate::libwbxml::differences::explained;
use crate::libwbxml::reasons::{Outcome, WRITER};
use crate::page;

/// What is read of tokens that no language of ours has.
const PRIVATE: &str = "tokens of a language of its own";

#[test]
fn both_of_a_pair_say_the_same_or_differ_for_a_reason() {
    let Some(files) = files() else { return };
    let (mut alike, mut rows) = (0, Vec::new());
    for octets in files.iter().filter(|file| file.is_wbxml()) {
        let other = octets.name.replace(".wbxml", ".xml");
        let Some(text) = files.iter().find(|file| file.name == other) else { continue };
        let (read_text, reading) = (read(text).expect("XML"), read(octets));
        let reasons = if reading.as_ref().is_ok_and(|reading| reading.language.is_none()) {
            vec![PRIVATE]
        } else {
            let sample = Sample::new(text.name.clone(), read_text).expect("of a language");
            let file = Path::new(&octets.name);
            let outcome = Outcome { said: "", octets: octets.octets, file, reading };
            explained(&sample, &outcome, WRITER)
        };
        match reasons.is_empty() {
            true => alike += 1,
            false => rows.push([format!("`{}`", octets.name), reasons.join(", ")]),
        }
    }
    let count = alike + rows.len();
    let table = page::table(["pair", "differs by"], &rows);
    page::check("pairs", &format!("{alike} of {count} pairs say the same.\n\n{table}"));
}
