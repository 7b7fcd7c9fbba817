//! `keygen`: a signing key, and its certificate or a request for one. [profile §4]

use std::fs::DirBuilder;
use std::io::ErrorKind;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use dm_agent::device_keys;
use dm_crypto::{Algorithm, KeyError};
use serde_json::json;
use zeroize::Zeroizing;

use crate::device_key;
use crate::document::of_io;
use crate::fault::Fault;
use crate::key_options::PassphraseOptions;
use crate::name::{check_not_empty, check_server_id};
use crate::report::Reporter;

/// Makes a signing key, and a self-signed certificate whose SubjectAltName is the ServerID or a
/// request for one; with --device a key that a device decrypts with, and the certificate to encrypt to.
#[derive(Args, Debug)]
pub struct Keygen {
    /// The kind of key: ECDSA P-256 or P-384, RSA, or Ed25519.
    #[arg(long, value_enum, default_value = "es256")]
    alg: Alg,
    /// Bits of an RSA key; without it, 2048.
    #[arg(long, value_enum)]
    bits: Option<Bits>,
    /// The ServerID that the key signs for, exactly as in the DMAcc.
    #[arg(long, value_name = "ID", required_unless_present = "device")]
    server_id: Option<String>,
    /// Make a key that this device decrypts with, and the certificate to encrypt to: ECDH P-256.
    #[arg(long, value_name = "ID", conflicts_with_all = ["server_id", "alg", "bits", "csr"])]
    device: Option<String>,
    /// The name of the key: what KeyName shows and the account pins.
    #[arg(long)]
    name: String,
    /// Make a request (request.pem) for an authority to issue the certificate from, instead of a
    /// self-signed certificate.
    #[arg(long)]
    csr: bool,
    /// Encrypt the key under a passphrase: PKCS #8 with PBES2.
    #[arg(long)]
    encrypt: bool,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    /// The folder for key.pem and cert.pem (with --csr: request.pem); made when missing.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Alg {
    Es256,
    Es384,
    Rs256,
    Ed25519,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bits {
    #[value(name = "2048")]
    Of2048,
    #[value(name = "3072")]
    Of3072,
    #[value(name = "4096")]
    Of4096,
}

impl Keygen {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let server_id = self.server_id();
        if self.device.is_none() {
            check_server_id(server_id)?;
        }
        check_not_empty("--name", &self.name)?;
        let algorithm = self.algorithm()?;
        let (kind, file) = if self.csr { ("csr", "request.pem") } else { ("cert", "cert.pem") };
        let (key, public) = (self.output.join("key.pem"), self.output.join(file));
        if let Some(there) = [&key, &public].into_iter().find(|path| path.exists()) {
            return Err(is_there(there));
        }
        let passphrase = match self.encrypt {
            true => Some(self.passphrase.new_one(&key)?),
            false => None,
        };
        let (mut key_pem, public_pem) = match &self.device {
            Some(device_id) => {
                let pair = device_key::generate(device_id, &self.name)?;
                (pair.key_pem, pair.cert_pem)
            }
            None => self.made(algorithm).map_err(|error| self.of_making(error))?,
        };
        if let Some(passphrase) = passphrase {
            key_pem = dm_crypto::encrypted_pem(key_pem.as_bytes(), &passphrase)
                .map_err(|error| self.of_making(error))?;
        }
        let folder = DirBuilder::new().recursive(true).mode(0o700).create(&self.output);
        folder.map_err(|error| {
            of_io(Fault::refused, "make the folder", &error).in_file(&self.output)
        })?;
        write_new(&key, key_pem.as_bytes(), 0o600)?;
        // A key without its certificate is of no use, and would be in the way.
        write_new(&public, public_pem.as_bytes(), 0o644)
            .inspect_err(|_| drop(std::fs::remove_file(&key)))?;
        if let Some(device_id) = &self.device {
            device_key::report(reporter, [&key, &public], device_id, &self.name);
            return Ok(ExitCode::SUCCESS);
        }
        reporter.result(
            &json!({
                "key": key.to_string_lossy(), kind: public.to_string_lossy(), "server_id": server_id, "key_name": self.name,
            }),
            || format!("{} (secret)\n{}\nnext: {}", key.display(), public.display(), self.next(&public)),
        );
        Ok(ExitCode::SUCCESS)
    }

    fn algorithm(&self) -> Result<Algorithm, Fault> {
        if self.bits.is_some() && self.alg != Alg::Rs256 {
            return Err(Fault::unreadable("--bits is for RSA keys only")
                .next("leave --bits out, or give --alg rs256"));
        }
        Ok(match (self.alg, self.bits) {
            (Alg::Ed25519, _) => Algorithm::Ed25519,
            (Alg::Es256, _) => Algorithm::Es256,
            (Alg::Es384, _) => Algorithm::Es384,
            (Alg::Rs256, None | Some(Bits::Of2048)) => Algorithm::Rs256,
            (Alg::Rs256, Some(Bits::Of3072)) => Algorithm::Rs256Of3072,
            (Alg::Rs256, Some(Bits::Of4096)) => Algorithm::Rs256Of4096,
        })
    }

    /// The ServerID; of a device's key there is none.
    fn server_id(&self) -> &str {
        self.server_id.as_deref().unwrap_or_default()
    }

    /// The key, and its certificate or the request for one.
    fn made(&self, algorithm: Algorithm) -> Result<(Zeroizing<String>, String), KeyError> {
        if self.csr {
            let made = dm_crypto::request(algorithm, self.server_id(), &self.name)?;
            return Ok((made.key_pem, made.csr_pem));
        }
        let made = dm_crypto::generate(algorithm, self.server_id(), &self.name)?;
        Ok((made.key_pem, made.cert_pem))
    }

    fn of_making(&self, error: KeyError) -> Fault {
        match error {
            KeyError::NotAscii => Fault::unreadable(error)
                .at(format!("--server-id {}", self.server_id()))
                .clause("profile §4")
                .next("use a ServerID of ASCII characters, or pin a bare public key"),
            _ => Fault::refused(error),
        }
    }

    fn next(&self, public: &Path) -> String {
        if self.csr {
            return format!(
                "let the authority issue cert.pem from {}; then mgram seal --show-certificate cert.pem",
                public.display()
            );
        }
        format!(
            "mgram provision STATE_DIR --device-id ID --server-id {} --cert {} --key-name {:?}",
            self.server_id(),
            public.display(),
            self.name
        )
    }
}

/// Writes a file that must not be there yet: a key is never overwritten.
fn write_new(path: &Path, octets: &[u8], mode: u32) -> Result<(), Fault> {
    device_keys::write_new(path, octets, mode).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(path),
        _ => of_io(Fault::refused, "write", &error).in_file(path),
    })
}

fn is_there(path: &Path) -> Fault {
    Fault::refused("there is a key or certificate already")
        .in_file(path)
        .next("choose another folder: keys are never overwritten")
}
