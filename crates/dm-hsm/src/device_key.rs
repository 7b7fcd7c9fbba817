//! A key of a device that decrypts and never leaves its token. [profile §6]
//!
//! The token does what needs the private key, and no more: the raw agreement of ECDH
//! (`CKM_ECDH1_DERIVE` without a derivation), whose result is read and wiped, or RSA-OAEP
//! (`CKM_RSA_PKCS_OAEP`). Derivation of the wrapping key, key wrap and AES-GCM are ours, as with keys in
//! files. A token that keeps agreed secrets to itself cannot serve: [`Recipient`] asks for the
//! secret, for its ConcatKDF is bound to names that are checked before.

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::elliptic_curve::{EcKdf, Ecdh1DeriveParams};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsOaepParams, PkcsOaepSource};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass};
use dm_crypto::is_p256_point;
use dm_seal::encryption::{CipherFailed, OaepMethod, Recipient, Secret, TransportKind};

use crate::error::Said;
use crate::method::KeyKind;
use crate::pool::Pool;
use crate::token::{Ready, Token};
use crate::{HsmError, Settings, Uri, module};

/// A private key in a token that a device decrypts with: P-256, or RSA of 2048 bits or more.
///
/// As [`Pkcs11Signer`](crate::Pkcs11Signer) it has sessions that threads share and that are opened
/// anew when they are lost.
#[derive(Debug)]
pub struct Pkcs11DeviceKey {
    name: String,
    pool: Pool,
    kind: TransportKind,
    /// Octets of an RSA modulus; 0 for others.
    width: usize,
}

impl Pkcs11DeviceKey {
    /// Loads the library, finds the token, logs in, finds the key, and tries it; `KeyName` selects
    /// it by this name. The method of signing, in the URI or the settings, means nothing here.
    ///
    /// # Errors
    /// When any of these is not there, not unique or refused, or the key does not decrypt.
    pub fn open(name: impl Into<String>, uri: Uri, settings: Settings) -> Result<Self, HsmError> {
        let (module, _) = module::load(&uri)?;
        let token = Token { uri, module };
        let ready = token.open()?;
        let about = token.about(&ready).map_err(|error| match error {
            // What is said there is said of keys that sign.
            HsmError::KeyKind { uri, kind } => HsmError::DeviceKeyKind { uri, kind },
            error => error,
        })?;
        let (kind, width, mechanism) = match about.kind {
            KeyKind::P256 => (TransportKind::Agreement, 0, MechanismType::ECDH1_DERIVE),
            KeyKind::Rsa(width) => (TransportKind::Oaep, width, MechanismType::RSA_PKCS_OAEP),
            KeyKind::Ed25519 => return Err(token.unfit_device_key("Ed25519")),
            KeyKind::P384 => return Err(token.unfit_device_key("on P-384")),
        };
        if !about.mechanisms.contains(&mechanism) {
            let said = format!("the token has no {mechanism}").as_str().into();
            return Err(HsmError::Decrypting { uri: token.shown(), said });
        }
        let sessions = settings.sessions.min(about.sessions.unwrap_or(usize::MAX));
        let ready = tried(&token, ready, kind)?;
        let pool = Pool::new(token, ready, sessions, settings.wait);
        Ok(Self { name: name.into(), pool, kind, width })
    }

    /// The URI, without what is behind `?`.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.pool.token().uri
    }

    /// The shared secret with this point, as [`Recipient::agree`]; says why not in full.
    ///
    /// # Errors
    /// When the token fails, or keeps the secret to itself.
    pub fn secret(&self, point: &[u8]) -> Result<Secret, HsmError> {
        // Tokens differ in what they say, and do, of points that are on no curve.
        if !is_p256_point(point) {
            return Err(self.wrong("the point is not on P-256".into()));
        }
        let secret = self.pool.with(|ready| derive(ready, point), |_, _| false)?;
        let kept = || HsmError::Decrypting { uri: self.pool.token().shown(), said: KEPT.into() };
        secret.ok_or_else(kept)
    }

    /// The content key that was encrypted under this label, as [`Recipient::unwrap_oaep`]; says
    /// why not in full.
    ///
    /// # Errors
    /// When the token fails.
    pub fn content_key(
        &self,
        method: OaepMethod,
        label: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, HsmError> {
        if wrapped.len() != self.width {
            return Err(self.wrong("the wrapped key is not as long as the modulus".into()));
        }
        let work = |ready: &Ready| {
            let octets = ready.session.decrypt(&oaep(method, label), ready.key, wrapped);
            octets.map(Secret::new)
        };
        self.pool.with(work, refuses_ciphertext)
    }

    fn wrong(&self, said: Said) -> HsmError {
        HsmError::Ciphertext { uri: self.pool.token().shown(), said }
    }
}

