//! Signature wrapping: the signed part is moved aside, and something else stands where commands are
//! read. [profile §3]
//!
//! There is one place for a signature, one reference, to the whole document, and the commands are read
//! from the very infoset that was digested: nothing that is signed can be somewhere else.

use conformance::hand::{Hand, hex, str_i};
use conformance::{Device, alpha, command, forge};
use dm_client::{Refusal, Stage};
use dm_seal::StructureError;
use dm_wbxml::ErrorKind;

use super::{SPEED, beaten, beaten_text, edited, honest, signed, structure};

#[test]
fn the_signature_is_the_last_node_and_the_only_one() {
    let sealed = honest().sealed_text();
    let signature = forge::signature(&sealed).to_owned();
    assert_eq!(beaten_text(&forge::swapped(&sealed, &signature, "")), Refusal::NotSigned);
    let twice = structure(&sealed.replace(&signature, &signature.repeat(2)));
    assert!(matches!(twice, StructureError::StraySignature(_)));
    let copied = sealed.replace("<Data>2", &format!("<Data>{signature}"));
    assert!(matches!(structure(&copied), StructureError::StraySignature(_)));
    let part =
        sealed.replace("<Data>2", "<Data><KeyName xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>");
    assert!(matches!(structure(&part), StructureError::StraySignature(_)));
    // In front of what it signs, the header stage no longer finds its two elements.
    let unsigned = forge::swapped(&sealed, &signature, "");
    for place in ["<SyncHdr>", "<SyncBody>"] {
        let moved = forge::swapped(&unsigned, place, &format!("{signature}{place}"));
        assert_eq!(beaten_text(&moved).stage(), Stage::Header, "before {place}");
    }
}

#[test]
fn a_part_of_a_signature_that_is_signed_is_refused_all_the_same() {
    for stray in [
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        "<Object xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        "<x xmlns=\"urn:x\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></x>",
    ] {
        let text = forge::swapped(&honest().text(), "<Data>2", &format!("<Data>{stray}"));
        let error = structure(&forge::sealed_with(&text, alpha(), |info| info));
        assert!(matches!(error, StructureError::StraySignature(_)), "{stray}: {error}");
    }
}

#[test]
fn nothing_follows_the_signature() {
    let message = honest();
    let behind = |extra| beaten(&forge::behind_signature(&message, extra));
    assert_eq!(behind(" ").stage(), Stage::Structure, "white space would be unsigned text");
    assert_eq!(behind("\n").stage(), Stage::Structure);
    assert_eq!(behind("x").stage(), Stage::Header);
    for element in ["<Final/>", "<Replace/>", "<x xmlns=\"urn:x\"/>"] {
        assert_eq!(behind(element).stage(), Stage::Structure, "{element}");
    }
    assert_eq!(behind("<SyncBody/>").stage(), Stage::Header);
    // Signed, but with the signature no longer last.
    let text = forge::swapped(&message.text(), "</SyncML>", "<x xmlns=\"urn:x\"/></SyncML>");
    assert_eq!(beaten_text(&forge::sealed_with(&text, alpha(), |info| info)), Refusal::NotSigned);
}

#[test]
fn it_holds_signed_info_value_and_at_most_one_key_info() {
    for (old, new) in [
        ("<KeyInfo>", "<Object>x</Object><KeyInfo>"),
        ("</Signature>", "<Object>x</Object></Signature>"),
        ("<SignedInfo>", "<Object/><SignedInfo>"),
        ("<KeyInfo>", "<KeyInfo><KeyName>alpha 1</KeyName></KeyInfo><KeyInfo>"),
        ("<KeyInfo>", "text<KeyInfo>"),
        ("<KeyInfo>", "<x xmlns=\"urn:x\"/><KeyInfo>"),
        ("<SignatureValue>", "<SignatureValue>AA==</SignatureValue><SignatureValue>"),
        ("<Signature ", "<Signature Id=\"s\" "),
        ("<SignatureValue>", "<SignatureValue Id=\"v\">"),
        ("<KeyInfo>", "<KeyInfo Id=\"k\">"),
        ("<KeyName>", "<KeyName Id=\"k\">"),
    ] {
        assert!(matches!(edited(old, new), StructureError::Shape(_)), "{new}");
    }
    let sealed = honest().sealed_text();
    let value = forge::content(&sealed, "SignatureValue");
    let value = format!("<SignatureValue>{value}</SignatureValue>");
    let edited = |old: &str, new: &str| structure(&forge::swapped(&sealed, old, new));
    assert!(matches!(edited(&value, ""), StructureError::Shape(_)), "no value");
    let info =
        &sealed[sealed.find("<SignedInfo>").unwrap()..sealed.find("<SignatureValue>").unwrap()];
    assert!(matches!(edited(info, ""), StructureError::Shape(_)), "no SignedInfo");
    assert!(matches!(edited(info, &info.repeat(2)), StructureError::Shape(_)), "two");
    let swapped = forge::swapped(&sealed, &value, "");
    let swapped = forge::swapped(&swapped, "<SignedInfo>", &format!("{value}<SignedInfo>"));
    assert!(matches!(structure(&swapped), StructureError::Shape(_)), "out of order");
}

