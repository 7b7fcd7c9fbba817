//! The traps for a decoder that are known from the field, one test each, under both profiles.

use dm_wbxml::ErrorKind as Kind;
use dm_wbxml::Source;
use dm_xml::{LimitExceeded, Limits};

use crate::text::{both, hex, neither, only_lenient, syncml};
use crate::vectors::LANGUAGES;

#[test]
fn trap_01_the_last_string_of_the_table_ends_with_the_table() {
    // As a phone writes the public identifier of an object: 26 characters and no NUL.
    let phone =
        hex("02 00 00 6A 1A '-//OMA//DTD-DM-DDF' 20 '1.2//EN' 00 02 60 77 03 '1.2' 00 01 01");
    let text = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD></MgmtTree>";
    assert_eq!(both(&phone), text);
    let document = syncml("'a' 00 'bc'", "4F 83 02 83 03 83 00 01");
    assert_eq!(both(&document), "<Data xmlns=\"SYNCML:SYNCML1.2\">bcca</Data>");
}

#[test]
fn trap_02_offsets_into_a_string_are_legal_and_beyond_the_table_are_not() {
    let text = "<Data xmlns=\"SYNCML:SYNCML1.2\">bc</Data>";
    assert_eq!(both(&syncml("'abc' 00", "4F 83 01 83 03 01")), text);
    for (offset, value) in [("04", 4), ("05", 5), ("8F FF FF FF 7F", u32::MAX)] {
        let at = 10;
        let (kind, offset, text) =
            only_lenient(&syncml("'abc' 00", &format!("4F 83 {offset} 03 'x' 00 01")));
        assert_eq!((kind, offset), (Kind::StringTable(value), at));
        assert_eq!(text, "<Data xmlns=\"SYNCML:SYNCML1.2\">x</Data>");
        let name = only_lenient(&syncml("'abc' 00", "4F 44 04 01 01"));
        assert_eq!((name.0, name.1), (Kind::StringTable(4), at));
    }
}

#[test]
fn trap_03_lengths_are_checked_before_anything_is_made_of_them() {
    for length in ["05", "87 FF 7F", "8F FF FF FF 7F"] {
        let opaque = only_lenient(&syncml("", &format!("4F C3 {length} 'abcd'")));
        assert_eq!((opaque.0, opaque.1), (Kind::EndsEarly, 6));
        let table = hex(&format!("02 A4 01 6A {length} 4F 01"));
        let limits = Limits::default();
        let error = Source::new(&table, &LANGUAGES, &limits).expect_err("strict");
        assert_eq!((error.kind, error.offset), (Kind::EndsEarly, table.len() - 2));
        let mut told = dm_xml::Lenient::default();
        let source = Source::new_lenient(&table, &LANGUAGES, &limits, &mut told).expect("a head");
        assert_eq!(told.deviations()[0], error);
        assert!(source.tokens().is_at_end(), "all of it is the string table");
    }
}

#[test]
fn trap_04_a_string_without_nul_ends_with_the_document() {
    let cut = only_lenient(&syncml("", "6D 6B 03 'abc'"));
    assert_eq!((cut.0, cut.1), (Kind::EndsEarly, 7));
    assert_eq!(cut.2, "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncBody></SyncBody></SyncML>");
}

#[test]
fn trap_05_nesting_has_a_limit() {
    let limits = Limits::default();
    for depth in [limits.depth, limits.depth + 1, 100_000] {
        let body = [vec![0x54; depth], vec![0x01; depth]].concat();
        let octets = [syncml("", ""), body].concat();
        if depth == limits.depth {
            assert_eq!(both(&octets).matches("<Item").count(), depth);
        } else {
            let limit = Kind::Limit(LimitExceeded::Depth(limits.depth));
            assert_eq!(neither(&octets), (limit, 5 + limits.depth));
        }
    }
    // Documents in documents are counted by whoever opens one.
    let inside = limits.inside().and_then(Limits::inside).expect("two");
    assert_eq!(inside.inside(), Err(LimitExceeded::Nested(0)));
}

