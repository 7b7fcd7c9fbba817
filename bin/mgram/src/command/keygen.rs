//! `keygen`: a signing key and its certificate. [profile §4]

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use dm_crypto::{Algorithm, KeyError};
use serde_json::json;

use crate::device_key;
use crate::document::of_io;
use crate::fault::Fault;
use crate::name::{check_not_empty, check_server_id};
use crate::report::Reporter;

/// Makes a signing key and a self-signed certificate whose SubjectAltName is the ServerID.
#[derive(Args, Debug)]
pub struct Keygen {
    /// The kind of key: ECDSA P-256, or RSA of 2048 bits; both with SHA-256.
    #[arg(long, value_enum, default_value = "es256")]
    alg: Alg,
    /// The ServerID that the key signs for, exactly as in the DMAcc.
    #[arg(long, value_name = "ID", required_unless_present = "device")]
    server_id: Option<String>,
    /// Make a key that this device decrypts with, and the certificate to encrypt to: ECDH P-256.
    #[arg(long, value_name = "ID", conflicts_with_all = ["server_id", "alg"])]
    device: Option<String>,
    /// The name of the key: what KeyName shows and the account pins.
    #[arg(long)]
    name: String,
    /// The folder for key.pem and cert.pem; made when missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Alg {
    Es256,
    Rs256,
}

impl Keygen {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let server_id = self.server_id.as_deref().unwrap_or_default();
        if self.device.is_none() {
            check_server_id(server_id)?;
        }
        check_not_empty("--name", &self.name)?;
        let (key, cert) = (self.output.join("key.pem"), self.output.join("cert.pem"));
        if let Some(there) = [&key, &cert].into_iter().find(|path| path.exists()) {
            return Err(is_there(there));
        }
        let algorithm = match self.alg {
            Alg::Es256 => Algorithm::Es256,
            Alg::Rs256 => Algorithm::Rs256,
        };
        let pair =
            match &self.device {
                Some(device_id) => device_key::generate(device_id, &self.name)?,
                None => dm_crypto::generate(algorithm, server_id, &self.name).map_err(|error| {
                    match error {
                        KeyError::NotAscii => Fault::unreadable(error)
                            .at(format!("--server-id {server_id}"))
                            .clause("profile §4")
                            .next("use a ServerID of ASCII characters, or pin a bare public key"),
                        _ => Fault::refused(error),
                    }
                })?,
            };
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(&self.output);
        folder.map_err(|error| {
            of_io(Fault::refused, "make the folder", &error).in_file(&self.output)
        })?;
        write_new(&key, pair.key_pem.as_bytes(), 0o600)?;
        // A key without its certificate is of no use, and would be in the way.
        write_new(&cert, pair.cert_pem.as_bytes(), 0o644)
            .inspect_err(|_| drop(std::fs::remove_file(&key)))?;
        if let Some(device_id) = &self.device {
            device_key::report(reporter, [&key, &cert], device_id, &self.name);
            return Ok(ExitCode::SUCCESS);
        }
        reporter.result(
            &json!({
                "key": key.to_string_lossy(), "cert": cert.to_string_lossy(), "server_id": server_id, "key_name": self.name,
            }),
            || {
                format!(
                    "{} (secret)\n{}\nnext: mgram provision STATE_DIR --device-id ID --server-id {} --cert {} --key-name {:?}",
                    key.display(),
                    cert.display(),
                    server_id,
                    cert.display(),
                    self.name
                )
            },
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a file that must not be there yet: a key is never overwritten.
fn write_new(path: &Path, octets: &[u8], mode: u32) -> Result<(), Fault> {
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).mode(mode).open(path);
    file.and_then(|mut file| file.write_all(octets)).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(path),
        _ => of_io(Fault::refused, "write", &error).in_file(path),
    })
}

fn is_there(path: &Path) -> Fault {
    Fault::refused("there is a key or certificate already")
        .in_file(path)
        .next("choose another folder: keys are never overwritten")
}
