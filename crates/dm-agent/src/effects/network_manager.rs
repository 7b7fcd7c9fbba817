//! Connection profiles of NetworkManager, one file for each access point of the tree.
//!
//! The folder's other files are left alone. What cannot be made into a profile keeps the profile that
//! it had: a device that is reached over it is not cut off by a slip.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::failure::Failure;
use super::keyfile::{self, Keyfile, PREFIX, SUFFIX, Unfit};
use super::{program, whole_file};
use crate::config::Program;

/// Brings the folder to these profiles, then lets NetworkManager read them, if it is there. What
/// fails does not keep the rest from being done.
pub(super) async fn apply(
    folder: PathBuf,
    keyfiles: Vec<(String, Result<Keyfile, Unfit>)>,
    nmcli: Option<PathBuf>,
) -> Result<String, Failure> {
    let placed = tokio::task::spawn_blocking(move || place(&folder, &keyfiles)).await?;
    let Placed { changed, mut failures } = placed?;
    let mut said = format!("{changed} profiles changed");
    // Even where nothing changed: an earlier attempt may have failed after the files.
    if let Some(nmcli) = nmcli {
        match reload(&nmcli).await {
            Ok(reloaded) => said = format!("{said}; {reloaded}"),
            Err(failure) => failures.insert(0, failure),
        }
    }
    let more = failures.len().saturating_sub(1);
    match failures.into_iter().next() {
        None => Ok(said),
        Some(failure) if more == 0 => Err(failure),
        Some(first) => Err(Failure::Several { first: Box::new(first), more }),
    }
}

/// What came of a folder.
struct Placed {
    /// How many files are different now.
    changed: usize,
    failures: Vec<Failure>,
}

/// Writes what is new and removes what is gone.
fn place(folder: &Path, keyfiles: &[(String, Result<Keyfile, Unfit>)]) -> Result<Placed, Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |error| Failure::File { path, error }
    };
    let (mut changed, mut failures) = (0, Vec::new());
    for (_, keyfile) in keyfiles {
        let written = match keyfile {
            Ok(it) => whole_file::write(&folder.join(&it.name), it.text.as_bytes(), 0o600),
            Err(Unfit { uri, why }) => Err(Failure::Profile { uri: uri.clone(), why }),
        };
        match written {
            Ok(is_new) => changed += usize::from(is_new),
            Err(failure) => failures.push(failure),
        }
    }
    for path in stale(folder, keyfiles).map_err(failed(folder))? {
        match std::fs::remove_file(&path) {
            Ok(()) => changed += 1,
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => failures.push(failed(&path)(error)),
        }
    }
    Ok(Placed { changed, failures })
}

/// Our files that no access point has any more.
fn stale(
    folder: &Path,
    keyfiles: &[(String, Result<Keyfile, Unfit>)],
) -> std::io::Result<Vec<PathBuf>> {
    let kept: BTreeSet<&str> = keyfiles.iter().map(|(name, _)| name.as_str()).collect();
    let mut stale = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let own = name.to_str().filter(|it| it.starts_with(PREFIX) && it.ends_with(SUFFIX));
        if own.is_some_and(|own| !kept.contains(own)) {
            stale.push(entry.path());
        }
    }
    Ok(stale)
}

/// Whether the folder is not what these profiles would make of it. One that cannot be read is, where
/// it should have something.
pub(super) fn is_behind(folder: &Path, keyfiles: &[(String, Result<Keyfile, Unfit>)]) -> bool {
    let mut made = keyfiles.iter().filter_map(|(_, keyfile)| keyfile.as_ref().ok());
    made.any(|it| !whole_file::is_there(&folder.join(&it.name), it.text.as_bytes(), 0o600))
        || stale(folder, keyfiles).is_ok_and(|stale| !stale.is_empty())
}

async fn reload(nmcli: &Path) -> Result<&'static str, Failure> {
    let nmcli = nmcli.to_string_lossy().into_owned();
    let argv = vec![nmcli, "connection".to_owned(), "reload".to_owned()];
    let program = Program { argv, timeout: Duration::from_secs(30), user: None };
    match program::run(&program, None, b"").await {
        Ok(_) => Ok("reloaded"),
        Err(Failure::Ended { status, said }) if is_not_there(status.code(), &said) => {
            Ok("NetworkManager does not run") // it reads the files when it starts
        }
        Err(failure) => Err(failure),
    }
}

/// Whether nmcli has found no NetworkManager, or no bus to ask it on. In its empty environment it
/// speaks English.
fn is_not_there(status: Option<i32>, said: &str) -> bool {
    let no_bus = ["No such file or directory", "Connection refused"];
    status == Some(8) // nmcli(1), "EXIT STATUS"
        || said.contains("ServiceUnknown")
        || no_bus.iter().any(|why| said.contains(&format!("Could not connect: {why}")))
}

/// The program that tells NetworkManager, if this system has it.
pub(super) fn nmcli() -> Option<PathBuf> {
    let paths = std::env::var_os("PATH")?;
    std::env::split_paths(&paths).map(|folder| folder.join("nmcli")).find(|path| path.is_file())
}

/// All access points at and below these nodes, as keyfiles.
pub(super) fn wanted(
    tree: &dm_tree::Tree,
    on: &[dm_tree::Uri],
) -> Vec<(String, Result<Keyfile, Unfit>)> {
    keyfile::keyfiles(tree, on)
}

#[cfg(test)]
mod tests;
