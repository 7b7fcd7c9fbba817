//! The XML infoset of a message, its text and its exclusive canonical form.
//!
//! A [`Document`] is what both readers yield, the one of XML text here ([`parse`]) and the one of
//! WBXML in `dm-wbxml`. It is walked as a stream of borrowed [`Event`]s or by [`Element`]; it is
//! written by [`canonical`], which feeds a digest or a string without holding the text. The
//! infoset knows elements with a namespace, attributes without one, and text; no prefixes,
//! comments or processing instructions: nothing that a signature could not see.
//! [XML 1.0], [Namespaces in XML 1.0], [Exclusive C14N 1.0], [profile §1]
//!
//! ```
//! use dm_xml::{Limits, canonical, parse};
//! let text = br#"<a:x xmlns:a="urn:one"><b xmlns="urn:two">1 &lt; 2</b></a:x>"#;
//! let document = parse(text, &Limits::default()).unwrap();
//! assert_eq!(document.root().local(), "x");
//! assert_eq!(
//!     canonical::text(&document),
//!     r#"<x xmlns="urn:one"><b xmlns="urn:two">1 &lt; 2</b></x>"#
//! );
//! ```

#![no_std]

extern crate alloc;

mod assembly;
mod builder;
pub mod canonical;
pub mod character;
mod content;
mod element;
mod error;
mod event;
mod gather;
mod infoset;
mod limits;
mod meter;
mod namespace;
mod parse;
mod profile;
mod sink;

pub use assembly::Assembly;
pub use builder::Builder;
pub use content::{Content, Misplaced};
pub use element::{Attribute, Child, Element, ElementPath, Place, brief};
pub use error::{LimitExceeded, XmlError, XmlErrorKind};
pub use event::{Event, Events};
pub use gather::Gather;
pub use infoset::Document;
pub use limits::Limits;
pub use meter::Meter;
pub use parse::{parse, parse_lenient, read};
pub use profile::{Lenient, Profile, Strict};
pub use sink::{Sink, Stopped, ToInfoset};
