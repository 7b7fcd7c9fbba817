//! The Push Access Protocol: messages to a push gateway, which carries them on. [PAP]
//!
//! A gateway's 1001 says that it has the message: rung 2, and never more. What became of it then comes as
//! a notification, if the gateway sends any, to a [`NotificationListener`]; or as the answer to a
//! [`PapRoute::query`].
//!
//! A sending to a device has the same push-id however often it is tried, and to another device another one. A gateway
//! that remembers it answers 2007 to the second time: it has the message, which is what that receipt says, if the
//! ledger knows of a first time. Otherwise somebody else took that push-id, or we did long ago: it is an error.

mod config;
mod exchange;
mod listen;
mod name;
mod send;

pub use config::{Delivery, ListenConfig, PapConfig, pap_target};
pub use listen::{NotificationListener, Unknown};
pub use send::PapRoute;
