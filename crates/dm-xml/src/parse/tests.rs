use alloc::format;
use alloc::string::{String, ToString};

use crate::{Limits, XmlErrorKind, canonical, parse};

fn canon(text: &str) -> String {
    canonical::text(&parse(text.as_bytes(), &Limits::default()).unwrap())
}

fn refused(text: &str) -> XmlErrorKind {
    parse(text.as_bytes(), &Limits::default()).expect_err(text).kind
}

#[test]
fn prefixes_become_default_namespaces() {
    assert_eq!(
        canon("<a:r xmlns:a='urn:a' xmlns='urn:b'><c/><a:d x='1'/></a:r>"),
        r#"<r xmlns="urn:a"><c xmlns="urn:b"></c><d x="1"></d></r>"#
    );
}

#[test]
fn namespace_declarations_are_unescaped() {
    assert_eq!(canon("<r xmlns='urn:a&amp;b'/>"), r#"<r xmlns="urn:a&amp;b"></r>"#);
}

#[test]
fn text_references_and_cdata_are_one_text() {
    assert_eq!(
        canon("<r xmlns='u:r'>a&lt;&#x41;<![CDATA[<b>]]>\r\n<!-- c -->&amp;</r>"),
        "<r xmlns=\"u:r\">a&lt;A&lt;b&gt;\n&amp;</r>"
    );
}

#[test]
fn attributes_are_sorted_and_normalised() {
    assert_eq!(
        canon("<r xmlns='u:r' b='2' a='x\ty&quot;&#10;'/>"),
        r#"<r xmlns="u:r" a="x y&quot;&#xA;" b="2"></r>"#
    );
}

#[test]
fn what_the_infoset_cannot_carry_is_refused() {
    assert_eq!(refused("<!DOCTYPE r><r xmlns='u:r'/>"), XmlErrorKind::DocumentType);
    assert_eq!(refused("<r xmlns='u:r'><?p i?></r>"), XmlErrorKind::ProcessingInstruction);
    assert_eq!(refused("<r xmlns='u:r'>&x;</r>"), XmlErrorKind::Entity);
    assert_eq!(refused("<r xmlns='u:r' xml:lang='e'/>"), XmlErrorKind::AttributeWithNamespace);
    assert_eq!(refused("<r/>"), XmlErrorKind::Namespace);
    assert_eq!(refused("<a:r xmlns='u:r'/>"), XmlErrorKind::Namespace);
    assert_eq!(refused("<r xmlns='u:r' a='1' a='2'/>"), XmlErrorKind::AttributeTwice);
    assert_eq!(refused("<r xmlns='u:r'>&#0;</r>"), XmlErrorKind::Entity);
    assert_eq!(refused("<r xmlns='u:r'>\u{1}</r>"), XmlErrorKind::Character('\u{1}'));
    assert_eq!(refused("<r xmlns='u:r'>&#1;</r>"), XmlErrorKind::Character('\u{1}'));
}

#[test]
fn what_is_not_well_formed_is_refused() {
    for text in [
        "<r xmlns='u:r'>",
        "<r xmlns='u:r'></s>",
        "<r xmlns='u:r' a=1/>",
        "<r xmlns='u:r' a='<'/>",
        "<r xmlns='u:r'>]]></r>",
        "<r xmlns='u:r'><1/></r>",
        "<r xmlns='u:r'/><s xmlns='u:r'/>",
        "<r xmlns='u:r'/>x",
        "x<r xmlns='u:r'/>",
        "",
        "  ",
        "<",
        "<r",
        "</r>",
        "<r xmlns='u:r'/></r>",
        "<r xmlns='u:r'><![CDATA[x</r>",
        "<r//>",
        "<r xmlns='u:r'//>",
        "<r xmlns='u:r' />/",
        "<r/ xmlns='u:r'>",
        "</>",
        "<>",
        "\u{FEFF}\u{FEFF}<r xmlns='u:r'/>",
        "<r xmlns='u:' b='1'c='2'/>",
        "<r xmlns:b='urn:b'xmlns='urn:a'/>",
        "<r xmlns='u:' xmlns:='v:'/>",
        "<r xmlns='u:' xmlns:b&gt;c='v:'/>",
        "<?xml version='1.0' en.oding='UTF-8'?><r xmlns='u:r'/>",
        "<?xml version='1.0'encoding='utf-8'?><r xmlns='u:r'/>",
        "<?xml version='1.0' standalone='maybe'?><r xmlns='u:r'/>",
        "<r xmlns='u:r'><!-- a -- b --></r>",
        "<r xmlns='u:r'>&#+65;</r>",
        "<?xml version=\u{FEFF}1.0'?><r xmlns='u:r'/>",
        "<?xml version='1.0' encoding='utf-8",
    ] {
        assert!(parse(text.as_bytes(), &Limits::default()).is_err(), "{text:?} was read");
    }
}

#[test]
fn an_instruction_of_three_characters_is_none() {
    // `<?>` was taken for its own end, and made the reader panic.
    for (text, offset) in [("<?>", 0), ("<r xmlns='u:r'><?></r>", 15), ("<r xmlns='u:r'/><?>", 16)]
    {
        let error = parse(text.as_bytes(), &Limits::default()).expect_err(text);
        assert_eq!((error.kind, error.offset), (XmlErrorKind::Syntax, offset), "{text}");
    }
}

#[test]
fn errors_say_where() {
    let found = parse("<r xmlns='u:r'>ä<?p i?></r>".as_bytes(), &Limits::default()).unwrap_err();
    assert_eq!(found.offset, 17);
    let found = parse(b"\xEF\xBB\xBF<r xmlns='u:r'><?p i?></r>", &Limits::default()).unwrap_err();
    assert_eq!(found.offset, 18);
    assert_eq!(parse(b"<r>\xFF</r>", &Limits::default()).unwrap_err().offset, 3);
}

#[test]
fn limits_hold() {
    let small = Limits { depth: 2, elements: 3, text: 4, attributes: 2, octets: 100, nested: 0 };
    let try_it = |text: &str| parse(text.as_bytes(), &small).map(|_| ());
    assert!(try_it("<r xmlns='u:r'><a>1234</a></r>").is_ok());
    assert!(try_it("<r xmlns='u:r'><a>12345</a></r>").is_err());
    assert!(try_it("<r xmlns='u:r'><a><b/></a></r>").is_err());
    assert!(try_it("<r xmlns='u:r'><a/><a/><a/></r>").is_err());
    assert!(try_it("<r xmlns='u:r' a='' b='' c=''/>").is_err());
    assert!(try_it(&format!("<r xmlns='u:r'>{}</r>", " ".repeat(100))).is_err());
}

#[test]
fn a_declaration_must_say_utf_8() {
    assert!(
        parse(b"<?xml version='1.0' encoding='UTF-8'?><r xmlns='u:r'/>", &Limits::default())
            .is_ok()
    );
    assert_eq!(
        refused("<?xml version='1.0' encoding='ISO-8859-1'?><r xmlns='u:r'/>"),
        XmlErrorKind::Encoding
    );
}

#[test]
fn white_space_between_elements_can_be_dropped() {
    let text = b"<r xmlns='u:r'> <a> </a> <b>x <c/></b>\n</r>";
    let document = parse(text, &Limits::default()).unwrap().without_white_space();
    assert_eq!(canonical::text(&document), "<r xmlns=\"u:r\"><a> </a><b>x <c></c></b></r>");
    assert_eq!(document.root().elements().count(), 2);
}

#[test]
fn an_appended_document_becomes_the_last_child() {
    let mut document = parse(b"<r xmlns='u:r'><a/></r>", &Limits::default()).unwrap();
    let child = parse(b"<s xmlns='u:s'><t/></s>", &Limits::default()).unwrap();
    document.append(child);
    assert_eq!(
        canonical::text(&document),
        r#"<r xmlns="u:r"><a></a><s xmlns="u:s"><t></t></s></r>"#
    );
    let last = document.root().elements().last().unwrap();
    assert_eq!(canonical::text_of(document.events_without(last)), r#"<r xmlns="u:r"><a></a></r>"#);
    assert_eq!(last.elements().next().unwrap().path().to_string(), "s/t");
}

#[test]
fn an_instruction_of_one_question_mark_is_an_error() {
    assert_eq!(refused("<?><r xmlns='u:r'/>"), XmlErrorKind::Syntax);
    assert_eq!(refused("<r xmlns='u:r'><?></r>?>"), XmlErrorKind::ProcessingInstruction);
    let lenient = |text: &str| {
        let error = crate::parse_lenient(text.as_bytes(), &Limits::default()).expect_err(text);
        error.kind
    };
    for text in ["<?><r/>", "<?", "<r><?></r>"] {
        assert_eq!(lenient(text), XmlErrorKind::Syntax, "{text}");
    }
    for text in ["<??><r/>", "<? p?><r/>", "<?1?><r/>"] {
        assert_eq!(lenient(text), XmlErrorKind::Name, "{text}");
    }
}

#[test]
fn a_declaration_without_quotes_is_an_error_whatever_stands_there() {
    for value in ["ä", "\u{FEFF}F-8\"", "😀", "1.0", ""] {
        let text = format!("<?xml version={value}?><r xmlns='u:r'/>");
        assert_eq!(refused(&text), XmlErrorKind::Syntax, "{text}");
    }
}

#[test]
fn a_name_does_not_begin_with_a_colon() {
    // It was read as the name without the colon, in the default namespace.
    assert_eq!(refused("<:r xmlns='u:r'/>"), XmlErrorKind::Namespace);
    assert_eq!(refused("<:r xmlns='u:r'></:r>"), XmlErrorKind::Namespace);
    assert_eq!(refused("<r xmlns='u:r'></:r>"), XmlErrorKind::Syntax);
    let error = crate::parse_lenient(b"<:r xmlns='u:r'/>", &Limits::default()).unwrap_err();
    assert_eq!(error.kind, XmlErrorKind::Name);
}
