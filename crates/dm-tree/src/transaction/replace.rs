//! `Replace` of a value, and `Delete`. [REP 1.2 §6.6.11, §6.6.6]

use dm_tnds::Format;

use super::Transaction;
use crate::node::stored;
use crate::{AclCommand, Failure, Node, NodeType, Octets, Reason, Uri};

impl Transaction<'_> {
    /// Replaces the value of a leaf, and its format and type where the command names them.
    ///
    /// The octets of format `bin` are the value itself, not its base64 text.
    ///
    /// # Errors
    /// [`Failure`]; nothing is replaced then.
    pub fn replace_value(
        &mut self,
        uri: &Uri,
        value: impl Into<Octets>,
        format: Option<Format>,
        r#type: Option<&str>,
    ) -> Result<(), Failure> {
        self.attempt(|this| {
            let other = this.respelled(uri);
            let uri = other.as_ref().unwrap_or(uri);
            if this.leaves_out(uri)? {
                return Ok(());
            }
            this.replace_leaf(uri, value.into(), format, r#type)
        })
    }

    /// Deletes a node with everything below it. The right is needed on the node only, "Delete
    /// acts strictly on the node addressed"; but permanent nodes and accounts below it keep it.
    ///
    /// # Errors
    /// [`Failure`]; nothing is deleted then.
    pub fn delete(&mut self, uri: &Uri) -> Result<(), Failure> {
        self.attempt(|this| {
            let other = this.respelled(uri);
            let uri = other.as_ref().unwrap_or(uri);
            this.existing(uri)?;
            this.guard_account(uri)?;
            if this.is_kept(uri) || this.is_kept_below(uri) {
                return Err(Failure::at(uri, Reason::Permanent));
            }
            this.need(AclCommand::Delete, uri)?;
            this.clear_below(uri)?;
            this.set(uri.clone(), None)
        })
    }

    pub(super) fn replace_leaf(
        &mut self,
        uri: &Uri,
        value: Octets,
        format: Option<Format>,
        r#type: Option<&str>,
    ) -> Result<(), Failure> {
        let Some(id) = self.tree.find_near(uri, self.named) else {
            self.guard_account(uri)?;
            return Err(Failure::at(uri, Reason::Missing));
        };
        self.guard_found(uri, id)?;
        let Some(old) = self.tree.found(id) else {
            return Err(Failure::at(uri, Reason::Missing)); // what is found is there
        };
        if old.is_interior() || format == Some(Format::Node) {
            return Err(Failure::at(uri, Reason::Interior));
        }
        let new = Node {
            format: format.map_or(old.format, stored),
            r#type: r#type.map_or_else(|| old.r#type.clone(), NodeType::from),
            value: Some(value),
            acl: old.acl.clone(),
            title: old.title.clone(),
            ver_no: old.ver_no,
            t_stamp: old.t_stamp,
        };
        let is_other = new.is_other_kind(old);
        self.need_at(AclCommand::Replace, uri, id)?;
        self.check_kind(uri, is_other)?;
        new.check().map_err(|reason| Failure::at(uri, reason))?;
        self.check_described(uri, &new)?;
        self.set_at(uri.clone(), Some(id), None, Some(new))
    }

    /// Permanent nodes keep their format and type.
    pub(super) fn check_kind(&self, uri: &Uri, is_other: bool) -> Result<(), Failure> {
        if is_other && self.is_kept(uri) {
            return Err(Failure::at(uri, Reason::Permanent));
        }
        Ok(())
    }

    /// Whether the node stays where and what it is: the root, and for servers what is permanent.
    pub(super) fn is_kept(&self, uri: &Uri) -> bool {
        let is_permanent = || {
            self.rules.is_permanent(uri, self.tree)
                || self.rules.is_described_permanent(uri, self.tree)
        };
        uri.is_root() || (self.server.is_some() && is_permanent())
    }

    /// Whether a server has to leave something below the node where it is.
    pub(super) fn is_kept_below(&self, uri: &Uri) -> bool {
        let described = || {
            !self.rules.descriptions.is_empty()
                && self.tree.subtree(uri).skip(1).any(|(at, _)| self.is_kept_inside(uri, at))
        };
        self.server.is_some() && (self.rules.is_permanent_below(uri, self.tree) || described())
    }

    /// Whether a server that changes `above` has to leave this node below it where it is.
    pub(super) fn is_kept_inside(&self, above: &Uri, uri: &Uri) -> bool {
        self.server.is_some() && self.rules.stays_below(above, uri, self.tree)
    }
}
