//! One connection that many use: made when somebody needs it, and anew when it is gone.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use dm_push::mqtt;
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::{Address, SendError};

/// A connection that can be used, or not any more.
pub(crate) trait Line: Send + Sync {
    fn is_open(&self) -> bool;
}

/// Its place.
pub(crate) struct Kept<L>(Mutex<Place<L>>);

struct Place<L> {
    line: Option<Arc<L>>,
    failed: Option<(Instant, Fault)>,
}

/// Why there is no connection, or not any more.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("the broker refuses or ends the connection: {reason} ({code:#04x})", code = .0, reason = mqtt::reason_name(*.0))]
    Broker(u8),
    #[error("{1}")]
    Io(io::ErrorKind, Arc<str>),
    #[error("no connection within {0:?}")]
    NotReached(Duration),
    #[error("{1}")]
    NotResolved(io::ErrorKind, Arc<str>),
    #[error(transparent)]
    Tls(Box<rustls::Error>),
}

impl<L: Line> Kept<L> {
    /// The connection; whoever needs one first opens it, and the others wait. If it cannot be opened, those
    /// who waited for that do not try again, one behind another.
    pub(crate) async fn get<F>(&self, open: impl FnOnce() -> F) -> Result<Arc<L>, Fault>
    where
        F: Future<Output = Result<L, Fault>>,
    {
        let came = Instant::now();
        let mut place = self.0.lock().await;
        if let Some(line) = place.line.as_ref().filter(|line| line.is_open()) {
            return Ok(line.clone());
        }
        place.line = None;
        if let Some((at, fault)) = place.failed.as_ref().filter(|(at, _)| *at > came) {
            let _ = at; // while we waited
            return Err(fault.clone());
        }
        match open().await {
            Ok(line) => Ok(place.line.insert(Arc::new(line)).clone()),
            Err(fault) => {
                place.failed = Some((Instant::now(), fault.clone()));
                Err(fault)
            }
        }
    }

    /// The connection, if there is one; it is not kept any longer.
    pub(crate) async fn take(&self) -> Option<Arc<L>> {
        self.0.lock().await.line.take()
    }
}

impl<L> Default for Kept<L> {
    fn default() -> Self {
        Self(Mutex::new(Place { line: None, failed: None }))
    }
}

impl Fault {
    pub(crate) fn io(error: &io::Error) -> Self {
        Self::Io(error.kind(), error.to_string().into())
    }

    /// What it means for a message of which nothing was sent.
    pub(crate) fn unsent(self, to: &Address) -> SendError {
        let to = to.clone();
        match self {
            Self::Broker(reason) => SendError::Broker { to, reason },
            Self::Io(kind, text) => SendError::Network { to, source: io::Error::new(kind, &*text) },
            Self::NotReached(after) => SendError::NotReached { to, after },
            Self::NotResolved(kind, text) => {
                SendError::NotResolved { to, source: io::Error::new(kind, &*text) }
            }
            Self::Tls(source) => SendError::Tls { to, source },
        }
    }

    /// What it means for a message that was on its way.
    pub(crate) fn sent(self, to: &Address) -> SendError {
        SendError::Cut { to: to.clone(), reason: self.to_string().into() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

    use super::*;

    struct Open(AtomicBool);

    impl Line for Open {
        fn is_open(&self) -> bool {
            self.0.load(Ordering::Relaxed)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_waited_for_a_connection_that_failed_do_not_try_one_behind_another() {
        let (kept, tried) = (Arc::new(Kept::<Open>::default()), Arc::new(AtomicU32::new(0)));
        let ask = || {
            let (kept, tried) = (kept.clone(), tried.clone());
            tokio::spawn(async move {
                let open = || async {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    tried.fetch_add(1, Ordering::Relaxed);
                    Err(Fault::Broker(0x88))
                };
                kept.get(open).await.map(|_| ())
            })
        };
        let asked = [(); 9].map(|()| ask());
        for one in asked {
            assert!(matches!(one.await.unwrap(), Err(Fault::Broker(0x88))));
        }
        assert_eq!(tried.load(Ordering::Relaxed), 1);
        assert!(ask().await.unwrap().is_err(), "who comes later tries again");
        assert_eq!(tried.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_connection_is_used_until_it_is_gone() {
        let kept = Kept::default();
        let open = || async { Ok(Open(AtomicBool::new(true))) };
        let one = kept.get(open).await.unwrap();
        assert!(Arc::ptr_eq(&one, &kept.get(open).await.unwrap()));
        one.0.store(false, Ordering::Relaxed);
        assert!(!Arc::ptr_eq(&one, &kept.get(open).await.unwrap()));
    }
}
