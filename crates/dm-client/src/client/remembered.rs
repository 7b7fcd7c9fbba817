//! What a client remembers of accounts: freshness, which is durable with each message. [profile §7]

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;

use dm_seal::Provider;
use dm_tree::store::Store;

use super::{Client, ClientError};
use crate::freshness::Freshness;

impl<S: Store, P: Provider> Client<S, P> {
    /// What is remembered of an account; read from the store when it is first asked for.
    pub(super) fn remembered(
        &mut self,
        server_id: &str,
    ) -> Result<&Freshness, ClientError<S::Error>> {
        if !self.freshness.contains_key(server_id) {
            let state = match self.store.record(&record_key(server_id))? {
                Some(octets) => Freshness::decode(&octets)
                    .ok_or_else(|| ClientError::Damaged(server_id.into()))?,
                None => Freshness::default(),
            };
            self.freshness.insert(server_id.to_owned(), state);
        }
        Ok(&self.freshness[server_id])
    }

    /// Takes over what is durable now.
    pub(super) fn remember(&mut self, server_id: &str, state: Freshness) {
        match self.freshness.get_mut(server_id) {
            Some(known) => *known = state,
            None => drop(self.freshness.insert(server_id.to_owned(), state)),
        }
    }
}

/// The key of the record that holds what is remembered of an account.
pub(super) fn record_key(server_id: &str) -> String {
    format!("freshness/{server_id}")
}
