//! A token and the key in it: found, logged in to, found again after it was lost.
//! [PKCS 11 v3.0 §5.5 to §5.7]

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::{Slot, TokenInfo};

use crate::error::{HsmError, Said};
use crate::method::KeyKind;
use crate::{PinSource, Uri, module, public_key};

/// Where the key is looked for.
#[derive(Debug)]
pub(crate) struct Token {
    pub(crate) uri: Uri,
    pub(crate) module: Pkcs11,
}

/// A session in which the key can be used.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) session: Session,
    pub(crate) key: ObjectHandle,
}

impl Ready {
    /// Whether the token answers, and knows who is logged in.
    pub(crate) fn is_logged_in(&self) -> bool {
        let state = self.session.get_session_info().map(|info| info.session_state());
        matches!(state, Ok(SessionState::RoUser | SessionState::RwUser))
    }
}

/// What is known of the key.
#[derive(Debug)]
pub(crate) struct About {
    pub(crate) kind: KeyKind,
    pub(crate) mechanisms: Vec<MechanismType>,
    /// The most sessions that the token has.
    pub(crate) sessions: Option<usize>,
    /// The public key or certificate beside it: DER.
    pub(crate) public: Option<Vec<u8>>,
}

impl Token {
    /// Opens a session, logs in, finds the key.
    pub(crate) fn open(&self) -> Result<Ready, HsmError> {
        let (slot, info) = self.slot()?;
        let session = self.module.open_ro_session(slot).map_err(|error| self.failed(&error))?;
        self.log_in(&session, &info)?;
        let key = self.key(&session, &info)?;
        Ok(Ready { session, key })
    }

    /// Looks at the key.
    pub(crate) fn about(&self, ready: &Ready) -> Result<About, HsmError> {
        let failed = |error: Error| self.failed(&error);
        let kind = self.kind(ready)?;
        let (slot, info) = self.slot()?;
        let sessions = match info.max_session_count() {
            cryptoki::slot::Limit::Max(most) => usize::try_from(most).ok(),
            _ => None,
        };
        Ok(About {
            kind,
            mechanisms: self.module.get_mechanism_list(slot).map_err(failed)?,
            sessions,
            public: public_key::beside(&ready.session, ready.key, kind).map_err(failed)?,
        })
    }

    pub(crate) fn failed(&self, error: &Error) -> HsmError {
        HsmError::Failed { uri: self.shown(), said: Said::from(error) }
    }

    pub(crate) fn shown(&self) -> Box<str> {
        self.uri.to_string().into()
    }

    /// The one slot whose token fits.
    fn slot(&self) -> Result<(Slot, TokenInfo), HsmError> {
        let slots = match self.module.get_slots_with_initialized_token() {
            Err(Error::Pkcs11(RvError::CryptokiNotInitialized, _)) => module::begin(&self.module)
                .and_then(|()| self.module.get_slots_with_initialized_token()),
            outcome => outcome,
        };
        let mut fitting = Vec::new();
        let mut there = Vec::new();
        for slot in slots.map_err(|error| self.failed(&error))? {
            // A token may be pulled out while the list is read.
            let Ok(info) = self.module.get_token_info(slot) else { continue };
            there.push(format!("{:?}", info.label()));
            if self.fits(slot, &info) {
                fitting.push((slot, info));
            }
        }
        let uri = self.shown();
        match (fitting.pop(), fitting.len()) {
            (Some(found), 0) => Ok(found),
            (Some(_), others) => Err(HsmError::TokenAmbiguous { uri, count: others + 1 }),
            (None, _) if there.is_empty() => {
                Err(HsmError::TokenMissing { uri, there: "none at all".into() })
            }
            (None, _) => Err(HsmError::TokenMissing { uri, there: there.join(", ").into() }),
        }
    }

    fn fits(&self, slot: Slot, info: &TokenInfo) -> bool {
        let named = &self.uri.token;
        let is = |wanted: &Option<String>, found: &str| {
            wanted.as_ref().is_none_or(|wanted| wanted.trim_end() == found.trim_end())
        };
        is(&named.label, info.label())
            && is(&named.manufacturer, info.manufacturer_id())
            && is(&named.model, info.model())
            && is(&named.serial, info.serial_number())
            && named.slot_id.is_none_or(|wanted| wanted == slot.id())
    }

