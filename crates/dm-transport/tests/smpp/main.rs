//! The route to an SMS centre, as whoever sends uses it: against node-smpp, and against the simulated one of
//! the lab, with its faults.

#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;

mod faults;
mod lab;
mod node;
mod route;
mod silent;
mod taken;
mod tshark;
