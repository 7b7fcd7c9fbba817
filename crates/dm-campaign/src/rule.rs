//! Rules on what a tally may say: when a campaign stops by itself, and when a gate opens.

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::{Share, Status, Tally};

/// Which devices a stop rule counts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Those that cannot be reached, or whose time was over.
    Undeliverable,
    /// Those that refused it.
    Refused,
    /// Those of which two things are said that cannot both be.
    Contradicted,
    /// Those of which nothing new came. They are no failure, and no success: too many of them are a reason to look.
    Silent,
}

/// A rule that does not hold.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Broken {
    /// Which.
    pub rule: Rule,
    /// So many devices.
    pub count: u64,
    /// Of so many for which anything was sent.
    pub of: u64,
    /// What was allowed.
    pub allowed: Share,
}

impl Rule {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 4] =
        [Self::Contradicted, Self::Refused, Self::Undeliverable, Self::Silent];

    /// How many devices it counts.
    #[must_use]
    pub fn count(self, tally: &Tally) -> u64 {
        match self {
            Self::Undeliverable => tally[Status::Undeliverable] + tally[Status::Expired],
            Self::Refused => tally[Status::Refused],
            Self::Contradicted => tally[Status::Contradicted],
            Self::Silent => tally.silent,
        }
    }

    /// The word on screen.
    #[must_use]
    pub const fn on_screen(self) -> &'static str {
        match self {
            Self::Undeliverable => "undeliverable",
            Self::Refused => "refused",
            Self::Contradicted => "contradicted",
            Self::Silent => "silent",
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, count, of, allowed } = self;
        write!(f, "{count} of {of} devices are {}, and {allowed} are allowed", rule.on_screen())
    }
}
