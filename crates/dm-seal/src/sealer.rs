//! Sealing many messages that are alike: all that does not change is prepared once. [profile §3]

use alloc::vec::Vec;
use core::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_wbxml::{Encoder, OctetRule, Part, TablePlan, WriteError};
use dm_xml::{Sink, ToInfoset};

use crate::digesting::already_signed;
use crate::sealing::{Known, Sealing, Stop};
use crate::{
    Digest, DigestMethod, Hasher, Provider, SealError, Shown, Signature, SignedInfo, Signer, seal,
};

/// Seals messages for many devices: one server, one key, one way of writing.
///
/// Prepared with one message, it seals any other. Those that differ from the first one in a few
/// texts become as small as it does: the string table is planned for it. Of the signature, only
/// digest and value are written anew. An object in place (`Data` that holds elements) which is the
/// very same as in the first message is not gone through again: its canonical form and its octets
/// are known. The header, which is another one for each device, comes first, so no part of the
/// digest can be shared.
///
/// In the shortest spelling the signature is one token; encrypted parts of the messages themselves
/// are written by the tokens of the compact one.
#[derive(Debug)]
pub struct Sealer<'k, S: ?Sized, P, R> {
    signer: &'k S,
    provider: P,
    encoder: Encoder,
    rule: R,
    plan: TablePlan,
    known: Vec<Known<'k, R>>,
    signature: Part,
    digest: Hole,
    value: Hole,
}

/// Where a value stands in the signature, and how.
#[derive(Clone, Debug)]
struct Hole {
    place: Range<usize>,
    is_base64: bool,
}

impl<'k, S: Signer + ?Sized, P: Provider, R: OctetRule + Clone + PartialEq> Sealer<'k, S, P, R> {
    /// Prepares for messages like this one, which are written by an encoder under the rule of their
    /// language. Signs once, to know how long a signature is.
    ///
    /// # Errors
    /// As [`seal`] says, or when WBXML cannot carry the message.
    pub fn new(
        message: &'k impl ToInfoset,
        (encoder, rule): (Encoder, R),
        shown: impl Into<Shown<'k>>,
        signer: &'k S,
        provider: P,
    ) -> Result<Self, SealError> {
        let shown = shown.into();
        let sealed = seal(message, shown, signer, &provider)?;
        let plan = encoder.plan(&sealed, rule.clone())?;
        let digest: Vec<u8> = (0..sealed.digest().as_octets().len()).map(pattern(7)).collect();
        let value: Vec<u8> = (0..sealed.signature().value().len()).map(pattern(11)).collect();
        let signed_info = SignedInfo::new(signer.method(), Digest::new(&digest));
        let signature = Signature::new(signed_info, value.clone(), shown);
        let signature = encoder.part(&plan, &signature, rule.clone())?;
        let digest = Hole::of(&digest, &signature)?;
        let value = Hole::of(&value, &signature)?;
        let writer = encoder.planned_writer(&plan, rule.clone());
        let hasher = provider.hasher(DigestMethod::Sha256);
        let mut sealing = Sealing::gathering(hasher, writer, &plan);
        message.write(&mut sealing).map_err(|stop| error(stop, message))?;
        let known = sealing.gathered();
        Ok(Self { signer, provider, encoder, rule, plan, known, signature, digest, value })
    }

    /// Seals a message; yields its octets.
    ///
    /// # Errors
    /// As [`Sealer::new`], or when a signature has another length than the first one.
    pub fn seal(&self, message: &impl ToInfoset) -> Result<Vec<u8>, SealError> {
        let writer = self.encoder.planned_writer(&self.plan, self.rule.clone());
        let hasher = self.provider.hasher(DigestMethod::Sha256);
        let mut sealing = Sealing::new(hasher, writer, &self.known);
        message.write(&mut sealing).map_err(|stop| error(stop, message))?;
        let (hasher, mut writer) = sealing.finish();
        let signed_info = SignedInfo::new(self.signer.method(), hasher.finish());
        let value = self.signer.sign_info(&signed_info)?;
        let mut signature = self.signature.clone();
        self.digest.fill(signed_info.digest().as_octets(), &mut signature)?;
        self.value.fill(&value, &mut signature)?;
        writer.put(&signature);
        writer.end()?;
        Ok(self.encoder.finish(writer)?)
    }
}

fn error(stop: Stop, message: &impl ToInfoset) -> SealError {
    match stop {
        Stop::Stray => already_signed(message),
        Stop::Write(error) => error.into(),
    }
}

/// Octets by which a hole is found.
fn pattern(factor: usize) -> impl Fn(usize) -> u8 {
    move |at| ((at + 1) * factor).to_le_bytes()[0]
}

impl Hole {
    /// Where these octets stand, as base64 text or as they are.
    fn of(octets: &[u8], part: &Part) -> Result<Self, SealError> {
        let text = STANDARD.encode(octets);
        let find = |wanted: &[u8]| {
            let at = part.octets().windows(wanted.len()).position(|window| window == wanted)?;
            Some(at..at + wanted.len())
        };
        let as_text = find(text.as_bytes()).map(|place| Self { place, is_base64: true });
        let found = as_text.or_else(|| Some(Self { place: find(octets)?, is_base64: false }));
        found.ok_or(SealError::Write(WriteError::NotPlanned))
    }

    fn fill(&self, octets: &[u8], part: &mut Part) -> Result<(), SealError> {
        let place = &mut part.octets_mut()[self.place.clone()];
        let is_filled = match self.is_base64 {
            true => STANDARD.encode_slice(octets, place) == Ok(self.place.len()),
            false if octets.len() == place.len() => {
                place.copy_from_slice(octets);
                true
            }
            false => false,
        };
        if is_filled { Ok(()) } else { Err(SealError::Length) }
    }
}
