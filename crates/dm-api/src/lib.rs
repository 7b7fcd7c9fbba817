//! What the server and its clients say to each other. Types alone: no I/O, and nothing that decides.

#![no_std]

extern crate alloc;

mod device;
mod name;
mod query;

pub use device::{Account, Capabilities, Device};
pub use name::{DeviceId, NameError, Word};
pub use query::{Query, QueryError};