#[test]
fn trap_06_pages_are_switched_anywhere_and_matter_when_a_tag_is_read() {
    let text = "<Meta xmlns=\"SYNCML:SYNCML1.2\"><Type xmlns=\"syncml:metinf\">x</Type></Meta>";
    for body in [
        "5A 00 01 53 03 'x' 00 01 01",
        "00 00 5A 00 00 00 01 00 01 53 00 00 03 'x' 00 00 09 01 00 00 01",
        "00 05 00 00 5A 00 FF 00 01 53 03 'x' 00 01 00 63 01",
    ] {
        assert_eq!(both(&syncml("", body)), text, "{body}");
    }
    let undefined = only_lenient(&syncml("", "5A 00 09 53 03 'x' 00 01 01"));
    assert_eq!((undefined.0, undefined.1), (Kind::UnknownPage, 8));
    assert_eq!(
        undefined.2,
        "<Meta xmlns=\"SYNCML:SYNCML1.2\"><unknown-13 xmlns=\"\">x</unknown-13></Meta>"
    );
}

#[test]
fn trap_07_unknown_tags_are_refused_and_shown_by_their_numbers() {
    for (tag, identity) in [("30", 0x30), ("3D", 0x3D), ("7F", 0x3F)] {
        let ends = if identity == 0x3F { "01" } else { "" };
        let found = only_lenient(&syncml("", &format!("6D {tag} {ends} 01")));
        assert_eq!((found.0, found.1), (Kind::UnknownTag(identity), 6));
        assert!(found.2.contains(&format!("<unknown-{identity:02X}>")), "{}", found.2);
    }
}

#[test]
fn trap_08_meta_with_and_without_met_inf_and_no_page_that_is_left_by_itself() {
    let inner = "<Type>x</Type>";
    let bare = both(&syncml("", "5A 00 01 53 03 'x' 00 01 01"));
    assert!(bare.contains("<Type xmlns=\"syncml:metinf\">x</Type>"));
    let wrapped = both(&syncml("", "5A 00 01 4E 53 03 'x' 00 01 01 01"));
    assert!(wrapped.contains(&format!("<MetInf xmlns=\"syncml:metinf\">{inner}</MetInf>")));
    // Behind Meta, 4F is Next of page 1 until the page is switched: it never means Data.
    let forgotten = both(&syncml("", "54 5A 00 01 53 01 01 4F 01 01"));
    assert!(forgotten.ends_with("<Next xmlns=\"syncml:metinf\"></Next></Item>"), "{forgotten}");
    let beyond = only_lenient(&syncml("", "54 5A 00 01 53 01 01 2B 01"));
    assert_eq!((beyond.0, beyond.1), (Kind::UnknownTag(0x2B), 12));
}

#[test]
fn trap_09_xmlns_as_a_literal_attribute_and_an_offset_into_no_table() {
    let good = syncml("'xmlns' 00", "ED 04 00 03 'SYNCML:SYNCML1.2' 00 01 01");
    assert_eq!(both(&good), "<SyncML xmlns=\"SYNCML:SYNCML1.2\"></SyncML>");
    // A phone refers to an empty table: nobody can tell what the attribute is called.
    let phone = syncml("", "ED 04 00 03 'SYNCML:SYNCML1.2' 00 01 01");
    let (kind, offset, text) = only_lenient(&phone);
    assert_eq!((kind, offset), (Kind::StringTable(0), 6));
    assert_eq!(
        text,
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\" unknown-literal=\"SYNCML:SYNCML1.2\"></SyncML>"
    );
}

#[test]
fn trap_10_nothing_stands_behind_the_root() {
    for behind in ["01", "00 00", "43 05 01", "6D 01", "03 'x' 00", "20", "00"] {
        let (kind, offset, text) = only_lenient(&syncml("", &format!("6D 01 {behind}")));
        assert_eq!((kind, offset), (Kind::ContentAfterRoot, 7), "{behind}");
        assert_eq!(text, "<SyncML xmlns=\"SYNCML:SYNCML1.2\"></SyncML>");
    }
}

#[test]
fn trap_11_two_spellings_of_one_infoset_are_one_infoset() {
    let text = "<Data xmlns=\"SYNCML:SYNCML1.2\">ab</Data>";
    for body in [
        "4F 03 'ab' 00 01",
        "4F C3 02 'ab' 01",
        "4F 83 00 01",
        "4F 02 61 02 62 01",
        "4F 03 'a' 00 83 01 01",
        "4F C3 00 03 00 02 80 80 61 C3 01 'b' 01",
        "00 02 00 00 4F 03 'ab' 00 00 01 01",
    ] {
        assert_eq!(both(&syncml("'ab' 00", body)), text, "{body}");
    }
}

