//! When somebody wants a program that runs to end.

use tokio::signal::unix::{SignalKind, signal};

/// Ends with SIGINT or SIGTERM.
pub async fn end() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await; // then the signal ends it as it is
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
