//! The client: a tree, its store, and the one way in.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use dm_seal::Provider;
use dm_tree::store::{Commit, Store};
use dm_tree::{Changes, Transaction, Tree, TreeError};
use dm_wbxml::Source;
use thiserror::Error;

use crate::account::{Account, accounts};
use crate::apply::Executor;
use crate::freshness::Freshness;
use crate::gate::{self, Fresh, Header};
use crate::{Accepted, Entry, Outcome, Refusal, Refused, Settings};

/// A device management client for messages without a session.
///
/// Give it each message with [`receive`](Self::receive), one after the other, and set going what
/// the outcome's `execs` name. It never needs to be polled: it has no timers, because it waits
/// for nobody.
pub struct Client<S, P: Provider> {
    store: S,
    provider: P,
    settings: Settings,
    tree: Tree,
    accounts: Vec<Account<P::Key>>,
    freshness: BTreeMap<String, Freshness>,
}

/// Whether a message may have an effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// Everything is computed, nothing is kept: no tree, no counter, no journal entry.
    DryRun,
    /// What the message does is durable when it returns.
    #[default]
    Durable,
}

/// The device cannot work. A message is never the cause.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError<E: core::error::Error> {
    /// What is stored about freshness cannot be read.
    #[error("what is stored about earlier messages of {0:?} is damaged")]
    Damaged(Box<str>),
    /// The stored nodes are no tree.
    #[error("the stored nodes are not a tree: {0}")]
    Tree(TreeError),
    /// The store failed. The message had no effect and may come again.
    #[error("the store failed: {0}")]
    Store(#[from] E),
}

/// One message on its way.
#[derive(Clone, Copy)]
struct Arrival<'m> {
    octets: &'m [u8],
    now: Option<u64>,
    effect: Effect,
}

/// Why a message goes no further.
enum Stop<E: core::error::Error> {
    Failed(ClientError<E>),
    Refused(Refusal),
}

impl<E: core::error::Error> From<Refusal> for Stop<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl<S: Store, P: Provider> Client<S, P> {
    /// Starts from what is stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open(store: S, provider: P, settings: Settings) -> Result<Self, ClientError<S::Error>> {
        let tree = Tree::from_nodes(store.nodes()?).map_err(ClientError::Tree)?;
        let accounts = accounts(&tree, &provider);
        Ok(Self { store, provider, settings, tree, accounts, freshness: BTreeMap::new() })
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &S {
        &self.store
    }

    /// Ends the client and gives its store back.
    #[must_use]
    pub fn into_store(self) -> S {
        self.store
    }

