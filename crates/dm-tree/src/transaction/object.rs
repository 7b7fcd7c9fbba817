//! `Add` and `Replace` of TNDS objects, and the Inbox. [REP 1.2 §6.6, TNDS 1.2 §9.1, profile §9]

use alloc::vec::Vec;

use dm_tnds::MgmtTree;
use hashbrown::HashMap;

use super::Transaction;
use super::add::Origin;
use crate::inbox::{Delivery, Placement, delivered, place};
use crate::tnds::{Placed, placed};
use crate::{AclCommand, Failure, Node, Reason, Uri};

impl Transaction<'_> {
    /// Adds the nodes of an object below the target, or delivers them when that is `./Inbox` or
    /// the name of an object below it.
    ///
    /// Rights are decided at the top-level nodes of the object [profile §9].
    ///
    /// # Errors
    /// [`Failure`] of the first node that fails; no node is added then.
    pub fn add_object(&mut self, target: &Uri, object: &MgmtTree<'_>) -> Result<(), Failure> {
        self.attempt(|this| {
            let other = this.respelled(target);
            let target = other.as_ref().unwrap_or(target);
            if target.is_in_inbox() {
                let delivery = delivered(object, target, this.rules, this.tree)?;
                return this.deliver_all(delivery);
            }
            let nodes = placed(object, target)?;
            this.undo.reserve(nodes.len());
            for Placed { uri, node, top } in nodes {
                if uri.is_below_inbox() {
                    return Err(Failure::at(&uri, Reason::Inbox));
                }
                let origin = if top { Origin::Server } else { Origin::Object };
                this.add_unless_ext(uri, node, origin)?;
            }
            Ok(())
        })
    }

    /// Replaces a sub-tree: its root takes the content of the object's first node, nodes that
    /// the object does not have are deleted, the others are those of the object.
    ///
    /// The server needs `Replace` on the target, `Delete` on every node that disappears, and
    /// `Add` on the target for what stands directly below it. Without an ACL in the object the
    /// target keeps its own.
    ///
    /// # Errors
    /// [`Failure`] of the first node that fails; nothing is replaced then.
    pub fn replace_object(&mut self, target: &Uri, object: &MgmtTree<'_>) -> Result<(), Failure> {
        self.attempt(|this| {
            let other = this.respelled(target);
            let target = other.as_ref().unwrap_or(target);
            this.guard_account(target)?;
            let mut nodes = placed(object, target)?;
            for placed in &mut nodes {
                if let Some(other) = this.respelled(&placed.uri) {
                    placed.uri = other;
                }
            }
            let mut nodes = nodes.into_iter();
            let old = this.existing(target)?;
            let mut first = match nodes.next() {
                Some(first) if first.uri == *target => first.node,
                _ => return Err(Failure::at(target, Reason::OtherTarget)),
            };
            this.need(AclCommand::Replace, target)?;
            this.check_kind(target, first.is_other_kind(old))?;
            if first.acl.is_empty() {
                first.acl = old.acl.clone();
            } else if first.acl != old.acl {
                this.need_acl(target, old)?;
                this.check_root_acl(target, &first.acl)?;
            }
            this.check_described(target, &first)?;
            this.check_sub_nodes(target, nodes.as_slice())?;
            this.clear_below(target)?;
            this.set(target.clone(), Some(first))?;
            for Placed { uri, node, top } in nodes {
                let decided = top || uri.parent().as_ref() == Some(target);
                let origin = if decided { Origin::Server } else { Origin::Object };
                this.add_unless_ext(uri, node, origin)?;
            }
            Ok(())
        })
    }

    /// Whether the server may take the nodes below the target away, or replace them by these.
    fn check_sub_nodes(&self, target: &Uri, nodes: &[Placed]) -> Result<(), Failure> {
        let kept = nodes.iter().filter(|placed| !self.skips(&placed.uri));
        let kept: HashMap<&Uri, &Node> = kept.map(|placed| (&placed.uri, &placed.node)).collect();
        for (uri, old) in self.tree.subtree(target).skip(1) {
            match kept.get(uri) {
                None => self.need(AclCommand::Delete, uri)?,
                Some(new) if !new.same_content(old) => {
                    self.need_access(AclCommand::Replace, uri)?;
                }
                Some(_) => {}
            }
            if self.is_kept_inside(target, uri) {
                return Err(Failure::at(uri, Reason::Permanent));
            }
        }
        Ok(())
    }

    /// Takes a delivery to the places of its objects. `Add` on `./Inbox` is the right that
    /// counts, since the device chooses the places; their AccessTypes hold. Nothing stays here.
    pub(super) fn deliver(&mut self, nodes: Vec<Placed>) -> Result<(), Failure> {
        self.deliver_all(Delivery { nodes, ..Delivery::default() })
    }

    fn deliver_all(&mut self, delivery: Delivery) -> Result<(), Failure> {
        let inbox = Uri::inbox();
        if self.server.is_some() {
            self.existing(&inbox)?;
        }
        self.need(AclCommand::Add, &inbox)?;
        let Placement { placed, notes } =
            place(delivery, self.rules, self.tree, &mut self.spellings)?;
        self.notes.extend(notes);
        for Placed { uri, node, top } in placed {
            let origin = if top { Origin::Inbox } else { Origin::Object };
            self.add_unless_ext(uri, node, origin)?;
        }
        Ok(())
    }
}
