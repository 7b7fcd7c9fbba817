//! To whom and what to encrypt, as `seal` is told. [profile §6], R13

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use dm_crypto::{AwsLc, DevicePublicKey, KeyError, RecipientCertificate, SystemChance};
use dm_lint::Catalog;
use dm_seal::encryption::{
    Binding, ContentMethod, EncryptError, Envelope, encrypt_body, encrypt_data, encrypt_message,
};
use dm_xml::Document;

use crate::command::open::clock;
use crate::confidential::{self, Found, Marks};
use crate::descriptions;
use crate::document::read;
use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::plain;

/// The recipient and the extent.
#[derive(Args, Debug)]
pub struct EncryptionOptions {
    #[command(flatten)]
    recipient: RecipientOptions,
    /// What to encrypt.
    #[arg(long, value_name = "WHAT", default_value = "secrets", requires = "encrypt_to")]
    encrypt: What,
    /// Nodes of this name, or below this URI, are confidential too. May be repeated.
    #[arg(long, value_name = "NAME|URI")]
    confidential: Vec<String>,
    /// A device description, or a folder of them: nodes that it lets be written and not be read
    /// are confidential too. May be repeated.
    #[arg(long, value_name = "DDF")]
    ddf: Vec<PathBuf>,
}

/// The recipient of a message that is signed already: all of it is encrypted, or nothing.
#[derive(Args, Debug)]
pub struct WholeOptions {
    #[command(flatten)]
    recipient: RecipientOptions,
    /// What to encrypt: the whole message, for what is signed does not change.
    #[arg(long, value_name = "WHAT", default_value = "message", requires = "encrypt_to")]
    encrypt: What,
}

/// To whom.
#[derive(Args, Debug)]
pub struct RecipientOptions {
    /// Encrypt to this certificate, or public key, of the device: PEM, P-256 or RSA.
    #[arg(long, value_name = "PEM")]
    encrypt_to: Option<PathBuf>,
    /// The name by which the device knows its key; without it, the subject of the certificate.
    #[arg(long, value_name = "NAME", requires = "encrypt_to")]
    recipient: Option<String>,
    /// The strength of AES-GCM, in bits.
    #[arg(long, value_name = "BITS", default_value = "128", requires = "encrypt_to")]
    aes: Bits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Each value that is confidential.
    Secrets,
    /// All commands; the header stays readable.
    Body,
    /// All of the message, signature included.
    Message,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Bits {
    #[value(name = "128")]
    Aes128,
    #[value(name = "256")]
    Aes256,
}

/// What is to be done with one message.
pub struct Encryption {
    what: What,
    recipient: Option<(DevicePublicKey, String)>,
    method: ContentMethod,
    server_id: String,
    device_id: String,
    marks: Marks,
    /// What whoever seals the message should know. R13
    pub warnings: Vec<String>,
}

impl EncryptionOptions {
    /// Reads the recipient's key.
    pub fn prepare(&self, server_id: &str, device_id: &str) -> Result<Encryption, Fault> {
        let catalog = match self.ddf.is_empty() {
            true => None,
            false => Some(Catalog::new(descriptions::read(&self.ddf)?.0)),
        };
        let marks = Marks { names: self.confidential.clone(), catalog };
        Ok(Encryption { marks, ..self.recipient.prepare(self.encrypt, server_id, device_id)? })
    }

    /// As [`prepare`](Self::prepare), for a message that is signed elsewhere: the whole of it can
    /// only be encrypted when the signature is there.
    pub fn before_signing(&self, server_id: &str, device_id: &str) -> Result<Encryption, Fault> {
        if self.recipient.encrypt_to.is_some() && self.encrypt == What::Message {
            return Err(Fault::unreadable("--encrypt message is for what is signed already")
                .clause("profile §6")
                .next("leave it out here, and give it to `mgram attach`, with --encrypt-to"));
        }
        self.prepare(server_id, device_id)
    }
}

impl WholeOptions {
    /// Reads the recipient's key, and refuses to encrypt parts.
    pub fn prepare(&self, server_id: &str, device_id: &str) -> Result<Encryption, Fault> {
        if self.encrypt != What::Message {
            return Err(Fault::unreadable("parts are encrypted before they are signed")
                .clause("profile §6")
                .next("give --encrypt-to and --encrypt to `mgram sign-request`"));
        }
        self.recipient.prepare(self.encrypt, server_id, device_id)
    }
}

impl RecipientOptions {
    fn prepare(&self, what: What, server_id: &str, device_id: &str) -> Result<Encryption, Fault> {
        let recipient = self.encrypt_to.as_deref().map(|path| self.recipient(path)).transpose()?;
        let certificate = recipient.as_ref().and_then(|(key, _)| key.certificate());
        Ok(Encryption {
            what,
            warnings: certificate.map_or(Vec::new(), |it| doubts(it, device_id)),
            recipient,
            method: match self.aes {
                Bits::Aes128 => ContentMethod::Aes128Gcm,
                Bits::Aes256 => ContentMethod::Aes256Gcm,
            },
            server_id: server_id.to_owned(),
            device_id: device_id.to_owned(),
            marks: Marks::default(),
        })
    }

