//! What keeps accounts as they are. [profile §4.5]
//!
//! "Accounts, their pins and their ServerIDs are not changed by messages, wherever in the tree",
//! unless the configuration says so. The rule is kept where the tree is changed, step by step
//! ([`Transaction::set`]): each step is judged by the accounts that stand in the tree at that
//! moment. Sub-trees are removed from the leaves up and added from the root down, so a node of
//! an account is always judged while the account stands above it. No operation has a way around.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use super::{Step, Transaction, Undo};
use crate::tree::{Id, NOWHERE};
use crate::{Acl, Failure, Node, Reason, Uri};

impl Transaction<'_> {
    /// Refuses a step that makes, changes or removes an account or a part of it. `nearest` is the
    /// node, or the one above it, if it was found.
    pub(super) fn guard_step(
        &mut self,
        uri: &Uri,
        nearest: Option<Id>,
        node: Option<&Node>,
    ) -> Result<(), Failure> {
        if self.server.is_none() {
            return Ok(());
        }
        let was_account = match nearest {
            Some(id) => self.guard_found(uri, id)? == Some(uri),
            None => {
                self.guard_account(uri)?;
                self.tree.account_of(uri) == Some(uri)
            }
        };
        match node {
            Some(node) if node.is_account() && !was_account => {
                self.guard_creation(uri, node)?;
                self.make(uri.clone());
            }
            None if was_account && self.made.remove(uri) => {
                self.undo.push(Undo::Unmade(uri.clone()));
            }
            _ => {}
        }
        if uri.is_named("ServerID") {
            self.server_ids.push(uri.clone());
        }
        Ok(())
    }

    /// Refuses to make an account.
    pub(super) fn guard_creation(&self, uri: &Uri, node: &Node) -> Result<(), Failure> {
        let free = self.server.is_none() || self.rules.account_creation || self.made.contains(uri);
        if free || !node.is_account() {
            Ok(())
        } else {
            Err(Failure::at(uri, Reason::AccountCreation))
        }
    }

    /// Refuses to touch a node at or inside an account that was there before.
    pub(super) fn guard_account(&self, uri: &Uri) -> Result<(), Failure> {
        self.guard(uri, self.tree.account_of(uri))
    }

    /// As [`Transaction::guard_account`], of a node that was found, or is new below one that was; the
    /// account.
    pub(super) fn guard_found(&mut self, uri: &Uri, id: Id) -> Result<Option<&Uri>, Failure> {
        self.look_around(id);
        let account = self.around.as_ref().and_then(|around| around.account.as_ref());
        self.guard(uri, account)?;
        Ok(account)
    }

    fn guard(&self, uri: &Uri, account: Option<&Uri>) -> Result<(), Failure> {
        let free = |account: &Uri| self.rules.account_change || self.made.contains(account);
        match account {
            Some(account) if self.server.is_some() && !free(account) => {
                Err(Failure::at(uri, Reason::AccountChange))
            }
            _ => Ok(()),
        }
    }

    /// Lets this transaction shape the account that it puts there.
    pub(super) fn make(&mut self, account: Uri) {
        if self.made.insert(account.clone()) {
            self.undo.push(Undo::Made(account));
        }
    }

    /// Refuses an operation that gave an account a ServerID which another account has, or which
    /// no ACL could name. [Sessionless §5.5: one account for one ServerID]
    pub(super) fn check_server_ids(&mut self) -> Result<(), Failure> {
        let touched = core::mem::take(&mut self.server_ids);
        if self.server.is_none() || touched.is_empty() {
            return Ok(());
        }
        let mut owners: BTreeMap<&[u8], usize> = BTreeMap::new();
        for account in self.tree.accounts() {
            if let Some(id) = self.server_id(account) {
                *owners.entry(id).or_default() += 1;
            }
        }
        for uri in &touched {
            let account = uri.parent().filter(|at| self.tree.account_of(at) == Some(at));
            let Some(id) = account.and_then(|account| self.server_id(&account)) else { continue };
            let usable = core::str::from_utf8(id).is_ok_and(Acl::is_id);
            if !usable || owners.get(id) != Some(&1) {
                return Err(Failure::at(uri, Reason::ServerId));
            }
        }
        Ok(())
    }

    fn server_id(&self, account: &Uri) -> Option<&[u8]> {
        self.tree.get(&account.join("ServerID").ok()?)?.value.as_deref()
    }

    /// Takes the rights of servers away whose accounts went, or got another ServerID: the next to
    /// have that ServerID shall not find them. [TND 1.2 §7.7.1.4]
    pub(super) fn forget_servers(&mut self) {
        let gone = self.servers_gone();
        if gone.is_empty() {
            return;
        }
        let named = self.tree.iter().filter(|(_, node)| node.acl.names_any(&gone));
        let named: Vec<Uri> = named.map(|(uri, _)| uri.clone()).collect();
        for uri in named {
            let Some(node) = self.tree.get(&uri) else { continue };
            let acl = match uri.is_root() {
                true => node.acl.of_root_without(&gone),
                false => node.acl.without(&gone),
            };
            let node = node.clone().with_acl(acl);
            // The device's own doing: nobody's rights are asked, and no limit is passed.
            let before = self.tree.set(uri.clone(), Some(node));
            self.undo.push(Undo::Node(Step { uri, id: NOWHERE, before }));
        }
    }

    /// The ServerIDs that an account had before the transaction, and none has now.
    fn servers_gone(&self) -> BTreeSet<String> {
        // The first step of each leaf, in the account that may have been there.
        let mut leaves = BTreeMap::new();
        for step in self.steps().filter(|step| step.uri.is_named("ServerID")) {
            if let Some(account) = step.uri.parent_text() {
                leaves.entry(account).or_insert(step.before.as_ref());
            }
        }
        if leaves.is_empty() {
            return BTreeSet::new(); // nearly always
        }
        let mut changed = BTreeMap::new();
        for step in self.steps().filter(|step| leaves.contains_key(step.uri.as_str())) {
            changed.entry(step.uri.as_str()).or_insert(step.before.as_ref());
        }
        let was_account = |account: &str| {
            let as_it_is = || self.tree.found(self.tree.find_text(account)?.0);
            let before = changed.get(account).copied().unwrap_or_else(as_it_is);
            before.is_some_and(Node::is_account)
        };
        let had = leaves.into_iter().filter(|(account, _)| was_account(account));
        let mut gone: BTreeSet<String> =
            had.filter_map(|(_, leaf)| Some(leaf?.as_text()?.to_owned())).collect();
        if !gone.is_empty() {
            for account in self.tree.accounts() {
                let left = self.server_id(account).and_then(|id| core::str::from_utf8(id).ok());
                left.map(|id| gone.remove(id));
            }
        }
        gone
    }

    /// What was done to nodes, the first first.
    fn steps(&self) -> impl Iterator<Item = &Step> {
        self.undo.iter().filter_map(|undo| {
            #[cfg(test)]
            crate::work::step();
            match undo {
                Undo::Node(step) => Some(step),
                Undo::Made(_) | Undo::Unmade(_) => None,
            }
        })
    }
}
