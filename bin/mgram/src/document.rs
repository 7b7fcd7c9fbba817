//! Files in and out: XML text, WBXML, with errors that say what and where.

use std::fs::Permissions;
use std::io::{Error, ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use dm_xml::{Document, Limits, XmlError};
use zeroize::Zeroizing;

use crate::fault::Fault;

/// The most octets that are read: a device such as `/dev/zero` has no end.
const MOST: u64 = 256 << 20;
/// The longest file of a key or a passphrase.
const MOST_OF_A_SECRET: usize = 1 << 20;

/// Reads a file, or standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>, Fault> {
    let outcome = if path.as_os_str() == "-" {
        read_most(std::io::stdin().lock())
    } else {
        std::fs::File::open(path).and_then(read_most)
    };
    let octets = outcome
        .map_err(|error| of_io(Fault::unreadable, "read", &error).in_file(path))?
        .ok_or_else(|| Fault::unreadable(format!("more than {MOST} octets")).in_file(path));
    octets.map_err(|fault| fault.next("cut the part out that matters, for example with editcap"))
}

/// Reads a key or a passphrase. Its octets are read at once, so that no copy stays behind, and are
/// overwritten when they are dropped.
pub fn read_secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
    let mut octets = Zeroizing::new(Vec::with_capacity(MOST_OF_A_SECRET + 1));
    let room = MOST_OF_A_SECRET as u64 + 1;
    let outcome = if path.as_os_str() == "-" {
        std::io::stdin().lock().take(room).read_to_end(&mut octets)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(room).read_to_end(&mut octets))
    };
    outcome.map_err(|error| of_io(Fault::unreadable, "read", &error).in_file(path))?;
    if octets.len() > MOST_OF_A_SECRET {
        return Err(Fault::unreadable(format!("more than {MOST_OF_A_SECRET} octets"))
            .in_file(path)
            .next("give the file of the key, or of the passphrase"));
    }
    Ok(octets)
}

/// All octets; none if there are too many.
fn read_most(input: impl Read) -> std::io::Result<Option<Vec<u8>>> {
    let mut octets = Vec::new();
    input.take(MOST + 1).read_to_end(&mut octets)?;
    Ok((octets.len() as u64 <= MOST).then_some(octets))
}

/// Writes a file whole or not at all, or standard output for `-` or no path.
pub fn write(path: Option<&Path>, octets: &[u8]) -> Result<(), Fault> {
    write_as(path, octets, None)
}

/// As [`write()`], but a file is its owner's alone, also where there was one that others could read.
pub fn write_secret(path: Option<&Path>, octets: &[u8]) -> Result<(), Fault> {
    write_as(path, octets, Some(Permissions::from_mode(0o600)))
}

fn write_as(path: Option<&Path>, octets: &[u8], mode: Option<Permissions>) -> Result<(), Fault> {
    let Some(path) = path.filter(|path| path.as_os_str() != "-") else {
        let mut output = std::io::stdout().lock();
        // What stays in the buffer would be lost in silence at the end.
        let outcome = output.write_all(octets).and_then(|()| output.flush());
        return outcome.map_err(|error| of_io(Fault::refused, "write to standard output", &error));
    };
    write_whole(path, octets, mode)
        .map_err(|error| of_io(Fault::refused, "write", &error).in_file(path))
}

