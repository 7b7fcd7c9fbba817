//! `keygen`: a signing key and its certificate. [profile §4]

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use dm_crypto::{Algorithm, KeyError};
use serde_json::json;

use crate::fault::Fault;
use crate::report::Reporter;

/// Makes a signing key and a self-signed certificate whose SubjectAltName is the ServerID.
#[derive(Args, Debug)]
pub struct Keygen {
    /// The kind of key: ECDSA P-256, or RSA of 2048 bits; both with SHA-256.
    #[arg(long, value_enum, default_value = "es256")]
    alg: Alg,
    /// The ServerID that the key signs for, exactly as in the DMAcc.
    #[arg(long, value_name = "ID")]
    server_id: String,
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
        if self.server_id.is_empty() || self.server_id.contains(['=', '&', '*', '+', ' ']) {
            return Err(Fault::unreadable(format!("{:?} cannot be a ServerID", self.server_id))
                .clause("TND 1.2 §7.7.1")
                .next("a ServerID is not empty and has none of = & * + and no white space"));
        }
        let algorithm = match self.alg {
            Alg::Es256 => Algorithm::Es256,
            Alg::Rs256 => Algorithm::Rs256,
        };
        let pair = dm_crypto::generate(algorithm, &self.server_id, &self.name).map_err(
            |error| match error {
                KeyError::NotAscii => Fault::unreadable(error),
                _ => Fault::refused(error),
            },
        )?;
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(&self.output);
        folder.map_err(|error| {
            Fault::refused(format!("cannot make the folder: {error}")).in_file(&self.output)
        })?;
        let (key, cert) = (self.output.join("key.pem"), self.output.join("cert.pem"));
        write_new(&key, pair.key_pem.as_bytes(), 0o600)?;
        write_new(&cert, pair.cert_pem.as_bytes(), 0o644)?;
        reporter.result(
            &json!({
                "key": key, "cert": cert, "server_id": self.server_id, "key_name": self.name,
            }),
            || {
                format!(
                    "{} (secret)\n{}\nnext: mgram provision STATE_DIR --device-id ID --server-id {} --cert {} --key-name {:?}",
                    key.display(),
                    cert.display(),
                    self.server_id,
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
    file.and_then(|mut file| file.write_all(octets)).map_err(|error| {
        let fault = Fault::refused(format!("cannot write: {error}")).in_file(path);
        match error.kind() {
            ErrorKind::AlreadyExists => {
                fault.next("choose another folder: keys are never overwritten")
            }
            _ => fault,
        }
    })
}
