//! What an attacker on the way does: the message is changed after it was sealed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_crypto::AwsLc;
use dm_seal::algorithm::{DS, ENVELOPED, EXC_C14N};
use dm_seal::{DigestMethod, Hasher, Provider};
use dm_wbxml::Version;
use dm_xml::canonical::{self, Output};
use dm_xml::{Limits, parse};

use crate::{Message, Server, encode};

/// The sealed message with its infoset edited: `old`, which must be there, becomes `new`.
#[must_use]
pub fn edited(message: &Message, old: &str, new: &str) -> Vec<u8> {
    encode(&swapped(&message.sealed_text(), old, new), message.version)
}

/// A text with its first `old`, which must be there, replaced by `new`.
#[must_use]
pub fn swapped(text: &str, old: &str, new: &str) -> String {
    assert!(text.contains(old), "there is no {old:?} to forge in {text}");
    text.replacen(old, new, 1)
}

/// Signed by its server, with `extra` put before the end tag of the root.
#[must_use]
pub fn behind_signature(message: &Message, extra: &str) -> Vec<u8> {
    edited(message, "</SyncML>", &format!("{extra}</SyncML>"))
}

/// The `Signature` element of sealed text.
#[must_use]
pub fn signature(sealed: &str) -> &str {
    let start = sealed.rfind("<Signature ").expect("it is sealed");
    let end = sealed.rfind("</Signature>").expect("it is sealed") + "</Signature>".len();
    &sealed[start..end]
}

/// The text between the first such tags; attributes are not expected.
#[must_use]
pub fn content<'t>(text: &'t str, name: &str) -> &'t str {
    let open = format!("<{name}>");
    let start = text.find(&open).expect("the element is there") + open.len();
    let end = text[start..].find(&format!("</{name}>")).expect("it ends") + start;
    &text[start..end]
}

/// The octets with the first occurrence of `old`, which must be there, replaced.
#[must_use]
pub fn octets_swapped(octets: &[u8], old: &[u8], new: &[u8]) -> Vec<u8> {
    let at = octets.windows(old.len()).position(|window| window == old).expect("is there");
    [&octets[..at], new, &octets[at + old.len()..]].concat()
}

/// A message of another server under the signature of this one: header of `claimed`, all else
/// of `message`.
#[must_use]
pub fn header_of(message: &Message, claimed: &Message) -> Vec<u8> {
    let sealed = message.sealed_text();
    encode(&swapped(&sealed, &message.header(), &claimed.header()), Version::default())
}

/// Text sealed with `SignedInfo` edited before it is signed: everything else holds.
#[must_use]
pub fn sealed_with(text: &str, server: &Server, edit: impl Fn(String) -> String) -> String {
    sealed_by(text, server, DigestMethod::Sha256, edit)
}

/// As [`sealed_with`], with the digest of the message by this method.
#[must_use]
pub fn sealed_by(
    text: &str,
    server: &Server,
    digest: DigestMethod,
    edit: impl Fn(String) -> String,
) -> String {
    let canonical = canonical_of(text);
    let mut hasher = AwsLc.hasher(digest);
    hasher.write(canonical.as_bytes());
    let value = STANDARD.encode(hasher.finish().as_octets());
    let method = server.key.method().uri();
    let info = edit(format!(
        "<SignedInfo xmlns=\"{DS}\"><CanonicalizationMethod Algorithm=\"{EXC_C14N}\"/>\
         <SignatureMethod Algorithm=\"{method}\"/><Reference URI=\"\"><Transforms>\
         <Transform Algorithm=\"{ENVELOPED}\"/><Transform Algorithm=\"{EXC_C14N}\"/></Transforms>\
         <DigestMethod Algorithm=\"{}\"/><DigestValue>{value}</DigestValue></Reference>\
         </SignedInfo>",
        digest.uri()
    ));
    let info = canonical_of(&info);
    let value = server.key.sign(info.as_bytes()).expect("the key signs");
    let value = STANDARD.encode(value);
    let signature = format!(
        "<Signature xmlns=\"{DS}\">{info}<SignatureValue>{value}</SignatureValue>\
         <KeyInfo><KeyName>{}</KeyName></KeyInfo></Signature></SyncML>",
        server.key_name
    );
    canonical_of(&swapped(&canonical, "</SyncML>", &signature))
}

/// The canonical form of XML text.
#[must_use]
pub fn canonical_of(text: &str) -> String {
    let document = parse(text.as_bytes(), &Limits::generous()).expect("a test writes XML");
    canonical::text(&document)
}
