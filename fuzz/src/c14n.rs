//! The canonical form, against two others: that of the `bergshamra` library, and our plain one.

use bergshamra_c14n::C14nMode;
use dm_xml::{Document, Limits, canonical};
use roxmltree::Node;

use crate::reference;
use crate::{choices, infoset};

/// XML text, or a document of choices.
///
/// # Panics
/// When an implementation finds another canonical form: of the document, of any of its elements,
/// or of the document without one of them.
pub fn check(octets: &[u8]) {
    if let Some(mut choices) = choices(octets) {
        if let Ok(document) = infoset::document(&mut choices) {
            let text = canonical::text(&document);
            by_library(&text, &text);
            parts(&document, &roxmltree::Document::parse(&text).expect("canonical form is XML"));
        }
        return;
    }
    let Ok(document) = dm_xml::parse(octets, &Limits::default()) else { return };
    let source = reference::lines::normalized(core::str::from_utf8(octets).expect("it was parsed"));
    let text = canonical::text(&document);
    by_library(&text, &text);
    // Whether what we take is well-formed is what the target `xml_text` asks.
    let Ok(parsed) = roxmltree::Document::parse(&source) else { return };
    if is_plain(&parsed) {
        by_library(source.trim_start_matches('\u{FEFF}'), &text);
    }
    parts(&document, &parsed);
}

/// The library makes `expected` of `source`.
fn by_library(source: &str, expected: &str) {
    let none: &[&str] = &[];
    let canonical = bergshamra_c14n::canonicalize(source, C14nMode::Exclusive, None, none);
    let canonical = canonical.expect("the library reads it");
    assert_eq!(String::from_utf8(canonical).as_deref(), Ok(expected), "of {source:?}");
}

/// Whether the canonical form of the text itself is that of its infoset: the infoset of a message
/// forgets prefixes, and the library now and then keeps ends of lines that should become spaces,
/// in attributes and in namespaces.
fn is_plain(document: &roxmltree::Document<'_>) -> bool {
    let source = document.input_text();
    let plain = |node: Node<'_, '_>| {
        let name = source.get(node.range().start + 1..).unwrap_or_default();
        let end = name.find(['>', '/', ' ', '\t', '\n', '\r']).unwrap_or(name.len());
        let namespace = node.tag_name().namespace().unwrap_or_default();
        let mut values = node.attributes().map(|attribute| &source[attribute.range_value()]);
        !name[..end].contains(':')
            && !namespace.contains(' ')
            && !values.any(|value| value.contains(['\t', '\n']))
    };
    document.descendants().filter(Node::is_element).all(plain)
}

/// Every element by itself, and the document without it, for the first few elements.
fn parts(document: &Document<'_>, parsed: &roxmltree::Document<'_>) {
    let root = parsed.root_element();
    assert_eq!(canonical::text(document), reference::c14n::canonical(root, None));
    let elements = parsed.descendants().filter(Node::is_element);
    for (ours, theirs) in document.root().walk().zip(elements).skip(1).take(ELEMENTS) {
        let part = canonical::text_of(ours.events());
        assert_eq!(part, reference::c14n::canonical(theirs, None));
        let rest = canonical::text_of(document.events_without(ours));
        assert_eq!(rest, reference::c14n::canonical(root, Some(theirs.id())));
    }
}

/// Each costs twice the document.
const ELEMENTS: usize = 8;
