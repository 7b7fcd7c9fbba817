//! Starting and stopping.

use std::net::SocketAddr;
use std::time::Duration;

use dm_agent::Config;
use dm_agent::receive::Receivers;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::mpsc;

use crate::rig::{ACCEPTED, DM, Rig, SOON, answer};

#[tokio::test]
async fn a_port_in_use_is_named_and_nothing_runs() {
    let held = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = UdpSocket::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let listen = |transport, address: SocketAddr| {
        format!(
            "[[listen]]\ntransport = \"{transport}\"\naddress = \"{address}\"\n\
             security = \"none\"\ndanger_insecure = true\n"
        )
    };
    let held_at = held.local_addr().unwrap();
    let text = format!("{}{}", listen("udp", free), listen("http", held_at));
    let text = format!("device_id = \"d\"\nstate = \"s\"\n{text}");
    let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).unwrap();
    let (queue, mut deliveries) = mpsc::channel(1);
    let error = Receivers::start(&config, queue).await.unwrap_err().to_string();
    let named = format!("cannot listen on {held_at} (`address` of [[listen]] number 2): ");
    assert!(error.starts_with(&named), "{error}");
    assert!(error.ends_with("; end the program that holds the port, or choose another"), "{error}");
    assert!(deliveries.recv().await.is_none());
    UdpSocket::bind(free).await.unwrap();
}

#[tokio::test]
async fn stopping_lets_an_open_push_end_and_frees_the_ports() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let (http, udp) = (rig.http(), rig.udp());
    let mut stream = TcpStream::connect(http).await.unwrap();
    let head = format!("POST /push HTTP/1.1\r\nhost: d\r\n{DM}content-length: 5\r\n\r\nhal");
    stream.write_all(head.as_bytes()).await.unwrap();
    let silent = TcpStream::connect(http).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;

    let stopping = tokio::spawn(rig.receivers.stop());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(TcpStream::connect(http).await.is_err());
    stream.write_all(b"lo").await.unwrap();
    let mut delivery = rig.deliveries.recv().await.unwrap();
    delivery.acknowledge();
    assert_eq!(answer(&mut stream).await, ACCEPTED);
    assert_eq!(delivery.octets, b"hallo");
    drop(silent);

    tokio::time::timeout(SOON, stopping).await.unwrap().unwrap();
    assert!(rig.deliveries.recv().await.is_none());
    UdpSocket::bind(udp).await.unwrap();
    TcpListener::bind(http).await.unwrap();
}

#[tokio::test]
async fn dropping_ends_everything_at_once() {
    let mut rig = Rig::start("", "127.0.0.1").await;
    let mut silent = TcpStream::connect(rig.http()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    drop(rig.receivers);
    assert!(rig.deliveries.recv().await.is_none());
    assert_eq!(answer(&mut silent).await, "");
}
