//! The route by MQTT: to a broker whose packets the test gives, and to Mosquitto.

#[path = "../../../dm-agent/tests/receive/authority.rs"]
mod authority;
mod broker;
mod lab;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod mosquitto;
#[path = "../../../../tests/peers/peer.rs"]
mod peer;
