//! A key in a token as a signer. [profile §3]

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dm_crypto::AwsLc;
use dm_seal::{Material, Provider, SignatureMethod, Signer, SigningFailed, VerifyingKey};

use crate::method::{KeyKind, Way};
use crate::pool::Pool;
use crate::token::Token;
use crate::{HsmError, Uri, module};

/// A private key in a token. Threads share it: each signature has a session of its own.
///
/// Sessions that are lost are opened anew, with a new login, once for each signature: closed ones,
/// a token that was pulled out and put back, a device that failed. A login that is refused is
/// never tried again.
#[derive(Debug)]
pub struct Pkcs11Signer {
    pool: Pool,
    way: Way,
    kind: KeyKind,
    public: Option<Vec<u8>>,
    /// Whether a signature was verified with the public key.
    is_checked: AtomicBool,
}

/// How a signer uses its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How to sign; without it the URI says so, or the kind of the key.
    pub method: Option<SignatureMethod>,
    /// The most sessions; fewer, if the token has fewer.
    pub sessions: usize,
    /// The longest wait for a session that others use.
    pub wait: Duration,
}

impl Default for Settings {
    /// The method of the URI or key, 8 sessions, 30 seconds.
    fn default() -> Self {
        Self { method: None, sessions: 8, wait: Duration::from_secs(30) }
    }
}

impl Pkcs11Signer {
    /// Loads the library, finds the token, logs in, finds the key.
    ///
    /// # Errors
    /// When any of these is not there, not unique or refused, or the key does not sign so.
    pub fn open(uri: Uri, settings: Settings) -> Result<Self, HsmError> {
        let (module, _) = module::load(&uri)?;
        let token = Token { uri, module };
        let ready = token.open()?;
        let about = token.about(&ready)?;
        let wanted = settings.method.or(token.uri.method);
        let method = wanted.unwrap_or(about.kind.methods()[0]);
        let unable = |who| HsmError::Method { uri: token.shown(), who, method };
        if !about.kind.methods().contains(&method) {
            return Err(unable("a key of this kind"));
        }
        let way = Way::of(method, &about.mechanisms).ok_or_else(|| unable("the token"))?;
        let public = about.public.and_then(|der| Material::from_der(&der).ok());
        let sessions = settings.sessions.min(about.sessions.unwrap_or(usize::MAX));
        Ok(Self {
            pool: Pool::new(token, ready, sessions, settings.wait),
            way,
            kind: about.kind,
            public: public.map(|material| material.spki),
            is_checked: AtomicBool::new(false),
        })
    }

    /// The DER SubjectPublicKeyInfo, if the token has the public key or a certificate beside the
    /// private one.
    #[must_use]
    pub fn public_key(&self) -> Option<&[u8]> {
        self.public.as_deref()
    }

    /// The URI, without what is behind `?`.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        &self.pool.token().uri
    }

    /// Signs, as [`Signer::sign`]; says why not in full.
    ///
    /// # Errors
    /// When the token fails, or its public key does not verify the first signature.
    pub fn signature(&self, octets: &[u8]) -> Result<Vec<u8>, HsmError> {
        let input = self.way.input(octets);
        let signature = self.pool.with(
            |ready| ready.session.sign(&self.way.mechanism(), ready.key, &input),
            |_, _| false,
        )?;
        self.check(octets, &signature)?;
        Ok(signature)
    }

    /// The first signature is verified: a public key of another pair would fool whoever pins it.
    fn check(&self, octets: &[u8], signature: &[u8]) -> Result<(), HsmError> {
        let wrong = || HsmError::PublicKey { uri: self.pool.token().shown() };
        if signature.len() != self.kind.width() {
            return Err(HsmError::SignatureLength {
                uri: self.pool.token().shown(),
                octets: signature.len(),
                expected: self.kind.width(),
            });
        }
        if self.is_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        if let Some(spki) = &self.public {
            let key = AwsLc.key(spki).map_err(|_| wrong())?;
            if !key.verifies(self.way.method(), octets, signature) {
                return Err(wrong());
            }
        }
        self.is_checked.store(true, Ordering::Relaxed);
        Ok(())
    }
}

impl Signer for Pkcs11Signer {
    fn method(&self) -> SignatureMethod {
        self.way.method()
    }

    fn sign(&self, octets: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        self.signature(octets)
            .map_err(|error| SigningFailed::new(format!("{error}; {}", error.remedy())))
    }
}
