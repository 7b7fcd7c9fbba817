//! UDP: a connectionless WSP push in one datagram. [WSP §8.2.4.1]

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};

use dm_crypto::{Sec, Secrets};
use dm_push::Receipt;
use dm_push::wsp::{Form, Push};
use tokio::net::UdpSocket;
use tokio::sync::OnceCell;

use crate::protect::Wrapping;
use crate::route::{Outgoing, Plan, Route, Sending, Teller};
use crate::send::resolve;
use crate::{Address, SendError};

/// Most octets of a UDP datagram over IPv4: 65,535 less 20 of IP and 8 of UDP. [RFC 768]
pub const MAX_DATAGRAM: usize = 65_507;

/// Connectionless pushes, each in one datagram, from one socket for each version of IP.
///
/// That nothing listens on a port of this machine it does not learn, as [`send`](fn@crate::send) does: that needs
/// a socket of its own for each push.
pub struct UdpRoute {
    teller: Teller,
    wrapping: Wrapping,
    ipv4: OnceCell<UdpSocket>,
    ipv6: OnceCell<UdpSocket>,
}

impl UdpRoute {
    /// A route that tells this.
    #[must_use]
    pub fn new(teller: Teller) -> Self {
        Self {
            teller,
            wrapping: Wrapping::default(),
            ipv4: OnceCell::const_new(),
            ipv6: OnceCell::const_new(),
        }
    }

    /// To the first of the addresses that the network takes it for.
    async fn hand_over(&self, datagram: &[u8], resolved: &[SocketAddr]) -> io::Result<()> {
        let mut last = io::ErrorKind::AddrNotAvailable.into();
        for address in resolved {
            let kept = if address.is_ipv4() { &self.ipv4 } else { &self.ipv6 };
            let sent = match kept.get_or_try_init(|| UdpSocket::bind(any(*address))).await {
                Ok(socket) => socket.send_to(datagram, address).await,
                Err(error) => Err(error),
            };
            match sent {
                Ok(_) => return Ok(()),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// The same, with content type and application id in this form.
    #[must_use]
    pub fn written_as(mut self, form: Form) -> Self {
        self.wrapping = self.wrapping.written_as(form);
        self
    }

    /// The same, whose pushes prove by SEC and MAC that we know these secrets. A push that has SEC or MAC
    /// already goes as it is. What the teller says of its protection is up to whoever made it.
    #[must_use]
    pub fn proving(mut self, sec: Sec, secrets: Secrets) -> Self {
        self.wrapping = self.wrapping.proving(sec, secrets);
        self
    }

    /// The datagram of a message; of a push, which is one already, itself.
    fn wrapped(&self, octets: &[u8], to: &Address) -> Result<Vec<u8>, SendError> {
        if !matches!(to, Address::Udp(_)) {
            return Err(SendError::Address { to: to.clone(), transport: "UDP" });
        }
        match self.wrapping.push(octets, next_id()) {
            Some(datagram) => fitting(datagram.into_owned(), to),
            None => Err(SendError::Unproven { to: to.clone() }),
        }
    }
}

impl Route for UdpRoute {
    fn plan(&self, outgoing: &Outgoing) -> Result<Plan, SendError> {
        Ok(Plan::new(1, self.wrapped(&outgoing.octets, &outgoing.to)?.len()))
    }

    fn is_to_blame(&self, _: &SendError) -> bool {
        false // it goes to the device itself
    }

    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> Sending<'a> {
        Box::pin(async move {
            let datagram = self.wrapped(&outgoing.octets, &outgoing.to)?;
            let Address::Udp(address) = &outgoing.to else {
                return Err(SendError::Address { to: outgoing.to.clone(), transport: "UDP" });
            };
            let resolved = resolve(&outgoing.to, address.host()).await?;
            let network = |source| SendError::Network { to: outgoing.to.clone(), source };
            self.hand_over(&datagram, &resolved).await.map_err(network)?;
            let receipt = Receipt::datagram(datagram.len());
            self.teller.tell(&outgoing.id, receipt, &[]).await;
            Ok(())
        })
    }
}

/// Wraps a message, or says that it does not fit.
pub(crate) fn datagram(message: &[u8], to: &Address) -> Result<Vec<u8>, SendError> {
    fitting(Push::dm(next_id(), message).write(), to)
}

fn next_id() -> u8 {
    TRANSACTION_ID.fetch_add(1, Ordering::Relaxed)
}

/// The datagram, if it is one.
pub(crate) fn fitting(datagram: Vec<u8>, to: &Address) -> Result<Vec<u8>, SendError> {
    match datagram.len() {
        octets if octets > MAX_DATAGRAM => {
            Err(SendError::TooLarge { to: to.clone(), octets, limit: MAX_DATAGRAM })
        }
        _ => Ok(datagram),
    }
}

/// Sends a datagram to the first of the addresses that does not refuse it at once.
pub(crate) async fn send(
    datagram: &[u8],
    to: &Address,
    resolved: &[SocketAddr],
) -> Result<Receipt, SendError> {
    let mut last = io::ErrorKind::AddrNotAvailable.into();
    for address in resolved {
        match send_to(datagram, *address).await {
            Ok(()) => return Ok(Receipt::datagram(datagram.len())),
            Err(error) => last = error,
        }
    }
    let to = to.clone();
    Err(match last.kind() {
        io::ErrorKind::ConnectionRefused => SendError::Refused { to },
        _ => SendError::Network { to, source: last },
    })
}

async fn send_to(datagram: &[u8], address: SocketAddr) -> io::Result<()> {
    let socket = UdpSocket::bind(any(address)).await?;
    socket.connect(address).await?;
    socket.send(datagram).await?;
    // A closed port of this very machine answers at once. Silence proves nothing.
    socket.take_error()?.map_or(Ok(()), Err)
}

/// Whatever address of ours reaches that one.
const fn any(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(_) => SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0),
        SocketAddr::V6(_) => SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 0),
    }
}

/// The TID names a datagram and means nothing else: a count is as good as any.
static TRANSACTION_ID: AtomicU8 = AtomicU8::new(1);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_message_fits_exactly() {
        let to = "udp://192.0.2.7".parse().unwrap();
        let largest = vec![0; MAX_DATAGRAM - 6];
        assert_eq!(datagram(&largest, &to).unwrap().len(), MAX_DATAGRAM);

        let error = datagram(&vec![0; MAX_DATAGRAM - 5], &to).unwrap_err();
        assert!(matches!(error, SendError::TooLarge { octets: 65_508, limit: 65_507, .. }));
    }

    #[test]
    fn transaction_ids_differ() {
        let to = "udp://192.0.2.7".parse().unwrap();
        assert_ne!(datagram(b"a", &to).unwrap()[0], datagram(b"a", &to).unwrap()[0]);
    }
}
