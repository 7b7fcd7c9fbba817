//! Where the objects of a delivery go. [STD 1.2 §7.1.3.4, Sessionless §5.5]
//!
//! The type of a top-level node tells which management object it is. Unsupported ones are
//! skipped (R30), of several versions of one the newest supported is used (R31), a name that is
//! taken is followed by a number (R24), and references inside the delivery are rewritten (R25).
//! The maker's [`ObjectPolicy`](crate::ObjectPolicy) may say otherwise.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::reference::Places;
use crate::tnds::Placed;
use crate::{Failure, MoId, Note, Reason, Rules, Tree, Unprepared, Uri};

/// The nodes of a delivery at their final places, parents first, and what there is to say.
pub(crate) struct Placement {
    pub(crate) placed: Vec<Placed>,
    pub(crate) notes: Vec<Note>,
}

/// Places the nodes of a delivery, whose URIs are below `./Inbox` as yet.
pub(crate) fn place(
    delivery: Vec<Placed>,
    rules: &Rules,
    tree: &Tree,
) -> Result<Placement, Failure> {
    let policy = rules.policy;
    let newest = newest(&delivery, rules);
    let mut notes = Vec::new();
    let mut places = Places::default();
    let mut taken = BTreeSet::new();
    let mut placed = Vec::with_capacity(delivery.len());
    // The root of the object that the nodes belong to, inside and in the end; none: skipped.
    let mut object: Option<(Uri, Uri)> = None;
    for Placed { uri, node, top } in delivery {
        if top {
            let is_older = |id: &MoId<'_>| newest.get(id.name).is_some_and(|it| *it > id.version);
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
                    let only = rules.descriptions.only_name(id.name, parent);
                    let asked = parent.join(only.unwrap_or(uri.name()))?;
                    // Where a name that it has to have is taken, adding it fails.
                    let keeps_name = only.is_some() || !policy.rename;
                    let stands = match keeps_name {
                        true => asked.clone(),
                        false => free(&asked, tree, &taken)?,
                    };
                    if stands.name() != uri.name() {
                        notes.push(Note::MoRenamed { uri: stands.clone(), asked: uri.clone() });
                    }
                    if stands != asked {
                        places.renamed.insert(asked, stands.clone());
                    }
                    taken.insert(stands.clone());
                    Some((uri.clone(), stands))
                }
            };
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
            let version = newest.entry(id.name.to_owned()).or_insert(id.version);
            *version = id.version.max(*version);
        }
    }
    newest
}

/// The identifier of a supported object, and the parent under which its instances stand.
fn supported<'a, 'r>(r#type: &'a str, rules: &'r Rules) -> Option<(MoId<'a>, &'r Uri)> {
    let id = MoId::parse(r#type);
    let parent = rules.inbox.get(id.name)?;
    rules.supported.contains(r#type).then_some((id, parent))
}

/// The URI, or the first of its numbered forms, at which nothing stands.
fn free(asked: &Uri, tree: &Tree, taken: &BTreeSet<Uri>) -> Result<Uri, Failure> {
    let is_free = |uri: &Uri| !tree.contains(uri) && !taken.contains(uri);
    core::iter::once(asked.clone())
        .chain((2..NAMES).map(|number| asked.numbered(number)))
        .find(is_free)
        .ok_or_else(|| Failure::at(asked, Reason::NoName))
}

/// How many numbers are tried behind a name.
const NAMES: u32 = 1000;
