//! The readers of XML text, the strict and the lenient one, against another reader of it.

use dm_xml::character::forbidden;
use dm_xml::{
    Assembly, Document, Event, Lenient, Limits, Stopped, XmlError, XmlErrorKind, canonical,
};
use roxmltree::{Node, NodeType};

use crate::reference;
use crate::wbxml_strict::canonical_text_is_xml;

/// Any octets.
///
/// # Panics
/// When an error points outside the text, the canonical form is no fixed point, the other reader
/// refuses what ours takes or sees something else in it, or ours calls text malformed that the
/// other reads; when the strict reader ends with another error than what the lenient one met
/// first.
pub fn check(octets: &[u8]) {
    let ours = dm_xml::parse(octets, &Limits::default());
    lenient(octets, &ours);
    let text = core::str::from_utf8(octets).ok().map(reference::lines::normalized);
    let theirs = text.as_deref().map(roxmltree::Document::parse);
    match (ours, theirs) {
        (Ok(ours), Some(Ok(theirs))) => {
            canonical_text_is_xml(&ours);
            let mut seen = Vec::new();
            walk(theirs.root_element(), &mut seen);
            let nodes = theirs.descendants();
            let has_none =
                |node: Node<'_, '_>| node.attributes().all(|it| it.namespace().is_none());
            assert!(nodes.into_iter().all(has_none), "ours has none");
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
            let text = text.as_deref().unwrap_or_default();
            let expected = is_policy(&error.kind) || is_their_fault(&error.kind, text);
            assert!(!well_formed || expected, "only they take it: {error}");
        }
    }
}

/// Whether the other reader lets through what is no XML.
fn is_their_fault(kind: &XmlErrorKind, text: &str) -> bool {
    match kind {
        // `&#x110000;`
        XmlErrorKind::Entity => text.contains("&#"),
        // `<a xmlns="u:" xmlns="">`, and others that declare twice
        XmlErrorKind::AttributeTwice => text.matches("xmlns").count() > 1,
        // `<a></:a>`
        XmlErrorKind::Syntax if text.contains("</:") => true,
        // `version="00.0"`, `encoding.="UTF-8"`
        XmlErrorKind::Syntax => {
            let text = text.trim_start_matches('\u{FEFF}');
            let declaration = text.strip_prefix("<?xml").and_then(|text| text.split_once("?>"));
            declaration.is_some_and(|(declaration, _)| !is_declaration(declaration))
        }
        _ => false,
    }
}

/// Whether this is what an XML declaration may say. [XML 1.0 §2.8]
fn is_declaration(text: &str) -> bool {
    let mut words = text.replace(['\t', '\n', '\r'], " ").replace('\'', "\"");
    for (long, short) in [("  ", " "), (" =", "="), ("= ", "=")] {
        while words.contains(long) {
            words = words.replace(long, short);
        }
    }
    let Some(rest) = words.strip_prefix(" version=\"1.0\"") else { return false };
    let encoding = rest.strip_prefix(" encoding=\"").and_then(|rest| rest.split_once('"'));
    let rest = encoding.map_or(rest, |(_, rest)| rest);
    matches!(rest.trim(), "" | "standalone=\"yes\"" | "standalone=\"no\"")
}

/// The lenient reader sees what the strict one sees, up to what that one refuses; what it sees
/// beyond is what the other reader sees.
fn lenient(octets: &[u8], strict: &Result<Document<'_>, XmlError>) {
    let mut met = Lenient::default();
    let mut assembly = Assembly::with_capacity(8);
    let read = dm_xml::read(octets, &Limits::default(), &mut met, &mut assembly);
    let read = read.map_err(Stopped::into_input);
    let met: &[XmlError] = met.deviations();
    assert!(met.is_sorted_by_key(|met| met.offset), "{met:?}");
    assert!(met.iter().all(|met| met.offset < octets.len()), "{met:?}");
    let expected = met.first().or_else(|| read.as_ref().err());
    assert_eq!(strict.as_ref().err(), expected, "the strict reader ends there");
    if read.is_err() {
        return;
    }
    let document = assembly.finish().expect("one root has begun and ended");
    assert_eq!(forbidden(&canonical::text(&document)), None);
    if let Ok(strict) = strict {
        assert_eq!(canonical::text(strict), canonical::text(&document));
        return;
    }
    let text = reference::lines::normalized(core::str::from_utf8(octets).expect("as XML is"));
    let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
    if text.contains(":xmlns") {
        return; // which the other reader takes for a declaration
    }
    match roxmltree::Document::parse_with_options(&text, options) {
        Ok(theirs) => {
            let mut seen = Vec::new();
            walk(theirs.root_element(), &mut seen);
            let ours = events(&document).into_iter().map(Seen::without_prefix);
            assert_eq!(ours.collect::<Vec<_>>(), seen, "both readers see the same");
        }
        // Nothing in a DTD is looked at; prefixes may be undeclared, attributes meet in one name.
        Err(error) => {
            let is_shown = |met: &XmlError| met.kind != XmlErrorKind::ProcessingInstruction;
            assert!(met.iter().any(is_shown), "only we take it: {error}");
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

impl Seen {
    /// As the other reader gives the names of attributes: without their prefixes.
    fn without_prefix(self) -> Self {
        match self {
            Self::Attribute(name, value) => {
                Self::Attribute(name.rsplit(':').next().unwrap_or_default().into(), value)
            }
            other => other,
        }
    }
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
