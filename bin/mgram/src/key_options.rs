//! The signing key of a command: its file, its passphrase, its method, and what is shown of it.
//! [profile §3, §4]

use std::io::IsTerminal;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dm_crypto::{KeyError, SigningKey};
use dm_seal::{DigestMethod, Shown, SignatureMethod, Signer};
use zeroize::Zeroizing;

use crate::document::read;
use crate::fault::Fault;
use crate::name::check_not_empty;

/// Which key signs, and how.
#[derive(Args, Debug)]
pub struct KeyOptions {
    /// The private key, PEM or DER: PKCS #8 (encrypted or not), SEC 1, or PKCS #1.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseOptions,
    /// How to sign, where the key leaves a choice: RSA keys do. Without it: rs256.
    #[arg(long, value_enum, value_name = "METHOD")]
    alg: Option<Method>,
}

/// Where the passphrase of a key comes from.
#[derive(Args, Debug)]
pub struct PassphraseOptions {
    /// The file whose first line is the passphrase of the key. Without it: the environment
    /// variable MGRAM_KEY_PASS, or a question, where there is a terminal.
    #[arg(long, value_name = "FILE")]
    key_pass_file: Option<PathBuf>,
}

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

/// A signature method, by the name that JOSE gives it.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Method {
    /// ECDSA P-256 with SHA-256
    Es256,
    /// ECDSA P-384 with SHA-384
    Es384,
    /// Ed25519
    Ed25519,
    /// RSA PKCS #1 v1.5 with SHA-256
    Rs256,
    /// RSA PKCS #1 v1.5 with SHA-384
    Rs384,
    /// RSA PKCS #1 v1.5 with SHA-512
    Rs512,
    /// RSA-PSS with SHA-256
    Ps256,
    /// RSA-PSS with SHA-384
    Ps384,
    /// RSA-PSS with SHA-512
    Ps512,
}

impl Method {
    fn of_profile(self) -> SignatureMethod {
        use DigestMethod::{Sha256, Sha384, Sha512};
        match self {
            Self::Es256 => SignatureMethod::Ecdsa(Sha256),
            Self::Es384 => SignatureMethod::Ecdsa(Sha384),
            Self::Ed25519 => SignatureMethod::Ed25519,
            Self::Rs256 => SignatureMethod::Rsa(Sha256),
            Self::Rs384 => SignatureMethod::Rsa(Sha384),
            Self::Rs512 => SignatureMethod::Rsa(Sha512),
            Self::Ps256 => SignatureMethod::RsaPss(Sha256),
            Self::Ps384 => SignatureMethod::RsaPss(Sha384),
            Self::Ps512 => SignatureMethod::RsaPss(Sha512),
        }
    }

    fn of_key(key: &SigningKey) -> String {
        let fitting = Self::value_variants().iter();
        let fitting = fitting.filter(|method| key.methods().contains(&method.of_profile()));
        let names =
            fitting.filter_map(|method| Some(method.to_possible_value()?.get_name().to_owned()));
        names.collect::<Vec<_>>().join(", ")
    }
}

impl KeyOptions {
    /// The file of the key.
    pub fn path(&self) -> &Path {
        &self.key
    }

    /// Reads the key.
    pub fn load(&self) -> Result<SigningKey, Fault> {
        let octets = Zeroizing::new(read(&self.key)?);
        let given = self.passphrase.given()?;
        let passphrase = given.as_ref().map(|text| text.as_slice());
        let key = match (SigningKey::read(&octets, passphrase), &given) {
            (Err(KeyError::Encrypted), None) => match ask(&self.key)? {
                Some(passphrase) => SigningKey::read(&octets, Some(&passphrase)),
                None => Err(KeyError::Encrypted),
            },
            (key, _) => key,
        };
        let key = key.map_err(|error| self.of_key(error))?;
        let Some(method) = self.alg else { return Ok(key) };
        let fitting = Method::of_key(&key);
        key.with_method(method.of_profile()).map_err(|error| {
            Fault::unreadable(error)
                .in_file(&self.key)
                .clause("profile §3")
                .next(format!("leave --alg out, or give one for this key: {fitting}"))
        })
    }

