//! A bootstrap document, as the device takes it: TNDS in WBXML or XML text, from a file or by
//! push. [BOOT 1.2 §5], [Sessionless §5.1.1], R5
//!
//! It is taken only while the device has no account, or where its configuration says so. What is
//! refused goes to the journal, unless anybody could fill that with it; nobody is answered. No
//! sessionless message comes here: it would have to be verified with an account first, and its
//! client knows nothing of this module.

use std::path::Path;

use dm_client::{Entry, Verdict};
use dm_crypto::AwsLc;
use dm_mo::{DevInfo, DmAcc};
use dm_syncml::wbxml::{self, Spellings};
use dm_tnds::{MgmtTree, Node, Value};
use dm_tree::store::{Commit, Store};
use dm_tree::{Changes, MoId, Rules, Tree, Uri};
use dm_xml::{Document, Limits};

use super::claim::{Claim, TRIES};
use super::plan::Plan;
pub use super::refused::Refused;
use super::{BootstrapError, message};
use crate::config::Config;
use crate::persist::{PersistError, RedbStore};
use crate::settings::settings;

/// What a document has done.
#[derive(Debug)]
pub struct Taken {
    /// The ServerIDs of the accounts that it brought.
    pub server_ids: Vec<String>,
    /// What was left out, renamed or rewritten.
    pub notes: Vec<String>,
    /// How many nodes the tree has now.
    pub nodes: usize,
}

/// Takes a document from a file: at the factory, or from a smart card. WBXML or XML text.
///
/// # Errors
/// [`Refused`]; nothing changed then but the journal.
pub fn take_file(
    config: &Config,
    path: &Path,
    octets: &[u8],
    now: Option<u64>,
) -> Result<Taken, Refused> {
    let rules = settings(config)?.rules;
    let from = format!("file {}", path.display());
    let replaces = config.bootstrap.again;
    let arrival = Arrival { config, rules: &rules, from, octets: octets.len(), now, replaces };
    let mut state = State::Folder(&config.state, super::opened(&config.state)?);
    arrival.take(&mut state, |_| Ok(octets))
}

/// Takes a document that came by push: WBXML, with SEC and MAC. Of one that is neither proven by the
/// network's secret nor a try with a PIN nothing is kept.
///
/// # Errors
/// [`Refused`]; nothing changed then but the journal and the count of tries.
pub fn take_push(
    config: &Config,
    datagram: &[u8],
    from: &str,
    now: Option<u64>,
) -> Result<Taken, Refused> {
    let rules = settings(config)?.rules;
    let from = format!("push {from}");
    let arrival =
        Arrival { config, rules: &rules, from, octets: datagram.len(), now, replaces: false };
    let mut state = State::Folder(&config.state, super::opened(&config.state)?);
    let policy = &config.bootstrap;
    let claim = match arrival.check_accounts(&state) {
        Ok(()) => Ok(Claim::read(policy, datagram)?),
        Err(refused) => Err(refused),
    };
    arrival.take(&mut state, |state| claim?.judge(policy, state.made()?))
}

/// Takes what [`Claim::read`] let pass, into a state that is open.
///
/// # Errors
/// As [`take_push`].
pub(super) fn take_claim(
    arrival: &Arrival<'_>,
    store: &mut RedbStore,
    claim: Claim<'_>,
) -> Result<Taken, Refused> {
    let policy = &arrival.config.bootstrap;
    arrival.take(&mut State::Open(store), |state| claim.judge(policy, state.made()?))
}

/// How a document came, and what holds on its device.
pub(super) struct Arrival<'a> {
    pub(super) config: &'a Config,
    pub(super) rules: &'a Rules,
    pub(super) from: String,
    pub(super) octets: usize,
    pub(super) now: Option<u64>,
    /// Whether an account of it takes the place of one of the same server. Never by push: one that
    /// was heard can be sent again, and would bring a key back that was given up.
    pub(super) replaces: bool,
}

/// Where a document goes.
enum State<'s> {
    /// A folder, which is made when something is to be kept.
    Folder(&'s Path, Option<RedbStore>),
    Open(&'s mut RedbStore),
}

impl State<'_> {
    fn tree(&self) -> Result<Tree, BootstrapError> {
        super::tree_of(match self {
            Self::Folder(_, store) => store.as_ref(),
            Self::Open(store) => Some(store),
        })
    }

    fn made(&mut self) -> Result<&mut RedbStore, PersistError> {
        match self {
            Self::Open(store) => Ok(store),
            Self::Folder(_, Some(store)) => Ok(store),
            Self::Folder(folder, none) => Ok(none.insert(RedbStore::create(folder)?)),
        }
    }
}

