use super::*;
use crate::{Input, peel};

fn message(octets: &[u8]) -> Message {
    peel(&[Input::new("in", octets)], None).messages.remove(0)
}

fn shown(octets: &[u8]) -> Vec<String> {
    let message = message(octets);
    let shown = |row: Row<'_>| format!("{} {} {} {}", row.offset, row.token, row.depth, row.text);
    rows(&message).map(shown).collect()
}

#[test]
fn each_token_stands_beside_what_it_means() {
    let octets = b"\x02\xA4\x01\x6A\x02a\0\x6D\x6B\x60\x5A\x00\x01\x47\x03bin\0\x01\x01\x00\x00\
        \x54\x4F\xC3\x02\xFF\x00\x01\x01\x01\x04\x00\x83\x00\x01\x01";
    let expected = [
        "0 VERSION 0 WBXML 1.2",
        "1 PUBLICID 0 0x1201 -//SYNCML//DTD SyncML 1.2//EN",
        "3 CHARSET 0 106 UTF-8",
        "4 STRTBL LENGTH 0 2 octets",
        "5 STRTBL 0 0 \"a\"",
        "7 TAG 0/2D C 0 <SyncML xmlns=\"SYNCML:SYNCML1.2\">",
        "8 TAG 0/2B C 1 <SyncBody>",
        "9 TAG 0/20 C 2 <Replace>",
        "10 TAG 0/1A C 3 <Meta>",
        "11 SWITCH_PAGE 1 4 page 1: syncml:metinf",
        "13 TAG 1/07 C 4 <Format xmlns=\"syncml:metinf\">",
        "14 STR_I 5 \"bin\"",
        "19 END 4 </Format>",
        "20 END 3 </Meta>",
        "21 SWITCH_PAGE 0 3 page 0: SYNCML:SYNCML1.2",
        "23 TAG 0/14 C 3 <Item>",
        "24 TAG 0/0F C 4 <Data>",
        "25 OPAQUE 2 5 2 octets",
        "29 END 4 </Data>",
        "30 END 3 </Item>",
        "31 END 2 </Replace>",
        "32 LITERAL 0 2 <a/>",
        "34 STR_T 0 2 \"a\"",
        "36 END 1 </SyncBody>",
        "37 END 0 </SyncML>",
    ];
    assert_eq!(shown(octets), expected);
}

#[test]
fn attributes_have_tokens_where_the_language_has_them() {
    let octets = b"\x03\x0B\x6A\x00\x45\xC6\x56\x01\x87\x07\x06\x03v\0\x01\x01\x01";
    let rows = shown(octets);
    assert_eq!(rows[5], "5 TAG 0/06 AC 1 <characteristic");
    assert!(rows[6].starts_with("6 ATTRSTART 0/56 2 type=\""), "{rows:?}");
    assert_eq!(rows[8], "8 TAG 0/07 A 2 <parm");
    assert_eq!(rows[11], "11 STR_I 3 \"v\"");
    assert_eq!(rows[12], "14 END 2 />");
}

/// Rows cover every octet once, nested documents included, and nothing else.
#[test]
fn no_octet_is_left_out() {
    let inner = b"\x02\xA4\x01\x6A\x00\x00\x02\x60\x01";
    let mut octets = b"\x02\xA4\x01\x6A\x00\x6D\x6B\x60\x54\x4F\xC3\x09".to_vec();
    octets.extend_from_slice(inner);
    octets.extend(b"\x01\x01\x01\x01\x03<a b='>'>t</a>\x00\x01\x09\x09");
    for length in 5..=octets.len() {
        let message = message(&octets[..length]);
        let mut at = 0;
        for row in rows(&message) {
            assert_eq!(row.offset, at, "{length}: {row:?}");
            at += row.octets.len();
        }
        assert_eq!(at, length);
    }
}

#[test]
fn xml_text_is_shown_tag_by_tag() {
    let text =
        b"<?xml version='1.0'?>\n<!DOCTYPE a [<!ENTITY b '>'>]>\n<a b='>'>x<c/><!-- > --></a>";
    let tokens: Vec<_> = shown(text);
    let expected = [
        "0 PI 0 <?xml version='1.0'?>",
        "22 DOCTYPE 0 <!DOCTYPE a [<!ENTITY b '>'>]>",
        "53 start tag 0 <a b='>'>",
        "62 text 1 x",
        "63 empty tag 1 <c/>",
        "67 comment 1 <!-- > -->",
        "77 end tag 0 </a>",
    ];
    assert_eq!(tokens, expected);
}

#[test]
fn what_nobody_knows_is_shown_as_octets() {
    assert_eq!(shown(b"\xFF\xFEab"), ["0 octets 0 ..ab"]);
}

#[test]
fn elements_nested_without_end_are_cut_off() {
    let mut octets = b"\x02\xA4\x01\x6A\x00".to_vec();
    octets.extend([0x6D; 5000]);
    let rows = shown(&octets);
    assert!(rows.iter().any(|row| row.contains("nested deeper than 256")));
    assert!(rows.len() < 1000);
}

#[test]
fn a_string_of_the_table_is_shown_whole_once_however_often_it_is_referred_to() {
    for reference in [&b"\x83\x00"[..], b"\x04\x00"] {
        let mut octets = b"\x02\xA4\x01\x6A\xCE\x10".to_vec();
        octets.extend("\u{E4}".repeat(5_000).bytes().skip(1).chain(*b"\0"));
        octets.push(0x6D);
        octets.extend(reference.repeat(1_000));
        let message = message(&octets);
        let long: Vec<_> = rows(&message).filter(|row| row.text.len() > 600).collect();
        assert_eq!(long.len(), 1, "{:?}", long.get(1));
        assert_eq!(rows(&message).map(|row| row.octets.len()).sum::<usize>(), octets.len());
    }
    let mut octets = b"\x02\xA4\x01\x6A\x87\x68".to_vec();
    octets.extend("\u{E4}".repeat(500).bytes());
    octets.extend(b"\x6D\x83\x01");
    let shown = shown(&octets);
    let last = shown.last().expect("a row");
    assert!(last.ends_with("\u{E4}\u{2026}\""), "{last}");
}
