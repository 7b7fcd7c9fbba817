//! Every unsigned document that there is, to libwbxml and from it: each difference has a reason
//! with a name, and each reason a difference.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use dm_syncml::MetaRule;
use dm_wbxml::Encoder;
use dm_xml::canonical;

use super::WRITERS;
use super::reasons::{Outcome, Proof, READER, Reason, WRITER};
use super::shapes::SHAPES;
use super::tree::Tree;
use crate::corpus::reading::{Reading, read_octets, read_text};
use crate::corpus::sample::Sample;
use crate::corpus::written::{STRINGS, VERSIONS, placed};
use crate::program::run;
use crate::{page, peer};

/// All messages and documents, and our shapes; and whether there is a corpus.
fn samples() -> (Vec<Sample>, bool) {
    let (mut samples, is_complete) = Sample::all();
    let shape = |(name, text): &(&str, &'static str)| {
        Sample::new((*name).to_owned(), read_text(text.as_bytes()).expect("ours"))
    };
    samples.extend(SHAPES.iter().filter_map(shape));
    (samples, is_complete)
}

#[test]
fn each_difference_from_wbxml2xml_has_a_reason() {
    if !peer::all_here(&["wbxml2xml"]) {
        return;
    }
    let (samples, is_complete) = samples();
    let folder = tempfile::tempdir().expect("a folder");
    let (octets, text) = (folder.path().join("octets"), folder.path().join("text.xml"));
    let mut sum = Sum::new(READER);
    for sample in &samples {
        for (version, strings) in VERSIONS.iter().flat_map(|version| STRINGS.map(|s| (version, s)))
        {
            let encoder = Encoder::new(sample.language).version(*version).strings(strings);
            let written = encoder.encode(&sample.document, MetaRule::default());
            fs::write(&octets, written.expect("it can be written")).expect("the octets");
            let mut tool = Command::new("wbxml2xml");
            tool.args(["-m", "0", "-o"]).arg(&text).arg(&octets);
            sum.add(sample, &mut tool, &text, |found| {
                let mut reading = read_text(found)?;
                let document = Box::leak(Box::new(reading.document));
                reading.document = placed(document, sample.language);
                Ok(reading)
            });
        }
    }
    sum.check("libwbxml reads", is_complete);
}

#[test]
fn each_difference_from_xml2wbxml_has_a_reason() {
    if !peer::all_here(&["xml2wbxml", "wbxml2xml"]) {
        return;
    }
    let (samples, is_complete) = samples();
    let folder = tempfile::tempdir().expect("a folder");
    let (octets, text) = (folder.path().join("octets"), folder.path().join("text.xml"));
    let mut sum = Sum::new(WRITER);
    for sample in &samples {
        let (root, language) = (sample.document.root().local(), sample.language.text);
        let doctype =
            format!("<?xml version=\"1.0\"?><!DOCTYPE {root} PUBLIC \"{language}\" \"x.dtd\">");
        let plain = format!("{doctype}{}", canonical::text(&sample.document));
        fs::write(&text, plain).expect("the text");
        for options in WRITERS {
            let mut tool = Command::new("xml2wbxml");
            tool.args(options).arg("-o").arg(&octets).arg(&text);
            sum.add(sample, &mut tool, &octets, read_octets);
        }
    }
    sum.check("libwbxml writes", is_complete);
}

/// What came of all runs.
struct Sum {
    reasons: &'static [Reason],
    alike: usize,
    runs: usize,
    /// For each reason, the documents.
    found: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Sum {
    fn new(reasons: &'static [Reason]) -> Self {
        Self { reasons, alike: 0, runs: 0, found: BTreeMap::new() }
    }

    /// One run, which writes `file`, and how that is read.
    fn add(
        &mut self,
        sample: &Sample,
        tool: &mut Command,
        file: &Path,
        read: impl Fn(&'static [u8]) -> Result<Reading, &'static str>,
    ) {
        let _ = fs::remove_file(file);
        let said = run(tool);
        let octets: &'static [u8] = fs::read(file).unwrap_or_default().leak();
        let outcome = Outcome { said: &said.err, octets, file, reading: read(octets) };
        let found = explained(sample, &outcome, self.reasons);
        self.runs += 1;
        self.alike += usize::from(found.is_empty());
        for reason in found {
            self.found.entry(reason).or_default().insert(sample.name.clone());
        }
    }

    /// Compares with the page; each reason has to be one of some document.
    fn check(&self, name: &str, is_complete: bool) {
        eprintln!("{name}: {} of {} runs say the same", self.alike, self.runs);
        if !is_complete {
            return;
        }
        let row = |reason: &Reason| {
            let found = self.found.get(reason.name);
            let found = found.unwrap_or_else(|| panic!("{:?} is no longer so", reason.name));
            [reason.name.to_owned(), reason.says.to_owned(), named(found)]
        };
        let rows: Vec<_> = self.reasons.iter().map(row).collect();
        let table = page::table(["difference", "what libwbxml does", "documents"], &rows);
        page::check(
            name,
            &format!("{} of {} runs say the same.\n\n{table}", self.alike, self.runs),
        );
    }
}

/// The fewest reasons that explain all; none where both say the same.
pub fn explained(
    sample: &Sample,
    outcome: &Outcome<'_>,
    reasons: &'static [Reason],
) -> Vec<&'static str> {
    for reason in reasons {
        if let Proof::Seen(is_seen) = reason.proof
            && is_seen(outcome)
        {
            return vec![reason.name];
        }
    }
    let name = &sample.name;
    let reading = outcome.reading.as_ref();
    let reading = reading.unwrap_or_else(|rule| panic!("{name}: {rule}, {}", outcome.said));
    let (ours, theirs) = (Tree::of(sample.document.root()), Tree::of(reading.document.root()));
    // What is left of both sides, if they differ.
    let left = |chosen: &[&Reason]| {
        let (mut ours, mut theirs) = (ours.clone(), theirs.clone());
        for reason in chosen {
            if let Proof::Forgotten(forget) = reason.proof {
                forget(&mut ours, sample.language);
                forget(&mut theirs, sample.language);
            }
        }
        (ours != theirs).then_some((ours, theirs))
    };
    let mut chosen: Vec<&Reason> = reasons.iter().collect();
    if let Some((ours, theirs)) = left(&chosen) {
        let (ours, theirs) = (format!("{ours:#?}"), format!("{theirs:#?}"));
        let mut lines = ours.lines().zip(theirs.lines());
        let at = lines.position(|(one, two)| one != two).unwrap_or_default();
        let around =
            |side: &str| side.lines().skip(at.saturating_sub(8)).take(16).collect::<String>();
        panic!("{name}: no reason for\n{}\n{}", around(&ours), around(&theirs));
    }
    for reason in reasons {
        let without: Vec<_> =
            chosen.iter().copied().filter(|other| other.name != reason.name).collect();
        if left(&without).is_none() {
            chosen = without;
        }
    }
    chosen.iter().map(|reason| reason.name).collect()
}

/// Names; of many in one folder their number.
pub fn named(names: &BTreeSet<String>) -> String {
    let folder = |name: &str| name.rsplit_once('/').map_or("ours", |(folder, _)| folder).to_owned();
    let mut folders: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for name in names {
        folders.entry(folder(name)).or_default().push(name);
    }
    let part = |(folder, names): (&String, &Vec<&str>)| match names.len() {
        1..=4 => names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", "),
        many => format!("{many} of `{folder}`"),
    };
    folders.iter().map(part).collect::<Vec<_>>().join(", ")
}
