//! The gate: the checks of a device, in the one order they have. [profile §8]
//!
//! Read from top to bottom. Each stage is a function of the type before it, and the types cannot
//! be made otherwise: a step cannot be skipped because its input cannot be had.
//!
//! ```text
//! octets -> Source     size, wbxml (head)
//!        -> Decoded    wbxml (body)
//!        -> Whole      decrypt-whole: Clear, or Opened and read again to be Clear
//!        -> Headed     header
//!        -> Matched    account
//!        -> Meant      target
//!        -> Verified   structure, signature
//!        -> Fresh      freshness
//!        -> Deciphered decrypt-part (octets)
//!        -> Plain      decrypt-part (infoset)
//!        -> SyncBody   model
//! ```

mod insertion;
mod part;
mod whole;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use dm_seal::algorithm::XENC;
use dm_seal::{OpenError, Provider, Signed, Trust, Verified};
use dm_syncml::tables::SYNCML_1_2;
use dm_syncml::{SyncBody, SyncHdr, wbxml};
use dm_wbxml::Source;
use dm_xml::{Document, Element, Limits};

use crate::account::{Account, the_account};
use crate::freshness::{Emi, Freshness, Mark, Policy};
use crate::{Refusal, Settings};

pub use part::{Deciphered, Plain};
pub use whole::{Inner, Opened, Opener, Whole};

/// Stages `size` and `wbxml`, the head of the document. Private code pages are unknown pages,
/// unless the device takes any spelling.
///
/// # Errors
/// When the message is too long or no WBXML 1.1 to 1.3 of SyncML (R9).
pub fn receive<'m>(octets: &'m [u8], settings: &Settings) -> Result<Source<'m>, Refusal> {
    wbxml::open_spelled(octets, settings.spellings, &settings.limits).map_err(Refusal::of_wbxml)
}

/// Stage `wbxml`: the infoset, from which alone everything later is read.
///
/// # Errors
/// When the octets are spelled in a way that the profile refuses, or pass a limit.
pub fn decode<'s>(source: &'s Source<'_>, limits: &Limits) -> Result<Decoded<'s>, Refusal> {
    wbxml::decode(source, limits).map(Decoded).map_err(Refusal::of_wbxml)
}

/// An infoset.
#[derive(Debug)]
pub struct Decoded<'s>(Document<'s>);

/// A message whose root is in the clear.
pub struct Clear<'s> {
    document: Document<'s>,
    /// What it was bound to when it was encrypted as a whole.
    binding: Option<Box<whole::Binding>>,
}

impl<'s> Clear<'s> {
    /// Stage `header`: R14, and header and body where they belong; and what was encrypted as a
    /// whole was encrypted by the server, and for the device, that the header names.
    ///
    /// # Errors
    /// When the header is not as it must be.
    pub fn header(self) -> Result<Headed<'s>, Refusal> {
        let header = Header::read(self.document.root())?;
        let binding = self.binding.as_deref();
        binding.map_or(Ok(()), |binding| binding.check(&header))?;
        let was_unbound = binding.is_some_and(whole::Binding::is_unbound);
        Ok(Headed(Message { document: self.document, header: Arc::new(header), was_unbound }))
    }
}

impl fmt::Debug for Clear<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clear").finish_non_exhaustive() // it may have been confidential
    }
}

/// A message: its infoset and what its header says. Its body is out of reach: it is read from a
/// [`Fresh`] message only.
pub struct Message<'s> {
    document: Document<'s>,
    header: Arc<Header>,
    /// Whether it was encrypted as a whole, and bound to nobody.
    was_unbound: bool,
}

/// What the header of a message claims.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `Source/LocURI`: the ServerID.
    pub server_id: String,
    /// `Target/LocURI`: the device or group.
    pub target: String,
    /// `SessionID`.
    pub session_id: String,
    /// `MsgID`.
    pub msg_id: String,
    /// `Meta/EMI`, each one.
    pub emi: Vec<String>,
}

impl Header {
    fn read(root: Element<'_>) -> Result<Self, Refusal> {
        let header = SyncHdr::read(root).map_err(Refusal::Header)?;
        let mut others = root.elements().skip(1);
        let second_is_body = others.next().is_some_and(|second| {
            second.is(SYNCML_1_2, "SyncBody") || second.is(XENC, "EncryptedData")
        });
        if !second_is_body || others.any(|other| other.is(SYNCML_1_2, "SyncBody")) {
            return Err(Refusal::Header(SyncBody::misplaced(root)));
        }
        Ok(Self {
            server_id: header.source.loc_uri.into_owned(),
            target: header.target.loc_uri.into_owned(),
            session_id: header.session_id.into_owned(),
            msg_id: header.msg_id.into_owned(),
            emi: header.meta.emi().iter().take(2).map(|emi| (**emi).to_owned()).collect(), // one too many is enough
        })
    }
}

