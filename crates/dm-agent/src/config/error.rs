//! What is wrong with a configuration, where, and what to write instead.

use std::io;
use std::path::{Path, PathBuf};

/// A configuration cannot be used.
///
/// ```
/// use dm_agent::Config;
/// let error = Config::parse("a.toml".as_ref(), "[limits]\nqeue = 4", [("", ""); 0]).unwrap_err();
/// assert!(error.to_string().starts_with("a.toml:2:1: unknown field `qeue`"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A variable of the environment names no key, or its value does not fit.
    #[error("{variable} in the environment: {message}; correct or unset the variable")]
    Environment {
        /// The variable.
        variable: String,
        /// What is wrong, and what to write.
        message: String,
    },
    /// Something in the file is wrong.
    #[error("{}:{line}:{column}: {message}{}", path.display(), in_key(key))]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// The key, with its section; empty if the file is not TOML.
        key: String,
        /// What is wrong, and what to write.
        message: String,
    },
    /// A key without a default is absent.
    #[error("{}: `{key}` is missing; write {}", path.display(), example(key))]
    Missing {
        /// The file.
        path: PathBuf,
        /// The key.
        key: &'static str,
    },
    /// The file cannot be read.
    #[error("{}: {source}; name a readable file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

impl ConfigError {
    pub(super) fn in_file(path: &Path, text: &str, mut error: toml::de::Error) -> Self {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);

        // Without its input the error ends in the path of the key instead of an excerpt.
        error.set_input(None);
        let shown = error.to_string();
        let key = shown.trim_end().rsplit_once("\nin `").and_then(|(_, key)| key.strip_suffix('`'));
        Self::File {
            path: path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            key: key.unwrap_or_default().to_owned(),
            message: error.message().trim_end().replace('\n', ", "),
        }
    }
}

fn in_key(key: &str) -> String {
    match key {
        "" => String::new(),
        key => format!(" (in `{key}`)"),
    }
}

fn example(key: &str) -> &'static str {
    match key {
        "bootstrap.netwpin" => {
            "the file of a secret beside bootstrap.push, for instance netwpin = { file = \"FILE\" } \
             or userpin = { file = \"FILE\" }"
        }
        "device_id" => "the device's own id, for instance device_id = \"urn:imei:...\"",
        _ => "the folder for tree and journal, for instance state = \"/var/lib/marconigram\"",
    }
}
