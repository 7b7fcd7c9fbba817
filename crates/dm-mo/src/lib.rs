//! Management objects as typed views on the tree: DMAcc and DevInfo. [STD 1.2]
//!
//! Objects are found by their Type, wherever they stand, and read through their node set.

#![no_std]

extern crate alloc;

mod confidential;
mod dev_info;
mod dm_acc;

pub use confidential::is_confidential;
pub use dev_info::DevInfo;
pub use dm_acc::{DmAcc, PinnedKey};
