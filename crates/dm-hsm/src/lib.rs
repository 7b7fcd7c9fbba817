//! Signing and decrypting with a key that never leaves its token: PKCS#11 behind the traits of
//! `dm-seal`.
//!
//! A key is named by a PKCS#11 URI [RFC 7512]; [`Pkcs11Signer`] finds it and signs.
//!
//! ```no_run
//! use dm_hsm::{Pkcs11Signer, Settings, Uri};
//! use dm_seal::Signer;
//! let uri: Uri = "pkcs11:token=fleet;object=key-1?module-path=/usr/lib/softhsm/libsofthsm2.so\
//!                 &pin-source=file:/etc/marconigram/pin"
//!     .parse()?;
//! let signer = Pkcs11Signer::open(uri, Settings::default())?;
//! assert_eq!(signer.sign(b"octets")?.len(), 64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Pkcs11DeviceKey`] is the other side: a key that a device decrypts with.
//!
//! # What is in the URI
//!
//! | | |
//! | -- | -- |
//! | `token`, `manufacturer`, `model`, `serial`, `slot-id` | the token: exactly one must fit |
//! | `object`, `id`, `type=private` | the private key: exactly one must fit |
//! | `?module-path` | the PKCS#11 library; without it the variable `MGRAM_PKCS11_MODULE` names it |
//! | `?pin-source` | where the PIN is: `file:PATH`, a path, or `env:NAME`; without it the variable `MGRAM_PKCS11_PIN`; tokens with a keypad ask for it themselves |
//! | `?method` | ours: `rs256`, `ps384` ..., where the key leaves a choice: RSA keys do |
//!
//! `pin-value` is refused, for a command line is no secret. Attributes that are unknown are refused
//! too: what they would have excluded is not known.
//!
//! # Time
//!
//! A call into a token cannot be interrupted: [PKCS 11 v3.0 §5.15] has no way to. It takes as long
//! as the library behind it lets it take, and that has to be set there. What is bounded here is the
//! wait for a free session ([`Settings::wait`]) and the number of attempts: two.

mod device_key;
mod error;
mod method;
mod module;
mod pin_source;
mod pool;
mod public_key;
mod signer;
mod token;
mod uri;

pub use device_key::Pkcs11DeviceKey;
pub use error::HsmError;
pub use pin_source::PinSource;
pub use signer::{Pkcs11Signer, Settings};
pub use uri::{Uri, UriError};
