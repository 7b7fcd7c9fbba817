//! `[tree]`: what messages may do to the management tree.

use std::collections::BTreeMap;
use std::path::PathBuf;

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
    /// URIs of nodes that take Exec. Default: none.
    pub exec: Vec<String>,
    /// Names below Ext that the device knows. Default: none.
    pub ext_known: Vec<String>,
    /// Where an object from the Inbox goes: URI of the parent, by MO id without its version.
    /// A table in the file replaces the default as a whole.
    pub inbox: BTreeMap<String, String>,
    /// Whether that is another table than the default: then it comes before the descriptions.
    pub inbox_is_set: bool,
    /// URIs of nodes that cannot be deleted. Default: none named.
    pub permanent: Vec<String>,
    /// What of a delivered object the device may leave out or change.
    pub policy: ObjectPolicy,
    /// Whether the descriptions of the standard objects hold: DMAcc, DevInfo, DevDetail, and NAP
    /// and Proxy of ConnMO. Default: no.
    pub standard_ddf: bool,
    /// MO ids, with version, that the device supports, beside those of its descriptions. A list
    /// replaces the default.
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
    exec: Option<Vec<String>>,
    ext_known: Option<Vec<String>>,
    inbox: Option<BTreeMap<String, String>>,
    permanent: Option<Vec<String>>,
    policy: PolicyTable,
    standard_ddf: Option<bool>,
    supported: Option<Vec<String>>,
}

impl TreeTable {
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.access, over.access);
        take(&mut self.account_change, over.account_change);
        take(&mut self.account_creation, over.account_creation);
        take(&mut self.ddf, over.ddf);
        take(&mut self.exec, over.exec);
        take(&mut self.ext_known, over.ext_known);
        take(&mut self.inbox, over.inbox);
        take(&mut self.permanent, over.permanent);
        self.policy.overlay(over.policy);
        take(&mut self.standard_ddf, over.standard_ddf);
        take(&mut self.supported, over.supported);
    }

    pub(super) fn finish(self) -> TreePolicy {
        let owned = |(id, parent): (&str, &str)| (id.to_owned(), parent.to_owned());
        let standard: BTreeMap<_, _> = INBOX.into_iter().map(owned).collect();
        TreePolicy {
            access: self.access.unwrap_or_default(),
            account_change: self.account_change.unwrap_or(false),
            account_creation: self.account_creation.unwrap_or(false),
            ddf: self.ddf.unwrap_or_default(),
            exec: self.exec.unwrap_or_default(),
            ext_known: self.ext_known.unwrap_or_default(),
            inbox_is_set: self.inbox.as_ref().is_some_and(|inbox| *inbox != standard),
            inbox: self.inbox.unwrap_or(standard),
            permanent: self.permanent.unwrap_or_default(),
            policy: self.policy.finish(),
            standard_ddf: self.standard_ddf.unwrap_or(false),
            supported: self.supported.unwrap_or_else(|| SUPPORTED.map(str::to_owned).to_vec()),
        }
    }
}

const INBOX: [(&str, &str); 3] = [
    ("urn:oma:mo:oma-connmo-nap", "./NAP"),
    ("urn:oma:mo:oma-connmo-proxy", "./Proxy"),
    ("urn:oma:mo:oma-dm-dmacc", "./DMAcc"),
];

const SUPPORTED: [&str; 6] = [
    "urn:oma:mo:oma-connmo-nap:1.0",
    "urn:oma:mo:oma-connmo-proxy:1.0",
    "urn:oma:mo:oma-dm-devdetail:1.0",
    "urn:oma:mo:oma-dm-devinfo:1.0",
    "urn:oma:mo:oma-dm-dmacc:1.0",
    "urn:oma:mo:oma-dm-inbox:1.0",
];
