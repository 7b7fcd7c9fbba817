//! `[accounts."ServerID"]`: what is demanded of one server.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What is demanded of one server, in the words of the file.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Account {
    /// What is demanded of its keys. Default: [`TrustPolicy::Pinned`].
    pub policy: TrustPolicy,
}

/// What is demanded of the keys of an account. [profile §4.3]
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum TrustPolicy {
    /// Its messages show a certificate that a pinned authority issued.
    Chain,
    /// Its messages are signed with a pinned key.
    #[default]
    Pinned,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct AccountTable {
    policy: Option<TrustPolicy>,
}

pub(super) fn finish(tables: BTreeMap<String, AccountTable>) -> BTreeMap<String, Account> {
    let account = |table: AccountTable| Account { policy: table.policy.unwrap_or_default() };
    tables.into_iter().map(|(server_id, table)| (server_id, account(table))).collect()
}
