//! Weak encryption, and any other shape than the closed one. [profile §6] Whatever differs is refused,
//! and for what it is.

use conformance::encryption::{
    foreign_key, own_key, own_rsa_key, part_refused, with_data, with_element,
};
use conformance::{Encryptor, alpha, forge};
use dm_seal::encryption::EncryptionError;

const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";

fn by_agreement() -> String {
    Encryptor::of(alpha()).data("x")
}

fn by_rsa() -> String {
    Encryptor { key: own_rsa_key(), ..Encryptor::of(alpha()) }.data("x")
}

fn refused(data: &str, old: &str, new: &str) -> EncryptionError {
    part_refused(&with_data(&forge::swapped(data, old, new)))
}

/// The element that names an algorithm which is not accepted.
fn algorithm(data: &str, old: &str, new: &str) -> String {
    match refused(data, old, new) {
        EncryptionError::Algorithm { element, uri } => {
            assert!(uri.ends_with(new.trim_start_matches('"')), "{uri}");
            element.into()
        }
        other => panic!("{new}: {other}"),
    }
}

#[test]
fn weak_content_encryption_is_refused() {
    let gcm = format!("{XENC11}aes128-gcm");
    for weak in [
        format!("{XENC}aes128-cbc"),
        format!("{XENC}aes256-cbc"),
        format!("{XENC}tripledes-cbc"),
        format!("{XENC11}aes192-gcm"),
        format!("{XENC11}AES128-GCM"),
        format!("{XENC}kw-aes128"),
    ] {
        assert_eq!(algorithm(&by_agreement(), &gcm, &weak), "EncryptionMethod");
    }
}

#[test]
fn weak_key_transport_is_refused() {
    let (wrap, oaep) = (format!("\"{XENC}kw-aes128\""), format!("{XENC11}rsa-oaep"));
    for weak in ["rsa-1_5", "kw-tripledes", "kw-aes192", "aes128-cbc"] {
        let weak = format!("{XENC}{weak}");
        let quoted = format!("\"{weak}");
        let wrap = wrap.trim_end_matches('"');
        assert_eq!(algorithm(&by_agreement(), wrap, &quoted), "EncryptionMethod");
        assert_eq!(algorithm(&by_rsa(), &oaep, &weak), "EncryptionMethod");
    }
}

/// As the appendix of DM 1.2.1 has it: no label, no parameters, AES-CBC.
#[test]
fn what_older_documents_show_is_refused_by_name() {
    let data = by_rsa();
    let start = data.find("<EncryptionMethod Algorithm=\"http://www.w3.org/2009/xmlenc11#rsa-oaep");
    let start = start.expect("the method of the key");
    let end = "</EncryptionMethod>";
    let end = start + data[start..].find(end).expect("it ends") + end.len();
    let old = format!("<EncryptionMethod Algorithm=\"{XENC}rsa-1_5\"></EncryptionMethod>");
    let shown = format!("{}{old}{}", &data[..start], &data[end..]);
    let cbc = forge::swapped(&shown, &format!("{XENC11}aes128-gcm"), &format!("{XENC}aes128-cbc"));
    for (shown, name) in [(shown, "rsa-1_5"), (cbc, "aes128-cbc")] {
        let (element, uri) = ("EncryptionMethod".into(), format!("{XENC}{name}").into());
        let refused = EncryptionError::Algorithm { element, uri };
        assert_eq!(part_refused(&with_data(&shown)), refused);
    }
}

#[test]
fn weak_parameters_are_refused() {
    let agreement = by_agreement();
    for (old, new, element) in [
        (format!("{XENC11}ECDH-ES"), format!("{XENC}dh"), "AgreementMethod"),
        (format!("{XENC11}ConcatKDF"), format!("{XENC11}pbkdf2"), "KeyDerivationMethod"),
        (format!("{XENC}sha256"), "http://www.w3.org/2000/09/xmldsig#sha1".into(), "DigestMethod"),
        ("1.2.840.10045.3.1.7".into(), "1.3.132.0.34".into(), "NamedCurve"),
    ] {
        assert_eq!(algorithm(&agreement, &old, &new), element);
    }
    let rsa = by_rsa();
    for (old, new) in [
        (format!("{XENC}sha256"), "http://www.w3.org/2001/04/xmldsig-more#md5".into()),
        (format!("{XENC11}mgf1sha256"), format!("{XENC11}mgf1sha512")),
    ] {
        assert_eq!(algorithm(&rsa, &old, &new), "EncryptionMethod");
    }
}

/// SHA-256 with MGF1 by SHA-1, which the libraries do not have: known by its names, named or left out,
/// and not decrypted.
#[test]
fn oaep_of_two_digests_is_known_and_not_decrypted() {
    let rsa = by_rsa();
    let mgf1 = "<MGF xmlns=\"http://www.w3.org/2009/xmlenc11#\" \
                Algorithm=\"http://www.w3.org/2009/xmlenc11#mgf1sha256\"></MGF>";
    let (sha256, sha1) = (format!("{XENC11}mgf1sha256"), format!("{XENC11}mgf1sha1"));
    for (old, new) in [(&*sha256, &*sha1), (mgf1, "")] {
        assert_eq!(refused(&rsa, old, new), EncryptionError::Failed);
    }
}

