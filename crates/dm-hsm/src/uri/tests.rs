//! URIs, good and bad.

use super::*;
use dm_seal::DigestMethod::Sha384;

fn parse(text: &str) -> Result<Uri, UriError> {
    text.parse()
}

#[test]
fn each_attribute_is_read() {
    let uri = parse(
        "pkcs11:token=My%20fleet;manufacturer=M;model=O;serial=S;slot-id=7;object=k%C3%A9y;\
         id=%01%ff;type=private?module-path=/lib/x.so&pin-source=file:/etc/pin&method=ps384",
    )
    .unwrap();
    let token = TokenNamed {
        label: Some("My fleet".to_owned()),
        manufacturer: Some("M".to_owned()),
        model: Some("O".to_owned()),
        serial: Some("S".to_owned()),
        slot_id: Some(7),
    };
    assert_eq!(uri.token, token);
    assert_eq!((uri.object.as_deref(), uri.id), (Some("kéy"), Some(vec![1, 255])));
    assert_eq!(uri.module_path, Some("/lib/x.so".into()));
    assert_eq!(uri.pin_source, PinSource::File("/etc/pin".into()));
    assert_eq!(uri.method, Some(SignatureMethod::RsaPss(Sha384)));
    let least = parse("pkcs11:").unwrap();
    assert_eq!(least.pin_source, PinSource::Env("MGRAM_PKCS11_PIN".to_owned()));
    assert_eq!((least.object, least.id, least.module_path), (None, None, None));
}

#[test]
fn the_pin_itself_is_refused_and_not_repeated() {
    for text in [
        "pkcs11:token=a?pin-value=4711",
        "pkcs11:token=a;pin-value=4711",
        "pkcs11:token=a?pin-value=%4711",
        "pkcs11:token=a?pin-value:4711=1",
        "pkcs11:token=a?pin-source=/x&pin-value=4711",
    ] {
        let error = parse(text).unwrap_err();
        assert_eq!(error, UriError::PinValue, "{text}");
        assert!(!error.to_string().contains("4711"));
    }
    for text in
        ["pkcs11:token=a?4711", "pkcs11:token=a?pin source4711=1", "pkcs11:a?pin-source=|4711"]
    {
        assert!(!parse(text).unwrap_err().to_string().contains("4711"), "{text}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for (text, error) in [
        ("", UriError::Scheme),
        ("key.pem", UriError::Scheme),
        ("pkcs11:token=a;token=b", UriError::Twice("token".into())),
        ("pkcs11:token=a;x-who=b", UriError::Unknown("x-who".into())),
        ("pkcs11:token=a?module-name=p", UriError::Unknown("module-name".into())),
        ("pkcs11:token", UriError::Attribute("a part without =".into())),
        ("pkcs11:token=%zz", UriError::Attribute("this value of token".into())),
        ("pkcs11:token=%4", UriError::Attribute("this value of token".into())),
        ("pkcs11:token=%ff", UriError::Attribute("a token that is not UTF-8".into())),
        ("pkcs11:slot-id=x", UriError::Attribute("this slot-id".into())),
        ("pkcs11:type=cert", UriError::Attribute("another type than private".into())),
        ("pkcs11:?method=hs256", UriError::Attribute("this method".into())),
        ("pkcs11:?module-path=", UriError::Attribute("this module-path".into())),
        ("pkcs11:?pin-source=|x", UriError::Attribute("this pin-source".into())),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}

#[test]
fn the_query_is_not_shown() {
    let uri = parse("pkcs11:token=a;object=b?pin-source=/x&module-path=/y").unwrap();
    assert_eq!(uri.to_string(), "pkcs11:token=a;object=b");
}
