//! Exclusive canonical XML over the tree of another parser. [Exclusive C14N 1.0 §3, C14N 1.0 §2.3]
//!
//! Written from the recommendation for documents whose attributes have no namespace. It forgets
//! prefixes, as the infoset of a message does [profile §3], so every element declares its
//! namespace as the default where it is not declared already.

use roxmltree::{Node, NodeId, NodeType};

/// The canonical form of this element, without the element `omitted` and all below it.
#[must_use]
pub fn canonical(element: Node<'_, '_>, omitted: Option<NodeId>) -> String {
    let mut text = String::new();
    write(element, omitted, None, &mut text);
    text
}

fn write(node: Node<'_, '_>, omitted: Option<NodeId>, declared: Option<&str>, to: &mut String) {
    if Some(node.id()) == omitted {
        return;
    }
    match node.node_type() {
        NodeType::Text => escape(node.text().unwrap_or_default(), TEXT, to),
        NodeType::Element => {
            let (name, namespace) = (node.tag_name().name(), node.tag_name().namespace());
            to.push('<');
            to.push_str(name);
            if namespace != declared {
                attribute("xmlns", namespace.unwrap_or_default(), to);
            }
            let mut attributes: Vec<_> = node.attributes().collect();
            attributes.sort_by_key(|attribute| attribute.name());
            for each in attributes {
                attribute(each.name(), each.value(), to);
            }
            to.push('>');
            node.children().for_each(|child| write(child, omitted, namespace, to));
            to.push_str("</");
            to.push_str(name);
            to.push('>');
        }
        NodeType::Root | NodeType::Comment | NodeType::PI => {}
    }
}

fn attribute(name: &str, value: &str, to: &mut String) {
    to.push(' ');
    to.push_str(name);
    to.push_str("=\"");
    escape(value, VALUE, to);
    to.push('"');
}

fn escape(text: &str, escapes: &[(char, &str)], to: &mut String) {
    for character in text.chars() {
        match escapes.iter().find(|(escaped, _)| *escaped == character) {
            Some((_, reference)) => to.push_str(reference),
            None => to.push(character),
        }
    }
}

const TEXT: &[(char, &str)] = &[('&', "&amp;"), ('<', "&lt;"), ('>', "&gt;"), ('\r', "&#xD;")];

const VALUE: &[(char, &str)] = &[
    ('&', "&amp;"),
    ('<', "&lt;"),
    ('"', "&quot;"),
    ('\t', "&#x9;"),
    ('\n', "&#xA;"),
    ('\r', "&#xD;"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_the_recommendation_shows() {
        // After [C14N 1.0 §3.3, §3.4], with a namespace on every element.
        let text = "<e xmlns='urn:a' z=\"1\" b='&#9;&#10;&#13;\"&lt;>'><!-- no --><f xmlns='urn:b'/>\
                    <f xmlns='urn:b'><f xmlns='urn:b'/></f>&#13;<![CDATA[1>2&]]></e>";
        let document = roxmltree::Document::parse(text).unwrap();
        assert_eq!(
            canonical(document.root_element(), None),
            "<e xmlns=\"urn:a\" b=\"&#x9;&#xA;&#xD;&quot;&lt;>\" z=\"1\"><f xmlns=\"urn:b\"></f>\
             <f xmlns=\"urn:b\"><f></f></f>&#xD;1&gt;2&amp;</e>"
        );
    }

    #[test]
    fn an_element_can_be_left_out() {
        let document = roxmltree::Document::parse("<a xmlns='urn:a'>x<b>y</b>z</a>").unwrap();
        let b = document.root_element().children().find(Node::is_element).unwrap();
        assert_eq!(canonical(document.root_element(), Some(b.id())), "<a xmlns=\"urn:a\">xz</a>");
        assert_eq!(canonical(b, None), "<b xmlns=\"urn:a\">y</b>");
    }
}
