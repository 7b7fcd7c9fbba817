//! Where the objects of a delivery go. [STD 1.2 §7.1.3.4, Sessionless §5.5]
//!
//! The type of a top-level node tells which management object it is. Unsupported ones are
//! skipped (R30), of several versions of one the newest supported is used (R31), a name that is
//! taken is followed by a number (R24), and references inside the delivery are rewritten (R25).
//! The maker's [`ObjectPolicy`](crate::ObjectPolicy) may say otherwise.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use dm_tnds::MgmtTree;

use crate::descriptions::Spellings;
use crate::reference::Places;
use crate::tnds::{Placed, placed_with};
use crate::{Failure, MoId, Note, Reason, Rules, Tree, Unprepared, Uri};

/// The nodes of an object on its way through the Inbox, parents first.
#[derive(Default)]
pub(crate) struct Delivery {
    /// With URIs below `./Inbox` as yet.
    pub(crate) nodes: Vec<Placed>,
    /// The roots among them that the device had to name.
    pub(crate) unnamed: BTreeSet<Uri>,
}

/// Reads an object whose command has the Inbox as its target, or a node directly below it: then an
/// object without a name has the name of that node. [STD 1.2 §7.1.3.4]
///
/// One without any name gets that of its place with a number behind it: `./NAP/NAP1`.
pub(crate) fn delivered(
    object: &MgmtTree<'_>,
    target: &Uri,
    rules: &Rules,
    tree: &Tree,
) -> Result<Delivery, Failure> {
    let inbox = Uri::inbox();
    let mut unnamed = BTreeSet::new();
    let nodes = placed_with(object, &inbox, |root| {
        if target.is_below_inbox() {
            return Ok(inbox.join(target.name())?);
        }
        let properties = root.rt_properties.as_ref();
        let r#type = properties.and_then(|it| it.r#type.as_ref()).map_or("", |it| it.as_str());
        let home = supported(r#type, rules).map(|(_, parent)| parent);
        let name = match home {
            Some(parent) if !parent.is_root() => parent.name().to_owned(),
            _ => of_identifier(r#type),
        };
        let is_taken = |number: u32| {
            let name = format!("{name}{number}");
            let is_named = |it: &dm_tnds::Node<'_>| it.node_name.as_deref() == Some(&*name);
            let stands = |parent: &Uri| parent.join(&name).is_ok_and(|uri| tree.contains(&uri));
            let inside = inbox.join(&name);
            inside.is_ok_and(|uri| unnamed.contains(&uri))
                || home.is_some_and(stands)
                || object.nodes.iter().any(is_named)
        };
        let number = (1..NAMES).find(|number| !is_taken(*number));
        let number = number.ok_or_else(|| Failure::at(&inbox, Reason::NoName))?;
        let uri = inbox.join(&format!("{name}{number}"))?;
        unnamed.insert(uri.clone());
        Ok(uri)
    })?;
    Ok(Delivery { nodes, unnamed })
}

/// A name from an identifier: its last letters and digits.
fn of_identifier(identifier: &str) -> String {
    let name = MoId::parse(identifier).name;
    let parts = name.rsplit(|c: char| !c.is_ascii_alphanumeric());
    parts.into_iter().find(|part| !part.is_empty()).unwrap_or("Object").to_owned()
}

/// The nodes of a delivery at their final places, parents first, and what there is to say.
pub(crate) struct Placement {
    pub(crate) placed: Vec<Placed>,
    pub(crate) notes: Vec<Note>,
}

/// Places the nodes of a delivery, whose URIs are below `./Inbox` as yet.
pub(crate) fn place(
    Delivery { nodes: delivery, unnamed }: Delivery,
    rules: &Rules,
    tree: &Tree,
    spellings: &mut Spellings,
) -> Result<Placement, Failure> {
    let policy = rules.policy;
    let newest = newest(&delivery, rules);
    let mut notes = Vec::new();
    let mut places = Places::default();
    let mut taken = BTreeSet::new();
    let mut placed = Vec::with_capacity(delivery.len());
    // The root of the object that the nodes belong to, inside and in the end; none: skipped.
    let mut object: Option<(Uri, Uri)> = None;
    for Placed { uri, mut node, top } in delivery {
        if top {
            let is_older = |id: &MoId<'_>| newest.get(&*id.name).is_some_and(|it| *it > id.version);
            object = match supported(&node.r#type, rules) {
                None if policy.unsupported == Unprepared::Fail => {
                    return Err(Failure::at(&uri, Reason::UnsupportedObject));
                }
                None => {
                    notes.push(Note::MoUnsupported { uri: uri.clone() });
                    places.skipped.insert(uri.clone());
                    None
                }
                Some((id, _)) if policy.newest_only && is_older(&id) => {
                    notes.push(Note::MoOlder { uri: uri.clone() });
                    places.skipped.insert(uri.clone());
                    None
                }
                Some((id, parent)) => {
                    let only = rules.descriptions.only_name(&id.name, parent);
                    let asked = parent.join(only.unwrap_or(uri.name()))?;
                    // Where a name that it has to have is taken, adding it fails.
                    let keeps_name = only.is_some() || !policy.rename;
                    let stands = match keeps_name {
                        true => asked.clone(),
                        false => free(&asked, |uri| {
                            let other = rules.descriptions.respelled(uri, tree, spellings);
                            tree.contains(other.as_ref().unwrap_or(uri))
                                || taken.contains(&rules.descriptions.key(uri))
                        })?,
                    };
                    if unnamed.contains(&uri) {
                        let asked = Uri::inbox();
                        notes.push(Note::MoRenamed { uri: stands.clone(), asked });
                    } else if stands.name() != uri.name() {
                        notes.push(Note::MoRenamed { uri: stands.clone(), asked: uri.clone() });
                    }
                    if stands != asked {
                        places.renamed.insert(asked, stands.clone());
                    }
                    taken.insert(rules.descriptions.key(&stands));
                    Some((uri.clone(), stands))
                }
            };
            if let Some(registered) = MoId::registered(&node.r#type) {
                node.r#type = registered.into();
            }
        }
        if let Some((inside, stands)) = &object {
            let stands = uri.rebased(inside, stands);
            places.moved.insert(uri, stands.clone());
            placed.push(Placed { uri: stands, node, top });
        }
    }
    for each in &mut placed {
        notes.extend(places.rewrite(each, rules)?);
    }
    Ok(Placement { placed, notes })
}

/// The newest supported version of each management object in a delivery.
fn newest(delivery: &[Placed], rules: &Rules) -> BTreeMap<String, Option<(u32, u32)>> {
    let mut newest = BTreeMap::new();
    for root in delivery.iter().filter(|placed| placed.top) {
        if let Some((id, _)) = supported(&root.node.r#type, rules) {
            let version = newest.entry(id.name.into_owned()).or_insert(id.version);
            *version = id.version.max(*version);
        }
    }
    newest
}

/// The identifier of a supported object, and the parent under which its instances stand.
fn supported<'a, 'r>(r#type: &'a str, rules: &'r Rules) -> Option<(MoId<'a>, &'r Uri)> {
    let id = MoId::parse(r#type);
    let parent = rules.inbox.get(&*id.name)?;
    let registered = MoId::registered(r#type).unwrap_or(r#type);
    rules.supported.contains(registered).then_some((id, parent))
}

/// The URI, or the first of its numbered forms, at which nothing stands.
fn free(asked: &Uri, mut is_taken: impl FnMut(&Uri) -> bool) -> Result<Uri, Failure> {
    core::iter::once(asked.clone())
        .chain((2..NAMES).map(|number| asked.numbered(number)))
        .find(|uri| !is_taken(uri))
        .ok_or_else(|| Failure::at(asked, Reason::NoName))
}

/// How many numbers are tried behind a name.
const NAMES: u32 = 1000;
