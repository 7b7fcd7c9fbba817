//! Key confusion: what everybody knows is taken for a secret, or a key for one of another kind.
//! [profile §3], [RFC 9231 §2.2]

use std::sync::LazyLock;

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::server::OtherKey;
use conformance::{Device, Server, alpha, beta, encode, forge, gamma};
use dm_client::Refusal;
use dm_mo::DmAcc;
use dm_seal::danger::Sha1;
use dm_seal::{Accepts, DigestMethod, SignatureMethod, Signer, SigningFailed, StructureError};
use dm_wbxml::Version;

use super::{beaten_on, honest, signed};

/// "Signs" with a secret that is none.
struct Hmac(hmac::Key);

impl Signer for Hmac {
    fn method(&self) -> SignatureMethod {
        SignatureMethod::Ecdsa(DigestMethod::Sha256) // replaced in the message
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        Ok(hmac::sign(&self.0, octets).as_ref().to_vec())
    }
}

const HMAC: [(&str, hmac::Algorithm); 4] = [
    ("http://www.w3.org/2000/09/xmldsig#hmac-sha1", hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY),
    ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha256", hmac::HMAC_SHA256),
    ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha384", hmac::HMAC_SHA384),
    ("http://www.w3.org/2001/04/xmldsig-more#hmac-sha512", hmac::HMAC_SHA512),
];

#[test]
fn what_is_public_is_no_secret_of_an_hmac() {
    let spki = alpha().spki();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        STANDARD.encode(&spki)
    );
    let secrets =
        [&alpha().material[..], &spki, &spki[spki.len() - 65..], pem.as_bytes(), b"alpha 1", b""];
    let accepts = Accepts::LISTED.with_sha1(Sha1::allowed_by_the_owner());
    for (uri, algorithm) in HMAC {
        for secret in secrets {
            let key = Box::new(Hmac(hmac::Key::new(algorithm, secret)));
            let mallory = Server { key, material: vec![], ..*alpha() };
            let own = alpha().key.method().uri();
            let named = |info: String| forge::swapped(&info, own, uri);
            let sealed = forge::sealed_with(&honest().text(), &mallory, named);
            let octets = encode(&sealed, Version::default());
            // Neither as devices are, nor where the owner lets SHA-1 in.
            for device in [Device::new(), Device::new().set(|settings| settings.accepts = accepts)]
            {
                let (element, uri) = ("SignatureMethod".into(), uri.into());
                let refusal = beaten_on(device, &octets, &honest().seal());
                let named = StructureError::Algorithm { element, uri };
                assert_eq!(refusal, Refusal::Structure(named));
            }
        }
    }
}

#[test]
fn no_length_of_an_hmac_is_read() {
    let own = format!("<SignatureMethod Algorithm=\"{}\"/>", alpha().key.method().uri());
    for (uri, _) in HMAC {
        for length in ["0", "1", "8", "80", "160", "-1", ""] {
            let truncated = format!(
                "<SignatureMethod Algorithm=\"{uri}\"><HMACOutputLength>{length}\
                 </HMACOutputLength></SignatureMethod>"
            );
            assert_eq!(
                signed(&own, &truncated).to_string(),
                "the signature's shape is wrong at Signature/SignedInfo/SignatureMethod"
            );
        }
    }
}

/// One server with a key of each kind, all pinned to its account.
fn all_kinds() -> &'static [Server] {
    use DigestMethod::Sha256;
    static SERVERS: LazyLock<Vec<Server>> = LazyLock::new(|| {
        let p256 = Server { key: Box::new(Shared(alpha())), material: alpha().spki(), ..*alpha() };
        let rsa = SignatureMethod::Rsa(Sha256);
        vec![
            Server { key_name: "p256", ..p256 },
            OtherKey::p384().server(alpha().id, "p384"),
            OtherKey::ed25519().server(alpha().id, "ed25519"),
            OtherKey::rsa(rsa).server(alpha().id, "rsa"),
        ]
    });
    &SERVERS
}

/// The key of a server that is used elsewhere too.
struct Shared(&'static Server);

impl Signer for Shared {
    fn method(&self) -> SignatureMethod {
        self.0.key.method()
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.0.key.sign(octets)
    }
}

fn device() -> Device {
    let pins: Vec<_> = all_kinds().iter().map(Server::pin).collect();
    Device::with_objects(vec![DmAcc::object("Alpha", alpha().id, &pins)])
}

fn sealed(server: &Server, edit: impl Fn(String) -> String) -> String {
    forge::sealed_with(&honest().text(), server, edit)
}

fn invalid(sealed: &str, honest: &str) {
    let [sealed, honest] = [sealed, honest].map(|text| encode(text, Version::default()));
    let refusal = beaten_on(device(), &sealed, &honest);
    assert_eq!(refusal, Refusal::SignatureInvalid(alpha().id.into()));
}

#[test]
fn a_key_verifies_for_its_own_kind_only() {
    for signer in all_kinds() {
        let honest = sealed(signer, |info| info);
        for shown in all_kinds() {
            if shown.key_name != signer.key_name {
                let named = |name| format!("<KeyName>{name}</KeyName>");
                let shown =
                    forge::swapped(&honest, &named(signer.key_name), &named(shown.key_name));
                invalid(&shown, &honest);
            }
        }
    }
}

#[test]
fn a_method_of_another_kind_makes_no_key_verify() {
    use DigestMethod::{Sha256, Sha384, Sha512};
    let methods = [
        SignatureMethod::Ed25519,
        SignatureMethod::Ecdsa(Sha256),
        SignatureMethod::Ecdsa(Sha384),
        SignatureMethod::Ecdsa(Sha512),
        SignatureMethod::Rsa(Sha256),
        SignatureMethod::Rsa(Sha512),
        SignatureMethod::RsaPss(Sha256),
        SignatureMethod::RsaPss(Sha512),
    ];
    for signer in all_kinds() {
        let honest = sealed(signer, |info| info);
        let own = signer.key.method();
        for method in methods.into_iter().filter(|method| *method != own) {
            // Signed as it stands: the value is that of the key, the method says otherwise.
            let named = sealed(signer, |info| forge::swapped(&info, own.uri(), method.uri()));
            invalid(&named, &honest);
        }
    }
}

/// Whoever has an account has a key that some device trusts: for its own ServerID.
#[test]
fn the_key_of_one_account_signs_nothing_of_another() {
    let devices =
        || Device::with_accounts(&[("Alpha", alpha()), ("Beta", beta()), ("Gamma", gamma())]);
    for other in [beta(), gamma()] {
        let own = sealed(other, |info| info);
        let name = format!("<KeyName>{}</KeyName>", other.key_name);
        let der = STANDARD.encode(&other.material);
        let shown = format!("<X509Data><X509Certificate>{der}</X509Certificate></X509Data>");
        let not_pinned = |shown: &str| Refusal::KeyNotPinned(shown.into());
        for (key_info, expected) in [
            (name.clone(), not_pinned(other.key_name)),
            ("<KeyName>alpha 1</KeyName>".to_owned(), Refusal::SignatureInvalid(alpha().id.into())),
            (String::new(), Refusal::SignatureInvalid(alpha().id.into())),
            (shown, not_pinned("a certificate")),
        ] {
            let octets = encode(&forge::swapped(&own, &name, &key_info), Version::default());
            assert_eq!(beaten_on(devices(), &octets, &honest().seal()), expected, "{key_info}");
        }
    }
}
