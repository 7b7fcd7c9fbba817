//! What in a message is confidential. [Sessionless §5.2], R13
//!
//! Known by the names of nodes, of the item itself or inside an object that it carries, and by
//! what whoever seals the message marks.

use dm_syncml::tables::SYNCML_1_2;
use dm_syncml::{Command, Item, ItemCommand, SyncBody, is_object};
use dm_tnds::Node;
use dm_xml::{Document, Element, Limits};

/// A `Data` with something confidential in it.
pub struct Found<'d> {
    /// The element.
    pub data: Element<'d>,
    /// The node.
    pub uri: String,
}

/// Each `Data` of a message that holds something confidential. `marked` are further node names,
/// or URIs with all that is below them.
pub fn find<'d>(document: &'d Document<'_>, marked: &[String]) -> Vec<Found<'d>> {
    let Ok(body) = SyncBody::read(document.root()) else { return Vec::new() };
    let mut items = Vec::new();
    gather(&body.commands, &mut items);
    // The model and the elements are walked in the same order.
    let elements = elements(document.root());
    let both = items.into_iter().zip(elements);
    both.filter_map(|((command, item), data)| {
        let uri = confidential(command, item, marked)?;
        Some(Found { data: data?, uri })
    })
    .collect()
}

fn gather<'b>(commands: &'b [Command<'b>], items: &mut Vec<(&'b ItemCommand<'b>, &'b Item<'b>)>) {
    for command in commands {
        match command {
            Command::Group(group) => gather(&group.commands, items),
            Command::Items(command) => {
                items.extend(command.items.iter().map(|item| (command, item)));
            }
            Command::Alert(_) | Command::Tolerated(_) => {}
        }
    }
}

const VERBS: [&str; 6] = ["Add", "Copy", "Delete", "Exec", "Get", "Replace"];

/// The `Data` of each item of a command, in document order.
fn elements(root: Element<'_>) -> impl Iterator<Item = Option<Element<'_>>> {
    let commands = root
        .walk()
        .filter(|element| element.namespace() == SYNCML_1_2 && VERBS.contains(&element.local()));
    let items = commands.flat_map(Element::elements).filter(|child| child.is(SYNCML_1_2, "Item"));
    items.map(|item| item.elements().find(|child| child.is(SYNCML_1_2, "Data")))
}

/// The first confidential node that an item sets.
fn confidential(command: &ItemCommand<'_>, item: &Item<'_>, marked: &[String]) -> Option<String> {
    let data = item.data.as_ref()?;
    let uri = item.target.as_ref().map_or("", |target| &target.loc_uri);
    let uri = uri.split('?').next().unwrap_or_default();
    if is_marked(uri, marked) {
        return Some(uri.to_owned());
    }
    let r#type = item.meta.r#type.as_deref().or(command.meta.r#type.as_deref()).unwrap_or_default();
    if !is_object(r#type) {
        return None;
    }
    let format = item.meta.format.as_deref().or(command.meta.format.as_deref());
    let found = data.with_object(r#type, format == Some("bin"), &Limits::generous(), |object| {
        object.nodes.iter().find_map(|node| inside(node, uri, marked))
    });
    found.ok().flatten()
}

fn inside(node: &Node<'_>, above: &str, marked: &[String]) -> Option<String> {
    let above = node.path.as_deref().unwrap_or(above);
    let uri = match node.node_name.as_deref() {
        Some(name) if !name.is_empty() => format!("{}/{name}", above.trim_end_matches('/')),
        _ => above.to_owned(),
    };
    if node.value.is_some() && is_marked(&uri, marked) {
        return Some(uri);
    }
    node.nodes.iter().find_map(|child| inside(child, &uri, marked))
}

fn is_marked(uri: &str, marked: &[String]) -> bool {
    let name = uri.rsplit('/').next().unwrap_or_default();
    dm_mo::is_confidential(name)
        || marked.iter().any(|mark| {
            let below = uri.strip_prefix(mark.trim_end_matches('/'));
            name == mark || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
}
