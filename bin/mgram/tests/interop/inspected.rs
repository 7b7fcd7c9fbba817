//! `mgram inspect` on documents from real devices and servers, where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::peer;
use crate::program::{mgram, run};

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files(&path, found),
            false => found.push(path),
        }
    }
}

fn told(path: &Path) -> Value {
    let said = run(mgram(["--json", "inspect"]).arg(path));
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", path.display());
    serde_json::from_str(&said.out).expect("JSON")
}

/// Rows cover every octet of a WBXML document, and the commands are those of its XML text.
#[test]
fn each_real_document_is_shown() {
    let Some(corpus) = peer::documents("corpus/peer-a") else { return };
    let (mut found, mut pairs, mut unread) = (Vec::new(), 0, 0);
    files(&corpus, &mut found);
    found.retain(|path| path.extension().is_none_or(|extension| extension != "md"));
    for path in &found {
        let value = told(path);
        let message = &value["messages"][0];
        assert!(message["kind"] != "unknown", "{}", path.display());
        // What is not in order is told with a place, a clause and a remedy.
        for deviation in message["deviations"].as_array().expect("a list") {
            assert!(!deviation["clause"].as_str().expect("text").is_empty());
            assert!(deviation["remedy"].as_str().expect("text").len() > 10);
        }
        unread += u32::from(message["root"].is_null());
        if path.extension().is_none_or(|extension| extension != "wbxml") {
            continue;
        }
        let rows = message["rows"].as_array().expect("rows");
        let shown: u64 = rows.iter().map(|row| row["length"].as_u64().expect("a number")).sum();
        assert_eq!(Some(shown), message["octets"].as_u64(), "{}", path.display());
        let other = path.with_extension("xml");
        // A language of one maker's own, which the message does not name.
        let is_private = path.to_string_lossy().contains("dmt_data__");
        if is_private {
            let what = message["layers"][0]["what"].as_str().expect("text");
            assert!(what.contains("no language named"), "{what}");
        } else if other.is_file() {
            let other = told(&other);
            let names = |message: &Value| -> Vec<String> {
                let commands = message["commands"].as_array().expect("a list");
                commands.iter().map(|command| command["name"].to_string()).collect()
            };
            assert_eq!(names(message), names(&other["messages"][0]), "{}", path.display());
            pairs += 1;
        }
    }
    assert!(found.len() > 60 && pairs > 10, "{} documents, {pairs} pairs", found.len());
    eprintln!(
        "{} documents shown, {unread} of them without an infoset; {pairs} pairs alike",
        found.len()
    );
}
