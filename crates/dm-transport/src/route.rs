//! A route: one configured transport. It takes sealed octets, an address and a deadline, and yields
//! receipts over time.
//!
//! Every transport of this crate is a [`Route`]. What a route needs beside an address (a bind, a proxy, a
//! certificate) it was given when it was made; what it says of a message goes to its [`Teller`]:
//! at once, or days later, when a gateway's delivery receipt comes.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use dm_push::Receipt;
use dm_push::receipt::Part;
use tokio::sync::{mpsc, oneshot};
use tokio::time::Instant;

use crate::tls::Tls;
use crate::{Address, Cost, SendError};

/// One sealed message on its way to one device.
///
/// The octets are sealed once: whatever is tried again, and over whichever route, sends these.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Its identity, the same over every route.
    pub id: PushId,
    /// The sealed message, WBXML; or a WSP push, where a bootstrap document needs one.
    pub octets: Arc<[u8]>,
    /// The device, as this route addresses it.
    pub to: Address,
    /// When an attempt has taken too long.
    pub deadline: Instant,
    /// Until when a gateway may try, if it should stop.
    pub valid_until: Option<SystemTime>,
}

/// The identity of one sending: 1 to 64 letters, digits, `-`, `.` or `_`, in any protocol's own field.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PushId(Arc<str>);

/// What sending takes, said before anything is sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Plan {
    /// Short messages, or datagrams, or requests.
    pub segments: u32,
    /// Octets that are handed to the network or gateway, the wrapping included.
    pub octets: usize,
    /// What that costs, where the route's [`Tariff`](crate::Tariff) is known.
    pub cost: Option<Cost>,
}

/// What a route learned of one sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Of which.
    pub id: PushId,
    /// The name of the route.
    pub route: Arc<str>,
    /// What it says.
    pub receipt: Receipt,
    /// What protects the route, beside the message's own signature (R16); nothing, if that is allowed.
    pub security: Option<Cow<'static, str>>,
    /// When that came.
    pub at: SystemTime,
    /// The octets that said so, as they came.
    pub raw: Vec<u8>,
    /// To be confirmed when it is kept.
    pub done: Done,
}

/// For whoever keeps what a route told: the gateway that said so is told that it is kept.
#[derive(Clone, Debug, Default)]
pub struct Done(Option<Arc<Mutex<Option<oneshot::Sender<()>>>>>);

impl Plan {
    /// So many segments and octets, whose cost is not known.
    #[must_use]
    pub const fn new(segments: u32, octets: usize) -> Self {
        Self { segments, octets, cost: None }
    }
}

impl Done {
    /// It is kept, and need not be said again.
    pub fn confirm(&self) {
        let waits =
            self.0.as_ref().map(|it| it.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(waits) = waits.flatten() {
            let _ = waits.send(()); // it waits no longer
        }
    }
}

/// Whether somebody waits is no part of what was told.
impl PartialEq for Done {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Done {}

/// Where a route tells what it learned. It waits when nobody listens fast enough.
#[derive(Clone, Debug)]
pub struct Teller {
    route: Arc<str>,
    security: Option<&'static str>,
    /// Whether a server of mutual TLS asked for our certificate.
    has_shown: Option<Arc<AtomicBool>>,
    to: mpsc::Sender<Told>,
}

/// A sending that goes on.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<(), SendError>> + Send + 'a>>;

/// One configured transport.
pub trait Route: Send + Sync {
    /// What a message takes on this route. Nothing is sent.
    ///
    /// # Errors
    /// [`SendError`]: it never goes this way: too large, or not such an address.
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError>;

    /// Sends a message, and ends when the other end took it or will not. It is not sent again from here,
    /// but where the transport's own standard says so, and then the same octets. What comes later goes
    /// to the route's [`Teller`], for as long as the route is there.
    ///
    /// Whoever calls keeps the deadline, by [`attempt`]: dropping the future gives this attempt up, and
    /// leaves the route fit for others.
    ///
    /// # Errors
    /// [`SendError`]; [`SendError::next`] says what may be tried.
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a>;

    /// Whether this failure says something of the route, and not of the one device alone. A route that
    /// goes to devices themselves is never to blame for one that is away.
    fn is_to_blame(&self, failure: &SendError) -> bool {
        failure.is_of_the_way()
    }

    /// What it counted of its own, by name.
    fn events(&self) -> Vec<(&'static str, u64)> {
        Vec::new()
    }

    /// Whether it keeps the deadline of a sending itself, and as one of silence: a sending goes on for as long as
    /// the other end takes something.
    fn is_patient(&self) -> bool {
        false
    }

    /// Ends it in order: what was handed over is waited for until the deadline, connections are closed.
    fn close(&self, deadline: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        let _ = deadline;
        Box::pin(std::future::ready(()))
    }
}

/// Sends over a route, until the deadline; where the route [is patient](Route::is_patient), for as long as it
/// gets on.
///
/// # Errors
/// Those of the route; [`SendError::Timeout`], or [`SendError::Silent`] where it is known who was.
pub async fn attempt(route: &dyn Route, outgoing: &Outgoing) -> Result<(), SendError> {
    crate::stage::named(attempted(route, outgoing)).await
}

async fn attempted(route: &dyn Route, outgoing: &Outgoing) -> Result<(), SendError> {
    if outgoing.octets.is_empty() {
        return Err(SendError::Empty);
    }
    if route.is_patient() {
        return route.send(outgoing).await;
    }
    let after = outgoing.deadline.saturating_duration_since(Instant::now());
    let sending = tokio::time::timeout_at(outgoing.deadline, route.send(outgoing));
    match sending.await {
        Ok(outcome) => outcome,
        Err(_) => Err(SendError::Timeout { to: outgoing.to.clone(), after }),
    }
}

impl Teller {
    /// Of the route of this name; and where it is listened to.
    #[must_use]
    pub fn new(route: &str, to: mpsc::Sender<Told>) -> Self {
        Self { route: route.into(), security: None, has_shown: None, to }
    }