#[test]
fn trap_12_a_literal_name_that_has_a_token_is_a_second_spelling() {
    for (table, body) in [
        ("'Data' 00", "54 44 00 03 'x' 00 01 01"),
        ("'Data' 00 'xmlns' 00", "54 C4 00 04 05 03 'SYNCML:SYNCML1.2' 00 01 03 'x' 00 01 01"),
    ] {
        let (kind, offset, text) = only_lenient(&syncml(table, body));
        assert_eq!((kind, offset), (Kind::LiteralHasToken, 6 + hex(table).len()));
        assert_eq!(text, "<Item xmlns=\"SYNCML:SYNCML1.2\"><Data>x</Data></Item>");
    }
    // The name alone is no token: the namespace makes the difference.
    let other = both(&syncml("'Data' 00 'xmlns' 00", "54 84 00 04 05 03 'u:x' 00 01 01"));
    assert_eq!(other, "<Item xmlns=\"SYNCML:SYNCML1.2\"><Data xmlns=\"u:x\"></Data></Item>");
}

#[test]
fn trap_13_a_literal_element_has_the_namespace_that_is_declared_or_around_it() {
    let inherited = both(&syncml("'L' 00", "54 04 00 01"));
    assert_eq!(inherited, "<Item xmlns=\"SYNCML:SYNCML1.2\"><L></L></Item>");
    // Not the page in force: the element around it.
    let paged = both(&syncml("'L' 00", "54 00 01 04 00 01"));
    assert_eq!(paged, inherited);
    let (kind, _, text) = only_lenient(&syncml("'L' 00", "04 00"));
    assert_eq!((kind, text.as_str()), (Kind::LiteralNamespace, "<L></L>"));
}

#[test]
fn trap_14_what_would_vanish_before_canonical_form_is_refused() {
    let instruction = only_lenient(&syncml("'p' 00", "6D 43 04 00 03 'x' 00 01 01"));
    assert_eq!((instruction.0, instruction.1), (Kind::ProcessingInstruction, 8));
    assert_eq!(instruction.2, "<SyncML xmlns=\"SYNCML:SYNCML1.2\"></SyncML>");
    for (token, rest, shown) in [
        (0x40, "'x' 00", "x"),
        (0x42, "00", ""),
        (0x80, "00", "p"),
        (0x82, "01", ""),
        (0xC0, "", ""),
        (0xC2, "", ""),
    ] {
        let extension = only_lenient(&syncml("'p' 00", &format!("4F {token:02X} {rest} 01")));
        assert_eq!((extension.0, extension.1), (Kind::Extension(token), 8));
        assert_eq!(extension.2, format!("<Data xmlns=\"SYNCML:SYNCML1.2\">{shown}</Data>"));
    }
}

#[test]
fn trap_15_version_1_0_has_no_charset_and_is_refused_before_it_is_missed() {
    let old = hex("00 9F 53 02 'x' 00 4F 83 00 01");
    let (kind, offset, text) = only_lenient(&old);
    assert_eq!((kind, offset), (Kind::Version(0), 0));
    assert_eq!(text, "<Data xmlns=\"SYNCML:SYNCML1.1\">x</Data>");
}

#[test]
fn trap_16_entities_are_characters_and_never_markup() {
    let text = both(&syncml("", "4F 02 3C 03 'b/' 00 02 3E 02 26 03 'lt;' 00 01"));
    assert_eq!(text, "<Data xmlns=\"SYNCML:SYNCML1.2\">&lt;b/&gt;&amp;lt;</Data>");
    for (number, code) in [("00", 0), ("83 B0 00", 0xD800), ("C4 80 00", 0x11_0000), ("0B", 0xB)] {
        let (kind, offset, text) = only_lenient(&syncml("", &format!("4F 02 {number} 01")));
        assert_eq!((kind, offset), (Kind::Character(code), 6));
        assert_eq!(text, "<Data xmlns=\"SYNCML:SYNCML1.2\">\u{FFFD}</Data>");
    }
}

#[test]
fn trap_17_names_differ_by_case() {
    let page_2 = both(&syncml("", "00 02 64 5C 25 01 01"));
    assert_eq!(page_2, "<Node xmlns=\"syncml:dmddf1.2\"><Format><node></node></Format></Node>");
    // Another name than the one of the token, so no second spelling of it.
    let literal = both(&syncml("'data' 00", "54 44 00 03 'x' 00 01 01"));
    assert_eq!(literal, "<Item xmlns=\"SYNCML:SYNCML1.2\"><data>x</data></Item>");
}
