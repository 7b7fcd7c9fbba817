//! Short messages that carry a push: TPDUs, SMPP messages, headers and segments. [TS 23.040 §9]
//!
//! From the outside in:
//!
//! * [`Pdu`]: an SMS-DELIVER or SMS-SUBMIT, with or without the service centre's address;
//! * [`ShortMessage`]: what SMPP carries, user data without a TPDU around it;
//! * [`UserDataHeader`]: ports and segment numbers in front of the data;
//! * [`reassembly`]: segments in any order become one whole, each octet of which can be traced
//!   back; [`segment`] is the opposite.
//!
//! Readers are strict: every octet has a meaning, or there is an error with its offset. What was
//! read is written back to the same octets, and `fields()` of each layer says what every octet
//! was.
//!
//! ```
//! use dm_push::sms::{ShortMessage, Udhi};
//! let octets = b"\x06\x05\x04\x0B\x84\x23\xF0\x01\x06\x03\xC2\xAF\x87";
//! let message = ShortMessage::read(octets, Udhi::Unknown)?;
//! let ports = message.header.as_ref().and_then(|header| header.ports()).expect("a port element");
//! assert_eq!((ports.destination, ports.source), (2948, 9200));
//! assert_eq!(message.data, b"\x01\x06\x03\xC2\xAF\x87");
//! # Ok::<(), dm_push::Error>(())
//! ```

mod address;
mod data_coding;
mod field;
mod gsm7;
pub mod reassembly;
mod segment;
mod short_message;
mod timestamp;
mod tpdu;
mod udh;

pub use address::{Address, MAX_SEMI_OCTETS};
pub use data_coding::{Alphabet, DataCoding};
pub use field::Field;
pub use segment::segment;
pub use short_message::{ShortMessage, Udhi};
pub use timestamp::Timestamp;
pub use tpdu::{Flags, MessageType, Pdu, ServiceCentre, Tpdu, UserData, Validity};
pub use udh::{Concatenation, Element, Ports, Reference, UserDataHeader};

/// Most octets of user data, header included, in one short message. [TS 23.040 §9.2.3.24]
pub const MAX_USER_DATA: usize = 140;
