//! Freshness: counters, expiry, and messages seen before. [profile §7]

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, VecDeque};
use alloc::string::String;
use alloc::vec::Vec;

use thiserror::Error;

use crate::Refusal;

/// Digests remembered per account.
pub const REMEMBERED: usize = 256;
/// How far below the highest a counter may still come.
pub const WINDOW: u64 = 64;

/// What a device demands of counters. The cache of digests is never off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// A counter is checked when there is one.
    #[default]
    IfPresent,
    /// Counter and expiry are not looked at.
    Off,
    /// A counter must be there.
    Required,
}

/// What `SyncHdr/Meta/EMI` says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Emi {
    /// `c`: the counter.
    pub counter: Option<u64>,
    /// `x`: the expiry in seconds since 1970.
    pub expiry: Option<u64>,
}

/// `EMI` is malformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EmiError {
    /// `c` or `x` twice.
    #[error("EMI has its counter or its expiry twice")]
    Doubled,
    /// `c` or `x` is no decimal number of at most 19 digits.
    #[error("the counter or the expiry in EMI is not a decimal number of 1 to 19 digits")]
    Number,
    /// More than one `EMI`.
    #[error("there is more than one EMI")]
    Several,
}

impl Emi {
    /// Reads the EMI elements of a header: none, or one.
    ///
    /// # Errors
    /// When there are several, or the counter or expiry is malformed or doubled. Unknown parts
    /// are ignored.
    ///
    /// ```
    /// use dm_client::freshness::Emi;
    /// let emi = Emi::read(["c=7;x=1780000000;new=1"]).unwrap();
    /// assert_eq!((emi.counter, emi.expiry), (Some(7), Some(1_780_000_000)));
    /// assert!(Emi::read(["c=-1"]).is_err());
    /// ```
    pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, EmiError> {
        let mut texts = texts.into_iter();
        let text = texts.next().unwrap_or_default();
        if texts.next().is_some() {
            return Err(EmiError::Several);
        }
        let mut emi = Self::default();
        for part in text.split(';') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let slot = match name {
                "c" => &mut emi.counter,
                "x" => &mut emi.expiry,
                _ => continue,
            };
            let is_number = (1..=19).contains(&value.len())
                && value.bytes().all(|octet| octet.is_ascii_digit());
            let number = value.parse().ok().filter(|_| is_number).ok_or(EmiError::Number)?;
            if slot.replace(number).is_some() {
                return Err(EmiError::Doubled);
            }
        }
        Ok(emi)
    }
}

/// What a message brings to be judged by.
#[derive(Clone, Copy, Debug)]
pub struct Mark<'a> {
    /// SHA-256 of the canonical message without its signature.
    pub digest: [u8; 32],
    /// Its Target: counters of the device and of its groups count apart.
    pub target: &'a str,
    /// Its counter and expiry.
    pub emi: Emi,
}

/// What a device remembers of one account; durable before a command has an effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// Per Target (the device's own id, each group id).
    windows: BTreeMap<String, Window>,
    /// The last digests, oldest first.
    digests: VecDeque<[u8; 32]>,
}

/// The highest counter and which of the 64 below it were used: bit n is `highest - 1 - n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    highest: u64,
    used: u64,
}

impl Freshness {
    /// The same, with room for the digest of one message more.
    pub(crate) fn with_room(&self) -> Self {
        let mut digests = VecDeque::with_capacity((self.digests.len() + 1).min(REMEMBERED));
        let (older, newer) = self.digests.as_slices();
        digests.extend(older);
        digests.extend(newer);
        Self { windows: self.windows.clone(), digests }
    }

