//! Every way of spelling that the oracle has, in every version of WBXML, on unsigned messages of
//! ours and documents of others; and all our ways, read by the oracle. [profile §2]

use std::collections::BTreeSet;
use std::fs;

use dm_syncml::tables::{SYNCML_OLD_1_0, SYNCML_OLD_1_1};
use dm_syncml::{MetaRule, wbxml};
use dm_wbxml::{Encoder, ErrorKind, Source, Vocabulary};
use dm_xml::{Limits, canonical};

use crate::corpus::reading::{EVERY, read_text};
use crate::corpus::sample::Sample;
use crate::corpus::written::{STRINGS, VERSIONS};
use crate::libwbxml::differences::named;
use crate::libwbxml::reasons::{BASE64_TWICE, Proof};
use crate::libwbxml::tree::Tree;
use crate::sealed_by_us::VERSIONS as NUMBERS;
use crate::{generated, oracle, page, peer};

/// Each value of each option, and what goes together in ways of its own.
const STYLES: [&[&str]; 29] = [
    &["--public-id", "number"],
    &["--public-id", "string"],
    &["--public-id", "unknown"],
    &["--text", "str_i"],
    &["--text", "opaque"],
    &["--text", "str_t"],
    &["--text", "mixed"],
    &["--text", "mixed", "--seed", "5"],
    &["--charset", "106"],
    &["--charset", "3"],
    &["--charset", "4"],
    &["--charset", "0"],
    &["--charset", "3", "--text", "opaque"],
    &["--charset", "4", "--text", "str_t"],
    &["--charset", "4", "--text", "mixed", "--seed", "6"],
    &["--string-table", "used-only"],
    &["--string-table", "padded"],
    &["--string-table", "padded", "--text", "str_t", "--public-id", "string"],
    &["--redundant-switch"],
    &["--redundant-switch", "--seed", "7"],
    &["--unminimal-mb"],
    &["--unminimal-mb", "--text", "opaque"],
    &["--xmlns-on-tokens"],
    &["--xmlns-on-tokens", "--redundant-switch", "--unminimal-mb"],
    &["--empty", "short"],
    &["--empty", "end"],
    &["--empty", "text"],
    &["--empty", "text", "--text", "opaque"],
    &["--seed", "8"],
];

/// The three shapes of an object, each an infoset of its own.
const SHAPES: [&str; 3] = ["opaque", "switch", "text"];

#[test]
fn no_option_of_the_oracle_is_left_out() {
    if !peer::all_here(&["python3"]) {
        return;
    }
    let help = oracle::help("encode");
    let (mut option, mut left_out) = (String::new(), Vec::new());
    let used = |option: &str, value: &str| {
        let pair = |style: &&[&str]| style.windows(2).any(|pair| pair == [option, value]);
        STYLES.iter().any(pair)
            || option == "--version" && NUMBERS.contains(&value)
            || option == "--nested-tnds" && SHAPES.contains(&value)
    };
    for word in help.split_whitespace().map(|word| word.trim_matches(['[', ']', ','])) {
        if word.starts_with("--") {
            word.clone_into(&mut option);
            // Private pages are a matter of `compact_spelling`.
            let of_pages = ["--pages", "--whole-elements"];
            let known = ["--help", "--output", "--version", "--nested-tnds"].contains(&word);
            let known = known || of_pages.contains(&word);
            if !known && !STYLES.iter().any(|style| style.contains(&word)) {
                left_out.push(word.to_owned());
            }
        } else if let Some(values) = word.strip_prefix('{') {
            let values = values.trim_end_matches('}').split(',');
            let missing = values.filter(|value| !used(&option, value));
            left_out.extend(missing.map(|value| format!("{option} {value}")));
        }
    }
    assert!(help.contains("--unminimal-mb"), "{help}");
    assert!(left_out.is_empty(), "{left_out:?}");
}

/// Of a document with more octets of text than this, only one spelling in so many is looked at.
const LONG: usize = 8_192;
const LONG_TURNS: usize = 10;

