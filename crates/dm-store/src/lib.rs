//! What the server keeps, in one file of SQLite: one thread writes, any number read beside it.
//!
//! ```
//! use dm_store::{Lines, Store};
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(&folder.path().join("marconigram.db"))?;
//! let csv = "id,zone,tags,addresses.sms\nm1,Europe/Helsinki,meter,tel:+358401234567\n";
//! let report = store.import(Lines::csv(csv.as_bytes())?, |_| {})?;
//! assert_eq!((report.new, report.failed), (1, 0));
//! assert_eq!(store.count(&"tag:meter".parse()?)?, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod campaign;
mod error;
mod fleet;
mod schema;
mod store;

pub use campaign::{CampaignId, Kept, Member, MemberId, NewMember, Said};
pub use error::StoreError;
pub use fleet::{After, Bad, Import, LineError, Lines, LinesError, Page};
pub use store::Store;
