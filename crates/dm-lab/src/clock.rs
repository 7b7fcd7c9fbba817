//! The clock on the wall, and the one that timers go by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dm_push::pap::Timestamp;
use tokio::time::Instant;

pub(crate) fn now() -> Timestamp {
    Timestamp::from_unix(since_1970().as_secs())
}

/// When it is so late on the wall, by the other clock. What is past is now.
pub(crate) fn instant(time: Timestamp) -> Instant {
    let left = Duration::from_secs(time.unix()).saturating_sub(since_1970());
    let now = Instant::now();
    now.checked_add(left).unwrap_or(now + Duration::from_secs(366 * 86_400))
}

fn since_1970() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
