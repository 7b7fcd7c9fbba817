//! The document and its content. [XML 1.0 §2.1-2.7]

use dm_xml::XmlErrorKind::{
    Character, Encoding, Entity, Name, ProcessingInstruction, Root, Syntax,
};
use dm_xml::{Limits, parse, parse_lenient};

use crate::{only_lenient, read, refused, refused_later};

#[test]
fn section_2_1_one_root_element() {
    read(&[("<r xmlns='u:r'/>", ""), (" \t\r\n<r xmlns='u:r'></r>\n ", "")]);
    refused(&[
        ("", Root, 0),
        (" \n", Root, 2),
        ("<!-- -->", Root, 8),
        ("x<r xmlns='u:r'/>", Root, 0),
        ("<r xmlns='u:r'/>x", Root, 16),
        ("<r xmlns='u:r'/><r xmlns='u:r'/>", Root, 16),
        ("<r xmlns='u:r'/>&#32;", Root, 16),
        ("<r xmlns='u:r'/><![CDATA[]]>", Root, 16),
        ("</r>", Root, 0),
        ("<r xmlns='u:r'/></r>", Root, 16),
        ("<r xmlns='u:r'>", Syntax, 15),
        ("<r xmlns='u:r'><a>", Syntax, 18),
        ("<r xmlns='u:r'><a></r></a>", Syntax, 18),
    ]);
}

#[test]
fn section_2_2_characters() {
    read(&[(
        "<r xmlns='u:r'>\t\n\u{7F}\u{85}\u{D7FF}\u{E000}\u{FFFD}\u{10FFFF}</r>",
        "\t\n\u{7F}\u{85}\u{D7FF}\u{E000}\u{FFFD}\u{10FFFF}",
    )]);
    refused(&[
        ("<r xmlns='u:r'>a\u{0}</r>", Character('\0'), 16),
        ("<r xmlns='u:r'>ä\u{8}</r>", Character('\u{8}'), 17),
        ("<r xmlns='u:r'>\u{B}</r>", Character('\u{B}'), 15),
        ("<r xmlns='u:r'>\u{1F}</r>", Character('\u{1F}'), 15),
        ("<r xmlns='u:r' a='\u{FFFE}'/>", Character('\u{FFFE}'), 18),
        ("<r xmlns='u:r'><!--\u{FFFF}--></r>", Character('\u{FFFF}'), 19),
    ]);
    for octets in [&b"<r>\xFF</r>"[..], b"<r>\xC0\x80</r>", b"<r>\xED\xA0\x80</r>", b"<r>\xE4</r>"]
    {
        let error = parse(octets, &Limits::default()).expect_err("not UTF-8");
        assert_eq!((error.kind, error.offset), (Encoding, 3));
        assert!(parse_lenient(octets, &Limits::default()).is_err());
    }
}

#[test]
fn section_2_3_names() {
    read(&[
        ("<r xmlns='u:r'><_a-.9é/></r>", "<_a-.9é></_a-.9é>"),
        ("<r xmlns='u:r'><x a\u{B7}='1'/></r>", "<x a\u{B7}=\"1\"></x>"),
        ("<p:r xmlns:p='u:r'/>", ""),
    ]);
    refused(&[
        ("<r xmlns='u:r'><1/></r>", Name, 15),
        ("<r xmlns='u:r'><-a/></r>", Name, 15),
        ("<r xmlns='u:r'><a;/></r>", Name, 15),
        ("<r xmlns='u:r'><\u{B7}/></r>", Name, 15),
        ("<r xmlns='u:r' 1=''/>", Name, 0),
        ("<r xmlns='u:r' a;=''/>", Name, 0),
        ("<r xmlns='u:r'>< a/></r>", Syntax, 15),
        ("<r xmlns='u:r'></></r>", Syntax, 15),
    ]);
}

#[test]
fn section_2_4_character_data() {
    read(&[
        ("<r xmlns='u:r'>]] ]>\"'></r>", "]] ]&gt;\"'&gt;"),
        ("<r xmlns='u:r'>]]<!-- -->></r>", "]]&gt;"),
    ]);
    refused(&[
        ("<r xmlns='u:r'>a]]>b</r>", Syntax, 15),
        ("<r xmlns='u:r'>&</r>", Entity, 15),
        ("<r xmlns='u:r'>a & b</r>", Entity, 17),
        ("<r xmlns='u:r'><</r>", Syntax, 15),
    ]);
}

#[test]
fn section_2_5_comments() {
    read(&[
        ("<!----><r xmlns='u:r'>a<!-- <b>&c;]]> - -->b</r><!-- é -->", "ab"),
        ("<r xmlns='u:r'><!-- - --></r>", ""),
    ]);
    refused(&[
        ("<r xmlns='u:r'><!-- -- --></r>", Syntax, 15),
        ("<r xmlns='u:r'><!-- --->x</r>", Syntax, 15),
        ("<r xmlns='u:r'><!--></r>", Syntax, 15),
        ("<r xmlns='u:r'><!- --></r>", Syntax, 15),
        ("<r xmlns='u:r'/><!-- ", Syntax, 16),
    ]);
}

#[test]
fn section_2_6_processing_instructions() {
    only_lenient(&[
        ("<?p?><r/>", ProcessingInstruction, 0, "<r></r>"),
        ("<r xmlns='u:r'>a<?p <b>?>b</r>", ProcessingInstruction, 16, "<r xmlns=\"u:r\">ab</r>"),
        ("<r xmlns='u:r'/><?p ??>", ProcessingInstruction, 16, "<r xmlns=\"u:r\"></r>"),
        ("<?xml-stylesheet a?><r/>", ProcessingInstruction, 0, "<r></r>"),
    ]);
    refused_later(&[
        ("<??><r/>", ProcessingInstruction, Name, 0),
        ("<? p?><r/>", ProcessingInstruction, Name, 0),
        ("<?1?><r/>", ProcessingInstruction, Name, 0),
        ("<?XML version='1.0'?><r/>", ProcessingInstruction, Name, 0),
        ("<?p:q?><r/>", ProcessingInstruction, Name, 0),
    ]);
    refused(&[("<?>", Syntax, 0), ("<?p", Syntax, 0), ("<r xmlns='u:r'><?p></r>", Syntax, 15)]);
}

#[test]
fn section_2_7_sections() {
    read(&[
        ("<r xmlns='u:r'><![CDATA[<a>&b;]]]]><![CDATA[>]]></r>", "&lt;a&gt;&amp;b;]]&gt;"),
        ("<r xmlns='u:r'><![CDATA[]]></r>", ""),
        ("<r xmlns='u:r'><![CDATA[a\r\nb]]></r>", "a\nb"),
    ]);
    refused(&[
        ("<r xmlns='u:r'><![CDATA[]]</r>", Syntax, 15),
        ("<r xmlns='u:r'><![cdata[]]></r>", Syntax, 15),
        ("<r xmlns='u:r'><![CDATA []]></r>", Syntax, 15),
        ("<![CDATA[x]]><r xmlns='u:r'/>", Root, 0),
    ]);
}
