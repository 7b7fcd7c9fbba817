//! The reader of XML text, against another reader of it.

use dm_xml::{Document, Event, Limits, XmlErrorKind, canonical};
use roxmltree::{Node, NodeType};

use crate::reference;
use crate::wbxml_strict::canonical_text_is_xml;

/// Any octets.
///
/// # Panics
/// When an error points outside the text, the canonical form is no fixed point, the other reader
/// refuses what ours takes or sees something else in it, or ours calls text malformed that the
/// other reads.
pub fn check(octets: &[u8]) {
    let ours = dm_xml::parse(octets, &Limits::default());
    let text = core::str::from_utf8(octets).ok().map(reference::lines::normalized);
    let theirs = text.as_deref().map(roxmltree::Document::parse);
    match (ours, theirs) {
        (Ok(ours), Some(Ok(theirs))) => {
            canonical_text_is_xml(&ours);
            let mut seen = Vec::new();
            walk(theirs.root_element(), &mut seen);
            assert_eq!(events(&ours), seen, "both readers see the same");
            assert_eq!(
                canonical::text(&ours),
                reference::c14n::canonical(theirs.root_element(), None)
            );
        }
        (Ok(_), Some(Err(error))) => panic!("only we take it: {error}"),
        (Ok(_), None) => panic!("only we take what is not UTF-8"),
        (Err(error), theirs) => {
            assert!(error.offset <= octets.len(), "{error}");
            let well_formed = matches!(theirs, Some(Ok(_)));
            // The other reader lets `&#x110000;` through.
            let is_their_fault = error.kind == XmlErrorKind::Entity
                && text.as_deref().is_some_and(|text| text.contains("&#"));
            let expected = is_policy(&error.kind) || is_their_fault;
            assert!(!well_formed || expected, "only they take it: {error}");
        }
    }
}

/// Whether well-formed text is refused by this on purpose: the infoset of a message cannot hold
/// what it has, or it is too much.
fn is_policy(kind: &XmlErrorKind) -> bool {
    use XmlErrorKind as Kind;
    matches!(
        kind,
        Kind::AttributeWithNamespace
            | Kind::DocumentType
            | Kind::Encoding
            | Kind::Limit(_)
            | Kind::Namespace
            | Kind::ProcessingInstruction
    )
}

/// One thing in a document, with text in one piece.
#[derive(Debug, PartialEq)]
enum Seen {
    Start(String, String),
    Attribute(String, String),
    Text(String),
    End,
}

fn events(document: &Document<'_>) -> Vec<Seen> {
    let mut seen = Vec::new();
    for event in document.events() {
        match event {
            Event::Start { namespace, local } => {
                seen.push(Seen::Start(namespace.into(), local.into()))
            }
            Event::Attribute { name, value } => {
                seen.push(Seen::Attribute(name.into(), value.into()))
            }
            Event::Text(text) => push_text(text, &mut seen),
            Event::Octets(_) => panic!("text has no octets"),
            Event::End => seen.push(Seen::End),
        }
    }
    seen
}

fn walk(node: Node<'_, '_>, seen: &mut Vec<Seen>) {
    match node.node_type() {
        NodeType::Text => push_text(node.text().unwrap_or_default(), seen),
        NodeType::Element => {
            let name = node.tag_name();
            seen.push(Seen::Start(name.namespace().unwrap_or_default().into(), name.name().into()));
            for attribute in node.attributes() {
                assert_eq!(attribute.namespace(), None, "ours has none");
                seen.push(Seen::Attribute(attribute.name().into(), attribute.value().into()));
            }
            node.children().for_each(|child| walk(child, seen));
            seen.push(Seen::End);
        }
        NodeType::Root | NodeType::Comment | NodeType::PI => {}
    }
}

fn push_text(text: &str, seen: &mut Vec<Seen>) {
    match seen.last_mut() {
        _ if text.is_empty() => {}
        Some(Seen::Text(before)) => before.push_str(text),
        _ => seen.push(Seen::Text(text.into())),
    }
}
