//! The way into the queue, the same for all receivers.

use std::fmt::Display;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::{mpsc, oneshot};
use tracing::{debug, info, warn};

use super::rate::Meter;
use super::tally::{Refusal, Tally, is_told};
use super::{BootstrapPush, Delivery, Origin, Progress, Transport};
use crate::config::SourceList;

/// What a receiver may do with what it received: put it into the queue or turn it away.
/// It learns nothing of what becomes of a message.
#[derive(Clone)]
pub(super) struct Intake {
    /// The way to bootstrap; none if it takes no pushes.
    pub(super) bootstraps: Option<mpsc::Sender<BootstrapPush>>,
    pub(super) clock: bool,
    pub(super) limit: usize,
    pub(super) meter: Option<Arc<Meter>>,
    pub(super) progress: Arc<Progress>,
    pub(super) queue: mpsc::Sender<Delivery>,
    pub(super) sources: Option<SourceList>,
    pub(super) tally: Arc<Tally>,
    pub(super) transport: Transport,
}

impl Intake {
    /// Whether this sender may push at all.
    pub(super) fn admits(&self, from: SocketAddr) -> bool {
        let admitted = self.sources.as_ref().is_none_or(|sources| sources.contains(from.ip()));
        if !admitted {
            self.refuse(Refusal::Source, from, 0, "not in the list of sources");
        }
        admitted
    }

    /// Whether this sender may push now. It counts as having done so.
    pub(super) fn in_rate(&self, from: impl Into<Origin>) -> bool {
        let Some(meter) = &self.meter else { return true };
        let from = from.into();
        let in_rate = meter.take(&from, Instant::now()).is_ok();
        if !in_rate {
            self.refuse(Refusal::Rate, from, 0, "more often than `limits.rate`");
        }
        in_rate
    }

    /// Waits until this source may come again: for what is fetched, and waits elsewhere.
    #[cfg(any(feature = "mqtt", feature = "poll", feature = "spool"))]
    pub(super) async fn credit(&self, from: &Origin) {
        while let Err(wait) = self.try_credit(from) {
            tokio::time::sleep(wait).await;
        }
    }

    /// As [`credit`](Self::credit), and says how long to wait instead of waiting.
    #[cfg(any(feature = "mqtt", feature = "poll", feature = "sms", feature = "spool"))]
    pub(super) fn try_credit(&self, from: &Origin) -> Result<(), std::time::Duration> {
        self.meter.as_ref().map_or(Ok(()), |meter| meter.take(from, Instant::now()))
    }

    /// Puts a message into the queue, if it has the right size and there is room: of a transport that
    /// acknowledges nothing.
    pub(super) fn accept(&self, octets: Vec<u8>, from: impl Into<Origin>) -> Result<(), Refusal> {
        self.put(octets, from.into(), None)
    }

    /// As [`accept`](Self::accept), and waits until the message is kept: it may be acknowledged then.
    pub(super) async fn keep(
        &self,
        octets: Vec<u8>,
        from: impl Into<Origin>,
    ) -> Result<(), Refusal> {
        let (sender, kept) = oneshot::channel();
        self.put(octets, from.into(), Some(sender))?;
        kept.await.map_err(|_| Refusal::NotKept)
    }

    /// Hands a push with SEC and MAC to bootstrap, if that takes pushes.
    pub(super) fn accept_bootstrap(
        &self,
        datagram: Vec<u8>,
        from: impl Into<Origin>,
    ) -> Result<(), Refusal> {
        self.put_bootstrap(datagram, from.into(), None)
    }

    /// As [`accept_bootstrap`](Self::accept_bootstrap), and waits until it was judged.
    #[cfg(feature = "sms")]
    pub(super) async fn keep_bootstrap(
        &self,
        datagram: Vec<u8>,
        from: impl Into<Origin>,
    ) -> Result<(), Refusal> {
        let (sender, kept) = oneshot::channel();
        self.put_bootstrap(datagram, from.into(), Some(sender))?;
        kept.await.map_err(|_| Refusal::NotKept)
    }

    fn put_bootstrap(
        &self,
        datagram: Vec<u8>,
        from: Origin,
        kept: Option<oneshot::Sender<()>>,
    ) -> Result<(), Refusal> {
        let queue = self.bootstraps.as_ref().ok_or(Refusal::Bootstrap)?;
        let length = datagram.len();
        if length > self.limit {
            return Err(Refusal::TooLarge);
        }
        let permit = queue.try_reserve().map_err(|_| Refusal::QueueFull)?;
        let (transport, received) = (self.transport, self.now());
        self.received(&from, length, "received, for bootstrap");
        permit.send(BootstrapPush { datagram, from, received, transport, kept });
        Ok(())
    }

    fn now(&self) -> Option<u64> {
        self.clock.then(seconds_since_1970).flatten()
    }

