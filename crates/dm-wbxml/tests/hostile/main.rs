//! Bad octets of every kind: no panic, no hang, no memory beyond the limits, in both profiles.

mod attacks;
mod changes;
mod counting;
mod random;
mod text;
mod traps;
mod vectors;

use counting::{Counting, Read, lenient, strict};
use dm_wbxml::{ErrorKind, Tokens};
use dm_xml::Limits;

/// Reads these octets under both profiles and holds them to what must hold of any octets.
fn check(octets: &[u8], limits: &Limits) -> (Read, Read) {
    let strict = strict(octets, limits);
    let (lenient, told) = lenient(octets, limits);
    for read in [&strict, &lenient] {
        bounded(read, octets.len(), limits);
    }
    for deviation in &told {
        assert!(deviation.offset <= octets.len(), "{deviation} of {} octets", octets.len());
    }
    if strict.error.is_none() {
        assert_eq!(strict.counted, lenient.counted, "the profiles read the same");
        assert_eq!(lenient.error, None);
        assert!(told.iter().all(|deviation| deviation.kind == ErrorKind::StringTableEnd));
    } else {
        let first = told.iter().find(|deviation| deviation.kind != ErrorKind::StringTableEnd);
        assert_eq!(strict.error, first.copied().or(lenient.error), "the strict one says the first");
    }
    tokens(octets);
    (strict, lenient)
}

/// Every event costs an octet of input, every rendered character is within the limit.
fn bounded(read: &Read, octets: usize, limits: &Limits) {
    let Counting { starts, attributes, runs, ends, characters, names, .. } = read.counted;
    assert!(starts + attributes + runs <= octets, "{:?} of {octets} octets", read.counted);
    assert!(ends <= starts && characters <= limits.text && starts <= limits.elements);
    // Names by token are short; literal ones, and namespaces that are joined, are charged.
    assert!(names <= limits.text + (starts + attributes) * LONGEST_NAME);
    if let Some(error) = read.error {
        assert!(error.offset <= octets, "{error} of {octets} octets");
    } else {
        assert_eq!(starts, ends, "what begins ends");
    }
}

/// The longest name of a token in the languages here.
const LONGEST_NAME: usize = 24;

/// The lens takes at least one octet a token, and never more than there are.
fn tokens(octets: &[u8]) {
    let mut tokens = Tokens::new(octets, 0);
    let mut before = 0;
    while tokens.next().is_ok() {
        assert!(tokens.offset() > before);
        before = tokens.offset();
    }
    assert!(tokens.offset() <= octets.len());
}
