//! How often one source may come, before anything of what it sends is looked at.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use dm_push::pace::Bucket;

use super::Origin;
use crate::config::Rate;

/// The messages that each source has to its credit. At most [`SOURCES`] are remembered; the one that
/// is nearest to its whole credit is forgotten for a new one.
pub(super) struct Meter {
    rate: Rate,
    /// The times of all buckets are counted from here.
    start: Instant,
    sources: Mutex<HashMap<Source, Bucket>>,
}

/// Who is counted together.
#[derive(Clone, Eq, Hash, PartialEq)]
pub(super) enum Source {
    /// An address; of IPv6 the network, for whoever has one address of it has them all.
    Ip(IpAddr),
    Name(String),
}

impl Meter {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, start: Instant::now(), sources: Mutex::default() }
    }

    /// Takes one message off the credit of a source.
    ///
    /// # Errors
    /// How long it is until the source has credit; nothing is taken off then.
    pub(super) fn take(&self, from: &Origin, now: Instant) -> Result<(), Duration> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let (source, now) = (Source::from(from), now.saturating_duration_since(self.start));
        if sources.len() >= SOURCES && !sources.contains_key(&source) {
            make_room(&mut sources, now);
        }
        let new = || Bucket::new(self.rate.interval, self.rate.burst);
        let bucket = sources.entry(source).or_insert_with(new);
        bucket.take(now, 1).map_err(|at| at.saturating_sub(now))
    }
}

/// Forgets those whose credit is whole, which changes nothing; if there are none, the nearest to it.
fn make_room(sources: &mut HashMap<Source, Bucket>, now: Duration) {
    sources.retain(|_, bucket| bucket.whole() > now);
    if sources.len() >= SOURCES
        && let Some(oldest) = sources.values().map(Bucket::whole).min()
    {
        sources.retain(|_, bucket| bucket.whole() > oldest);
    }
}

impl From<&Origin> for Source {
    fn from(origin: &Origin) -> Self {
        match origin.ip().map(|address| address.to_canonical()) {
            Some(IpAddr::V6(address)) => {
                Self::Ip(IpAddr::V6((address.to_bits() & !u128::from(u64::MAX)).into()))
            }
            Some(address) => Self::Ip(address),
            None => match origin {
                // A folder is one source, whatever its files are called.
                Origin::File(path) => {
                    Self::Name(path.parent().unwrap_or(path).to_string_lossy().into_owned())
                }
                other => Self::Name(other.to_string()),
            },
        }
    }
}

/// Sources that are remembered.
const SOURCES: usize = 1024;

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    fn meter() -> Meter {
        Meter::new(Rate { interval: Duration::from_millis(100), burst: 3 })
    }

    fn from(address: &str) -> Origin {
        SocketAddr::new(address.parse().unwrap(), 1).into()
    }

    #[test]
    fn a_burst_is_taken_and_then_one_each_interval() {
        let (meter, now, a) = (meter(), Instant::now(), from("192.0.2.1"));
        assert_eq!([0; 3].map(|_| meter.take(&a, now)), [Ok(()); 3]);
        assert_eq!(meter.take(&a, now), Err(Duration::from_millis(100)));
        assert_eq!(meter.take(&from("192.0.2.2"), now), Ok(()), "others are not touched");
        let later = now + Duration::from_millis(100);
        assert_eq!((meter.take(&a, later), meter.take(&a, later).is_ok()), (Ok(()), false));
        let rested = now + Duration::from_secs(9);
        assert_eq!([0; 4].map(|_| meter.take(&a, rested).is_ok()), [true, true, true, false]);
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_ipv4_inside_it_is_itself() {
        let (meter, now) = (meter(), Instant::now());
        for host in 1..=3 {
            meter.take(&from(&format!("2001:db8::{host}")), now).unwrap();
        }
        assert!(meter.take(&from("2001:db8::ffff"), now).is_err());
        assert!(meter.take(&from("2001:db8:0:1::1"), now).is_ok());
        for _ in 0..3 {
            meter.take(&from("::ffff:192.0.2.1"), now).unwrap();
        }
        assert!(meter.take(&from("192.0.2.1"), now).is_err());
    }

    #[test]
    fn a_folder_is_one_source() {
        let (meter, now) = (meter(), Instant::now());
        let taken = |n| meter.take(&Origin::File(format!("/spool/{n}.wbxml").into()), now).is_ok();
        assert_eq!([1, 2, 3, 4].map(taken), [true, true, true, false]);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_is_forgotten() {
        let (meter, now) = (meter(), Instant::now());
        for number in 0..u32::try_from(SOURCES).unwrap() * 3 {
            let address = SocketAddr::new(IpAddr::V4(number.into()), 1).into();
            meter.take(&address, now + Duration::from_micros(number.into())).unwrap();
        }
        let sources = meter.sources.lock().unwrap();
        assert_eq!(sources.len(), SOURCES);
        assert!(!sources.contains_key(&Source::Ip(IpAddr::V4(0.into()))));
    }
}
