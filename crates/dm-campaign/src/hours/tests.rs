use jiff::SignedDuration;
use proptest::prelude::*;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn what_is_written_is_read_and_written_again() {
    for text in ["22:00-06:30", "00:00-05:00", "12:00-13:00"] {
        assert_eq!(text.parse::<QuietHours>().unwrap().to_string(), text);
    }
    for text in [
        "",
        "22:00",
        "22-6",
        "22:00-22:00",
        "24:00-06:00",
        "22:60-06:00",
        "+2:00-06:00",
        "2:00-06:00",
    ] {
        assert!(text.parse::<QuietHours>().is_err(), "{text}");
    }
    assert_eq!(Zone::named("europe/helsinki").unwrap().name(), "Europe/Helsinki");
    assert!(Zone::named("Europe/Nowhere").is_err() && Zone::named("").is_err());
}

/// In Helsinki the clock goes from 03:00 to 04:00 on 2026-03-29, and from 04:00 to 03:00 on 2026-10-25.
#[test]
fn a_change_of_the_clock_makes_quiet_hours_shorter_or_longer_and_never_skips_them() {
    let zone = Zone::named("Europe/Helsinki").unwrap();
    let until = |text: &str| text.parse::<QuietHours>().unwrap();
    // 03:30 is left out that night: the hours end half an hour behind the change.
    let spring = at("2026-03-29T00:30:00Z");
    assert_eq!(until("22:00-03:30").ends(&zone, spring), Some(at("2026-03-29T01:30:00Z")));
    // 03:30 comes twice: the first ends them, and the second does not begin them again.
    let quiet = until("22:00-03:30");
    assert_eq!(quiet.ends(&zone, at("2026-10-25T00:10:00Z")), Some(at("2026-10-25T00:30:00Z")));
    assert_eq!(quiet.ends(&zone, at("2026-10-25T00:30:00Z")), None);
    // The clock is set back into them: they end with the second 03:30.
    assert_eq!(quiet.ends(&zone, at("2026-10-25T01:10:00Z")), Some(at("2026-10-25T01:30:00Z")));
}

proptest! {
    /// Minute by minute, by the clock on the wall there: the rule of thumb of whoever reads `22:00-06:00`.
    #[test]
    fn the_hours_are_those_of_the_clock_on_the_wall(
        from in 0_i8..24, to in 0_i8..24, zone in 0_usize..5, minutes in 0_i64..600_000,
    ) {
        prop_assume!(from != to);
        let names = ["Europe/Helsinki", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia", "UTC"];
        let zone = Zone::named(names[zone]).unwrap();
        let quiet: QuietHours = alloc::format!("{from:02}:00-{to:02}:00").parse().unwrap();
        let now = at("2026-01-01T00:00:00Z") + SignedDuration::from_mins(minutes);
        let is_quiet = |now: Timestamp| {
            let hour = now.to_zoned(zone.rules.clone()).hour();
            match from < to {
                true => (from..to).contains(&hour),
                false => hour >= from || hour < to,
            }
        };
        let second = SignedDuration::from_secs(1);
        match quiet.ends(&zone, now) {
            None => prop_assert!(!is_quiet(now)),
            Some(ends) => {
                prop_assert!(is_quiet(now) && ends > now);
                prop_assert!(ends.duration_since(now) <= SignedDuration::from_hours(25));
                prop_assert!(is_quiet(ends - second), "quiet until the end");
            }
        }
        let begins = quiet.begins(&zone, now);
        prop_assert!(begins > now && begins.duration_since(now) <= SignedDuration::from_hours(26));
    }
}
