//! Every vector cut off everywhere, and with every octet changed to everything, left out and
//! repeated.

use dm_wbxml::ErrorKind;
use dm_xml::Limits;

use crate::vectors::all;
use crate::{check, text};

#[test]
fn every_vector_is_good() {
    for (name, octets) in all() {
        let (strict, _) = check(octets, &Limits::default());
        assert_eq!(strict.error, None, "{name}");
        assert!(strict.counted.starts > 5, "{name}");
    }
}

#[test]
fn every_truncation_is_refused_as_one_and_shown_as_far_as_it_goes() {
    for (name, octets) in all() {
        let (whole, _) = check(octets, &Limits::default());
        let mut shown = 0;
        for length in 0..octets.len() {
            let (strict, lenient) = check(&octets[..length], &Limits::default());
            let kind = strict.error.expect("it is cut off").kind;
            assert_eq!(kind, ErrorKind::EndsEarly, "{name}: {length}");
            assert!(
                lenient.counted.starts >= shown && lenient.counted.starts <= whole.counted.starts
            );
            let told = text::lenient(&octets[..length]).map(|(_, told)| told.len());
            assert!(told.is_ok_and(|told| told <= 2) || shown == 0, "{name}: {length}");
            shown = lenient.counted.starts;
        }
        assert!(shown > 5, "{name}");
    }
}

#[test]
fn every_octet_of_every_vector_may_be_anything() {
    let (mut read, mut refused) = (0, 0);
    for (name, octets) in all() {
        let mut octets = octets.clone();
        for at in 0..octets.len() {
            let good = octets[at];
            for value in 0..=u8::MAX {
                octets[at] = value;
                match check(&octets, &Limits::default()).0.error {
                    None => read += 1,
                    Some(_) => refused += 1,
                }
            }
            octets[at] = good;
        }
        println!("{name}: {} octets", octets.len());
    }
    println!("{read} changes are read, {refused} refused");
    assert!(read > 10_000 && refused > 10_000, "{read} and {refused}");
}

#[test]
fn every_octet_of_every_vector_may_be_missing_or_there_twice() {
    for (_, octets) in all() {
        for at in 0..octets.len() {
            let without = [&octets[..at], &octets[at + 1..]].concat();
            check(&without, &Limits::default());
            let twice = [&octets[..=at], &octets[at..]].concat();
            check(&twice, &Limits::default());
            for octets in [without, twice] {
                drop((text::strict(&octets), text::lenient(&octets)));
            }
        }
    }
}

#[test]
fn small_limits_hold_wherever_they_are_met() {
    for (name, octets) in all() {
        let (whole, _) = check(octets, &Limits::default());
        let mut met = 0;
        for size in 0..40 {
            let limits =
                Limits { depth: size, elements: size, text: size * 8, ..Limits::default() };
            let (strict, lenient) = check(octets, &limits);
            assert_eq!(strict.error, lenient.error, "{name}: a limit is hard for both");
            met += usize::from(strict.error.is_some());
        }
        assert!(met > 0 && whole.error.is_none(), "{name}");
    }
}
