//! The air between whoever sends and the devices: it takes time, and does harm.
//!
//! [`Air`] has neither clock nor socket; [`run`] gives it both. All parts of the lab have the same air.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::Faults;
use crate::chance::Chance;

/// For how long something is held back that nothing passes.
const HELD: Duration = Duration::from_secs(1);
/// What takes longer takes so long: no clock ends before.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// What can be on the air.
pub(crate) trait Parcel {
    /// The name of the device that it goes to.
    fn device(&self) -> &str;

    /// When it is worth nothing any more, beside what the air says.
    fn valid_until(&self) -> Option<Instant> {
        None
    }
}

/// What became of something on the air.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome {
    /// The device has it, so many times.
    Delivered(u8),
    /// It was not delivered in time.
    Expired,
    /// It got lost: whoever carried it does not know.
    Lost,
    /// The device did not take it.
    Undeliverable,
}

impl Outcome {
    /// In a word or two.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Delivered(0 | 1) => "once",
            Self::Delivered(_) => "twice",
            Self::Expired => "expired",
            Self::Lost => "lost",
            Self::Undeliverable => "undeliverable",
        }
    }
}

/// What is on its way.
pub(crate) struct Air<T> {
    chance: Chance,
    /// By when something happens; of the same time, as it was put there.
    timers: BTreeMap<Key, Timer<T>>,
    numbers: u64,
    /// By device, what waits to be passed.
    held: HashMap<String, Vec<Key>>,
    sleeping: HashMap<String, Sleeper<T>>,
}

type Key = (Instant, u64);

struct Flight<T> {
    parcel: T,
    outcome: Outcome,
    nap: Option<Duration>,
    valid_until: Option<Instant>,
}

enum Timer<T> {
    Arrive(Flight<T>),
    Expire { device: String, number: u64 },
    Wake { device: String, nap: u64 },
}

struct Sleeper<T> {
    /// The number of the nap; none, if somebody has to wake it.
    nap: Option<u64>,
    waiting: Vec<(u64, Flight<T>)>,
}