    /// Takes one message.
    ///
    /// `now` is the time in seconds since 1970, if the device has a clock that it trusts. What the
    /// message does, what is remembered of it and its journal entry become durable in one step;
    /// power loss leaves all of it or nothing.
    ///
    /// # Errors
    /// When the store fails; then the message had no effect.
    pub fn receive(
        &mut self,
        octets: &[u8],
        now: Option<u64>,
        effect: Effect,
    ) -> Result<Outcome, ClientError<S::Error>> {
        let arrival = Arrival { octets, now, effect };
        let mut claims = None;
        let refusal = match gate::receive(octets, &self.settings) {
            Err(refusal) => refusal,
            Ok(source) => match self.let_in(&source, now, &mut claims) {
                Ok(fresh) => return self.carry_out(&fresh, arrival),
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Refused(refusal)) => refusal,
            },
        };
        self.refuse(Refused { refusal, claims }, arrival, None)
    }

    /// The gate, from the infoset to a fresh message. Nothing changes on the way.
    fn let_in<'s>(
        &mut self,
        source: &'s Source<'_>,
        now: Option<u64>,
        claims: &mut Option<Header>,
    ) -> Result<Fresh<'s>, Stop<S::Error>> {
        let headed = gate::decode(source, &self.settings.limits)?.clear()?.header()?;
        *claims = Some(headed.claims().clone());
        let meant = headed.account(&self.accounts)?.target(&self.settings)?;
        let message = meant.open(&self.provider)?;
        let policy = self.settings.freshness;
        let state = self.remembered(&message.get().header().server_id).map_err(Stop::Failed)?;
        Ok(gate::freshness(message, state, policy, now)?)
    }

    /// What is remembered of an account; read from the store when it is first asked for.
    fn remembered(&mut self, server_id: &str) -> Result<&Freshness, ClientError<S::Error>> {
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

    /// The commands run against the tree in memory; then everything becomes durable at once.
    fn carry_out(
        &mut self,
        fresh: &Fresh<'_>,
        arrival: Arrival<'_>,
    ) -> Result<Outcome, ClientError<S::Error>> {
        let message = fresh.message();
        let header = message.get().header().clone();
        let body = match fresh.body() {
            Ok(body) => body,
            Err(refusal) => {
                let refused = Refused { refusal, claims: Some(header) };
                return self.refuse(refused, arrival, Some(fresh.state()));
            }
        };
        let mut transaction =
            Transaction::begin(&mut self.tree, &self.settings.rules, &header.server_id);
        let (commands, execs) =
            Executor::new(&mut transaction, &self.settings.limits, self.settings.ui).run(&body);
        let notes = transaction.take_notes();
        let changes = transaction.commit(arrival.now);
        let mut digest = [0; 32];
        digest.copy_from_slice(message.digest().as_octets()); // SHA-256, always
        let key_name = message.key_name().to_owned();
        let accepted = Accepted { header, key_name, digest, commands, notes, changes, execs };
        let entry = Entry::of_accepted(&accepted, arrival.octets.len(), arrival.now);
        let spent = Some((&*accepted.header.server_id, fresh.state()));
        let kept = self.keep(&accepted.changes, spent, &entry, arrival.effect);
        if kept.is_err() || arrival.effect == Effect::DryRun {
            self.tree.revert(&accepted.changes);
        } else if self.settings.rules.account_change || self.settings.rules.account_creation {
            // Only then can a message have touched an account.
            self.accounts = accounts(&self.tree, &self.provider);
        }
        kept?;
        self.remember(&accepted.header.server_id, fresh.state(), arrival.effect);
        Ok(Outcome::Accepted(Box::new(accepted)))
    }

    /// A refusal before `freshness` leaves tree and replay state untouched; one after it spends
    /// the message. Both leave an entry in the journal.
    fn refuse(
        &mut self,
        refused: Refused,
        arrival: Arrival<'_>,
        state: Option<&Freshness>,
    ) -> Result<Outcome, ClientError<S::Error>> {
        let entry = Entry::of_refused(&refused, arrival.octets.len(), arrival.now);
        let server_id = refused.claims.as_ref().map(|header| header.server_id.clone());
        let spent = server_id.as_deref().zip(state);
        self.keep(&Changes::default(), spent, &entry, arrival.effect)?;
        if let Some((server_id, state)) = spent {
            self.remember(server_id, state, arrival.effect);
        }
        Ok(Outcome::Refused(Box::new(refused)))
    }

    /// One commit: changes of the tree, what is remembered of an account, the journal entry.
    ///
    /// Only a message that spends something must be durable at once; entries of other refusals
    /// may be lost with the power, so that forgeries cannot wear out the flash.
    fn keep(
        &mut self,
        changes: &Changes,
        spent: Option<(&str, &Freshness)>,
        entry: &Entry,
        effect: Effect,
    ) -> Result<(), S::Error> {
        if effect == Effect::DryRun {
            return Ok(());
        }
        let record = spent.map(|(server_id, state)| (record_key(server_id), state.encode()));
        let record = record.as_ref().map(|(key, octets)| (key.as_str(), Some(octets.as_slice())));
        self.store.commit(&Commit {
            changes,
            records: record.as_slice(),
            journal: &entry.encode(),
            durable: spent.is_some(),
        })
    }

    fn remember(&mut self, server_id: &str, state: &Freshness, effect: Effect) {
        if effect == Effect::Durable {
            self.freshness.insert(server_id.to_owned(), state.clone());
        }
    }
}

/// The key of the record that holds what is remembered of an account.
fn record_key(server_id: &str) -> String {
    format!("freshness/{server_id}")
}
