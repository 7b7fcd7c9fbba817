//! Messages from a broker, to the octet.

use std::time::Duration;

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers, Refusal, Transport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use crate::rig::SOON;

const CONNACK: &[u8] = b"\x20\x03\x00\x00\x00";
const SUBACK: &[u8] = b"\x90\x04\x00\x01\x00\x01";
const PUBACK_7: &[u8] = b"\x40\x02\x00\x07";

/// A broker whose packets the test gives, and an agent that goes to it.
struct Broker {
    listener: TcpListener,
    receivers: Receivers,
    deliveries: mpsc::Receiver<Delivery>,
}

impl Broker {
    async fn start(limits: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("as the test has it");
        let text = format!(
            "device_id = \"d\"\nstate = \"s\"\n[limits]\n{limits}\n[[mqtt]]\nurl = \"mqtt://{}\"\n\
             security = \"none\"\ndanger_insecure = true\nclient_id = \"me\"\ntopics = [\"t\"]\n",
            listener.local_addr().expect("as the test has it")
        );
        let config =
            Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("as the test has it");
        let (queue, deliveries) = mpsc::channel(4);
        let receivers = Receivers::start(&config, queue).await.expect("as the test has it");
        Self { listener, receivers, deliveries }
    }

    /// The next connection; its CONNECT is read and answered with this.
    async fn connection(&self, connack: &[u8]) -> TcpStream {
        let next = tokio::time::timeout(SOON, self.listener.accept()).await;
        let mut stream = next.expect("in time").expect("as the test has it").0;
        let connect = packet(&mut stream).await;
        assert_eq!(connect[..9], *b"\x10\x1C\x00\x04MQTT\x05", "{connect:02X?}");
        assert_eq!(connect[9], 0, "the session goes on: no clean start");
        assert!(connect.ends_with(b"\x00\x02me"));
        stream.write_all(connack).await.expect("as the test has it");
        stream
    }

    async fn subscribed(&self) -> TcpStream {
        let mut stream = self.connection(CONNACK).await;
        assert_eq!(packet(&mut stream).await, b"\x82\x07\x00\x01\x00\x00\x01t\x11");
        stream.write_all(SUBACK).await.expect("as the test has it");
        stream
    }
}

async fn packet(stream: &mut TcpStream) -> Vec<u8> {
    let read = async {
        let mut packet = vec![0; 2];
        stream.read_exact(&mut packet).await.expect("a packet");
        let length = usize::from(packet[1]);
        packet.resize(2 + length, 0);
        stream.read_exact(&mut packet[2..]).await.expect("the rest of it");
        packet
    };
    tokio::time::timeout(SOON, read).await.expect("in time")
}

fn publish(payload: &[u8]) -> Vec<u8> {
    let length = u8::try_from(6 + payload.len()).expect("as the test has it");
    [&[0x32, length, 0, 1, b't', 0, 7, 0], payload].concat()
}

#[tokio::test]
async fn a_message_is_acknowledged_once_it_is_kept_and_comes_again_if_it_is_not() {
    let mut broker = Broker::start("").await;
    let mut stream = broker.subscribed().await;
    stream.write_all(&publish(b"kept")).await.expect("as the test has it");
    let mut delivery = broker.deliveries.recv().await.expect("as the test has it");
    assert_eq!((&delivery.octets[..], delivery.transport), (&b"kept"[..], Transport::Mqtt));
    let early = tokio::time::timeout(Duration::from_millis(100), stream.read_u8()).await;
    assert!(early.is_err(), "it is not kept yet");
    delivery.acknowledge();
    assert_eq!(packet(&mut stream).await, PUBACK_7);

    stream.write_all(&publish(b"lost")).await.expect("as the test has it");
    drop(broker.deliveries.recv().await.expect("as the test has it"));
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0, "no PUBACK");
    let mut stream = broker.subscribed().await;
    stream.write_all(&publish(b"lost")).await.expect("as the test has it");
    broker.deliveries.recv().await.expect("as the test has it").acknowledge();
    assert_eq!(packet(&mut stream).await, PUBACK_7);
}

#[tokio::test]
async fn what_can_be_no_message_is_acknowledged_in_the_same_words() {
    let broker = Broker::start("message = \"8 B\"").await;
    let mut stream = broker.subscribed().await;
    for payload in [&b""[..], &[2; 9]] {
        stream.write_all(&publish(payload)).await.expect("as the test has it");
        assert_eq!(packet(&mut stream).await, PUBACK_7);
    }
    let tally = broker.receivers.tally();
    assert_eq!((tally.refused(Refusal::Empty), tally.refused(Refusal::TooLarge)), (1, 1));
}

#[tokio::test]
async fn a_broker_that_refuses_or_sends_nonsense_is_tried_again_later() {
    let broker = Broker::start("").await;
    let begun = std::time::Instant::now();
    let mut refused = broker.connection(b"\x20\x03\x00\x87\x00").await;
    assert_eq!(refused.read(&mut [0; 8]).await.unwrap_or(0), 0, "no SUBSCRIBE");
    let mut stream = broker.subscribed().await;
    assert!(begun.elapsed() >= Duration::from_millis(500), "{:?}", begun.elapsed());
    stream.write_all(b"\x32\xFF\xFF\xFF\x7F").await.expect("as the test has it");
    assert_eq!(stream.read(&mut [0; 8]).await.unwrap_or(0), 0, "it hangs up");
    broker.subscribed().await;
    assert!(begun.elapsed() >= Duration::from_millis(1500), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn the_broker_hears_from_us_in_its_time_however_much_it_sends() {
    let broker = Broker::start("").await;
    // The broker wants to hear something each second.
    let mut stream = broker.connection(b"\x20\x06\x00\x00\x03\x13\x00\x01").await;
    packet(&mut stream).await;
    stream.write_all(SUBACK).await.expect("as the test has it");
    let (mut reader, mut writer) = stream.into_split();
    let flood = tokio::spawn(async move {
        loop {
            // At QoS 0, which is not acknowledged.
            writer.write_all(b"\x30\x05\x00\x01t\x00x").await.expect("as the test has it");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut heard = [0; 2];
    for _ in 0..2 {
        let read = tokio::time::timeout(Duration::from_millis(1500), reader.read_exact(&mut heard));
        read.await.expect("in its time").expect("an open connection");
        assert_eq!(heard, *b"\xC0\x00");
    }
    flood.abort();
}
