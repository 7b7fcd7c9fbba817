//! Sealing: the signature is made and becomes the last child of the root. [profile §3]

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_xml::{Builder, Document, Element, LimitExceeded, Limits, canonical};

use crate::algorithm::{DS, ENVELOPED, EXC_C14N, XENC};
use crate::{Digest, DigestMethod, Hasher, Provider, SealError, SignatureMethod, Signer};

/// Signs a message: digest over the whole document, `SignedInfo` signed, `KeyName` shown.
///
/// The document must be what is sent: white space between elements is signed like any text.
///
/// # Errors
/// When the document already has elements of a signature, or the signer fails.
pub fn seal<'a>(
    mut document: Document<'a>,
    key_name: &str,
    signer: &dyn Signer,
    provider: &impl Provider,
) -> Result<Document<'a>, SealError> {
    if let Some(stray) = stray(document.root()) {
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
    builder.start(DS, "KeyInfo")?;
    builder.leaf(DS, "KeyName", key_name.to_owned())?;
    builder.end();
    builder.end();
    if let Some(signature) = builder.finish() {
        document.append(signature);
    }
    Ok(document)
}

/// An element of a signature in a document that is to be signed; what `EncryptedData` borrows of
/// them is none.
fn stray<'d>(root: Element<'d>) -> Option<Element<'d>> {
    let mut elements = root.walk();
    while let Some(element) = elements.next() {
        if element.is(XENC, "EncryptedData") {
            let mut inside = element.walk();
            if let Some(signature) = inside.find(|inner| inner.is(DS, "Signature")) {
                return Some(signature);
            }
            let descendants = element.walk().skip(1).count();
            if descendants > 0 {
                elements.nth(descendants - 1);
            }
        } else if element.namespace() == DS {
            return Some(element);
        }
    }
    None
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
