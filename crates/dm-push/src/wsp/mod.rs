//! The connectionless push PDU of the Wireless Session Protocol. [WSP §8.2.4.1]
//!
//! | Field | Octets | Value |
//! | -- | -- | -- |
//! | TID | 1 | any; names the datagram |
//! | Type | 1 | 0x06 |
//! | HeadersLen | 1 to 5 | uintvar: octets of content type and headers |
//! | ContentType | n | first, without a field name |
//! | Headers | the rest of HeadersLen | name, value |
//! | Data | the rest | body |
//!
//! The reader takes every form of a value and names what it does not support: code page
//! shifts, confirmed pushes. It holds no more than the octets it was given, and its work is
//! linear in their number.

mod content_type;
mod header;
mod media;
mod proof;
mod push;
pub mod tables;
#[cfg(test)]
mod tests;
mod uintvar;
mod value;

pub use content_type::{ContentType, Parameter, ParameterName};
pub use header::{Header, HeaderName};
pub use media::{ApplicationId, MediaType};
pub use proof::Proof;
pub use push::{Form, Push};
pub use value::{Name, Text, Value};

/// UDP port of connectionless push on the device.
pub const PORT_PUSH: u16 = 2948;
/// UDP port of connectionless WSP on the server: the source of pushes.
pub const PORT_WSP: u16 = 9200;
/// PDU type of a push.
pub const PDU_TYPE_PUSH: u8 = 0x06;
/// PDU type of a confirmed push, which exists only in connection mode.
pub const PDU_TYPE_CONFIRMED_PUSH: u8 = 0x07;
/// Most headers, and most content-type parameters, of one push.
pub const MAX_HEADERS: usize = 64;
