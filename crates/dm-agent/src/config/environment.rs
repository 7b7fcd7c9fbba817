//! The environment over the file: `MARCONIGRAM_SECTION__KEY`.

use std::ffi::OsString;

use serde::Deserialize;
use toml::{Table, Value};

use super::ConfigError;
use super::file::File;

/// One [`File`] for each variable with the prefix, in the order of their names.
pub(super) fn read<N: Into<OsString>, V: Into<OsString>>(
    environment: impl IntoIterator<Item = (N, V)>,
) -> Result<Vec<File>, ConfigError> {
    let mut variables: Vec<(String, OsString)> = environment
        .into_iter()
        .filter_map(|(name, value)| Some((name.into().into_string().ok()?, value.into())))
        .filter(|(name, _)| name.starts_with(PREFIX))
        .collect();
    variables.sort();
    variables.into_iter().map(|(name, value)| variable(name, value)).collect()
}

fn variable(name: String, value: OsString) -> Result<File, ConfigError> {
    let Ok(text) = value.into_string() else {
        let message = "the value is not UTF-8".to_owned();
        return Err(ConfigError::Environment { variable: name, message });
    };
    let as_text = match deserialize(&name, Value::String(text.clone())) {
        Ok(file) => return Ok(file),
        Err(error) => error,
    };
    // Not a string, then: true, 12, ["a", "b"], { a = "b" }.
    let error = match toml::from_str::<Table>(&format!("value = {text}")) {
        Ok(mut table) => match table.remove("value").filter(|_| table.is_empty()) {
            Some(value) => match deserialize(&name, value) {
                Ok(file) => return Ok(file),
                Err(error) => error,
            },
            None => as_text,
        },
        Err(_) => as_text,
    };
    Err(ConfigError::Environment { variable: name, message: error.message().to_owned() })
}

fn deserialize(name: &str, value: Value) -> Result<File, toml::de::Error> {
    let path = name.strip_prefix(PREFIX).unwrap_or(name).to_ascii_lowercase();
    let mut value = value;
    for key in path.rsplit("__") {
        value = Value::Table(Table::from_iter([(key.to_owned(), value)]));
    }
    File::deserialize(value)
}

const PREFIX: &str = "MARCONIGRAM_";
