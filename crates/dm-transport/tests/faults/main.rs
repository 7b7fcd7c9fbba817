//! Every fault of a way, on every route that can meet it: what was accepted for sending is not lost, and is not
//! sent twice but where `docs/faults.md` says so, and then with the same octets.
//!
//! A file is a fault, and a test in it a route. Each has an outbox on the disk, a route as its
//! configuration makes it, and a peer whose mood changes.

#[path = "../../../dm-agent/tests/receive/authority.rs"]
mod authority;
mod peer;
mod rig;
mod tongue;

mod absent;
mod cut;
mod dns;
mod expired;
mod half_open;
mod hostile;
mod lost;
mod page;
mod password;
mod receipts;
mod restart;
mod slow;
mod throttled;
mod wait;
