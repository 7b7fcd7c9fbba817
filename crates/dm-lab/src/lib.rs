//! A lab of transports: what a message meets on its way, simulated, fast, and with every fault on demand.
//!
//! It is made for tests, ours and those of whoever uses Marconigram: no program to install, no fixed port, and
//! the same seed gives the same faults.
//!
//! [`SmsCentre`] speaks SMPP to whoever binds, carries segments over an air that loses, delays and repeats
//! them, and gives receipts. Devices get whole segments, or pushes by UDP. [`Gateway`] speaks PAP to whoever posts,
//! and tells what became of pushes. [`Bearer`] takes datagrams, from the gateway or by UDP, and carries them to
//! devices. All have the same air: what it does is in [`Faults`].
//!
//! ```no_run
//! use dm_lab::{Behaviour, SmsCentre};
//! # async fn example() -> std::io::Result<()> {
//! let behaviour = Behaviour { seed: 7, lose: 20, duplicate: 50, ..Behaviour::default() };
//! let (centre, mut segments) = SmsCentre::with_segments(behaviour).await?;
//! println!("bind to {} as {:?}", centre.address(), centre.behaviour().system_id);
//! while let Some(segment) = segments.recv().await {
//!     println!("{} got {} octets", segment.destination, segment.user_data.len());
//! }
//! # Ok(())
//! # }
//! ```

mod air;
mod bearer;
mod behaviour;
mod chance;
mod clock;
mod devices;
mod event;
mod faults;
mod gateway;
mod lock;
mod sms_centre;

pub use air::Outcome;
pub use bearer::{Bearer, BearerCounts};
pub use behaviour::{Behaviour, Cut, Receipts};
pub use event::{By, Event, Kind, Watcher};
pub use faults::Faults;
pub use gateway::{Answer, Gateway, GatewayBehaviour, GatewayCounts, Posted};
pub use sms_centre::{Counts, Segment, SmsCentre, Submitted};
