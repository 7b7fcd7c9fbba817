//! Written again: in each version, with and without the string table, and read again.

use std::collections::BTreeMap;

use dm_syncml::MetaRule;
use dm_syncml::tables::DDF;
use dm_wbxml::{Encoder, Strings, Version, Vocabulary};
use dm_xml::{Builder, Document, Event, Limits, Sink, canonical};

use super::reading::{Deviations, Reading, read, read_octets, strict};
use super::{File, files};
use crate::page;

/// How a document is written.
pub const VERSIONS: [Version; 3] = [Version::V1_1, Version::V1_2, Version::V1_3];
pub const STRINGS: [Strings; 2] = [Strings::Fewest, Strings::Inline];

/// The table of all documents, and of all rules.
#[test]
fn each_document_is_read_and_written_again() {
    let Some(files) = files() else { return };
    let rows: Vec<[String; 4]> = files.iter().map(row).collect();
    page::check("corpus", &page::table(["document", "language", "as it is", "again"], &rows));
}

fn row(file: &File) -> [String; 4] {
    let name = format!("`{}`", file.name);
    let reading = match read(file) {
        Err(rule) => return [name, "-".into(), format!("unreadable: {rule}"), "-".into()],
        Ok(reading) => reading,
    };
    let language = reading.language.map_or("none of ours", |language| title(language));
    [name, language.to_owned(), listed("strict", &reading.deviations), again(&reading)]
}

/// `-//SYNCML//DTD SyncML 1.2//EN` is `SyncML 1.2`.
fn title(language: &'static Vocabulary) -> &'static str {
    let text = language.text.trim_end_matches("//EN");
    text.rsplit("//")
        .next()
        .unwrap_or(text)
        .trim_start_matches("DTD")
        .trim_start_matches(['-', ' '])
}

/// Each rule, and how often it is broken; `none` if none is.
fn listed(none: &str, deviations: &Deviations) -> String {
    if deviations.is_empty() {
        return none.to_owned();
    }
    let rules: Vec<_> = deviations.iter().map(|(rule, count)| format!("{rule} ×{count}")).collect();
    rules.join(", ")
}

fn again(reading: &Reading) -> String {
    let Some(language) = reading.language else { return "-".to_owned() };
    let placed = placed(&reading.document, language);
    let wanted = canonical::text(&placed);
    let mut found: Option<Deviations> = None;
    for version in VERSIONS {
        for strings in STRINGS {
            let encoder = Encoder::new(language).version(version).strings(strings);
            let octets = encoder.encode(&placed, MetaRule::default());
            let octets = match octets {
                Ok(octets) => &*octets.leak(),
                Err(error) => return format!("not written: {error}"),
            };
            let again = read_octets(octets).expect("what we write can be read");
            assert_eq!(canonical::text(&again.document), wanted);
            if again.deviations.is_empty() {
                assert_eq!(strict(octets).as_deref(), Some(&*wanted));
            }
            assert_eq!(found.get_or_insert(again.deviations.clone()), &again.deviations);
        }
    }
    listed("strict", &found.unwrap_or_default())
}

/// The document with a namespace for each element that has none: that of its parent where that
/// code page has the name, else that of the first page which has it, else that of its parent.
pub fn placed<'d>(document: &'d Document<'_>, language: &'static Vocabulary) -> Document<'d> {
    // The pages of a message are not those of a description.
    let first = usize::from(language.text == DDF.text) * 2;
    let pages = || language.pages[first..].iter().map(|page| page.namespace());
    let mut builder = Builder::new(Limits::generous());
    let mut open: Vec<&str> = Vec::new();
    for event in document.events() {
        let event = match event {
            Event::Start { namespace: "", local } => {
                let has = |namespace: &&str| language.token(namespace, local).is_some();
                let above = open.last().copied();
                let namespace = above.filter(has).or(pages().find(has)).or(above);
                let namespace = namespace.unwrap_or_default();
                open.push(namespace);
                Event::Start { namespace, local }
            }
            Event::Start { namespace, .. } => {
                open.push(namespace);
                event
            }
            Event::End => {
                open.pop();
                event
            }
            other => other,
        };
        builder.event(event).expect("within the limits");
    }
    builder.finish().expect("a root element")
}

/// How many documents break each rule, and how often.
#[test]
fn each_rule_that_is_broken_is_counted() {
    let Some(files) = files() else { return };
    let mut found: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut strict = 0;
    for file in &files {
        let broken = match read(file) {
            Ok(reading) => reading.deviations,
            Err(rule) => Deviations::from([(rule, 1)]),
        };
        strict += usize::from(broken.is_empty());
        for (rule, times) in broken {
            let (documents, sum) = found.entry(rule).or_default();
            (*documents, *sum) = (*documents + 1, *sum + times);
        }
    }
    let row = |(rule, (documents, times)): (&&str, &(usize, usize))| {
        [(*rule).to_owned(), documents.to_string(), times.to_string()]
    };
    let rows: Vec<_> = found.iter().map(row).collect();
    let table = page::table(["rule", "documents that break it", "times"], &rows);
    page::check("rules", &format!("{strict} of {} documents break none.\n\n{table}", files.len()));
}