impl Arrival<'_> {
    /// Takes the document that `prove` yields. A refusal goes to the journal.
    fn take<'d>(
        &self,
        state: &mut State<'_>,
        prove: impl FnOnce(&mut State<'_>) -> Result<&'d [u8], Refused>,
    ) -> Result<Taken, Refused> {
        let outcome = self.check_accounts(state).and_then(|()| {
            let octets = prove(state)?;
            self.apply(state, octets)
        });
        outcome.inspect_err(|refused| {
            let mut entry = self.entry(Verdict::Refused);
            entry.refusal = Some("Bootstrap".to_owned());
            entry.clause = Some("BOOT 1.2, SEC 1.2 §5.1.7.2".to_owned());
            entry.reason = Some(refused.to_string());
            if refused.is_journalled()
                && let Ok(store) = state.made()
            {
                let _ = write(store, &Changes::default(), &[], &entry.encode());
            }
        })
    }

    fn check_accounts(&self, state: &State<'_>) -> Result<(), Refused> {
        let is_over = !self.config.bootstrap.again && state.tree()?.accounts().next().is_some();
        if is_over { Err(Refused::Again) } else { Ok(()) }
    }

    fn apply(&self, state: &mut State<'_>, octets: &[u8]) -> Result<Taken, Refused> {
        let limits = Limits { octets: self.config.limits.message, ..Limits::default() };
        with_document(octets, &limits, |document| {
            let root = document.root();
            let object = match root.local() {
                "SyncML" => message::objects(root, &limits)?,
                _ => {
                    MgmtTree::read(root).map_err(|error| Refused::Unreadable(error.to_string()))?
                }
            };
            let mut rules = self.rules.clone();
            // Whatever is configured: without an account there is no device.
            if let Ok(accounts) = Uri::parse("./DMAcc") {
                rules.inbox.entry(DM_ACC.to_owned()).or_insert(accounts);
            }
            rules.supported.extend(["1.0", "1.1"].map(|version| format!("{DM_ACC}:{version}")));
            self.apply_object(state, object, &rules)
        })
    }

    fn apply_object(
        &self,
        state: &mut State<'_>,
        object: MgmtTree<'_>,
        rules: &Rules,
    ) -> Result<Taken, Refused> {
        let config = self.config;
        let (own, others): (Vec<_>, Vec<_>) =
            object.nodes.into_iter().partition(|node| is_of(node, OWN));
        let dev_info = own.iter().find(|node| is_of(node, &[DEV_INFO]));
        let dev_info = dev_info_of(dev_info, &config.device_id);
        if dev_info.dev_id != config.device_id {
            return Err(Refused::OtherDevice(dev_info.dev_id));
        }
        let mut plan = Plan::over(state.tree()?, &dev_info, &rules.limits)?;
        let mut notes = Vec::new();
        for node in own {
            if is_of(&node, &[DEV_DETAIL]) {
                notes.extend(plan.describe(node)?);
            } else if is_of(&node, &[INBOX]) {
                notes.push("Inbox of the document left out: the device has one".to_owned());
            }
        }
        let mut kept = server_ids(&plan.tree)?;
        let mut replaced = DmAcc::find_all(&plan.tree);
        replaced
            .retain(|it| self.replaces && others.iter().any(|node| is_for(node, &it.server_id)));
        kept.retain(|id| replaced.iter().all(|it| it.server_id != *id));
        let gone = replaced.iter().map(|it| it.uri.clone()).collect();
        let delivered = plan.deliver(&MgmtTree::new(others), gone, rules)?;
        notes.extend(delivered.iter().map(ToString::to_string));
        let mut new = server_ids(&plan.tree)?;
        new.retain(|id| !kept.contains(id));
        if new.is_empty() || replaced.iter().any(|it| !new.contains(&it.server_id)) {
            return Err(Refused::NoAccount(notes));
        }
        check_pins(&plan.tree, &new)?;
        let (tree, changes) = plan.finish()?;
        notes.extend(replaced.iter().map(|it| format!("account replaced: {}", it.uri)));
        let mut entry = self.entry(Verdict::Accepted);
        entry.server_id = new.first().cloned();
        entry.notes = notes.clone();
        entry.changed = changes.iter().take(MOST).map(|it| it.uri.to_string()).collect();
        entry.left_out = changes.len().saturating_sub(MOST);
        write(state.made()?, &changes, &[(TRIES, None)], &entry.encode())?;
        Ok(Taken { server_ids: new, notes, nodes: tree.count() })
    }

    fn entry(&self, verdict: Verdict) -> Entry {
        Entry {
            time: self.now,
            from: Some(self.from.clone()),
            stage: Some("bootstrap".to_owned()),
            ..Entry::of(verdict, self.octets)
        }
    }
}

