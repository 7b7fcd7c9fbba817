//! The device's runtime: receivers, store, configuration.
//!
//! * [`config`]: what the operator of the device wrote, checked;
//! * [`receive`]: octets from the network into a queue, and no way back;
//! * [`run`]: the agent, from the queue through the gate to the disk;
//! * [`persist`]: the state folder;
//! * [`kept`]: what was acknowledged and waits for its turn;
//! * [`journal`]: what came of each message, in words;
//! * [`status`]: what a running agent tells its owner;
//! * `report`: the journal on its way to a server of the owner;
//! * [`effects`]: what the device does after a message;
//! * [`device_keys`]: what the device decrypts with;
//! * [`descriptions`]: the registry of device descriptions;
//! * [`bootstrap`]: what a device has before its first message.

pub mod bootstrap;
pub mod config;
#[cfg(test)]
mod crash;
pub mod descriptions;
pub mod device_keys;
pub mod effects;
pub mod journal;
mod keeper;
pub mod kept;
mod line;
pub mod persist;
#[cfg(any(feature = "poll", feature = "report"))]
mod position;
pub mod receive;
#[cfg(feature = "report")]
pub mod report;
pub mod run;
pub mod settings;
pub mod status;
mod worker;

pub use config::{Config, ConfigError};
