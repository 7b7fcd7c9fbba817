//! What cargo says about this workspace: its packages, what each depends on, and its folders.

use crate::process;
use serde_json::Value;
use std::io;
use std::path::{Path, PathBuf};

/// The packages of the workspace and its folders.
#[derive(Debug)]
pub struct Workspace {
    /// The folder of the top `Cargo.toml`.
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub target: PathBuf,
    /// The member packages.
    pub packages: Vec<Package>,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// When cargo cannot read the workspace, or says something that is not understood.
    pub fn read() -> io::Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut cargo = process::cargo(here.parent().unwrap_or(here));
        let output = cargo.args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        Self::of(&metadata).ok_or_else(|| io::Error::other("cargo metadata is not understood"))
    }

    fn of(metadata: &Value) -> Option<Self> {
        Some(Self {
            root: PathBuf::from(metadata["workspace_root"].as_str()?),
            target: PathBuf::from(metadata["target_directory"].as_str()?),
            packages: metadata["packages"].as_array()?.iter().filter_map(Package::of).collect(),
        })
    }

    /// The package of that name, if it is a member.
    pub fn package(&self, name: &str) -> Option<&Package> {
        self.packages.iter().find(|package| package.name == name)
    }

    /// `path` as seen from the root, for messages.
    pub fn shown<'p>(&self, path: &'p Path) -> &'p Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// One member of the workspace.
#[derive(Debug)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its `Cargo.toml`.
    pub manifest: PathBuf,
    /// The names of the packages it is built with; those that only its tests need are left out.
    pub dependencies: Vec<String>,
}

impl Package {
    fn of(package: &Value) -> Option<Self> {
        let built_with = |dependency: &&Value| dependency["kind"].as_str() != Some("dev");
        Some(Self {
            name: package["name"].as_str()?.to_owned(),
            manifest: PathBuf::from(package["manifest_path"].as_str()?),
            dependencies: package["dependencies"]
                .as_array()?
                .iter()
                .filter(built_with)
                .filter_map(|dependency| Some(dependency["name"].as_str()?.to_owned()))
                .collect(),
        })
    }

    /// The folder it lives in.
    pub fn folder(&self) -> &Path {
        self.manifest.parent().unwrap_or(&self.manifest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dependencies_of_tests_alone_are_left_out() {
        let metadata = json!({
            "workspace_root": "/w", "target_directory": "/t",
            "packages": [{
                "name": "dm-xml", "manifest_path": "/w/crates/dm-xml/Cargo.toml",
                "dependencies": [
                    { "name": "memchr", "kind": null },
                    { "name": "tokio", "kind": "dev" },
                    { "name": "cc", "kind": "build" },
                ],
            }],
        });
        let workspace = Workspace::of(&metadata).unwrap();
        let package = workspace.package("dm-xml").unwrap();
        assert_eq!(package.dependencies, ["memchr", "cc"]);
        assert_eq!(workspace.shown(package.folder()), Path::new("crates/dm-xml"));
    }
}
