//! `docs/interop.md`: prose by people, and tables by these tests. A test renders its table and
//! compares it with the one that is committed; with `MGRAM_TEST_BLESS=1` it writes it.

use std::env;
use std::fs::{self, File};
use std::path::Path;

use crate::peer;

/// Compares a table with the one between `<!-- table: NAME -->` and `<!-- end -->`.
pub fn check(name: &str, table: &str) {
    let path = peer::project().join("docs/interop.md");
    let _lock = lock();
    let page = fs::read_to_string(&path).expect("docs/interop.md");
    let start = format!("<!-- table: {name} -->\n");
    let (before, rest) = page.split_once(&start).unwrap_or_else(|| panic!("no {start}"));
    let (committed, after) = rest.split_once("<!-- end -->").expect("the end of the table");
    if env::var_os("MGRAM_TEST_BLESS").is_some_and(|value| value == "1") {
        let page = format!("{before}{start}\n{table}\n<!-- end -->{after}");
        fs::write(&path, page).expect("docs/interop.md is written");
        return;
    }
    let (found, committed) = (table.trim(), committed.trim());
    let differs =
        found.lines().zip(committed.lines()).find(|(found, committed)| found != committed);
    assert!(
        found == committed,
        "docs/interop.md does not say what is so: {name}, {differs:?}\n\
         MGRAM_TEST_BLESS=1 writes the table:\n{found}"
    );
}

/// Held while the page is read and written: tests run beside one another.
fn lock() -> File {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop.md.lock");
    let file = File::create(path).expect("a lock file");
    file.lock().expect("the lock");
    file
}

/// A table in Markdown: a head, and rows.
pub fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut text = line(&head.map(str::to_owned));
    text += &line(&head.map(|_| "---".to_owned()));
    text.extend(rows.iter().map(|row| line(row)));
    text
}
