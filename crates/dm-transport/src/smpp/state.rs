//! How a route to an SMS centre is, and what it counted.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use dm_push::smpp::Status;
use tokio::time::Instant;

use crate::stage::waits_for;
use crate::{Address, SendError};

/// How a route is.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SmppState {
    /// Bound: messages go.
    Bound,
    /// A connection is being made.
    Connecting,
    /// The SMS centre cannot be reached, or lets us not in. It is tried again.
    Down(SmppDown),
    /// Bound, and the SMS centre throttles.
    Throttled,
}

/// Why there is no session.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SmppDown {
    /// The bind was refused.
    Bind(Status),
    /// The network, TLS or the name.
    Network {
        /// What kind of failure.
        kind: io::ErrorKind,
        /// What was said.
        message: String,
    },
}

/// What a route counted since it was made.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub struct SmppCounts {
    /// Sessions that were bound.
    pub bound: u64,
    /// Segments that the SMS centre took.
    pub taken: u64,
    /// Segments that it refused.
    pub refused: u64,
    /// Pauses that it asked for by throttling.
    pub throttled: u64,
    /// Receipts that were told.
    pub receipts: u64,
    /// Receipts that nobody confirmed to be kept: refused, so that they come again.
    pub unkept_receipts: u64,
    /// Receipts for messages that nobody knows.
    pub unknown_receipts: u64,
    /// deliver_sm that are no receipts, or cannot be read; they are refused.
    pub not_receipts: u64,
}

/// What the route and those who work for it have in common.
#[derive(Debug)]
pub(super) struct Shared {
    centre: String,
    state: Mutex<SmppState>,
    /// When a segment was taken last.
    took: Mutex<Option<Instant>>,
    pub(super) bound: AtomicU64,
    pub(super) taken: AtomicU64,
    pub(super) refused: AtomicU64,
    pub(super) throttled: AtomicU64,
    pub(super) receipts: AtomicU64,
    pub(super) unkept_receipts: AtomicU64,
    pub(super) unknown_receipts: AtomicU64,
    pub(super) not_receipts: AtomicU64,
    /// There is a connection, bound or not.
    pub(super) is_connected: AtomicBool,
}

/// Somebody who waits for a session, or for what it takes, and in the end says what was waited for.
pub(super) struct Asking<'a> {
    shared: &'a Shared,
    /// How it was: bound, how often so far, and how many segments were taken.
    was_bound: bool,
    before: [u64; 2],
}

impl<'a> Asking<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        let was_bound = matches!(shared.state(), SmppState::Bound | SmppState::Throttled);
        Self { shared, was_bound, before: Self::counted(shared) }
    }

    fn counted(shared: &Shared) -> [u64; 2] {
        [&shared.bound, &shared.taken].map(|count| count.load(Ordering::Relaxed))
    }
}

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let ([bound, taken], now) = (self.before, Self::counted(self.shared));
        let is_connected = self.shared.is_connected.load(Ordering::Relaxed);
        let (what, was_sent) = match self.shared.state() {
            _ if !self.was_bound && now[0] == bound && is_connected => {
                ("did not answer the bind", false)
            }
            _ if !self.was_bound && now[0] == bound => ("took no connection", false),
            SmppState::Throttled if now[1] == taken => ("throttled all segments", false),
            SmppState::Throttled => ("throttled, and did not take all segments", true),
            _ => ("did not answer all segments", true),
        };
        waits_for(&format_args!("the SMS centre {}", self.shared.centre()), what, was_sent);
    }
}

/// One more; how many it is now.
pub(super) fn count(counter: &AtomicU64) -> u64 {
    counter.fetch_add(1, Ordering::Relaxed) + 1
}

impl Shared {
    pub(super) fn new(centre: String) -> Self {
        Self {
            centre,
            state: Mutex::new(SmppState::Connecting),
            took: Mutex::new(None),
            bound: AtomicU64::default(),
            taken: AtomicU64::default(),
            refused: AtomicU64::default(),
            throttled: AtomicU64::default(),
            receipts: AtomicU64::default(),
            unkept_receipts: AtomicU64::default(),
            unknown_receipts: AtomicU64::default(),
            not_receipts: AtomicU64::default(),
            is_connected: AtomicBool::default(),
        }
    }

    pub(super) fn counts(&self) -> SmppCounts {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        SmppCounts {
            bound: of(&self.bound),
            taken: of(&self.taken),
            refused: of(&self.refused),
            throttled: of(&self.throttled),
            receipts: of(&self.receipts),
            unkept_receipts: of(&self.unkept_receipts),
            unknown_receipts: of(&self.unknown_receipts),
            not_receipts: of(&self.not_receipts),
        }
    }

    /// The SMS centre took a segment.
    pub(super) fn takes(&self) {
        count(&self.taken);
        *self.took.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// When it took one last.
    pub(super) fn took(&self) -> Option<Instant> {
        *self.took.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn centre(&self) -> &str {
        &self.centre
    }

    pub(super) fn state(&self) -> SmppState {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn is_throttled(&self) -> bool {
        self.state() == SmppState::Throttled
    }

    pub(super) fn set(&self, state: SmppState) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }
}

impl SmppDown {
    pub(super) fn network(error: &io::Error) -> Self {
        Self::Network { kind: error.kind(), message: error.to_string() }
    }

    pub(super) fn error(&self, centre: &str, to: &Address) -> SendError {
        let (to, centre) = (to.clone(), centre.to_owned());
        match self {
            Self::Bind(status) => SendError::SmppBind { to, centre, status: *status },
            Self::Network { kind, message } => {
                let source = io::Error::new(*kind, message.clone());
                SendError::SmppDown { to, centre, source }
            }
        }
    }
}

impl fmt::Display for SmppDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bind(status) => write!(f, "the bind was refused: {status}"),
            Self::Network { message, .. } => f.write_str(message),
        }
    }
}
