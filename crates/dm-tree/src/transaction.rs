//! `Transaction`: commands on the tree, for one ServerID, with an undo log.
//!
//! The order of checks of every operation: the URI (404, 414), existence (404, 418), structure
//! (405), AccessType (405), ACL (425), format (415), size (413, 420). Accounts are protected
//! whatever the order [profile §4.5]: 403 for one that would be made, 405 for one that is there.
//!
//! | Module | Operations |
//! | -- | -- |
//! | `add` | [`Transaction::add`], [`Transaction::copy`] |
//! | `object` | [`Transaction::add_object`], [`Transaction::replace_object`], the Inbox |
//! | `property` | [`Transaction::replace_property`] |
//! | `replace` | [`Transaction::replace_value`], [`Transaction::delete`] |
//! | `right` | [`Transaction::check_get`], [`Transaction::may_exec`] |
//! | `account` | what keeps accounts as they are |
//! | `described` | what the device's descriptions ask of nodes |

use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use crate::descriptions::Spellings;
use crate::tree::{Around, Id, NOWHERE};
use crate::{
    AclCommand, Change, Changes, Failure, Node, NodeType, Note, Reason, Rules, Target, TargetError,
    Tree, Uri,
};

mod account;
mod add;
mod described;
mod object;
mod property;
mod replace;
mod right;

/// Commands on the tree for one server, which can be undone.
///
/// Each operation is done wholly or fails without a trace. [`Transaction::savepoint`] and
/// [`Transaction::rollback_to`] undo several, as an `Atomic` needs it. Without
/// [`Transaction::commit`] everything is undone, also when the value is just dropped.
///
/// ```
/// use dm_tree::{Node, Rules, Transaction, Tree, Uri};
/// let (mut tree, rules) = (Tree::new(), Rules::default());
/// let mut transaction = Transaction::begin(&mut tree, &rules, "srv.example");
/// transaction.add(Uri::parse("./A")?, Node::text("1"))?;
/// let savepoint = transaction.savepoint();
/// transaction.add(Uri::parse("./B")?, Node::text("2"))?;
/// transaction.rollback_to(savepoint);
/// let changes = transaction.commit(Some(1_000_000_000));
/// assert_eq!(changes.len(), 1);
/// assert_eq!(tree.get(&Uri::parse("./A")?).unwrap().t_stamp, Some(1_000_000_000));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Transaction<'t> {
    tree: &'t mut Tree,
    rules: &'t Rules,
    /// Whose rights count; none: the device itself acts.
    server: Option<&'t str>,
    undo: Vec<Undo>,
    notes: Vec<Note>,
    /// Accounts that this transaction may shape, because it made them.
    made: BTreeSet<Uri>,
    /// `ServerID` leaves that the operation in progress touched.
    server_ids: Vec<Uri>,
    /// Nodes that the operation in progress added: there may be too many of them now.
    counted: Vec<Uri>,
    /// Nodes that the operation in progress took away, with their types: they may be needed.
    gone: Vec<(Uri, NodeType)>,
    /// Names that were looked for without regard to their case.
    spellings: Spellings,
    /// Octets of the nodes that were touched so far, each time they were: what undoing costs.
    touched: usize,
    /// Where the node is that a target named last.
    named: Id,
    /// What decides about the node that was looked at last.
    around: Option<Around>,
    /// What the ACL there says of a command by the server.
    decided: Option<(AclCommand, bool)>,
}

/// A point of a transaction to which it can be rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Savepoint {
    undo: usize,
    notes: usize,
}

/// How to take one step back.
#[derive(Debug)]
enum Undo {
    Made(Uri),
    Node(Step),
    Unmade(Uri),
}

/// A node before it was changed, and where it is, unless it moved since.
#[derive(Debug)]
struct Step {
    uri: Uri,
    id: Id,
    before: Option<Node>,
}

impl<'t> Transaction<'t> {
    /// Begins a transaction of a server. The ServerID is that of the account by which the
    /// message was verified [Sessionless §5.5]; its rights and those of `*` count, no others.
    #[must_use]
    pub fn begin(tree: &'t mut Tree, rules: &'t Rules, server: &'t str) -> Self {
        Self::new(tree, rules, Some(server))
    }

    /// Begins a transaction of the device itself, for bootstrap and for what its owner does.
    ///
    /// No rights are asked, accounts and permanent nodes can be changed. Structure, formats and
    /// [`Limits`](crate::Limits) hold as ever.
    #[must_use]
    pub fn local(tree: &'t mut Tree, rules: &'t Rules) -> Self {
        Self::new(tree, rules, None)
    }

