//! WBXML 1.1, 1.2 and 1.3: octets to infoset and back, strictly.
//!
//! The crate knows the framing and no language: code pages, public identifiers and the rule which
//! element content is octets come from the crates above, as [`Languages`] and [`OctetRule`].
//! Whatever would vanish before the canonical form is refused (processing instructions,
//! extension tokens, octets after the root), and so is every second spelling of an element.
//! [WBXML 1.3], [profile §2]
//!
//! ```
//! use dm_wbxml::{CodePage, Encoder, Languages, NoOctets, Source, Vocabulary};
//! use dm_xml::{Limits, canonical};
//! static PAGES: [CodePage; 1] = [CodePage::new(0, "urn:greeting", &["Hello", "Name"])];
//! static GREETING: Vocabulary =
//!     Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
//! static LANGUAGES: Languages = Languages { known: &[&GREETING], foreign: &[] };
//!
//! let octets = [0x02, 0x7F, 0x6A, 0x00, 0x45, 0x46, 0x03, b'a', 0x00, 0x01, 0x01];
//! let source = Source::new(&octets, &LANGUAGES, &Limits::default()).unwrap();
//! let document = source.decode(NoOctets, &Limits::default()).unwrap();
//! assert_eq!(
//!     canonical::text(&document),
//!     r#"<Hello xmlns="urn:greeting"><Name>a</Name></Hello>"#
//! );
//! assert_eq!(Encoder::new(&GREETING).encode(&document, NoOctets).unwrap(), octets);
//! ```

#![no_std]

extern crate alloc;

mod attribute_page;
mod charset;
mod code_page;
mod error;
mod mb_u_int32;
mod octet_rule;
mod reader;
mod skeleton;
mod source;
mod string_table;
pub mod token;
mod tokens;
mod unknown;
mod version;
mod vocabulary;
mod writer;

pub use attribute_page::AttributePage;
pub use charset::Charset;
pub use code_page::CodePage;
pub use error::{Error, ErrorKind, WriteError};
pub use mb_u_int32::MbUInt32;
pub use octet_rule::{NoOctets, OctetRule, WithPages};
pub use skeleton::{Bone, Shape, Skeleton, Step, Value};
pub use source::Source;
pub use tokens::{Token, Tokens};
pub use version::Version;
pub use vocabulary::{Languages, Vocabulary};
pub use writer::{Encoder, Fixed, Part, Strings, TablePlan, Writer};
