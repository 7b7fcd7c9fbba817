//! Sessions of a token: so many and no more, lent to one thread each, opened anew when lost.
//!
//! [PKCS 11 v3.0 §5.6]: a session does one thing at a time, so each thread has its own.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use cryptoki::error::{Error, RvError};

use crate::HsmError;
use crate::error::Said;
use crate::token::{Ready, Token};

/// The sessions.
#[derive(Debug)]
pub(crate) struct Pool {
    token: Token,
    most: usize,
    wait: Duration,
    state: Mutex<State>,
    /// Held by whoever logs in: each refusal is counted, and tokens lock themselves.
    login: Mutex<()>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Those that nobody uses, each with the epoch that it was opened in.
    idle: Vec<(Ready, u64)>,
    /// How many are open, used or not.
    open: usize,
    /// How often sessions were lost: those of an epoch are lost together.
    epoch: u64,
    /// The refusal of a login: there is no second attempt.
    refused: Option<HsmError>,
}

/// What became of an attempt.
enum Attempt<T> {
    Done(T),
    /// The session is lost: another may do.
    Lost(Error),
}

impl Pool {
    pub(crate) fn new(token: Token, first: Ready, most: usize, wait: Duration) -> Self {
        let state = State { idle: vec![(first, 0)], open: 1, ..State::default() };
        let (state, login) = (Mutex::new(state), Mutex::default());
        Self { token, most: most.max(1), wait, state, login, freed: Condvar::new() }
    }

    pub(crate) fn token(&self) -> &Token {
        &self.token
    }

    /// Does something in a session; once more in a new one, if the session turns out to be lost.
    /// What `is_of_input` says of an error is that the session is as good as before: whoever sends
    /// the input must not cost others their sessions.
    pub(crate) fn with<T>(
        &self,
        work: impl Fn(&Ready) -> Result<T, Error>,
        is_of_input: impl Fn(&Ready, &Error) -> bool,
    ) -> Result<T, HsmError> {
        match self.attempt(&work, &is_of_input)? {
            Attempt::Done(done) => Ok(done),
            Attempt::Lost(_) => match self.attempt(&work, &is_of_input)? {
                Attempt::Done(done) => Ok(done),
                Attempt::Lost(error) => Err(self.token.failed(&error)),
            },
        }
    }

    fn attempt<T>(
        &self,
        work: impl Fn(&Ready) -> Result<T, Error>,
        is_of_input: impl Fn(&Ready, &Error) -> bool,
    ) -> Result<Attempt<T>, HsmError> {
        let (ready, epoch) = self.take()?;
        match work(&ready) {
            Ok(done) => {
                self.give_back(ready, epoch);
                Ok(Attempt::Done(done))
            }
            Err(error) if is_of_input(&ready, &error) => {
                self.give_back(ready, epoch);
                Err(HsmError::Ciphertext { uri: self.token.shown(), said: Said::from(&error) })
            }
            Err(error) if is_loss(&error) => {
                self.lose(ready, epoch, &error);
                Ok(Attempt::Lost(error))
            }
            Err(error) => {
                self.discard(ready); // an operation may have been left open in it
                Err(self.token.failed(&error))
            }
        }
    }

    /// An idle session, or a new one, or whichever is given back first.
    fn take(&self) -> Result<(Ready, u64), HsmError> {
        let until = Instant::now() + self.wait;
        let mut state = self.lock();
        loop {
            if let Some(refused) = &state.refused {
                return Err(refused.clone());
            }
            if let Some(found) = state.idle.pop() {
                return Ok(found);
            }
            if state.open < self.most {
                state.open += 1;
                let epoch = state.epoch;
                drop(state);
                return self.open(epoch);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let (uri, seconds) = (self.token.shown(), self.wait.as_secs());
                return Err(HsmError::Busy { uri, sessions: self.most, seconds });
            }
            let woken = self.freed.wait_timeout(state, left);
            state = woken.map_or_else(|poisoned| poisoned.into_inner().0, |(state, _)| state);
        }
    }

    fn open(&self, epoch: u64) -> Result<(Ready, u64), HsmError> {
        let outcome = self.log_in();
        if outcome.is_err() {
            self.lock().open -= 1;
            self.freed.notify_one();
        }
        Ok((outcome?, epoch))
    }

    /// A new session. Threads log in one after the other, and none after a refusal.
    fn log_in(&self) -> Result<Ready, HsmError> {
        let _held = self.login.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(refused) = &self.lock().refused {
            return Err(refused.clone());
        }
        let outcome = self.token.open();
        if let Err(error @ HsmError::Login { .. }) = &outcome {
            self.lock().refused = Some(error.clone());
            self.freed.notify_all();
        }
        outcome
    }

    fn give_back(&self, ready: Ready, epoch: u64) {
        let mut state = self.lock();
        if epoch == state.epoch {
            state.idle.push((ready, epoch));
        } else {
            state.open -= 1;
        }
        self.freed.notify_one();
    }

    fn discard(&self, ready: Ready) {
        drop(ready);
        self.lock().open -= 1;
        self.freed.notify_one();
    }

    /// Gives up a session, and with it all that are as old.
    fn lose(&self, ready: Ready, epoch: u64, error: &Error) {
        let mut state = self.lock();
        let mut lost = vec![ready];
        if epoch == state.epoch {
            state.epoch += 1;
            lost.extend(state.idle.drain(..).map(|(ready, _)| ready));
        }
        state.open -= lost.len();
        for ready in lost {
            match is_gone(error) {
                // Its number may be that of another session by now: that one must not be closed.
                true => std::mem::forget(ready),
                false => drop(ready),
            }
        }
        self.freed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether the session, the login, the device or the way to it was lost: a new session may help.
/// Signing twice does no harm.
fn is_loss(error: &Error) -> bool {
    is_gone(error)
        || matches!(
            error,
            Error::Pkcs11(
                RvError::DeviceError
                    | RvError::DeviceRemoved
                    | RvError::FunctionFailed
                    | RvError::GeneralError
                    | RvError::KeyHandleInvalid
                    | RvError::ObjectHandleInvalid
                    | RvError::OperationActive
                    | RvError::SlotIdInvalid
                    | RvError::TokenNotPresent
                    | RvError::TokenNotRecognized
                    | RvError::UserNotLoggedIn,
                _
            )
        )
}

/// Whether there is no such session any more.
fn is_gone(error: &Error) -> bool {
    let gone =
        [RvError::CryptokiNotInitialized, RvError::SessionClosed, RvError::SessionHandleInvalid];
    matches!(error, Error::Pkcs11(value, _) if gone.contains(value))
}
