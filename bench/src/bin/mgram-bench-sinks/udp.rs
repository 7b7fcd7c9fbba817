//! Pushes in datagrams, to a socket that counts them.

use std::io;
use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use dm_transport::{Teller, UdpRoute};
use tokio::sync::mpsc;

use crate::Pair;

pub fn start() -> io::Result<Pair> {
    let sink = UdpSocket::bind("127.0.0.1:0")?;
    let to = format!("udp://{}", sink.local_addr()?);
    let count = Arc::new(AtomicU64::new(0));
    let counted = count.clone();
    std::thread::spawn(move || {
        let mut datagram = [0; 65_536];
        while sink.recv(&mut datagram).is_ok() {
            counted.fetch_add(1, Ordering::Relaxed);
        }
    });
    let (tell, told) = mpsc::channel(1_024);
    let route = Arc::new(UdpRoute::new(Teller::new("bench", tell)));
    Ok(Pair { route, told, to, taken: Box::new(move || count.load(Ordering::Relaxed)) })
}
