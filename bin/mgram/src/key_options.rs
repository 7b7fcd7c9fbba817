//! The signing key of a command: its file or token, its passphrase, its method. [profile §3]

use std::io::IsTerminal;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dm_crypto::{KeyError, SigningKey};
use dm_seal::{DigestMethod, SealError, SignatureMethod};
use zeroize::Zeroizing;

use crate::document::read_secret;
use crate::fault::Fault;
use crate::signer::{self, Key, token_uri};

/// Which key signs.
#[derive(Args, Debug)]
pub struct KeyOptions {
    /// The private key, PEM or DER: PKCS #8 (encrypted or not), SEC 1, or PKCS #1; or one in a token:
    /// pkcs11:token=...;object=...?module-path=... [RFC 7512], whose PIN comes from pin-source= or
    /// the variable MGRAM_PKCS11_PIN.
    #[arg(long, value_name = "FILE|URI")]
    key: PathBuf,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

/// Where the passphrase of a key comes from.
#[derive(Args, Debug, Default)]
pub struct PassphraseOptions {
    /// The file whose first line is the passphrase of the key. Without it: the environment
    /// variable MGRAM_KEY_PASS, or a question, where there is a terminal.
    #[arg(long, value_name = "FILE")]
    key_pass_file: Option<PathBuf>,
}

/// A signature method, by the name that JOSE gives it.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Method {
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
    /// As the profile has it.
    pub fn of_profile(self) -> SignatureMethod {
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
}

impl KeyOptions {
    /// Reads the key, or finds it in its token; to sign by this method, where one is wanted.
    pub fn load(&self, method: Option<SignatureMethod>) -> Result<Key, Fault> {
        if let Some(uri) = token_uri(&self.key) {
            if self.passphrase.key_pass_file.is_some() {
                return Err(Fault::unreadable("--key-pass-file is for keys in files")
                    .next("name the file of the token's PIN: pin-source=file:PATH in the URI"));
            }
            return Key::in_token(uri, method);
        }
        let octets = read_secret(&self.key)?;
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
        let Some(method) = method else { return Ok(Key::File(Box::new(key))) };
        let fitting: Vec<_> = key.methods().iter().map(|method| method.name()).collect();
        let key = key.with_method(method).map_err(|error| {
            Fault::unreadable(error).in_file(&self.key).clause("profile §3").next(format!(
                "give a key for {}, or ask this one for {}",
                method.name(),
                fitting.join(", ")
            ))
        })?;
        Ok(Key::File(Box::new(key)))
    }

    /// Why nothing was signed.
    pub fn of_seal(&self, error: &SealError) -> Fault {
        signer::of_seal(error, &self.key)
    }

    /// What is wrong with the key, and what to do.
    fn of_key(&self, error: KeyError) -> Fault {
        let shown = self.key.display();
        let fault = Fault::unreadable(error).in_file(&self.key);
        match error {
            KeyError::Encrypted => fault.next("give --key-pass-file, or set MGRAM_KEY_PASS"),
            KeyError::Encryption(_) => fault.next(format!(
                "encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -in {shown} -out key.pem"
            )),
            KeyError::Passphrase => fault.next("give the passphrase that it was encrypted with"),
            KeyError::Public => fault.next("give the private half, key.pem"),
            KeyError::Several => fault.next("leave one of them in the file"),
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
        Ok(self.in_file()?.or_else(Self::from_environment))
    }

    /// The passphrase that the file gives.
    pub fn in_file(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
        let Some(path) = &self.key_pass_file else { return Ok(None) };
        let text = read_secret(path)?;
        let line = text.split(|&octet| octet == b'\n').next().unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some(Zeroizing::new(line.to_vec())))
    }

    /// The passphrase that the environment gives: last, for it is there for whatever is run.
    pub fn from_environment() -> Option<Zeroizing<Vec<u8>>> {
        std::env::var_os("MGRAM_KEY_PASS").map(|text| Zeroizing::new(text.into_vec()))
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
