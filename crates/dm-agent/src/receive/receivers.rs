//! All listeners of an agent, started and stopped together.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tracing::{error, info, warn};

#[cfg(feature = "http")]
use super::http::HttpReceiver;
use super::intake::Intake;
#[cfg(feature = "mqtt")]
use super::mqtt::MqttReceiver;
#[cfg(any(feature = "mqtt", feature = "poll", feature = "sip"))]
use super::outward::Way;
#[cfg(feature = "poll")]
use super::poll::PollReceiver;
use super::proving::Proving;
use super::rate::Meter;
#[cfg(feature = "sip")]
use super::sip::SipReceiver;
#[cfg(feature = "sms")]
use super::sms::SmsReceiver;
#[cfg(feature = "spool")]
use super::spool::SpoolReceiver;
#[cfg(feature = "tls")]
use super::tls::Handshake;
use super::udp::UdpReceiver;
use super::{BootstrapPush, Delivery, Progress, StartError, Tally, Transport};
#[cfg(any(feature = "mqtt", feature = "poll"))]
use crate::config::Server;
#[cfg(feature = "sip")]
use crate::config::Sip;
use crate::config::{
    Config, Endpoint, Limits, Listen, SecretFiles, Security, SourceList, Spool, SpoolSecurity,
};
#[cfg(feature = "sms")]
use crate::config::{Sms, SmsSecurity};

/// Running listeners. Dropping them ends them at once; [`Receivers::stop`] lets open
/// connections end first.
#[derive(Debug)]
pub struct Receivers {
    addresses: Vec<SocketAddr>,
    progress: Vec<Arc<Progress>>,
    running: JoinSet<()>,
    stop: watch::Sender<bool>,
    tally: Arc<Tally>,
}

impl Receivers {
    /// Binds all listeners, then runs them. What they receive goes into `queue`, which ends
    /// when they do.
    ///
    /// # Errors
    /// [`StartError`] names the address that cannot be bound; then nothing runs.
    pub async fn start(config: &Config, queue: mpsc::Sender<Delivery>) -> Result<Self, StartError> {
        Self::start_with(config, queue, None).await
    }

