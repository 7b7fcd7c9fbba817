//! `WAPPUSH=.../TYPE=...@GATEWAY`: the address of a device, as a push gateway knows it. [PAP §8.1, PPG §7]

use alloc::string::{String, ToString};
use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};
use core::str::FromStr;

use super::PapFault;
use crate::{Error, ErrorKind};

/// The address of one device at one gateway.
///
/// ```
/// use dm_push::pap::Address;
/// for text in [
///     "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example",
///     "WAPPUSH=device7%40fleet.example/TYPE=USER@ppg.example",
///     "WAPPUSH=192.0.2.7/TYPE=IPv4@ppg.example",
///     "WAPPUSH=2001:db8::7/TYPE=IPv6@ppg.example",
/// ] {
///     assert_eq!(text.parse::<Address>()?.to_string(), text);
/// }
/// assert!("WAPPUSH=192.0.2.256/TYPE=IPv4@ppg.example".parse::<Address>().is_err());
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Address {
    device: Device,
    gateway: String,
}

/// The device in an [`Address`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Device {
    /// An address of IP, version 4.
    Ipv4(Ipv4Addr),
    /// An address of IP, version 6.
    Ipv6(Ipv6Addr),
    /// The number of a subscriber: `+` and 3 to 15 digits. [E.164]
    Plmn(String),
    /// A name that the gateway gave: letters, digits and `-._+!~*'(),`; others as `%` and two hexadecimal digits.
    User(String),
}

impl Address {
    /// Which device.
    #[must_use]
    pub const fn device(&self) -> &Device {
        &self.device
    }

    /// The name of the gateway.
    #[must_use]
    pub fn gateway(&self) -> &str {
        &self.gateway
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let at = |part: &str| part.as_ptr().addr() - text.as_ptr().addr();
        let failed = |fault, part: &str| Error::new(ErrorKind::Pap(fault), at(part));
        let rest = strip_ignoring_case(text, SCHEME).ok_or(failed(PapFault::AddressForm, text))?;
        let (place, gateway) =
            rest.rsplit_once('@').ok_or(failed(PapFault::AddressGateway, &text[text.len()..]))?;
        if !is_domain(gateway) {
            return Err(failed(PapFault::AddressGateway, gateway));
        }
        let slash = place.rfind('/').ok_or(failed(PapFault::AddressType, gateway))?;
        let (name, kind) = place.split_at(slash);
        let kind = strip_ignoring_case(kind, TYPE).ok_or(failed(PapFault::AddressType, kind))?;
        let device = match kind.to_ascii_uppercase().as_str() {
            "IPV4" => name.parse().ok().map(Device::Ipv4).ok_or(PapFault::AddressIpv4),
            "IPV6" => name.parse().ok().map(Device::Ipv6).ok_or(PapFault::AddressIpv6),
            "PLMN" if is_number(name) => Ok(Device::Plmn(name.to_string())),
            "PLMN" => Err(PapFault::AddressPlmn),
            "USER" if is_user(name) => Ok(Device::User(name.to_string())),
            "USER" => Err(PapFault::AddressUser),
            _ => return Err(failed(PapFault::AddressType, kind)),
        };
        let device = device.map_err(|fault| failed(fault, name))?;
        Ok(Self { device, gateway: gateway.to_string() })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.device {
            Device::Ipv4(address) => write!(f, "WAPPUSH={address}/TYPE=IPv4")?,
            Device::Ipv6(address) => write!(f, "WAPPUSH={address}/TYPE=IPv6")?,
            Device::Plmn(number) => write!(f, "WAPPUSH={number}/TYPE=PLMN")?,
            Device::User(name) => write!(f, "WAPPUSH={name}/TYPE=USER")?,
        }
        write!(f, "@{}", self.gateway)
    }
}

const SCHEME: &str = "WAPPUSH=";
const TYPE: &str = "/TYPE=";

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn is_number(name: &str) -> bool {
    let digits = name.strip_prefix('+').unwrap_or("");
    (3..=15).contains(&digits.len()) && digits.bytes().all(|octet| octet.is_ascii_digit())
}

fn is_user(name: &str) -> bool {
    let mut octets = name.bytes();
    while let Some(octet) = octets.next() {
        let is_fine = match octet {
            b'%' => [octets.next(), octets.next()]
                .iter()
                .all(|digit| digit.is_some_and(|digit| digit.is_ascii_hexdigit())),
            octet => octet.is_ascii_alphanumeric() || b"-._+!~*'(),".contains(&octet),
        };
        if !is_fine {
            return false;
        }
    }
    (1..=MOST_NAME).contains(&name.len())
}

fn is_domain(name: &str) -> bool {
    let is_label = |label: &str| {
        let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        (1..=63).contains(&label.len())
            && label.bytes().all(is_plain)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= MOST_NAME && name.split('.').all(is_label)
}

/// Octets of the name of a host. [RFC 1035 §2.3.4]
const MOST_NAME: usize = 253;
