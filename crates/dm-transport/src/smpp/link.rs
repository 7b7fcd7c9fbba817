//! The connection to the SMS centre, made again for as long as the route is there.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dm_push::smpp::session::{Settings, Submission, Why};
use dm_push::smpp::{Bind, BindMode, Kind, Version};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until};
use zeroize::Zeroizing;

use super::bound::Ended;
use super::connect::{Stream, connect};
use super::receipts::{Acknowledgement, Heard};
use super::state::{Shared, SmppDown, SmppState};
use super::train::{Segment, Work};
use crate::Host;
use crate::tls::Tls;

/// Whatever keeps connections up, and what it needs for that.
pub(super) struct Link {
    pub(super) login: Login,
    pub(super) tls: Option<Tls>,
    pub(super) times: Times,
    pub(super) settings: Settings,
    pub(super) work: mpsc::Receiver<Work>,
    /// Segments that go next: what had no answer when a connection was lost is before all others.
    pub(super) ready: VecDeque<(Segment, Submission)>,
    pub(super) heard: mpsc::Sender<Vec<Heard>>,
    pub(super) acknowledgements: mpsc::UnboundedReceiver<Acknowledgement>,
    /// When it must have ended, once it is to.
    pub(super) closing: watch::Receiver<Option<Instant>>,
    pub(super) shared: Arc<Shared>,
}

/// Where to, and as whom.
pub(super) struct Login {
    pub(super) centre: Host,
    pub(super) system_id: String,
    pub(super) password: Zeroizing<String>,
    pub(super) system_type: String,
    pub(super) version: Version,
}

pub(super) struct Times {
    pub(super) connect: Duration,
    pub(super) reconnect: Duration,
    pub(super) longest_reconnect: Duration,
}

impl Login {
    pub(super) fn bind(&self) -> Bind<'_> {
        Bind {
            mode: BindMode::Transceiver,
            system_id: self.system_id.as_bytes(),
            password: self.password.as_bytes(),
            system_type: self.system_type.as_bytes(),
            version: self.version,
            ton: 0,
            npi: 0,
            address_range: b"",
        }
    }
}

impl Link {
    /// Until the route is closed, or gone.
    pub(super) async fn run(mut self) {
        let mut pause = self.times.reconnect;
        for session in 0.. {
            let start = Instant::now();
            let (was_useful, down) = match self.open().await {
                None => return,
                Some(Ok(stream)) => {
                    self.shared.is_connected.store(true, Ordering::Relaxed);
                    let ended = self.keep(stream, session).await;
                    self.shared.is_connected.store(false, Ordering::Relaxed);
                    match self.judge(&ended) {
                        Some(judged) => judged,
                        None => return,
                    }
                }
                Some(Err(error)) => (false, Some(SmppDown::network(&error))),
            };
            if was_useful {
                // It was only cut off: at once, unless it happens all the time.
                pause = self.times.reconnect;
                if !self.rest(None, pause.saturating_sub(start.elapsed())).await {
                    return;
                }
                continue;
            }
            let mut wait = pause;
            if let Some(SmppDown::Bind(status)) = &down
                && status.kind() == Kind::Bind
            {
                wait = self.times.longest_reconnect; // some lock an account after a few tries
            }
            pause = (pause * 2).min(self.times.longest_reconnect);
            if !self.rest(down, wait).await {
                return;
            }
        }
    }

    /// A connection; none if the route is closed first.
    async fn open(&mut self) -> Option<io::Result<Stream>> {
        if !matches!(self.shared.state(), SmppState::Down(_)) {
            self.shared.set(SmppState::Connecting);
        }
        let connecting = connect(&self.login.centre, self.tls.as_ref(), self.times.connect);
        tokio::select! {
            connected = connecting => Some(connected),
            // What waits is not sent any more: there is nothing to send it by.
            _ = self.closing.wait_for(Option::is_some) => None,
        }
    }

    /// What the end of a connection means: whether it was of use, and why there is none now. None if the
    /// route ends with it.
    fn judge(&self, ended: &Ended) -> Option<(bool, Option<SmppDown>)> {
        let centre = self.shared.centre();
        match ended {
            Ended::Closed => return None,
            Ended::Session { why, .. } => {
                tracing::warn!(centre, ?why, "the session with the SMS centre ended");
            }
            Ended::Broken { error, .. } => {
                tracing::warn!(centre, %error, "the connection to the SMS centre was cut off");
            }
        }
        Some(match ended {
            Ended::Session { why: Why::BindRefused(status), .. } => {
                (false, Some(SmppDown::Bind(*status)))
            }
            Ended::Broken { was_bound: false, error, .. } => {
                (false, Some(SmppDown::network(error)))
            }
            Ended::Session { why: Why::NoPdu(error), was_bound: false, .. } => {
                let text = format!("what came is no SMPP: {error}");
                let error = io::Error::new(io::ErrorKind::InvalidData, text);
                (false, Some(SmppDown::network(&error)))
            }
            Ended::Session { was_bound: false, .. } => {
                let silent = io::Error::new(io::ErrorKind::TimedOut, "it does not answer the bind");
                (false, Some(SmppDown::network(&silent)))
            }
            Ended::Session { was_useful, .. } | Ended::Broken { was_useful, .. } => {
                (*was_useful, None)
            }
            Ended::Closed => return None,
        })
    }

    /// Waits before the next connection. When the last one failed, whoever asks is told so at once, but
    /// for trains that are on their way: those wait as long as anybody waits for them. Whether it goes on.
    async fn rest(&mut self, down: Option<SmppDown>, wait: Duration) -> bool {
        self.ready.retain(|(segment, _)| segment.train.is_wanted());
        if let Some(down) = &down {
            self.shared.set(SmppState::Down(down.clone()));
            self.ready.retain(|(segment, _)| {
                let train = &segment.train;
                if !train.is_begun() {
                    train.fail(down.error(self.shared.centre(), &train.to));
                }
                train.is_begun()
            });
        }
        let until = Instant::now() + wait;
        loop {
            tokio::select! {
                () = sleep_until(until) => return true,
                _ = self.closing.wait_for(Option::is_some) => return false,
                work = self.work.recv(), if down.is_some() => match (work, &down) {
                    (Some(Work { train, .. }), Some(down)) => {
                        train.fail(down.error(self.shared.centre(), &train.to));
                    }
                    _ => return false,
                },
            }
        }
    }
}
