//! What to try next for one device.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Claim, Evidence, Policy, Record, Retry, Status};

/// How often a route is tried, and how long is waited.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retries {
    /// Attempts on this route before the next one is tried. Default: 3.
    pub attempts: u32,
    /// How long is waited after the first failure; it doubles with each. Default: 1 minute.
    pub wait: SignedDuration,
    /// It never gets longer than this. Default: 1 hour.
    pub longest_wait: SignedDuration,
    /// How long this route has for its receipt that the device was reached, after which the next one is tried.
    /// Default: none, who was handed over to is waited for until the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fall_back_after: Option<SignedDuration>,
}

/// What to do with one device now.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Step {
    /// Begin this attempt on this route.
    Send {
        /// The number of the attempt, from 1: with campaign and device, its one key.
        attempt: u32,
        /// The route, of those that the campaign names.
        route: u8,
    },
    /// Nothing before that; the end of time, if only a receipt can change anything.
    Wait(Timestamp),
    /// Nothing any more, and nobody took it: this is to be added, of the message itself.
    GiveUp(Claim),
    /// Nothing any more.
    Settled,
}

impl Record {
    /// What to try next, for a device that has these routes of the campaign, in this order.
    ///
    /// An attempt that was begun and of which nothing more is known may have left: the server stopped between. It
    /// is begun again under its own number, with the same octets, and the device drops what comes twice.
    ///
    /// ```
    /// use dm_campaign::{Claim, Evidence, Policy, Record, Retry, Step};
    /// let policy: Policy = toml::from_str("routes = ['sms', 'poll']\nexpiry = '2026-12-04T18:00:00Z'")?;
    /// let now = jiff::Timestamp::from_second(1_795_000_000).unwrap();
    /// let mut record = Record::default();
    /// assert_eq!(record.step(&policy, &[0, 1], now), Step::Send { attempt: 1, route: 0 });
    /// record.add(Evidence::begun(1, 0, now));
    /// record.add(Evidence::new(Claim::Failed(Retry::OtherRoute), 1, now));
    /// assert_eq!(record.step(&policy, &[0, 1], now), Step::Send { attempt: 2, route: 1 });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn step(&self, policy: &Policy, routes: &[u8], now: Timestamp) -> Step {
        if self.is_settled() {
            return Step::Settled;
        }
        let (expiry, since) = (policy.expiry, self.since());
        let never = |it: &Evidence| it.claim == Claim::Failed(Retry::Never) && it.attempt > since;
        match self.next(policy, routes, now) {
            _ if self.evidence().iter().any(never) => self.end(Claim::Undeliverable),
            _ if now >= expiry => self.end(Claim::Expired),
            None => self.end(Claim::Undeliverable),
            Some((_, _, at)) if at > now => Step::Wait(at.min(expiry)),
            Some((attempt, route, _)) => Step::Send { attempt, route },
        }
    }

    /// Whether nothing more is to be tried, whatever routes there are.
    fn is_settled(&self) -> bool {
        let is_there = match self.status() {
            Status::Reached | Status::Accepted | Status::InEffect => true,
            // A person has to look at it: another attempt would not tell more.
            status => status == Status::Contradicted,
        };
        is_there || self.evidence().iter().any(|it| it.claim == Claim::RefusedByDevice)
    }

    /// Nothing is left to be tried: settled, if something is known of it, or given up so.
    fn end(&self, claim: Claim) -> Step {
        match self.status() {
            Status::Drafted | Status::Sealed => Step::GiveUp(claim),
            _ => Step::Settled,
        }
    }

    /// The next attempt: its number, its route, when.
    fn next(&self, policy: &Policy, routes: &[u8], now: Timestamp) -> Option<(u32, u8, Timestamp)> {
        let (last, since) = (self.attempts(), self.since());
        let begun = |route: u8| move |it: &&Evidence| it.claim == Claim::Begun { route };
        let said = || self.evidence().iter().filter(move |it| it.attempt == last);
        if last == since {
            let first = *routes.first()?;
            return Some((last.checked_add(1)?, first, now));
        }
        let route = said().find_map(|it| match it.claim {
            Claim::Begun { route } => Some(route),
            _ => None,
        })?;
        let Some(outcome) = self.outcome(last) else { return Some((last, route, now)) };
        let at = said().map(|it| it.at).max()?;
        let later = |by| at.saturating_add(by).unwrap_or(Timestamp::MAX);
        let other = routes.iter().skip_while(|it| **it != route).nth(1).copied();
        let (number, retries) = (last.checked_add(1)?, policy.retries(route));
        let tried = self.evidence().iter().filter(|it| it.attempt > since).filter(begun(route));
        let tried = u32::try_from(tried.count()).unwrap_or(u32::MAX);
        match (outcome, other) {
            (Outcome::HandedOver, Some(other)) => {
                Some((number, other, retries.fall_back_after.map_or(Timestamp::MAX, later)))
            }
            // Who has no other route is waited for.
            (Outcome::HandedOver, None) => Some((number, route, Timestamp::MAX)),
            (Outcome::Failed(Retry::Again), _) if tried < retries.attempts => {
                Some((number, route, later(retries.pause(tried))))
            }
            (Outcome::Failed(_), other) => other.map(|other| (number, other, now)),
        }
    }

    /// How an attempt ended; nothing, if that is not known.
    fn outcome(&self, attempt: u32) -> Option<Outcome> {
        let failed = self.evidence().iter().filter(|it| it.attempt == attempt).find_map(|it| {
            match it.claim {
                Claim::Failed(retry) => Some(Outcome::Failed(retry)),
                _ => None,
            }
        });
        match self.of_attempt(attempt) {
            Some(Status::HandedOver) => Some(Outcome::HandedOver),
            // A gateway that gave up may be asked again: the device may be there by then.
            Some(Status::Expired) => Some(Outcome::Failed(Retry::Again)),
            Some(_) => Some(Outcome::Failed(Retry::OtherRoute)),
            None => failed,
        }
    }

    /// The last attempt before somebody wanted it tried again; 0, if nobody did.
    fn since(&self) -> u32 {
        let again = self.evidence().iter().filter(|it| it.claim == Claim::Retried);
        again.map(|it| it.attempt).max().unwrap_or(0)
    }
}

#[derive(Clone, Copy)]
enum Outcome {
    HandedOver,
    Failed(Retry),
}

impl Step {
    /// When something is to be done: now, later, or never.
    #[must_use]
    pub fn due(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::Send { .. } | Self::GiveUp(_) => Some(now),
            Self::Wait(until) => Some(until),
            Self::Settled => None,
        }
    }
}

impl Retries {
    /// How long is waited after so many failures.
    fn pause(&self, failures: u32) -> SignedDuration {
        let factor = 1_i32.checked_shl(failures.saturating_sub(1).min(30)).unwrap_or(i32::MAX);
        self.wait.saturating_mul(factor).min(self.longest_wait)
    }
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 3,
            wait: SignedDuration::from_mins(1),
            longest_wait: SignedDuration::from_hours(1),
            fall_back_after: None,
        }
    }
}

impl Evidence {
    /// An attempt begins: kept before its octets leave.
    #[must_use]
    pub const fn begun(attempt: u32, route: u8, at: Timestamp) -> Self {
        Self::new(Claim::Begun { route }, attempt, at)
    }
}

#[cfg(test)]
mod tests;
