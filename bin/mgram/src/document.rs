//! Files in and out: XML text, WBXML, with errors that say what and where.

use std::io::{Read, Write};
use std::path::Path;

use dm_xml::{Document, Limits, XmlError, XmlErrorKind};

use crate::fault::Fault;

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let outcome = if path.as_os_str() == "-" {
        let mut octets = Vec::new();
        std::io::stdin().lock().read_to_end(&mut octets).map(|_| octets)
    } else {
        std::fs::read(path)
    };
    outcome.map_err(|error| Fault::unreadable(format!("cannot read: {error}")).in_file(path))
}

/// Writes a file whole or not at all, or standard output for `-` or no path.
pub fn write(path: Option<&Path>, octets: &[u8]) -> Result<(), Fault> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        return std::io::stdout()
            .lock()
            .write_all(octets)
            .map_err(|error| Fault::refused(format!("cannot write to standard output: {error}")));
    };
    write_whole(path, octets)
        .map_err(|error| Fault::refused(format!("cannot write: {error}")).in_file(path))
}

fn write_whole(path: &Path, octets: &[u8]) -> std::io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}", std::process::id()));
    std::fs::write(&beside, octets)?;
    std::fs::rename(&beside, path).inspect_err(|_| drop(std::fs::remove_file(&beside)))
}

/// Reads XML text as an infoset, with the generous limits of a tool.
pub fn parse<'a>(octets: &'a [u8], path: &Path) -> Result<Document<'a>, Fault> {
    dm_xml::parse(octets, &Limits::generous()).map_err(|error| of_xml(&error, octets, path))
}

fn of_xml(error: &XmlError, octets: &[u8], path: &Path) -> Fault {
    let before = &octets[..error.offset.min(octets.len())];
    let line = before.iter().filter(|&&octet| octet == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&octet| octet != b'\n').count() + 1;
    let next = match error.kind {
        XmlErrorKind::Namespace => {
            "declare the namespace: the root needs xmlns=\"SYNCML:SYNCML1.2\", Meta's children \
             xmlns=\"syncml:metinf\""
        }
        XmlErrorKind::DocumentType => "remove the DOCTYPE: a message has none",
        XmlErrorKind::Encoding => "convert the text to UTF-8",
        XmlErrorKind::AttributeWithNamespace => "remove the attribute: a message cannot carry it",
        _ => "correct the XML text",
    };
    Fault::unreadable(&error.kind)
        .at(format!("{}:{line}:{column} (octet {})", path.display(), error.offset))
        .clause("profile §1, XML 1.0")
        .next(next)
}

/// A fault about WBXML octets.
pub fn of_wbxml(error: &dm_wbxml::Error, path: &Path) -> Fault {
    let next = match error.kind {
        dm_wbxml::ErrorKind::Version(b'<') => "this is XML text: use `mgram encode`",
        dm_wbxml::ErrorKind::Version(_) => "only WBXML 1.1, 1.2 and 1.3 are read",
        dm_wbxml::ErrorKind::EndsEarly => "the file is cut off: get it again",
        _ => "write it as the profile says; `mgram encode` does",
    };
    Fault::unreadable(error.kind)
        .at(format!("{}, octet {}, code page {}", path.display(), error.offset, error.page))
        .clause("profile §2")
        .next(next)
}

/// Refuses a document that is no SyncML message of version 1.2.
pub fn expect_message(document: &Document<'_>, path: &Path) -> Result<(), Fault> {
    if document.root().is(dm_syncml::tables::SYNCML_1_2, "SyncML") {
        return Ok(());
    }
    let root = document.root();
    Err(Fault::unreadable(format!(
        "not a SyncML 1.2 message: the root is {{{}}}{}",
        root.namespace(),
        root.local()
    ))
    .in_file(path)
    .clause("R14, Sessionless §5.2")
    .next("the root must be SyncML with xmlns=\"SYNCML:SYNCML1.2\""))
}
