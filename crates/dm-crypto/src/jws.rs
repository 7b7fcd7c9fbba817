//! A JWS with the payload apart, unencoded. [RFC 7515 appendix F, RFC 7797]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dm_seal::{DigestMethod, SignatureMethod, Signer, SigningFailed, VerifyingKey};
use serde_json::{Value, json};

/// A JWS that was read. Nobody has checked it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jws {
    method: SignatureMethod,
    key_name: Option<String>,
    /// The header as it stands there, which is signed.
    header: String,
    signature: Vec<u8>,
}

/// Why a JWS is none that is taken here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwsError {
    /// Not `header..signature`.
    #[error("no JWS with its payload apart: header..signature, in base64url")]
    Form,
    /// Its header asks for something else than a payload as it is, by a known method.
    #[error("the header of the JWS is not that of an unencoded payload and a supported `alg`")]
    Header,
}

/// Signs a payload: `header..signature`. In between the payload would stand, as it is.
///
/// ```
/// use dm_crypto::{Algorithm, AwsLc, Jws, SigningKey, detached_jws, generate, public_material};
/// use dm_seal::{Material, Provider};
/// let pair = generate(Algorithm::Es256, "srv.example", "key 1")?;
/// let key = SigningKey::from_pem(pair.key_pem.as_bytes())?;
/// let text = detached_jws(&key, "srv.example", b"payload").unwrap();
/// let jws = Jws::read(&text).unwrap();
/// let certificate = Material::from_der(&public_material(pair.cert_pem.as_bytes())?).unwrap();
/// let public = AwsLc.key(&certificate.spki).unwrap();
/// assert_eq!(jws.key_name(), Some("srv.example"));
/// assert!(jws.is_of(&public, b"payload") && !jws.is_of(&public, b"another"));
/// # Ok::<(), dm_crypto::KeyError>(())
/// ```
///
/// # Errors
/// As those of the signer; also when JOSE has no name for its method.
pub fn detached_jws(
    signer: &dyn Signer,
    key_name: &str,
    payload: &[u8],
) -> Result<String, SigningFailed> {
    let name = name(signer.method()).ok_or_else(SigningFailed::default)?;
    let header = json!({"alg": name, "b64": false, "crit": ["b64"], "kid": key_name});
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let signature = signer.sign(&[header.as_bytes(), b".", payload].concat())?;
    Ok(format!("{header}..{}", URL_SAFE_NO_PAD.encode(signature)))
}

impl Jws {
    /// Reads `header..signature`.
    ///
    /// # Errors
    /// [`JwsError`].
    pub fn read(text: &str) -> Result<Self, JwsError> {
        let (header, signature) = text.trim().split_once("..").ok_or(JwsError::Form)?;
        let decoded = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| JwsError::Form);
        let (json, signature) = (decoded(header)?, decoded(signature)?);
        let json: Value = serde_json::from_slice(&json).map_err(|_| JwsError::Form)?;
        let is_unencoded = json["b64"] == false && json["crit"] == json!(["b64"]);
        let method = json["alg"].as_str().and_then(|alg| {
            SignatureMethod::ALL.into_iter().find(|method| name(*method) == Some(alg))
        });
        let method = method.filter(|_| is_unencoded).ok_or(JwsError::Header)?;
        let key_name = json["kid"].as_str().map(str::to_owned);
        Ok(Self { method, key_name, header: header.to_owned(), signature })
    }

    /// The name of the key, as the signer has it.
    #[must_use]
    pub fn key_name(&self) -> Option<&str> {
        self.key_name.as_deref()
    }

    /// Whether it is the signature of this payload by this key.
    #[must_use]
    pub fn is_of(&self, key: &impl VerifyingKey, payload: &[u8]) -> bool {
        let signed = [self.header.as_bytes(), b".", payload].concat();
        key.verifies(self.method, &signed, &self.signature)
    }
}

/// The name of a method in JOSE, whose ECDSA values are r and s as ours. [RFC 7518 §3, RFC 8037]
const fn name(method: SignatureMethod) -> Option<&'static str> {
    use DigestMethod::{Sha256, Sha384, Sha512};
    Some(match method {
        SignatureMethod::Ecdsa(Sha256) => "ES256",
        SignatureMethod::Ecdsa(Sha384) => "ES384",
        SignatureMethod::Ed25519 => "EdDSA",
        SignatureMethod::Rsa(Sha256) => "RS256",
        SignatureMethod::Rsa(Sha384) => "RS384",
        SignatureMethod::Rsa(Sha512) => "RS512",
        SignatureMethod::RsaPss(Sha256) => "PS256",
        SignatureMethod::RsaPss(Sha384) => "PS384",
        SignatureMethod::RsaPss(Sha512) => "PS512",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(header: &str) -> String {
        format!("{}..AAAA", URL_SAFE_NO_PAD.encode(header))
    }

    #[test]
    fn only_an_unencoded_payload_and_a_known_method_are_taken() {
        let good = r#"{"alg":"ES256","b64":false,"crit":["b64"]}"#;
        assert_eq!(Jws::read(&text(good)).unwrap().key_name(), None);
        for header in [
            r#"{"alg":"none","b64":false,"crit":["b64"]}"#,
            r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
            r#"{"alg":"ES256"}"#,
            r#"{"alg":"ES256","b64":false}"#,
            r#"{"alg":"ES256","b64":false,"crit":["b64","exp"]}"#,
        ] {
            assert_eq!(Jws::read(&text(header)), Err(JwsError::Header), "{header}");
        }
        for bad in ["", "..", "a.b.c", "e30..!", &text("[")] {
            assert!(Jws::read(bad).is_err(), "{bad}");
        }
    }
}