    fn log_in(&self, session: &Session, info: &TokenInfo) -> Result<(), HsmError> {
        let state = session.get_session_info().map_err(|error| self.failed(&error))?;
        // All sessions of a program are logged in at once.
        let is_in = matches!(state.session_state(), SessionState::RoUser | SessionState::RwUser);
        if is_in || !info.login_required() {
            return Ok(());
        }
        let source: &PinSource = &self.uri.pin_source;
        let unread = |said: Box<str>| HsmError::Pin {
            uri: self.shown(),
            source_name: source.to_string().into(),
            said,
        };
        let pin = source.read().map_err(unread)?;
        if pin.is_none() && !info.protected_authentication_path() {
            return Err(unread("it is not set".into()));
        }
        match session.login(UserType::User, pin.as_ref()) {
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(error @ Error::Pkcs11(value, _)) if is_refusal(value) => Err(HsmError::Login {
                uri: self.shown(),
                token: info.label().into(),
                said: Said::from(&error),
            }),
            Err(error) => Err(self.failed(&error)),
        }
    }

    /// The one private key that fits.
    fn key(&self, session: &Session, info: &TokenInfo) -> Result<ObjectHandle, HsmError> {
        let mut template = vec![Attribute::Class(ObjectClass::PRIVATE_KEY)];
        template.extend(self.uri.object.as_ref().map(|text| Attribute::Label(text.clone().into())));
        template.extend(self.uri.id.clone().map(Attribute::Id));
        let found = session.find_objects(&template).map_err(|error| self.failed(&error))?;
        let (uri, token) = (self.shown(), info.label().into());
        match found[..] {
            [key] => Ok(key),
            [] => Err(HsmError::KeyMissing { uri, token }),
            _ => Err(HsmError::KeyAmbiguous { uri, token, count: found.len() }),
        }
    }

    fn kind(&self, ready: &Ready) -> Result<KeyKind, HsmError> {
        let wanted = [
            AttributeType::KeyType,
            AttributeType::EcParams,
            AttributeType::Modulus,
            AttributeType::AlwaysAuthenticate,
        ];
        let found = ready.session.get_attributes(ready.key, &wanted);
        let (mut kind, mut curve, mut modulus) = (None, Vec::new(), Vec::new());
        for attribute in found.map_err(|error| self.failed(&error))? {
            match attribute {
                Attribute::KeyType(found) => kind = Some(found),
                Attribute::EcParams(octets) => curve = octets,
                Attribute::Modulus(octets) => modulus = octets,
                Attribute::AlwaysAuthenticate(true) => {
                    return Err(self.unfit("one that asks for the PIN each time"));
                }
                _ => {}
            }
        }
        let start = modulus.iter().position(|&octet| octet != 0).unwrap_or(modulus.len());
        let modulus = &modulus[start..];
        match kind {
            Some(KeyType::EC) if curve == P256 => Ok(KeyKind::P256),
            Some(KeyType::EC) if curve == P384 => Ok(KeyKind::P384),
            Some(KeyType::EC) => Err(self.unfit("on another curve")),
            Some(KeyType::EC_EDWARDS) if ED25519.contains(&&curve[..]) => Ok(KeyKind::Ed25519),
            Some(KeyType::EC_EDWARDS) => Err(self.unfit("on another Edwards curve")),
            Some(KeyType::RSA)
                if modulus.len() > 256 || modulus.len() == 256 && modulus[0] > 127 =>
            {
                Ok(KeyKind::Rsa(modulus.len()))
            }
            Some(KeyType::RSA) => Err(self.unfit(&format!("RSA of {} octets", modulus.len()))),
            Some(other) => Err(self.unfit(&other.to_string())),
            None => Err(self.unfit("of no type")),
        }
    }

    pub(crate) fn unfit_device_key(&self, kind: &str) -> HsmError {
        HsmError::DeviceKeyKind { uri: self.shown(), kind: kind.into() }
    }

    fn unfit(&self, kind: &str) -> HsmError {
        HsmError::KeyKind { uri: self.shown(), kind: kind.into() }
    }
}

/// CKA_EC_PARAMS: the identifier of the curve. Ed25519 has two spellings of it, and a name.
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const P384: &[u8] = b"\x06\x05\x2b\x81\x04\x00\x22";
const ED25519: [&[u8]; 3] = [
    b"\x06\x03\x2b\x65\x70",
    b"\x06\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01",
    b"\x13\x0cedwards25519",
];

/// Whether a login was refused, so that another attempt would be counted.
fn is_refusal(value: RvError) -> bool {
    matches!(
        value,
        RvError::PinExpired
            | RvError::PinIncorrect
            | RvError::PinInvalid
            | RvError::PinLenRange
            | RvError::PinLocked
            | RvError::UserPinNotInitialized
    )
}
