//! §3, the one shape of a signature.
//!
//! Where `SignedInfo` is wrong it is signed as it stands: nothing but the shape is at fault.

use conformance::server::OtherKey;
use conformance::{Device, Message, alpha, beta, command, encode, forge};
use dm_client::{Refusal, Stage};
use dm_seal::{DigestMethod, SignatureMethod, StructureError};
use dm_wbxml::Version;

fn message() -> Message {
    Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"))
}

fn refusal(sealed: &str) -> Refusal {
    Device::new().refuse(&encode(sealed, Version::default()))
}

fn structure(sealed: &str) -> StructureError {
    match refusal(sealed) {
        Refusal::Structure(error) => error,
        other => panic!("{}: {other}", other.name()),
    }
}

/// With `SignedInfo` edited, then signed.
fn signed(old: &str, new: &str) -> StructureError {
    structure(&forge::sealed_with(&message().text(), alpha(), |info| {
        forge::swapped(&info, old, new)
    }))
}

/// With the finished signature edited.
fn edited(old: &str, new: &str) -> StructureError {
    structure(&forge::swapped(&message().sealed_text(), old, new))
}

#[test]
fn the_signature_is_the_last_node_and_the_only_one() {
    let sealed = message().sealed_text();
    let signature = forge::signature(&sealed).to_owned();
    assert_eq!(refusal(&forge::swapped(&sealed, &signature, "")), Refusal::NotSigned);
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
        assert_eq!(refusal(&moved).stage(), Stage::Header, "before {place}");
    }
}

#[test]
fn a_part_of_a_signature_that_is_signed_is_refused_all_the_same() {
    for stray in [
        "<Signature xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        "<Object xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/>",
        "<x xmlns=\"urn:x\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"/></x>",
    ] {
        let text = forge::swapped(&message().text(), "<Data>2", &format!("<Data>{stray}"));
        let error = structure(&forge::sealed_with(&text, alpha(), |info| info));
        assert!(matches!(error, StructureError::StraySignature(_)), "{stray}: {error}");
    }
}

#[test]
fn nothing_follows_the_signature() {
    let message = message();
    let behind = |extra| Device::new().refuse(&forge::behind_signature(&message, extra));
    assert_eq!(behind(" ").stage(), Stage::Structure, "white space would be unsigned text");
    assert_eq!(behind("\n").stage(), Stage::Structure);
    assert_eq!(behind("x").stage(), Stage::Header);
    for element in ["<Final/>", "<Replace/>", "<x xmlns=\"urn:x\"/>"] {
        assert_eq!(behind(element).stage(), Stage::Structure, "{element}");
    }
    assert_eq!(behind("<SyncBody/>").stage(), Stage::Header);
    // Signed, but with the signature no longer last.
    let text = forge::swapped(&message.text(), "</SyncML>", "<x xmlns=\"urn:x\"/></SyncML>");
    assert_eq!(refusal(&forge::sealed_with(&text, alpha(), |info| info)), Refusal::NotSigned);
}

#[test]
fn white_space_in_front_of_the_signature_is_signed() {
    let text = forge::swapped(&message().text(), "</SyncML>", "\n </SyncML>");
    let octets = encode(&forge::sealed_with(&text, alpha(), |info| info), Version::default());
    Device::new().accept(&octets);
    let late = forge::swapped(&message().sealed_text(), "<Signature ", "\n <Signature ");
    assert_eq!(refusal(&late), Refusal::DigestMismatch);
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
    let sealed = message().sealed_text();
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
        let sealed = message().sealed_text();
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
    let error = structure(&forge::sealed_with(&message().text(), alpha(), |info| {
        let start = info.find("<Reference").unwrap();
        let end = info.find("</Reference>").unwrap() + "</Reference>".len();
        info.replace(&info[start..end], "")
    }));
    assert!(matches!(error, StructureError::Shape(_)), "no Reference: {error}");
}

const ENVELOPED: &str =
    "<Transform Algorithm=\"http://www.w3.org/2000/09/xmldsig#enveloped-signature\"/>";
const EXC_C14N: &str = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";

