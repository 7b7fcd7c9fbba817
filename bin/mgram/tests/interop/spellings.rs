//! Two codecs, one infoset: what each writes, both read alike. [profile §2]

use std::fs;
use std::path::{Path, PathBuf};

use crate::infoset::{canonical, compact};
use crate::key::Key;
use crate::messages::{MESSAGES, Message};
use crate::program::{mgram, output};
use crate::sealed_by_us::VERSIONS;
use crate::{generated, oracle, peer};

/// One for each thing that a writer may do in its own way.
pub const STYLES: [&[&str]; 25] = [
    &["--version", "1.1"],
    &["--version", "1.3"],
    &["--public-id", "string"],
    &["--public-id", "unknown"],
    &["--text", "opaque"],
    &["--text", "str_t"],
    &["--text", "mixed", "--seed", "5"],
    &["--charset", "3"],
    &["--charset", "4"],
    &["--charset", "0"],
    &["--text", "opaque", "--charset", "3"],
    &["--text", "str_t", "--charset", "4"],
    &["--text", "mixed", "--charset", "4", "--seed", "6"],
    &["--string-table", "padded"],
    &["--string-table", "padded", "--text", "str_t", "--public-id", "string"],
    &["--redundant-switch"],
    &["--redundant-switch", "--seed", "7"],
    &["--unminimal-mb"],
    &["--unminimal-mb", "--text", "opaque", "--version", "1.1"],
    &["--xmlns-on-tokens"],
    &["--xmlns-on-tokens", "--redundant-switch", "--unminimal-mb"],
    &["--empty", "end"],
    &["--empty", "text"],
    &["--empty", "text", "--text", "opaque", "--charset", "3"],
    &["--empty", "text", "--seed", "8", "--xmlns-on-tokens"],
];

#[test]
fn we_read_each_way_of_spelling() {
    if peer::all_here(&oracle::PROGRAMS) {
        let each_for_all = STYLES.iter().flat_map(|style| [style; MESSAGES.len()]);
        read_alike(each_for_all.map(|style| style.iter().map(ToString::to_string).collect()));
    }
}

#[test]
fn we_read_spellings_at_random() {
    if peer::all_here(&oracle::PROGRAMS) {
        read_alike((100..400).map(|seed: u32| vec!["--seed".to_owned(), seed.to_string()]));
    }
}

/// All messages without white space, signed by the oracle: XML text.
pub fn signed(folder: &Path, key: &Key) -> Vec<PathBuf> {
    let sign = |message: &Message| {
        let text = fs::read_to_string(message.path()).expect("a message");
        let file = folder.join(message.name).with_extension("xml");
        fs::write(&file, compact(&text)).expect("the text");
        oracle::sign(&file, key, &["--own"])
    };
    MESSAGES.iter().map(sign).collect()
}

/// Signed messages, one after the other, each in the next style.
fn read_alike(styles: impl Iterator<Item = Vec<String>>) {
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::theirs(folder.path(), "P-256");
    let signed = signed(folder.path(), &key);
    let octets = folder.path().join("spelled.wbxml");
    let mut count = 0;
    for (style, text) in styles.zip(signed.iter().cycle()) {
        let options: Vec<&str> = style.iter().map(String::as_str).collect();
        oracle::encode(text, &options, &octets);
        let ours = output(mgram(["decode"]).arg(&octets));
        assert_eq!(ours, oracle::decode(&octets), "{}, {style:?}", text.display());
        let plain = fs::read_to_string(text).expect("the text");
        assert_eq!(ours.trim_end_matches('\n'), canonical(&plain), "{style:?}");
        count += 1;
    }
    eprintln!("{count} spellings read alike");
}

#[test]
fn the_oracle_reads_what_we_write() {
    if !peer::all_here(&["python3"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (text, octets) = (folder.path().join("text.xml"), folder.path().join("text.wbxml"));
    let mut count = 0;
    for seed in 1..=300 {
        let document = generated::document(seed);
        assert_eq!(document, canonical(&document), "seed {seed} is not canonical");
        fs::write(&text, &document).expect("the text");
        let version = VERSIONS[usize::try_from(seed).expect("small") % VERSIONS.len()];
        encode(&text, version, &octets);
        assert_eq!(oracle::decode(&octets).trim_end_matches('\n'), document, "seed {seed}");
        assert_eq!(
            output(mgram(["decode"]).arg(&octets)).trim_end_matches('\n'),
            document,
            "seed {seed}"
        );
        count += 1;
    }
    eprintln!("{count} generated documents read alike");
}

fn encode(text: &Path, version: &str, octets: &Path) {
    output(mgram(["encode", "--wbxml", version, "-o"]).arg(octets).arg(text));
}
