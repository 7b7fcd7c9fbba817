//! SyncML DM: header, commands, items. [REP 1.2], [Sessionless §5.2]
//!
//! Typed models, read from the infoset and written to it; the code pages of SyncML, MetInf and
//! DDF; and the rule which content is octets. Reading is strict where a signed channel needs it:
//! nothing unknown, nothing twice, no text beside elements.
//!
//! ```
//! use dm_syncml::{Command, SyncBody, Verb};
//! let text = br#"<SyncML xmlns="SYNCML:SYNCML1.2"><SyncBody><Replace><CmdID>1</CmdID><Item>
//!   <Target><LocURI>./A/B</LocURI></Target><Data>x</Data></Item></Replace></SyncBody></SyncML>"#;
//! let document = dm_xml::parse(text, &dm_xml::Limits::default()).unwrap();
//! let body = SyncBody::read(document.root()).unwrap();
//! let Command::Items(replace) = &body.commands[0] else { panic!() };
//! assert_eq!(replace.verb, Verb::Replace);
//! assert_eq!(replace.items[0].target.as_ref().unwrap().loc_uri, "./A/B");
//! ```

#![no_std]

extern crate alloc;

mod command;
mod content;
mod error;
mod item;
mod location;
pub mod media_type;
mod meta;
mod object;
mod octet_rule;
mod shape;
mod sync_body;
mod sync_hdr;
mod sync_ml;
pub mod tables;
pub mod wbxml;

pub use command::{Alert, Command, Group, GroupKind, ItemCommand, Items, Tolerated, Verb};
pub use error::{Error, ErrorKind};
pub use item::{Data, Item};
pub use location::Location;
pub use meta::Meta;
pub use object::{ObjectError, is_object};
pub use octet_rule::{MetaRule, is_wbxml};
pub use shape::{Shape, ShapeError, reshape};
pub use sync_body::SyncBody;
pub use sync_hdr::{Cred, SyncHdr, VerProto};
pub use sync_ml::SyncMl;
