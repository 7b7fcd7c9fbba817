//! The device's runtime: receivers, store, configuration.
//!
//! * [`config`]: what the operator of the device wrote, checked;
//! * [`receive`]: octets from the network into a queue, and no way back.

pub mod config;
pub mod receive;

pub use config::{Config, ConfigError};
