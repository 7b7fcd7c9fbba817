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

/// Brings the folder to these profiles, then lets NetworkManager read them, if it is there.
pub(super) async fn apply(
    folder: PathBuf,
    keyfiles: Vec<(String, Result<Keyfile, Unfit>)>,
    nmcli: Option<PathBuf>,
) -> Result<String, Failure> {
    let unfit: Vec<_> =
        keyfiles.iter().filter_map(|(_, keyfile)| keyfile.as_ref().err().cloned()).collect();
    let changed = tokio::task::spawn_blocking(move || place(&folder, &keyfiles)).await??;
    let mut said = format!("{changed} profiles changed");
    // Even where nothing changed: an earlier attempt may have failed after the files.
    if let Some(nmcli) = nmcli {
        said = reload(&nmcli).await.map(|reloaded| format!("{said}; {reloaded}"))?;
    }
    let more = unfit.len().saturating_sub(1);
    match unfit.into_iter().next() {
        Some(Unfit { uri, why }) => Err(Failure::Profile { uri, why, more }),
        None => Ok(said),
    }
}

/// Writes what is new and removes what is gone; how many files are different now.
fn place(folder: &Path, keyfiles: &[(String, Result<Keyfile, Unfit>)]) -> Result<usize, Failure> {
    let mut changed = 0;
    for keyfile in keyfiles.iter().filter_map(|(_, keyfile)| keyfile.as_ref().ok()) {
        let path = folder.join(&keyfile.name);
        changed += usize::from(whole_file::write(&path, keyfile.text.as_bytes(), 0o600)?);
    }
    let kept: BTreeSet<&str> = keyfiles.iter().map(|(name, _)| name.as_str()).collect();
    let failed = |error| Failure::File { path: folder.to_owned(), error };
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name();
        let own = name.to_str().filter(|it| it.starts_with(PREFIX) && it.ends_with(SUFFIX));
        if own.is_some_and(|own| !kept.contains(own)) {
            match std::fs::remove_file(entry.path()) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
                _ => changed += 1,
            }
        }
    }
    Ok(changed)
}

async fn reload(nmcli: &Path) -> Result<&'static str, Failure> {
    let nmcli = nmcli.to_string_lossy().into_owned();
    let argv = vec![nmcli, "connection".to_owned(), "reload".to_owned()];
    let program = Program { argv, timeout: Duration::from_secs(30), user: None };
    program::run(&program, None, b"").await.map(|_| "reloaded")
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
    on.iter().flat_map(|on| keyfile::keyfiles(tree, on)).collect()
}

#[cfg(test)]
mod tests;
