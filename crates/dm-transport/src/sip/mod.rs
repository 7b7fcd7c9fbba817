//! SIP: the message as the body of a `MESSAGE` request. [RFC 3428, OMA SIP Push 1.0 §5]
//!
//! Over UDP where the request has 1,300 octets at most, else over TCP [RFC 3261 §18.1.1], or over TLS. One
//! connection to a next hop is kept, and used by many messages at once: transactions are known by their
//! branches. Names are looked up as addresses alone: no NAPTR, no SRV [RFC 3263 is not followed].
//!
//! | What came back | What it means |
//! | -- | -- |
//! | 200 to 299 | a receipt: rung 2; a 200 where `device` is set, and no proxy can be between: rung 3 |
//! | 401, 407 | answered by digest, with a nonce that is used again; [`SendError::Sip`] where that is wrong |
//! | 404, 410, 430, 480, 486, 500, 502, 503, 600, 603 | [`SendError::Sip`]: again, after `Retry-After` where it stands |
//! | 408, 477, 504 | the same; but the device may have the message: the proxy heard nothing from it in time, or (477, Kamailio's) could not reach all of a user's connections. A 200 that comes later is told |
//! | other statuses, 413 and 415 among them | [`SendError::Sip`]: not this way |
//! | nothing, for 32 s | [`SendError::Timeout`]: it may have arrived; over UDP it was repeated [RFC 3261 §17.1.2] |
//! | the connection broke | [`SendError::Cut`]: it may have arrived; what was not written goes over another one |
//!
//! **200 and 202.** A 202 is the word of one who keeps the message for the device. A 200 should be the device's
//! own [RFC 3428 §7]; but a proxy may give it in its stead, and one that forwards a response leaves no mark on
//! it. So nothing in a response tells the two apart, and only who configures the route knows: `device = true`
//! says that addresses lead to devices themselves.

mod ask;
mod config;
mod line;
mod voice;

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Mutex;

use dm_push::sip::digest::Hash;
use dm_push::wsp::Push;
use tokio::time::Instant;

pub use config::{SipConfig, is_user_name};

use crate::address::{Host, SipTransport};
use crate::chance::chance;
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::setup::SetupError;
use crate::{Address, SendError};
use ask::{Asked, Caller, OwnLogin};
use voice::Voice;

/// Messages by `MESSAGE`, over connections that are kept.
pub struct SipRoute(Caller);

impl SipRoute {
    /// A route with these settings, that tells this; with the hash functions of digest.
    ///
    /// # Errors
    /// [`SetupError`]: settings that contradict one another, or files that are not there or do not fit.
    pub fn new(config: &SipConfig, hash: Hash, teller: Teller) -> Result<Self, SetupError> {
        config.check()?;
        let port = if config.transport == Some(SipTransport::Tls) { 5061 } else { 5060 };
        let proxy = config.proxy.as_deref().map(|text| {
            let url = text.to_owned();
            Host::parse(text, port).map_err(|source| SetupError::Url { url, source })
        });
        let login = match (&config.user, &config.password) {
            (Some(user), Some(password)) => {
                Some(OwnLogin { user: user.clone(), password: password.read()?, hash })
            }
            _ => None,
        };
        Ok(Self(Caller {
            proxy: proxy.transpose()?,
            transport: config.transport,
            tls: config.tls.open()?,
            login,
            from: config.from.clone(),
            accept_contact: config.accept_contact.clone(),
            connect_timeout: config.connect_timeout,
            voice: Voice::new(teller, config.device),
            places: Mutex::new(HashMap::new()),
        }))
    }
}

impl Route for SipRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        Ok(Plan::new(1, self.0.octets(asked(outgoing)?)))
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let asked = asked(outgoing)?;
            let (answer, by) = self.0.ask(asked).await?;
            self.0.voice.tell(asked.id, &answer, by).await;
            Ok(())
        })
    }

    /// A proxy that says other things within the time is there: it is one device then that is away.
    fn is_to_blame(&self, failure: &SendError) -> bool {
        let is_there = match failure {
            SendError::Timeout { after, .. } | SendError::Silent { after, was_sent: true, .. } => {
                self.0.voice.heard_within(*after)
            }
            _ => false,
        };
        failure.is_of_the_way() && !self.0.voice.is_device() && !is_there
    }

    fn close(&self, deadline: Instant) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(self.0.close(deadline))
    }
}

fn asked(outgoing: &Outgoing) -> Result<Asked<'_>, SendError> {
    let Outgoing { id, octets, to, valid_until, .. } = outgoing;
    match to {
        Address::Sip(_) if Push::read(octets).is_ok() => Err(SendError::Wrapped { to: to.clone() }),
        Address::Sip(to) => Ok(Asked { octets, to, id, valid_until: *valid_until }),
        _ => Err(SendError::Address { to: to.clone(), transport: "SIP" }),
    }
}

/// A word that nobody had before.
fn word() -> String {
    format!("{:016x}", chance())
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::net::{TcpListener, UdpSocket};
    use std::time::Duration;

    /// What comes by datagrams, or else by a stream, of a push with a body of so many octets.
    fn heard(octets: usize) -> String {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = tcp.local_addr().unwrap();
        let udp = UdpSocket::bind(at).unwrap();
        let hears = std::thread::spawn(move || {
            let mut request = vec![0; 4_096];
            tcp.set_nonblocking(true).unwrap();
            udp.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
            loop {
                if let Ok(length) = udp.recv(&mut request) {
                    return String::from_utf8_lossy(&request[..length]).into_owned();
                }
                if let Ok((mut stream, _)) = tcp.accept() {
                    stream.set_nonblocking(false).unwrap();
                    let length = stream.read(&mut request).unwrap();
                    return String::from_utf8_lossy(&request[..length]).into_owned();
                }
            }
        });
        let to = format!("sip:d@{at}").parse().unwrap();
        let message = vec![b'm'; octets];
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let sending = crate::send(&message, &to, Duration::from_secs(3));
        assert!(runtime.block_on(sending).is_err(), "nobody answers");
        hears.join().unwrap()
    }

    #[test]
    fn what_is_too_long_for_a_datagram_goes_over_tcp() {
        assert!(heard(200).contains("\r\nVia: SIP/2.0/UDP 127.0.0.1:"), "short");
        assert!(heard(1_000).contains("\r\nVia: SIP/2.0/TCP 127.0.0.1:"), "long");
    }
}
