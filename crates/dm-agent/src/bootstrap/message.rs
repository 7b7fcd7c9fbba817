//! A bootstrap document that is a DM message: what its server would send in a session, pushed
//! instead. [BOOT 1.2 §5.4]
//!
//! Only objects are read, and only on their way to the Inbox: by Add or Replace, alone or in a
//! group. Whatever else a message says would have an effect that a document has not, so it is
//! refused as a whole. Nobody is answered, and there is no session.

use dm_syncml::{Command, Item, ItemCommand, SyncMl, Verb, is_object};
use dm_tnds::{Format, MgmtTree, Node};
use dm_tree::Uri;
use dm_xml::{Element, Limits};

use super::document::Refused;

/// The objects of the message with this root, as one.
///
/// # Errors
/// [`Refused::Unreadable`], with the command that is none of a bootstrap.
pub(super) fn objects(root: Element<'_>, limits: &Limits) -> Result<MgmtTree<'static>, Refused> {
    let message = SyncMl::read(root).map_err(|error| Refused::Unreadable(error.to_string()))?;
    let mut nodes = Vec::new();
    read_all(&message.sync_body.commands, limits, &mut nodes)?;
    Ok(MgmtTree::new(nodes))
}

/// The depth of groups is that of elements, which is limited.
fn read_all(
    commands: &[Command<'_>],
    limits: &Limits,
    nodes: &mut Vec<Node<'static>>,
) -> Result<(), Refused> {
    for command in commands {
        match command {
            Command::Group(group) => read_all(&group.commands, limits, nodes)?,
            Command::Items(command) if matches!(command.verb, Verb::Add | Verb::Replace) => {
                for item in &command.items {
                    read_item(command, item, limits, nodes)?;
                }
            }
            Command::Items(command) => {
                return Err(other(&command.cmd_id, command.verb.as_str()));
            }
            Command::Alert(alert) => return Err(other(&alert.cmd_id, "Alert")),
            Command::Tolerated(_) => {} // means nothing where nobody asked
        }
    }
    Ok(())
}

fn read_item(
    command: &ItemCommand<'_>,
    item: &Item<'_>,
    limits: &Limits,
    nodes: &mut Vec<Node<'static>>,
) -> Result<(), Refused> {
    let target = item.target.as_ref().map_or("", |target| &target.loc_uri);
    let bare = target.strip_suffix('/').unwrap_or(target); // the root is also written "./"
    if !Uri::parse(bare).is_ok_and(|uri| uri == Uri::inbox() || uri.is_root()) {
        return Err(other(&command.cmd_id, &format!("{} to {target:?}", command.verb.as_str())));
    }
    let r#type = item.meta.r#type.as_deref().or(command.meta.r#type.as_deref());
    let format = item.meta.format.as_deref().or(command.meta.format.as_deref());
    let is_bin = format.and_then(Format::parse).is_some_and(Format::is_octets);
    let object = r#type.filter(|r#type| is_object(r#type) && !item.more_data);
    let (Some(r#type), Some(data)) = (object, &item.data) else {
        return Err(other(&command.cmd_id, "data that is no whole object"));
    };
    let read = data.with_object(r#type, is_bin, limits, |object| {
        nodes.extend(object.nodes.iter().cloned().map(Node::into_owned));
    });
    read.map_err(|error| Refused::Unreadable(format!("command {}: {error}", command.cmd_id)))
}

fn other(cmd_id: &str, what: &str) -> Refused {
    Refused::Unreadable(format!(
        "command {cmd_id}: {what}; a bootstrap message is Add or Replace of objects to ./Inbox"
    ))
}

#[cfg(test)]
mod tests;