#[test]
fn transforms_are_these_two_in_this_order() {
    let both = format!("{ENVELOPED}{EXC_C14N}");
    for wrong in [
        String::new(),
        ENVELOPED.to_owned(),
        EXC_C14N.to_owned(),
        format!("{EXC_C14N}{ENVELOPED}"),
        format!("{both}{EXC_C14N}"),
        format!("{ENVELOPED}{ENVELOPED}"),
        format!("{EXC_C14N}{EXC_C14N}"),
        both.replace("enveloped-signature", "base64"),
        both.replace("exc-c14n#", "exc-c14n#WithComments"),
        format!(
            "{ENVELOPED}<Transform Algorithm=\"http://www.w3.org/TR/2001/REC-xml-c14n-20010315\"/>"
        ),
        format!(
            "{ENVELOPED}<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xpath-19991116\"/>"
        ),
        format!(
            "{ENVELOPED}<Transform Algorithm=\"http://www.w3.org/TR/1999/REC-xslt-19991116\"/>"
        ),
        both.replace("<Transform ", "<Transform Id=\"t\" "),
        format!("{ENVELOPED}<Transform/>"),
    ] {
        signed(&both, &wrong);
    }
    let prefixes = "<Transform Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\">\
                    <InclusiveNamespaces xmlns=\"http://www.w3.org/2001/10/xml-exc-c14n#\" \
                    PrefixList=\"\"/></Transform>";
    assert!(matches!(signed(EXC_C14N, prefixes), StructureError::Shape(_)));
    let method = "<CanonicalizationMethod Algorithm=\"http://www.w3.org/2001/10/xml-exc-c14n#\"/>";
    let inside = prefixes.replace("Transform", "CanonicalizationMethod");
    assert!(matches!(signed(method, &inside), StructureError::Shape(_)));
}

#[test]
fn algorithms_are_a_closed_list() {
    let sha1 = "http://www.w3.org/2000/09/xmldsig#";
    let more = "http://www.w3.org/2001/04/xmldsig-more#";
    for (element, old, new) in [
        ("CanonicalizationMethod", "exc-c14n#", "exc-c14n#WithComments"),
        ("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256", &format!("{sha1}sha1")),
        ("DigestMethod", "http://www.w3.org/2001/04/xmlenc#sha256", &format!("{more}md5")),
        ("DigestMethod", "xmlenc#sha256", "xmlenc#SHA256"),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), &format!("{sha1}rsa-sha1")),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), &format!("{sha1}dsa-sha1")),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), &format!("{sha1}hmac-sha1")),
        ("SignatureMethod", "#ecdsa-sha256", "#hmac-sha256"),
        ("SignatureMethod", "#ecdsa-sha256", "#ecdsa-sha1"),
        ("SignatureMethod", "#ecdsa-sha256", "#rsa-md5"),
        ("SignatureMethod", "#ecdsa-sha256", "#ecdsa-sha256 "),
        ("SignatureMethod", &format!("{more}ecdsa-sha256"), ""),
    ] {
        match signed(old, new) {
            StructureError::Algorithm { element: named, .. } => assert_eq!(&*named, element),
            other => panic!("{new}: {other}"),
        }
    }
    let truncated = "ecdsa-sha256\"><HMACOutputLength>8</HMACOutputLength></SignatureMethod>";
    let error = signed("ecdsa-sha256\"/>", truncated);
    assert!(matches!(error, StructureError::Shape(_)), "{error}");
    let error = signed("ecdsa-sha256\"/>", "ecdsa-sha256\" Id=\"m\"/>");
    assert!(matches!(error, StructureError::Shape(_)), "{error}");
}

#[test]
fn stronger_digests_are_read() {
    for digest in DigestMethod::ALL {
        let sealed = forge::sealed_by(&message().text(), alpha(), digest, |info| info);
        let mut device = Device::new();
        device.accept(&encode(&sealed, Version::default()));
        // The cache of digests knows it by SHA-256, whatever the reference says.
        assert_eq!(device.refuse(&message().seal()), Refusal::Replayed, "{digest:?}");
    }
}