fn write_whole(path: &Path, octets: &[u8], mode: Option<Permissions>) -> std::io::Result<()> {
    // The file that a link leads to is replaced, not the link.
    let path = &std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let there = std::fs::metadata(path).ok();
    if there.as_ref().is_some_and(|there| !there.is_file()) {
        return std::fs::write(path, octets); // a device or a pipe has no name to take over
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    // A new name that nobody can guess, made by us or not at all: no link can be put in its way.
    let usual = || there.map_or(Permissions::from_mode(0o666), |there| there.permissions());
    let mut beside = tempfile::Builder::new()
        .permissions(mode.unwrap_or_else(usual))
        .tempfile_in(folder.unwrap_or(Path::new(".")))?;
    beside.write_all(octets)?;
    beside.as_file().sync_all()?; // the name must not come before what it stands for
    beside.persist(path).map_err(|error| error.error)?;
    Ok(())
}

/// A fault about a file or folder, by what the operating system said.
pub fn of_io(kind: fn(String) -> Fault, verb: &str, error: &Error) -> Fault {
    let (what, next) = match error.kind() {
        ErrorKind::AlreadyExists => ("a file of that name is there", "choose another name"),
        ErrorKind::BrokenPipe => ("the reader has gone away", "keep the reader running"),
        ErrorKind::IsADirectory => ("it is a folder", "name a file"),
        ErrorKind::NotADirectory => ("a part of the path is not a folder", "correct the path"),
        ErrorKind::NotFound if verb == "read" => ("there is no such file", "correct the path"),
        ErrorKind::NotFound => ("there is no such folder", "make the folder first"),
        ErrorKind::PermissionDenied => ("permission denied", "ask the owner for access"),
        ErrorKind::StorageFull => ("no space left on the device", "make room, then try again"),
        _ => {
            return kind(format!("cannot {verb}: {error}"))
                .next("look at the path, and at the disk that it is on");
        }
    };
    kind(format!("cannot {verb}: {what}")).next(next)
}

/// Reads XML text as an infoset, with the generous limits of a tool.
pub fn parse<'a>(octets: &'a [u8], path: &Path) -> Result<Document<'a>, Fault> {
    match octets.first() {
        None => return Err(Fault::unreadable("the file is empty").in_file(path).next(XML_WANTED)),
        Some(1..=3) => {
            return Err(Fault::unreadable("this is WBXML, and XML text is wanted")
                .in_file(path)
                .next("`mgram decode` writes it as XML text"));
        }
        Some(_) => {}
    }
    dm_xml::parse(octets, &Limits::generous()).map_err(|error| of_xml(&error, octets, path))
}

/// Reads XML text as descriptions are written: with a DOCTYPE, without a namespace, with
/// attributes that have one.
pub fn parse_lenient<'a>(octets: &'a [u8], path: &Path) -> Result<Document<'a>, Fault> {
    if octets.is_empty() {
        return Err(Fault::unreadable("the file is empty").in_file(path).next(XML_WANTED));
    }
    let outcome = dm_xml::parse_lenient(octets, &Limits::generous());
    outcome.map(|(document, _)| document).map_err(|error| of_xml(&error, octets, path))
}

fn of_xml(error: &XmlError, octets: &[u8], path: &Path) -> Fault {
    let before = &octets[..error.offset.min(octets.len())];
    let line = before.iter().filter(|&&octet| octet == b'\n').count() + 1;
    let column = before.iter().rev().take_while(|&&octet| octet != b'\n').count() + 1;
    let next = dm_inspect::xml_remedy(&error.kind);
    Fault::unreadable(&error.kind)
        .at(format!("{}:{line}:{column} (octet {})", path.display(), error.offset))
        .clause("profile §1, XML 1.0")
        .next(next)
}

/// A fault about WBXML octets.
pub fn of_wbxml(error: &dm_wbxml::Error, path: &Path) -> Fault {
    Fault::unreadable(error.kind)
        .at(format!("{}, octet {}, code page {}", path.display(), error.offset, error.page))
        .clause(dm_inspect::wbxml_clause(&error.kind))
        .next(dm_inspect::wbxml_remedy(&error.kind))
}

/// A fault about a document that WBXML cannot carry.
pub fn of_encoding(error: &dm_wbxml::WriteError, path: &Path) -> Fault {
    let next = match error {
        dm_wbxml::WriteError::AttributeOnToken { .. } => "remove the attribute: no message has one",
        dm_wbxml::WriteError::NoNamespace { .. } => "declare a namespace for the element",
        _ => "make the document smaller",
    };
    Fault::unreadable(error).in_file(path).clause("profile §2").next(next)
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

const XML_WANTED: &str = "give XML text: a SyncML message, or a MgmtTree";
