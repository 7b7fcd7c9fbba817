//! What the draft asks of a server's commands, and a device cannot mend. [Sessionless §5.4, §5.5]
//!
//! R17: the ACL of a new node is in the object that brings the node, and in no command behind it.
//! R28: a reference into the Inbox leads to a node of the same object.

use std::collections::{BTreeMap, BTreeSet};

use dm_agent::config::TreePolicy;
use dm_syncml::{Command, ItemCommand, SyncBody, Verb, is_object};
use dm_tnds::{MgmtTree, Node, Value};
use dm_tree::{MoId, Property, Target, Uri};
use dm_xml::{Document, Limits};

/// What the draft would have otherwise, a sentence each, in document order.
pub fn doubts(document: &Document<'_>) -> Vec<String> {
    let mut walk = Walk { policy: TreePolicy::default(), made: BTreeSet::new(), said: Vec::new() };
    if let Ok(body) = SyncBody::read(document.root()) {
        walk.commands(&body.commands);
    }
    walk.said
}

struct Walk {
    policy: TreePolicy,
    /// Nodes that an object has brought so far.
    made: BTreeSet<Uri>,
    said: Vec<String>,
}

impl Walk {
    /// Recursive in groups: the depth of a document is limited when it is read.
    fn commands(&mut self, commands: &[Command<'_>]) {
        for command in commands {
            match command {
                Command::Group(group) => self.commands(&group.commands),
                Command::Items(command) => self.items(command),
                Command::Alert(_) | Command::Tolerated(_) => {}
            }
        }
    }

    fn items(&mut self, command: &ItemCommand<'_>) {
        for item in &command.items {
            let uri = item.target.as_ref().map_or("", |target| &target.loc_uri);
            let Ok(target) = Target::parse(uri) else { continue };
            if command.verb == Verb::Replace
                && target.property == Some(Property::Acl)
                && self.made.contains(&target.uri)
            {
                self.said.push(format!(
                    "R17: {uri} is replaced behind the Add of that node; write the list into \
                     RTProperties/ACL of the object"
                ));
            }
            let Some(data) = &item.data else { continue };
            let r#type = item.meta.r#type.as_deref().or(command.meta.r#type.as_deref());
            let r#type = r#type.unwrap_or_default();
            if !is_object(r#type) {
                continue;
            }
            let format = item.meta.format.as_deref().or(command.meta.format.as_deref());
            let is_added = command.verb == Verb::Add;
            let _ = data.with_object(r#type, format == Some("bin"), &Limits::generous(), |it| {
                self.object(it, &target.uri, is_added);
            });
        }
    }

    fn object(&mut self, object: &MgmtTree<'_>, target: &Uri, is_added: bool) {
        // By the URI inside the object, which begins with the Inbox as a reference does.
        let mut inside = BTreeMap::new();
        let to_inbox = target.segments().next() == Some("Inbox");
        for root in &object.nodes {
            let path = root.path.as_deref().unwrap_or_default();
            let path = path.strip_prefix("./").unwrap_or(path);
            let name = root.node_name.as_deref().unwrap_or_default();
            let below = |top: &str| -> Option<Uri> {
                let names = [top, path, name].into_iter().filter(|part| !part.is_empty());
                Uri::parse(&names.collect::<Vec<_>>().join("/")).ok()
            };
            let nameless = name.is_empty() && path.is_empty() && to_inbox;
            let (Some(own), Some(stands)) = (below("./Inbox"), below(target.as_str())) else {
                continue;
            };
            let stands = match to_inbox {
                true => self.home(root, if nameless { target.name() } else { own.name() }),
                false => Some(stands),
            };
            let own = if nameless { target.clone() } else { own };
            if let Some(stands) = stands.filter(|_| is_added) {
                self.note_made(root, stands);
            }
            gather(root, own, &mut inside);
        }
        for (uri, node) in &inside {
            let Some(Value::Text(text)) = &node.value else { continue };
            let is_reference = self.policy.reference_leaves.iter().any(|it| it == uri.name());
            let leads = Uri::parse(text).is_ok_and(|to| inside.contains_key(&to));
            if is_reference && text.starts_with("./Inbox/") && !leads {
                self.said.push(format!(
                    "R28: {text} in {uri} leads to nothing in the same object; write ./Inbox/ and \
                     the URI of the object's node"
                ));
            }
        }
    }

    /// Where a device puts a delivered object by default.
    fn home(&self, root: &Node<'_>, name: &str) -> Option<Uri> {
        let r#type = root.rt_properties.as_ref()?.r#type.as_ref()?.as_str();
        let parent = self.policy.inbox.get(&*MoId::parse(r#type).name)?;
        Uri::parse(parent).ok()?.join(name).ok()
    }

    fn note_made(&mut self, node: &Node<'_>, uri: Uri) {
        for child in &node.nodes {
            if let Ok(below) = uri.join(child.node_name.as_deref().unwrap_or_default()) {
                self.note_made(child, below);
            }
        }
        self.made.insert(uri);
    }
}

/// The nodes of an object, by the URIs that they have in it.
fn gather<'n, 'd>(node: &'n Node<'d>, uri: Uri, all: &mut BTreeMap<Uri, &'n Node<'d>>) {
    for child in &node.nodes {
        if let Ok(below) = uri.join(child.node_name.as_deref().unwrap_or_default()) {
            gather(child, below, all);
        }
    }
    all.insert(uri, node);
}
