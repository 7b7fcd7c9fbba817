//! Bad XML text of every kind: no panic, no hang, no memory beyond the limits, in both profiles.

mod attacks;
mod changes;
mod counting;
mod random;

use counting::{Counting, Read, read};
use dm_xml::{Lenient, Limits, Strict};

/// Reads this under both profiles and holds them to what must hold of any octets.
fn check(octets: &[u8], limits: &Limits) -> (Read, Read) {
    let strict = read(octets, limits, &mut Strict);
    let mut told = Lenient::default();
    let lenient = read(octets, limits, &mut told);
    for read in [&strict, &lenient] {
        bounded(read, octets.len(), limits);
    }
    for deviation in told.deviations() {
        assert!(deviation.offset <= octets.len(), "{deviation} of {} octets", octets.len());
    }
    if strict.error.is_none() {
        assert_eq!(strict.counted, lenient.counted, "the profiles read the same");
        assert_eq!((&lenient.error, told.deviations()), (&None, &[][..]));
    } else {
        let first = told.deviations().first().cloned();
        assert_eq!(strict.error, first.or(lenient.error.clone()), "the strict one says the first");
    }
    (strict, lenient)
}

/// Every event costs an octet of input, every rendered character is within the limit.
fn bounded(read: &Read, octets: usize, limits: &Limits) {
    let Counting { starts, attributes, runs, ends, characters, names, namespaces, .. } =
        read.counted;
    assert!(starts + attributes + runs <= octets, "{:?} of {octets} octets", read.counted);
    assert!(ends <= starts && names <= octets && starts <= limits.elements);
    assert!(characters <= limits.text && namespaces <= limits.text, "{:?}", read.counted);
    if let Some(error) = &read.error {
        assert!(error.offset <= octets, "{error} of {octets} octets");
    } else {
        assert_eq!(starts, ends, "what begins ends");
    }
}
