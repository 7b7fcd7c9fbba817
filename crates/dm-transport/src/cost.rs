//! What sending costs, as whoever carries it charges: known before anything is sent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, de};

/// An amount of money, exactly: ten-thousandths of the unit of a currency.
///
/// ```
/// use dm_transport::Cost;
/// let cost: Cost = "0.04 EUR".parse()?;
/// assert_eq!((cost.ten_thousandths(), cost.currency()), (400, "EUR"));
/// assert_eq!(cost.to_string(), "0.04 EUR");
/// # Ok::<(), dm_transport::CostError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Cost {
    ten_thousandths: u64,
    currency: Currency,
}

/// Three letters. [ISO 4217]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Currency([u8; 3]);

/// A text is no amount of money.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("write an amount with at most 4 decimals, below 100000, and a currency: \"0.04 EUR\"")]
pub struct CostError;

/// What a route charges.
///
/// ```
/// let tariff: dm_transport::Tariff = toml::from_str("segment = \"0.04 EUR\"")?;
/// assert_eq!(tariff.of(3).map(|cost| cost.to_string()).as_deref(), Some("0.12 EUR"));
/// # Ok::<(), toml::de::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(try_from = "TariffTable")]
pub struct Tariff {
    message: Option<Cost>,
    segment: Option<Cost>,
}

impl Cost {
    /// Ten-thousandths of the currency's unit.
    #[must_use]
    pub const fn ten_thousandths(&self) -> u64 {
        self.ten_thousandths
    }

    /// Three letters. [ISO 4217]
    #[must_use]
    pub fn currency(&self) -> &str {
        str::from_utf8(&self.currency.0).unwrap_or_default() // they are letters
    }

    /// Both together; none where the currencies differ, or no number is so large.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let ten_thousandths = self.ten_thousandths.checked_add(other.ten_thousandths)?;
        (self.currency == other.currency).then_some(Self { ten_thousandths, ..self })
    }

    /// So many times; none where no number is so large.
    #[must_use]
    pub fn times(self, count: u64) -> Option<Self> {
        let ten_thousandths = self.ten_thousandths.checked_mul(count)?;
        Some(Self { ten_thousandths, ..self })
    }
}

impl Tariff {
    /// What one message of so many segments costs; none where nothing is known of that.
    #[must_use]
    pub fn of(&self, segments: u32) -> Option<Cost> {
        match (self.message, self.segment) {
            (Some(message), None) => Some(message),
            (None, segment) => segment?.times(segments.into()),
            (Some(message), Some(segment)) => message.plus(segment.times(segments.into())?),
        }
    }
}

impl FromStr for Cost {
    type Err = CostError;

    fn from_str(text: &str) -> Result<Self, CostError> {
        let (amount, currency) = text.split_once(' ').ok_or(CostError)?;
        let (whole, decimals) = amount.split_once('.').unwrap_or((amount, "0"));
        let digits = |text: &str, most| {
            let is_number = text.bytes().all(|octet| octet.is_ascii_digit());
            (is_number && (1..=most).contains(&text.len())).then(|| text.parse::<u64>().ok())?
        };
        let whole = digits(whole, 5).ok_or(CostError)?;
        let decimals = digits(&format!("{decimals:0<4}"), 4).filter(|_| !decimals.is_empty());
        let ten_thousandths = whole * UNIT + decimals.ok_or(CostError)?;
        let currency = <[u8; 3]>::try_from(currency.as_bytes()).map_err(|_| CostError)?;
        match currency.iter().all(u8::is_ascii_uppercase) {
            true => Ok(Self { ten_thousandths, currency: Currency(currency) }),
            false => Err(CostError),
        }
    }
}

/// With two decimals, and more where it has more.
impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.ten_thousandths / UNIT, self.ten_thousandths % UNIT);
        let currency = self.currency();
        match (rest % 100, rest % 10) {
            (0, _) => write!(f, "{whole}.{:02} {currency}", rest / 100),
            (_, 0) => write!(f, "{whole}.{:03} {currency}", rest / 10),
            _ => write!(f, "{whole}.{rest:04} {currency}"),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TariffTable {
    #[serde(default, deserialize_with = "some_cost")]
    message: Option<Cost>,
    #[serde(default, deserialize_with = "some_cost")]
    segment: Option<Cost>,
}

impl TryFrom<TariffTable> for Tariff {
    type Error = &'static str;

    fn try_from(table: TariffTable) -> Result<Self, &'static str> {
        let TariffTable { message, segment } = table;
        match (message, segment) {
            (None, None) => Err("`cost` is empty: write { segment = \"0.04 EUR\" }, or `message`"),
            (Some(message), Some(segment)) if message.currency != segment.currency => {
                Err("`cost` has two currencies: write one")
            }
            _ => Ok(Self { message, segment }),
        }
    }
}

fn some_cost<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Cost>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(|error| de::Error::custom(format_args!("`{text}`: {error}")))
}

/// Of a currency's unit.
const UNIT: u64 = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_read_and_written_exactly() {
        for (text, ten_thousandths, written) in [
            ("0.04 EUR", 400, "0.04 EUR"),
            ("1 USD", 10_000, "1.00 USD"),
            ("12.5 SEK", 125_000, "12.50 SEK"),
            ("0.0125 EUR", 125, "0.0125 EUR"),
            ("0.125 EUR", 1_250, "0.125 EUR"),
            ("99999.9999 XXX", 999_999_999, "99999.9999 XXX"),
            ("0 EUR", 0, "0.00 EUR"),
        ] {
            let cost: Cost = text.parse().expect(text);
            assert_eq!((cost.ten_thousandths(), &*cost.to_string()), (ten_thousandths, written));
        }
        for text in [
            "",
            "0.04",
            "0.04 EURO",
            "0.04 eur",
            "0.04  EUR",
            "0.00001 EUR",
            "100000 EUR",
            "-1 EUR",
            ".5 EUR",
            "1. EUR",
            "1.+5 EUR",
            "+1 EUR",
            "1,5 EUR",
            "1 €",
            "1e3 EUR",
        ] {
            assert_eq!(text.parse::<Cost>(), Err(CostError), "{text}");
        }
    }

    #[test]
    fn a_tariff_is_of_messages_or_segments_or_both_in_one_currency() {
        let tariff = |text: &str| toml::from_str::<Tariff>(text).map_err(|it| it.to_string());
        let of = |text: &str, segments| tariff(text).unwrap().of(segments).unwrap().to_string();
        assert_eq!(of("segment = \"0.0333 EUR\"", 3), "0.0999 EUR");
        assert_eq!(of("message = \"0.01 EUR\"", 3), "0.01 EUR");
        assert_eq!(of("message = \"0.01 EUR\"\nsegment = \"0.04 EUR\"", 255), "10.21 EUR");
        let most = of("segment = \"99999.9999 EUR\"", u32::MAX);
        assert_eq!(most, "429496729070503.2705 EUR", "no overflow");
        for (text, said) in [
            ("", "is empty"),
            ("message = \"1 EUR\"\nsegment = \"1 USD\"", "two currencies"),
            ("segment = \"4 cents\"", "`4 cents`: write an amount"),
            ("octet = \"1 EUR\"", "unknown field"),
        ] {
            assert!(tariff(text).unwrap_err().contains(said), "{text}");
        }
    }
}
