//! Bootstrap: what a device has before the first message. [Sessionless §5.1.1], R5
//!
//! An entry point of its own: no message comes through here.
//!
//! * [`Bootstrap`]: a device's tree, built object by object, as `mgram provision` does it;
//! * [`document`]: a bootstrap document from a file or by push, as the device takes it [BOOT 1.2];
//! * `message`: such a document in the form of a message [BOOT 1.2 §5.4];
//! * `claim`: a push, and whether it proves itself, before any state is opened;
//! * `by_push`: such a push, handed over by a receiver;
//! * [`mac`]: how a push proves where it comes from [SEC 1.2 §5.1.7.2].

use std::path::{Path, PathBuf};

pub(crate) mod by_push;
mod claim;
pub mod document;
/// SEC and MAC, which are with the keys.
pub mod mac {
    pub use dm_crypto::{Sec, Secrets, secret};
}
mod message;
mod plan;
mod refused;

use dm_mo::DevInfo;
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::{Commit, Store};
use dm_tree::{Failure, Limits, Tree, TreeError};
use plan::Plan;
use thiserror::Error;

use crate::persist::{FILE, PersistError, RedbStore};

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
    plan: Plan,
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
        let store = opened(folder)?;
        let plan = Plan::over(tree_of(store.as_ref())?, dev_info, limits)?;
        Ok(Self { folder: folder.to_owned(), store, plan })
    }

    /// Adds an account. Its node gets another name when there is one of that name.
    ///
    /// # Errors
    /// When one for this server is there.
    pub fn add_account(
        &mut self,
        server_id: &str,
        account: Node<'_>,
    ) -> Result<(), BootstrapError> {
        self.plan.add_account(server_id, account)
    }

    /// Adds an object at the root, with whatever its paths say.
    ///
    /// # Errors
    /// When a node is there already or the object is malformed.
    pub fn add(&mut self, object: &MgmtTree<'_>) -> Result<(), BootstrapError> {
        self.plan.add(object)
    }

    /// Makes everything durable in one step; yields the tree.
    ///
    /// # Errors
    /// When the store fails; then nothing changed.
    pub fn commit(self) -> Result<Tree, BootstrapError> {
        let (tree, changes) = self.plan.finish()?;
        let commit = Commit { changes: &changes, records: &[], journal: &[], durable: true };
        let mut store = self.store.map_or_else(|| RedbStore::create(&self.folder), Ok)?;
        store.commit(&commit)?;
        Ok(tree)
    }
}

/// The store of a folder; none where it is no state folder yet.
fn opened(folder: &Path) -> Result<Option<RedbStore>, PersistError> {
    match folder.join(FILE).exists() {
        true => RedbStore::open(folder).map(Some),
        false if folder.exists() && !folder.is_dir() => {
            Err(PersistError::NotAState(folder.to_owned()))
        }
        false => Ok(None),
    }
}

/// What is stored; without a store the tree of a new device.
fn tree_of(store: Option<&RedbStore>) -> Result<Tree, BootstrapError> {
    let nodes = store.map(Store::nodes).transpose()?;
    Ok(Tree::from_nodes(nodes.unwrap_or_default())?)
}

#[cfg(test)]
mod tests;
