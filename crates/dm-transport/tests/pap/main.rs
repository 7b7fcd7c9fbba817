//! The route to a push gateway: to Kannel, to a gateway of our own, and what gateways tell later.

#[path = "../../../dm-agent/tests/receive/authority.rs"]
mod authority;
mod gateway;
mod kannel;
mod lab;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod notifications;
#[path = "../../../../tests/peers/peer.rs"]
mod peer;
mod route;
