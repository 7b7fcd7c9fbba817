//! A connection to the message bus, and the word that something changed there.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use zbus::export::ordered_stream::OrderedStreamExt;
use zbus::fdo::{self, DBusProxy};
use zbus::message::Type;
use zbus::names::BusName;
use zbus::{Connection, MatchRule, MessageStream, connection};

/// A connection, and the signals that are listened for.
pub(super) struct Bus {
    pub(super) connection: Connection,
    changed: Arc<Notify>,
    dbus: DBusProxy<'static>,
    /// They end when the connection does.
    listening: JoinSet<()>,
}

/// The connection is gone, and why.
pub(super) struct Lost(pub zbus::Error);

impl From<zbus::Error> for Lost {
    fn from(error: zbus::Error) -> Self {
        Self(error)
    }
}

impl From<fdo::Error> for Lost {
    fn from(error: fdo::Error) -> Self {
        Self(error.into())
    }
}

/// A signal: its interface, its name, and its first argument where that matters.
pub(super) type Signal = (&'static str, &'static str, Option<&'static str>);

impl Bus {
    /// Connects, and listens for these signals and for whoever gets the name of `service`.
    pub(super) async fn connect(
        address: Option<&str>,
        service: &'static str,
        signals: &[Signal],
    ) -> Result<Self, Lost> {
        let builder = match address {
            Some(address) => connection::Builder::address(address)?,
            None => connection::Builder::system()?,
        };
        let connection = builder.method_timeout(PATIENCE).build().await?;
        let (changed, mut listening) = (Arc::new(Notify::new()), JoinSet::new());
        let owner = ("org.freedesktop.DBus", "NameOwnerChanged", Some(service));
        for (interface, member, argument) in signals.iter().copied().chain([owner]) {
            let rule = MatchRule::builder().msg_type(Type::Signal).interface(interface)?;
            let rule = rule.member(member)?;
            let rule = match argument {
                Some(argument) => rule.arg(0, argument)?.build(),
                None => rule.build(),
            };
            let mut stream = MessageStream::for_match_rule(rule, &connection, None).await?;
            let changed = changed.clone();
            // What a signal says is asked for again: signals that come meanwhile are one, and
            // nobody can fill a queue with them.
            listening.spawn(async move {
                while let Some(Ok(_)) = stream.next().await {
                    changed.notify_one();
                }
            });
        }
        let dbus = DBusProxy::new(&connection).await?;
        Ok(Self { connection, changed, dbus, listening })
    }

    /// Who has this name now.
    pub(super) async fn owner(&self, service: &'static str) -> Result<Option<String>, Lost> {
        let name = BusName::try_from(service).map_err(zbus::Error::from)?;
        match self.dbus.get_name_owner(name).await {
            Ok(owner) => Ok(Some(owner.to_string())),
            Err(fdo::Error::NameHasNoOwner(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Something to wake [`Self::wait`] with.
    pub(super) fn waker(&self) -> Arc<Notify> {
        self.changed.clone()
    }

    /// Waits until something changed, or for this long.
    pub(super) async fn wait(&mut self, at_most: Option<Duration>) -> Result<(), Lost> {
        let timer = async {
            match at_most {
                Some(time) => tokio::time::sleep(time).await,
                None => pending().await,
            }
        };
        tokio::select! {
            () = self.changed.notified() => Ok(()),
            () = timer => Ok(()),
            _ = self.listening.join_next() => {
                let gone = std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
                Err(zbus::Error::from(gone).into())
            }
        }
    }
}

/// For an answer of a service.
const PATIENCE: Duration = Duration::from_secs(30);
