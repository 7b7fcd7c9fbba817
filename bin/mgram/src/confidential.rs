//! What in a message is confidential. [Sessionless §5.2], R13
//!
//! Known by the names of nodes, of the item itself or inside an object that it carries, by device
//! descriptions where a node can be written and not read, and by what whoever seals marks.

use dm_lint::{Catalog, Described};
use dm_syncml::tables::SYNCML_1_2;
use dm_syncml::{Command, Item, ItemCommand, SyncBody, is_object};
use dm_tnds::{Node, Type};
use dm_xml::{Document, Element, Limits};

/// A `Data` with something confidential in it.
pub struct Found<'d> {
    /// The element.
    pub data: Element<'d>,
    /// The node.
    pub uri: String,
}

/// What makes a value confidential beside the name of its node.
#[derive(Debug, Default)]
pub struct Marks {
    /// Names of nodes, or URIs with all that is below them.
    pub names: Vec<String>,
    /// Descriptions of the device's nodes.
    pub catalog: Option<Catalog>,
}

/// Each `Data` of a message that holds something confidential.
pub fn find<'d>(document: &'d Document<'_>, marks: &Marks) -> Vec<Found<'d>> {
    let Ok(body) = SyncBody::read(document.root()) else { return Vec::new() };
    let mut items = Vec::new();
    gather(&body.commands, &mut items);
    // The model and the elements are walked in the same order.
    let elements = elements(document.root());
    let both = items.into_iter().zip(elements);
    both.filter_map(|((command, item), data)| {
        let uri = marks.first(command, item)?;
        Some(Found { data: data?, uri })
    })
    .collect()
}

fn gather<'b, 'd>(
    commands: &'b [Command<'d>],
    items: &mut Vec<(&'b ItemCommand<'d>, &'b Item<'d>)>,
) {
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

impl Marks {
    /// The first confidential node that an item sets.
    fn first(&self, command: &ItemCommand<'_>, item: &Item<'_>) -> Option<String> {
        let data = item.data.as_ref()?;
        let uri = item.target.as_ref().map_or("", |target| &target.loc_uri);
        let uri = uri.split('?').next().unwrap_or_default();
        let described = self.catalog.as_ref().and_then(|catalog| catalog.at(uri));
        if self.has(uri, described) {
            return Some(uri.to_owned());
        }
        let r#type = item.meta.r#type.as_deref().or(command.meta.r#type.as_deref());
        let r#type = r#type.unwrap_or_default();
        if !is_object(r#type) {
            return None;
        }
        let format = item.meta.format.as_deref().or(command.meta.format.as_deref());
        let is_octets = format == Some("bin");
        let found = data.with_object(r#type, is_octets, &Limits::generous(), |object| {
            object.nodes.iter().find_map(|node| self.inside(node, uri, described))
        });
        found.ok().flatten()
    }

    /// The first confidential node of an object. Its root stands where the command puts it, is
    /// named by `Path`, or is what its Type says, wherever that comes to stand.
    fn inside<'c>(
        &'c self,
        node: &Node<'_>,
        above: &str,
        described: Option<Described<'c>>,
    ) -> Option<String> {
        let catalog = self.catalog.as_ref();
        let (above, described) = match node.path.as_deref() {
            Some(path) => (path, catalog.and_then(|catalog| catalog.at(path))),
            None => (above, described),
        };
        let (uri, described) = match node.node_name.as_deref() {
            Some(name) if !name.is_empty() => (
                format!("{}/{name}", above.trim_end_matches('/')),
                described.and_then(|above| above.child(name)),
            ),
            _ => (above.to_owned(), described),
        };
        let r#type = node.rt_properties.as_ref().and_then(|properties| properties.r#type.as_ref());
        let object = match r#type {
            Some(Type::DdfName(identifier)) => catalog.and_then(|it| it.root_of(identifier)),
            _ => None,
        };
        let described = object.or(described);
        if node.value.is_some() && self.has(&uri, described) {
            return Some(uri);
        }
        node.nodes.iter().find_map(|child| self.inside(child, &uri, described))
    }

    fn has(&self, uri: &str, described: Option<Described<'_>>) -> bool {
        let name = uri.rsplit('/').next().unwrap_or_default();
        dm_mo::is_confidential(name)
            || described.is_some_and(Described::is_write_only)
            || self.names.iter().any(|mark| {
                let below = uri.strip_prefix(mark.trim_end_matches('/'));
                name == mark || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }
}