    /// The same, of a route that this protects: `mutual TLS`, for instance.
    #[must_use]
    pub const fn protected_by(mut self, mechanism: &'static str) -> Self {
        self.security = Some(mechanism);
        self
    }

    /// The same, of what this protects, or nothing.
    pub(crate) const fn protected(mut self, mechanism: Option<&'static str>) -> Self {
        self.security = mechanism;
        self
    }

    /// The same, where mutual TLS is TLS alone until a server has asked for our certificate.
    pub(crate) fn once_shown(mut self, tls: &Tls) -> Self {
        self.has_shown = Some(tls.has_shown());
        self
    }

    /// The same, for what goes by this, if nothing is named for all that the route carries.
    #[must_use]
    pub fn or_protected_by(mut self, mechanism: &'static str) -> Self {
        self.security = self.security.or(Some(mechanism));
        self
    }

    /// The name of the route.
    #[must_use]
    pub fn route(&self) -> &Arc<str> {
        &self.route
    }

    /// Tells of one receipt, with the octets that say so. When nobody listens any more it is lost.
    pub async fn tell(&self, id: &PushId, receipt: Receipt, raw: &[u8]) {
        self.send(id, receipt, raw, Done::default()).await;
    }

    /// The same, and waits until it is [confirmed](Done::confirm): for a receipt that its gateway says
    /// again unless it is acknowledged. Whether it was.
    pub async fn tell_kept(&self, id: &PushId, receipt: Receipt, raw: &[u8]) -> bool {
        self.tell_to_be_kept(id, receipt, raw).await.await.is_ok()
    }

    /// The same in two steps: it is told when this returns, and confirmed when what this gives says so. So
    /// many may wait, told in their order.
    pub(crate) async fn tell_to_be_kept(
        &self,
        id: &PushId,
        receipt: Receipt,
        raw: &[u8],
    ) -> oneshot::Receiver<()> {
        let (confirm, confirmed) = oneshot::channel();
        let done = Done(Some(Arc::new(Mutex::new(Some(confirm)))));
        self.send(id, receipt, raw, done).await;
        confirmed
    }

    async fn send(&self, id: &PushId, receipt: Receipt, raw: &[u8], done: Done) {
        let is_shown = |shown: &Arc<AtomicBool>| shown.load(Ordering::Relaxed);
        let security = self.security.map(|mechanism| {
            match &self.has_shown {
                Some(shown) if !is_shown(shown) => mechanism.strip_prefix("mutual "),
                _ => None,
            }
            .unwrap_or(mechanism)
        });
        let (id, route, security) = (id.clone(), self.route.clone(), security.map(Cow::Borrowed));
        let (at, raw) = (SystemTime::now(), raw.to_vec());
        let told = Told { id, route, receipt, security, at, raw, done };
        let _ = self.to.send(told).await; // nobody wants to know
    }
}

impl PushId {
    /// An identity.
    ///
    /// ```
    /// use dm_transport::PushId;
    /// assert!(PushId::new("campaign-7.device-12.1").is_some());
    /// assert!(PushId::new("a b").is_none());
    /// ```
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_plain = |c: u8| c.is_ascii_alphanumeric() || b"-._".contains(&c);
        ((1..=64).contains(&text.len()) && text.bytes().all(is_plain)).then(|| Self(text.into()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PushId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One segment of one sending, for the receipt that comes later.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Sent {
    /// Of which sending.
    pub id: PushId,
    /// Which segment; none, if there is one alone.
    pub part: Option<Part>,
}

/// Where routes keep which gateway's message is which sending: a receipt may come after a restart.
pub trait Ledger: Send + Sync {
    /// The gateway of this route calls this one so. It is kept when this returns.
    ///
    /// # Errors
    /// It cannot be kept.
    fn note(&self, route: &str, called: &str, sent: &Sent) -> std::io::Result<()>;

    /// Several at once, kept before the sending counts as done.
    ///
    /// # Errors
    /// One of them cannot be kept; of the others nothing is known.
    fn note_all(&self, route: &str, notes: &[(String, Sent)]) -> std::io::Result<()> {
        notes.iter().try_for_each(|(called, sent)| self.note(route, called, sent))
    }

    /// Whom the gateway of this route calls so.
    ///
    /// # Errors
    /// It cannot be read.
    fn find(&self, route: &str, called: &str) -> std::io::Result<Option<Sent>>;

    /// The gateway of this route took these segments to these addresses: they are left out when the same message
    /// goes there again. Whoever does not keep that has all of it sent again.
    ///
    /// # Errors
    /// It cannot be kept.
    fn take_all(&self, route: &str, taken: &[(Address, Sent)]) -> std::io::Result<()> {
        let _ = (route, taken);
        Ok(())
    }

    /// The numbers of the segments that it took; that of a message of one is 1.
    ///
    /// # Errors
    /// It cannot be read.
    fn taken(&self, route: &str, to: &Address, id: &PushId) -> std::io::Result<Vec<u8>> {
        let _ = (route, to, id);
        Ok(Vec::new())
    }
}
