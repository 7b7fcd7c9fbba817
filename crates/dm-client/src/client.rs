//! The client: a tree, its store, and the one way in.

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use dm_seal::Provider;
use dm_seal::encryption::DeviceKeys;
use dm_syncml::SyncBody;
use dm_tree::store::{Commit, Store};
use dm_tree::{Changes, Transaction, Tree, TreeError, Uri};
use smallvec::SmallVec;
use thiserror::Error;

use self::remembered::record_key;
use crate::account::{Account, accounts};
use crate::apply::{Done, Executor};
use crate::freshness::Freshness;
use crate::gate::{self, Clear, Fresh, Header, Opener, Whole};
use crate::journal::line;
use crate::{
    Accepted, Arrival, Consequence, Dangers, Entry, Outcome, Refusal, Refused, Settings, Waiting,
    consequence,
};

mod remembered;

/// A device management client for messages without a session.
///
/// Give it each message with [`receive`](Self::receive), one after the other, and set going what
/// the outcome's `execs` name. It never needs to be polled: it has no timers, because it waits
/// for nobody.
pub struct Client<S, P: Provider> {
    pub(crate) store: S,
    provider: P,
    settings: Settings,
    tree: Tree,
    accounts: Vec<Account<P::Key>>,
    freshness: BTreeMap<String, Freshness>,
    keys: Option<DeviceKeys>,
    /// The consequences that are not settled.
    pub(crate) waiting: Waiting,
}

/// Whether a message may have an effect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Effect {
    /// Everything is computed, nothing is kept: no tree, no counter, no journal entry.
    DryRun,
    /// What the message does is durable when it returns.
    #[default]
    Durable,
    /// What the message does becomes durable with a later step, or with [`Client::sync`]; with what
    /// it sets going it is at once. For messages that are on the disk elsewhere: after a loss of
    /// power they are taken again.
    Deferred,
}

/// The device cannot work. A message is never the cause.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ClientError<E: core::error::Error> {
    /// What is stored about freshness cannot be read.
    #[error("what is stored about earlier messages of {0:?} is damaged")]
    Damaged(Box<str>),
    /// A device key is in a token that does not work now. The message had no effect and may come
    /// again.
    #[error("a device key cannot be used now: {0}")]
    DeviceKey(Box<str>),
    /// The stored nodes are no tree.
    #[error("the stored nodes are not a tree: {0}")]
    Tree(TreeError),
    /// The store failed. The message had no effect and may come again.
    #[error("the store failed: {0}")]
    Store(#[from] E),
}