/// Whether what a token says of a decryption is said of the ciphertext, which comes from anybody: then
/// the session is as good as before. Some tokens call everything that the padding check finds a
/// general error; the token is asked whether it still works.
fn refuses_ciphertext(ready: &Ready, error: &Error) -> bool {
    let Error::Pkcs11(value, _) = error else { return false };
    match value {
        RvError::DataInvalid
        | RvError::DataLenRange
        | RvError::EncryptedDataInvalid
        | RvError::EncryptedDataLenRange => true,
        RvError::FunctionFailed | RvError::GeneralError => ready.is_logged_in(),
        _ => false,
    }
}

/// Tries the key: one that may not be used so, or a token that cannot, is found at the start, and
/// not with the first message.
fn tried(token: &Token, ready: Ready, kind: TransportKind) -> Result<Ready, HsmError> {
    let unable = |said: Said| HsmError::Decrypting { uri: token.shown(), said };
    match kind {
        TransportKind::Agreement => {
            let secret = derive(&ready, &GENERATOR).map_err(|error| unable(Said::from(&error)))?;
            secret.ok_or_else(|| unable(KEPT.into()))?;
            Ok(ready)
        }
        TransportKind::Oaep => {
            let begun = ready.session.decrypt_init(&oaep(OaepMethod::Sha256, b"label"), ready.key);
            begun.map_err(|error| unable(Said::from(&error)))?;
            // What was begun is ended with its session.
            drop(ready);
            token.open()
        }
    }
}

const KEPT: &str = "the token keeps the agreed secret to itself";

/// The secret, if the token shows it; it stays in the session for as long as that takes.
fn derive(ready: &Ready, point: &[u8]) -> Result<Option<Secret>, Error> {
    let mechanism = Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), point));
    let template = [
        Attribute::Class(ObjectClass::SECRET_KEY),
        Attribute::KeyType(KeyType::GENERIC_SECRET),
        Attribute::Token(false),
        Attribute::Sensitive(false),
        Attribute::Extractable(true),
        Attribute::ValueLen(32.into()),
    ];
    let derived = ready.session.derive_key(&mechanism, ready.key, &template)?;
    let shown = ready.session.get_attributes(derived, &[AttributeType::Value]);
    // Into what wipes it before anything else can fail.
    let secret = shown.map(|found| {
        found.into_iter().find_map(|attribute| match attribute {
            Attribute::Value(octets) => Some(Secret::new(octets)),
            _ => None,
        })
    });
    ready.session.destroy_object(derived)?;
    let secret = secret?;
    Ok(secret.filter(|secret| secret.len() == 32))
}

fn oaep(method: OaepMethod, label: &[u8]) -> Mechanism<'_> {
    let (digest, mask) = match method {
        OaepMethod::Sha1 => (MechanismType::SHA1, PkcsMgfType::MGF1_SHA1),
        OaepMethod::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256),
        OaepMethod::Sha256Mgf1Sha1 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA1),
    };
    let label = PkcsOaepSource::data_specified(label);
    Mechanism::RsaPkcsOaep(PkcsOaepParams::new(digest, mask, label))
}

impl Recipient for Pkcs11DeviceKey {
    fn name(&self) -> &str {
        &self.name
    }

    fn kind(&self) -> TransportKind {
        self.kind
    }

    fn agree(&self, originator: &[u8]) -> Result<Secret, CipherFailed> {
        match self.kind {
            TransportKind::Agreement => self.secret(originator).map_err(failed),
            TransportKind::Oaep => Err(CipherFailed::Failed),
        }
    }

    fn unwrap_oaep(
        &self,
        method: OaepMethod,
        label: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed> {
        match self.kind {
            TransportKind::Agreement => Err(CipherFailed::Failed),
            TransportKind::Oaep => self.content_key(method, label, wrapped).map_err(failed),
        }
    }
}

/// What a token does not do although the octets may be good must not spend a message.
fn failed(error: HsmError) -> CipherFailed {
    match error {
        HsmError::Ciphertext { .. } => CipherFailed::Failed,
        error => CipherFailed::Unavailable(format!("{error}; {}", error.remedy()).into()),
    }
}

/// The generator of P-256: the agreement with it is the public key's own x, no secret.
/// [SP 800-186 §3.2.1.3]
const GENERATOR: [u8; 65] = [
    0x04, 0x6B, 0x17, 0xD1, 0xF2, 0xE1, 0x2C, 0x42, 0x47, 0xF8, 0xBC, 0xE6, 0xE5, 0x63, 0xA4, 0x40,
    0xF2, 0x77, 0x03, 0x7D, 0x81, 0x2D, 0xEB, 0x33, 0xA0, 0xF4, 0xA1, 0x39, 0x45, 0xD8, 0x98, 0xC2,
    0x96, 0x4F, 0xE3, 0x42, 0xE2, 0xFE, 0x1A, 0x7F, 0x9B, 0x8E, 0xE7, 0xEB, 0x4A, 0x7C, 0x0F, 0x9E,
    0x16, 0x2B, 0xCE, 0x33, 0x57, 0x6B, 0x31, 0x5E, 0xCE, 0xCB, 0xB6, 0x40, 0x68, 0x37, 0xBF, 0x51,
    0xF5,
];
