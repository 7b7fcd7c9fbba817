//! Counter and expiry of a message, as whoever signs it is told. [profile §7]

use std::path::PathBuf;

use clap::Args;
use dm_seal::counters::MOST;
use dm_syncml::SyncHdr;

use crate::command::open::clock;
use crate::counters;
use crate::fault::Fault;
use crate::report::Reporter;

/// What makes a message fresh.
#[derive(Args, Debug)]
pub struct FreshnessOptions {
    /// Add the next counter for the device, or group, and keep in this file that it is used; made,
    /// if there is none. One file serves all devices, and all programs that seal at once.
    #[arg(long, value_name = "FILE")]
    counters: Option<PathBuf>,
    /// Add this counter: above all used before for the device. With --counters, the file goes on
    /// from it; one that is not above the last is refused.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=MOST))]
    pub counter: Option<u64>,
    /// Add this expiry, in seconds since 1970.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=MOST))]
    expires: Option<u64>,
    /// Add an expiry so long after now, by the clock of this machine: 90m, 36h, 7d; s, m, h, d, w.
    #[arg(long, value_name = "DURATION", value_parser = duration, conflicts_with = "expires")]
    expires_in: Option<u64>,
}

impl FreshnessOptions {
    /// When the message expires, in seconds since 1970, if it does.
    pub fn expiry(&self) -> Result<Option<u64>, Fault> {
        let Some(seconds) = self.expires_in else { return Ok(self.expires) };
        let now = clock().ok_or_else(|| {
            Fault::missing("this machine has no clock").next("give --expires SECONDS")
        })?;
        Ok(Some(now.saturating_add(seconds).min(MOST)))
    }

    /// Whether the message gets a number from a file.
    pub fn is_counted(&self) -> bool {
        self.counters.is_some()
    }

    /// Takes a number from the file, if there is one, for the device that this header names.
    pub fn take(&self, header: &SyncHdr<'_>, reporter: &Reporter) -> Result<Option<u64>, Fault> {
        let Some(path) = &self.counters else { return Ok(None) };
        let whose = (header.source.loc_uri.as_ref(), header.target.loc_uri.as_ref());
        counters::take(path, whose, self.counter, reporter).map(Some)
    }
}

/// Seconds, of a number with a unit; as many as an expiry can have.
pub fn duration(text: &str) -> Result<u64, String> {
    let wanted = || "a number with a unit: 90s, 90m, 36h, 7d or 2w".to_owned();
    let unit = text.chars().next_back().ok_or_else(wanted)?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wanted()),
    };
    let number = &text[..text.len() - 1];
    if number.is_empty() || !number.bytes().all(|octet| octet.is_ascii_digit()) {
        return Err(wanted());
    }
    let number = number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds));
    let number = number.filter(|seconds| (1..=MOST).contains(seconds));
    number.ok_or_else(|| format!("from 1s to {MOST}s, and this is not in that range"))
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn a_duration_is_a_number_with_a_unit() {
        let found = ["90s", "90m", "36h", "7d", "2w"].map(|text| duration(text).ok());
        assert_eq!(found, [90, 5_400, 129_600, 604_800, 1_209_600].map(Some));
        for text in ["", "m", "90", "+1m", "1.5h", "0d", "1 d", "7D", "1ü", "99999999999999999w"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_duration_out_of_range_is_not_told_to_have_a_wrong_unit() {
        for text in
            ["0s", "00d", "99999999999999w", "10000000000000000000s", "99999999999999999999s"]
        {
            let said = duration(text).unwrap_err();
            assert!(said.contains("from 1s to 9999999999999999999s"), "{text}: {said}");
        }
        assert_eq!(duration("9999999999999999999s"), Ok(9_999_999_999_999_999_999));
    }
}
