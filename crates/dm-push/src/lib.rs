//! Push encodings: how a sealed message is wrapped for a route, and what a route may claim.
//!
//! A message travels unchanged over any push transport. [Sessionless §5.1.1, §5.3] This crate
//! writes and reads the wrapping and knows no socket, clock or file:
//!
//! * [`wsp`]: the connectionless push of WSP, one datagram;
//! * [`sms`]: short messages, their user data headers, and how segments become one push;
//! * [`http_push`]: the header fields of a plain HTTP push;
//! * [`pap`]: what is said to a push gateway, and what it says;
//! * [`sip`]: messages of SIP, streams of them, digest;
//! * [`pace`]: limits, waits and a breaker for routes;
//! * [`receipt`]: what a route can honestly say after it sent.
//!
//! ```
//! use dm_push::wsp::Push;
//! let octets = Push::dm(1, b"\x02...").write();
//! assert_eq!(octets[..6], [0x01, 0x06, 0x03, 0xC2, 0xAF, 0x87]);
//!
//! let push = Push::read(&octets)?;
//! assert!(push.content_type.media_type.is(dm_push::media_type::DM_WBXML));
//! assert_eq!(push.body, b"\x02...");
//! # Ok::<(), dm_push::Error>(())
//! ```

#![no_std]

extern crate alloc;

mod cursor;
mod error;
pub mod http_push;
pub mod media_type;
pub mod pace;
pub mod pap;
pub mod receipt;
pub mod sip;
pub mod sms;
pub mod wsp;

pub use error::{Error, ErrorKind};
pub use receipt::Receipt;

/// The application id of device management, as a URI; its WSP code is 7.
pub const APPLICATION_ID: &str = "x-wap-application:syncml.dm";
