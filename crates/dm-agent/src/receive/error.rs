//! Why receiving could not start.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// A listener could not be started. None is running then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address cannot be listened on.
    #[error(
        "cannot listen on {address} (`address` of [[listen]] number {number}): {source}; {}",
        next_step(source)
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// The listener, counted from 1 in the order of the configuration.
        number: usize,
        /// What the operating system said.
        source: io::Error,
    },
    /// This program was built without the receiver.
    #[error("{section} is configured, but this program was built without it; remove the section")]
    NotBuilt {
        /// The section of the configuration.
        section: &'static str,
    },
    /// The file of a secret has none in it, or cannot be read.
    #[error(
        "no secret in {} (`netwpin` or `userpin` of [[{section}]] number {number}); write one there, a PIN in \
         digits, for its owner alone",
        path.display()
    )]
    Secret {
        /// The file.
        path: PathBuf,
        /// The section of the configuration: `listen` or `sms`.
        section: &'static str,
        /// Which of the section, counted from 1 in the order of the configuration.
        number: usize,
    },
    /// The files of TLS cannot be used.
    #[cfg(feature = "tls")]
    #[error("TLS of [[{section}]] number {number}: {source}")]
    Tls {
        /// The section of the configuration.
        section: &'static str,
        /// The section, counted from 1 in the order of the configuration.
        number: usize,
        /// What is wrong with them.
        source: super::TlsError,
    },
    /// A spool folder cannot be used.
    #[error(
        "cannot take messages from {} (`folder` of [[spool]] number {number}): {source}; make a \
         folder that only its owner may write to",
        folder.display()
    )]
    Spool {
        /// The folder.
        folder: PathBuf,
        /// The section, counted from 1 in the order of the configuration.
        number: usize,
        /// What is wrong with it.
        source: io::Error,
    },
}

fn next_step(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => "end the program that holds the port, or choose another",
        io::ErrorKind::AddrNotAvailable => "choose an address that this device has",
        io::ErrorKind::PermissionDenied => "choose a port from 1024 on, or grant the right to bind",
        _ => "choose another address",
    }
}
