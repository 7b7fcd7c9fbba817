//! How far an attempt is, for what is said of it when its time is over: whoever carries the message, and what is
//! waited for.

use std::cell::RefCell;
use std::fmt::Display;
use std::future::Future;
use std::sync::Arc;

use crate::error::{SendError, Silence};

tokio::task_local! {
    static STAGE: RefCell<Option<Stage>>;
}

struct Stage {
    peer: Arc<str>,
    what: &'static str,
    was_sent: bool,
}

/// From now on the attempt waits for this one, who will have failed so: "did not answer the bind". Outside of an
/// attempt nobody asks.
pub(crate) fn waits_for(peer: &dyn Display, what: &'static str, was_sent: bool) {
    let _ = STAGE.try_with(|stage| {
        *stage.borrow_mut() = Some(Stage { peer: peer.to_string().into(), what, was_sent });
    });
}

/// An attempt that names who was silent.
pub(crate) async fn named(
    attempt: impl Future<Output = Result<(), SendError>>,
) -> Result<(), SendError> {
    let attempt = async {
        let outcome = attempt.await;
        (outcome, STAGE.with(RefCell::take))
    };
    match STAGE.scope(RefCell::default(), attempt).await {
        (Err(SendError::Timeout { to, after }), Some(Stage { peer, what, was_sent })) => {
            let who = Box::new(Silence { peer, what });
            Err(SendError::Silent { to, who, after, was_sent })
        }
        (outcome, _) => outcome,
    }
}
