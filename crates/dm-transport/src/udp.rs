//! UDP: a connectionless WSP push in one datagram. [WSP §8.2.4.1]

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicU8, Ordering};

use dm_crypto::{Sec, Secrets};
use dm_push::Receipt;
use dm_push::wsp::Form;
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
/// That nothing listens on a port of this machine it does not learn unless it is [alone](Self::alone): that
/// needs a socket of its own for each push.
pub struct UdpRoute {
    teller: Teller,
    wrapping: Wrapping,
    is_alone: bool,
    largest: usize,
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
            is_alone: false,
            largest: MAX_DATAGRAM,
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
                _ if self.is_alone => send_alone(datagram, *address).await,
                Ok(socket) => socket.send_to(datagram, address).await.map(|_| ()),
                Err(error) => Err(error),
            };
            match sent {
                Ok(()) => return Ok(()),
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

    /// The same, with a socket of its own for each push.
    #[must_use]
    pub const fn alone(mut self) -> Self {
        self.is_alone = true;
        self
    }

    /// The same, on a way that brings no datagram above so many octets.
    #[must_use]
    pub fn up_to(mut self, octets: usize) -> Self {
        self.largest = octets.min(MAX_DATAGRAM);
        self
    }

    /// The datagram of a message; of a push, which is one already, itself.
    fn wrapped(&self, octets: &[u8], to: &Address) -> Result<Vec<u8>, SendError> {
        if !matches!(to, Address::Udp(_)) {
            return Err(SendError::Address { to: to.clone(), transport: "UDP" });
        }
        match self.wrapping.push(octets, next_id()) {
            None => Err(SendError::Unproven { to: to.clone() }),
            Some(datagram) if datagram.len() > self.largest => {
                let (octets, limit) = (datagram.len(), self.largest);
                Err(SendError::TooLarge { to: to.clone(), octets, limit })
            }
            Some(datagram) => Ok(datagram.into_owned()),
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
            let failed = |source: io::Error| match source.kind() {
                io::ErrorKind::ConnectionRefused => SendError::Refused { to: outgoing.to.clone() },
                _ => SendError::Network { to: outgoing.to.clone(), source },
            };
            self.hand_over(&datagram, &resolved).await.map_err(failed)?;
            let receipt = Receipt::datagram(datagram.len());
            self.teller.tell(&outgoing.id, receipt, &[]).await;
            Ok(())
        })
    }
}

fn next_id() -> u8 {
    TRANSACTION_ID.fetch_add(1, Ordering::Relaxed)
}

/// From a socket of its own.
async fn send_alone(datagram: &[u8], address: SocketAddr) -> io::Result<()> {
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

    fn wrapped(octets: &[u8]) -> Result<Vec<u8>, SendError> {
        let to = "udp://192.0.2.7".parse().unwrap();
        UdpRoute::new(Teller::new("udp", tokio::sync::mpsc::channel(1).0)).wrapped(octets, &to)
    }

    #[test]
    fn the_largest_message_fits_exactly() {
        let largest = vec![0; MAX_DATAGRAM - 6];
        assert_eq!(wrapped(&largest).unwrap().len(), MAX_DATAGRAM);

        let error = wrapped(&vec![0; MAX_DATAGRAM - 5]).unwrap_err();
        assert!(matches!(error, SendError::TooLarge { octets: 65_508, limit: 65_507, .. }));
    }

    #[test]
    fn what_is_too_large_for_the_way_is_refused_before_it_is_sent() {
        let to = "udp://192.0.2.7".parse().unwrap();
        let teller = Teller::new("udp", tokio::sync::mpsc::channel(1).0);
        let route = UdpRoute::new(teller).up_to(1_400);
        assert!(route.wrapped(&[0; 1_394], &to).is_ok());
        let error = route.wrapped(&[0; 1_395], &to).unwrap_err();
        assert!(matches!(error, SendError::TooLarge { octets: 1_401, limit: 1_400, .. }));
    }

    #[test]
    fn transaction_ids_differ() {
        assert_ne!(wrapped(b"a").unwrap()[0], wrapped(b"a").unwrap()[0]);
    }
}
