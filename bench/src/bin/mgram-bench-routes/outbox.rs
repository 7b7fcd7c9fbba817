//! The outbox: how fast it takes and gives, and what it holds in memory.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use dm_push::Receipt;
use dm_transport::outbox::{Dispatch, New, Outbox, Way};
use dm_transport::{Guarded, Limits, Outgoing, Plan, PushId, Route, SendError, Sending, Teller};
use tokio::sync::{mpsc, watch};

use crate::{Figure, Measured, resident};

/// Takes everything at once.
struct Sink(Teller);

impl Route for Sink {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        Ok(Plan::new(1, outgoing.octets.len()))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            self.0.tell(&outgoing.id, Receipt::datagram(outgoing.octets.len()), &[]).await;
            Ok(())
        })
    }
}

/// Accepted in chunks, sent over a route that takes all, receipts kept.
pub fn accepted_and_sent(messages: usize) -> Measured {
    let (start, mut figures) = (Instant::now(), Vec::new());
    measured(messages, &Limits { window: 4_096, ..Limits::default() }, |accepted, sent| {
        let rate = |since: Instant, until: Instant| {
            count(messages) / until.duration_since(since).as_secs_f64()
        };
        figures.push(figure("accepted, on the disk", rate(start, accepted), "messages/s"));
        figures.push(figure("sent, with a receipt each", rate(accepted, sent), "messages/s"));
    })?;
    figures.push(figure("resident", resident(), "MiB"));
    Ok(figures)
}

/// Accepted, and let go at ten a second: what is in memory then.
pub fn held_back(messages: usize) -> Measured {
    let mut figures = vec![figure("resident, before", resident(), "MiB")];
    let limits = Limits { messages: Some(Duration::from_millis(100)), ..Limits::default() };
    measured(messages, &limits, |_, _| {})?;
    figures.push(figure("held back", count(messages), "messages"));
    figures.push(figure("resident, with them", resident(), "MiB"));
    Ok(figures)
}

fn measured(
    messages: usize,
    limits: &Limits,
    done: impl FnOnce(Instant, Instant),
) -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir_in(".")?; // a disk, and not memory
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let outbox = Arc::new(Outbox::open(&folder.path().join("outbox.redb"))?);
        for chunk in 0..messages.div_ceil(CHUNK) {
            let numbers = chunk * CHUNK..messages.min((chunk + 1) * CHUNK);
            outbox.accept(numbers.map(new).collect()).await?;
        }
        let accepted = Instant::now();
        let (tell, told) = mpsc::channel(1_024);
        let sink = Box::new(Sink(Teller::new("sink", tell)));
        let routes = vec![Arc::new(Guarded::new("sink", sink, limits))];
        let (attempt, most) = (Duration::from_secs(30), limits.window);
        let dispatch = Dispatch { outbox: outbox.clone(), routes, told, attempt, most };
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(dispatch.run(stopped));
        let is_slow = limits.messages.is_some();
        while !is_slow && outbox.counts()?.waiting > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        if is_slow {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        done(accepted, Instant::now());
        stop.send(true)?;
        if is_slow {
            running.abort();
        } else {
            running.await??;
        }
        Ok(())
    })
}

fn new(number: usize) -> New {
    let mut octets = vec![2; OCTETS];
    octets[..8].copy_from_slice(&number.to_be_bytes());
    // To one device one goes behind another: these are to one each.
    let [.., a, b, c] = number.to_be_bytes();
    New {
        id: PushId::new(&format!("push-{number}"))
            .unwrap_or_else(|| unreachable!("letters and digits")),
        octets: octets.into(),
        ways: vec![Way { route: "sink".to_owned(), to: format!("udp://10.{a}.{b}.{c}") }],
        until: SystemTime::now() + Duration::from_secs(3_600),
    }
}

fn figure(what: &'static str, value: f64, unit: &'static str) -> Figure {
    Figure { what, value, unit }
}

#[expect(clippy::cast_precision_loss, reason = "a count of messages")]
fn count(messages: usize) -> f64 {
    messages as f64
}

const CHUNK: usize = 1_000;
/// Of a sealed message of some commands.
const OCTETS: usize = 752;
