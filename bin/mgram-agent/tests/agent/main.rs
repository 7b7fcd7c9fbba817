//! The agent as its owner meets it: a process with a configuration, a state and a network.

mod busy;
mod check;
mod device;
mod full_disk;
mod hostile;
mod message;
mod power_cut;
mod process;
mod receivers;
mod start;
