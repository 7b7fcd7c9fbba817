//! The targets, as the manifest of `fuzz/` lists them.

use super::Places;
use crate::process;
use serde_json::Value;
use std::io;

/// One target.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Target {
    /// Its name: of its program, its corpus and its source file.
    pub name: String,
    /// The longest input, in octets.
    pub max_len: u64,
    /// The name of its dictionary.
    pub dictionary: Option<String>,
}

impl Target {
    /// Asks cargo for the programs of the package, and for what its metadata says about each.
    ///
    /// # Errors
    /// When cargo cannot read the package, or a target has no longest input.
    pub fn all(places: &Places) -> io::Result<Vec<Self>> {
        let mut cargo = process::cargo(&places.fuzz);
        let output = cargo.args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
        if !output.status.success() {
            return Err(io::Error::other(String::from_utf8_lossy(&output.stderr)));
        }
        let metadata: Value = serde_json::from_slice(&output.stdout)?;
        Self::of(&metadata["packages"][0]).map_err(io::Error::other)
    }

    fn of(package: &Value) -> Result<Vec<Self>, String> {
        let programs = package["targets"].as_array().ok_or("fuzz/Cargo.toml is not understood")?;
        let mut found = Vec::new();
        for program in programs.iter().filter(|program| program["kind"][0] == "bin") {
            let name = program["name"].as_str().unwrap_or_default().to_owned();
            let settings = &package["metadata"]["targets"][&name];
            let max_len = settings["max-len"].as_u64().ok_or_else(|| {
                format!("fuzz/Cargo.toml: `{name}` needs max-len in package.metadata.targets")
            })?;
            let dictionary = settings["dictionary"].as_str().map(str::to_owned);
            found.push(Self { name, max_len, dictionary });
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    /// A target for tests.
    #[cfg(test)]
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), max_len: 1, dictionary: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn programs_are_targets_and_each_has_its_settings() {
        let mut package = json!({
            "targets": [
                { "name": "marconigram-fuzz", "kind": ["lib"] },
                { "name": "wsp", "kind": ["bin"] },
                { "name": "gate", "kind": ["bin"] },
            ],
            "metadata": { "targets": {
                "gate": { "max-len": 4096, "dictionary": "wbxml" }, "wsp": { "max-len": 512 },
            } },
        });
        let gate = Target { name: "gate".into(), max_len: 4096, dictionary: Some("wbxml".into()) };
        let wsp = Target { name: "wsp".into(), max_len: 512, dictionary: None };
        assert_eq!(Target::of(&package), Ok(vec![gate, wsp]));

        package["metadata"]["targets"]["wsp"] = json!({});
        assert!(Target::of(&package).unwrap_err().contains("`wsp`"));
    }
}
