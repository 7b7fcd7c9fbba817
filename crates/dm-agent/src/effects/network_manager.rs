//! Connection profiles of NetworkManager, one file for each access point of the tree.

use std::path::PathBuf;

use dm_tree::{Tree, Uri};

use super::failure::Failure;

/// A profile.
#[derive(Debug)]
pub struct Profile;

/// All profiles.
pub fn profiles(_tree: &Tree, _on: &Uri) -> Vec<Profile> {
    Vec::new()
}

pub(super) fn nmcli() -> Option<PathBuf> {
    None
}

pub(super) async fn apply(
    _folder: PathBuf,
    _profiles: Vec<Profile>,
    _nmcli: Option<PathBuf>,
) -> Result<String, Failure> {
    Ok(String::new())
}
