//! Files: a spool folder, a bundle, QR codes, hexadecimal, a carousel.
//!
//! A file that was written is handed over, and no more: whether anybody ever carries it to a device, nobody
//! tells. It is written under a hidden name, is on the disk, and has its own name then, so that whoever
//! takes files there never sees half of one.

mod bundle;
mod carousel;
mod config;
mod qr;
mod spool;
#[cfg(test)]
mod tests;
mod write;

use std::io;

use dm_push::Receipt;
use dm_push::receipt::{Detail, Says};

pub use bundle::{BundleError, Bundled, read_bundle, spool_bundle, write_bundle};
pub use carousel::write_carousel;
pub use config::{Correction, QrConfig};
pub use qr::{Codes, QrRoute};
pub use spool::FileRoute;

use crate::{Address, SendError};

/// A file of so many octets was written.
fn written(octets: usize) -> Receipt {
    let octets = u64::try_from(octets).unwrap_or(u64::MAX);
    Receipt::new(Says::HandedOver, Detail::File { octets })
}

fn failed(to: &Address) -> impl Fn(io::Error) -> SendError + '_ {
    move |source| match source.kind() {
        io::ErrorKind::AlreadyExists => SendError::Exists { to: to.clone() },
        _ => SendError::File { to: to.clone(), source },
    }
}
