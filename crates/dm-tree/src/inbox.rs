//! Where the objects of a delivery go. [STD 1.2 §7.1.3.4, Sessionless §5.5]
//!
//! The type of a top-level node tells which management object it is. Unsupported ones are
//! skipped (R30), of several versions of one the newest supported is used (R31), a name that is
//! taken is followed by a number (R24), and references inside the delivery are rewritten (R25).

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use crate::reference::{self, Moved};
use crate::tnds::Placed;
use crate::{Failure, MoId, Note, Reason, Rules, Tree, Uri};

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
    let newest = newest(&delivery, rules);
    let mut notes = Vec::new();
    let mut moved = Moved::new();
    let mut taken = BTreeSet::new();
    let mut placed = Vec::with_capacity(delivery.len());
    // The root of the object that the nodes belong to, inside and in the end; none: skipped.
    let mut object: Option<(Uri, Uri)> = None;
    for Placed { uri, node, top } in delivery {
        if top {
            let skipped = |note: fn(Uri) -> Note| note(uri.clone());
            object = match supported(&node.r#type, rules) {
                None => {
                    notes.push(skipped(|uri| Note::MoUnsupported { uri }));
                    None
                }
                Some((id, _)) if newest.get(id.name).is_some_and(|newest| *newest > id.version) => {
                    notes.push(skipped(|uri| Note::MoOlder { uri }));
                    None
                }
                Some((id, parent)) => {
                    let only = rules.descriptions.only_name(id.name, parent);
                    let asked = parent.join(only.unwrap_or(uri.name()))?;
                    // The only one has one name; where it is taken, adding it fails.
                    let stands = if only.is_some() { asked } else { free(&asked, tree, &taken)? };
                    if stands.name() != uri.name() {
                        notes.push(Note::MoRenamed { uri: stands.clone(), asked: uri.clone() });
                    }
                    taken.insert(stands.clone());
                    Some((uri.clone(), stands))
                }
            };
        }
        if let Some((inside, stands)) = &object {
            let stands = uri.rebased(inside, stands);
            moved.insert(uri, stands.clone());
            placed.push(Placed { uri: stands, node, top });
        }
    }
    for each in &mut placed {
        if reference::rewrite(each, &moved, rules)? {
            notes.push(Note::ReferenceRewritten { uri: each.uri.clone() });
        }
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
