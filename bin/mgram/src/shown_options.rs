//! What a signature shows of its key, as `seal` is told. [profile §3, §4]

use std::path::PathBuf;

use clap::Args;
use dm_crypto::{AwsLc, KeyError};
use dm_seal::{ChainError, DigestMethod, Hasher, Material, Provider, Shown};
use dm_xml::canonical::Output;

use crate::document::read;
use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::hex;
use crate::signer::Key;

/// What KeyInfo shows of the key.
#[derive(Args, Debug)]
pub struct ShownOptions {
    /// The name of the key, as the account pins it.
    #[arg(long, value_name = "NAME", required_unless_present = "show_certificate")]
    key_name: Option<String>,
    /// Show this certificate of the key, PEM or DER, instead of a name: for accounts whose policy
    /// is chain.
    #[arg(long, value_name = "FILE", conflicts_with = "key_name")]
    show_certificate: Option<PathBuf>,
}

/// What is shown, at hand.
pub enum ShownKey {
    /// The certificate: its file and its DER.
    Certificate(PathBuf, Vec<u8>),
    /// The name.
    Name(String),
}

impl ShownOptions {
    /// Reads what is to be shown of this key.
    pub fn load(&self, key: &Key) -> Result<ShownKey, Fault> {
        let shown = self.load_of_any()?;
        if let ShownKey::Certificate(path, der) = &shown {
            key.check_certificate(der, path)?;
        }
        Ok(shown)
    }

    /// Reads what is to be shown of a key that is elsewhere.
    pub fn load_of_any(&self) -> Result<ShownKey, Fault> {
        let Some(path) = &self.show_certificate else {
            let name = self.key_name.clone().unwrap_or_default();
            check_not_empty("--key-name", &name)?;
            return Ok(ShownKey::Name(name));
        };
        let fault = |error: KeyError| Fault::unreadable(error).in_file(path);
        let der = dm_crypto::certificate(&read(path)?)
            .map_err(|error| fault(error).next("give the certificate that the authority issued"))?;
        Ok(ShownKey::Certificate(path.clone(), der))
    }
}

impl ShownKey {
    /// Refuses a certificate of another server, one that names none, and one that is not for
    /// signing messages: an account whose policy is chain takes none of them.
    pub fn check_serves(&self, server_id: &str) -> Result<(), Fault> {
        let Self::Certificate(path, der) = self else { return Ok(()) };
        let checked = Material::from_der(der)
            .map_err(|_| ChainError::Malformed)
            .and_then(|material| material.check_shown(server_id));
        let fault = |error: ChainError| match error {
            ChainError::NamesOther => {
                Fault::unreadable(format!("the certificate does not name {server_id:?}"))
                    .next("show a certificate whose SubjectAltName is the ServerID")
            }
            error => Fault::unreadable(format!("every device of policy chain refuses it: {error}"))
                .next(
                    "have one issued for `mgram keygen --csr`: key usage digitalSignature, no \
                     authority, no critical extension of another kind; or give --key-name",
                ),
        };
        checked.map_err(|error| fault(error).in_file(path).clause("profile §4.3"))
    }

    /// As the seal takes it.
    pub fn shown(&self) -> Shown<'_> {
        match self {
            Self::Certificate(_, der) => Shown::Certificate(der),
            Self::Name(name) => Shown::KeyName(name),
        }
    }

    /// What to call it in a report.
    pub fn label(&self) -> (&'static str, String) {
        match self {
            Self::Certificate(path, _) => ("certificate", path.to_string_lossy().into_owned()),
            Self::Name(name) => ("key_name", name.clone()),
        }
    }

    /// As it is told before and after it is signed elsewhere, where no file has its name.
    pub fn words(&self) -> String {
        match self {
            Self::Certificate(_, der) => {
                let mut hasher = AwsLc.hasher(DigestMethod::Sha256);
                hasher.write(der);
                format!("the certificate of SHA-256 {}", hex(hasher.finish().as_octets()))
            }
            Self::Name(name) => format!("{name:?}"),
        }
    }
}
