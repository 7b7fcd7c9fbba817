//! Text made to cost much. What may be done with it is counted, never timed; how long it took is
//! printed for those who want to look.

use std::time::Instant;

use dm_xml::{LimitExceeded, Limits, XmlErrorKind, parse};

use crate::check;

/// Checks an attack, and yields the error of both profiles.
fn attack(name: &str, text: &str) -> Option<XmlErrorKind> {
    let limits = Limits { octets: 2 << 20, ..Limits::default() };
    let begun = Instant::now();
    let (strict, lenient) = check(text.as_bytes(), &limits);
    println!(
        "{name}: {} octets, {} elements, {} characters, {} of namespaces, {:?}",
        text.len(),
        strict.counted.starts,
        strict.counted.characters,
        strict.counted.namespaces,
        begun.elapsed()
    );
    assert_eq!(strict.error, lenient.error, "{name}");
    strict.error.map(|error| error.kind)
}

const fn limit(limit: LimitExceeded) -> Option<XmlErrorKind> {
    Some(XmlErrorKind::Limit(limit))
}

const TEXT: Option<XmlErrorKind> = limit(LimitExceeded::Text(4_000_000));

#[test]
fn a_long_namespace_that_every_child_declares_anew_in_canonical_form() {
    // 300 kilobytes were 12 gigabytes of canonical form.
    let long = "x".repeat(250_000);
    let children = "<a:x/>".repeat(49_000);
    let text = format!("<r xmlns='u:r' xmlns:a='u:{long}'>{children}</r>");
    assert_eq!(attack("one prefix", &text), TEXT);
    let two = "<a:x/><b:x/>".repeat(24_000);
    let text = format!("<r xmlns='u:r' xmlns:a='u:{long}a' xmlns:b='u:{long}b'>{two}</r>");
    assert_eq!(attack("two prefixes", &text), TEXT);
    // As long as real ones are, it is read.
    let text =
        format!("<r xmlns='u:r' xmlns:a='http://www.w3.org/2000/09/xmldsig#'>{children}</r>");
    assert_eq!(attack("a usual one", &text), None);
}

#[test]
fn a_long_namespace_with_a_reference_is_copied_for_every_child() {
    let long = "x".repeat(250_000);
    let children = "<x/>".repeat(49_000);
    let text = format!("<r xmlns='u:{long}&amp;'>{children}</r>");
    assert_eq!(attack("copies", &text), TEXT);
    let text = format!("<r xmlns='u:{long}'>{children}</r>");
    assert_eq!(attack("no copies", &text), None);
    let text = format!("<r xmlns='u:y&amp;z'>{children}</r>");
    assert_eq!(attack("short copies", &text), None);
}

#[test]
fn many_declarations_in_scope_of_many_elements() {
    let declarations: String = (0..63).map(|n| format!(" xmlns:p{n:03}='u:{n}'")).collect();
    let (open, close) = (format!("<r{declarations}>"), "</r>");
    // Four elements declare 252 prefixes; the first is the furthest from what is looked up.
    let opens =
        open.replace("p0", "q0") + &open.replace("p0", "s0") + &open.replace("p0", "t0") + &open;
    let nested = format!("<r xmlns='u:r'{}>{}", "", &opens);
    let children = "<q000:x/>".repeat(49_000);
    let text = format!("{nested}{children}{}{close}", close.repeat(4));
    assert_eq!(attack("252 prefixes", &text), None);
    let fifth = format!("{nested}{}", open.replace("p0", "v0"));
    assert_eq!(attack("more than 256", &fifth), Some(XmlErrorKind::Namespace));
}

#[test]
fn sixty_four_attributes_with_long_names() {
    let long = "n".repeat(200);
    let attributes: String = (0..64).map(|n| format!(" {long}{n}=''")).collect();
    let children = format!("<x{attributes}/>").repeat(70);
    assert_eq!(attack("attributes", &format!("<r xmlns='u:r'>{children}</r>")), None);
    let more = format!("<r xmlns='u:r'{attributes}/>");
    assert_eq!(attack("65 attributes", &more), limit(LimitExceeded::Attributes(64)));
    let one: String = (0..150_000).map(|n| format!(" a{n:05}=''")).collect();
    let text = format!("<r xmlns='u:r'{one}/>");
    assert_eq!(attack("attributes without end", &text), limit(LimitExceeded::Attributes(64)));
}

#[test]
fn elements_without_end() {
    let deep = "<x>".repeat(300_000);
    assert_eq!(attack("deep", &format!("<r xmlns='u:r'>{deep}")), limit(LimitExceeded::Depth(64)));
    let wide = "<x/>".repeat(60_000);
    let limit = limit(LimitExceeded::Elements(50_000));
    assert_eq!(attack("wide", &format!("<r xmlns='u:r'>{wide}</r>")), limit);
}

#[test]
fn references_carriage_returns_and_sections_without_end() {
    for piece in ["&amp;", "&#65;", "&#x1F600;", "\r", "\r\n", "]", "]]", "<![CDATA[]]>", "<!---->"]
    {
        let many = piece.repeat((1 << 20) / piece.len());
        assert_eq!(attack(piece, &format!("<r xmlns='u:r'>{many}</r>")), None, "{piece:?}");
        let value = format!("<r xmlns='u:r' a='{}'/>", many.replace('<', ""));
        assert_eq!(attack(piece, &value), None, "{piece:?}");
    }
}

#[test]
fn what_never_closes_is_looked_for_once() {
    for opening in
        ["<!--", "<![CDATA[", "<?p ", "<!DOCTYPE r [", "&", "<r a='", "<x ", "<x y=", "</"]
    {
        let inside = format!("<r xmlns='u:r'>{}", opening.repeat((1 << 20) / opening.len()));
        check(inside.as_bytes(), &Limits { octets: 2 << 20, ..Limits::default() });
        let outside = opening.repeat((1 << 20) / opening.len());
        check(outside.as_bytes(), &Limits { octets: 2 << 20, ..Limits::default() });
    }
    let pieces = "<!--x-->\"'<?p?>".repeat(60_000);
    let (strict, lenient) = check(
        format!("<!DOCTYPE r [{pieces}]><r xmlns='u:r'/>").as_bytes(),
        &Limits { octets: 2 << 20, ..Limits::default() },
    );
    assert_eq!(strict.error.map(|error| error.kind), Some(XmlErrorKind::DocumentType));
    assert!(lenient.counted.starts <= 1);
}

#[test]
fn a_document_is_no_larger_than_what_is_rendered_of_it() {
    let text = format!("<r xmlns='u:r'>{}</r>", "<x a='1'>&#65;</x>".repeat(40_000));
    let document = parse(text.as_bytes(), &Limits::default()).expect("it is good");
    assert_eq!(document.len(), 40_000 * 4 + 2);
    assert_eq!(document.root().elements().count(), 40_000);
}
