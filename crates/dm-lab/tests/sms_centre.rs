//! The simulated SMS centre, as one who binds to it sees it.

use std::collections::BTreeSet;
use std::time::Duration;

use dm_lab::{Behaviour, Receipts, SmsCentre};
use dm_push::smpp::{
    Bind, BindMode, Body, DeliveryReceipt, Framer, MAX_PDU, Message, Party, Pdu, Status, Version,
    tag,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// One who binds, and asks one thing after the other.
struct Esme {
    stream: TcpStream,
    framer: Framer,
    sequence: u32,
}

impl Esme {
    async fn connect(centre: &SmsCentre) -> Self {
        let stream = TcpStream::connect(centre.address()).await.expect("a connection");
        Self { stream, framer: Framer::new(MAX_PDU), sequence: 0 }
    }

    async fn bound(centre: &SmsCentre) -> Self {
        let mut esme = Self::connect(centre).await;
        let (status, _) = esme.bind(b"secret").await.expect("an answer");
        assert_eq!(status, Status::OK);
        esme
    }

    async fn write(&mut self, pdu: Pdu<'_>) {
        let mut octets = Vec::new();
        pdu.write(&mut octets).expect("a PDU");
        self.stream.write_all(&octets).await.expect("written");
    }

    /// The next PDU; none at the end of the connection.
    async fn read(&mut self) -> Option<Vec<u8>> {
        loop {
            if let Some(pdu) = self.framer.next().expect("PDUs") {
                return Some(pdu.to_vec());
            }
            let mut buffer = [0; 4_096];
            let read = timeout(Duration::from_secs(10), self.stream.read(&mut buffer)).await;
            match read.expect("something happens") {
                Ok(0) | Err(_) => return None,
                Ok(octets) => self.framer.extend(&buffer[..octets]),
            }
        }
    }

    async fn ask(&mut self, body: Body<'_>) -> Option<(Status, Vec<u8>)> {
        self.sequence += 1;
        self.write(Pdu::ok(self.sequence, body)).await;
        let octets = self.read().await?;
        let pdu = Pdu::read(&octets).expect("a PDU");
        assert_eq!(pdu.sequence, self.sequence);
        Some((pdu.status, octets))
    }

    async fn bind(&mut self, password: &[u8]) -> Option<(Status, Vec<u8>)> {
        let bind = Bind {
            mode: BindMode::Transceiver,
            system_id: b"mgram",
            password,
            system_type: b"",
            version: Version::V5_0,
            ton: 0,
            npi: 0,
            address_range: b"",
        };
        self.ask(Body::Bind(bind)).await
    }

    async fn submit(&mut self, number: u32, registered_delivery: u8) -> Status {
        let (text, to) = (number.to_be_bytes(), format!("3584000{number:05}"));
        let destination = Party { ton: 1, npi: 1, address: to.as_bytes() };
        let source = Party { ton: 0, npi: 0, address: b"12345" };
        let message = Message { registered_delivery, ..Message::default() };
        let message = Message { source, destination, short_message: &text, ..message };
        self.ask(Body::SubmitSm(message)).await.expect("an answer").0
    }
}

#[tokio::test]
async fn only_who_knows_the_password_is_let_in() {
    let centre = SmsCentre::start(Behaviour::default()).await.unwrap();
    let mut esme = Esme::connect(&centre).await;
    assert_eq!(esme.submit(1, 0).await, Status::INVALID_BIND_STATE);
    assert_eq!(esme.bind(b"wrong").await.unwrap().0, Status::INVALID_PASSWORD);
    assert_eq!(esme.read().await, None, "and is shown the door");
    let mut esme = Esme::bound(&centre).await;
    assert_eq!(esme.bind(b"secret").await.unwrap().0.to_string(), "ESME_RALYBND (0x00000005)");
    let counts = centre.counts();
    assert_eq!((counts.bound, counts.binds_refused, counts.taken), (1, 2, 0));
}

#[tokio::test]
async fn the_version_and_how_busy_it_is_are_told() {
    let behaviour =
        Behaviour { version: Version::V5_0, congestion: Some(77), ..Behaviour::default() };
    let centre = SmsCentre::start(behaviour).await.unwrap();
    let mut esme = Esme::connect(&centre).await;
    let (_, octets) = esme.bind(b"secret").await.unwrap();
    let Body::BindResp(answer) = Pdu::read(&octets).unwrap().body else { panic!("no answer") };
    assert_eq!(answer.version(), Version::V5_0);
    let (_, octets) = esme.ask(Body::SubmitSm(Message::default())).await.unwrap();
    let Body::SubmitSmResp { tlvs, .. } = Pdu::read(&octets).unwrap().body else { panic!() };
    assert_eq!(tlvs.octet(tag::CONGESTION_STATE), Some(77));
}

/// The segments that devices get of 200, in their order.
async fn delivered(behaviour: Behaviour) -> Vec<Vec<u8>> {
    let (centre, mut segments) = SmsCentre::with_segments(behaviour).await.expect("a centre");
    let mut esme = Esme::bound(&centre).await;
    for number in 0..200 {
        assert_eq!(esme.submit(number, 0).await, Status::OK);
    }
    let mut delivered = Vec::new();
    while let Ok(Some(segment)) = timeout(Duration::from_millis(300), segments.recv()).await {
        delivered.push(segment.user_data);
    }
    delivered
}

#[tokio::test]
async fn the_seed_decides_what_gets_lost_and_what_comes_twice() {
    let with = |seed| Behaviour { seed, lose: 100, duplicate: 100, ..Behaviour::default() };
    let first = delivered(with(1)).await;
    assert_eq!(first, delivered(with(1)).await);
    assert_ne!(first, delivered(with(2)).await);
    let distinct: BTreeSet<_> = first.iter().collect();
    assert!((160..200).contains(&distinct.len()) && first.len() > distinct.len());
}

#[tokio::test]
async fn where_delays_differ_segments_overtake_each_other() {
    let delay = Duration::ZERO..Duration::from_millis(50);
    let shuffled = delivered(Behaviour { delay, ..Behaviour::default() }).await;
    assert_eq!(shuffled.len(), 200);
    assert!(!shuffled.is_sorted());
    assert!(delivered(Behaviour::default()).await.is_sorted());
}

#[tokio::test]
async fn above_its_rate_and_without_room_it_refuses() {
    let centre = SmsCentre::start(Behaviour { per_second: Some(3), ..Behaviour::default() });
    let centre = centre.await.unwrap();
    let mut esme = Esme::bound(&centre).await;
    let mut throttled = 0;
    for number in 0..9 {
        throttled += u32::from(esme.submit(number, 0).await == Status::THROTTLED);
    }
    assert!(throttled >= 3, "{throttled}: of nine in at most two seconds");

    let centre = SmsCentre::start(Behaviour { room: 2, ..Behaviour::default() }).await.unwrap();
    centre.sleep("358400000001").await;
    let mut esme = Esme::bound(&centre).await;
    for status in [Status::OK, Status::OK, Status::QUEUE_FULL] {
        assert_eq!(esme.submit(1, 0).await, status);
    }
}

#[tokio::test]
async fn a_receipt_that_nobody_acknowledged_comes_again_to_who_binds_next() {
    let behaviour = Behaviour { receipts: Receipts::OnDemand, ..Behaviour::default() };
    let centre = SmsCentre::start(behaviour).await.unwrap();
    let mut esme = Esme::bound(&centre).await;
    assert_eq!(esme.submit(1, 1).await, Status::OK);
    centre.receipt("1", 2);
    let first = esme.read().await.expect("a receipt");
    drop(esme);
    let mut esme = Esme::bound(&centre).await;
    let second = esme.read().await.expect("the same again");
    assert_eq!(first[16..], second[16..]);
    let Body::DeliverSm(message) = Pdu::read(&second).unwrap().body else { panic!("no message") };
    let receipt = DeliveryReceipt::read(&message).expect("a receipt");
    assert_eq!(
        (receipt.id, receipt.id_in_text, receipt.state),
        (Some(&b"1"[..]), Some(&b"1"[..]), 2)
    );
    let (_, _, sequence) = Pdu::head(&second).unwrap();
    esme.write(Pdu::ok(sequence, Body::DeliverSmResp)).await;
    let acknowledged = async {
        while centre.counts().acknowledged == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(10), acknowledged).await.expect("it is counted");
}
