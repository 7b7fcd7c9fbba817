//! Stage `decrypt-whole`: a message that is encrypted as a whole. [profile §6]
//!
//! It comes before anything is known of a sender. Decrypted octets have a type of their own, and
//! only what is read from them, under the rules of stage `wbxml` and within the limits, goes on.

use alloc::boxed::Box;
use core::fmt;

use dm_seal::algorithm::XENC;
use dm_seal::encryption::{DeviceKeys, EncryptedData, EncryptionError, Kind, Plaintext, Secret};
use dm_seal::{Accepts, Provider};
use dm_syncml::wbxml;
use dm_wbxml::Source;
use dm_xml::{Element, Limits};

use super::{Clear, Decoded, Header};
use crate::{Refusal, Settings};

/// What a device decrypts with, and who it is.
#[derive(Debug)]
pub struct Opener<'o, P> {
    /// Its private keys; without any it does not decrypt.
    pub keys: Option<&'o DeviceKeys>,
    /// The digest of the key derivation.
    pub provider: &'o P,
    /// Its id and its groups.
    pub settings: &'o Settings,
}

/// A message as it came, or decrypted.
#[derive(Debug)]
pub enum Whole<'s> {
    /// It came in the clear.
    Clear(Box<Clear<'s>>),
    /// It came encrypted: a WBXML document is to be read.
    Opened(Box<Opened>),
}

impl<'s> Decoded<'s> {
    /// Stage `decrypt-whole`.
    ///
    /// # Errors
    /// When the message is encrypted as a whole, and cannot be decrypted here.
    pub fn decrypt<P: Provider>(self, opener: &Opener<'_, P>) -> Result<Whole<'s>, Refusal> {
        let root = self.0.root();
        if !root.is(XENC, "EncryptedData") {
            return Ok(Whole::Clear(Box::new(Clear { document: self.0, binding: None })));
        }
        let keys = opener.keys.ok_or(Refusal::EncryptedMessage)?;
        let opened = Opened::open(root, keys, opener).map_err(Refusal::WholeNotDecrypted)?;
        Ok(Whole::Opened(Box::new(opened)))
    }
}

/// The octets of a message that was encrypted as a whole. Who sent it is not known yet.
#[derive(Debug)]
pub struct Opened {
    octets: Secret,
    binding: Binding,
}

/// What a whole ciphertext is bound to, until a header is there to compare it with.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    data: EncryptedData,
    /// Whether it is bound to this very device, and not to a group.
    to_device: bool,
    accepts: Accepts,
}

impl Opened {
    fn open<P: Provider>(
        root: Element<'_>,
        keys: &DeviceKeys,
        opener: &Opener<'_, P>,
    ) -> Result<Self, EncryptionError> {
        let data = EncryptedData::read(root)?;
        if data.kind() != Kind::Message {
            return Err(EncryptionError::Misplaced(root.path()));
        }
        let accepts = opener.settings.accepts;
        data.check_device(|id| opener.settings.is_meant(id), accepts)?;
        let octets = data.decrypt(keys, opener.provider)?;
        let to_device = data.check_device(|id| id == opener.settings.device_id, accepts).is_ok();
        Ok(Self { octets, binding: Binding { data, to_device, accepts } })
    }

    /// The head of the WBXML document.
    ///
    /// # Errors
    /// When it is none, or too long.
    pub fn receive(&self, settings: &Settings) -> Result<Inner<'_>, Refusal> {
        let source = wbxml::open_spelled(&self.octets, settings.spellings, &settings.limits);
        let source = source.map_err(|error| not_wbxml(&error))?;
        Ok(Inner { source, binding: &self.binding })
    }
}

/// The WBXML document that was encrypted.
pub struct Inner<'o> {
    source: Source<'o>,
    binding: &'o Binding,
}

impl fmt::Debug for Inner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inner").finish_non_exhaustive() // it was confidential
    }
}

impl Inner<'_> {
    /// Its infoset, under the rules of stage `wbxml` and the limits of the gate.
    ///
    /// # Errors
    /// When it is spelled in a way that the profile refuses, passes a limit, or is a whole
    /// encrypted message again.
    pub fn decode(&self, limits: &Limits) -> Result<Clear<'_>, Refusal> {
        let document = wbxml::decode(&self.source, limits).map_err(|error| not_wbxml(&error))?;
        if document.root().is(XENC, "EncryptedData") {
            let nested = EncryptionError::Plaintext(Plaintext::Nested);
            return Err(Refusal::WholeNotDecrypted(nested));
        }
        Ok(Clear { document, binding: Some(Box::new(self.binding.clone())) })
    }
}

impl Binding {
    /// Compares with the header that stood inside.
    pub(super) fn check(&self, header: &Header) -> Result<(), Refusal> {
        let server = self.data.check_server(&header.server_id, self.accepts);
        let is_meant = |id: &str| self.to_device || id == header.target;
        let device = || self.data.check_device(is_meant, self.accepts);
        server.and_then(|()| device()).map_err(Refusal::WholeNotDecrypted)
    }

    /// Whether it names nobody.
    pub(super) fn is_unbound(&self) -> bool {
        self.data.transport().is_unbound()
    }
}

fn not_wbxml(error: &dm_wbxml::Error) -> Refusal {
    Refusal::WholeNotDecrypted(EncryptionError::Plaintext(match error.kind {
        dm_wbxml::ErrorKind::Limit(limit) => Plaintext::Limit(limit),
        _ => Plaintext::NotWbxml,
    }))
}
