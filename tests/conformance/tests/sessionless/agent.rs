//! A running agent on ports of its own, with a state folder made by bootstrap.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::Duration;

use conformance::{DEVICE_ID, alpha};
use dm_agent::Config;
use dm_agent::bootstrap::Bootstrap;
use dm_agent::run::{Agent, AgentClient, open};
use dm_mo::{DevInfo, DmAcc};
use dm_push::wsp::Push;
use dm_tnds::{MgmtTree, Node};
use dm_tree::Uri;
use dm_tree::store::Store;
use tempfile::TempDir;

/// An agent with an HTTP listener and a UDP one; alpha may replace `./Speed`.
pub struct Running {
    pub folder: TempDir,
    pub agent: Agent,
}

impl Running {
    pub async fn start() -> Self {
        let folder = TempDir::new().expect("a folder");
        provision(folder.path());
        let agent = Agent::start(&config(folder.path())).await.expect("started");
        Self { folder, agent }
    }

    pub fn http(&self) -> SocketAddr {
        self.agent.local_addrs()[0]
    }

    pub fn udp(&self) -> SocketAddr {
        self.agent.local_addrs()[1]
    }

    /// Stops it and opens what it left on the disk.
    pub async fn stop(self) -> Left {
        // Datagrams that have arrived wait in their socket: let the receivers take them first.
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(20)).await;
            tokio::task::yield_now().await;
        }
        self.agent.stop().await.expect("the disk works");
        let client = open(&config(self.folder.path())).expect("a good state");
        Left { client, _folder: self.folder }
    }
}

/// What a stopped agent left behind.
pub struct Left {
    client: AgentClient,
    _folder: TempDir,
}

impl Left {
    pub fn speed(&self) -> String {
        let uri = Uri::parse("./Speed").expect("a URI");
        let node = self.client.tree().get(&uri).expect("bootstrap made it");
        node.as_text().expect("text").to_owned()
    }

    pub fn entries(&self) -> usize {
        self.client.store().journal().expect("readable").len()
    }
}

fn provision(folder: &Path) {
    let dev_info = DevInfo {
        dev_id: DEVICE_ID.to_owned(),
        man: "Maker".to_owned(),
        r#mod: "Model".to_owned(),
        dm_v: "1.3".to_owned(),
        lang: "en".to_owned(),
    };
    let mut bootstrap = Bootstrap::open(&folder.join("state"), &dev_info).expect("a new state");
    let account = DmAcc::object("Alpha", alpha().id, &[alpha().pin()]);
    bootstrap.add_account(alpha().id, account).expect("the first account");
    let mut speed = Node::leaf("Speed", "1");
    speed.rt_properties.get_or_insert_default().acl = Some("Replace=dm.alpha.example".into());
    bootstrap.add(&MgmtTree::new(vec![speed])).expect("a leaf");
    bootstrap.commit().expect("the disk works");
}

fn config(folder: &Path) -> Config {
    let listen = |transport| {
        format!(
            "[[listen]]\ntransport = \"{transport}\"\naddress = \"127.0.0.1:0\"\n\
             security = \"source-list\"\nfrom = [\"127.0.0.1\"]\n"
        )
    };
    let state = folder.join("state");
    let text = format!(
        "device_id = {DEVICE_ID:?}\nstate = {state:?}\n{}{}",
        listen("http"),
        listen("udp")
    );
    Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("a good configuration")
}

/// Pushes over HTTP; all octets that come back.
pub async fn push_http(to: SocketAddr, body: Vec<u8>) -> Vec<u8> {
    let pushed = tokio::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(to).expect("connected");
        let head = format!(
            "POST /push HTTP/1.1\r\nhost: device\r\n\
             content-type: application/vnd.syncml.dm+wbxml\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(&[head.as_bytes(), &body].concat()).expect("written");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).expect("an orderly end");
        answer
    });
    pushed.await.expect("no panic")
}

/// Pushes over UDP; whether anything came back.
pub async fn push_udp(to: SocketAddr, body: Vec<u8>) -> bool {
    let pushed = tokio::task::spawn_blocking(move || {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        socket.connect(to).expect("loopback");
        socket.send(&Push::dm(1, &body).write()).expect("sent");
        socket.set_read_timeout(Some(Duration::from_millis(200))).expect("a time");
        socket.recv(&mut [0; 64]).is_ok()
    });
    pushed.await.expect("no panic")
}
