//! Which strings the table has, by hand.

use dm_wbxml::{Encoder, NoOctets, Strings, Vocabulary};

use crate::{ATTRIBUTED, NAMED, PLAIN, read, table, write};

/// A document whose elements have these texts.
fn texts(texts: &[&str]) -> String {
    let each: String = texts.iter().map(|text| format!("<T>{text}</T>")).collect();
    format!("<All xmlns='urn:x'>{each}</All>")
}

/// The strings of the table for these texts, and octets of the whole document.
fn plan(vocabulary: &'static Vocabulary, all: &[&str]) -> (Vec<String>, usize) {
    let octets = write(vocabulary, &read(&texts(all)));
    (table(&octets).0, octets.len())
}

/// Octets with everything in place.
fn in_place(all: &[&str]) -> usize {
    let (text, encoder) = (texts(all), Encoder::new(&PLAIN).strings(Strings::Inline));
    encoder.encoded_len(&read(&text), NoOctets).expect("it can be written")
}

fn strings(strings: &[&str]) -> Vec<String> {
    strings.iter().map(|&string| string.to_owned()).collect()
}

#[test]
fn what_occurs_once_stands_in_place() {
    assert_eq!(plan(&PLAIN, &["one", "two", "three", ""]).0, strings(&[]));
    assert_eq!(plan(&PLAIN, &["abcdefgh"]).1, in_place(&["abcdefgh"]));
}

#[test]
fn what_occurs_twice_stands_in_the_table_when_that_is_shorter() {
    let (found, octets) = plan(&PLAIN, &["abc", "abc"]);
    assert_eq!((found, octets), (strings(&["abc"]), in_place(&["abc", "abc"]) - 2));
    // One character: 2 * 3 in place, 2 * 2 + 2 by reference.
    assert_eq!(plan(&PLAIN, &["a", "a"]).0, strings(&[]));
    assert_eq!(plan(&PLAIN, &["a", "a", "a"]).0, strings(&["a"]));
}

#[test]
fn a_shared_beginning_stands_in_the_table() {
    let all = ["./Vendor/One/A", "./Vendor/One/B", "./Vendor/Two", "else"];
    let (found, octets) = plan(&PLAIN, &all);
    assert_eq!(found, strings(&["./Vendor/"]), "once for three, not twice");
    assert_eq!(in_place(&all) - octets, 3 * (9 - 2) - 10);
    let long = ["./Vendor/LongEnough/A", "./Vendor/LongEnough/B", "./Vendor/LongEnough"];
    assert_eq!(plan(&PLAIN, &long).0, strings(&["./Vendor/LongEnough"]));
}

#[test]
fn what_ends_another_string_is_part_of_it() {
    let (found, _) = plan(&PLAIN, &["deep/Name", "deep/Name", "Name", "Name", "e", "e", "e"]);
    assert_eq!(found, strings(&["deep/Name"]));
    let (found, _) = plan(&PLAIN, &["a/b", "a/b", "b", "b", "b"]);
    assert_eq!(found, strings(&["a/b"]));
}

#[test]
fn a_text_may_be_a_literal_name_or_its_end() {
    let text = "<All xmlns='urn:x'><Literal>Literal</Literal><T>Literal</T><T>eral</T></All>";
    let octets = write(&PLAIN, &read(text));
    assert_eq!(table(&octets), (strings(&["Literal"]), 4 + 8));
    // Each text is a reference: token and offset.
    let tail = [0x83, 0x00, 0x01, 0x46, 0x83, 0x00, 0x01, 0x46, 0x83, 0x03, 0x01, 0x01];
    assert!(octets.ends_with(&tail), "{octets:02X?}");
}

#[test]
fn literal_names_share_their_ends_too() {
    let text = "<All xmlns='urn:x'><KeyName/><Name/><SigName/></All>";
    let (found, _) = table(&write(&PLAIN, &read(text)));
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.contains(&"KeyName".to_owned()) && found.contains(&"SigName".to_owned()));
}

#[test]
fn a_beginning_is_whole_characters() {
    // U+00E4 and U+00E5 share their first octet, U+1F600 and U+1F601 their first three.
    let all = ["commonä", "commonå", "common\u{1F600}", "common\u{1F601}"];
    assert_eq!(plan(&PLAIN, &all).0, strings(&["common"]));
    assert_eq!(plan(&PLAIN, &["äöü", "äöü", "äö"]).0, strings(&["äöü"]));
    assert_eq!(plan(&PLAIN, &["\u{1F600}", "\u{1F601}", "\u{1F602}"]).0, strings(&[]));
    // Ends are of whole characters by themselves: U+00E4 does not end U+02E4.
    plan(&PLAIN, &["x\u{2E4}", "x\u{2E4}", "ä", "ä", "ä"]);
}

#[test]
fn what_is_used_most_for_its_length_has_an_offset_of_one_octet() {
    let rare: Vec<String> = (0..20).map(|n| format!("{n:02}-rarely-used-text")).collect();
    let mut all: Vec<&str> = rare.iter().chain(&rare).map(String::as_str).collect();
    all.extend(["often-used"; 40]);
    assert_eq!(plan(&PLAIN, &all).0[0], "often-used");
}

#[test]
fn many_strings_of_little_gain_never_make_a_document_larger() {
    // Beyond offset 127 a reference is three octets, beyond 16383 four: two characters twice were
    // planned as a gain of one octet and cost one.
    let letters = "abcdefghijklmnopqrstuvwxyz0123456789";
    for count in [30, 60, 500, 1_296] {
        let pairs = letters.chars().flat_map(|a| letters.chars().map(move |b| format!("{a}{b}")));
        let pairs: Vec<String> = pairs.take(count).collect();
        let all: Vec<&str> = pairs.iter().chain(&pairs).map(String::as_str).collect();
        let (_, octets) = plan(&PLAIN, &all);
        assert!(octets <= in_place(&all), "{count}: {octets}");
    }
}

#[test]
fn references_beyond_128_and_16384_read_back() {
    let long: Vec<String> = (0..300).map(|n| format!("{n:03}{}", "x".repeat(100))).collect();
    let all: Vec<&str> = long.iter().chain(&long).map(String::as_str).collect();
    let (found, octets) = plan(&PLAIN, &all);
    assert_eq!(found.len(), 300);
    assert!(octets < in_place(&all) * 6 / 10);
}

#[test]
fn a_language_by_text_has_it_first() {
    let (found, _) = plan(&NAMED, &["abcd", "abcd"]);
    assert_eq!(found, strings(&["-//X//NAMED//EN", "abcd"]));
    let inline = Encoder::new(&NAMED).strings(Strings::Inline);
    let text = texts(&["abcd", "abcd"]);
    let octets = inline.encode(&read(&text), NoOctets).expect("it can be written");
    assert_eq!(octets[..5], [0x02, 0x00, 0x00, 0x6A, 16]);
}

#[test]
fn attributes_share_the_table_with_texts() {
    let text = "<All xmlns='urn:x' n='http://one.example/a' m='other'><T n='http://one.example/a' \
        m='x'>one.example/a</T><L xmlns='u:l' n='http://.com' m='one.example/a' k='other'/></All>";
    let octets = write(&ATTRIBUTED, &read(text));
    assert!(octets.windows(3).any(|window| window == [0x06, 0x85, 0x00]));
}
