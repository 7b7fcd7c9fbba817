//! What a route is given when it is made: files, secrets, values with units; and what can be wrong with them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustls::pki_types::pem;
use serde::{Deserialize, Deserializer, de};

pub use crate::secret::Secret;
use crate::secret::without_password;

/// A route cannot be made of its settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A listener cannot be opened.
    #[error("cannot listen on {at}: {source}; name an address and port of this machine")]
    Listen {
        /// Where.
        at: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A key that is missing, or of which another one must be given too.
    #[error("{0}")]
    Key(&'static str),
    /// A file of TLS cannot be read, or is no PEM of this kind.
    #[error("{}: {source}; name a PEM file with {wanted}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What it is to have.
        wanted: &'static str,
        /// What is wrong.
        source: pem::Error,
    },
    /// A secret cannot be read.
    #[error("the secret in {place}: {source}; write it as the first line there")]
    Secret {
        /// The file, or the variable.
        place: String,
        /// What is wrong.
        source: io::Error,
    },
    /// The file of mailboxes cannot be used.
    #[error("{}: {source}; another process may have it open, or the disk fails", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: redb::Error,
    },
    /// The file of tokens cannot be read, or is none.
    #[error("{}: {source}; write lines of a device's id and the SHA-256 of its token", path.display())]
    Tokens {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: io::Error,
    },
    /// Files of TLS can be read, and do not fit.
    #[error("{}: {source}; correct the file, or name another", path.display())]
    Unfit {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: rustls::Error,
    },
    /// No URL of a gateway.
    #[error("{:?} is no URL of a gateway: {source}", without_password(url))]
    Url {
        /// What was given.
        url: String,
        /// What is wrong.
        source: crate::AddressError,
    },
}

/// Reads a duration with its unit: `"30 s"`.
pub(crate) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let milliseconds = scaled(&text, &DURATIONS).filter(|milliseconds| *milliseconds > 0);
    milliseconds.map(Duration::from_millis).ok_or_else(|| {
        let wanted = "a duration with its unit (ms, s, min, h), for instance \"30 s\"";
        de::Error::custom(format_args!("`{text}` is not {wanted}"))
    })
}

/// Reads a rate, `"100/s"`: the time between two.
pub(crate) fn rate<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    let interval = text.split_once('/').and_then(|(count, unit)| {
        let count = count.trim().parse::<u32>().ok().filter(|count| *count > 0)?;
        Some(Duration::from_millis(scaled(&format!("1{}", unit.trim()), &DURATIONS)?) / count)
    });
    interval.ok_or_else(|| {
        let wanted = "a number of messages in a unit of time (s, min, h), for instance \"10/s\"";
        de::Error::custom(format_args!("`{text}` is not {wanted}"))
    })
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|entry| entry.0 == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

const DURATIONS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];

pub(crate) fn pem_failed(
    path: &Path,
    wanted: &'static str,
) -> impl Fn(pem::Error) -> SetupError + Copy {
    move |source| SetupError::Pem { path: path.to_owned(), wanted, source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_carry_their_unit() {
        for (text, milliseconds) in [("30 s", Some(30_000)), ("5min", Some(300_000)), ("9", None)] {
            assert_eq!(scaled(text, &DURATIONS), milliseconds);
        }
    }
}
