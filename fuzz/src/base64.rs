//! Every place that takes base64 text, against a decoder that goes by the letter.

use dm_seal::{Structure, StructureError};
use dm_syncml::{Data, ObjectError, wbxml};
use dm_wbxml::Version;
use dm_xml::{Builder, Document, Element, Limits, canonical, character};

use crate::infoset::{SYNCML, small};
use crate::reference;

const XML_OBJECT: &str = "application/vnd.syncml.dmtnds+xml";

/// Octets, as octets and, where they are text that XML allows, as text.
///
/// # Panics
/// When one place is more or less strict than the reference, or octets change on the way.
pub fn check(octets: &[u8]) {
    octets_are_their_text(octets);
    let Ok(text) = core::str::from_utf8(octets) else { return };
    if character::forbidden(text).is_some() {
        return;
    }
    let decoded = reference::base64::decode(text);
    object(text, decoded.as_deref());
    opaque(text, decoded.as_deref());
    signature(text);
}

/// Octets in the infoset are the canonical base64 text of themselves.
fn octets_are_their_text(octets: &[u8]) {
    let document = leaf(|builder| builder.octets(octets.to_vec()));
    let text = reference::base64::encode(octets);
    assert_eq!(canonical::text(&document), format!("<Data xmlns=\"{SYNCML}\">{text}</Data>"));
    assert_eq!(document.root().text(), text);
    assert_eq!(reference::base64::decode(&text).as_deref(), Some(octets));
}

/// An object of format `bin`, as text.
fn object(text: &str, decoded: Option<&[u8]>) {
    let data = Data::Text(text.into());
    let read = data.with_object(XML_OBJECT, true, &Limits::default(), |_| ());
    assert_eq!(read == Err(ObjectError::Base64), decoded.is_none(), "{text:?}: {read:?}");
}

/// Text where octets are meant is written as OPAQUE when it is canonical base64, and stays the
/// text that it is when it is not.
fn opaque(text: &str, decoded: Option<&[u8]>) {
    let mut builder = Builder::new(Limits::default());
    small(builder.start(SYNCML, "Item"));
    small(builder.start(SYNCML, "Meta"));
    small(builder.leaf("syncml:metinf", "Format", "bin"));
    builder.end();
    small(builder.leaf(SYNCML, "Data", text.to_owned()));
    builder.end();
    let document = builder.finish().expect("complete");
    let octets = wbxml::encode(&document, Version::V1_3).expect("it has no attributes");
    let source = wbxml::open(&octets, &Limits::default()).expect("we wrote it");
    let read = wbxml::decode(&source, &Limits::default()).expect("we wrote it");
    assert_eq!(canonical::text(&read), canonical::text(&document));
    let data = read.root().elements().last().and_then(Element::octets);
    assert_eq!(data, decoded.filter(|octets| !octets.is_empty()), "{text:?}");
}

/// `SignatureValue`: as strict, but for white space, which XML signatures are broken up with.
fn signature(text: &str) {
    let text_of_value = canonical::text(&leaf(|builder| builder.text(text.to_owned())));
    let (_, escaped) = text_of_value.split_once('>').expect("a start tag");
    let escaped = escaped.strip_suffix("</Data>").expect("an end tag");
    let message = SIGNED.replace("VALUE", escaped);
    let document = dm_xml::parse(message.as_bytes(), &Limits::default()).expect("well formed");
    let read = Structure::read(&document);
    let bare: String = text.chars().filter(|character| !" \t\r\n".contains(*character)).collect();
    let refused = matches!(read, Err(StructureError::Base64(_)));
    assert_eq!(refused, reference::base64::decode(&bare).is_none(), "{text:?}: {read:?}");
}

fn leaf(
    content: impl FnOnce(&mut Builder<'static>) -> Result<(), dm_xml::LimitExceeded>,
) -> Document<'static> {
    let mut builder = Builder::new(Limits::default());
    small(builder.start(SYNCML, "Data"));
    small(content(&mut builder));
    builder.end();
    builder.finish().expect("complete")
}

const SIGNED: &str = r#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr/><SyncBody/><Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo><CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><SignatureMethod Algorithm="http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"/><Reference URI=""><Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></Transforms><DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><DigestValue>AAAA</DigestValue></Reference></SignedInfo><SignatureValue>VALUE</SignatureValue></Signature></SyncML>"#;
