//! When somebody wants a program that runs to end.

use tokio::signal::unix::{SignalKind, signal};

/// Ends with SIGINT or SIGTERM, of which none is missed from the call on.
pub fn end() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            return std::future::pending().await; // then the signal ends it as it is
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}