#[test]
fn every_signature_method_of_the_list_is_read() {
    use DigestMethod::{Sha256, Sha384, Sha512};
    let mut keys = vec![OtherKey::ed25519(), OtherKey::p384()];
    for digest in [Sha256, Sha384, Sha512] {
        keys.push(OtherKey::rsa(SignatureMethod::Rsa(digest)));
        keys.push(OtherKey::rsa(SignatureMethod::RsaPss(digest)));
    }
    for key in keys {
        let method = dm_seal::Signer::method(&key);
        let server = key.server(alpha().id, "alpha 2");
        let sealed = forge::sealed_with(&message().text(), &server, |info| info);
        let mut device = Device::with_accounts(&[("Alpha", &server)]);
        device.accept(&encode(&sealed, Version::default()));
        // Another key of the same kind of signature does not pass for it.
        let other = forge::swapped(&sealed, "alpha 2", "alpha 1");
        assert_eq!(
            Device::new().refuse(&encode(&other, Version::default())).stage(),
            Stage::Signature,
            "{method:?}"
        );
    }
    let mut device = Device::with_accounts(&[("Beta", beta())]);
    device.accept(&Message::new(beta()).seal());
}

#[test]
fn values_are_exact_base64() {
    let sealed = message().sealed_text();
    for name in ["DigestValue", "SignatureValue"] {
        let value = forge::content(&sealed, name);
        let with = |new: &str| forge::swapped(&sealed, value, new);
        // The last character before the padding carries bits that must be zero.
        let at = value.find('=').unwrap() - 1;
        let last = value.as_bytes()[at];
        let stray_bits = format!("{}{}{}", &value[..at], char::from(last + 1), &value[at + 1..]);
        for wrong in [
            value.trim_end_matches('=').to_owned(),
            format!("{value}="),
            stray_bits,
            format!("{value}!"),
            format!("{}-{}", &value[..4], &value[5..]),
            format!("{value}{value}"),
            "=".to_owned(),
            format!("<x xmlns=\"urn:x\"/>{value}"),
        ] {
            let error = structure(&with(&wrong));
            assert!(matches!(error, StructureError::Base64(_)), "{name} {wrong}: {error}");
        }
        // Nothing is base64 too, but no digest and no signature.
        assert_eq!(refusal(&with("")).stage(), Stage::Signature, "{name}");
    }
}

#[test]
fn line_breaks_in_values_are_let_through() {
    let sealed = message().sealed_text();
    let value = forge::content(&sealed, "SignatureValue");
    let broken = format!("\r\n{}\n\t{} ", &value[..20], &value[20..]);
    Device::new().accept(&encode(&forge::swapped(&sealed, value, &broken), Version::default()));
    // DigestValue is signed itself, so breaks must be there before.
    let sealed = forge::sealed_with(&message().text(), alpha(), |info| {
        info.replace("<DigestValue>", "<DigestValue>\n")
            .replace("</DigestValue>", "\n</DigestValue>")
    });
    Device::new().accept(&encode(&sealed, Version::default()));
}

#[test]
fn ecdsa_values_are_r_and_s_of_fixed_width() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let sealed = message().sealed_text();
    let value = forge::content(&sealed, "SignatureValue");
    let raw = STANDARD.decode(value).unwrap();
    assert_eq!(raw.len(), 64);
    let integer = |octets: &[u8]| {
        let octets = [&[0], octets].concat(); // always long enough to be positive
        [&[2, 33][..], &octets].concat()
    };
    let sequence = [integer(&raw[..32]), integer(&raw[32..])].concat();
    let der = [&[0x30, 70][..], &sequence].concat();
    for wrong in [
        der,
        raw[..63].to_vec(),
        [&raw[..], &[0]].concat(),
        [&[0], &raw[..32], &[0], &raw[32..]].concat(),
        [&raw[32..], &raw[..32]].concat(),
        vec![0; 64],
    ] {
        let wrong = forge::swapped(&sealed, value, &STANDARD.encode(wrong));
        assert_eq!(refusal(&wrong), Refusal::SignatureInvalid(alpha().id.into()));
    }
}
