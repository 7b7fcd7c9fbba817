//! What a test leaves out for want of a program or of documents: said, and counted.
//!
//! A file that test programs of several packages take in by its path.

use std::fs::OpenOptions;
use std::io::Write;
use std::{env, process, thread};

/// Says that this test leaves something out. `cargo xtask test` counts it: it names a file in
/// `MGRAM_TEST_SKIPPED`, where each test has a thread of a process.
pub fn skipped(why: &str) {
    eprintln!("skipped: {why}");
    if let Some(list) = env::var_os("MGRAM_TEST_SKIPPED") {
        let line = format!("{} {:?}\t{why}\n", process::id(), thread::current().id());
        let file = OpenOptions::new().append(true).create(true).open(list);
        file.and_then(|mut file| file.write_all(line.as_bytes())).expect("the list of skips");
    }
}
