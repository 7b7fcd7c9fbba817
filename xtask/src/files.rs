//! Which files belong to the house: those that git tracks, or would if they were added.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All files below `root` whose name ends in `.extension`, sorted.
///
/// Asks git, so that ignored files do not count; without git (an unpacked archive) it walks.
pub fn with_extension(root: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files = tracked(root, extension).unwrap_or_else(|| {
        let mut found = Vec::new();
        walk(root, extension, &mut found);
        found
    });
    // A file may be deleted and still be in the index.
    files.retain(|file| file.is_file());
    files.sort();
    files.dedup();
    files
}

fn tracked(root: &Path, extension: &str) -> Option<Vec<PathBuf>> {
    let pattern = format!("*.{extension}");
    let output = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "-co", "--exclude-standard", &pattern])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let names = String::from_utf8(output.stdout).ok()?;
    Some(names.split('\0').filter(|name| !name.is_empty()).map(|name| root.join(name)).collect())
}

/// All files below `folder` whose name ends in `.extension`, hidden and build folders left out.
pub fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with('.') || name == "target" || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            walk(&path, extension, found);
        } else if path.extension().is_some_and(|this| this == extension) {
            found.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn git_and_the_walk_agree_on_this_package() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut walked = Vec::new();
        walk(here, "rs", &mut walked);
        walked.sort();
        assert!(walked.contains(&here.join("src/files.rs")));
        assert_eq!(with_extension(here, "rs"), walked);
    }

    #[test]
    fn other_extensions_are_left_out() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let found = with_extension(here, "toml");
        assert!(found.contains(&here.join("Cargo.toml")));
        assert!(found.iter().all(|file| file.extension().is_some_and(|this| this == "toml")));
    }
}