impl<T: Parcel> Air<T> {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            chance: Chance::new(seed),
            timers: BTreeMap::new(),
            numbers: 0,
            held: HashMap::new(),
            sleeping: HashMap::new(),
        }
    }

    /// Decides what becomes of something. It is given back if it gets lost.
    pub(crate) fn take(&mut self, parcel: T, faults: &Faults, now: Instant) -> Result<(), T> {
        let chance = &mut self.chance;
        if chance.happens(faults.lose) {
            return Err(parcel);
        }
        let delay = chance.duration(&faults.delay).min(LONGEST);
        let is_taken = !chance.happens(faults.undeliverable);
        let times = 1 + u8::from(chance.happens(faults.duplicate));
        let outcome = if is_taken { Outcome::Delivered(times) } else { Outcome::Undeliverable };
        let is_held = chance.happens(faults.reorder);
        let nap =
            chance.happens(faults.sleep).then(|| chance.duration(&faults.asleep).min(LONGEST));
        let validity = faults.validity.and_then(|validity| now.checked_add(validity));
        let valid_until = [validity, parcel.valid_until()].into_iter().flatten().min();
        let held = if is_held { HELD } else { Duration::ZERO };
        let key = (now + delay + held, self.number());
        if is_held {
            self.held.entry(parcel.device().to_owned()).or_default().push(key);
        }
        let flight = Flight { parcel, outcome, nap, valid_until };
        self.timers.insert(key, Timer::Arrive(flight));
        Ok(())
    }

    /// When the next thing happens.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.timers.first_key_value().map(|(key, _)| key.0)
    }

    /// What has happened by now, one thing after the other.
    pub(crate) fn next(&mut self, now: Instant) -> Option<(T, Outcome)> {
        while self.due()? <= now {
            let (key, timer) = self.timers.pop_first()?;
            let ended = match timer {
                Timer::Arrive(flight) => self.arrive(flight, key),
                Timer::Expire { device, number } => self.expire(&device, number),
                Timer::Wake { device, nap } => {
                    if self.sleeping.get(&device).is_some_and(|it| it.nap == Some(nap)) {
                        self.wake(&device, key.0);
                    }
                    None
                }
            };
            if ended.is_some() {
                return ended;
            }
        }
        None
    }

    /// A device is off, or without a network, until it is woken: what comes for it waits.
    pub(crate) fn sleep(&mut self, device: String) {
        let sleeper = self.sleeping.entry(device);
        sleeper.or_insert(Sleeper { nap: None, waiting: Vec::new() }).nap = None;
    }

    /// A device is there again, and gets what waits.
    pub(crate) fn wake(&mut self, device: &str, now: Instant) {
        let Some(sleeper) = self.sleeping.remove(device) else { return };
        for (_, mut flight) in sleeper.waiting {
            flight.nap = None;
            let key = (now, self.number());
            self.timers.insert(key, Timer::Arrive(flight));
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn arrive(&mut self, mut flight: Flight<T>, key: Key) -> Option<(T, Outcome)> {
        let device = flight.parcel.device();
        if flight.valid_until.is_some_and(|until| until <= key.0) {
            return Some((flight.parcel, Outcome::Expired));
        }
        if let Some(sleeper) = self.sleeping.get_mut(device) {
            self.numbers += 1;
            let number = self.numbers;
            if let Some(until) = flight.valid_until {
                let device = device.to_owned();
                self.timers.insert((until, number), Timer::Expire { device, number });
            }
            sleeper.waiting.push((number, flight));
            return None;
        }
        if let Some(nap) = flight.nap.take() {
            let (device, number) = (device.to_owned(), self.number());
            let sleeper = Sleeper { nap: Some(number), waiting: Vec::new() };
            self.sleeping.insert(device.clone(), sleeper);
            self.timers.insert((key.0 + nap, number), Timer::Wake { device, nap: number });
            return self.arrive(flight, key);
        }
        for held in self.held.remove(device).unwrap_or_default() {
            if let Some(passed) = self.timers.remove(&held) {
                let key = (key.0, self.number());
                self.timers.insert(key, passed);
            }
        }
        Some((flight.parcel, flight.outcome))
    }

    fn expire(&mut self, device: &str, number: u64) -> Option<(T, Outcome)> {
        let waiting = &mut self.sleeping.get_mut(device)?.waiting;
        let at = waiting.iter().position(|(waiting, _)| *waiting == number)?;
        Some((waiting.remove(at).1.parcel, Outcome::Expired))
    }
}

/// What the air is told.
#[derive(Debug)]
pub(crate) enum Word<T> {
    Sleep(String),
    Take(T),
    Wake(String),
}

/// What stands below the air.
pub(crate) trait Ground<T>: Send {
    /// What the air does now.
    fn faults(&self) -> Faults;

    /// Something is on its way.
    fn carried(&mut self, _parcel: &T) {}

    /// Something came to its end.
    fn ended(&mut self, parcel: T, outcome: Outcome) -> impl Future<Output = ()> + Send;
}

/// Carries what it is told, until nobody can tell it anything any more.
pub(crate) async fn run<T: Parcel + Send, G: Ground<T>>(
    seed: u64,
    mut words: mpsc::Receiver<Word<T>>,
    mut ground: G,
) {
    let mut air = Air::new(seed);
    loop {
        let due = air.due();
        tokio::select! {
            biased;
            () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
            word = words.recv() => match word {
                Some(Word::Sleep(device)) => air.sleep(device),
                Some(Word::Take(parcel)) => {
                    let faults = ground.faults();
                    // A parcel that is lost is still seen to have set out.
                    ground.carried(&parcel);
                    if let Err(lost) = air.take(parcel, &faults, Instant::now()) {
                        ground.ended(lost, Outcome::Lost).await;
                    }
                }
                Some(Word::Wake(device)) => air.wake(&device, Instant::now()),
                None => return,
            },
        }
        while let Some((parcel, outcome)) = air.next(Instant::now()) {
            ground.ended(parcel, outcome).await;
        }
    }
}