#[test]
fn one_key_for_one_recipient() {
    let data = by_agreement();
    let start = data.find("<EncryptedKey").expect("a key");
    let end = data.find("</EncryptedKey>").expect("its end") + "</EncryptedKey>".len();
    let key = &data[start..end];
    let start = data.find("<AgreementMethod").expect("an agreement");
    let end = data.find("</AgreementMethod>").expect("its end") + "</AgreementMethod>".len();
    let agreement = &data[start..end];
    for (old, new) in [
        (key, key.repeat(2)),
        (key, String::new()),
        (key, agreement.to_owned()),
        (key, format!("{key}<KeyName>device 1</KeyName>")),
        (agreement, agreement.repeat(2)),
        (agreement, format!("<KeyName>device 1</KeyName>{agreement}")),
    ] {
        let error = refused(&data, old, &new);
        assert!(matches!(error, EncryptionError::Shape(_)), "{error}");
    }
}

#[test]
fn no_element_and_no_attribute_more_or_less() {
    let agreement = by_agreement();
    for (old, new) in [
        ("<EncryptedData ", "<EncryptedData Id=\"a\" "),
        ("<EncryptedData ", "<EncryptedData Encoding=\"a\" "),
        (" Type=\"http://www.w3.org/2001/04/xmlenc#Content\"", ""),
        ("xmlenc#Content", "xmlenc#content"),
        ("<EncryptedKey ", "<EncryptedKey Recipient=\"device 1\" "),
        ("<EncryptedKey ", "<EncryptedKey Type=\"a\" "),
        ("<CipherData>", "<CipherData Id=\"a\">"),
        ("<CipherValue>", "<CipherValue Id=\"a\">"),
        ("<CipherData>", "<CipherData><CipherReference URI=\"http://x\"/>"),
        ("</EncryptedKey>", "<CarriedKeyName>a</CarriedKeyName></EncryptedKey>"),
        ("</EncryptedKey>", "<ReferenceList/></EncryptedKey>"),
        ("</EncryptedData>", "<EncryptionProperties/></EncryptedData>"),
        ("</AgreementMethod>", "<KA-Nonce>AA==</KA-Nonce></AgreementMethod>"),
        ("<OriginatorKeyInfo>", "<OriginatorKeyInfo>x"),
        (" AlgorithmID=\"", " SuppPubInfo=\"00AA\" AlgorithmID=\""),
        (" PartyVInfo=\"", " Nothing=\""),
        ("<KeyInfo ", "<KeyInfo Id=\"a\" "),
    ] {
        let error = refused(&agreement, old, new);
        assert!(matches!(error, EncryptionError::Shape(_)), "{new}: {error}");
    }
    let rsa = by_rsa();
    let params = forge::content(&rsa, "OAEPparams");
    let params = format!("<OAEPparams>{params}</OAEPparams>");
    for (old, new) in [
        (&*params, params.repeat(2)),
        ("</EncryptionMethod><KeyInfo", "<KeySize>128</KeySize></EncryptionMethod><KeyInfo".into()),
    ] {
        let error = refused(&rsa, old, &new);
        assert!(matches!(error, EncryptionError::Shape(_)), "{new}: {error}");
    }
}

#[test]
fn values_are_base64_and_the_point_is_uncompressed() {
    let data = by_agreement();
    for element in ["CipherValue", "PublicKey"] {
        let error = part_refused(&with_data(&with_element(&data, element, "A$==")));
        assert!(matches!(error, EncryptionError::Base64(_)), "{element}: {error}");
    }
    let compressed = "AwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    for point in ["", "AA==", compressed] {
        let error = part_refused(&with_data(&with_element(&data, "PublicKey", point)));
        assert_eq!(error, EncryptionError::OriginatorKey);
    }
}

#[test]
fn the_recipient_is_a_key_of_the_device_of_the_right_kind() {
    let usual = Encryptor::of(alpha());
    let foreign = Encryptor { key: foreign_key(), ..usual }.data("x");
    let other = EncryptionError::Recipient("device 2".into());
    assert_eq!(part_refused(&with_data(&foreign)), other);
    for name in ["", "Device 1", "device 1 "] {
        let renamed = with_element(&by_agreement(), "KeyName", name);
        let error = part_refused(&with_data(&renamed));
        assert!(matches!(error, EncryptionError::Recipient(_)), "{name:?}: {error}");
    }
    let swapped = with_element(&by_agreement(), "KeyName", own_rsa_key().name);
    let error = part_refused(&with_data(&swapped));
    assert_eq!(error, EncryptionError::Transport(own_rsa_key().name.into()));
    let swapped = with_element(&by_rsa(), "KeyName", own_key().name);
    let error = part_refused(&with_data(&swapped));
    assert_eq!(error, EncryptionError::Transport(own_key().name.into()));
    // Encrypted to another's key and renamed to ours: nothing but the uniform failure.
    let renamed = with_element(&foreign, "KeyName", own_key().name);
    assert_eq!(part_refused(&with_data(&renamed)), EncryptionError::Failed);
}
