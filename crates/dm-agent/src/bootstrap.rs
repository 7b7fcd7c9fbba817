//! Bootstrap: what a device has before the first message. [Sessionless §5.1.1], R5
//!
//! An entry point of its own: no message comes through here.
//!
//! * [`Bootstrap`]: a device's tree, built object by object, as `mgram provision` does it;
//! * [`document`]: a bootstrap document from a file or by push, as the device takes it [BOOT 1.2];
//! * `by_push`: such a push, handed over by a receiver;
//! * [`mac`]: how a push proves where it comes from [SEC 1.2 §5.1.7.2].

use std::path::{Path, PathBuf};

pub(crate) mod by_push;
pub mod document;
pub mod mac;

use dm_mo::{DevDetail, DevInfo, DmAcc};
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::{Commit, Store};
use dm_tree::{Changes, Failure, Limits, Note, Rules, Transaction, Tree, TreeError, Uri};
use thiserror::Error;

use crate::persist::{FILE, PersistError, RedbStore};

/// The Inbox, which every server with an account may add to, and the place of the accounts.
fn standard_nodes() -> [Node<'static>; 2] {
    let node = |name, identifier, acl: &'static str| {
        let mut node = Node::interior(name, identifier);
        node.rt_properties.get_or_insert_default().acl = Some(acl.into());
        node
    };
    [node("Inbox", "urn:oma:mo:oma-dm-inbox:1.0", "Add=*"), node("DMAcc", "", "Get=*")]
}

fn dev_detail(dev_info: &DevInfo, limits: &Limits) -> DevDetail {
    let unknown = || "unknown".to_owned();
    let detail = DevDetail {
        dev_typ: unknown(),
        oem: dev_info.man.clone(),
        fw_v: unknown(),
        sw_v: env!("CARGO_PKG_VERSION").to_owned(),
        hw_v: unknown(),
        ..DevDetail::default()
    };
    detail.with_limits(limits)
}

