//! XML text for the eyes: one element a line, namespaces where they change.

use dm_xml::{Child, Document, Element, Event, canonical};

/// The document, indented. White space between its elements is not that of the infoset.
pub(crate) fn indented(document: &Document<'_>) -> String {
    let mut text = String::new();
    element(document.root(), None, 0, &mut text);
    text
}

fn element(element: Element<'_>, above: Option<&str>, depth: usize, text: &mut String) {
    let margin = "  ".repeat(depth);
    text.push_str(&margin);
    if element.elements().next().is_none() || element.has_text() {
        // A leaf, or mixed content, where a line break would be a character of it.
        let has_other = element.walk().any(|it| !is_same(it.namespace(), element.namespace()));
        text.push_str(&written(element, above, has_other, element.events()));
        text.push('\n');
        return;
    }
    let bare = written(element, above, false, bare(element));
    text.push_str(bare.split_once("></").map_or(&*bare, |(start, _)| start));
    text.push_str(">\n");
    for child in element.children() {
        if let Child::Element(child) = child {
            self::element(child, Some(element.namespace()), depth + 1, text);
        }
    }
    text.push_str(&format!("{margin}</{}>\n", element.local()));
}

/// Events of this element, its namespace declared only where it is not that of the element above.
/// `has_other`: there are others among them.
fn written<'d>(
    element: Element<'d>,
    above: Option<&str>,
    has_other: bool,
    events: impl Iterator<Item = Event<'d>>,
) -> String {
    let own = element.namespace();
    if !above.is_some_and(|above| is_same(above, own)) {
        return canonical::text_of(events);
    }
    if !has_other {
        // Not written to be taken out again: it can be longer than all the rest.
        return canonical::text_of(events.map(|event| match event {
            Event::Start { local, .. } => Event::Start { namespace: "", local },
            event => event,
        }));
    }
    canonical::text_of(events).replacen(&format!(" xmlns=\"{own}\""), "", 1)
}

/// Whether both are one namespace, which mostly is the same string of the document.
fn is_same(one: &str, other: &str) -> bool {
    core::ptr::eq(one, other) || one == other
}

/// The events of an element without its content.
fn bare(element: Element<'_>) -> impl Iterator<Item = Event<'_>> {
    let start = Event::Start { namespace: element.namespace(), local: element.local() };
    let attributes = element
        .attributes()
        .map(|attribute| Event::Attribute { name: attribute.name, value: attribute.value });
    std::iter::once(start).chain(attributes).chain(std::iter::once(Event::End))
}
