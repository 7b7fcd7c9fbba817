//! The speed of routes: messages a second, by the clock on the wall, with the peer on the same machine.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dm_lab::{Behaviour, Receipts, SmsCentre};
use dm_transport::{
    Host, MemoryLedger, Outgoing, PushId, Route, Secret, SmppConfig, SmppRoute, Teller,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;

/// What is asked of one connection to an SMS centre: submit_sm a second.
const ASKED: f64 = 20_000.0;

/// Messages that are under way at once.
const UNDER_WAY: usize = 400;

/// One way to send.
struct Row {
    name: &'static str,
    /// Octets of each message, and the segments that they make.
    octets: usize,
    segments: u32,
    receipts: bool,
}

const ROWS: [Row; 3] = [
    Row { name: "smpp submit, 1 segment", octets: 120, segments: 1, receipts: false },
    Row { name: "smpp submit, 8 segments", octets: 1_000, segments: 8, receipts: false },
    Row { name: "smpp submit, 8 segments, receipts", octets: 1_000, segments: 8, receipts: true },
];

/// Measures each route whose name is wanted, and prints a line.
pub fn run(wanted: impl Fn(&str) -> bool, json: bool, runs: u32, time: Duration) {
    for row in ROWS.iter().filter(|row| wanted(row.name)) {
        let mut rates: Vec<_> = (0..runs).map(|_| row.segments_per_second(time)).collect();
        rates.sort_by(f64::total_cmp);
        let (lowest, median) = (rates[0], rates[rates.len() / 2]);
        let messages = median / f64::from(row.segments);
        if json {
            let line = serde_json::json!({
                "name": row.name, "segments_per_second": median.round(),
                "messages_per_second": messages.round(), "lowest": lowest.round(),
                "asked": ASKED, "runs": runs,
            });
            println!("{line}");
        } else {
            println!(
                "{:<34} {median:>12.0} segments/s {messages:>10.0} messages/s   lowest {lowest:.0}, \
                 asked {ASKED:.0}",
                row.name
            );
        }
    }
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

/// An SMS centre in a thread of its own, until the sender is dropped.
fn centre(behaviour: Behaviour) -> (SocketAddr, std::sync::mpsc::Sender<()>) {
    let (tell, told) = std::sync::mpsc::channel();
    let (alive, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        runtime().block_on(async {
            let centre = SmsCentre::start(behaviour).await.expect("a port");
            tell.send(centre.address()).expect("somebody asks");
            while ended.try_recv() != Err(std::sync::mpsc::TryRecvError::Disconnected) {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
    });
    (told.recv().expect("it starts"), alive)
}

impl Row {
    fn segments_per_second(&self, time: Duration) -> f64 {
        let receipts = if self.receipts { Receipts::AsDelivered } else { Receipts::OnDemand };
        let (address, _alive) = centre(Behaviour { receipts, ..Behaviour::default() });
        let folder = tempfile::tempdir().expect("a folder");
        let password = folder.path().join("password");
        std::fs::write(&password, "secret\n").expect("the password");
        let place = Host::parse(&address.to_string(), 2775).expect("an address");
        let config = SmppConfig {
            password: Some(Secret::File(password)),
            source: "12345".to_owned(),
            window: 500,
            receipts: self.receipts,
            ..SmppConfig::new(place, "mgram")
        };
        runtime().block_on(async {
            let (tell, mut told) = mpsc::channel(1_000);
            let ledger = Arc::new(MemoryLedger::new(1_000_000));
            let route = SmppRoute::new(&config, Teller::new("bench", tell), ledger);
            let route = Arc::new(route.expect("a route"));
            let listening = tokio::spawn(async move {
                while let Some(told) = told.recv().await {
                    told.done.confirm();
                }
            });
            let sent = Arc::new(AtomicU64::new(0));
            let octets: Arc<[u8]> = vec![7; self.octets].into();
            let start = Instant::now();
            let senders = (0..UNDER_WAY).map(|sender| {
                let (route, sent, octets) = (route.clone(), sent.clone(), octets.clone());
                let to = format!("tel:+3584{sender:08}").parse().expect("a number");
                let id = PushId::new("bench").expect("an id");
                let deadline = tokio::time::Instant::now() + Duration::from_secs(3_600);
                let outgoing = Outgoing { id, octets, to, deadline, valid_until: None };
                tokio::spawn(async move {
                    while start.elapsed() < time {
                        route.send(&outgoing).await.expect("taken");
                        sent.fetch_add(1, Ordering::Relaxed);
                    }
                })
            });
            for sender in senders.collect::<Vec<_>>() {
                sender.await.expect("it ends");
            }
            let seconds = start.elapsed().as_secs_f64();
            let segments = sent.load(Ordering::Relaxed) * u64::from(self.segments);
            route.close(tokio::time::Instant::now() + Duration::from_secs(1)).await;
            listening.abort();
            f64::from(u32::try_from(segments).expect("not so many")) / seconds
        })
    }
}
