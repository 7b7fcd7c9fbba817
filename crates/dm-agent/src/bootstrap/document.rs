//! A bootstrap document, as the device takes it: TNDS in WBXML or XML text, from a file or by
//! push. [BOOT 1.2 §5], [Sessionless §5.1.1], R5
//!
//! It is taken only while the device has no account, or where its configuration says so. Whatever
//! is refused goes to the journal, and nobody is answered. No sessionless message comes here: it
//! would have to be verified with an account first, and its client knows nothing of this module.

use std::fmt;
use std::path::{Path, PathBuf};

use dm_client::{Entry, Verdict};
use dm_crypto::AwsLc;
use dm_mo::{DevInfo, DmAcc};
use dm_push::wsp::{ApplicationId, Push};
use dm_syncml::wbxml::{self, Spellings};
use dm_tnds::{MgmtTree, Node, Value};
use dm_tree::store::{Commit, Store};
use dm_tree::{Changes, MoId, Rules, Tree, Uri};
use dm_xml::{Document, Limits};
use thiserror::Error;

use super::mac::{Sec, Secrets, secret};
use super::{Bootstrap, BootstrapError};
use crate::config::Config;
use crate::persist::{FILE, PersistError, RedbStore};
use crate::settings::{SettingsError, settings};

/// A document was not taken.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum Refused {
    /// The device has an account, and `bootstrap.again` is not set.
    #[error("the device has an account already; bootstrap.again is not set")]
    Again,
    /// The document does not fit into the tree, or the state is not this device's.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// The push is none, or is not of a bootstrap document.
    #[error("not a push of a bootstrap document: {0}")]
    Push(String),
    /// The MAC is wrong, or missing.
    #[error("the MAC is wrong")]
    Mac,
    /// The document brings no account.
    #[error("the document brings no account with a ServerID{}", LeftOut(.0))]
    NoAccount(
        /// What was left out of it.
        Vec<String>,
    ),
    /// Two accounts have one ServerID, or an ACL could not name it.
    #[error("the ServerID {0:?} is taken or unusable")]
    ServerId(String),
    /// A pin of an account is no key that this device takes.
    #[error("the pin {0:?} is no key of a kind and size that is accepted")]
    Pin(String),
    /// `SEC` is missing or unknown, or the device has no secret for it.
    #[error("SEC is missing or unknown, or this device has no secret for it")]
    Sec,
    /// The file of a secret cannot be used.
    #[error("{0}: not readable, or no secret")]
    Secret(PathBuf),
    /// The configuration is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// DevInfo in the document is that of another device.
    #[error("the document is for device {0:?}")]
    OtherDevice(String),
    /// Too many MACs were wrong.
    #[error("too many wrong MACs: bootstrap from a file")]
    Tries,
    /// The octets are no TNDS document of the device's size.
    #[error("not a bootstrap document: {0}")]
    Unreadable(String),
}

impl From<PersistError> for Refused {
    fn from(error: PersistError) -> Self {
        Self::Bootstrap(error.into())
    }
}

impl Refused {
    /// What the device's owner can do.
    #[must_use]
    pub fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Again => Some("set bootstrap.again, or give the device a new state folder"),
            Self::Bootstrap(BootstrapError::Persist(error)) => Some(error.remedy()),
            Self::Sec | Self::Secret(_) => {
                Some("name readable files in bootstrap.netwpin and bootstrap.userpin")
            }
            Self::NoAccount(left_out) if !left_out.is_empty() => {
                Some("see `supported` and `inbox` in the section `tree` of the configuration")
            }
            Self::NoAccount(_) | Self::Pin(_) | Self::ServerId(_) | Self::Unreadable(_) => {
                Some("make the document with `mgram bootstrap`")
            }
            _ => None,
        }
    }

    /// Whether the document was looked at: then the refusal is in the journal.
    #[must_use]
    pub fn is_journalled(&self) -> bool {
        !matches!(self, Self::Bootstrap(BootstrapError::Persist(_)) | Self::Settings(_))
    }
}

/// Notes behind a sentence, where there are any.
struct LeftOut<'n>(&'n [String]);

impl fmt::Display for LeftOut<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|note| write!(f, "; {note}"))
    }
}

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