    fn put(
        &self,
        octets: Vec<u8>,
        from: Origin,
        kept: Option<oneshot::Sender<()>>,
    ) -> Result<(), Refusal> {
        let length = octets.len();
        match length {
            0 => return Err(Refusal::Empty),
            octets if octets > self.limit => return Err(Refusal::TooLarge),
            _ => {}
        }
        let permit = self.queue.try_reserve().map_err(|_| Refusal::QueueFull)?;
        let received = self.now();
        self.received(&from, length, "received");
        permit.send(Delivery { octets, transport: self.transport, from, received, kept });
        self.progress.take();
        Ok(())
    }

    /// Counts and logs what goes into a queue. What comes of it is logged, too: nothing is lost.
    fn received(&self, from: &Origin, octets: usize, what: &str) {
        let (count, transport) = (self.tally.accept(), self.transport.as_str());
        if is_told(count) {
            info!(transport, %from, octets, count, "{what}");
        } else {
            debug!(transport, %from, octets, count, "{what}");
        }
    }

    /// Counts and logs what was turned away, by its reason.
    pub(super) fn refuse(&self, refusal: Refusal, from: impl Display, octets: usize, why: &str) {
        let count = self.tally.refuse(refusal);
        let (transport, reason) = (self.transport.as_str(), refusal.label());
        if is_told(count) {
            warn!(transport, reason, %from, octets, count, why, "turned away");
        } else {
            debug!(transport, reason, %from, octets, count, why, "turned away");
        }
    }
}

fn seconds_since_1970() -> Option<u64> {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    const FROM: SocketAddr =
        SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

    fn intake(clock: bool, room: usize) -> (Intake, mpsc::Receiver<Delivery>) {
        let (queue, deliveries) = mpsc::channel(room);
        let (tally, transport) = (Arc::default(), Transport::Udp);
        let progress = Arc::new(Progress::new(transport));
        (
            Intake {
                bootstraps: None,
                clock,
                limit: 4,
                meter: None,
                progress,
                queue,
                sources: None,
                tally,
                transport,
            },
            deliveries,
        )
    }

    #[test]
    fn size_and_room_are_checked() {
        let (intake, mut deliveries) = intake(false, 1);
        assert_eq!(intake.accept(vec![], FROM), Err(Refusal::Empty));
        assert_eq!(intake.accept(vec![0; 5], FROM), Err(Refusal::TooLarge));
        assert_eq!(intake.accept(vec![7; 4], FROM), Ok(()));
        assert_eq!(intake.accept(vec![8; 4], FROM), Err(Refusal::QueueFull));
        assert_eq!(intake.tally.accepted(), 1);
        let delivery = deliveries.try_recv().unwrap();
        assert_eq!((delivery.octets, delivery.received), (vec![7; 4], None));
    }

    #[tokio::test]
    async fn what_is_acknowledged_is_kept_before() {
        let (intake, mut deliveries) = intake(false, 2);
        let keeping = tokio::spawn({
            let intake = intake.clone();
            async move { intake.keep(vec![7], FROM).await }
        });
        let mut delivery = deliveries.recv().await.unwrap();
        assert!(delivery.is_acknowledged() && !keeping.is_finished());
        delivery.acknowledge();
        assert_eq!(keeping.await.unwrap(), Ok(()));

        let lost = tokio::spawn(async move { intake.keep(vec![8], FROM).await });
        drop(deliveries.recv().await.unwrap());
        assert_eq!(lost.await.unwrap(), Err(Refusal::NotKept));
    }

    #[test]
    fn a_trusted_clock_is_read() {
        let (intake, mut deliveries) = intake(true, 1);
        intake.accept(vec![0; 4], FROM).unwrap();
        let received = deliveries.try_recv().unwrap().received.unwrap();
        assert!(seconds_since_1970().unwrap() - received < 5);
    }

    #[test]
    fn a_flood_is_counted_and_does_not_fill_the_log() {
        #[derive(Clone, Default)]
        struct Log(Arc<Mutex<Vec<u8>>>);
        impl io::Write for Log {
            fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
                self.0.lock().unwrap().extend_from_slice(octets);
                Ok(octets.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let ((intake, mut deliveries), log) = (intake(false, 1), Log::default());
        let writer = log.clone();
        let logger =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(logger, || {
            for _ in 0..1_000 {
                intake.refuse(Refusal::Malformed, FROM, 12, "cut at octet 3");
            }
        });
        assert_eq!(intake.tally.refused(Refusal::Malformed), 1_000);
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let first = text.lines().next().unwrap();
        for part in ["WARN", "malformed", "from=127.0.0.1:9", "octets=12", "count=1", "octet 3"] {
            assert!(first.contains(part), "{part}: {first}");
        }
        assert_eq!(text.lines().count(), 16 + 5); // and 32, 64, 128, 256, 512

        log.0.lock().unwrap().clear();
        let writer = log.clone();
        let logger = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
        tracing::subscriber::with_default(logger, || {
            for _ in 0..1_000 {
                intake.accept(vec![7], FROM).unwrap();
                deliveries.try_recv().unwrap();
            }
        });
        let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        assert_eq!(text.lines().count(), 16 + 5, "what is taken may be garbage");
    }
}