#[test]
fn one_reference_to_the_whole_document() {
    let reference = {
        let sealed = honest().sealed_text();
        format!("<Reference URI=\"\">{}</Reference>", {
            let start = sealed.find("<Transforms>").unwrap();
            &sealed[start..sealed.find("</Reference>").unwrap()]
        })
    };
    for (old, new) in [
        ("<Reference URI=\"\">", "<Reference>"),
        ("<Reference URI=\"\">", "<Reference URI=\"#x\">"),
        ("<Reference URI=\"\">", "<Reference URI=\"#xpointer(/)\">"),
        ("<Reference URI=\"\">", "<Reference URI=\"http://evil.example/\">"),
        ("<Reference URI=\"\">", "<Reference Id=\"r\" URI=\"\">"),
        ("<Reference URI=\"\">", "<Reference Type=\"urn:x\" URI=\"\">"),
        ("</SignedInfo>", &format!("{reference}</SignedInfo>")),
        ("<SignedInfo ", "<SignedInfo Id=\"i\" "),
        ("<Transforms>", "<Transforms Id=\"t\">"),
        ("<DigestValue>", "<DigestValue Id=\"d\">"),
        ("<Transforms>", "text<Transforms>"),
        ("<Transforms>", "<x xmlns=\"urn:x\"/><Transforms>"),
    ] {
        let error = signed(old, new);
        assert!(matches!(error, StructureError::Shape(_)), "{new}: {error}");
    }
    let error = structure(&forge::sealed_with(&honest().text(), alpha(), |info| {
        let start = info.find("<Reference").unwrap();
        let end = info.find("</Reference>").unwrap() + "</Reference>".len();
        info.replace(&info[start..end], "")
    }));
    assert!(matches!(error, StructureError::Shape(_)), "no Reference: {error}");
}

/// The signed message in its parts: header, body, signature.
fn parts() -> [String; 3] {
    let sealed = honest().sealed_text();
    let signature = forge::signature(&sealed).to_owned();
    let (header, rest) = sealed.split_once("</SyncHdr>").expect("a header");
    let header = header.strip_prefix(OPEN).expect("the root");
    let body = rest.strip_suffix(&format!("{signature}</SyncML>")).expect("a body");
    [format!("{header}</SyncHdr>"), body.to_owned(), signature]
}

const OPEN: &str = "<SyncML xmlns=\"SYNCML:SYNCML1.2\">";

/// What the attacker wants to be carried out.
fn evil() -> String {
    format!("<SyncBody>{}<Final/></SyncBody>", command::replace("1", SPEED, "9"))
}

/// The refusal of a message with this content, as its stage and its words.
fn verdict(content: &str) -> (Stage, String) {
    let refusal = beaten_text(&format!("{OPEN}{content}</SyncML>"));
    (refusal.stage(), refusal.to_string())
}

#[test]
fn another_body_beside_the_signed_one_is_refused() {
    let ([header, body, signature], evil) = (parts(), evil());
    let twice = (Stage::Header, "an element that does not belong there at SyncBody".to_owned());
    for content in [
        format!("{header}{body}{evil}{signature}"),
        format!("{header}{evil}{body}{signature}"),
        format!("{header}{body}{signature}{evil}"),
        format!("{header}{evil}{signature}{body}"),
    ] {
        assert_eq!(verdict(&content), twice, "{content}");
    }
    let before = verdict(&format!("{evil}{header}{body}{signature}"));
    assert_eq!(before, (Stage::Header, "SyncHdr is missing at SyncML".to_owned()));
}

#[test]
fn another_header_beside_the_signed_one_is_refused() {
    let [header, body, signature] = parts();
    let other = forge::swapped(&header, "c=5", "c=6");
    for content in [
        format!("{header}{other}{body}{signature}"),
        format!("{other}{header}{body}{signature}"),
        format!("{header}{body}{other}{signature}"),
    ] {
        let (stage, words) = verdict(&content);
        assert!(stage <= Stage::Structure, "{stage:?}: {words}");
    }
}

