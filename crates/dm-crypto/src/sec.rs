//! How a push proves that its sender knows a secret: SEC and MAC. [SEC 1.2 §5.1.7.2, WSP]
//!
//! The MAC is HMAC-SHA1 over the WBXML document, in hexadecimal text. The key is shared and the
//! document can be sent again: it proves enough for a device that has no account yet, and is the security
//! of a transport that has none of its own; for a message after it, its signature counts.

use zeroize::Zeroizing;

use crate::{hmac_sha1, is_same};

/// `SEC`: what the key is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sec {
    /// 0: the network's secret.
    NetwPin,
    /// 1: the user's PIN.
    UserPin,
    /// 2: both.
    UserNetwPin,
    /// 3: a PIN whose second half are digits of the MAC: the push carries no MAC.
    UserPinMac,
}

/// What device and sender share.
#[derive(Default)]
pub struct Secrets {
    /// NETWPIN: the network's secret.
    pub netwpin: Option<Zeroizing<Vec<u8>>>,
    /// USERPIN: digits.
    pub userpin: Option<Zeroizing<Vec<u8>>>,
}

impl Sec {
    /// All of them, by their codes.
    pub const ALL: [Sec; 4] = [Sec::NetwPin, Sec::UserPin, Sec::UserNetwPin, Sec::UserPinMac];

    /// The one of this code.
    #[must_use]
    pub fn from_code(code: u64) -> Option<Self> {
        Self::ALL.into_iter().find(|sec| u64::from(sec.code()) == code)
    }

    /// The one of this name, in any case.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sec| sec.as_str().eq_ignore_ascii_case(name))
    }

    /// The code of WSP.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8
    }

    /// The name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NetwPin => "NETWPIN",
            Self::UserPin => "USERPIN",
            Self::UserNetwPin => "USERNETWPIN",
            Self::UserPinMac => "USERPINMAC",
        }
    }

    /// Whether it rests on a PIN, which can be guessed.
    #[must_use]
    pub fn has_pin(self) -> bool {
        self != Self::NetwPin
    }

    /// The MAC in hexadecimal, in upper case; none where a secret is missing, or none is sent.
    #[must_use]
    pub fn mac(self, secrets: &Secrets, document: &[u8]) -> Option<String> {
        let mac = self.mac_octets(secrets, document)?;
        Some(mac.iter().map(|octet| format!("{octet:02X}")).collect())
    }

    /// The MAC itself; none where a secret is missing, or none is sent.
    #[must_use]
    pub fn mac_octets(self, secrets: &Secrets, document: &[u8]) -> Option<[u8; 20]> {
        let key = self.key(secrets).filter(|_| self != Self::UserPinMac)?;
        Some(hmac_sha1(&key, document))
    }

    /// Whether the document comes from somebody who knows the secrets, in a time that does not
    /// tell how far the MAC is right; none where a secret is missing.
    #[must_use]
    pub fn is_good(self, secrets: &Secrets, mac: Option<&[u8]>, document: &[u8]) -> Option<bool> {
        let key = self.key(secrets)?;
        if self == Self::UserPinMac {
            let pin = secrets.userpin.as_deref()?;
            return Some(is_same(&digits(&key, document), &pin[key.len()..]));
        }
        let wanted = self.mac(secrets, document)?;
        let mac = mac.unwrap_or_default().to_ascii_uppercase();
        Some(is_same(wanted.as_bytes(), &mac))
    }

    /// The PIN that goes with a document, from its first half. [CP 1.1 §5, USERPINMAC]
    #[must_use]
    pub fn pin_with_mac(half: &str, document: &[u8]) -> String {
        let digits = digits(half.as_bytes(), document);
        half.chars().chain(digits.into_iter().map(char::from)).collect()
    }

    /// The key; none where a secret is missing or is none.
    fn key(self, secrets: &Secrets) -> Option<Zeroizing<Vec<u8>>> {
        let pin = || secrets.userpin.as_deref().filter(|pin| is_pin(pin));
        let network = || secrets.netwpin.as_deref().filter(|secret| !secret.is_empty());
        let key = match self {
            Self::NetwPin => network()?.clone(),
            Self::UserPin => pin()?.clone(),
            Self::UserNetwPin => [pin()?, &b":"[..], network()?].concat(),
            Self::UserPinMac => {
                let pin = pin().filter(|pin| pin.len() % 2 == 0 && pin.len() >= 10)?;
                pin[..pin.len() / 2].to_vec()
            }
        };
        Some(Zeroizing::new(key))
    }
}

fn is_pin(pin: &[u8]) -> bool {
    !pin.is_empty() && pin.iter().all(u8::is_ascii_digit)
}

/// As many decimal digits of the MAC as the key has: each is an octet modulo ten.
fn digits(key: &[u8], document: &[u8]) -> Vec<u8> {
    let mac = hmac_sha1(key, document);
    mac.iter().cycle().take(key.len().min(mac.len())).map(|octet| b'0' + octet % 10).collect()
}

/// The secret in a file: `imsi:` and digits, `hex:` and octets, or text. White space around it is
/// none of it.
#[must_use]
pub fn secret(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim_ascii();
    let octets = if let Some(digits) = text.strip_prefix(b"imsi:") {
        semi_octets(digits)?
    } else if let Some(hex) = text.strip_prefix(b"hex:") {
        let digit = |c: u8| char::from(c).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let pairs = hex.chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        pairs.collect::<Option<_>>()?
    } else {
        text.to_vec()
    };
    Some(Zeroizing::new(octets)).filter(|octets| !octets.is_empty())
}

/// An IMSI as it stands on a SIM: 9 before an odd number of digits, 1 before an even one, filled
/// with F, the halves of each octet swapped.
fn semi_octets(digits: &[u8]) -> Option<Vec<u8>> {
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let first = if digits.len() % 2 == 1 { 9 } else { 1 };
    let mut nibbles = vec![first];
    nibbles.extend(digits.iter().map(|digit| digit - b'0'));
    if nibbles.len() % 2 == 1 {
        nibbles.push(0xF);
    }
    Some(nibbles.chunks(2).map(|pair| pair[1] << 4 | pair[0]).collect())
}
