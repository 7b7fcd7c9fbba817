//! Floats, dates and times as text. [TND 1.2 §7.7.3, XML Schema, ISO 8601]

/// `-1.5E3`, `INF`, `-INF`, `NaN`. [XML Schema, float]
pub(super) fn is_float(text: &str) -> bool {
    let is_number = text.bytes().all(|octet| octet.is_ascii_digit() || b"+-.eE".contains(&octet));
    matches!(text, "INF" | "-INF" | "NaN") || (is_number && text.parse::<f64>().is_ok())
}

/// `YYYY-MM-DD` or `YYYYMMDD`: with the century. [ISO 8601]
pub(super) fn is_date(text: &str) -> bool {
    let (year, month, day) = match text.as_bytes() {
        [year @ .., b'-', m1, m2, b'-', d1, d2] | [year @ .., m1, m2, d1, d2] => {
            (year, [*m1, *m2], [*d1, *d2])
        }
        _ => return false,
    };
    year.len() == 4
        && year.iter().all(u8::is_ascii_digit)
        && is_in(&month, 1, 12)
        && is_in(&day, 1, 31)
}

/// `hh:mm:ss` or `hhmmss`, with a fraction, a zone, a date and `T` before it, or without.
pub(super) fn is_time(text: &str) -> bool {
    let text = match text.rsplit_once('T') {
        Some((date, time)) if date.is_empty() || is_date(date) => time,
        Some(_) => return false,
        None => text,
    };
    let (time, zone) = match text.find(['Z', '+', '-']) {
        Some(at) => text.split_at(at),
        None => (text, ""),
    };
    let (clock, fraction) = match time.split_once(['.', ',']) {
        Some((clock, fraction)) => (clock, Some(fraction)),
        None => (time, None),
    };
    let is_fraction = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
    let is_clock = match clock.as_bytes() {
        [h1, h2, b':', m1, m2, b':', s1, s2] | [h1, h2, m1, m2, s1, s2] => {
            is_in(&[*h1, *h2], 0, 24) && is_in(&[*m1, *m2], 0, 59) && is_in(&[*s1, *s2], 0, 60)
        }
        _ => false,
    };
    is_clock && fraction.is_none_or(is_fraction) && is_zone(zone)
}

/// `Z`, `+hh`, `+hhmm`, `+hh:mm`, or nothing.
fn is_zone(text: &str) -> bool {
    match text.as_bytes() {
        [] | b"Z" => true,
        [b'+' | b'-', h1, h2] => is_in(&[*h1, *h2], 0, 14),
        [b'+' | b'-', h1, h2, m1, m2] | [b'+' | b'-', h1, h2, b':', m1, m2] => {
            is_in(&[*h1, *h2], 0, 14) && is_in(&[*m1, *m2], 0, 59)
        }
        _ => false,
    }
}

/// Whether two digits are a number between these.
fn is_in(digits: &[u8; 2], from: u8, to: u8) -> bool {
    digits.iter().all(u8::is_ascii_digit) && {
        let number = (digits[0] - b'0') * 10 + digits[1] - b'0';
        (from..=to).contains(&number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_those_of_xml_schema() {
        for good in ["0", "-1.5E3", "+.5", "1e10", "INF", "-INF", "NaN"] {
            assert!(is_float(good), "{good}");
        }
        for bad in ["", "inf", "nan", "1,5", "1e", "0x1", " 1", "+INF", "infinity"] {
            assert!(!is_float(bad), "{bad}");
        }
    }

    #[test]
    fn dates_have_a_century_and_days_of_a_month() {
        for good in ["2026-01-31", "20260131", "0000-12-01"] {
            assert!(is_date(good), "{good}");
        }
        for bad in [
            "",
            "26-01-31",
            "260131",
            "2026-13-01",
            "2026-00-10",
            "2026-1-31",
            "2026-01-32",
            "é0260131",
        ] {
            assert!(!is_date(bad), "{bad}");
        }
    }

    #[test]
    fn times_may_have_a_date_a_fraction_and_a_zone() {
        for good in
            ["12:30:00", "123000Z", "20260131T123000Z", "2026-01-31T12:30:00.5+02:00", "T123000-05"]
        {
            assert!(is_time(good), "{good}");
        }
        for bad in ["", "12:30", "25:00:00", "12:60:00", "12:30:00X", "12:30:00.", "xT12:30:00"] {
            assert!(!is_time(bad), "{bad}");
        }
    }
}
