//! What the tests of this package share: a device, its servers, their messages, and forgeries.
//!
//! A [`Device`] is made as bootstrap makes one, on a store in memory. A [`Message`] is written as
//! XML text, sealed and encoded by the crates that servers use; [`forge`] changes it afterwards,
//! and [`Hand`] spells it octet by octet, so that what a device accepts is never only what our
//! own writer writes.
//!
//! ```
//! use conformance::{Device, Message, alpha, command};
//! let mut device = Device::new();
//! let message = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2"));
//! device.accept(&message.seal());
//! assert_eq!(device.text("./Vendor/Speed").as_deref(), Some("2"));
//! ```
#![expect(clippy::missing_panics_doc, reason = "what cannot be made here is a test that failed")]

pub mod authority;
pub mod command;
pub mod device;
pub mod encryption;
pub mod forge;
pub mod hand;
pub mod message;
pub mod peer;
pub mod server;
pub mod spell;
pub mod tnds;

pub use device::{DEVICE_ID, Device, GROUP, NOW};
pub use encryption::Encryptor;
pub use hand::Hand;
pub use message::{Message, encode, infoset, seal_text};
pub use server::{Server, alpha, beta, gamma, stranger};
pub use spell::{Speller, Style};
