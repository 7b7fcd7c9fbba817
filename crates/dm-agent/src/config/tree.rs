//! `[tree]`: what messages may do to the management tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use dm_tree::MoId;
use serde::Deserialize;

use super::file::take;
use super::policy::{ObjectPolicy, PolicyTable};

/// What messages may do to the tree, in the words of the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TreePolicy {
    /// Commands that a node takes (its AccessType), by node URI. Default: none named.
    pub access: BTreeMap<String, Vec<String>>,
    /// Whether a message may change the account that it is checked with. Default: no.
    pub account_change: bool,
    /// Whether a message may make a new account. Default: no.
    pub account_creation: bool,
    /// Device descriptions: DDF files, and folders of them. Default: none.
    pub ddf: Vec<PathBuf>,
    /// Names below Ext that the device knows. Default: none.
    pub ext_known: Vec<String>,
    /// Where an object from the Inbox goes: URI of the parent, by MO id without its version.
    /// A table in the file adds to the default; an empty URI takes an entry away.
    pub inbox: BTreeMap<String, String>,
    /// The names that the file says something else of than the default: there it comes before the
    /// descriptions.
    pub inbox_written: BTreeSet<String>,
    /// URIs of nodes that cannot be deleted. Default: none named.
    pub permanent: Vec<String>,
    /// What of a delivered object the device may leave out or change.
    pub policy: ObjectPolicy,
    /// Names of leaves that hold references to connectivity objects (R25). A list adds to the
    /// default.
    pub reference_leaves: Vec<String>,
    /// Whether the descriptions of the standard objects hold: DMAcc, DevInfo, DevDetail, and NAP
    /// and Proxy of ConnMO. Default: no.
    pub standard_ddf: bool,
    /// MO ids, with version, that the device supports, beside those of its descriptions. A list
    /// adds to the default.
    pub supported: Vec<String>,
}

impl Default for TreePolicy {
    fn default() -> Self {
        TreeTable::default().finish()
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct TreeTable {
    access: Option<BTreeMap<String, Vec<String>>>,
    account_change: Option<bool>,
    account_creation: Option<bool>,
    ddf: Option<Vec<PathBuf>>,
    ext_known: Option<Vec<String>>,
    inbox: Option<BTreeMap<String, String>>,
    permanent: Option<Vec<String>>,
    policy: PolicyTable,
    reference_leaves: Option<Vec<String>>,
    standard_ddf: Option<bool>,
    supported: Option<Vec<String>>,
}

impl TreeTable {
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.access, over.access);
        take(&mut self.account_change, over.account_change);
        take(&mut self.account_creation, over.account_creation);
        take(&mut self.ddf, over.ddf);
        take(&mut self.ext_known, over.ext_known);
        take(&mut self.inbox, over.inbox);
        take(&mut self.permanent, over.permanent);
        self.policy.overlay(over.policy);
        take(&mut self.reference_leaves, over.reference_leaves);
        take(&mut self.standard_ddf, over.standard_ddf);
        take(&mut self.supported, over.supported);
    }

    pub(super) fn finish(self) -> TreePolicy {
        let owned = |(id, parent): (&str, &str)| (id.to_owned(), parent.to_owned());
        let mut inbox: BTreeMap<_, _> = INBOX.into_iter().map(owned).collect();
        let mut inbox_written = BTreeSet::new();
        for (id, parent) in self.inbox.unwrap_or_default() {
            let name = MoId::parse(&id).name.into_owned();
            if inbox.get(&name) != Some(&parent) {
                inbox_written.insert(name.clone());
            }
            inbox.insert(name, parent);
        }
        inbox.retain(|_, parent| !parent.is_empty());
        TreePolicy {
            access: self.access.unwrap_or_default(),
            account_change: self.account_change.unwrap_or(false),
            account_creation: self.account_creation.unwrap_or(false),
            ddf: self.ddf.unwrap_or_default(),
            ext_known: self.ext_known.unwrap_or_default(),
            inbox,
            inbox_written,
            permanent: self.permanent.unwrap_or_default(),
            policy: self.policy.finish(),
            reference_leaves: with(&REFERENCE_LEAVES, self.reference_leaves),
            standard_ddf: self.standard_ddf.unwrap_or(false),
            supported: with(&SUPPORTED, self.supported),
        }
    }
}

/// The default, and behind it what the file adds.
fn with(default: &[&str], more: Option<Vec<String>>) -> Vec<String> {
    let mut all: Vec<_> = default.iter().map(|text| (*text).to_owned()).collect();
    all.extend(more.unwrap_or_default().into_iter().filter(|it| !default.contains(&&**it)));
    all
}

const INBOX: [(&str, &str); 3] = [
    ("urn:oma:mo:oma-connmo-nap", "./NAP"),
    ("urn:oma:mo:oma-connmo-proxy", "./Proxy"),
    ("urn:oma:mo:oma-dm-dmacc", "./DMAcc"),
];

const REFERENCE_LEAVES: [&str; 2] = ["PrefConRef", "ConRef"];

const SUPPORTED: [&str; 7] = [
    "urn:oma:mo:oma-connmo-nap:1.0",
    "urn:oma:mo:oma-connmo-proxy:1.0",
    "urn:oma:mo:oma-dm-devdetail:1.0",
    "urn:oma:mo:oma-dm-devinfo:1.0",
    "urn:oma:mo:oma-dm-dmacc:1.0",
    "urn:oma:mo:oma-dm-dmacc:1.1",
    "urn:oma:mo:oma-dm-inbox:1.0",
];