#[test]
fn the_signed_body_moved_aside_takes_its_signature_with_it() {
    let ([header, body, signature], evil) = (parts(), evil());
    let original = format!("{OPEN}{header}{body}</SyncML>");
    let aside = |inner: &str| format!("<aside xmlns=\"urn:x\">{inner}</aside>");
    // Inside the signature, which is not digested: the classical place.
    for moved in [&body, &original] {
        let object = format!("<Object>{moved}</Object></Signature>");
        let wrapped = forge::swapped(&signature, "</Signature>", &object);
        let (stage, words) = verdict(&format!("{header}{evil}{wrapped}"));
        let shape = "the signature's shape is wrong at Signature";
        assert_eq!((stage, &*words), (Stage::Structure, shape));
        let shown = format!("<KeyValue>{moved}</KeyValue></KeyInfo>");
        let wrapped = forge::swapped(&signature, "</KeyInfo>", &shown);
        let (_, words) = verdict(&format!("{header}{evil}{wrapped}"));
        assert_eq!(words, Refusal::DigestMismatch.to_string());
    }
    // Inside the other body, as something that is skipped.
    let (open, rest) = evil.split_at("<SyncBody>".len());
    for moved in [&body, &original] {
        let content = format!("{header}{open}{}{rest}{signature}", aside(moved));
        assert_eq!(verdict(&content).1, Refusal::DigestMismatch.to_string());
    }
    // With the signature still inside the original, and with a copy of it outside.
    let whole = honest().sealed_text();
    let content = format!("{header}{open}{}{rest}", aside(&whole));
    assert_eq!(verdict(&content).1, Refusal::NotSigned.to_string());
    let (_, words) = verdict(&format!("{content}{signature}"));
    let stray = "a second Signature, or a part of one, at SyncBody/aside/SyncML/Signature";
    assert_eq!(words, stray);
    // Inside the header, which holds nothing but what it must.
    let header = forge::swapped(&header, "</SyncHdr>", &format!("{}</SyncHdr>", aside(&body)));
    let (stage, words) = verdict(&format!("{header}{evil}{signature}"));
    assert_eq!(
        (stage, &*words),
        (Stage::Header, "an element that does not belong there at SyncHdr/aside")
    );
}

#[test]
fn the_whole_message_inside_another_document_is_refused() {
    let (whole, [header, _, signature]) = (honest().sealed_text(), parts());
    let evil = evil();
    assert_eq!(verdict(&format!("{header}{evil}{whole}")).0, Stage::Structure);
    assert_eq!(verdict(&whole).0, Stage::Header);
    // Enveloping: the signature is the root.
    let enveloping = forge::swapped(
        &signature,
        "</Signature>",
        &format!("<Object>{whole}</Object></Signature>"),
    );
    assert_eq!(beaten_text(&enveloping).stage(), Stage::Header);
    let other = format!("<Outer xmlns=\"urn:x\">{whole}</Outer>");
    assert_eq!(beaten_text(&other).stage(), Stage::Header);
}

#[test]
fn a_signature_of_one_message_is_none_of_another() {
    let [_, _, signature] = parts();
    for other in [
        honest().session(2),
        honest().emi("x=9999999999"),
        honest().with(command::delete("2", "./NAP/Home")),
    ] {
        let text = forge::swapped(&other.text(), "</SyncML>", &format!("{signature}</SyncML>"));
        let refusal = beaten_text(&text);
        assert_eq!(refusal, Refusal::DigestMismatch, "{text}");
    }
}

#[test]
fn a_reference_names_nothing_by_id_or_pointer() {
    for uri in
        ["#body", "#xpointer(id('body'))", "#xpointer(/SyncML/SyncBody)", " ", "#", "cid:1", "./"]
    {
        let error = signed("URI=\"\"", &format!("URI=\"{uri}\""));
        assert_eq!(
            error.to_string(),
            "the signature's shape is wrong at Signature/SignedInfo/Reference",
            "{uri:?}"
        );
    }
    // No element of a message could bear an Id either.
    for id in ["Id", "ID", "id"] {
        let text =
            forge::swapped(&honest().text(), "<SyncBody>", &format!("<SyncBody {id}=\"body\">"));
        let document = dm_xml::parse(text.as_bytes(), &dm_xml::Limits::default()).expect("XML");
        let written = dm_syncml::wbxml::encode(&document, dm_wbxml::Version::default());
        assert!(written.is_err(), "a token element has no attributes");
        // As octets, which an attacker writes as he likes: the attribute bit on SyncBody.
        let good = Hand::message(alpha(), &[]).table([id.as_bytes(), b"\0"].concat());
        assert!(Device::new().receive(&good.sealed(alpha())).accepted().is_some());
        let attribute = [&hex("EB 04 00")[..], &str_i("body"), &hex("01")].concat();
        let octets = forge::octets_swapped(
            &good.sealed(alpha()),
            &hex("01 01 01 6B"),
            &[&hex("01 01 01")[..], &attribute].concat(),
        );
        let refusal = beaten(&octets);
        let Refusal::Wbxml(error) = refusal else { panic!("{id}: {refusal}") };
        assert_eq!(error.kind, ErrorKind::AttributeOnToken, "{id}");
    }
}
