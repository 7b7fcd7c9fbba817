//! A message as a file: in a spool folder under its identity, or at a path that is named.

use std::path::PathBuf;

use dm_push::hex;

use super::{failed, write, written};
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::{Address, SendError};

/// Messages as files: `file:FOLDER/` writes `ID.wbxml` there; `file:PATH` that path, and in hexadecimal for
/// people if it ends with `.hex`. Another file of that name is left alone.
#[derive(Debug)]
pub struct FileRoute {
    teller: Teller,
}

impl FileRoute {
    /// A route that tells this.
    #[must_use]
    pub const fn new(teller: Teller) -> Self {
        Self { teller }
    }
}

impl Route for FileRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        let (_, octets) = file(outgoing)?;
        Ok(Plan::new(1, octets.len()))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let (path, octets) = file(outgoing)?;
            let (length, at) = (octets.len(), path.clone());
            // Whoever gives up leaves a whole file, which the next attempt finds.
            let writing = tokio::task::spawn_blocking(move || write::whole(&path, &[&octets]));
            let outcome = writing.await.map_err(std::io::Error::from).flatten();
            outcome.map_err(failed(&outgoing.to))?;
            let raw = at.as_os_str().as_encoded_bytes();
            self.teller.tell(&outgoing.id, written(length), raw).await;
            Ok(())
        })
    }
}

/// Where a message goes, and what is written there.
fn file(outgoing: &Outgoing) -> Result<(PathBuf, Vec<u8>), SendError> {
    let Address::File(address) = &outgoing.to else {
        return Err(SendError::Address { to: outgoing.to.clone(), transport: "file" });
    };
    let path = address.path();
    Ok(match path.extension() {
        _ if address.is_folder() || path.is_dir() => {
            if outgoing.id.as_str().starts_with('.') {
                let (to, id) = (outgoing.to.clone(), outgoing.id.clone());
                return Err(SendError::Hidden { to, id });
            }
            (path.join(format!("{}.wbxml", outgoing.id)), outgoing.octets.to_vec())
        }
        Some(extension) if extension == "hex" => {
            (path.to_owned(), hex::write(&outgoing.octets).into_bytes())
        }
        _ => (path.to_owned(), outgoing.octets.to_vec()),
    })
}
