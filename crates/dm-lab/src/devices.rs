//! Where devices are: what reaches them goes there by UDP.

use std::collections::HashMap;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, MutexGuard};

use tokio::net::UdpSocket;

use crate::lock::lock;

/// The addresses of devices, by their names.
#[derive(Debug)]
pub(crate) struct Devices {
    places: Mutex<Places>,
    ipv4: UdpSocket,
    /// None on a machine that has no IPv6.
    ipv6: Option<UdpSocket>,
}

#[derive(Debug, Default)]
struct Places {
    by_name: HashMap<String, SocketAddr>,
    of_others: Option<SocketAddr>,
}

impl Devices {
    pub(crate) async fn new() -> io::Result<Self> {
        let ipv4 = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        let ipv6 = UdpSocket::bind((Ipv6Addr::UNSPECIFIED, 0)).await.ok();
        Ok(Self { places: Mutex::default(), ipv4, ipv6 })
    }

    pub(crate) fn put(&self, name: &str, at: SocketAddr) {
        self.places().by_name.insert(name.to_owned(), at);
    }

    /// Where all are that were not put anywhere.
    pub(crate) fn put_others(&self, at: SocketAddr) {
        self.places().of_others = Some(at);
    }

    pub(crate) fn find(&self, name: &str) -> Option<SocketAddr> {
        let places = self.places();
        places.by_name.get(name).copied().or(places.of_others)
    }

    /// Sends a datagram. A device may be away: nobody hears of that.
    pub(crate) async fn send(&self, octets: &[u8], at: SocketAddr) {
        let socket = if at.is_ipv4() { Some(&self.ipv4) } else { self.ipv6.as_ref() };
        if let Some(socket) = socket {
            let _ = socket.send_to(octets, at).await; // as said
        }
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        lock(&self.places)
    }
}
