//! `Add` and `Copy`. [REP 1.2 §6.6.1, §6.6.5]

use alloc::vec;

use super::Transaction;
use crate::node::stored;
use crate::tnds::Placed;
use crate::tree::Id;
use crate::{AclCommand, Failure, Node, Note, Reason, Unprepared, Uri};

/// Whose decision a new node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The device's: it places a delivered object. The creator still gets rights on its root.
    Inbox,
    /// That of the node above it in the same object: rights were decided there [profile §9].
    Object,
    /// The server's: it needs the right, and gets rights on what it creates.
    Server,
}

impl Transaction<'_> {
    /// Adds a node. Missing parents are made [profile §9]; below `./Inbox` the node is the root
    /// of a delivered object.
    ///
    /// # Errors
    /// [`Failure`]; nothing is added then.
    pub fn add(&mut self, uri: Uri, node: Node) -> Result<(), Failure> {
        self.attempt(|this| {
            let uri = this.spelled(uri);
            if uri.is_below_inbox() {
                let uri = Uri::inbox().join(uri.name())?;
                return this.deliver(vec![Placed { uri, node, top: true }]);
            }
            this.add_unless_ext(uri, node, Origin::Server)
        })
    }

    /// Copies the value of a leaf to another leaf, or to a new one without title and ACL. The
    /// target keeps its format and type, so the value has to fit them.
    ///
    /// # Errors
    /// [`Failure`]; nothing is copied then.
    pub fn copy(&mut self, source: &Uri, target: &Uri) -> Result<(), Failure> {
        self.attempt(|this| {
            let (other_source, other) = (this.respelled(source), this.respelled(target));
            let (source, target) =
                (other_source.as_ref().unwrap_or(source), other.as_ref().unwrap_or(target));
            if target.is_below_inbox() {
                return Err(Failure::at(target, Reason::Inbox));
            }
            this.guard_account(target)?;
            let node = this.existing(source)?;
            let Some(value) = node.value.clone() else {
                return Err(Failure::at(source, Reason::SourceInterior));
            };
            let (format, r#type) = (node.format, node.r#type.clone());
            this.need(AclCommand::Get, source)?;
            if this.tree.contains(target) {
                this.replace_leaf(target, value, None, None)
            } else {
                let node = Node::leaf(format, r#type, value);
                this.create(target.clone(), node, Origin::Server)
            }
        })
    }

    /// Adds a node, or notes that it is in an `Ext` sub-tree which the device does not know.
    pub(super) fn add_unless_ext(
        &mut self,
        uri: Uri,
        node: Node,
        origin: Origin,
    ) -> Result<(), Failure> {
        let uri = self.spelled(uri);
        if self.leaves_out(&uri)? {
            return Ok(());
        }
        self.guard_creation(&uri, &node)?;
        self.create(uri, node, origin)
    }

    /// Whether the node is left out, with a note, as the device is not prepared for it; if the
    /// policy does not let it do that, the command fails. [Sessionless §5.5]
    pub(super) fn leaves_out(&mut self, uri: &Uri) -> Result<bool, Failure> {
        let skips = self.skips(uri);
        if skips && self.rules.policy.ext == Unprepared::Fail {
            return Err(Failure::at(uri, Reason::UnknownExt));
        }
        if skips {
            self.notes.push(Note::ExtSkipped { uri: uri.clone() });
        }
        Ok(skips)
    }

    /// Whether the device is not prepared for this node.
    pub(super) fn skips(&self, uri: &Uri) -> bool {
        self.server.is_some() && self.rules.is_unknown_ext(uri, self.tree)
    }

    /// Creates a node, and first the nodes above it that are missing.
    fn create(&mut self, uri: Uri, node: Node, origin: Origin) -> Result<(), Failure> {
        if !self.rules.limits.fit_uri(&uri) {
            return Err(Failure::at(&uri, Reason::LongUri));
        }
        if self.tree.contains(&uri) {
            return Err(Failure::at(&uri, Reason::Exists));
        }
        if self.server.is_some() && uri == Uri::inbox() {
            return Err(Failure::at(&uri, Reason::Inbox));
        }
        // The root is always there, so what can be created has a parent.
        let parent = uri.parent_text().ok_or_else(|| Failure::at(&uri, Reason::Exists))?;
        if let Some((above, parent)) = self.tree.find_text_near(parent, self.named) {
            let parent = parent.clone();
            self.named = above; // as the next node's, mostly
            return self.create_child(uri, (&parent, above), node, origin);
        }
        let parent = uri.parent().ok_or_else(|| Failure::at(&uri, Reason::Exists))?;
        let above = self.create_missing(&parent, origin)?;
        self.create_child(uri, (&parent, above), node, origin)
    }

    /// Creates a node, and first those above it that are missing; where it is then.
    fn create_missing(&mut self, uri: &Uri, origin: Origin) -> Result<Id, Failure> {
        let mut missing = vec![uri.clone()];
        let mut above = uri.parent();
        while let Some(at) = above.take_if(|at| !self.tree.contains(at)) {
            above = at.parent();
            missing.push(at);
        }
        let nowhere = || Failure::at(uri, Reason::Missing); // what was created is there
        let mut above = above.ok_or_else(nowhere)?;
        let mut id = self.tree.find(&above).ok_or_else(nowhere)?;
        while let Some(at) = missing.pop() {
            self.create_child(at.clone(), (&above, id), Node::interior(""), origin)?;
            id = self.tree.find(&at).ok_or_else(nowhere)?;
            above = at;
        }
        Ok(id)
    }

    /// Creates a node below one that is there.
    fn create_child(
        &mut self,
        uri: Uri,
        (parent, above): (&Uri, Id),
        mut node: Node,
        origin: Origin,
    ) -> Result<(), Failure> {
        if !self.tree.found(above).is_some_and(Node::is_interior) {
            return Err(Failure::at(&uri, Reason::BelowLeaf));
        }
        self.need_new(parent, &uri, &node)?;
        if origin == Origin::Server && !self.allowed_at(AclCommand::Add, above) {
            return Err(Failure::at(parent, Reason::Right));
        }
        node.format = stored(node.format);
        node.check().map_err(|reason| Failure::at(&uri, reason))?;
        self.check_described(&uri, &node)?;
        if !self.rules.descriptions.is_empty() {
            self.counted.push(uri.clone());
        }
        if self.tree.count() >= self.rules.limits.nodes {
            return Err(Failure::at(&uri, Reason::Full));
        }
        if self.tree.count_of_children(above) >= self.rules.limits.children {
            return Err(Failure::at(&uri, Reason::Children));
        }
        if origin != Origin::Object && node.is_interior() && node.acl.is_empty() {
            node.acl = self.creator_acl(parent);
        }
        self.set_at(uri, None, Some(above), Some(node))
    }
}
