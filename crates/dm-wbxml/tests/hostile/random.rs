//! Octets by chance.

use dm_wbxml::ErrorKind;
use dm_xml::Limits;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::vectors::all;
use crate::{check, text};

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// A head of a known language with this string table.
fn headed(table: &[u8], body: &[u8]) -> Vec<u8> {
    let length = u8::try_from(table.len()).expect("a short table");
    [&[0x02, 0xA4, 0x01, 0x6A, length], table, body].concat()
}

/// Octets that are mostly tokens, so that they nest, name and refer.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let octet = prop_oneof![
        4 => 0x05..=0x3F_u8,
        4 => 0x44..=0x7F_u8,
        4 => Just(0x01_u8),
        4 => Just(0x03_u8),
        3 => prop::sample::select(vec![0x83_u8, 0xC3, 0x84, 0xC4, 0x04, 0x02, 0x00]),
        2 => b'a'..=b'z',
        3 => 0_u8..=8,
        1 => any::<u8>(),
    ];
    vec(octet, 0..120)
}

proptest! {
    #![proptest_config(cases(10_000))]

    #[test]
    fn random_octets(octets in vec(any::<u8>(), 0..200)) {
        check(&octets, &Limits::default());
    }

    #[test]
    fn random_octets_behind_a_good_head(
        octets in vec(any::<u8>(), 0..200),
        table in vec(any::<u8>(), 0..40),
    ) {
        check(&headed(&table, &octets), &Limits::default());
    }

    #[test]
    fn random_tokens_behind_a_good_head(octets in body(), table in "[a-z]{0,3}\0xmlns\0u:[a-z]{1,3}\0?") {
        check(&headed(table.as_bytes(), &octets), &Limits::default());
    }

    #[test]
    fn several_changes_at_once(
        vector in 0..9_usize,
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut octets = all()[vector].1.clone();
        for (at, value) in changes {
            let at = at.index(octets.len());
            octets[at] = value;
        }
        check(&octets, &Limits::default());
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn what_strict_reads_lenient_reads_as_the_same_document(octets in body()) {
        let octets = headed(b"L\0xmlns\0u:x", &octets);
        if let Ok(text) = text::strict(&octets) {
            let (lenient, told) = text::lenient(&octets).expect("it is good");
            prop_assert_eq!(lenient, text);
            let kinds: Vec<ErrorKind> = told.iter().map(|deviation| deviation.kind).collect();
            prop_assert_eq!(kinds, [ErrorKind::StringTableEnd]);
        }
    }
}
