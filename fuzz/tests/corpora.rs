//! Every committed input through the check of its target, without a fuzzer.

use std::fs;
use std::path::Path;

use marconigram_fuzz::TARGETS;

/// Runs the corpus of one target.
fn replay(name: &str) {
    let (_, check) = TARGETS.iter().find(|(target, _)| *target == name).expect("a target");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(name);
    let mut inputs: Vec<_> =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    inputs.sort();
    assert!(!inputs.is_empty(), "a target without a corpus finds nothing");
    for input in inputs {
        println!("{}", input.display()); // shown when the check panics
        check(&fs::read(input).unwrap());
    }
}

macro_rules! replays {
    ($($target:ident)*) => {
        $(#[test] fn $target() { replay(stringify!($target)); })*

        #[test]
        fn every_target_is_replayed() {
            let replayed = [$(stringify!($target)),*];
            assert_eq!(TARGETS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), replayed);
        }
    };
}

replays!(base64 c14n capture ddf decrypt gate mqtt pap respell round_trip sip smpp tnds tpdu wbxml_lenient wbxml_strict wsp xml_text);

#[test]
fn the_manifest_knows_every_target_and_the_corpora_are_small() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    let mut octets = 0;
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("path = \"fuzz_targets/{name}.rs\"")), "{name}");
        assert!(manifest.contains(&format!("\n{name} = {{ max-len")), "{name}");
        for file in fs::read_dir(root.join("corpus").join(name)).unwrap() {
            let length = file.unwrap().metadata().unwrap().len();
            assert!(length < 4096, "{name} has an input of {length} octets");
            octets += length;
        }
    }
    assert!(octets < 200_000, "{octets} octets of corpora");
}