/// The record that counts wrong MACs.
const TRIES: &str = "bootstrap/tries";

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
    let arrival = Arrival { config, from: format!("file {}", path.display()), octets, now };
    arrival.journalled(|| {
        arrival.check_accounts()?;
        arrival.apply(octets)
    })
}

/// Takes a document that came by push: WBXML, with SEC and MAC.
///
/// # Errors
/// [`Refused`]; nothing changed then but the journal and the count of tries.
pub fn take_push(
    config: &Config,
    datagram: &[u8],
    from: &str,
    now: Option<u64>,
) -> Result<Taken, Refused> {
    let arrival = Arrival { config, from: format!("push {from}"), octets: datagram, now };
    arrival.journalled(|| {
        arrival.check_accounts()?;
        let body = arrival.authentic(datagram)?;
        arrival.apply(body)
    })
}

struct Arrival<'a> {
    config: &'a Config,
    from: String,
    octets: &'a [u8],
    now: Option<u64>,
}

impl Arrival<'_> {
    /// A refusal goes to the journal, in a new state folder if need be.
    fn journalled(&self, take: impl FnOnce() -> Result<Taken, Refused>) -> Result<Taken, Refused> {
        take().inspect_err(|refused| {
            let mut entry = self.entry(Verdict::Refused);
            entry.refusal = Some("Bootstrap".to_owned());
            entry.clause = Some("BOOT 1.2, SEC 1.2 §5.1.7.2".to_owned());
            entry.reason = Some(refused.to_string());
            if refused.is_journalled()
                && let Ok(mut store) = RedbStore::create(&self.config.state)
            {
                let _ = write(&mut store, &[], &entry.encode());
            }
        })
    }

    fn check_accounts(&self) -> Result<(), Refused> {
        let state = &self.config.state;
        if self.config.bootstrap.again || !state.join(FILE).exists() {
            return Ok(());
        }
        let nodes = RedbStore::open(state)?.nodes()?;
        let tree = Tree::from_nodes(nodes).map_err(BootstrapError::Tree)?;
        if tree.accounts().next().is_some() { Err(Refused::Again) } else { Ok(()) }
    }

    /// The document of a push whose MAC is right. A try with a PIN is counted before it is judged:
    /// who cuts the power gets no further one.
    fn authentic<'d>(&self, datagram: &'d [u8]) -> Result<&'d [u8], Refused> {
        let push = Push::read(datagram).map_err(|error| Refused::Push(error.to_string()))?;
        let r#type = &push.content_type;
        if !r#type.media_type.is(dm_push::media_type::DM_WBXML) {
            return Err(Refused::Push("another media type".to_owned()));
        }
        if push.application_id.is_some_and(|id| id != ApplicationId::SYNCML_DM) {
            return Err(Refused::Push("for another application".to_owned()));
        }
        if !matches!(push.body.first(), Some(1..=3)) {
            return Err(Refused::Push("the MAC is over WBXML, and this is none".to_owned()));
        }
        let sec = r#type.sec().and_then(Sec::from_code).ok_or(Refused::Sec)?;
        let secrets = self.secrets(sec)?;
        let mut store = sec.has_pin().then(|| RedbStore::create(&self.config.state)).transpose()?;
        if let Some(store) = &mut store {
            let tries = store.record(TRIES)?.and_then(|octets| octets.try_into().ok());
            let tries = tries.map_or(0, u32::from_be_bytes);
            if tries as usize >= self.config.bootstrap.tries {
                return Err(Refused::Tries);
            }
            write(store, &[(TRIES, Some(&(tries + 1).to_be_bytes()))], &[])?;
        }
        let mac = r#type.mac();
        let mac = mac.as_ref().map(|text| text.octets());
        match sec.is_good(&secrets, mac, push.body) {
            Some(true) => Ok(push.body),
            Some(false) => Err(Refused::Mac),
            None => Err(Refused::Sec),
        }
    }

    /// The secrets that this way of proof needs.
    fn secrets(&self, sec: Sec) -> Result<Secrets, Refused> {
        let policy = &self.config.bootstrap;
        let read = |path: &Option<PathBuf>| match path {
            None => Err(Refused::Sec),
            Some(path) => {
                let text = std::fs::read(path).map(zeroize::Zeroizing::new);
                let text = text.map_err(|_| Refused::Secret(path.clone()))?;
                secret(&text).map(Some).ok_or_else(|| Refused::Secret(path.clone()))
            }
        };
        let needs_network = matches!(sec, Sec::NetwPin | Sec::UserNetwPin);
        Ok(Secrets {
            netwpin: if needs_network { read(&policy.netwpin)? } else { None },
            userpin: if sec.has_pin() { read(&policy.userpin)? } else { None },
        })
    }

    fn apply(&self, octets: &[u8]) -> Result<Taken, Refused> {
        let config = self.config;
        let limits = Limits { octets: config.limits.message, ..Limits::default() };
        with_document(octets, &limits, |document| {
            let object = MgmtTree::read(document.root())
                .map_err(|error| Refused::Unreadable(error.to_string()))?;
            let mut rules = settings(config)?.rules;
            // Whatever is configured: without an account there is no device.
            if let Ok(accounts) = Uri::parse("./DMAcc") {
                rules.inbox.entry(DM_ACC.to_owned()).or_insert(accounts);
            }
            rules.supported.extend(["1.0", "1.1"].map(|version| format!("{DM_ACC}:{version}")));
            self.apply_object(object, &rules)
        })
    }

    fn apply_object(&self, object: MgmtTree<'_>, rules: &Rules) -> Result<Taken, Refused> {
        let config = self.config;
        let (own, others): (Vec<_>, Vec<_>) =
            object.nodes.into_iter().partition(|node| is_of(node, OWN));
        let dev_info = own.iter().find(|node| is_of(node, &[DEV_INFO]));
        let dev_info = dev_info_of(dev_info, &config.device_id);
        if dev_info.dev_id != config.device_id {
            return Err(Refused::OtherDevice(dev_info.dev_id));
        }
        let mut bootstrap = Bootstrap::open_with(&config.state, &dev_info, &rules.limits)?;
        let before = server_ids(&bootstrap.tree)?;
        let notes = bootstrap.deliver(&MgmtTree::new(others), rules)?;
        let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
        let mut new = server_ids(&bootstrap.tree)?;
        new.retain(|id| !before.contains(id));
        if new.is_empty() {
            return Err(Refused::NoAccount(notes));
        }
        check_pins(&bootstrap.tree)?;
        let mut entry = self.entry(Verdict::Accepted);
        entry.server_id = new.first().cloned();
        entry.notes = notes.clone();
        let journal = |changes: &Changes| {
            entry.changed = changes.iter().take(MOST).map(|it| it.uri.to_string()).collect();
            entry.left_out = changes.len().saturating_sub(MOST);
            entry.encode()
        };
        let tree = bootstrap.commit_with(&[(TRIES, None)], journal)?;
        Ok(Taken { server_ids: new, notes, nodes: tree.count() })
    }

    fn entry(&self, verdict: Verdict) -> Entry {
        Entry {
            time: self.now,
            verdict,
            octets: self.octets.len(),
            from: Some(self.from.clone()),
            server_id: None,
            target: None,
            session_id: None,
            msg_id: None,
            key_name: None,
            digest: None,
            refusal: None,
            stage: Some("bootstrap".to_owned()),
            clause: None,
            reason: None,
            offset: None,
            commands: Vec::new(),
            notes: Vec::new(),
            changed: Vec::new(),
            left_out: 0,
        }
    }
}

/// Nodes that one entry of the journal lists.
const MOST: usize = 256;
const DM_ACC: &str = "urn:oma:mo:oma-dm-dmacc";
const DEV_INFO: &str = "urn:oma:mo:oma-dm-devinfo";
/// What a device writes about itself, and takes from nobody but for DevInfo of a new device.
const OWN: &[&str] = &[DEV_INFO, "urn:oma:mo:oma-dm-devdetail", "urn:oma:mo:oma-dm-inbox"];

fn write(
    store: &mut RedbStore,
    records: &[(&str, Option<&[u8]>)],
    journal: &[u8],
) -> Result<(), PersistError> {
    store.commit(&Commit { changes: &Changes::default(), records, journal, durable: true })
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

fn check_pins(tree: &Tree) -> Result<(), Refused> {
    for pin in DmAcc::find_all(tree).into_iter().flat_map(|account| account.pins) {
        if dm_seal::Pin::new(pin.name.clone(), &pin.der, &AwsLc).is_err() {
            return Err(Refused::Pin(pin.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
