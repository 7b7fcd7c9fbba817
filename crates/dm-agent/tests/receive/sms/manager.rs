//! A ModemManager that is none: its interfaces, with messages that a test puts into its modem.

use std::sync::{Arc, Mutex, PoisonError};

use zbus::object_server::SignalEmitter;
use zbus::zvariant::{ObjectPath, OwnedObjectPath};
use zbus::{Connection, connection, fdo, interface};

const MODEM: &str = "/org/freedesktop/ModemManager1/Modem/0";

/// The service, with one modem.
pub struct Manager {
    connection: Connection,
    inbox: Inbox,
    next: usize,
}

type Inbox = Arc<Mutex<Vec<OwnedObjectPath>>>;

struct Messaging {
    inbox: Inbox,
}

#[interface(name = "org.freedesktop.ModemManager1.Modem.Messaging")]
impl Messaging {
    async fn list(&self) -> Vec<OwnedObjectPath> {
        lock(&self.inbox).clone()
    }

    async fn delete(&self, path: ObjectPath<'_>) -> fdo::Result<()> {
        let mut inbox = lock(&self.inbox);
        let count = inbox.len();
        inbox.retain(|there| there.as_ref() != path);
        if inbox.len() == count {
            Err(fdo::Error::Failed("no such message".into()))
        } else {
            Ok(())
        }
    }

    #[zbus(signal)]
    async fn added(
        emitter: &SignalEmitter<'_>,
        path: ObjectPath<'_>,
        received: bool,
    ) -> zbus::Result<()>;
}

/// A short message.
pub struct Sms {
    pub number: String,
    pub smsc: String,
    pub state: u32,
    pub data: Vec<u8>,
}

#[interface(name = "org.freedesktop.ModemManager1.Sms")]
impl Sms {
    #[zbus(property)]
    async fn number(&self) -> String {
        self.number.clone()
    }

    #[zbus(property, name = "SMSC")]
    async fn smsc(&self) -> String {
        self.smsc.clone()
    }

    #[zbus(property)]
    async fn state(&self) -> u32 {
        self.state
    }

    #[zbus(property)]
    async fn data(&self) -> Vec<u8> {
        self.data.clone()
    }
}

impl Sms {
    /// A message of this sender, that came whole.
    pub fn from(number: &str, data: &[u8]) -> Self {
        Self { number: number.into(), smsc: "+9".into(), state: 3, data: data.to_vec() }
    }
}

impl Manager {
    /// Takes its name on this bus.
    pub async fn start(address: &str) -> Self {
        let inbox = Inbox::default();
        let connection = connection::Builder::address(address).expect("an address");
        let connection = connection.build().await.expect("connected");
        let server = connection.object_server();
        server.at("/org/freedesktop/ModemManager1", fdo::ObjectManager).await.expect("there");
        server.at(MODEM, Messaging { inbox: inbox.clone() }).await.expect("there");
        connection.request_name("org.freedesktop.ModemManager1").await.expect("the name");
        Self { connection, inbox, next: 0 }
    }

    /// Puts a message into the modem, and says so.
    pub async fn add(&mut self, sms: Sms) -> OwnedObjectPath {
        let path = format!("/org/freedesktop/ModemManager1/SMS/{}", self.next);
        self.next += 1;
        let path = OwnedObjectPath::try_from(path).expect("a path");
        let received = sms.state == 3;
        self.connection.object_server().at(&path, sms).await.expect("there");
        lock(&self.inbox).push(path.clone());
        let emitter = SignalEmitter::new(&self.connection, MODEM).expect("a path");
        Messaging::added(&emitter, path.as_ref(), received).await.expect("said");
        path
    }

    /// The last segment of a message came: this is what it is.
    pub async fn fill(&self, path: &OwnedObjectPath, whole: Sms) {
        let sms = self.connection.object_server().interface::<_, Sms>(path).await.expect("there");
        let mut inner = sms.get_mut().await;
        *inner = whole;
        inner.state_changed(sms.signal_emitter()).await.expect("said");
    }

    /// The messages in the modem.
    pub fn inbox(&self) -> Vec<OwnedObjectPath> {
        lock(&self.inbox).clone()
    }

    /// Gives the name back, and goes.
    pub async fn stop(self) {
        let _ = self.connection.close().await;
    }
}

fn lock(inbox: &Inbox) -> std::sync::MutexGuard<'_, Vec<OwnedObjectPath>> {
    inbox.lock().unwrap_or_else(PoisonError::into_inner)
}
