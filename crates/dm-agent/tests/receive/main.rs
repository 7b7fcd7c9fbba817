//! Receivers on real sockets of this machine.

#[cfg(feature = "tls")]
mod authority;
mod http;
#[cfg(feature = "sms")]
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod lifetime;
mod limits;
#[cfg(feature = "mqtt")]
mod mqtt;
#[cfg(feature = "poll")]
mod poll;
#[cfg(feature = "sip")]
mod registrar;
mod rig;
#[cfg(feature = "sip")]
mod sip;
#[cfg(feature = "sms")]
mod sms;
#[cfg(feature = "spool")]
mod spool;
#[cfg(feature = "tls")]
mod tls;
mod udp;
