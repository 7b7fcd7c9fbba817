//! SMPP 3.4 and 5.0: short messages to an SMS centre, and its receipts. [SMPP 3.4, SMPP 5.0]
//!
//! * [`Pdu`]: what an ESME that sends and an SMS centre say to each other; [`Framer`] finds PDUs in a
//!   stream;
//! * [`DeliveryReceipt`]: what a `deliver_sm` says of a message that was sent before;
//! * [`Session`]: one bound connection: its window, sequence numbers, pauses and timers.
//!
//! Writers keep every limit of the standard. Readers take what real SMS centres send: text in any
//! character set and of any length, optional parameters of any kind and shape. Whatever is not understood
//! of a PDU stays in its octets.
//!
//! ```
//! use dm_push::smpp::{Body, Pdu, Status};
//! let mut octets = Vec::new();
//! Pdu::ok(7, Body::EnquireLink).write(&mut octets)?;
//! assert_eq!(octets, [0, 0, 0, 16, 0, 0, 0, 0x15, 0, 0, 0, 0, 0, 0, 0, 7]);
//! assert_eq!(Pdu::read(&octets)?, Pdu { status: Status::OK, sequence: 7, body: Body::EnquireLink });
//! # Ok::<(), dm_push::Error>(())
//! ```

mod bind;
mod delivery_receipt;
mod framer;
mod message;
mod pdu;
pub mod session;
mod status;
#[cfg(test)]
mod tests;
mod time;
mod tlv;

pub use bind::{Bind, BindMode, BindResp, Version};
pub use delivery_receipt::{DeliveryReceipt, MessageIds, says};
pub use framer::Framer;
pub use message::{ESM_CLASS_RECEIPT, ESM_CLASS_UDHI, Message, Party};
pub use pdu::{Body, HEADER, Pdu, RESPONSE};
pub use session::Session;
pub use status::{Kind, Status};
pub use time::absolute_time;
pub use tlv::{Tlv, Tlvs, tag};

/// The port that SMS centres usually listen on.
pub const PORT: u16 = 2775;

/// Octets of the largest PDU that is sensible: a message_payload of 65,535 octets and what stands around it.
pub const MAX_PDU: usize = 70_000;