/// Nodes that one entry of the journal lists.
const MOST: usize = 256;
const DM_ACC: &str = "urn:oma:mo:oma-dm-dmacc";
const DEV_INFO: &str = "urn:oma:mo:oma-dm-devinfo";
const DEV_DETAIL: &str = "urn:oma:mo:oma-dm-devdetail";
const INBOX: &str = "urn:oma:mo:oma-dm-inbox";
/// What a device writes about itself, and takes from nobody; DevInfo and DevDetail of a new device
/// are what the document says.
const OWN: &[&str] = &[DEV_INFO, DEV_DETAIL, INBOX];

fn write(
    store: &mut RedbStore,
    changes: &Changes,
    records: &[(&str, Option<&[u8]>)],
    journal: &[u8],
) -> Result<(), PersistError> {
    store.commit(&Commit { changes, records, journal, durable: true })
}

/// Hands the infoset of either form to `then`.
fn with_document<T>(
    octets: &[u8],
    limits: &Limits,
    then: impl FnOnce(&Document<'_>) -> Result<T, Refused>,
) -> Result<T, Refused> {
    if octets.len() > limits.octets {
        return Err(Refused::Unreadable(format!("more than {} octets", limits.octets)));
    }
    if matches!(octets.first(), Some(1..=3)) {
        let unreadable = |error: dm_wbxml::Error| Refused::Unreadable(error.to_string());
        let source = wbxml::open_spelled(octets, Spellings::Interop, limits).map_err(unreadable)?;
        return then(&wbxml::decode(&source, limits).map_err(unreadable)?);
    }
    let document = dm_xml::parse(octets, limits);
    let document = document.map_err(|error| Refused::Unreadable(error.to_string()))?;
    then(&document.without_white_space())
}

/// Whether the node is the root of one of these objects, of whatever version.
fn is_of(node: &Node<'_>, names: &[&str]) -> bool {
    let r#type = node.rt_properties.as_ref().and_then(|properties| properties.r#type.as_ref());
    r#type.is_some_and(|identifier| names.contains(&&*MoId::parse(identifier.as_str()).name))
}

/// Whether the node is the root of this server's account.
fn is_for(node: &Node<'_>, server_id: &str) -> bool {
    let names_it = |leaf: &Node<'_>| {
        let value = leaf.value.as_ref();
        leaf.node_name.as_deref() == Some("ServerID")
            && matches!(value, Some(Value::Text(text)) if *text == *server_id)
    };
    is_of(node, &[DM_ACC]) && node.nodes.iter().any(names_it)
}

/// DevInfo of the document, or what can be said without it.
fn dev_info_of(node: Option<&Node<'_>>, device_id: &str) -> DevInfo {
    let text = |name: &str, default: &str| {
        let leaf = node.and_then(|node| {
            node.nodes.iter().find(|leaf| leaf.node_name.as_deref() == Some(name))
        });
        match leaf.and_then(|leaf| leaf.value.as_ref()) {
            Some(Value::Text(text)) => text.to_string(),
            _ => default.to_owned(),
        }
    };
    DevInfo {
        dev_id: text("DevId", device_id),
        man: text("Man", "Marconigram"),
        r#mod: text("Mod", "mgram-agent"),
        dm_v: text("DmV", "1.3"),
        lang: text("Lang", "en"),
    }
}

/// The ServerIDs of all accounts: each has one of its own, which an ACL can name. [TND 1.2 §7.7.1]
fn server_ids(tree: &Tree) -> Result<Vec<String>, Refused> {
    let accounts = DmAcc::find_all(tree);
    if accounts.len() != tree.accounts().count() {
        return Err(Refused::NoAccount(Vec::new()));
    }
    let mut found = Vec::new();
    for DmAcc { server_id, .. } in accounts {
        let refused = |c: char| "=&*+".contains(c) || c.is_whitespace() || c.is_control();
        if server_id.is_empty() || server_id.contains(refused) || found.contains(&server_id) {
            return Err(Refused::ServerId(server_id));
        }
        found.push(server_id);
    }
    Ok(found)
}

/// Each of these servers' accounts has a pin, and no pin that this server could not use.
fn check_pins(tree: &Tree, server_ids: &[String]) -> Result<(), Refused> {
    for DmAcc { server_id, pins, .. } in DmAcc::find_all(tree) {
        if !server_ids.contains(&server_id) {
            continue;
        }
        if pins.is_empty() {
            return Err(Refused::NoPin(server_id));
        }
        for pin in pins {
            let usable = dm_seal::Pin::new(pin.name.clone(), &pin.der, &AwsLc);
            if !usable.is_ok_and(|it| it.material().may_serve(&server_id)) {
                return Err(Refused::Pin(pin.name));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
