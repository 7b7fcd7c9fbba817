//! How fast an SMS centre is sent to: less when it throttles, or says that it is busy.

use core::time::Duration;

use super::Settings;
use super::sequence::Order;

/// From this congestion_state on an SMS centre is near its limit. [SMPP 5.0 §4.8.4.18]
const NEARLY_CONGESTED: u8 = 90;
/// Below this it has room.
const OPTIMUM: u8 = 80;

/// The window as it is allowed now, and the pause.
///
/// Within one round only the first bad word counts: the others were provoked before anything could change.
#[derive(Debug)]
pub(super) struct Flow {
    window: usize,
    allowed: usize,
    until: Option<Duration>,
    first: Duration,
    longest: Duration,
    next: Duration,
    /// What was sent from here on knows of the last pause,
    paused: Order,
    /// and of the last narrowing.
    narrowed: Order,
    is_loaded: bool,
}

impl Flow {
    pub(super) fn new(settings: &Settings) -> Self {
        let window = settings.window.max(1);
        Self {
            window,
            allowed: window,
            until: None,
            first: settings.pause,
            longest: settings.longest_pause,
            next: settings.pause,
            paused: Order::FIRST,
            narrowed: Order::FIRST,
            is_loaded: false,
        }
    }

    pub(super) const fn allowed(&self) -> usize {
        self.allowed
    }

    pub(super) const fn is_paused(&self) -> bool {
        self.until.is_some()
    }

    pub(super) const fn until(&self) -> Option<Duration> {
        self.until
    }

    /// Ends the pause, if it is over.
    pub(super) fn wake(&mut self, now: Duration) {
        self.until = self.until.filter(|until| now < *until);
    }

    /// A request was throttled. Whether a new pause begins.
    pub(super) fn throttled(&mut self, order: Order, next: Order, now: Duration) -> bool {
        self.narrow(order, next);
        if order < self.paused {
            return false;
        }
        self.until = Some(now + self.next);
        self.next = (self.next * 2).min(self.longest);
        self.paused = next;
        true
    }

    /// A request was taken.
    pub(super) fn taken(&mut self, order: Order) {
        if order >= self.paused {
            self.next = self.first;
        }
        if order >= self.narrowed && !self.is_loaded {
            self.allowed = (self.allowed + 1).min(self.window);
        }
    }

    /// The SMS centre says how busy it is.
    pub(super) fn loaded(&mut self, load: u8, order: Order, next: Order) {
        self.is_loaded = load >= OPTIMUM;
        if load >= NEARLY_CONGESTED {
            self.narrow(order, next);
        }
    }

    fn narrow(&mut self, order: Order, next: Order) {
        if order >= self.narrowed {
            self.allowed = (self.allowed / 2).max(1);
            self.narrowed = next;
        }
    }
}
