//! Management objects as typed views on the tree: DMAcc, DevInfo, DevDetail, and NAP and Proxy of
//! ConnMO. [STD 1.2, ConnMO 1.0]
//!
//! Objects are found by their Type, wherever they stand, and read through their node set. [`VIEWS`]
//! lists them, each with its device description.

#![no_std]

extern crate alloc;

mod account;
mod confidential;
mod dev_detail;
mod dev_info;
mod dm_acc;
mod error;
mod nap;
mod object;
mod proxy;
mod view;

pub use account::{Account, AppAddr, AppAuth};
pub use confidential::is_confidential;
pub use dev_detail::DevDetail;
pub use dev_info::DevInfo;
pub use dm_acc::{DmAcc, PinnedKey};
pub use error::MoError;
pub use nap::{Auth, Bearer, Ip, Nap, Wlan};
pub use object::Secret;
pub use proxy::{Port, Proxy};
pub use view::{VIEWS, View};
