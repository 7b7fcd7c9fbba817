//! The exclusive canonical form with prefixes, from an infoset that has none: whoever knows the
//! prefix of each namespace can put them back. [Exclusive C14N 1.0 §3]

use dm_xml::{Child, Element};

/// Namespace and prefix; an empty prefix is the default namespace.
pub type Prefixes<'p> = &'p [(&'p str, &'p str)];

/// The canonical form of an element and all below it, with these prefixes.
pub fn spelled(element: Element<'_>, prefixes: Prefixes<'_>) -> String {
    let mut text = String::new();
    write(element, prefixes, &mut Vec::new(), &mut text);
    text
}

fn write<'d>(
    element: Element<'d>,
    prefixes: Prefixes<'d>,
    declared: &mut Vec<(&'d str, &'d str)>,
    text: &mut String,
) {
    let space = element.namespace();
    let found = prefixes.iter().find(|(namespace, _)| *namespace == space);
    let (_, prefix) = *found.unwrap_or_else(|| panic!("no prefix for {space:?}"));
    let name = match prefix {
        "" => element.local().to_owned(),
        prefix => format!("{prefix}:{}", element.local()),
    };
    *text += &format!("<{name}");
    let depth = declared.len();
    // A prefix is declared where it is used and not declared above: in the output, not the input.
    let above = declared.iter().rev().find(|(known, _)| *known == prefix).map(|(_, space)| *space);
    if above.unwrap_or_default() != space {
        let colon = if prefix.is_empty() { "" } else { ":" };
        *text += &format!(" xmlns{colon}{prefix}=\"{}\"", escaped(space, true));
        declared.push((prefix, space));
    }
    let mut attributes: Vec<_> = element.attributes().collect();
    attributes.sort_by_key(|attribute| attribute.name);
    for attribute in attributes {
        *text += &format!(" {}=\"{}\"", attribute.name, escaped(attribute.value, true));
    }
    text.push('>');
    for child in element.children() {
        match child {
            Child::Element(element) => write(element, prefixes, declared, text),
            Child::Text(run) => *text += &escaped(run, false),
            Child::Octets(octets) => *text += &crate::libwbxml::tree::base64(octets),
        }
    }
    declared.truncate(depth);
    *text += &format!("</{name}>");
}

fn escaped(text: &str, in_attribute: bool) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('\r', "&#xD;");
    if in_attribute {
        text.replace('"', "&quot;").replace('\t', "&#x9;").replace('\n', "&#xA;")
    } else {
        text.replace('>', "&gt;")
    }
}
