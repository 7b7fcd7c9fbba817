//! From the agent's configuration to the client's settings.

use std::collections::BTreeSet;

use dm_client::freshness::Policy;
use dm_client::{Effects, Settings, Spellings, Ui};
use dm_seal::danger::{Sha1, Unbound};
use dm_seal::{Accepts, TrustPolicy};
use dm_tree::{AclCommand, Rules, Uri};
use thiserror::Error;

use crate::config::{self, Config, Effect, TreePolicy, Trigger};
use crate::descriptions::{self, RegistryError};

/// A value in the section `tree` that means nothing.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SettingsError {
    /// A device description cannot be used.
    #[error("tree.ddf: {0}")]
    Ddf(#[from] RegistryError),
    /// A text that is no node URI.
    #[error("tree.{key}: {text:?} is not a node URI, like \"./Vendor/Setting\"")]
    Uri {
        /// The key.
        key: &'static str,
        /// The text.
        text: String,
    },
    /// A command that an AccessType cannot name.
    #[error("tree.access: {0:?} is none of Add, Copy, Delete, Exec, Get, Replace")]
    Command(String),
}

/// The client's settings.
///
/// # Errors
/// When a URI or a command in the section `tree` is malformed.
pub fn settings(config: &Config) -> Result<Settings, SettingsError> {
    let mut rules = rules(&config.tree)?;
    rules.limits = limits(config.limits.tree);
    let effects = effects(&config.effect);
    rules.exec.extend(effects.exec.iter().filter_map(|uri| Uri::parse(uri).ok()));
    Ok(Settings {
        device_id: config.device_id.clone(),
        groups: config.groups.clone(),
        limits: dm_xml::Limits { octets: config.limits.message, ..dm_xml::Limits::default() },
        spellings: match config.spelling {
            config::Spelling::Any => Spellings::Any,
            config::Spelling::Compact => Spellings::Compact,
            config::Spelling::Interop => Spellings::Interop,
        },
        effects,
        freshness: match config.freshness {
            config::Freshness::IfPresent => Policy::IfPresent,
            config::Freshness::Off => Policy::Off,
            config::Freshness::Required => Policy::Required,
        },
        ui: match config.ui {
            config::Ui::No => Ui::No,
            config::Ui::None => Ui::Absent,
            config::Ui::Yes => Ui::Yes,
        },
        rules,
        trust: config.accounts.iter().map(|(id, of)| (id.clone(), policy(of.policy))).collect(),
        accepts: accepts(config.danger),
    })
}

fn object_policy(policy: config::ObjectPolicy) -> dm_tree::ObjectPolicy {
    let unprepared = |unprepared| match unprepared {
        config::Unprepared::Fail => dm_tree::Unprepared::Fail,
        config::Unprepared::Skip => dm_tree::Unprepared::Skip,
    };
    dm_tree::ObjectPolicy {
        rename: policy.rename,
        follow: policy.follow,
        ext: unprepared(policy.ext),
        unsupported: unprepared(policy.unsupported),
        newest_only: policy.newest_only,
        lost: unprepared(policy.lost),
    }
}

/// The limits of the tree.
pub(crate) fn limits(tree: config::TreeLimits) -> dm_tree::Limits {
    dm_tree::Limits {
        children: tree.children,
        depth: tree.depth,
        nodes: tree.nodes,
        octets: tree.octets,
        segment_characters: tree.segment,
        uri_characters: tree.uri,
        octets_of_a_value: tree.value,
    }
}

/// What the effects of a configuration follow.
fn effects(all: &[Effect]) -> Effects {
    let mut effects = Effects::default();
    for effect in all {
        match &effect.trigger {
            Trigger::On(nodes) => effects.on.extend(nodes.iter().map(Uri::to_string)),
            Trigger::Exec(node) => {
                effects.exec.insert(node.to_string());
            }
            Trigger::Session => effects.session = true,
        }
    }
    effects
}

fn accepts(danger: config::Danger) -> Accepts {
    let mut accepts = Accepts::LISTED;
    if danger.sha1 {
        accepts = accepts.with_sha1(Sha1::allowed_by_the_owner());
    }
    if danger.unbound_ciphertext {
        accepts = accepts.with_unbound(Unbound::allowed_by_the_owner());
    }
    accepts
}

fn policy(policy: config::TrustPolicy) -> TrustPolicy {
    match policy {
        config::TrustPolicy::Chain => TrustPolicy::Chain,
        config::TrustPolicy::Pinned => TrustPolicy::Pinned,
    }
}

/// The maker's rules of the tree. The standard objects are permanent, and the Inbox takes Add
/// only [TNDS facts §6], whatever the configuration adds. What the descriptions say holds where the
/// configuration says nothing.
///
/// # Errors
/// When a URI or a command is malformed, or a description cannot be used.
pub fn rules(policy: &TreePolicy) -> Result<Rules, SettingsError> {
    let mut rules = Rules {
        account_creation: policy.account_creation,
        account_change: policy.account_change,
        permanent: uris("permanent", &policy.permanent)?,
        ext_known: uris("ext_known", &policy.ext_known)?,
        reference_leaves: policy.reference_leaves.clone(),
        supported: policy.supported.iter().cloned().collect(),
        policy: object_policy(policy.policy),
        descriptions: descriptions::read(&policy.ddf, policy.standard_ddf)?,
        ..Rules::default()
    };
    for standard in ["./DevInfo", "./DMAcc", "./Inbox"] {
        rules.permanent.insert(uri("permanent", standard)?);
    }
    for (name, parent) in &policy.inbox {
        rules.inbox.insert(name.clone(), uri("inbox", parent)?);
    }
    for (name, home) in rules.descriptions.homes() {
        if !policy.inbox_written.contains(name) {
            rules.inbox.insert(name.to_owned(), home.parent.clone());
        }
    }
    rules.supported.extend(rules.descriptions.identifiers().map(str::to_owned));
    rules.access.insert(uri("access", "./DevInfo")?, [AclCommand::Get].into_iter().collect());
    for (node, commands) in &policy.access {
        let commands = commands.iter().filter(|name| *name != "Copy").map(|name| {
            AclCommand::parse(name).ok_or_else(|| SettingsError::Command(name.clone()))
        });
        rules.access.insert(uri("access", node)?, commands.collect::<Result<_, _>>()?);
    }
    rules.access.insert(uri("access", "./Inbox")?, [AclCommand::Add].into_iter().collect());
    Ok(rules)
}

fn uris(key: &'static str, texts: &[String]) -> Result<BTreeSet<Uri>, SettingsError> {
    texts.iter().map(|text| uri(key, text)).collect()
}

fn uri(key: &'static str, text: &str) -> Result<Uri, SettingsError> {
    Uri::parse(text).map_err(|_| SettingsError::Uri { key, text: text.to_owned() })
}

#[cfg(test)]
mod tests;
