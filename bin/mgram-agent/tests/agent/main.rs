//! The agent as its owner meets it: a process with a configuration, a state and a network.

mod bootstrap;
mod busy;
mod check;
mod damage;
mod device;
mod effects;
mod flood;
mod full_disk;
mod hostile;
mod message;
mod power_cut;
mod process;
mod start;
