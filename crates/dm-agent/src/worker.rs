//! The two threads behind the receivers: one keeps what is to be acknowledged, one owns the client.
//!
//! The first waits for the disk and for nothing else: how long an acknowledgement takes does not
//! depend on what became of earlier messages. [Sessionless §5.5]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use dm_client::{Arrival, ClientError, Effect, Outcome};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};

use crate::bootstrap::by_push;
use crate::config::Config;
use crate::effects::{Runner, Turn};
use crate::kept::{self, Kept, Message, Place};
use crate::persist::PersistError;
use crate::receive::{BootstrapPush, Delivery, is_told};
use crate::run::{AgentClient, RunError};

/// A message on its way to the client.
pub(crate) struct Taken {
    pub message: Message,
    /// Where it is kept; none if nothing was promised to its sender.
    pub place: Option<Place>,
}

/// The messages of a folder, for both threads.
pub(crate) type Shared = Arc<Mutex<Kept>>;

/// Keeps and acknowledges what comes, until the receivers end or the client does.
pub(crate) fn keep(
    kept: &Shared,
    mut deliveries: mpsc::Receiver<Delivery>,
    taken: &mpsc::Sender<Taken>,
) {
    while let Some(first) = deliveries.blocking_recv() {
        let mut batch = vec![first];
        while let Ok(next) = deliveries.try_recv() {
            batch.push(next);
        }
        let (promised, other): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(Delivery::is_acknowledged);
        let other = other.into_iter().map(|delivery| (message(&delivery), None));
        for (message, place) in keep_all(kept, promised).into_iter().chain(other) {
            if taken.blocking_send(Taken { message, place }).is_err() {
                return;
            }
        }
    }
}

/// Keeps messages with one wait for the disk, then acknowledges them; those that cannot be kept are
/// not acknowledged, and go no further.
fn keep_all(kept: &Shared, mut deliveries: Vec<Delivery>) -> Vec<(Message, Option<Place>)> {
    if deliveries.is_empty() {
        return Vec::new();
    }
    let messages: Vec<Message> = deliveries.iter().map(message).collect();
    match lock(kept).keep(&messages) {
        Ok(places) => {
            deliveries.iter_mut().for_each(Delivery::acknowledge);
            messages.into_iter().zip(places.into_iter().map(Some)).collect()
        }
        Err(error) => {
            let count = messages.len();
            error!(%error, count, "messages not acknowledged: they cannot be kept on the disk");
            Vec::new()
        }
    }
}

fn message(delivery: &Delivery) -> Message {
    let from = format!("{} {}", delivery.transport.as_str(), delivery.from);
    Message { octets: delivery.octets.clone(), received: delivery.received, from }
}

fn lock(kept: &Shared) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What comes to the client, and beside it to bootstrap.
pub(crate) struct Inbound {
    /// What was left by the last stop.
    pub left: Vec<(Place, Message)>,
    pub taken: mpsc::Receiver<Taken>,
    pub bootstraps: mpsc::Receiver<BootstrapPush>,
}

/// What is next for the thread that owns the client.
enum Next {
    Bootstrap(BootstrapPush),
    Message(Taken),
    Effect(Turn),
    End,
}

/// Takes first what was left, then what comes, in that order, until the receivers end. Effects have
/// their turns in between; a message never waits for what they do.
pub(crate) fn work(
    mut client: AgentClient,
    config: &Config,
    kept: &Shared,
    inbound: Inbound,
    mut effects: Runner,
) -> Result<(), RunError> {
    let Inbound { left, mut taken, mut bootstraps } = inbound;
    let mut refused = Refused::default();
    effects.resume(&mut client)?;
    if !left.is_empty() {
        info!(messages = left.len(), "going on with what was kept before the last stop");
    }
    for (place, message) in left {
        if let Some(number) =
            take(&mut client, kept, &Taken { message, place: Some(place) }, &mut refused)?
        {
            effects.follow(&mut client, number)?;
        }
    }
    let reactor = Handle::current();
    loop {
        let next = async {
            tokio::select! {
                message = taken.recv() => message.map_or(Next::End, Next::Message),
                Some(push) = bootstraps.recv() => Next::Bootstrap(push),
                Some(turn) = effects.next() => Next::Effect(turn),
            }
        };
        match reactor.block_on(next) {
            Next::Message(message) => {
                if let Some(number) = take(&mut client, kept, &message, &mut refused)? {
                    effects.follow(&mut client, number)?;
                }
            }
            Next::Bootstrap(push) => client = by_push::take(client, config, push)?,
            Next::Effect(turn) => effects.take(&mut client, turn)?,
            Next::End => {
                settle(&mut client, kept)?;
                return effects.finish(&mut client);
            }
        }
    }
}

