//! `from`: who may push to a listener. [Sessionless §5.3]

use std::net::IpAddr;
use std::str::FromStr;

use serde::Deserialize;

/// Addresses that may push; never empty.
///
/// ```
/// use dm_agent::config::SourceList;
/// let list = SourceList::new(vec!["10.20.0.0/16".parse()?, "::1".parse()?]).unwrap();
/// assert!(list.contains("10.20.3.4".parse()?));
/// assert!(!list.contains("10.21.3.4".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SourceList(Vec<SourceRange>);

/// One IP address, or all that share a prefix.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "String")]
pub struct SourceRange {
    network: IpAddr,
    prefix: u32,
}

/// A source cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceRangeError {
    /// Neither an address nor a prefix.
    #[error("`{0}` is no source: write an IP address, or a prefix such as 10.20.0.0/16")]
    Form(String),
    /// The address has bits that the prefix does not cover.
    #[error("`{0}` has bits set beyond its prefix: write {1}/{2} or the address alone")]
    Stray(String, IpAddr, u32),
}

impl SourceList {
    /// A list of these; none if there are none.
    #[must_use]
    pub fn new(ranges: Vec<SourceRange>) -> Option<Self> {
        (!ranges.is_empty()).then_some(Self(ranges))
    }

    /// Whether this address may push. An IPv4 address inside IPv6 counts as itself.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|range| range.contains(address))
    }
}

impl SourceRange {
    fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_ipv4() == self.network.is_ipv4() && masked(address, self.prefix) == self.network
    }
}

impl FromStr for SourceRange {
    type Err = SourceRangeError;

    fn from_str(text: &str) -> Result<Self, SourceRangeError> {
        let form = || SourceRangeError::Form(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| form())?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            Some(digits) if digits.bytes().all(|octet| octet.is_ascii_digit()) => {
                digits.parse().ok().filter(|prefix| *prefix <= width).ok_or_else(form)?
            }
            Some(_) => return Err(form()),
            None => width,
        };
        let network = masked(address, prefix);
        if network != address {
            return Err(SourceRangeError::Stray(text.to_owned(), network, prefix));
        }
        // Senders are known by their canonical address, and so must be what they are held against.
        match network.to_canonical() {
            v4 @ IpAddr::V4(_) if prefix + 32 >= width => {
                Ok(Self { network: v4, prefix: prefix + 32 - width })
            }
            _ => Ok(Self { network, prefix }),
        }
    }
}

impl TryFrom<String> for SourceRange {
    type Error = SourceRangeError;

    fn try_from(text: String) -> Result<Self, SourceRangeError> {
        text.parse()
    }
}

fn masked(address: IpAddr, prefix: u32) -> IpAddr {
    match address {
        IpAddr::V4(v4) => {
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            IpAddr::V4((v4.to_bits() & mask).into())
        }
        IpAddr::V6(v6) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            IpAddr::V6((v6.to_bits() & mask).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contains(range: &str, address: &str) -> bool {
        range.parse::<SourceRange>().unwrap().contains(address.parse().unwrap())
    }

    #[test]
    fn an_address_stands_for_itself() {
        assert!(contains("192.0.2.7", "192.0.2.7"));
        assert!(!contains("192.0.2.7", "192.0.2.6"));
        assert!(contains("2001:db8::1", "2001:db8::1"));
    }

    #[test]
    fn a_prefix_ends_inside_an_octet() {
        assert!(contains("10.64.0.0/10", "10.127.255.255"));
        assert!(!contains("10.64.0.0/10", "10.128.0.0"));
        assert!(contains("2001:db8:8000::/33", "2001:db8:ffff::1"));
        assert!(!contains("2001:db8:8000::/33", "2001:db8:7fff::1"));
    }

    #[test]
    fn prefix_zero_covers_its_own_family_only() {
        assert!(contains("0.0.0.0/0", "203.0.113.1"));
        assert!(!contains("0.0.0.0/0", "::1"));
        assert!(contains("::/0", "2001:db8::1"));
        assert!(!contains("::/0", "203.0.113.1"));
    }

    #[test]
    fn an_ipv4_address_inside_ipv6_counts_as_itself() {
        assert!(contains("192.0.2.0/24", "::ffff:192.0.2.7"));
        assert!(!contains("::/0", "::ffff:192.0.2.7"));
        for range in ["::ffff:192.0.2.7", "::ffff:192.0.2.0/120"] {
            assert!(contains(range, "192.0.2.7") && contains(range, "::ffff:192.0.2.7"), "{range}");
            assert!(!contains(range, "192.0.3.7"), "{range}");
        }
    }

    #[test]
    fn what_is_no_source_is_refused() {
        for text in
            ["", "localhost", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/+8", "10.0.0/8", "::/129"]
        {
            assert_eq!(text.parse::<SourceRange>(), Err(SourceRangeError::Form(text.into())));
        }
        let stray = "10.1.0.0/8".parse::<SourceRange>().unwrap_err();
        assert!(stray.to_string().ends_with("write 10.0.0.0/8 or the address alone"), "{stray}");
    }
}
