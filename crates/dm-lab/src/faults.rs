//! What the air does to what it carries: nothing, unless a field says otherwise.

use std::ops::Range;
use std::time::Duration;

/// What the air does. Numbers are of a thousand.
///
/// Chance decides about each message once, when it comes, in the order in which messages come: the same seed
/// and the same messages meet the same faults. How long things then take is a matter of the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Faults {
    /// How many get lost, and nobody ever hears of them. Default: none.
    pub lose: u16,
    /// How many arrive, and the device does not take them. Default: none.
    pub undeliverable: u16,
    /// How many arrive twice. Default: none.
    pub duplicate: u16,
    /// How many are held back until the next one to the same device has passed them, or for a second.
    /// Default: none.
    pub reorder: u16,
    /// How long they are on the air. Where the range is wide, they overtake each other. Default: no time.
    pub delay: Range<Duration>,
    /// How many find that their device has just fallen asleep. Default: none.
    pub sleep: u16,
    /// How long a device sleeps then; what comes meanwhile waits. Default: 1 s to 5 s.
    pub asleep: Range<Duration>,
    /// How long a message may take, and wait for a device that sleeps; then it is lost. Default: for ever.
    pub validity: Option<Duration>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            lose: 0,
            undeliverable: 0,
            duplicate: 0,
            reorder: 0,
            delay: Duration::ZERO..Duration::ZERO,
            sleep: 0,
            asleep: Duration::from_secs(1)..Duration::from_secs(5),
            validity: None,
        }
    }
}
