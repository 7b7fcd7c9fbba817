//! Our canonical form beside that of others: expected octets of two old suites of vectors, and
//! xmllint. [Exclusive C14N 1.0], [profile §3]
//!
//! Ours has no prefixes. Where a vector has some, they are put back, and nothing else.

mod merlin;
mod respelled;
pub mod spelled;
mod witness;

use std::path::Path;
use std::process::Command;

use crate::program::output;

/// What xmllint makes of XML text.
fn xmllint(text: &str, folder: &Path) -> String {
    let file = folder.join("text.xml");
    std::fs::write(&file, text).expect("the text");
    xmllint_file(&file)
}

/// What xmllint makes of a file. It keeps comments.
fn xmllint_file(file: &Path) -> String {
    output(Command::new("xmllint").args(["--nonet", "--exc-c14n"]).arg(file))
}
