//! The route by SIP: to proxies and devices whose messages the test gives, to Kamailio and to sipp.

#[path = "../../../dm-agent/tests/receive/authority.rs"]
mod authority;
mod datagrams;
mod decoded;
mod faults;
mod kamailio;
mod lab;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod login;
#[path = "../../../../tests/peers/peer.rs"]
mod peer;
mod stream;