    fn recipient(&self, path: &Path) -> Result<(DevicePublicKey, String), Fault> {
        let key = DevicePublicKey::from_pem(&read(path)?).map_err(|error| {
            let next = match error {
                KeyError::Usage(_) => {
                    "give the certificate of the device's key, and not the one that signatures are \
                     checked with: that is of the server's key, which no device has"
                }
                _ => "give the device's certificate: `mgram provision --device-key` makes one",
            };
            Fault::unreadable(error).in_file(path).clause("profile §6").next(next)
        })?;
        let name = match self.recipient.as_deref().or(key.name()) {
            Some(name) => name.to_owned(),
            None => {
                return Err(Fault::unreadable("the key has no name")
                    .in_file(path)
                    .clause("profile §6")
                    .next("say by which name the device knows it: --recipient NAME"));
            }
        };
        check_not_empty("--recipient", &name)?;
        Ok((key, name))
    }
}

impl Encryption {
    /// The message with its parts encrypted, if any are to be; before it is signed.
    pub fn parts<'d>(
        &mut self,
        message: &'d Document<'_>,
        path: &Path,
    ) -> Result<Option<Document<'d>>, Fault> {
        let found = confidential::find(message, &self.marks);
        let Some(envelope) = self.envelope() else {
            self.warnings.extend(found.iter().map(in_the_clear));
            return Ok(None);
        };
        let encrypted = match self.what {
            What::Message => return Ok(None),
            What::Body => encrypt_body(message, &envelope, &mut SystemChance),
            What::Secrets if found.is_empty() => {
                self.warnings.push(NOTHING.to_owned());
                return Ok(None);
            }
            What::Secrets => {
                // In document order, as they are asked for.
                let mut next = found.iter().peekable();
                let found = std::cell::RefCell::new(&mut next);
                let is_chosen = |data: dm_xml::Element<'_>| {
                    found.borrow_mut().next_if(|found| found.data.is_same(data)).is_some()
                };
                encrypt_data(message, is_chosen, &envelope, &mut SystemChance)
            }
        };
        encrypted.map(Some).map_err(|error| of_encryption(&error, path))
    }

    /// The document that travels instead of these octets, if the whole message is to be
    /// encrypted; after it was signed.
    pub fn whole(&self, octets: &[u8], path: &Path) -> Result<Option<Document<'static>>, Fault> {
        let Some(envelope) = self.envelope().filter(|_| self.what == What::Message) else {
            return Ok(None);
        };
        let encrypted = encrypt_message(octets, &envelope, &mut SystemChance);
        encrypted.map(Some).map_err(|error| of_encryption(&error, path))
    }

    /// What was encrypted, and to which key, in words.
    pub fn told(&self) -> Option<(&'static str, &str)> {
        let (_, name) = self.recipient.as_ref()?;
        let what = match self.what {
            What::Secrets if self.warnings.iter().any(|warning| warning == NOTHING) => "nothing",
            What::Secrets => "secrets",
            What::Body => "body",
            What::Message => "message",
        };
        Some((what, name))
    }

    fn envelope(&self) -> Option<Envelope<'_, AwsLc>> {
        let (recipient, key_name) = self.recipient.as_ref()?;
        let binding = Binding { server_id: &self.server_id, device_id: &self.device_id };
        let method = self.method;
        Some(Envelope { recipient, key_name, binding, method, cipher: &AwsLc, provider: &AwsLc })
    }
}

/// What of a certificate may be right, and rarely is. A message to a group is for many devices, and
/// one key for all of them is theirs to choose.
fn doubts(certificate: &RecipientCertificate, device_id: &str) -> Vec<String> {
    let mut doubts = Vec::new();
    let names = certificate.names();
    if !names.is_empty() && !names.iter().any(|name| name == device_id) {
        let names: Vec<_> = names.iter().map(|name| plain(name)).collect();
        doubts.push(format!(
            "the certificate to encrypt to is that of {}, and the message is for {}; a device \
             without its key cannot read the message",
            names.join(", "),
            plain(device_id)
        ));
    }
    let until = certificate.until();
    if clock().is_some_and(|now| now > until) {
        doubts.push(format!(
            "the certificate to encrypt to expired at {until} (seconds since 1970): see that the \
             device still has its key"
        ));
    }
    doubts
}

const NOTHING: &str = "nothing in the message is known to be confidential, so nothing was \
                       encrypted: mark it with --confidential, describe it with --ddf, or give \
                       --encrypt body or message";

fn in_the_clear(found: &Found<'_>) -> String {
    let uri = plain(&found.uri);
    format!("R13: the value of {uri} is confidential and stays in the clear; give --encrypt-to")
}

fn of_encryption(error: &EncryptError, path: &Path) -> Fault {
    let fault = Fault::unreadable(error).in_file(path).clause("profile §6");
    match error {
        EncryptError::Signed | EncryptError::AlreadyEncrypted => {
            fault.next("give the message unsigned and in the clear")
        }
        EncryptError::NoBody => fault.next("give SyncHdr, then SyncBody"),
        _ => Fault::refused(error).in_file(path),
    }
}