/// Takes one message; yields the number of what it set going.
pub(crate) fn take(
    client: &mut AgentClient,
    kept: &Shared,
    taken: &Taken,
    refused: &mut Refused,
) -> Result<Option<u64>, RunError> {
    let Message { octets, received, from } = &taken.message;
    let mark = taken.place.map(|place| lock(kept).mark(place));
    let mut arrival = Arrival::new(octets).at(*received).from(from);
    if let Some(mark) = &mark {
        // Durable in the same step as the outcome: what is done is never taken again. That step may
        // come later: until then the message is still kept.
        arrival = arrival.with_record(kept::RECORD, mark).with_effect(Effect::Deferred);
    }
    let outcome = match client.take(arrival) {
        Ok(outcome) => outcome,
        Err(error) => return failed(error, from, taken.place.is_some()).map(|()| None),
    };
    log(&arrival, &outcome, refused);
    if let Some(place) = taken.place {
        lock(kept).done(place);
        if lock(kept).is_due() {
            settle(client, kept)?;
        }
    }
    Ok(outcome.accepted().and_then(|accepted| accepted.consequence))
}

/// What is done becomes durable, and is kept no longer.
pub(crate) fn settle(client: &mut AgentClient, kept: &Shared) -> Result<(), RunError> {
    client.sync()?;
    lock(kept).sweep().unwrap_or_else(|error: io::Error| {
        warn!(%error, "messages that are done could not be taken off the disk");
    });
    Ok(())
}

/// The message had no effect. Whoever pulls a token out must not stop the agent; nor must a message
/// that comes then.
fn failed(error: ClientError<PersistError>, from: &str, is_kept: bool) -> Result<(), RunError> {
    match (&error, is_kept) {
        (ClientError::DeviceKey(said), true) => {
            error!(%said, from, "message not opened: its key cannot be used now; it is kept for the next start");
        }
        (ClientError::DeviceKey(said), false) => {
            error!(%said, from, "message not opened: its key cannot be used now; it may be sent again");
        }
        (error, true) => {
            error!(%error, from, "message kept for the next start: the state cannot be written");
        }
        (error, false) => error!(%error, from, "message lost: the state cannot be written"),
    }
    match error {
        ClientError::DeviceKey(_) => Ok(()),
        error => Err(error.into()),
    }
}

/// How many messages were refused since the start, by the name of the refusal: a flood of forgeries
/// must not fill the log. The journal has them all.
#[derive(Default)]
pub(crate) struct Refused(BTreeMap<&'static str, u64>);

impl Refused {
    /// Counts one more, and returns the new count.
    fn count(&mut self, name: &'static str) -> u64 {
        let count = self.0.entry(name).or_default();
        *count += 1;
        *count
    }
}

fn log(arrival: &Arrival<'_>, outcome: &Outcome, counts: &mut Refused) {
    let (from, octets) = (arrival.from.unwrap_or_default(), arrival.octets.len());
    match outcome {
        Outcome::Accepted(accepted) => {
            let failed = accepted.commands.iter().filter(|c| c.failure.is_some()).count();
            info!(
                %from, octets, server_id = accepted.header.server_id, key = accepted.key_name,
                commands = accepted.commands.len(), failed,
                changed = accepted.changes.iter().count(), "accepted"
            );
            if accepted.dangers.sha1 {
                warn!(%from, key = accepted.key_name, "DANGER: accepted although signed with SHA-1");
            }
            if accepted.dangers.unbound {
                let key = &accepted.key_name;
                warn!(%from, key, "DANGER: accepted although its ciphertext is bound to nobody");
            }
            for exec in &accepted.execs {
                info!(uri = exec.uri, "Exec allowed");
            }
        }
        Outcome::Refused(refused) => {
            let refusal = &refused.refusal;
            let count = counts.count(refusal.name());
            if is_told(count) {
                warn!(
                    %from, octets, refusal = refusal.name(), stage = refusal.stage().as_str(),
                    clause = refusal.clause(), reason = %refusal, count, "refused"
                );
            } else {
                debug!(%from, octets, refusal = refusal.name(), reason = %refusal, count, "refused");
            }
        }
    }
}
