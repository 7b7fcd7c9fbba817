//! SIP, as far as a push needs it: messages read and answered, streams cut, digest. [RFC 3261, 3428]
//!
//! A push is a `MESSAGE` request whose body is the sealed message. [OMA SIP Push 1.0 §5] This
//! module knows no socket, clock or chance: octets are handed in, and what chance is needed for.
//!
//! ```
//! use dm_push::sip::{Message, Start};
//! let octets = b"MESSAGE sip:device1@192.0.2.7 SIP/2.0\r\n\
//!                v: SIP/2.0/TCP 192.0.2.1;branch=z9hG4bK1\r\nf: <sip:server@push.example>;tag=1\r\n\
//!                t: <sip:device1@push.example>\r\ni: 1\r\nCSeq: 1 MESSAGE\r\n\
//!                c: application/vnd.syncml.dm+wbxml\r\nl: 4\r\n\r\n\x02...";
//! let message = Message::read(octets)?;
//! assert_eq!(message.start, Start::Request { method: "MESSAGE", uri: "sip:device1@192.0.2.7" });
//! assert_eq!(message.field("Content-Type"), Some(dm_push::media_type::DM_WBXML));
//! assert_eq!(message.body, b"\x02...");
//! # Ok::<(), dm_push::Error>(())
//! ```

mod answer;
mod date;
pub mod digest;
mod framer;
mod login;
mod message;
mod push;
mod timers;
mod uri;
mod value;

pub use answer::{Answer, answer};
pub use framer::{Framed, Framer};
pub use login::{Answers, Login, Sender};
pub use message::{HEAD_LIMIT, Message, Start};
pub use push::{Hop, PushRequest, PushResponse, Validity, branch};
pub use timers::{Fired, Timers};
pub use uri::Uri;
pub use value::{Address, Via, elements};

#[cfg(test)]
mod tests;
