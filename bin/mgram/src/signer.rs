//! Whoever signs for a command: a key in a file, or one in a token. [profile §3]

use std::path::Path;

use dm_crypto::{KeyError, SigningKey};
use dm_hsm::{HsmError, Pkcs11Signer, Settings, Uri, UriError};
use dm_seal::{SealError, SignatureMethod, Signer};

use crate::document::read;
use crate::fault::Fault;

/// The key of `--key`: a file, or `pkcs11:...`; by this method, where one is wanted.
pub fn signer(
    key: &str,
    method: Option<SignatureMethod>,
) -> Result<Box<dyn Signer + Send + Sync>, Fault> {
    if key.starts_with("pkcs11:") {
        let uri: Uri = key.parse().map_err(|error: UriError| of_token(&error.into()))?;
        let settings = Settings { method, ..Settings::default() };
        return Ok(Box::new(Pkcs11Signer::open(uri, settings).map_err(|error| of_token(&error))?));
    }
    let path = Path::new(key);
    let pem = read(path)?;
    let key = SigningKey::from_pem(&pem).map_err(|error| of_key(path, &error, &pem))?;
    match method.filter(|&method| method != key.method()) {
        None => Ok(Box::new(key)),
        Some(method) => Err(Fault::unreadable(format!(
            "the key signs by {}, and {} is wanted",
            key.method().name(),
            method.name()
        ))
        .in_file(path)
        .clause("profile §3")
        .next(format!("give a key for {}", method.name()))),
    }
}

/// How the key is called in a report: a file, or a token's key without what is behind `?`.
pub fn shown(key: &str) -> &str {
    match key.starts_with("pkcs11:") {
        true => key.split('?').next().unwrap_or(key),
        false => key,
    }
}

/// Why nothing was signed.
pub fn of_seal(error: &SealError, key: &str) -> Fault {
    let fault = match error {
        SealError::Signer(failed) => Fault::told(Fault::refused, &failed.to_string()),
        error => Fault::refused(error),
    };
    fault.at(shown(key))
}

fn of_token(error: &HsmError) -> Fault {
    let kind = match error {
        HsmError::Uri(_) | HsmError::KeyKind { .. } | HsmError::Method { .. } => Fault::unreadable,
        error if error.is_missing() => Fault::missing,
        _ => Fault::refused,
    };
    let fault = kind(error.to_string()).next(error.remedy());
    match error {
        HsmError::KeyKind { .. } | HsmError::Method { .. } => fault.clause("profile §3"),
        HsmError::Uri(_) => fault.at("--key").clause("RFC 7512"),
        _ => fault,
    }
}

/// What is wrong with the key, by what its PEM says it is.
fn of_key(path: &Path, error: &KeyError, pem: &[u8]) -> Fault {
    let shown = path.display();
    let has = |label: &str| {
        let label = format!("-----BEGIN {label}-----");
        pem.windows(label.len()).any(|window| window == label.as_bytes())
    };
    let (what, next) = if *error == KeyError::Unsupported {
        return Fault::unreadable(error)
            .in_file(path)
            .clause("profile §3")
            .next("make one that is: `mgram keygen`");
    } else if has("ENCRYPTED PRIVATE KEY") {
        ("is encrypted", format!("decrypt it: openssl pkcs8 -in {shown} -out key.pem"))
    } else if has("EC PRIVATE KEY") || has("RSA PRIVATE KEY") {
        let convert = format!("openssl pkcs8 -topk8 -nocrypt -in {shown} -out key.pem");
        ("is not in PKCS #8 form", format!("convert it: {convert}"))
    } else if has("PUBLIC KEY") || has("CERTIFICATE") {
        ("is public: it verifies, and cannot sign", "give the private half, key.pem".into())
    } else {
        ("is not a PEM private key", "give key.pem of `mgram keygen`".into())
    };
    Fault::unreadable(format!("the key {what}")).in_file(path).next(next)
}
