//! What tests of routes need: messages, a ledger in memory, a gateway that answers as it is told.

use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dm_push::pap::{Code, Document, PushResponse, Verdict};
use dm_transport::{Ledger, Outgoing, PushId, Sent};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
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

/// What a request was.
pub struct Asked {
    pub head: String,
    pub body: Vec<u8>,
}

impl Asked {
    pub fn field(&self, wanted: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then_some(value.trim())
        })
    }
}

/// A gateway of our own: it answers each request with the next of these, status line and all, and tells what was
/// asked. An answer that is empty closes the connection instead.
pub async fn gateway(answers: Vec<String>) -> (String, mpsc::UnboundedReceiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/pap", listener.local_addr().expect("an address"));
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut octets = Vec::new();
            let (head, length) = loop {
                let mut part = [0; 4_096];
                let read = stream.read(&mut part).await.expect("a request");
                octets.extend_from_slice(&part[..read]);
                let text = String::from_utf8_lossy(&octets).into_owned();
                let Some((head, _)) = text.split_once("\r\n\r\n") else { continue };
                let length = head.lines().find_map(|line| {
                    line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok()
                });
                let length: usize = length.expect("a length");
                if octets.len() >= head.len() + 4 + length {
                    break (head.to_owned(), length);
                }
            };
            let body = octets[octets.len() - length..].to_vec();
            let _ = tell.send(Asked { head, body });
            stream.write_all(answer.as_bytes()).await.expect("answered");
        }
        std::future::pending::<()>().await;
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

pub fn response(push_id: &str, code: u16) -> String {
    let result = Verdict { code: Code::new(code).expect("a code"), text: "so be it".into() };
    let response = PushResponse { push_id: push_id.into(), result };
    http("202 Accepted", &Document::PushResponse(response).write().expect("written"))
}
