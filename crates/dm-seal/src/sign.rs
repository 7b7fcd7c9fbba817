//! Sealing: the signature is made and becomes the last child of the root. [profile §3]

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::{Builder, Document, LimitExceeded, Limits, canonical};

use crate::algorithm::{DS, ENVELOPED, EXC_C14N};
use crate::{Digest, DigestMethod, Hasher, Provider, SealError, SignatureMethod, Signer};

/// What `KeyInfo` shows of the key. It helps whoever verifies to find the key, and proves nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shown<'k> {
    /// `X509Data/X509Certificate`: the DER certificate, for accounts of policy `chain`.
    Certificate(&'k [u8]),
    /// `KeyName`: what writers show as a rule.
    KeyName(&'k str),
    /// No `KeyInfo` at all.
    Nothing,
}

impl<'k> From<&'k str> for Shown<'k> {
    fn from(key_name: &'k str) -> Self {
        Self::KeyName(key_name)
    }
}

impl<'k> From<&'k String> for Shown<'k> {
    fn from(key_name: &'k String) -> Self {
        Self::KeyName(key_name)
    }
}

/// Signs a message: digest over the whole document, `SignedInfo` signed, the key's name shown, or
/// whatever else is to be [`Shown`].
///
/// The document must be what is sent: white space between elements is signed like any text.
///
/// # Errors
/// When the document already has elements of a signature, or the signer fails.
pub fn seal<'a, 'k>(
    mut document: Document<'a>,
    shown: impl Into<Shown<'k>>,
    signer: &dyn Signer,
    provider: &impl Provider,
) -> Result<Document<'a>, SealError> {
    if let Some(stray) = document.root().walk().find(|element| element.namespace() == DS) {
        return Err(SealError::AlreadySigned(stray.path()));
    }
    let mut hasher = provider.hasher(DigestMethod::Sha256);
    canonical::write(document.events(), &mut hasher);
    let digest = hasher.finish();
    let method = signer.method();

    let value = signer.sign(canonical_signed_info(method, &digest).as_bytes())?;

    let mut builder = Builder::new(Limits::generous());
    builder.start(DS, "Signature")?;
    signed_info(&mut builder, method, &digest)?;
    builder.start(DS, "SignatureValue")?;
    builder.octets(value)?;
    builder.end();
    key_info(&mut builder, &shown.into())?;
    builder.end();
    if let Some(signature) = builder.finish() {
        document.append(signature);
    }
    Ok(document)
}

/// The canonical form of the `SignedInfo` that [`signed_info`] builds. Of all its text only the
/// method and the digest vary, so it is written down; a test holds the two together.
fn canonical_signed_info(method: SignatureMethod, digest: &Digest) -> String {
    format!(
        "<SignedInfo xmlns=\"{DS}\"><CanonicalizationMethod Algorithm=\"{EXC_C14N}\">\
         </CanonicalizationMethod><SignatureMethod Algorithm=\"{}\"></SignatureMethod>\
         <Reference URI=\"\"><Transforms><Transform Algorithm=\"{ENVELOPED}\"></Transform>\
         <Transform Algorithm=\"{EXC_C14N}\"></Transform></Transforms>\
         <DigestMethod Algorithm=\"{}\"></DigestMethod><DigestValue>{}</DigestValue>\
         </Reference></SignedInfo>",
        method.uri(),
        DigestMethod::Sha256.uri(),
        STANDARD.encode(digest.as_octets()),
    )
}

fn signed_info(
    builder: &mut Builder<'_>,
    method: SignatureMethod,
    digest: &Digest,
) -> Result<(), LimitExceeded> {
    builder.start(DS, "SignedInfo")?;
    algorithm(builder, "CanonicalizationMethod", EXC_C14N)?;
    algorithm(builder, "SignatureMethod", method.uri())?;
    builder.start(DS, "Reference")?;
    builder.attribute("URI", "")?;
    builder.start(DS, "Transforms")?;
    algorithm(builder, "Transform", ENVELOPED)?;
    algorithm(builder, "Transform", EXC_C14N)?;
    builder.end();
    algorithm(builder, "DigestMethod", DigestMethod::Sha256.uri())?;
    builder.start(DS, "DigestValue")?;
    builder.octets(digest.as_octets().to_vec())?;
    builder.end();
    builder.end();
    builder.end();
    Ok(())
}

fn key_info(builder: &mut Builder<'_>, shown: &Shown<'_>) -> Result<(), LimitExceeded> {
    if *shown == Shown::Nothing {
        return Ok(());
    }
    builder.start(DS, "KeyInfo")?;
    match shown {
        Shown::Certificate(der) => {
            builder.start(DS, "X509Data")?;
            builder.start(DS, "X509Certificate")?;
            builder.octets(der.to_vec())?;
            builder.end();
            builder.end();
        }
        Shown::KeyName(name) => builder.leaf(DS, "KeyName", (*name).to_owned())?,
        Shown::Nothing => {}
    }
    builder.end();
    Ok(())
}

fn algorithm(
    builder: &mut Builder<'_>,
    local: &'static str,
    uri: &'static str,
) -> Result<(), LimitExceeded> {
    builder.start(DS, local)?;
    builder.attribute("Algorithm", uri)?;
    builder.end();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_written_canonical_form_is_that_of_the_built_infoset() {
        for method in SignatureMethod::ALL {
            let digest = Digest::new(&[0xA5; 32]);
            let mut builder = Builder::new(Limits::generous());
            signed_info(&mut builder, method, &digest).unwrap();
            let built = canonical::text(&builder.finish().unwrap());
            assert_eq!(canonical_signed_info(method, &digest), built);
        }
    }
}
