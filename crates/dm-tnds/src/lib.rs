//! TNDS: sub-trees of the management tree, serialized. [TNDS 1.2] DDF: their description ([`ddf`]).
//!
//! A [`MgmtTree`] is what a server delivers to `./Inbox` or adds below a node: nodes with
//! names, paths, run-time properties (the ACL among them) and values.
//!
//! ```
//! use dm_tnds::{MgmtTree, Node};
//! let nap = Node::interior("Internet", "urn:oma:mo:oma-connmo-nap:1.0")
//!     .with(Node::leaf("Addr", "internet.example"));
//! assert_eq!(MgmtTree::new(vec![nap]).nodes[0].nodes.len(), 1);
//! ```

#![no_std]

extern crate alloc;

pub mod ddf;
mod error;
mod format;
mod mgmt_tree;
mod node;
mod read;
mod rt_properties;
pub mod tables;
mod write;

pub use error::{Error, ErrorKind};
pub use format::Format;
pub use mgmt_tree::MgmtTree;
pub use node::{Node, Value};
pub use rt_properties::{RtProperties, Type};
