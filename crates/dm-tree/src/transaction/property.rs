//! `Replace` of a property. [TND 1.2 §7.7]

use alloc::borrow::ToOwned;
use alloc::vec::Vec;

use super::Transaction;
use crate::{Acl, AclCommand, Failure, Node, Property, Reason, Uri};

impl Transaction<'_> {
    /// Replaces the ACL, the name or the title of a node. The others are not replaced: 405.
    ///
    /// # Errors
    /// [`Failure`]; nothing is replaced then.
    pub fn replace_property(
        &mut self,
        uri: &Uri,
        property: Property,
        text: &str,
    ) -> Result<(), Failure> {
        self.attempt(|this| {
            let other = this.respelled(uri);
            let uri = other.as_ref().unwrap_or(uri);
            this.existing(uri)?;
            match property {
                Property::Acl => this.replace_acl(uri, text),
                Property::Name => this.rename(uri, text),
                Property::Title => this.replace_title(uri, text),
                _ => Err(Failure::at(uri, Reason::Property)),
            }
        })
    }

    fn replace_title(&mut self, uri: &Uri, text: &str) -> Result<(), Failure> {
        self.need(AclCommand::Replace, uri)?;
        let node = Node { title: text.to_owned(), ..self.existing(uri)?.clone() };
        self.set(uri.clone(), Some(node))
    }

    fn replace_acl(&mut self, uri: &Uri, text: &str) -> Result<(), Failure> {
        // AccessType is about what a node takes; who may do it is the ACL's own business.
        self.need_acl(uri, self.existing(uri)?)?;
        let acl = Acl::parse(text).map_err(|error| Failure::at(uri, Reason::Acl(error)))?;
        self.check_root_acl(uri, &acl)?;
        let node = self.existing(uri)?.clone().with_acl(acl);
        self.set(uri.clone(), Some(node))
    }

    /// Moves a node with everything below it to another name beside it.
    ///
    /// Rules of the maker hang on URIs; where one speaks of the node or of something below it,
    /// another name would shake it off, so such a node keeps its name.
    fn rename(&mut self, uri: &Uri, name: &str) -> Result<(), Failure> {
        self.need(AclCommand::Replace, uri)?;
        let parent = uri.parent().ok_or_else(|| Failure::at(uri, Reason::Permanent))?;
        let new = parent.join(name)?;
        if self.is_kept(uri) {
            return Err(Failure::at(uri, Reason::Permanent));
        }
        // Another spelling of its own name is free.
        let taken = self.respelled(&new).unwrap_or_else(|| new.clone());
        if self.tree.contains(&new) || (taken != *uri && self.tree.contains(&taken)) {
            return Err(Failure::at(&taken, Reason::Exists));
        }
        if new == Uri::inbox() {
            return Err(Failure::at(&new, Reason::Inbox));
        }
        let r#type = &self.existing(uri)?.r#type;
        let is_alike = self.rules.descriptions.are_alike(uri, &new, r#type, self.tree);
        if self.server.is_some() && (self.rules.is_fixed(uri, self.tree) || !is_alike) {
            return Err(Failure::at(uri, Reason::Permanent));
        }
        let mut moved = Vec::new();
        for (at, node) in self.tree.subtree(uri) {
            moved.push((at.rebased(uri, &new), node.clone()));
        }
        self.clear_below(uri)?;
        self.set(uri.clone(), None)?;
        if let Some((_, root)) = moved.first_mut() {
            root.ver_no = root.ver_no.wrapping_add(1);
            root.t_stamp = None;
        }
        for (at, node) in moved {
            if !self.rules.limits.fit_uri(&at) {
                return Err(Failure::at(&at, Reason::LongUri));
            }
            if node.is_account() {
                // It was an account under its old name, and could be taken away there.
                self.make(at.clone());
            }
            self.set(at, Some(node))?;
        }
        Ok(())
    }
}
