//! The effects of an agent, in the hands of the thread that owns the client.
//!
//! All that is decided is decided here, one turn after the other; what takes its time (a program, a
//! pause) is a task of the reactor that ends in a [`Turn`].

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dm_client::{Consequence, EffectEntry, EffectResult};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::failure::Failure;
use super::owed::{Owed, name, names, parts};
use super::schedule::{Line, Next, Part};
use super::user::Ids;
use super::work::Work;
use super::{EffectsError, ids};
use crate::config::{Config, Effect, Trigger};
use crate::run::{AgentClient, RunError, device_id};

/// All effects, and what they wait for.
pub(crate) struct Runner {
    followers: Vec<Follower>,
    /// How much is owed to each consequence that is not settled.
    open: BTreeMap<u64, usize>,
    has_clock: bool,
    reactor: Handle,
    turns: mpsc::UnboundedReceiver<Turn>,
    sender: mpsc::UnboundedSender<Turn>,
}

/// An effect, and where it stands.
struct Follower {
    effect: Effect,
    ids: Option<Ids>,
    line: Line,
    /// Of the last run.
    attempt: u32,
    server_id: String,
    correlator: Option<String>,
}

/// Something happened to an effect.
#[derive(Debug)]
pub(crate) struct Turn {
    index: usize,
    event: Event,
}

#[derive(Debug)]
enum Event {
    Ended(Result<String, Failure>),
    Rested,
}

/// Consequences that are kept; the oldest gives way.
const MOST: usize = 1_024;
/// Octets of consequences that are kept. Lists of nodes are cut before; what Execs carry is not.
const MOST_OCTETS: usize = 1 << 20;
/// How long a stopping agent waits for programs that run. What is killed then runs again at the next
/// start.
const GRACE: Duration = Duration::from_secs(3);

impl Runner {
    /// The effects of a configuration, which run in this reactor.
    pub fn new(config: &Config, reactor: Handle) -> Result<Self, EffectsError> {
        let follower = |effect: &Effect| {
            let joins = matches!(effect.trigger, Trigger::On(_));
            Ok(Follower {
                ids: ids(effect)?,
                line: Line::new(effect.attempts, effect.retry, joins),
                effect: effect.clone(),
                attempt: 0,
                server_id: String::new(),
                correlator: None,
            })
        };
        let followers = config.effect.iter().map(follower).collect::<Result<_, _>>()?;
        let (sender, turns) = mpsc::unbounded_channel(); // at most one turn for each effect
        let (open, has_clock) = (BTreeMap::new(), config.clock);
        Ok(Self { followers, open, has_clock, reactor, turns, sender })
    }

    /// Takes up what was not settled when the agent stopped, and what the tree has and the device
    /// has not.
    pub fn resume(&mut self, client: &mut AgentClient) -> Result<(), RunError> {
        let left: Vec<_> = client.waiting().numbers().collect();
        if !left.is_empty() {
            info!(messages = left.len(), "effects of earlier messages are not settled: going on");
        }
        self.enlist_behind(client); // first, so that a run is told the server of a message
        for number in left {
            if let Some(consequence) = client.consequence(number)? {
                self.enlist(client, &consequence)?;
            }
        }
        self.begin_all(client)
    }

    /// Lets profiles and files follow the tree after it changed without a message: by bootstrap.
    pub fn catch_up(&mut self, client: &mut AgentClient) -> Result<(), RunError> {
        self.enlist_behind(client);
        self.begin_all(client)
    }

    /// Puts in line what is not as the tree says. The tree of a device that was never bootstrapped
    /// says nothing yet.
    fn enlist_behind(&mut self, client: &AgentClient) {
        if device_id(client).is_none() {
            return;
        }
        for follower in &mut self.followers {
            if Work::is_behind(&follower.effect, client) {
                follower.line.add(Part::OF_NO_MESSAGE);
            }
        }
    }

    /// Takes up what a message set going.
    pub fn follow(&mut self, client: &mut AgentClient, number: u64) -> Result<(), RunError> {
        if let Some(consequence) = client.consequence(number)? {
            self.enlist(client, &consequence)?;
        }
        self.begin_all(client)
    }

    /// What happens next. It never ends by itself.
    pub async fn next(&mut self) -> Option<Turn> {
        self.turns.recv().await
    }

    /// Goes on after a turn.
    pub fn take(&mut self, client: &mut AgentClient, turn: Turn) -> Result<(), RunError> {
        match turn.event {
            Event::Rested => self.followers[turn.index].line.rested(),
            Event::Ended(result) => self.ended(client, turn.index, &result)?,
        }
        self.begin(client, turn.index)
    }

    /// Lets what runs end, for a moment; nothing new begins.
    pub fn finish(mut self, client: &mut AgentClient) -> Result<(), RunError> {
        let reactor = self.reactor.clone();
        let end = tokio::time::Instant::now() + GRACE; // for all of them together
        while self.followers.iter().any(|follower| follower.line.is_running()) {
            let turn = reactor.block_on(async { tokio::time::timeout_at(end, self.next()).await });
            match turn {
                Ok(Some(Turn { index, event: Event::Ended(result) })) => {
                    self.ended(client, index, &result)?;
                }
                Ok(Some(_)) => {}
                Ok(None) | Err(_) => return Ok(()),
            }
        }
        Ok(())
    }