/// A state folder could not be provisioned.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BootstrapError {
    /// An account for this server is there already.
    #[error("an account for the ServerID {0:?} is there already: R22 wants exactly one")]
    AccountExists(String),
    /// An object does not fit into the tree.
    #[error("the object does not fit into the tree: {0}")]
    Object(Failure),
    /// The state belongs to another device.
    #[error("the state belongs to device {0:?}")]
    OtherDevice(String),
    /// The state cannot be read or written.
    #[error(transparent)]
    Persist(#[from] PersistError),
    /// The stored nodes are no tree.
    #[error("the stored nodes are not a tree: {0}")]
    Tree(#[from] TreeError),
}

/// A device's tree before its first message, built object by object. Nothing is written before
/// [`Bootstrap::commit`].
#[derive(Debug)]
pub struct Bootstrap {
    folder: PathBuf,
    /// None yet: the folder is no state folder before the commit.
    store: Option<RedbStore>,
    tree: Tree,
    before: Tree,
    /// What a new device says of itself, if nobody says it first.
    dev_detail: Option<Node<'static>>,
}

impl Bootstrap {
    /// Opens a state folder, or begins a new one, and gives it DevInfo, DevDetail and Inbox. The
    /// limits that DevDetail publishes are those of a configuration that names none.
    ///
    /// # Errors
    /// When the folder is in use, damaged, or of another device.
    pub fn open(folder: &Path, dev_info: &DevInfo) -> Result<Self, BootstrapError> {
        let of_agent = crate::config::TreeLimits::default();
        Self::open_with(folder, dev_info, &crate::settings::limits(of_agent))
    }

    /// As [`Bootstrap::open`], with the limits of the device's own configuration.
    ///
    /// # Errors
    /// As [`Bootstrap::open`].
    pub fn open_with(
        folder: &Path,
        dev_info: &DevInfo,
        limits: &Limits,
    ) -> Result<Self, BootstrapError> {
        let store = match folder.join(FILE).exists() {
            true => Some(RedbStore::open(folder)?),
            false if folder.exists() && !folder.is_dir() => {
                return Err(PersistError::NotAState(folder.to_owned()).into());
            }
            false => None,
        };
        let nodes = store.as_ref().map(Store::nodes).transpose()?;
        let tree = Tree::from_nodes(nodes.unwrap_or_default())?;
        let before = tree.clone();
        let folder = folder.to_owned();
        let mut bootstrap = Self { folder, store, tree, before, dev_detail: None };
        match bootstrap.device_id() {
            Some(device_id) if device_id == dev_info.dev_id => {}
            Some(device_id) => return Err(BootstrapError::OtherDevice(device_id)),
            None => {
                let [inbox, accounts] = standard_nodes();
                bootstrap.add(&MgmtTree::new(vec![dev_info.object(), inbox, accounts]))?;
                bootstrap.dev_detail = Some(dev_detail(dev_info, limits).to_tnds());
            }
        }
        Ok(bootstrap)
    }

    fn device_id(&self) -> Option<String> {
        let found = self.tree.iter().find(|(uri, _)| uri.as_str() == "./DevInfo/DevId");
        found.and_then(|(_, node)| String::from_utf8(node.value.clone()?).ok())
    }

    /// Adds an account. Its node gets another name when there is one of that name.
    ///
    /// # Errors
    /// When one for this server is there.
    pub fn add_account(
        &mut self,
        server_id: &str,
        mut account: Node<'_>,
    ) -> Result<(), BootstrapError> {
        if DmAcc::find_all(&self.tree).iter().any(|account| account.server_id == server_id) {
            return Err(BootstrapError::AccountExists(server_id.to_owned()));
        }
        let name = account.node_name.clone().unwrap_or_default();
        let is_taken = |name: &str| {
            Uri::parse(&format!("./DMAcc/{name}")).is_ok_and(|uri| self.tree.contains(&uri))
        };
        let mut number = 2_u32;
        while account.node_name.as_deref().is_some_and(is_taken) {
            account.node_name = Some(format!("{name}-{number}").into());
            number += 1;
        }
        self.add(&MgmtTree::new(vec![account]))
    }

    /// Adds an object at the root, with whatever its paths say.
    ///
    /// # Errors
    /// When a node is there already or the object is malformed.
    pub fn add(&mut self, object: &MgmtTree<'_>) -> Result<(), BootstrapError> {
        let rules = Rules::default();
        let mut transaction = Transaction::local(&mut self.tree, &rules);
        transaction.add_object(&Uri::root(), object).map_err(BootstrapError::Object)?;
        let _ = transaction.commit(None); // compared as a whole when everything is there
        Ok(())
    }

    /// Delivers objects to the Inbox, as a server would: each goes where its type says, and
    /// references between them are resolved. [STD 1.2 §7.1.3.4, BOOT 1.2]
    fn deliver(
        &mut self,
        objects: &MgmtTree<'_>,
        rules: &Rules,
    ) -> Result<Vec<Note>, BootstrapError> {
        let mut transaction = Transaction::local(&mut self.tree, rules);
        transaction.add_object(&Uri::inbox(), objects).map_err(BootstrapError::Object)?;
        let notes = transaction.take_notes();
        let _ = transaction.commit(None);
        Ok(notes)
    }

    /// Makes everything durable in one step; yields the tree.
    ///
    /// # Errors
    /// When the store fails; then nothing changed.
    pub fn commit(self) -> Result<Tree, BootstrapError> {
        self.commit_with(&[], |_| Vec::new())
    }

    /// As [`Bootstrap::commit`], with records and an entry of the journal.
    fn commit_with(
        mut self,
        records: &[(&str, Option<&[u8]>)],
        journal: impl FnOnce(&Changes) -> Vec<u8>,
    ) -> Result<Tree, BootstrapError> {
        let is_there = self.tree.iter().any(|(uri, _)| uri.as_str() == "./DevDetail");
        if let Some(dev_detail) = self.dev_detail.take().filter(|_| !is_there) {
            self.add(&MgmtTree::new(vec![dev_detail]))?;
        }
        let rules = Rules::default();
        let mut transaction = Transaction::local(&mut self.before, &rules);
        for (uri, node) in self.tree.iter() {
            // Bootstrap only adds, and a parent sorts before what is below it.
            if !transaction.tree().contains(uri) {
                transaction.add(uri.clone(), node.clone()).map_err(BootstrapError::Object)?;
            }
        }
        let changes = transaction.commit(None);
        let journal = journal(&changes);
        let commit = Commit { changes: &changes, records, journal: &journal, durable: true };
        let mut store = match self.store {
            Some(store) => store,
            None => RedbStore::create(&self.folder)?,
        };
        store.commit(&commit)?;
        Ok(self.tree)
    }
}

#[cfg(test)]
mod tests;