    /// Accepts a message and remembers it, or leaves everything as it is.
    ///
    /// `now` is the device's clock in seconds since 1970, if it has one it trusts.
    ///
    /// # Errors
    /// When the message was seen before, its counter was used, is too old or missing, or it has
    /// expired.
    pub fn accept(
        &mut self,
        mark: &Mark<'_>,
        policy: Policy,
        now: Option<u64>,
    ) -> Result<(), Refusal> {
        let Mark { digest, target, emi } = *mark;
        if self.digests.contains(&digest) {
            return Err(Refusal::Replayed);
        }
        if policy != Policy::Off {
            if let (Some(expiry), Some(now)) = (emi.expiry, now)
                && now > expiry
            {
                return Err(Refusal::Expired { expiry, now });
            }
            match emi.counter {
                Some(counter) => self.count(target, counter)?,
                None if policy == Policy::Required => return Err(Refusal::CounterMissing),
                None => {}
            }
        }
        if self.digests.len() == REMEMBERED {
            self.digests.pop_front();
        }
        self.digests.push_back(digest);
        Ok(())
    }

    fn count(&mut self, target: &str, counter: u64) -> Result<(), Refusal> {
        let Some(window) = self.windows.get_mut(target) else {
            self.windows.insert(target.to_owned(), Window { highest: counter, used: 0 });
            return Ok(());
        };
        if counter > window.highest {
            let ahead = counter - window.highest;
            // The counter that was the highest is now `ahead` below.
            let shifted = u32::try_from(ahead).ok().and_then(|by| window.used.checked_shl(by));
            let last = if ahead <= WINDOW { 1 << (ahead - 1) } else { 0 };
            *window = Window { highest: counter, used: shifted.unwrap_or(0) | last };
            return Ok(());
        }
        let below = window.highest - counter;
        if below > WINDOW {
            return Err(Refusal::CounterTooOld { counter, highest: window.highest });
        }
        let bit = below.checked_sub(1).map(|shift| 1 << shift);
        match bit {
            Some(bit) if window.used & bit == 0 => {
                window.used |= bit;
                Ok(())
            }
            _ => Err(Refusal::CounterUsed(counter)),
        }
    }

    /// The highest counter of each Target: the device's own id, each group id.
    pub fn highest(&self) -> impl Iterator<Item = (&str, u64)> {
        self.windows.iter().map(|(target, window)| (target.as_str(), window.highest))
    }

    /// How many messages are remembered by their digests.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.digests.len()
    }

    /// The octets that a store keeps.
    ///
    /// Format octet 1; number of windows (u16), each: length of the Target (u16), Target in
    /// UTF-8, highest (u64), used (u64); then the digests, 32 octets each, oldest first. Numbers
    /// are big-endian.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let names: usize = self.windows.keys().map(|target| target.len() + 18).sum();
        let mut octets = Vec::with_capacity(3 + names + self.digests.len() * 32);
        octets.push(1);
        let count = u16::try_from(self.windows.len()).unwrap_or(u16::MAX);
        octets.extend(count.to_be_bytes());
        for (target, window) in self.windows.iter().take(count.into()) {
            let length = u16::try_from(target.len()).unwrap_or(u16::MAX);
            octets.extend(length.to_be_bytes());
            octets.extend(&target.as_bytes()[..length.into()]);
            octets.extend(window.highest.to_be_bytes());
            octets.extend(window.used.to_be_bytes());
        }
        self.digests.iter().for_each(|digest| octets.extend_from_slice(digest));
        octets
    }

    /// Reads what [`encode`](Self::encode) wrote; none when the octets are something else.
    #[must_use]
    pub fn decode(octets: &[u8]) -> Option<Self> {
        let rest = octets.strip_prefix(&[1])?;
        let (count, mut rest) = rest.split_first_chunk()?;
        let mut found = Self::default();
        for _ in 0..u16::from_be_bytes(*count) {
            let (length, after) = rest.split_first_chunk()?;
            let (target, after) = after.split_at_checked(u16::from_be_bytes(*length).into())?;
            let (highest, after) = after.split_first_chunk()?;
            let (used, after) = after.split_first_chunk()?;
            let window =
                Window { highest: u64::from_be_bytes(*highest), used: u64::from_be_bytes(*used) };
            found.windows.insert(core::str::from_utf8(target).ok()?.to_owned(), window);
            rest = after;
        }
        let (digests, []) = rest.as_chunks::<32>() else { return None };
        found.digests.extend(digests);
        (found.digests.len() <= REMEMBERED).then_some(found)
    }
}

#[cfg(test)]
mod tests;
