//! Receivers on real sockets of this machine.

mod http;
mod lifetime;
mod limits;
mod rig;
#[cfg(feature = "spool")]
mod spool;
mod udp;