    fn new(tree: &'t mut Tree, rules: &'t Rules, server: Option<&'t str>) -> Self {
        let (undo, notes) = (Vec::new(), Vec::new());
        Self {
            tree,
            rules,
            server,
            undo,
            notes,
            made: BTreeSet::new(),
            server_ids: Vec::new(),
            counted: Vec::new(),
            gone: Vec::new(),
            spellings: Spellings::default(),
            touched: 0,
            named: NOWHERE,
            around: None,
            decided: None,
        }
    }

    /// Ends the transaction; what it did is in the tree. A ServerID that no account has any more
    /// goes from all ACLs [TND 1.2 §7.7.1.4]. Changed nodes count one more change
    /// and carry the time, if the device has a clock. [TND 1.2 §7.7.8, §7.7.9]
    #[must_use]
    pub fn commit(mut self, now: Option<u64>) -> Changes {
        self.forget_servers();
        let steps = core::mem::take(&mut self.undo).into_iter();
        let nodes = steps.filter_map(|step| match step {
            Undo::Node(step) => Some(step),
            Undo::Made(_) | Undo::Unmade(_) => None,
        });
        let mut first: Vec<_> = nodes.collect();
        // Nodes are large to move about. Mostly they are in order already.
        if !first.is_sorted_by(|one, other| one.uri < other.uri) {
            first = sorted(first);
        }
        let mut changes = Vec::with_capacity(first.len());
        for Step { uri, id, before } in first {
            let id = self.tree.find_near(&uri, id).unwrap_or(NOWHERE);
            let after = match (&before, self.tree.found(id)) {
                (None, None) => continue,
                (Some(before), Some(after)) if before.same_content(after) => {
                    // Replaced by its like, or deleted and added again: no change.
                    let (ver_no, t_stamp) = (before.ver_no, before.t_stamp);
                    self.tree.stamp(id, ver_no, t_stamp);
                    continue;
                }
                (_, None) => None,
                (Some(before), Some(_)) => {
                    self.tree.stamp(id, before.ver_no.wrapping_add(1), now).cloned()
                }
                (None, Some(after)) => {
                    let (ver_no, t_stamp) = (after.ver_no, after.t_stamp.or(now));
                    self.tree.stamp(id, ver_no, t_stamp).cloned()
                }
            };
            changes.push(Change { uri, before, after });
        }
        Changes { changes }
    }

    /// Ends the transaction; nothing of it stays.
    pub fn abort(self) {
        drop(self);
    }

    /// Remembers this point of the transaction.
    #[must_use]
    pub fn savepoint(&self) -> Savepoint {
        Savepoint { undo: self.undo.len(), notes: self.notes.len() }
    }

    /// Undoes everything behind a savepoint, the notes included.
    pub fn rollback_to(&mut self, savepoint: Savepoint) {
        while self.undo.len() > savepoint.undo {
            match self.undo.pop() {
                Some(Undo::Made(uri)) => {
                    self.made.remove(&uri);
                }
                Some(Undo::Node(Step { uri, before, .. })) => {
                    let comes = before.is_some();
                    match (self.tree.set(uri.clone(), before).is_some(), comes) {
                        (true, false) => self.spellings.went(&uri),
                        (false, true) => self.spellings.came(&uri),
                        _ => {}
                    }
                }
                Some(Undo::Unmade(uri)) => {
                    self.made.insert(uri);
                }
                None => break,
            }
        }
        self.notes.truncate(savepoint.notes);
    }

    /// What a command is addressed to, as [`Target::parse`] reads it. The text of a node that is
    /// there need not be read.
    ///
    /// # Errors
    /// As [`Target::parse`].
    pub fn target(&mut self, text: &str) -> Result<Target, TargetError> {
        match self.tree.find_text(text) {
            Some((id, uri)) => {
                self.named = id;
                Ok(Target { uri: uri.clone(), property: None })
            }
            None => Target::parse(text),
        }
    }

    /// Takes the notes out that have come up so far, for the journal.
    pub fn take_notes(&mut self) -> Vec<Note> {
        core::mem::take(&mut self.notes)
    }

