//! XML text for the eyes: one element a line, namespaces where they change.

use dm_xml::{Child, Document, Element, canonical};

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
        let whole = canonical::text_of(element.events());
        let declaration = format!(" xmlns=\"{}\"", element.namespace());
        match above {
            Some(above) if above == element.namespace() => {
                text.push_str(&whole.replacen(&declaration, "", 1));
            }
            _ => text.push_str(&whole),
        }
        text.push('\n');
        return;
    }
    let bare = canonical::text_of(bare(element));
    let start = bare.split_once("></").map_or(&*bare, |(start, _)| start);
    let declaration = format!(" xmlns=\"{}\"", element.namespace());
    match above {
        Some(above) if above == element.namespace() => {
            text.push_str(&start.replacen(&declaration, "", 1));
        }
        _ => text.push_str(start),
    }
    text.push_str(">\n");
    for child in element.children() {
        if let Child::Element(child) = child {
            self::element(child, Some(element.namespace()), depth + 1, text);
        }
    }
    text.push_str(&format!("{margin}</{}>\n", element.local()));
}

/// The events of an element without its content.
fn bare(element: Element<'_>) -> impl Iterator<Item = dm_xml::Event<'_>> {
    let start = dm_xml::Event::Start { namespace: element.namespace(), local: element.local() };
    let attributes = element
        .attributes()
        .map(|attribute| dm_xml::Event::Attribute { name: attribute.name, value: attribute.value });
    std::iter::once(start).chain(attributes).chain(std::iter::once(dm_xml::Event::End))
}
