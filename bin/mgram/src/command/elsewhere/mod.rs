//! Signing elsewhere: `sign-request`, `sign-answer`, `attach`. (`docs/signing-elsewhere.md`)
//!
//! Whoever has the message has no key, and whoever has the key sees what it signs: two small files
//! go between them. Neither is believed. The signer computes from the message all that the request
//! says, and the signature is verified before it is attached.

mod answer;
mod attach;
mod file;
mod request;
mod summary;

pub use answer::SignAnswer;
pub use attach::Attach;
pub use request::SignRequest;
