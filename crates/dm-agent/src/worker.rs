//! The thread that owns the client.

use std::collections::BTreeMap;
use std::io;

use dm_client::{Arrival, ClientError, Effect, Outcome};
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tracing::{debug, error, info, warn};

use crate::bootstrap::by_push::ByPush;
use crate::config::Config;
use crate::effects::{Runner, Turn};
use crate::keeper::{Shared, Taken, lock};
use crate::kept::{self, Message, Place};
use crate::line::Line;
use crate::receive::{BootstrapPush, is_told};
use crate::run::{AgentClient, RunError};
use crate::status::Busy;

/// What comes to the client, and beside it to bootstrap.
pub(crate) struct Inbound {
    /// What was left by the last stop.
    pub left: Vec<(Place, Message)>,
    pub taken: mpsc::Receiver<Taken>,
    pub bootstraps: mpsc::Receiver<BootstrapPush>,
    /// Where what was acknowledged is kept.
    pub kept: Shared,
}

/// What is next.
enum Next {
    Bootstrap(BootstrapPush),
    Come(Taken),
    Effect(Turn),
    End,
    Take,
}

/// Takes first what was left, then what comes, in that order, until the receivers end. Effects have
/// their turns in between; a message never waits for what they do.
pub(crate) fn work(
    mut client: AgentClient,
    config: &Config,
    inbound: Inbound,
    mut effects: Runner,
    busy: &Busy,
) -> Result<(), RunError> {
    let Inbound { left, mut taken, mut bootstraps, kept } = inbound;
    let mut by_push = ByPush::new(config);
    let mut refused = Refused::default();
    effects.resume(&mut client)?;
    if !left.is_empty() {
        info!(messages = left.len(), "going on with what was kept before the last stop");
    }
    let mut line = Line::default();
    for (place, message) in left {
        line.push(Taken { message, place: Some(place) });
    }
    let (reactor, mut is_over) = (Handle::current(), false);
    while !is_over || !(line.is_empty() || line.is_held()) {
        let next = async {
            tokio::select! {
                biased;
                Some(turn) = effects.next() => Next::Effect(turn),
                () = line.ready() => Next::Take,
                next = come(&mut taken, &mut bootstraps, is_over) => next,
            }
        };
        let next = reactor.block_on(next);
        busy.begin();
        match next {
            Next::Bootstrap(push) => {
                client = by_push.take(client, push)?;
                if by_push.has_taken() {
                    effects.catch_up(&mut client)?;
                }
            }
            Next::Come(message) => line.push(message),
            Next::Effect(turn) => effects.take(&mut client, turn)?,
            Next::End => is_over = true,
            Next::Take => {
                if let Some(number) = take_first(&mut client, &kept, &mut line, &mut refused)? {
                    effects.follow(&mut client, number)?;
                }
            }
        }
        busy.end();
    }
    settle(&mut client, &kept)?;
    effects.finish(&mut client)
}

/// What comes next: a message, or a push to bootstrap by. Neither waits for an end of the others, for
/// a flood has none.
async fn come(
    taken: &mut mpsc::Receiver<Taken>,
    bootstraps: &mut mpsc::Receiver<BootstrapPush>,
    is_over: bool,
) -> Next {
    tokio::select! {
        message = taken.recv(), if !is_over => message.map_or(Next::End, Next::Come),
        Some(push) = bootstraps.recv() => Next::Bootstrap(push),
        else => std::future::pending().await,
    }
}

/// Takes the first message of the line; yields the number of what it set going.
fn take_first(
    client: &mut AgentClient,
    kept: &Shared,
    line: &mut Line,
    refused: &mut Refused,
) -> Result<Option<u64>, RunError> {
    let Some(first) = line.pop() else { return Ok(None) };
    match take(client, kept, &first, refused)? {
        Took::Done(consequence) => {
            line.went();
            Ok(consequence)
        }
        Took::NoKey(said) => {
            line.hold(first, &said);
            Ok(None)
        }
    }
}

/// What became of a message.
pub(crate) enum Took {
    /// It is done; the number of what it set going.
    Done(Option<u64>),
    /// Its key cannot be used now, and it had no effect.
    NoKey(String),
}

/// Takes one message.
pub(crate) fn take(
    client: &mut AgentClient,
    kept: &Shared,
    taken: &Taken,
    refused: &mut Refused,
) -> Result<Took, RunError> {
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
        Err(ClientError::DeviceKey(said)) => return Ok(Took::NoKey(said.to_string())),
        Err(error) => {
            match taken.place {
                Some(_) => {
                    error!(%error, from, "message kept for the next start: the state cannot be written")
                }
                None => error!(%error, from, "message lost: the state cannot be written"),
            }
            return Err(error.into());
        }
    };
    log(&arrival, &outcome, refused);
    if let Some(place) = taken.place {
        lock(kept).done(place);
        if lock(kept).is_due() {
            settle(client, kept)?;
        }
    }
    Ok(Took::Done(outcome.accepted().and_then(|accepted| accepted.consequence)))
}

/// What is done becomes durable, and is kept no longer.
pub(crate) fn settle(client: &mut AgentClient, kept: &Shared) -> Result<(), RunError> {
    client.sync()?;
    lock(kept).sweep().unwrap_or_else(|error: io::Error| {
        warn!(%error, "messages that are done could not be taken off the disk");
    });
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_flood_of_messages_leaves_bootstrap_its_turns_and_a_flood_of_that_leaves_messages() {
        let (message, mut taken) = mpsc::channel(1);
        let (push, mut bootstraps) = mpsc::channel(1);
        let (mut messages, mut pushes) = (0, 0);
        for _ in 0..100 {
            // Both are always full.
            let octets = Message { octets: vec![], received: None, from: String::new() };
            let _ = message.try_send(Taken { message: octets, place: None });
            let _ = push.try_send(BootstrapPush::of(vec![]));
            match come(&mut taken, &mut bootstraps, false).await {
                Next::Come(_) => messages += 1,
                Next::Bootstrap(_) => pushes += 1,
                _ => panic!("neither has ended"),
            }
        }
        assert!(messages > 0 && pushes > 0, "{messages} messages, {pushes} pushes");
        drop((message, push));
        let mut is_over = false;
        while !is_over {
            is_over = matches!(come(&mut taken, &mut bootstraps, false).await, Next::End);
        }
    }
}
