//! What a way that does not do costs: nothing. What has another way goes it, and what has none waits.

use crate::peer::{Mood, Peer};
use crate::rig::{Running, message};
use crate::tongue::Tongue;

/// A peer that always takes what comes, for a second route.
pub async fn other() -> Peer {
    Peer::start(Tongue::Http, Mood::Good).await
}

/// Three messages for the first route alone and three that may go to the other peer, too: those do, these wait, and the
/// route is down and says one of these words.
pub async fn waits_and_falls_back(
    running: &Running,
    (tongue, to): (Tongue, &str),
    other: &Peer,
    words: &[&str],
) {
    let second = other.at.to_string();
    let (one, two) = (("one", tongue, to), ("two", Tongue::Http, &*second));
    running.accept((0..3).map(|number| message(number, &[one])).collect()).await;
    running.accept((3..6).map(|number| message(number, &[one, two])).collect()).await;
    if tongue == Tongue::Device {
        running.until("tried", |running| running.routes[0].counts().failed >= 3).await;
    } else {
        let reason = running.until_down().await;
        assert!(words.iter().any(|word| reason.contains(word)), "{reason}");
    }
    running.until("over the other", |running| running.counts().sent == 3).await;
    let counts = running.counts();
    assert_eq!((counts.waiting, counts.given_up, other.took()), (3, 0, (3, 0)));
}
