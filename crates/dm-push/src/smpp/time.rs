//! Absolute times: `YYMMDDhhmmsstnnp`. [SMPP 3.4 §7.1.1]

use alloc::string::String;
use core::fmt::Write;

/// The time that is so many seconds after the beginning of 1970, in UTC.
///
/// ```
/// use dm_push::smpp::absolute_time;
/// assert_eq!(absolute_time(1_709_210_096), "240229123456000+");
/// ```
#[must_use]
pub fn absolute_time(unix: u64) -> String {
    let (days, second) = (unix / 86_400, unix % 86_400);
    let (year, month, day) = date(days);
    let mut text = String::with_capacity(16);
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    let year = year % 100;
    let _ = write!(text, "{year:02}{month:02}{day:02}{hour:02}{minute:02}{second:02}000+");
    text
}

/// Year, month and day of a number of days after the beginning of 1970. Years are counted from March, in
/// eras of 400 years, which have the same number of days.
const fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let year = year + era * 400;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_leap_years_and_ends_of_years_are_where_the_calendar_has_them() {
        for (unix, time) in [
            (0, "700101000000000+"),
            (951_782_400, "000229000000000+"),
            (951_868_800, "000301000000000+"),
            (1_735_689_599, "241231235959000+"),
            (1_735_689_600, "250101000000000+"),
            (4_107_542_399, "000228235959000+"),
            (4_107_542_400, "000301000000000+"),
        ] {
            assert_eq!(absolute_time(unix), time, "{unix}");
        }
    }
}
