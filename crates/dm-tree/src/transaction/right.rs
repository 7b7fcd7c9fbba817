//! Who may do what: AccessType first, then the ACL. [TND 1.2 §7.7.1, §9.3.1]

use super::Transaction;
use crate::tree::Id;
use crate::{Acl, AclCommand, Failure, Node, Property, Reason, Uri};

impl Transaction<'_> {
    /// Whether the server may read a node, its value and its children, or one of its properties.
    /// Reading has no effect: there is nowhere to send the value to [Sessionless §5.5].
    ///
    /// The ACL of a leaf is shown to those who may read the leaf or its parent: the text of the
    /// standard has the one, its example the other [TND 1.2 §7.7.1]. Interior nodes have no `Size`.
    ///
    /// # Errors
    /// [`Failure`] with 404, 405, 406 or 425.
    pub fn check_get(&mut self, uri: &Uri, property: Option<Property>) -> Result<(), Failure> {
        let other = self.respelled(uri);
        let uri = other.as_ref().unwrap_or(uri);
        let node = self.existing(uri)?;
        if property == Some(Property::Size) && node.is_interior() {
            return Err(Failure::at(uri, Reason::Query)); // [TND 1.2 §7.7.5]
        }
        if property == Some(Property::Acl) && !node.is_interior() {
            self.need_access(AclCommand::Get, uri)?;
            if uri.parent().is_some_and(|parent| self.allowed(AclCommand::Get, &parent)) {
                return Ok(());
            }
        }
        self.need(AclCommand::Get, uri)
    }

    /// Whether the server may execute a node. The caller does it.
    ///
    /// # Errors
    /// [`Failure`] with 404, 405 or 425.
    pub fn may_exec(&mut self, uri: &Uri) -> Result<(), Failure> {
        let other = self.respelled(uri);
        let uri = other.as_ref().unwrap_or(uri);
        self.existing(uri)?;
        if !self.rules.executes(uri, self.tree) {
            return Err(Failure::at(uri, Reason::NotExecutable));
        }
        self.need(AclCommand::Exec, uri)
    }

    pub(super) fn existing(&self, uri: &Uri) -> Result<&Node, Failure> {
        self.tree.get(uri).ok_or_else(|| Failure::at(uri, Reason::Missing))
    }

    /// 405 by AccessType, 425 by ACL, in that order.
    pub(super) fn need(&self, command: AclCommand, uri: &Uri) -> Result<(), Failure> {
        self.need_access(command, uri)?;
        if self.allowed(command, uri) { Ok(()) } else { Err(Failure::at(uri, Reason::Right)) }
    }

    /// As [`Transaction::need`], of a node that was found.
    pub(super) fn need_at(
        &mut self,
        command: AclCommand,
        uri: &Uri,
        id: Id,
    ) -> Result<(), Failure> {
        self.need_access(command, uri)?;
        if self.allowed_at(command, id) { Ok(()) } else { Err(Failure::at(uri, Reason::Right)) }
    }

    /// As [`Transaction::allowed`], of a node that was found.
    pub(super) fn allowed_at(&mut self, command: AclCommand, id: Id) -> bool {
        let Some(server) = self.server else { return true };
        self.look_around(id);
        match (&self.decided, &self.around) {
            (Some((of, allowed)), _) if *of == command => *allowed,
            (_, Some(around)) => {
                let allowed = around.acl.allows(server, command);
                self.decided = Some((command, allowed));
                allowed
            }
            (_, None) => false, // not reached: it was looked for
        }
    }

    /// Finds what decides about a node that was found. The commands of a message are mostly about
    /// nodes beside each other, and it is as before until something of it changes.
    pub(super) fn look_around(&mut self, id: Id) {
        let at = self.tree.decisive(id);
        if !self.around.as_ref().is_some_and(|around| self.tree.is_around(around, at)) {
            self.around = Some(self.tree.around(at));
            self.decided = None;
        }
    }

    /// 405 by AccessType. The secrets of accounts exclude `Get` by their standard.
    /// [STD 1.2 §7.1.3.1]
    pub(super) fn need_access(&self, command: AclCommand, uri: &Uri) -> Result<(), Failure> {
        let is_secret = command == AclCommand::Get
            && matches!(uri.name(), "AAuthSecret" | "AAuthData")
            && self.tree.account_of(uri).is_some();
        if self.server.is_none() || (self.rules.takes(command, uri, self.tree) && !is_secret) {
            Ok(())
        } else {
            Err(Failure::at(uri, Reason::AccessType))
        }
    }

    /// 405 where a node of this type cannot be added.
    pub(super) fn need_new(&self, parent: &Uri, uri: &Uri, node: &Node) -> Result<(), Failure> {
        let takes = || self.rules.takes_new(parent, uri, &node.r#type, self.tree);
        if self.server.is_none() || takes() {
            Ok(())
        } else {
            Err(Failure::at(uri, Reason::AccessType))
        }
    }

    /// Whether the ACL lets the server do this; the device itself may.
    pub(super) fn allowed(&self, command: AclCommand, uri: &Uri) -> bool {
        self.server.is_none_or(|server| self.tree.allows(server, command, uri))
    }

    /// Whether the server may replace the ACL of a node: an interior node's with `Replace` on it
    /// or on its parent, a leaf's with that on the parent only. [TND 1.2 §7.7.1.4]
    pub(super) fn need_acl(&self, uri: &Uri, node: &Node) -> Result<(), Failure> {
        let own = node.is_interior() && self.allowed(AclCommand::Replace, uri);
        let parent = uri.parent().is_some_and(|at| self.allowed(AclCommand::Replace, &at));
        if own || parent { Ok(()) } else { Err(Failure::at(uri, Reason::Right)) }
    }

    /// Refuses an ACL that takes `Add=*` from the root. [TND 1.2 §7.7.1.3]
    pub(super) fn check_root_acl(&self, uri: &Uri, acl: &Acl) -> Result<(), Failure> {
        if !uri.is_root() || acl.allows_all(AclCommand::Add) {
            Ok(())
        } else {
            Err(Failure::at(uri, Reason::RootAcl))
        }
    }

    /// What the server gets on an interior node that it adds where it has no `Replace`.
    /// [TND 1.2 §7.7.1.3]
    ///
    /// `Get` is added to the list of the standard: with an ACL of its own the node no longer
    /// inherits, and its creator could not read it.
    pub(super) fn creator_acl(&self, parent: &Uri) -> Acl {
        let creator = self.server.filter(|_| !self.allowed(AclCommand::Replace, parent));
        // A ServerID that no ACL can name gets nothing; one of `*` would be everybody.
        let creator = creator.filter(|server| Acl::is_id(server));
        creator.and_then(|server| Acl::granting(server, &CREATOR).ok()).unwrap_or_default()
    }
}

const CREATOR: [AclCommand; 4] =
    [AclCommand::Add, AclCommand::Delete, AclCommand::Get, AclCommand::Replace];
