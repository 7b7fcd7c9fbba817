//! The oracle's test vectors: devices, messages, and exactly what must come of them.

use std::path::Path;

use serde_json::Value as Json;

use crate::device::json;
use crate::program::{mgram, run};
use crate::{oracle, peer};

/// How many cases of each seed: all that are written by hand, and as many again at random; more,
/// which takes minutes, where the documents of others are at hand.
fn count() -> u32 {
    if peer::documents("oracle").is_some() { 2_000 } else { 400 }
}

#[test]
fn of_the_first_seed() {
    pass(1);
}

#[test]
fn of_another_seed() {
    pass(20_261_122);
}

#[test]
fn of_a_third_seed() {
    pass(77_003);
}

fn pass(seed: u32) {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let count = count();
    oracle::vectors(folder.path(), seed, count);
    let result = conformance(folder.path());
    assert_eq!(result["failed"], 0, "seed {seed}: {:#}", result["failures"]);
    assert_eq!(result["skipped"], 0, "seed {seed}: {:#}", result["skipped_cases"]);
    assert_eq!(result["passed"], count, "seed {seed}");
    eprintln!("seed {seed}: {count} passed");

    // The same cases, said to be spelled with private pages of somebody else.
    std::fs::write(folder.path().join("pages.json"), "{}").expect("other pages");
    let result = conformance(folder.path());
    let skipped = result["skipped_cases"].as_array().expect("the skipped");
    assert!(skipped.len() >= 3, "{skipped:?}");
    for case in skipped {
        assert_eq!(case["needs"], "private pages other than docs/compact.json");
    }
}

/// The runner sees an expectation that does not hold, a change too many, and a refusal too few.
#[test]
fn what_does_not_hold_fails() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    oracle::vectors(folder.path(), 1, 40);
    let file = folder.path().join("manifest.json");
    let mut manifest = json(&std::fs::read_to_string(&file).expect("the manifest"));
    assert_eq!(conformance(folder.path())["failed"], 0);

    let cases = manifest["cases"].as_array_mut().expect("cases").iter_mut();
    let mut steps = cases
        .map(|case| &mut case["steps"][0])
        .filter(|step| step["changes"][0]["value"].is_string());
    let mut step = || steps.next().expect("a case that changes something");
    step()["changes"][0]["value"] = "something else".into();
    step()["changes"] = Json::Array(Vec::new());
    step()["expect"] = "refused".into();
    std::fs::write(&file, manifest.to_string()).expect("the manifest");
    assert_eq!(conformance(folder.path())["failed"], 3);
}

fn conformance(folder: &Path) -> Json {
    let said = run(mgram(["--json", "conformance", "--vectors"]).arg(folder));
    let result = json(&said.out);
    assert_eq!(said.code == 0, result["failed"] == 0, "{said:?}");
    result
}