#[test]
fn we_read_every_spelling_in_every_version() {
    if !peer::all_here(&["python3"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (text, octets) = (folder.path().join("text.xml"), folder.path().join("octets"));
    let (samples, is_complete) = Sample::all();
    let (mut alike, mut documents) = (0, BTreeSet::new());
    let mut differs = BTreeSet::new();
    for (turn, Sample { name, document, language }) in samples.iter().enumerate() {
        let wanted = canonical::text(document);
        fs::write(&text, &wanted).expect("the text");
        let is_ours = !name.contains('/');
        for (at, style) in STYLES.iter().enumerate() {
            // All versions of ours; of the many documents of others each style in one.
            for (number, version) in NUMBERS.iter().enumerate() {
                if !is_ours && number != (turn + at) % NUMBERS.len() {
                    continue;
                }
                if wanted.len() > LONG && (turn + at) % LONG_TURNS != 0 {
                    continue;
                }
                let options = [*style, &["--version", version]].concat();
                oracle::encode(&text, &options, &octets);
                let written = fs::read(&octets).expect("the octets");
                let found = read_strictly(&written);
                if found.as_ref() != Ok(&wanted) {
                    assert!(is_older(language), "{name}, {options:?}: {found:?}");
                    match found {
                        Ok(text) => {
                            assert_eq!(peeled(&text), peeled(&wanted), "{name}, {options:?}")
                        }
                        Err(kind) => assert_eq!(kind, ErrorKind::OctetsBesideContent, "{name}"),
                    }
                    differs.insert(name.clone());
                    continue;
                }
                alike += 1;
                documents.insert(name);
            }
        }
    }
    eprintln!("{alike} spellings of {} documents read alike", documents.len());
    if is_complete {
        let (documents, styles) = (documents.len(), STYLES.len());
        let sum = format!(
            "{alike} spellings ({styles} styles, {documents} documents) read alike. A message of \
             SyncML 1.0 or 1.1 is written by the oracle with literal names under the identifier of \
             1.2, and its Data is never octets; with us it is where Meta says so: {}.",
            named(&differs)
        );
        page::check("oracle writes", &sum);
    }
}

/// The canonical text of a message by the strict profile.
fn read_strictly(octets: &[u8]) -> Result<String, ErrorKind> {
    let limits = Limits::generous();
    let source = wbxml::open(octets, &limits).map_err(|error| error.kind)?;
    let document = wbxml::decode(&source, &limits).map_err(|error| error.kind)?;
    Ok(canonical::text(&document))
}

fn strictly(octets: &[u8]) -> String {
    read_strictly(octets).expect("strict")
}

/// Whether the oracle writes this language with literal names, in a document of SyncML 1.2.
fn is_older(language: &Vocabulary) -> bool {
    [&SYNCML_OLD_1_1, &SYNCML_OLD_1_0].iter().any(|old| old.text == language.text)
}

/// Each Data as it is when octets are not written as base64 of base64.
fn peeled(text: &str) -> Tree {
    let mut tree = Tree::of(crate::infoset::parse(text).root());
    if let Proof::Forgotten(forget) = BASE64_TWICE.proof {
        forget(&mut tree, &SYNCML_OLD_1_1);
    }
    tree
}

/// Three infosets, of which each is read as the oracle reads it, and each holds the same object.
#[test]
fn we_read_each_shape_of_an_object_in_every_version() {
    if !peer::all_here(&["python3"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (text, octets) = (folder.path().join("text.xml"), folder.path().join("octets"));
    let message = crate::messages::message("object-in-place").path();
    let document = read_text(fs::read(message).expect("a message").leak()).expect("ours").document;
    let document = document.without_white_space();
    fs::write(&text, canonical::text(&document)).expect("the text");
    let object = |root: dm_xml::Element<'_>| canonical::text_of(root.events());
    let tree = document.root().walk().find(|element| element.local() == "MgmtTree");
    let wanted = object(tree.expect("an object"));
    for version in NUMBERS {
        for shape in SHAPES {
            oracle::encode(&text, &["--nested-tnds", shape, "--version", version], &octets);
            let written = fs::read(&octets).expect("the octets");
            let found = strictly(&written);
            assert_eq!(found, oracle::decode(&octets).trim_end_matches('\n'), "{shape}, {version}");
            let found = crate::infoset::parse(&found);
            let data = found.root().walk().filter(|element| element.local() == "Data").last();
            let data = data.expect("Data");
            let inner = match (shape, data.elements().next()) {
                ("switch", Some(tree)) => object(tree),
                ("opaque", None) => strictly(&base64(&data.text())),
                ("text", None) => crate::infoset::canonical(&data.text()),
                other => panic!("{other:?}"),
            };
            assert_eq!(inner, wanted, "{shape}, {version}");
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
}

/// Both uses of the string table, in each version.
#[test]
fn the_oracle_reads_all_our_ways_of_writing() {
    if !peer::all_here(&["python3"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let octets = folder.path().join("octets");
    let (mut samples, is_complete) = Sample::all();
    samples.retain(|sample| wbxml_languages().contains(&sample.language.text));
    for seed in 1_000..1_060 {
        let reading = read_text(generated::document(seed).into_bytes().leak()).expect("ours");
        samples.extend(Sample::new(format!("seed {seed}"), reading));
    }
    let mut alike = 0;
    for Sample { name, document, language } in &samples {
        let wanted = canonical::text(document);
        for (version, strings) in VERSIONS.iter().flat_map(|version| STRINGS.map(|s| (version, s)))
        {
            let encoder = Encoder::new(language).version(*version).strings(strings);
            let written = encoder.encode(document, MetaRule::default()).expect("it can be written");
            assert!(Source::new(&written, &EVERY, &Limits::generous()).is_ok());
            fs::write(&octets, written).expect("the octets");
            let found = oracle::decode(&octets);
            assert_eq!(found.trim_end_matches('\n'), wanted, "{name}, {version:?}, {strings:?}");
            alike += 1;
        }
    }
    eprintln!("{alike} documents of ours are read alike");
    if is_complete {
        let documents = samples.len();
        page::check(
            "oracle reads",
            &format!("{alike} encodings of {documents} documents read alike."),
        );
    }
}

/// The languages of a message and of what stands in it, which are those that the oracle knows.
fn wbxml_languages() -> Vec<&'static str> {
    dm_syncml::tables::LANGUAGES.known.iter().map(|language| language.text).collect()
}
