//! The fleet: devices, found by a query.

mod import;
mod lines;
mod patch;

use dm_api::{Device, DeviceId, Query};
use rusqlite::{OptionalExtension, params};

pub use import::{Import, LineError};
pub use lines::{Bad, Lines, LinesError};

use crate::{Store, StoreError};

/// The place behind a device in the order of the fleet.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct After(pub i64);

/// Some devices, in the order in which they came to the fleet.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// The devices.
    pub devices: Vec<Device>,
    /// Where the next page begins; nothing, if there is none.
    pub next: Option<After>,
}

impl Store {
    /// A device by its name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn device(&self, id: &DeviceId) -> Result<Option<Device>, StoreError> {
        self.read(|transaction| {
            let mut wanted = transaction.prepare_cached("SELECT body FROM device WHERE id = ?1")?;
            let body = wanted.query_row([id.as_str()], |row| row.get::<_, String>(0)).optional()?;
            body.map(|body| device(&body)).transpose()
        })
    }

    /// So many devices that a query means, behind that place.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn devices(&self, query: &Query, after: After, most: usize) -> Result<Page, StoreError> {
        let mut page = Page { devices: Vec::new(), next: None };
        self.each(query, after, |n, device| {
            // The one too many says that there is a next page.
            if page.devices.len() == most {
                return false;
            }
            page.devices.push(device);
            page.next = Some(After(n));
            true
        })
        .map(|is_all| Page { next: page.next.filter(|_| !is_all), ..page })
    }

    /// How many devices a query means.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn count(&self, query: &Query) -> Result<u64, StoreError> {
        let mut count = 0;
        self.each(query, After::default(), |_, _| {
            count += 1;
            true
        })?;
        Ok(count)
    }

    /// Shows each device that a query means, one at a time, until that is enough. Whether it was all of them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn each(
        &self,
        query: &Query,
        after: After,
        mut see: impl FnMut(i64, Device) -> bool,
    ) -> Result<bool, StoreError> {
        self.read(|transaction| {
            let wanted = "SELECT n, body FROM device WHERE n > ?1 ORDER BY n";
            let mut wanted = transaction.prepare_cached(wanted)?;
            let mut rows = wanted.query([after.0])?;
            while let Some(row) = rows.next()? {
                let device = device(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
                if query.matches(&device) && !see(row.get(0)?, device) {
                    return Ok(false);
                }
            }
            Ok(true)
        })
    }

    /// Takes devices out of the fleet. How many of them were in it.
    ///
    /// # Errors
    /// [`StoreError`]; then all of them are still there.
    pub fn remove(&self, ids: Vec<DeviceId>) -> Result<usize, StoreError> {
        self.write(move |transaction| {
            let mut remove = transaction.prepare_cached("DELETE FROM device WHERE id = ?1")?;
            let mut removed = 0;
            for id in &ids {
                removed += remove.execute(params![id.as_str()])?;
            }
            Ok(removed)
        })
    }
}

fn device(body: &str) -> Result<Device, StoreError> {
    let why = |error: serde_json::Error| error.to_string();
    serde_json::from_str(body)
        .map_err(|error| StoreError::Broken { what: "device", why: why(error) })
}
