//! The agent as its owner meets it: a process with a configuration, a state and a network.

#[path = "../../../../crates/dm-agent/tests/receive/authority.rs"]
mod authority;
mod bootstrap;
mod bootstrap_push;
mod busy;
mod check;
mod damage;
mod descriptions;
mod device;
mod effects;
mod flood;
mod full_disk;
mod hostile;
mod install;
mod kannel;
mod lab;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod message;
#[path = "../../../../tests/peers/peer.rs"]
mod peer;
mod power_cut;
mod process;
mod receivers;
mod report;
mod sip;
mod sip_push;
mod sms;
mod start;
mod status;
mod systemd;
mod unit;
