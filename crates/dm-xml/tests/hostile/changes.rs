//! Good texts cut off everywhere, and with every octet changed to everything, left out and repeated.

use dm_xml::{Limits, canonical, parse, parse_lenient};

use crate::check;

const TEXTS: [&str; 3] = [
    "\u{FEFF}<?xml version='1.0' encoding=\"UTF-8\" standalone='yes'?>\r\n<!-- ä --><a:r xmlns:a='urn:a' \
     xmlns='u:&amp;b'>\n<c a='1' b=\"x&lt;\ty\"/><![CDATA[<&]]>&#x41;&gt;<a:d>]]</a:d></a:r>\n",
    "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><Meta><EMI xmlns='syncml:metinf'>\
     c=1</EMI></Meta></SyncHdr><SyncBody><Final/></SyncBody></SyncML>",
    "<!DOCTYPE r [<!ENTITY e 'x'><!-- \" --><?p ?>]><?pi x?><r b:c='1'><d:e/>é</r><!-- -->",
];

#[test]
fn every_truncation_is_refused_with_an_offset_inside() {
    for text in TEXTS {
        let end = text.trim_end().len() - if text.ends_with("-->") { 8 } else { 0 };
        for length in 0..end {
            let (strict, lenient) = check(&text.as_bytes()[..length], &Limits::default());
            assert!(strict.error.is_some() && lenient.error.is_some(), "{length} of {text:?}");
        }
    }
}

#[test]
fn every_octet_of_every_text_may_be_anything() {
    let (mut read, mut refused) = (0, 0);
    for text in TEXTS {
        let mut octets = text.as_bytes().to_vec();
        for at in 0..octets.len() {
            let good = octets[at];
            for value in 0..=u8::MAX {
                octets[at] = value;
                match check(&octets, &Limits::default()).1.error {
                    None => read += 1,
                    Some(_) => refused += 1,
                }
            }
            octets[at] = good;
        }
    }
    println!("{read} changes are read, {refused} refused");
    assert!(read > 10_000 && refused > 10_000, "{read} and {refused}");
}

#[test]
fn every_octet_of_every_text_may_be_missing_or_there_twice() {
    for octets in TEXTS.map(str::as_bytes) {
        for at in 0..octets.len() {
            let without = [&octets[..at], &octets[at + 1..]].concat();
            let twice = [&octets[..=at], &octets[at..]].concat();
            for octets in [without, twice] {
                check(&octets, &Limits::default());
                fixed_point(&octets);
            }
        }
    }
}

/// What is read has a canonical form, which is its own one.
fn fixed_point(octets: &[u8]) {
    if let Ok(document) = parse(octets, &Limits::default()) {
        let text = canonical::text(&document);
        let again = parse(text.as_bytes(), &Limits::default()).expect("canonical form is XML");
        assert_eq!(canonical::text(&again), text);
        let (lenient, told) = parse_lenient(octets, &Limits::default()).expect("it is good");
        assert_eq!((canonical::text(&lenient), told.deviations()), (text, &[][..]));
    }
}