/// What becomes durable with an entry of the journal.
struct Keeping<'k> {
    changes: &'k Changes,
    /// The account whose message was spent, and what is remembered of it now.
    spent: Option<(&'k str, &'k Freshness)>,
    /// Its number, and its record.
    consequence: Option<(u64, &'k [u8])>,
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
        let waiting = Waiting::read(&store, consequence::PREFIX)?;
        let (freshness, keys) = (BTreeMap::new(), None);
        Ok(Self { store, provider, settings, tree, accounts, freshness, keys, waiting })
    }

    /// With keys to decrypt with. A client without any refuses whatever is encrypted.
    #[must_use]
    pub fn with_device_keys(mut self, keys: DeviceKeys) -> Self {
        self.keys = Some(keys).filter(|keys| !keys.is_empty());
        self
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The URI as the tree or a description spells it, where the case of names does not count.
    #[must_use]
    pub fn spelled(&self, uri: &Uri) -> Uri {
        self.settings.rules.spelled(uri, &self.tree)
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

    /// Lets `change` work on the store, for what is no message, and starts anew from what is stored
    /// then. The store is never let go of, and no client looks at it meanwhile.
    ///
    /// # Errors
    /// When the store cannot be read again.
    pub fn around(
        self,
        change: impl FnOnce(&mut S, &Settings),
    ) -> Result<Self, ClientError<S::Error>> {
        let Self { mut store, provider, settings, keys, .. } = self;
        change(&mut store, &settings);
        Ok(Self { keys, ..Self::open(store, provider, settings)? })
    }

    /// Takes one message.
    ///
    /// `now` is the time in seconds since 1970, if the device has a clock that it trusts. What the
    /// message does, what is remembered of it and its journal entry become durable in one step;
    /// power loss leaves all of it or nothing.
    ///
    /// # Errors
    /// When the store fails, or a device key cannot be used now; then the message had no effect.
    pub fn receive(
        &mut self,
        octets: &[u8],
        now: Option<u64>,
        effect: Effect,
    ) -> Result<Outcome, ClientError<S::Error>> {
        self.take(Arrival::new(octets).at(now).with_effect(effect))
    }

    /// Takes one message, of which is known how it came.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub fn take(&mut self, arrival: Arrival<'_>) -> Result<Outcome, ClientError<S::Error>> {
        let mut claims = None;
        match self.enter(arrival, &mut claims) {
            Ok(outcome) => Ok(outcome),
            Err(Stop::Failed(error)) => Err(error),
            Err(Stop::Refused(refusal)) => self.refuse(Refused { refusal, claims }, arrival, None),
        }
    }

    /// The gate, up to a message in the clear; then through.
    fn enter(
        &mut self,
        arrival: Arrival<'_>,
        claims: &mut Option<Arc<Header>>,
    ) -> Result<Outcome, Stop<S::Error>> {
        let limits = self.settings.limits;
        let source = gate::receive(arrival.octets, &self.settings)?;
        match gate::decode(&source, &limits)?.decrypt(&self.opener())? {
            Whole::Clear(clear) => self.pass(*clear, arrival, claims),
            Whole::Opened(opened) => {
                let inner = opened.receive(&self.settings)?;
                self.pass(inner.decode(&limits)?, arrival, claims)
            }
        }
    }

    fn opener(&self) -> Opener<'_, P> {
        Opener { keys: self.keys.as_ref(), provider: &self.provider, settings: &self.settings }
    }

    /// The gate, from the header on; then the commands.
    fn pass(
        &mut self,
        clear: Clear<'_>,
        arrival: Arrival<'_>,
        claims: &mut Option<Arc<Header>>,
    ) -> Result<Outcome, Stop<S::Error>> {
        let fresh = self.let_in(clear, arrival.now, claims)?;
        let outcome = self.carry_out(&fresh, arrival).map_err(Stop::Failed)?;
        if arrival.effect != Effect::DryRun {
            let header = Arc::clone(fresh.message().get().header());
            self.remember(&header.server_id, fresh.into_state());
        }
        Ok(outcome)
    }

    /// The gate, from a message in the clear to a fresh one. Nothing changes on the way.
    fn let_in<'s>(
        &mut self,
        clear: Clear<'s>,
        now: Option<u64>,
        claims: &mut Option<Arc<Header>>,
    ) -> Result<Fresh<'s>, Stop<S::Error>> {
        let headed = clear.header()?;
        *claims = Some(Arc::clone(headed.claims()));
        let meant = headed.account(&self.accounts)?.target(&self.settings)?;
        let message = meant.open(&self.provider, &self.settings, now)?;
        let policy = self.settings.freshness;
        let state = self.remembered(&message.get().header().server_id).map_err(Stop::Failed)?;
        Ok(gate::freshness(message, state, policy, now)?)
    }

    /// Stages `decrypt-part` and `model`, then the commands. Whatever is refused here has spent the
    /// message.
    fn carry_out(
        &mut self,
        fresh: &Fresh<'_>,
        arrival: Arrival<'_>,
    ) -> Result<Outcome, ClientError<S::Error>> {
        let spend =
            |refusal| Refused { refusal, claims: Some(Arc::clone(fresh.message().get().header())) };
        let deciphered = match fresh.decipher(&self.opener()) {
            Ok(deciphered) => deciphered,
            Err(refusal) => return self.refuse(spend(refusal), arrival, Some(fresh.state())),
        };
        let plain = match deciphered.infoset(&self.settings.limits) {
            Ok(plain) => plain,
            Err(refusal) => return self.refuse(spend(refusal), arrival, Some(fresh.state())),
        };
        let body = match plain.body() {
            Ok(body) => body,
            Err(refusal) => return self.refuse(spend(refusal), arrival, Some(fresh.state())),
        };
        let unbound = deciphered.has_unbound() || fresh.message().get().was_unbound();
        self.run(&body, fresh, unbound, arrival)
    }

    /// The commands run against the tree in memory; then everything becomes durable at once.
    fn run(
        &mut self,
        body: &SyncBody<'_>,
        fresh: &Fresh<'_>,
        unbound: bool,
        arrival: Arrival<'_>,
    ) -> Result<Outcome, ClientError<S::Error>> {
        let message = fresh.message();
        let header = Arc::clone(message.get().header());
        let mut transaction =
            Transaction::begin(&mut self.tree, &self.settings.rules, &header.server_id);
        let done = Executor::new(&mut transaction, &self.settings).run(body);
        let notes = transaction.take_notes();
        let changes = transaction.commit(arrival.now);
        let mut digest = [0; 32];
        digest.copy_from_slice(message.digest().as_octets()); // SHA-256, always
        let key_name = message.key_name().to_owned();
        let dangers = Dangers { sha1: message.uses_sha1(), unbound };
        let Done { outcomes: commands, execs, session } = done;
        let mut accepted = Accepted {
            header,
            key_name,
            digest,
            dangers,
            commands,
            notes,
            changes,
            execs,
            session,
            consequence: None,
        };
        let (number, room) = (self.waiting.next(), self.waiting.room());
        let around = (&self.settings, &self.tree);
        let consequence = Consequence::of(&accepted, around, number, arrival.now, room);
        let record = consequence.as_ref().map(Consequence::encode);
        let keeping = Keeping {
            changes: &accepted.changes,
            spent: Some((&*accepted.header.server_id, fresh.state())),
            consequence: record.as_deref().map(|octets| (number, octets)),
        };
        let accepts = self.settings.accepts;
        let entry = || line::encode(&accepted, &arrival, accepts);
        let kept = self.keep(&keeping, entry, &arrival);
        if kept.is_err() || arrival.effect == Effect::DryRun {
            self.tree.revert(&accepted.changes);
        } else if self.settings.rules.account_change || self.settings.rules.account_creation {
            // Only then can a message have touched an account.
            self.accounts = accounts(&self.tree, &self.provider);
        }
        kept?;
        if arrival.effect != Effect::DryRun {
            if let Some(record) = &record {
                self.waiting.set(number, record.len());
            }
            accepted.consequence = record.map(|_| number);
        }
        Ok(Outcome::Accepted(Box::new(accepted)))
    }

    /// A refusal before `freshness` leaves tree and replay state untouched; one after it spends
    /// the message. Both leave an entry in the journal. That a key cannot be used now is no refusal:
    /// nothing is known of the message.
    fn refuse(
        &mut self,
        refused: Refused,
        arrival: Arrival<'_>,
        state: Option<&Freshness>,
    ) -> Result<Outcome, ClientError<S::Error>> {
        if let Some(said) = refused.refusal.unavailable() {
            return Err(ClientError::DeviceKey(said.into()));
        }
        let entry = Entry::of_refused(&refused, &arrival);
        let server_id = refused.claims.as_ref().map(|header| header.server_id.clone());
        let spent = server_id.as_deref().zip(state);
        let keeping = Keeping { changes: &Changes::default(), spent, consequence: None };
        self.keep(&keeping, || entry.encode(), &arrival)?;
        Ok(Outcome::Refused(Box::new(refused)))
    }

    /// One commit: changes of the tree, what is remembered of an account, the journal entry, and what
    /// the caller adds.
    ///
    /// Only a message that spends something must be durable at once; entries of other refusals
    /// may be lost with the power, so that forgeries cannot wear out the flash.
    fn keep(
        &mut self,
        keeping: &Keeping<'_>,
        entry: impl FnOnce() -> Vec<u8>,
        arrival: &Arrival<'_>,
    ) -> Result<(), S::Error> {
        if arrival.effect == Effect::DryRun {
            return Ok(());
        }
        let spent = keeping.spent.map(|(server_id, state)| (record_key(server_id), state.encode()));
        let set_going =
            keeping.consequence.map(|(number, octets)| (consequence::key(number), octets));
        let own = spent.iter().map(|(key, octets)| (&**key, Some(&**octets)));
        let effect = set_going.iter().map(|(key, octets)| (&**key, Some(*octets)));
        let callers = arrival.record.map(|(key, octets)| (key, Some(octets)));
        let records: SmallVec<[_; 3]> = own.chain(effect).chain(callers).collect();
        self.store.commit(&Commit {
            changes: keeping.changes,
            records: &records,
            journal: &entry(),
            durable: keeping.spent.is_some()
                && (arrival.effect == Effect::Durable || keeping.consequence.is_some()),
        })
    }

    /// Makes durable whatever is not yet.
    ///
    /// # Errors
    /// When the store fails.
    pub fn sync(&mut self) -> Result<(), ClientError<S::Error>> {
        let nothing = Changes::default();
        let commit = Commit { changes: &nothing, records: &[], journal: &[], durable: true };
        Ok(self.store.commit(&commit)?)
    }
}
