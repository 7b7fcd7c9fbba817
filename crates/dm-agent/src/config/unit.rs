//! Values with units: `"1 MiB"`, `"30 s"`.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

/// Reads a size in octets.
pub(super) fn size<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let text = Text::deserialize(from)?;
    let size = scaled(&text.0, &SIZES).and_then(|octets| usize::try_from(octets).ok());
    let wanted = "a size with its unit (B, KiB, MiB), for instance \"64 KiB\"";
    size.map(Some).ok_or_else(|| de::Error::custom(format_args!("`{}` is not {wanted}", text.0)))
}

/// Reads a duration above zero.
pub(super) fn duration<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Duration>, D::Error> {
    let text = Text::deserialize(from)?;
    let duration = scaled(&text.0, &DURATIONS).filter(|milliseconds| *milliseconds > 0);
    let wanted = "a duration with its unit (ms, s, min, h), for instance \"30 s\"";
    match duration {
        Some(milliseconds) => Ok(Some(Duration::from_millis(milliseconds))),
        None => Err(de::Error::custom(format_args!("`{}` is not {wanted}", text.0))),
    }
}

/// Reads a rate: the count, and the time between two.
pub(super) fn rate<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<Option<(u32, Duration)>, D::Error> {
    let text = Text::deserialize(from)?;
    let rate = text.0.split_once('/').and_then(|(count, unit)| {
        let count = count.trim().parse::<u32>().ok().filter(|count| *count > 0)?;
        let unit = Duration::from_millis(scaled(&format!("1{}", unit.trim()), &DURATIONS)?);
        Some((count, unit / count))
    });
    let wanted = "a number of messages in a unit of time (s, min, h), for instance \"10/s\"";
    rate.map(Some).ok_or_else(|| de::Error::custom(format_args!("`{}` is not {wanted}", text.0)))
}

/// Reads a count of at least one.
pub(super) fn count<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    let count = u32::deserialize(from)?;
    match usize::try_from(count) {
        Ok(count @ 1..=MAX_COUNT) => Ok(Some(count)),
        _ => Err(de::Error::custom(format_args!(
            "{count} is out of range; write a number from 1 to {MAX_COUNT}"
        ))),
    }
}

/// Text, or a number whose unit is missing.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let wrong = |_| de::Error::custom("neither a number with its unit nor text");
        from.deserialize_any(NumberOrText).map_err(wrong).map(Self)
    }
}

struct NumberOrText;

impl de::Visitor<'_> for NumberOrText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number with its unit")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
}

fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let (_, factor) = units.iter().find(|entry| entry.0 == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

const SIZES: [(&str, u64); 3] = [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20)];
const DURATIONS: [(&str, u64); 4] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];
/// Above any sensible count, and below what a queue can be made of.
const MAX_COUNT: usize = 1_000_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, size) in [("1 MiB", Some(1_048_576)), ("64KiB", Some(65_536)), ("9 B", Some(9))]
        {
            assert_eq!(scaled(text, &SIZES), size);
        }
        for text in ["", "9", "MiB", "1 MB", "1.5 MiB", "-1 B", "99999999999999999 MiB", "1 MiB "] {
            assert_eq!(scaled(text, &SIZES), None, "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, duration) in [("30 s", 30_000), ("250 ms", 250), ("2 min", 120_000)] {
            assert_eq!(scaled(text, &DURATIONS), Some(duration));
        }
        assert_eq!(scaled("30 sec", &DURATIONS), None);
    }
}
