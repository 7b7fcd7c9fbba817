//! What a document that is no message holds, as a tree: objects, provisioning, anything.
//! [TNDS 1.2 §9.2], [OMA ProvCont 1.1 §4]

use dm_xml::Element;

use super::{Line, child, quoted, shown, text_at};

/// The lines of a document, from its root on.
pub(super) fn lines(root: Element<'_>, depth: usize, lines: &mut Vec<Line>) {
    match root.local() {
        "MgmtTree" => {
            let nodes = root.elements().filter(|child| child.local() == "Node");
            nodes.for_each(|child| node(child, depth, lines));
        }
        "wap-provisioningdoc" => {
            root.elements().for_each(|child| characteristic(child, depth, lines));
        }
        _ => root.elements().for_each(|child| any(child, depth, lines)),
    }
}

/// A node of an object: its name, what it is, its value, its ACL.
fn node(node: Element<'_>, depth: usize, lines: &mut Vec<Line>) {
    let name = text_at(node, &["NodeName"]).map_or("(unnamed)".to_owned(), |name| shown(&name));
    let mut text = match text_at(node, &["Path"]) {
        Some(path) => format!("{}/{name}", shown(&path).trim_end_matches('/')),
        None => name,
    };
    let properties = child(node, "RTProperties").or_else(|| child(node, "DFProperties"));
    let format = properties.and_then(|it| child(it, "Format")).and_then(|it| it.elements().next());
    let r#type = properties.and_then(|it| child(it, "Type")).and_then(|it| it.elements().next());
    if let Some(value) = child(node, "Value") {
        text += " = ";
        text += &match value.octets() {
            Some(octets) => format!("{} octets", octets.len()),
            None => quoted(&value.text()),
        };
    }
    let said = [format.map(|it| shown(it.local())), r#type.map(|it| it.text().into_owned())];
    let said: Vec<String> = said.into_iter().flatten().filter(|it| !it.is_empty()).collect();
    if !said.is_empty() {
        text += &format!(" ({})", shown(&said.join(", ")));
    }
    if let Some(acl) = properties.and_then(|it| text_at(it, &["ACL"])) {
        text += &format!(" ACL {}", shown(&acl));
    }
    lines.push(Line { text, depth });
    let children = node.elements().filter(|child| child.local() == "Node");
    children.for_each(|child| self::node(child, depth + 1, lines));
}

fn characteristic(element: Element<'_>, depth: usize, lines: &mut Vec<Line>) {
    let of = |name| element.attribute(name).map(shown);
    let text = match element.local() {
        "parm" => {
            let name = of("name").unwrap_or_default();
            let value = element.attribute("value").map(|value| format!(" = {}", quoted(value)));
            name + &value.unwrap_or_default()
        }
        _ => of("type").unwrap_or_else(|| shown(element.local())),
    };
    lines.push(Line { text, depth });
    element.elements().for_each(|child| characteristic(child, depth + 1, lines));
}

/// Any element: its name, its attributes, its text.
fn any(element: Element<'_>, depth: usize, lines: &mut Vec<Line>) {
    let mut text = shown(element.local());
    for attribute in element.attributes() {
        text += &format!(" {}={}", shown(attribute.name), quoted(attribute.value));
    }
    if let Some(octets) = element.octets() {
        text += &format!(": {} octets", octets.len());
    } else if element.has_text() {
        text += &format!(": {}", quoted(&element.text()));
    }
    lines.push(Line { text, depth });
    element.elements().for_each(|child| any(child, depth + 1, lines));
}
