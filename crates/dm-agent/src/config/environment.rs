//! The environment over the file: `MARCONIGRAM_SECTION__KEY`.

use std::ffi::OsString;

use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

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
    variables.sort_unstable();
    variables.into_iter().map(|(name, value)| variable(name, value)).collect()
}

fn variable(name: String, value: OsString) -> Result<File, ConfigError> {
    let Ok(text) = value.into_string() else {
        let message = "the value is not UTF-8".to_owned();
        return Err(ConfigError::Environment { variable: name, message });
    };
    let as_text = match deserialize(&name, DeValue::String(text.as_str().into())) {
        Ok(file) => return Ok(file),
        Err(error) => error,
    };
    // Not a string, then: true, 12, ["a", "b"], { a = "b" }.
    let error = match DeTable::parse(&format!("value = {text}")).map(Spanned::into_inner) {
        Ok(mut table) => match table.remove("value").filter(|_| table.is_empty()) {
            Some(value) => match deserialize(&name, value.into_inner()) {
                Ok(file) => return Ok(file),
                Err(error) => error,
            },
            None => as_text,
        },
        Err(_) => as_text,
    };
    Err(ConfigError::Environment { variable: name, message: error.message().to_owned() })
}

/// By the deserializer that reads the file: another one would have the code of all its types again.
fn deserialize(name: &str, value: DeValue<'_>) -> Result<File, toml::de::Error> {
    let path = name.strip_prefix(PREFIX).unwrap_or(name).to_ascii_lowercase();
    let mut value = value;
    for key in path.rsplit("__") {
        let entry = (Spanned::new(0..0, key.to_owned().into()), Spanned::new(0..0, value));
        value = DeValue::Table(DeTable::from_iter([entry]));
    }
    File::deserialize(ValueDeserializer::from(Spanned::new(0..0, value)))
}

const PREFIX: &str = "MARCONIGRAM_";