impl Signed for Message<'_> {
    fn document(&self) -> &Document<'_> {
        &self.document
    }
}

impl fmt::Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Message");
        shown.field("header", &self.header).finish_non_exhaustive() // its values may be secrets
    }
}

impl Message<'_> {
    /// Whether it was encrypted as a whole, and bound to nobody, which the device's owner must have
    /// allowed.
    #[must_use]
    pub fn was_unbound(&self) -> bool {
        self.was_unbound
    }

    /// What the header says.
    #[must_use]
    pub fn header(&self) -> &Arc<Header> {
        &self.header
    }
}

/// A message with a complete header. Nothing of it is trusted yet.
#[derive(Debug)]
pub struct Headed<'s>(Message<'s>);

impl<'s> Headed<'s> {
    /// What the header claims.
    #[must_use]
    pub fn claims(&self) -> &Arc<Header> {
        &self.0.header
    }

    /// Stage `account`: exactly one DMAcc has this ServerID (R5, R6, R22).
    ///
    /// # Errors
    /// When none has, or several have.
    pub fn account<K>(self, accounts: &[Account<K>]) -> Result<Matched<'s, '_, K>, Refusal> {
        let account = the_account(accounts, &self.0.header.server_id)?;
        Ok(Matched { message: self.0, account })
    }
}

/// A message with the account that must have signed it.
#[derive(Debug)]
pub struct Matched<'s, 'a, K> {
    message: Message<'s>,
    account: &'a Account<K>,
}

impl<'s, 'a, K> Matched<'s, 'a, K> {
    /// Stage `target`: this device is meant, or a group that it belongs to.
    ///
    /// # Errors
    /// When another one is meant.
    pub fn target(self, settings: &Settings) -> Result<Meant<'s, 'a, K>, Refusal> {
        if settings.is_meant(&self.message.header.target) {
            return Ok(Meant { message: self.message, account: self.account });
        }
        Err(Refusal::OtherTarget(self.message.header.target.as_str().into()))
    }
}

/// A message meant for this device.
#[derive(Debug)]
pub struct Meant<'s, 'a, K> {
    message: Message<'s>,
    account: &'a Account<K>,
}

impl<'s, K> Meant<'s, '_, K> {
    /// Stages `structure` and `signature`: one signature, of one shape, by a key pinned to the
    /// account, or issued by one that is, over the whole message (R7, R8, R12).
    ///
    /// # Errors
    /// When any of it does not hold.
    pub fn open<P: Provider<Key = K>>(
        self,
        provider: &P,
        settings: &Settings,
        now: Option<u64>,
    ) -> Result<Verified<Message<'s>>, Refusal> {
        let server_id = &*self.account.server_id;
        let trust = Trust {
            server_id,
            pins: &self.account.pins,
            policy: settings.trust_policy(server_id),
            now,
            accepts: settings.accepts,
        };
        dm_seal::verify(self.message, &trust, provider).map_err(|error| match error {
            OpenError::Structure(dm_seal::StructureError::NotSigned) => Refusal::NotSigned,
            OpenError::Structure(error) => Refusal::Structure(error),
            OpenError::Verify(error) => Refusal::of_verify(error, server_id),
        })
    }
}

/// Stage `freshness`: not seen before, counter and expiry as the policy demands. [profile §7]
///
/// The new state goes with the message: it must be durable before a command has an effect.
///
/// # Errors
/// When the message is not fresh. `state` is unchanged in any case.
pub fn freshness<'s>(
    message: Verified<Message<'s>>,
    state: &Freshness,
    policy: Policy,
    now: Option<u64>,
) -> Result<Fresh<'s>, Refusal> {
    let header = message.get().header();
    let mut state = state.with_room();
    let mut digest = [0; 32];
    digest.copy_from_slice(message.digest().as_octets()); // SHA-256, always
    let emi = match policy {
        Policy::Off => Emi::default(), // not looked at
        _ => Emi::read(header.emi.iter().map(String::as_str))?,
    };
    state.accept(&Mark { digest, target: &header.target, emi }, policy, now)?;
    Ok(Fresh { message, state })
}

/// A message that is verified and fresh. Only now is its body within reach (R21).
#[derive(Debug)]
pub struct Fresh<'s> {
    message: Verified<Message<'s>>,
    state: Freshness,
}

impl Fresh<'_> {
    /// The message.
    #[must_use]
    pub fn message(&self) -> &Verified<Message<'_>> {
        &self.message
    }

    /// What the device must remember of the account from now on.
    #[must_use]
    pub fn state(&self) -> &Freshness {
        &self.state
    }

    /// The same, when the message is done with.
    #[must_use]
    pub fn into_state(self) -> Freshness {
        self.state
    }
}
