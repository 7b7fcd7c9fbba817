//! What a route says of responses, and when it heard something last.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dm_push::Receipt;
use dm_push::receipt::{Detail, Says};
use tokio::time::Instant;

use super::line::Answer;
use crate::route::{PushId, Teller};

/// Where it tells what it learned, shared by its lines.
#[derive(Clone)]
pub(super) struct Voice {
    teller: Teller,
    /// Whether devices themselves answer.
    is_device: bool,
    heard: Arc<Mutex<Option<Instant>>>,
}

/// What protected one request.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct By {
    /// Whether the next hop was shown our certificate, by TLS.
    pub(super) tls: Option<bool>,
    /// Whether the request proved who sends: a proxy that does not ask gets no proof.
    pub(super) digest: bool,
}

impl By {
    const fn mechanism(self) -> Option<&'static str> {
        match (self.tls, self.digest) {
            (Some(true), true) => Some("mutual TLS, digest"),
            (Some(true), false) => Some("mutual TLS"),
            (Some(false), true) => Some("TLS, digest"),
            (Some(false), false) => Some("TLS"),
            (None, true) => Some("digest"),
            (None, false) => None,
        }
    }
}

impl Voice {
    pub(super) fn new(teller: Teller, is_device: bool) -> Self {
        Self { teller, is_device, heard: Arc::default() }
    }

    /// The receipt names what protected this request, and not what is configured.
    pub(super) async fn tell(&self, id: &PushId, answer: &Answer, by: By) {
        let teller = self.teller.clone().protected(by.mechanism());
        teller.tell(id, self.receipt(answer.status), &answer.raw).await;
    }

    /// Of a sending that nobody waits for any more: a refusal then changes nothing. Whether it carried digest is
    /// not known any more, and not said.
    pub(super) async fn tell_late(&self, id: &PushId, answer: &Answer, by: By) {
        if (200..300).contains(&answer.status) {
            self.tell(id, answer, by).await;
        }
    }

    /// 202 is the word of one who keeps it for the device, whoever was asked. [RFC 3428 §7]
    pub(super) const fn receipt(&self, status: u16) -> Receipt {
        let says = match (self.is_device, status) {
            (true, 202) | (false, _) => Says::HandedOver,
            (true, _) => Says::Reached,
        };
        Receipt::new(says, Detail::Sip { status })
    }

    pub(super) const fn is_device(&self) -> bool {
        self.is_device
    }

    pub(super) fn hears(&self) {
        *self.heard.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether anything came on this route within that time.
    pub(super) fn heard_within(&self, time: Duration) -> bool {
        let heard = *self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.is_some_and(|at| at.elapsed() < time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_200_of_a_device_itself_says_that_it_was_reached() {
        let teller = Teller::new("sip", tokio::sync::mpsc::channel(1).0);
        let voice = |is_device| Voice::new(teller.clone(), is_device);
        let says = |is_device, status| voice(is_device).receipt(status).says();
        assert_eq!(says(true, 200), Says::Reached);
        for (is_device, status) in [(true, 202), (false, 200), (false, 202)] {
            assert_eq!(says(is_device, status), Says::HandedOver, "{is_device} {status}");
        }
    }
}
