//! The management tree: nodes, ACL, TNDS, Inbox, transactions. [TND 1.2, TNDS 1.2]
//!
//! A [`Tree`] is a map from [`Uri`] to [`Node`]. It is changed by a [`Transaction`] only, which
//! acts for one ServerID [Sessionless §5.5], asks the [`Acl`]s and the [`Rules`] of the maker
//! before each step, and can undo everything it did. What a transaction did is a [`Changes`],
//! which a [`store::Store`] makes durable in one step.
//!
//! ```
//! use dm_tree::{AclCommand, Node, Rules, Status, Transaction, Tree, Uri};
//!
//! let mut tree = Tree::new();
//! let rules = Rules::default();
//!
//! // Anybody may add below the root; who adds an interior node gets rights on it.
//! let mut transaction = Transaction::begin(&mut tree, &rules, "srv.example");
//! transaction.add(Uri::parse("./Vendor")?, Node::interior(""))?;
//! transaction.add(Uri::parse("./Vendor/Speed")?, Node::text("7"))?;
//! assert_eq!(transaction.commit(None).iter().count(), 2);
//!
//! // Another server has none.
//! let vendor = Uri::parse("./Vendor")?;
//! assert!(!tree.allows("other.example", AclCommand::Delete, &vendor));
//! let mut transaction = Transaction::begin(&mut tree, &rules, "other.example");
//! let failure = transaction.delete(&vendor).unwrap_err();
//! assert_eq!(failure.status(), Status::PermissionDenied);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate has no clock, no file, no socket and no random source: the time is an argument of
//! [`Transaction::commit`], the disk is behind [`store::Store`].

#![no_std]

extern crate alloc;

mod acl;
mod changes;
mod descriptions;
mod error;
mod inbox;
mod mo_id;
mod node;
mod note;
mod policy;
mod property;
mod reference;
mod rules;
mod status;
pub mod store;
mod target;
mod tnds;
mod transaction;
mod tree;
mod uri;
#[cfg(test)]
mod work;

pub use acl::{Acl, AclCommand};
pub use changes::{Change, Changes};
pub use descriptions::{Described, DescriptionError, Descriptions, Home};
pub use error::{AclError, CorruptNode, Failure, Reason, TargetError, TreeError, UriError};
pub use mo_id::MoId;
pub use node::{Node, NodeType, Octets};
pub use note::Note;
pub use policy::{ObjectPolicy, Unprepared};
pub use property::Property;
pub use rules::{AccessType, Limits, Rules};
pub use status::Status;
pub use target::Target;
pub use tnds::OBJECT_DEPTH;
pub use transaction::{Savepoint, Transaction};
pub use tree::Tree;
pub use uri::Uri;