    /// Puts what a consequence owes in line; the oldest gives way when there is too much.
    fn enlist(
        &mut self,
        client: &mut AgentClient,
        consequence: &Consequence,
    ) -> Result<(), RunError> {
        let number = consequence.number;
        let mut count = 0;
        for follower in &mut self.followers {
            for part in parts(&follower.effect, consequence) {
                if !consequence.settled.contains(&name(&follower.effect, part)) {
                    follower.line.add(part);
                    count += 1;
                }
            }
        }
        if count == 0 {
            return Ok(client.settle(None, &[(number, String::new())], |_| BTreeSet::new())?);
        }
        self.open.insert(number, count);
        while self.open.len() > 1
            && (self.open.len() > MOST || client.waiting().octets() > MOST_OCTETS)
            && let Some(oldest) = self.open.keys().next().copied()
        {
            self.give_way(client, oldest)?;
        }
        Ok(())
    }

    fn give_way(&mut self, client: &mut AgentClient, number: u64) -> Result<(), RunError> {
        self.open.remove(&number);
        let server_id = client.consequence(number)?.map(|it| it.server_id).unwrap_or_default();
        for index in 0..self.followers.len() {
            let parts = self.followers[index].line.release(number);
            if !parts.is_empty() {
                let what = format!(
                    "more than {MOST} messages, or {} KiB of them, wait for their effects",
                    MOST_OCTETS >> 10
                );
                let follower = &mut self.followers[index];
                (follower.attempt, follower.server_id) = (0, server_id.clone());
                self.settle(client, index, (EffectResult::GivenUp, Some(what)), &parts)?;
            }
        }
        Ok(())
    }

    fn begin_all(&mut self, client: &mut AgentClient) -> Result<(), RunError> {
        (0..self.followers.len()).try_for_each(|index| self.begin(client, index))
    }

    /// Begins the next run of an effect, if one is to begin.
    fn begin(&mut self, client: &mut AgentClient, index: usize) -> Result<(), RunError> {
        loop {
            let follower = &mut self.followers[index];
            let Some((parts, attempt)) = follower.line.begin() else { return Ok(()) };
            let owed = Owed::read(client, &follower.effect, &parts)?;
            follower.attempt = attempt;
            follower.server_id.clone_from(&owed.server_id);
            follower.correlator = owed.exec.as_ref().and_then(|exec| exec.correlator.clone());
            match Work::of(&follower.effect, follower.ids, &owed, client) {
                Ok(work) => {
                    let sender = self.sender.clone();
                    self.reactor.spawn(async move {
                        let event = Event::Ended(work.run().await);
                        let _ = sender.send(Turn { index, event });
                    });
                    return Ok(());
                }
                Err(failure) => self.ended(client, index, &Err(failure))?,
            }
        }
    }

    /// A run has ended.
    fn ended(
        &mut self,
        client: &mut AgentClient,
        index: usize,
        result: &Result<String, Failure>,
    ) -> Result<(), RunError> {
        let what = match result {
            Ok(said) => (!said.is_empty()).then(|| said.clone()),
            Err(failure) => Some(failure.to_string()),
        };
        match self.followers[index].line.ended(result.is_ok()) {
            Next::Done(parts) => self.settle(client, index, (EffectResult::Done, what), &parts),
            Next::GivenUp(parts) => {
                self.settle(client, index, (EffectResult::GivenUp, what), &parts)
            }
            Next::Again { pause, given_up } => {
                let result = match given_up.last() {
                    None => EffectResult::Failed,
                    Some(last) => {
                        let last = client.consequence(last.number)?;
                        self.followers[index].server_id = last.unwrap_or_default().server_id;
                        EffectResult::GivenUp
                    }
                };
                self.settle(client, index, (result, what), &given_up)?;
                let sender = self.sender.clone();
                self.reactor.spawn(async move {
                    tokio::time::sleep(pause).await;
                    let _ = sender.send(Turn { index, event: Event::Rested });
                });
                Ok(())
            }
        }
    }

    /// Writes into the journal what came of a run, and which parts of consequences are over by it.
    fn settle(
        &mut self,
        client: &mut AgentClient,
        index: usize,
        (result, what): (EffectResult, Option<String>),
        parts: &[Part],
    ) -> Result<(), RunError> {
        let Follower { effect, attempt, server_id, correlator, .. } = &self.followers[index];
        let entry = EffectEntry {
            time: self.now(),
            effect: effect.name.clone(),
            result,
            server_id: server_id.clone(),
            attempt: *attempt,
            what,
            correlator: correlator.clone(),
        };
        log(&entry);
        let over: Vec<_> = parts.iter().map(|part| (part.number, name(effect, *part))).collect();
        client.settle(Some(&entry), &over, |consequence| {
            let all = self.followers.iter().map(|follower| &follower.effect);
            all.flat_map(|it| names(it, consequence)).collect()
        })?;
        for part in parts {
            if let Some(count) = self.open.get_mut(&part.number) {
                *count -= 1;
                if *count == 0 {
                    self.open.remove(&part.number);
                }
            }
        }
        Ok(())
    }

    fn now(&self) -> Option<u64> {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        since.ok().filter(|_| self.has_clock).map(|since| since.as_secs())
    }
}

fn log(entry: &EffectEntry) {
    let EffectEntry { effect, attempt, server_id, what, .. } = entry;
    let what = what.as_deref().unwrap_or_default();
    match entry.result {
        EffectResult::Done => info!(effect, attempt, server_id, "effect done"),
        EffectResult::Failed => warn!(effect, attempt, server_id, what, "effect failed"),
        EffectResult::GivenUp => warn!(effect, attempt, server_id, what, "effect given up"),
    }
}
