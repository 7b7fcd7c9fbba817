//! Device descriptions (DDF) from files and folders. [TND 1.2 §9]

use std::path::{Path, PathBuf};

use dm_lint::Source;
use dm_syncml::wbxml::{self, Spellings};
use dm_tnds::ddf::Ddf;
use dm_xml::{Document, Element, Limits};

use crate::document::{self, of_io, of_wbxml, parse_lenient};
use crate::fault::Fault;

/// The descriptions, and what in folders is none.
pub fn read(paths: &[PathBuf]) -> Result<(Vec<Source>, Vec<PathBuf>), Fault> {
    let (mut sources, mut passed_over) = (Vec::new(), Vec::new());
    for path in paths {
        if !path.is_dir() {
            sources.push(source(path)?.ok_or_else(|| no_description(path))?);
            continue;
        }
        for file in files(path)? {
            match source(&file)? {
                Some(source) => sources.push(source),
                None => passed_over.push(file),
            }
        }
    }
    if sources.is_empty() {
        let folder = paths.first().cloned().unwrap_or_default();
        return Err(Fault::unreadable("there is no description in the folder")
            .in_file(&folder)
            .next("give files or folders with .xml, .ddf or .wbxml files of descriptions"));
    }
    Ok((sources, passed_over))
}

/// The files in a folder that may be descriptions, in the order of their names.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Fault> {
    let fault = |error: &std::io::Error| of_io(Fault::unreadable, "read", error).in_file(folder);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| fault(&error))? {
        let path = entry.map_err(|error| fault(&error))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        let is_one = extension.is_some_and(|e| ["xml", "ddf", "wbxml"].contains(&e));
        if is_one && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Hands a document of either form to `then`.
pub fn with_document<T>(
    path: &Path,
    then: impl FnOnce(&Document<'_>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let octets = document::read(path)?;
    if matches!(octets.first(), Some(1..=3)) {
        let limits = Limits::generous();
        let source = wbxml::open_spelled(&octets, Spellings::Any, &limits)
            .map_err(|error| of_wbxml(&error, path))?;
        let document = wbxml::decode(&source, &limits).map_err(|error| of_wbxml(&error, path))?;
        return then(&document);
    }
    then(&parse_lenient(&octets, path)?)
}

/// The description in a file; none when its root is no `MgmtTree`.
fn source(path: &Path) -> Result<Option<Source>, Fault> {
    with_document(path, |document| {
        if document.root().local() != "MgmtTree" {
            return Ok(None);
        }
        let (ddf, deviations) = Ddf::read_lenient(document.root()).map_err(|error| {
            Fault::unreadable(error.kind)
                .at(format!("{}, {}", path.display(), error.path))
                .clause("DDF 1.2")
                .next("correct the description: its DTD has no such thing")
        })?;
        if !is_description(document.root()) {
            return Err(Fault::unreadable("this is an object, not a description")
                .in_file(path)
                .clause("TNDS 1.2 §9, DDF 1.2")
                .next("give it as the file to check; a description has DFProperties"));
        }
        Ok(Some(Source { name: name(path), ddf, deviations }))
    })
}

fn name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

pub fn is_description(root: Element<'_>) -> bool {
    root.walk().any(|element| element.local() == "DFProperties")
}

fn no_description(path: &Path) -> Fault {
    Fault::unreadable("this is no device description: its root is no MgmtTree")
        .in_file(path)
        .clause("DDF 1.2")
        .next("give the file of a description: MgmtTree with VerDTD and Node elements")
}
