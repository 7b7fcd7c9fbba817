//! The Push Access Protocol: what a server and a push gateway say to each other. [PAP §8, §9]
//!
//! A message goes to the gateway as two parts of one entity: a control document in XML, and the message
//! as it is. [`PushMessage::entity`] writes both. What the gateway says, at once or later, is a [`Document`]:
//! [`read`] takes it with its document type declaration, of which nothing is looked at, and within [`limits`].
//!
//! An [`Address`] and a push-id are checked when they are made: there is a gateway (Kannel 1.4.5) that ends when it
//! gets an address of IP with a number above 255, a push without push-id, or an IPv6 address that is written out;
//! that last one is right, and whoever sends must know what the gateway takes.
//!
//! ```
//! use dm_push::pap::{self, Document, PushMessage};
//! let to: pap::Address = "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example".parse()?;
//! let entity = PushMessage::new("7@server.example", to)?.entity(b"\x02...")?;
//! assert!(entity.content_type.starts_with("multipart/related; type=\"application/xml\""));
//!
//! let answer = br#"<?xml version="1.0"?><!DOCTYPE pap PUBLIC "-//WAPFORUM//DTD PAP 2.0//EN"
//!     "http://www.wapforum.org/DTD/pap_2.0.dtd"><pap><push-response push-id="7@server.example">
//!     <response-result code="1001" desc="accepted"/></push-response></pap>"#;
//! let Document::PushResponse(response) = pap::read(answer)? else { unreachable!() };
//! assert_eq!(response.result.code.step(), pap::Step::Taken);
//! # Ok::<(), dm_push::Error>(())
//! ```

mod address;
mod code;
mod document;
mod fault;
mod read;
mod related;
mod state;
#[cfg(test)]
mod tests;
mod timestamp;
mod write;

pub use address::{Address, Device};
pub use code::{Code, Meaning, Step};
pub use document::{
    Document, Exchanged, PushMessage, PushResponse, Report, ReportAnswer, Results, Selection,
    Verdict, Word,
};
pub use fault::PapFault;
pub use read::{limits, read};
pub use related::{Entity, Parts, split};
pub use state::State;
pub use timestamp::Timestamp;

/// The media type of a control document, and of every answer.
pub const MEDIA_TYPE: &str = "application/xml";
/// Octets of a push-id, or of another attribute that we write, at most.
pub const MAX_ATTRIBUTE: usize = 1_024;
