//! What is this? Octets of any kind are recognised, taken apart and explained.
//!
//! [`peel`] takes inputs, each of which is a document, a wrapping or a list of them, down to the
//! messages inside, and says of each layer what it was taken for and why. Of a [`Message`],
//! [`rows`] shows octets, tokens and infoset side by side, [`examine`] says what it would do, how
//! it is signed and where it deviates from what a device accepts, and [`diff`](diff()) compares two as
//! infosets.
//!
//! Nothing here fails: what cannot be read further is shown as octets, with the reason. Nothing
//! here trusts either: readers are lenient, no signature is checked, and no verdict rests on it.
//!
//! # How octets are recognised
//!
//! By content, in this order; the first that fits is taken.
//!
//! | | Taken for | When |
//! | -- | -- | -- |
//! | 1 | capture | the magic number of pcap or pcapng |
//! | 2 | XML text | `<` after white space or a byte order mark |
//! | 3 | hex | nothing but hexadecimal digits, separators and comments, or a dump with offsets |
//! | 4 | base64 | nothing but base64, in lines or not |
//! | 5 | WBXML | version 1.1 to 1.3, a known language and charset, and a root element |
//! | 6 | WSP push | PDU type 06 behind a transaction id, and headers that can be read |
//! | 7 | short message | a user data header with ports or segment numbers |
//! | 8 | TPDU | an SMS-DELIVER or SMS-SUBMIT without rest |
//! | 9 | WBXML | a version octet and a root element, whatever else is wrong |
//!
//! Lines of hex or base64 of which each one is recognised by itself are a list; otherwise they are
//! one thing. What a layer holds is recognised in the same way.
//!
//! ```
//! use dm_inspect::{Input, Kind, examine, peel};
//! let input = Input::new("trace", b"01 06 03 C2 AF 87  02 A4 01 6A 00 6D 6B 46 4B 03 31 00 01 01 01 01");
//! let peeled = peel(&[input], None);
//! let message = &peeled.messages[0];
//! assert_eq!(message.kind, Kind::Wbxml);
//! let names: Vec<_> = message.layers.iter().map(|layer| layer.name).collect();
//! assert_eq!(names, ["hex", "WSP push", "WBXML"]);
//! assert_eq!(examine(message, &dm_crypto::AwsLc).commands[0].name, "Alert");
//! ```

mod deviation;
mod diff;
mod examine;
mod exhibit;
mod language;
mod peel;
mod recognise;
mod signature;
mod words;

pub use deviation::{Deviation, wbxml_clause, wbxml_remedy, xml_remedy};
pub use diff::{Change, diff};
pub use examine::{Findings, examine, xml};
pub use exhibit::{Row, RowKind, Rows, rows};
pub use peel::{Field, Input, Kind, Layer, Message, Peeled, Piece, peel};
pub use recognise::{Form, Recognised, recognise};
pub use signature::{KeyHint, Signature};
pub use words::{Command, Header};
