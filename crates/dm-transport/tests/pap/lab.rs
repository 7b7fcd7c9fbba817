//! What tests of routes need: messages, a ledger in memory, the lab's gateway with answers that are told.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dm_lab::{Bearer, Faults, Gateway, GatewayBehaviour, Posted};
use dm_push::pap::{Code, Document, PushResponse, Verdict};
use dm_transport::{Ledger, Outgoing, PushId, Sent};
use tokio::sync::mpsc;
use tokio::time::Instant;

pub fn outgoing(id: &str, octets: &[u8], to: &str) -> Outgoing {
    Outgoing {
        id: PushId::new(id).expect("an id"),
        octets: Arc::from(octets),
        to: to.parse().expect("an address"),
        deadline: Instant::now() + Duration::from_secs(10),
        valid_until: None,
    }
}

/// A ledger in memory, which can be made to fail.
#[derive(Default)]
pub struct Notes {
    kept: Mutex<HashMap<(String, String), Sent>>,
    pub fails: std::sync::atomic::AtomicBool,
}

impl Notes {
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    fn check(&self) -> io::Result<()> {
        match self.fails.load(std::sync::atomic::Ordering::Relaxed) {
            true => Err(io::ErrorKind::StorageFull.into()),
            false => Ok(()),
        }
    }
}

impl Ledger for Notes {
    fn note(&self, route: &str, called: &str, sent: &Sent) -> io::Result<()> {
        self.check()?;
        self.kept.lock().expect("the notes").insert((route.into(), called.into()), sent.clone());
        Ok(())
    }

    fn find(&self, route: &str, called: &str) -> io::Result<Option<Sent>> {
        self.check()?;
        Ok(self.kept.lock().expect("the notes").get(&(route.into(), called.into())).cloned())
    }
}

/// The next of a channel, which must come soon.
pub async fn next<T>(of: &mut mpsc::Receiver<T>) -> T {
    let next = tokio::time::timeout(Duration::from_secs(10), of.recv());
    next.await.expect("in time").expect("an open channel")
}

/// The lab's gateway: it answers each request with the next of these, status line and all, and tells what was asked.
/// An answer that is empty closes the connection instead.
pub async fn gateway(answers: Vec<String>) -> (String, mpsc::UnboundedReceiver<Posted>) {
    let bearer = Bearer::start(0, Faults::default()).await.expect("a bearer");
    let reply_first = answers.into_iter().map(String::into_bytes).collect();
    let behaviour = GatewayBehaviour { reply_first, ..GatewayBehaviour::default() };
    let (gateway, asked) = Gateway::with_requests(behaviour, &bearer).await.expect("a gateway");
    let url = gateway.url();
    tokio::spawn(async move {
        std::future::pending::<()>().await;
        drop(gateway); // it runs as long as the test does
    });
    (url, asked)
}

/// An answer by HTTP, which ends its connection.
pub fn http(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/xml\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
}

/// The push-id of a sending to the device of the tests.
pub fn push_id(id: &str) -> String {
    let hash = dm_crypto::sha256(b"WAPPUSH=+358401234567/TYPE=PLMN@ppg.example");
    let hash: String = hash.iter().take(8).map(|octet| format!("{octet:02x}")).collect();
    format!("{id}.{hash}")
}

pub fn response(push_id: &str, code: u16) -> String {
    let result = Verdict { code: Code::new(code).expect("a code"), text: "so be it".into() };
    let response = PushResponse { push_id: push_id.into(), result };
    http("202 Accepted", &Document::PushResponse(response).write().expect("written"))
}