    /// As [`Self::start`]; pushes with SEC and MAC go into `bootstraps`, and are turned away without
    /// it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_with(
        config: &Config,
        queue: mpsc::Sender<Delivery>,
        bootstraps: Option<mpsc::Sender<BootstrapPush>>,
    ) -> Result<Self, StartError> {
        let tally = Arc::<Tally>::default();
        let (listen, limits) = (&config.listen, &config.limits);
        let meter = limits.rate.map(|rate| Arc::new(Meter::new(rate)));
        let all_progress = Mutex::new(Vec::new());
        let intake = |transport, sources: Option<&SourceList>| {
            let progress = Arc::new(Progress::new(transport));
            let mut all = all_progress.lock().unwrap_or_else(PoisonError::into_inner);
            all.push(progress.clone());
            Intake {
                bootstraps: bootstraps.clone(),
                clock: config.clock,
                limit: limits.message,
                meter: meter.clone(),
                progress,
                queue: queue.clone(),
                sources: sources.cloned(),
                tally: tally.clone(),
                transport,
            }
        };
        all_built(config)?;
        let (mut bound, mut addresses) = (Vec::new(), Vec::new());
        for (number, listen) in (1..).zip(listen) {
            let intake = intake(listen.endpoint.transport(), listen.security.sources());
            let address = listen.address;
            check_listener(listen, number)?;
            let progress = intake.progress.clone();
            let (receiver, local) = Receiver::bind(listen, limits, intake)
                .await
                .map_err(|source| StartError::Bind { address, number, source })?;
            bound.push(receiver.secured(listen, number)?);
            progress.is_at(&local);
            addresses.push(local);
        }
        #[cfg(feature = "spool")]
        for (number, spool) in (1..).zip(&config.spool) {
            let intake = intake(Transport::Spool, None);
            intake.progress.is_at(&spool.folder.display());
            let receiver = SpoolReceiver::open(spool, intake);
            let folder = spool.folder.clone();
            bound.push(Receiver::Spool(receiver.map_err(|source| StartError::Spool {
                folder,
                number,
                source,
            })?));
        }
        #[cfg(feature = "poll")]
        for (number, poll) in (1..).zip(&config.poll) {
            let intake = intake(Transport::Poll, None);
            intake.progress.is_at(&poll.server.url);
            let receiver = PollReceiver::new(poll, limits, &config.state, intake);
            let failed = |source| StartError::Tls { section: "poll", number, source };
            bound.push(Receiver::Poll(Box::new(receiver.map_err(failed)?)));
        }
        #[cfg(feature = "mqtt")]
        for (number, mqtt) in (1..).zip(&config.mqtt) {
            let intake = intake(Transport::Mqtt, None);
            intake.progress.is_at(&mqtt.server.url);
            let receiver = MqttReceiver::new(mqtt, intake);
            let failed = |source| StartError::Tls { section: "mqtt", number, source };
            bound.push(Receiver::Mqtt(Box::new(receiver.map_err(failed)?)));
        }
        #[cfg(feature = "sip")]
        for (number, sip) in (1..).zip(&config.sip) {
            let intake = intake(Transport::Sip, None);
            intake.progress.is_at(&sip.server.url);
            let receiver = SipReceiver::new(sip, limits, intake);
            let failed = |source| StartError::Tls { section: "sip", number, source };
            bound.push(Receiver::Sip(Box::new(receiver.map_err(failed)?)));
        }
        #[cfg(feature = "sms")]
        for (number, sms) in (1..).zip(&config.sms) {
            let intake = intake(Transport::Sms, None);
            intake.progress.is_at(&sms.via.as_str());
            let proving = proving_of(sms, number)?;
            bound.push(Receiver::Sms(Box::new(SmsReceiver::new(sms, proving, intake))));
        }
        // From here on the receivers alone hold the queue: it ends with them.
        drop((queue, bootstraps));

        let (stop, stopped) = watch::channel(false);
        let mut running = JoinSet::new();
        listen.iter().zip(&addresses).for_each(|(listen, local)| announce(listen, *local));
        #[cfg(feature = "mqtt")]
        config.mqtt.iter().for_each(|mqtt| announce_server(&mqtt.server, Transport::Mqtt));
        #[cfg(feature = "poll")]
        config.poll.iter().for_each(|poll| announce_server(&poll.server, Transport::Poll));
        #[cfg(feature = "sip")]
        config.sip.iter().for_each(announce_sip);
        #[cfg(feature = "sms")]
        config.sms.iter().for_each(announce_sms);
        config.spool.iter().for_each(announce_spool);
        for receiver in bound {
            running.spawn(receiver.run(stopped.clone()));
        }
        let progress = all_progress.into_inner().unwrap_or_else(PoisonError::into_inner);
        Ok(Self { addresses, progress, running, stop, tally })
    }

    /// Looks at what the receivers of a configuration need, without receiving: files of TLS, folders,
    /// and whether this program has them.
    ///
    /// # Errors
    /// [`StartError`], as [`start`](Self::start) would yield it. Addresses are not tried.
    pub fn check(config: &Config) -> Result<(), StartError> {
        all_built(config)?;
        for (number, listen) in (1..).zip(&config.listen) {
            check_listener(listen, number)?;
        }
        #[cfg(feature = "spool")]
        for (number, spool) in (1..).zip(&config.spool) {
            let folder = spool.folder.clone();
            super::spool::check(spool).map_err(|source| StartError::Spool {
                folder,
                number,
                source,
            })?;
        }
        #[cfg(feature = "poll")]
        for (number, poll) in (1..).zip(&config.poll) {
            let failed = |source| StartError::Tls { section: "poll", number, source };
            Way::to(&poll.server).map_err(failed)?;
        }
        #[cfg(feature = "mqtt")]
        for (number, mqtt) in (1..).zip(&config.mqtt) {
            let failed = |source| StartError::Tls { section: "mqtt", number, source };
            Way::to(&mqtt.server).map_err(failed)?;
        }
        #[cfg(feature = "sip")]
        for (number, sip) in (1..).zip(&config.sip) {
            let failed = |source| StartError::Tls { section: "sip", number, source };
            Way::to(&sip.server).map_err(failed)?;
        }
        #[cfg(feature = "sms")]
        for (number, sms) in (1..).zip(&config.sms) {
            proving_of(sms, number)?;
        }
        Ok(())
    }

    /// Stops receiving and waits for open connections, 5 s at most.
    pub async fn stop(mut self) {
        // Fails only if all receivers have ended already.
        let _ = self.stop.send(true);
        let ended = async { while self.running.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, ended).await.is_err() {
            warn!("connections were still open when receiving stopped");
        }
        self.running.shutdown().await;
    }

    /// Waits until one of them has ended, which none does by itself.
    pub(crate) async fn ended(&mut self) {
        match self.running.join_next().await {
            Some(ended) => error!(error = ?ended.err(), "a receiver ended"),
            None => std::future::pending().await,
        }
    }

    /// Whether there is one.
    pub(crate) fn are_running(&self) -> bool {
        !self.running.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn spawn(&mut self, receiver: impl Future<Output = ()> + Send + 'static) {
        self.running.spawn(receiver);
    }

    /// Where they listen, in the order of the configuration.
    #[must_use]
    pub fn local_addrs(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// How each receiver is doing; goes on telling.
    #[must_use]
    pub fn progress(&self) -> &[Arc<Progress>] {
        &self.progress
    }

    /// What was taken and turned away so far; goes on counting.
    #[must_use]
    pub fn tally(&self) -> Arc<Tally> {
        self.tally.clone()
    }
}

enum Receiver {
    #[cfg(feature = "http")]
    Http(HttpReceiver),
    #[cfg(feature = "mqtt")]
    Mqtt(Box<MqttReceiver>),
    #[cfg(feature = "poll")]
    Poll(Box<PollReceiver>),
    #[cfg(feature = "sip")]
    Sip(Box<SipReceiver>),
    #[cfg(feature = "sms")]
    Sms(Box<SmsReceiver>),
    #[cfg(feature = "spool")]
    Spool(SpoolReceiver),
    Udp(UdpReceiver),
}

impl Receiver {
    async fn bind(
        listen: &Listen,
        #[cfg_attr(not(feature = "http"), expect(unused_variables, reason = "of connections"))]
        limits: &Limits,
        intake: Intake,
    ) -> io::Result<(Self, SocketAddr)> {
        match &listen.endpoint {
            #[cfg(not(feature = "http"))]
            Endpoint::Http { .. } => Err(io::ErrorKind::Unsupported.into()),
            #[cfg(feature = "http")]
            Endpoint::Http { path } => {
                let receiver = HttpReceiver::bind(listen.address, path, limits, intake).await?;
                let local = receiver.local_addr()?;
                Ok((Self::Http(receiver), local))
            }
            Endpoint::Udp => {
                let receiver = UdpReceiver::bind(listen.address, intake).await?;
                let local = receiver.local_addr()?;
                Ok((Self::Udp(receiver), local))
            }
        }
    }

    /// Puts TLS in front, or demands a proof, if it is configured.
    fn secured(self, listen: &Listen, number: usize) -> Result<Self, StartError> {
        match (self, &listen.security) {
            (Self::Udp(receiver), Security::SecMac(files, _)) => {
                Ok(Self::Udp(receiver.proving(proving(files, "listen", number)?)))
            }
            #[cfg(all(feature = "http", feature = "tls"))]
            (Self::Http(receiver), Security::Tls(tls, _)) => {
                let failed = |source| StartError::Tls { section: "listen", number, source };
                Ok(Self::Http(receiver.after(Handshake::load(tls).map_err(failed)?)))
            }
            #[cfg(not(feature = "tls"))]
            (_, Security::Tls(..)) => Err(StartError::NotBuilt { section: "[[listen]] with TLS" }),
            (receiver, _) => Ok(receiver),
        }
    }

    async fn run(self, stop: watch::Receiver<bool>) {
        match self {
            #[cfg(feature = "http")]
            Self::Http(receiver) => receiver.run(stop).await,
            #[cfg(feature = "mqtt")]
            Self::Mqtt(receiver) => receiver.run(stop).await,
            #[cfg(feature = "poll")]
            Self::Poll(receiver) => receiver.run(stop).await,
            #[cfg(feature = "sip")]
            Self::Sip(receiver) => receiver.run(stop).await,
            #[cfg(feature = "sms")]
            Self::Sms(receiver) => receiver.run(stop).await,
            #[cfg(feature = "spool")]
            Self::Spool(receiver) => receiver.run(stop).await,
            Self::Udp(receiver) => receiver.run(stop).await,
        }
    }
}

/// Whether a listener can be at all, but for its address.
fn check_listener(listen: &Listen, number: usize) -> Result<(), StartError> {
    #[cfg(not(feature = "http"))]
    if let Endpoint::Http { .. } = listen.endpoint {
        return Err(StartError::NotBuilt { section: "[[listen]] with transport \"http\"" });
    }
    if let Security::SecMac(files, _) = &listen.security {
        return proving(files, "listen", number).map(drop);
    }
    let Security::Tls(tls, _) = &listen.security else { return Ok(()) };
    #[cfg(feature = "tls")]
    let checked = Handshake::load(tls).map(|_| ()).map_err(|source| StartError::Tls {
        section: "listen",
        number,
        source,
    });
    #[cfg(not(feature = "tls"))]
    let checked = {
        let _ = (tls, number);
        Err(StartError::NotBuilt { section: "[[listen]] with TLS" })
    };
    checked
}

fn proving(
    files: &SecretFiles,
    section: &'static str,
    number: usize,
) -> Result<Proving, StartError> {
    Proving::load(files).map_err(|path| StartError::Secret { path, section, number })
}

/// What short messages have to prove, if anything.
#[cfg(feature = "sms")]
fn proving_of(sms: &Sms, number: usize) -> Result<Option<Proving>, StartError> {
    match &sms.security {
        SmsSecurity::SecMac(files, _) => proving(files, "sms", number).map(Some),
        SmsSecurity::DangerInsecure(_) | SmsSecurity::SourceList(_) => Ok(None),
    }
}

impl Endpoint {
    const fn transport(&self) -> Transport {
        match self {
            Self::Http { .. } => Transport::Http,
            Self::Udp => Transport::Udp,
        }
    }
}

fn announce(listen: &Listen, address: SocketAddr) {
    let transport = listen.endpoint.transport().as_str();
    let security = listen.security.name();
    match &listen.security {
        Security::SecMac(..) | Security::SourceList(_) | Security::Tls(..) => {
            info!(transport, %address, security, "listening");
        }
        Security::DangerInsecure(_) => warn!(
            transport,
            %address,
            security,
            "listening without transport security, which a transport must have [Sessionless §5.3]"
        ),
    }
}

#[cfg(any(feature = "mqtt", feature = "poll"))]
fn announce_server(server: &Server, transport: Transport) {
    let (transport, url, security) = (transport.as_str(), &server.url, server.security());
    match server.tls {
        Some(_) => info!(transport, url, security, "fetching"),
        None => warn!(
            transport,
            url,
            security,
            "fetching without transport security, which a transport must have [Sessionless §5.3]"
        ),
    }
}

#[cfg(feature = "sip")]
fn announce_sip(sip: &Sip) {
    let (transport, url, security) = (Transport::Sip.as_str(), &sip.server.url, sip.security());
    let (aor, senders) = (&sip.aor, &sip.senders);
    match security {
        "none" => warn!(
            transport,
            url,
            security,
            aor,
            "registering without transport security, which a transport must have [Sessionless §5.3]"
        ),
        _ => info!(transport, url, security, aor, ?senders, "registering"),
    }
}

#[cfg(feature = "sms")]
fn announce_sms(sms: &Sms) {
    let (transport, via) = (Transport::Sms.as_str(), sms.via.as_str());
    let security = sms.security.name();
    match &sms.security {
        SmsSecurity::SecMac(..) | SmsSecurity::SourceList(_) => {
            info!(transport, via, security, "waiting for short messages");
        }
        SmsSecurity::DangerInsecure(_) => warn!(
            transport,
            via,
            security,
            "taking short messages of everybody, though a transport must have security \
             [Sessionless §5.3]"
        ),
    }
}

fn announce_spool(spool: &Spool) {
    let (transport, folder) = (Transport::Spool.as_str(), spool.folder.display());
    match &spool.security {
        SpoolSecurity::Owner(owners) => {
            info!(transport, %folder, security = "owner", ?owners, "taking files");
        }
        SpoolSecurity::DangerInsecure => warn!(
            transport,
            %folder,
            security = "none",
            "taking files of everybody, though a transport must have security [Sessionless §5.3]"
        ),
    }
}

/// What was not built must not be configured.
fn all_built(config: &Config) -> Result<(), StartError> {
    let sections = [
        (cfg!(feature = "mqtt"), config.mqtt.is_empty(), "[[mqtt]]"),
        (cfg!(feature = "poll"), config.poll.is_empty(), "[[poll]]"),
        (cfg!(feature = "sip"), config.sip.is_empty(), "[[sip]]"),
        (cfg!(feature = "sms"), config.sms.is_empty(), "[[sms]]"),
        (cfg!(feature = "spool"), config.spool.is_empty(), "[[spool]]"),
    ];
    match sections.into_iter().find(|(is_built, is_empty, _)| !is_built && !is_empty) {
        Some((.., section)) => Err(StartError::NotBuilt { section }),
        None => Ok(()),
    }
}

/// For open connections to end.
const GRACE: Duration = Duration::from_secs(5);