    /// What was left out or changed by the operations so far that were not undone.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The tree as it is at this point of the transaction.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        self.tree
    }

    /// Runs one operation; a failed one is undone.
    fn attempt(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let start = self.savepoint();
        self.server_ids.clear();
        self.counted.clear();
        self.gone.clear();
        let result = operation(self)
            .and_then(|()| self.check_server_ids())
            .and_then(|()| self.add_defaults())
            .and_then(|()| self.check_occurrences())
            .and_then(|()| self.check_needed());
        if result.is_err() {
            self.rollback_to(start);
        }
        result
    }

    /// The one step that changes the tree. Whatever the operation, it goes through here: nothing
    /// is put below the Inbox, accounts are kept as they are, values are not too long, and the
    /// step can be undone.
    fn set(&mut self, uri: Uri, node: Option<Node>) -> Result<(), Failure> {
        match self.tree.find(&uri) {
            Some(id) => self.set_at(uri, Some(id), None, node),
            None => {
                let above = uri.parent().and_then(|above| self.tree.find(&above));
                self.set_at(uri, None, above, node)
            }
        }
    }

    /// The same of a node that was found, or is not there and the one above it was found.
    fn set_at(
        &mut self,
        uri: Uri,
        found: Option<Id>,
        above: Option<Id>,
        node: Option<Node>,
    ) -> Result<(), Failure> {
        if let Some(node) = &node {
            if uri.is_below_inbox() {
                return Err(Failure::at(&uri, Reason::Inbox));
            }
            let longest = self.rules.limits.octets_of_a_value;
            if node.value.as_ref().is_some_and(|value| value.len() > longest)
                || node.acl.text_octets() > longest
                || node.title.len() > TITLE_OCTETS
            {
                return Err(Failure::at(&uri, Reason::Value));
            }
        }
        self.guard_step(&uri, found.or(above), node.as_ref())?;
        let limits = &self.rules.limits;
        let name = uri.as_str().len();
        let octets = |node: Option<&Node>| node.map_or(0, |node| node.octets() + name);
        let (old, new) = (octets(found.and_then(|id| self.tree.found(id))), octets(node.as_ref()));
        // Commands are short and what they touch may be large: Copy and rename, again and again.
        self.touched += old.max(64);
        let fits = new <= old || self.tree.octets() - old + new <= limits.octets;
        if !fits || self.touched > limits.octets.saturating_mul(2) {
            return Err(Failure::at(&uri, Reason::Full));
        }
        let goes = found.is_some() && node.is_none();
        let (id, before) = match (found, node) {
            (Some(id), Some(node)) => (id, self.tree.replace_counted(id, node, (old, new))),
            (Some(id), None) => {
                self.spellings.went(&uri);
                (id, self.tree.remove(id))
            }
            (None, Some(node)) => {
                self.spellings.came(&uri);
                (self.tree.insert(above, uri.clone(), node), None)
            }
            (None, None) => (NOWHERE, None),
        };
        if let (Some(before), true) = (&before, goes) {
            self.note_gone(&uri, before);
        }
        if self.undo.capacity() == 0 {
            self.undo.reserve(32); // what a message changes, mostly
        }
        self.undo.push(Undo::Node(Step { uri, id, before }));
        Ok(())
    }

    /// Removes everything below a node, the deepest first.
    fn clear_below(&mut self, uri: &Uri) -> Result<(), Failure> {
        let below: Vec<Uri> = self.tree.subtree(uri).skip(1).map(|(at, _)| at.clone()).collect();
        below.into_iter().rev().try_for_each(|at| self.set(at, None))
    }
}

impl Drop for Transaction<'_> {
    fn drop(&mut self) {
        self.rollback_to(Savepoint { undo: 0, notes: 0 });
    }
}

/// Nodes in the order of their URIs; of one node what was there first.
fn sorted(steps: Vec<Step>) -> Vec<Step> {
    let mut order: Vec<usize> = (0..steps.len()).collect();
    let is_before = |one: usize, other: usize| {
        steps[one].uri.cmp(&steps[other].uri).then(one.cmp(&other)).is_lt()
    };
    // The nodes of an object are nearly in order, those of a sub-tree that went nearly in the other
    // one. Each goes back to its place, if that is near.
    if order.last().is_some_and(|last| is_before(*last, 0)) {
        order.reverse();
    }
    let (mut moves, most) = (0, 4 * order.len());
    for end in 1..order.len() {
        let mut at = end;
        while at > 0 && moves < most && is_before(order[at], order[at - 1]) {
            order.swap(at, at - 1);
            (at, moves) = (at - 1, moves + 1);
        }
    }
    if moves == most {
        order.sort_unstable_by(|one, other| {
            steps[*one].uri.cmp(&steps[*other].uri).then(one.cmp(other))
        });
    }
    order.dedup_by(|later, first| steps[*later].uri == steps[*first].uri);
    let mut steps: Vec<_> = steps.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| steps[at].take()).collect()
}

/// Octets of a title at most. [TND 1.2 §7.7.6]
const TITLE_OCTETS: usize = 255;

#[cfg(test)]
mod tests;