    /// What is wrong with the key, and what to do.
    fn of_key(&self, error: KeyError) -> Fault {
        let shown = self.key.display();
        let fault = Fault::unreadable(error).in_file(&self.key);
        match error {
            KeyError::Encrypted => fault.next("give --key-pass-file, or set MGRAM_KEY_PASS"),
            KeyError::Encryption => fault.next(format!(
                "encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in {shown} -out key.pem"
            )),
            KeyError::Passphrase => fault.next("give the passphrase that it was encrypted with"),
            KeyError::Public => fault.next("give the private half, key.pem"),
            KeyError::Unsupported => {
                fault.clause("profile §3").next("make one that is: `mgram keygen`")
            }
            _ => fault.next("give key.pem of `mgram keygen`"),
        }
    }
}

impl PassphraseOptions {
    /// The passphrase that the file or the environment gives.
    pub fn given(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        if let Some(path) = &self.key_pass_file {
            let text = Zeroizing::new(read(path)?);
            let line = text.split(|&octet| octet == b'\n').next().unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            return Ok(Some(Zeroizing::new(line.to_vec())));
        }
        Ok(std::env::var_os("MGRAM_KEY_PASS").map(|text| Zeroizing::new(text.into_vec())))
    }

    /// The passphrase for a key that is to be encrypted; asked for twice, where it is asked for.
    pub fn new_one(&self, key: &Path) -> Result<Zeroizing<Vec<u8>>, Fault> {
        let missing = || {
            Fault::unreadable("there is no passphrase to encrypt the key with")
                .next("give --key-pass-file, or set MGRAM_KEY_PASS, to what is not empty")
        };
        let passphrase = match self.given()? {
            Some(passphrase) => passphrase,
            None => {
                let first = ask(key)?.ok_or_else(missing)?;
                if ask(key)?.is_none_or(|second| *second != *first) {
                    return Err(Fault::unreadable("the two passphrases differ").next("try again"));
                }
                first
            }
        };
        if passphrase.is_empty() { Err(missing()) } else { Ok(passphrase) }
    }
}

/// Asks for a passphrase, where somebody can answer.
fn ask(key: &Path) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(None);
    }
    let answer = rpassword::prompt_password(format!("Passphrase of {}: ", key.display()));
    let answer = answer.map_err(|error| {
        Fault::refused(format!("the passphrase could not be read: {error}"))
            .next("give --key-pass-file")
    })?;
    Ok(Some(Zeroizing::new(answer.into_bytes())))
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
    pub fn load(&self, key: &SigningKey) -> Result<ShownKey, Fault> {
        let Some(path) = &self.show_certificate else {
            let name = self.key_name.clone().unwrap_or_default();
            check_not_empty("--key-name", &name)?;
            return Ok(ShownKey::Name(name));
        };
        let fault = |error: KeyError| Fault::unreadable(error).in_file(path);
        let der = dm_crypto::certificate(&read(path)?)
            .map_err(|error| fault(error).next("give the certificate that the authority issued"))?;
        if !key.is_of_certificate(&der) {
            return Err(fault(KeyError::NotOfKey).next("give the certificate of this very key"));
        }
        Ok(ShownKey::Certificate(path.clone(), der))
    }
}

impl ShownKey {
    /// Refuses a certificate of another server.
    pub fn check_serves(&self, server_id: &str) -> Result<(), Fault> {
        let Self::Certificate(path, der) = self else { return Ok(()) };
        let serves =
            dm_seal::Material::from_der(der).is_ok_and(|material| material.may_serve(server_id));
        if serves {
            return Ok(());
        }
        Err(Fault::unreadable(format!("the certificate does not name {server_id:?}"))
            .in_file(path)
            .clause("profile §4.3")
            .next("show a certificate whose SubjectAltName is the ServerID"))
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
}

/// The method of a key, by the name that `--alg` has for it.
pub fn method_name(key: &SigningKey) -> String {
    let mut all = Method::value_variants().iter();
    let found = all.find(|method| method.of_profile() == key.method());
    let value = found.and_then(ValueEnum::to_possible_value);
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}
