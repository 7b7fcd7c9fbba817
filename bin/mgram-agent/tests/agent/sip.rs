//! Pushes by SIP, through Kamailio, which nobody here wrote: registrar and proxy.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use dm_push::sip::digest::{Algorithm, Challenge, Credentials};
use dm_push::sip::{Framed, Framer, Message, Start};
use tempfile::TempDir;

use super::authority::Authority;
use super::device::Device;
use super::message::sealed;
use super::peer::{Peer, Running, all_here, free_port};
use super::process::{Process, run};

/// Kamailio with a certificate, and what is needed to reach it.
pub struct Registrar {
    // Stopped before its folder goes, where its process id stands.
    running: Option<Running>,
    folder: TempDir,
    pub authority: Authority,
    kamailio: Peer,
    pub ports: [u16; 2],
    more: Vec<(&'static str, &'static str)>,
}

impl Registrar {
    pub fn start(more: &[(&'static str, &'static str)]) -> Option<Self> {
        let kamailio = Peer::own("kamailio", &["kamailio", "kamcmd"])?;
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(folder.path(), "ca");
        let ports = [free_port(), free_port()];
        let more = more.to_vec();
        let mut registrar = Self { folder, authority, kamailio, ports, more, running: None };
        registrar.restart();
        Some(registrar)
    }

    fn restart(&mut self) {
        self.running = None;
        let (certificate, key) = self.authority.issue("127.0.0.1");
        let work = self.folder.path().join("k");
        let [port, tls_port] = self.ports.map(|port| port.to_string());
        let text = |path: &Path| path.to_str().expect("UTF-8").to_owned();
        let (work, certificate, key) = (text(&work), text(&certificate), text(&key));
        let mut variables = vec![
            ("KAMAILIO_WORK", work.as_str()),
            ("KAMAILIO_PORT", &port),
            ("KAMAILIO_TLS_PORT", &tls_port),
            ("KAMAILIO_TLS_CERT", &certificate),
            ("KAMAILIO_TLS_KEY", &key),
            ("KAMAILIO_USERS", "device1:devpass server:srvpass other:otherpass"),
        ];
        variables.extend(&self.more);
        self.running = Some(self.kamailio.start(&variables));
    }

    fn password(&self) -> PathBuf {
        self.folder.path().join("password")
    }

    /// A device that registers over this transport.
    pub fn device(&self, transport: &str, lines: &str) -> Device {
        std::fs::write(self.password(), "devpass\n").expect("written");
        let [port, tls_port] = self.ports;
        let way = match transport {
            "tls" => format!(
                "url = \"sips://127.0.0.1:{tls_port}\"\nsecurity = \"tls\"\nca = {:?}\n",
                self.authority.path()
            ),
            other => format!(
                "url = \"sip://127.0.0.1:{port}\"\nsecurity = \"source-list\"\n\
                 from = [\"127.0.0.1\"]\ntransport = \"{other}\"\n"
            ),
        };
        let device = Device::new();
        device.configure(&format!(
            "[[sip]]\n{way}aor = \"sip:device1@push.example\"\nuser = \"device1\"\n\
             password_file = {:?}\n{lines}\n",
            self.password()
        ));
        device
    }

    /// The status that a server is told for its push, which Kamailio passes on.
    fn push(&self, user: &str, body: &[u8]) -> u16 {
        self.push_as(user, &format!("{user}-{}", body.len()), body)
    }

    /// As [`Self::push`], with a name for the request.
    fn push_as(&self, user: &str, id: &str, body: &[u8]) -> u16 {
        let stream = TcpStream::connect(("127.0.0.1", self.ports[0])).expect("connected");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let mut sender = Sender { user, id, stream, framer: Framer::new(9999) };
        let (status, challenge) = sender.ask(1, "", body);
        if status != 407 {
            return status;
        }
        let password = if user == "server" { "srvpass" } else { "otherpass" };
        let credentials = Credentials {
            method: "MESSAGE",
            uri: "sip:device1@push.example",
            user,
            password,
            count: 1,
            cnonce: "c",
        };
        let authorization = challenge.expect("one").authorization(credentials, hash);
        let field = format!("Proxy-Authorization: {authorization}\r\n");
        sender.ask(2, &field, body).0
    }
}

/// The hash functions of digest.
pub fn hash(algorithm: Algorithm, octets: &[u8]) -> String {
    match algorithm {
        Algorithm::Md5 => hex(&dm_crypto::md5(octets)),
        Algorithm::Sha256 => hex(&dm_crypto::sha256(octets)),
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// A server's connection to the proxy.
struct Sender<'a> {
    user: &'a str,
    id: &'a str,
    stream: TcpStream,
    framer: Framer,
}

impl Sender<'_> {
    /// One request, with this field in it: its status, and the challenge if there is one.
    fn ask(&mut self, number: u8, field: &str, body: &[u8]) -> (u16, Option<Challenge>) {
        let Self { user, id, .. } = self;
        let head = format!(
            "MESSAGE sip:device1@push.example SIP/2.0\r\nVia: SIP/2.0/TCP 127.0.0.1;rport;\
             branch=z9hG4bK{id}{number}\r\nMax-Forwards: 70\r\nFrom: <sip:{user}@push.example>;tag=1\r\n\
             To: <sip:device1@push.example>\r\nCall-ID: {id}\r\nCSeq: {number} MESSAGE\r\n{field}\
             Content-Type: application/vnd.syncml.dm+wbxml\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body].concat()).expect("written");
        loop {
            while let Some(framed) = self.framer.next().expect("SIP") {
                let Framed::Whole(octets) = framed else { panic!("a large response") };
                let message = Message::read(&octets).expect("SIP");
                match message.start {
                    Start::Response { status: 100..=199, .. } => {}
                    Start::Response { status, .. } => {
                        let values = message.fields("Proxy-Authenticate");
                        return (status, Challenge::strongest(values));
                    }
                    other => panic!("{other:?}"),
                }
            }
            let mut octets = [0; 4096];
            let length = self.stream.read(&mut octets).expect("an answer");
            assert!(length > 0, "it hung up");
            self.framer.extend(&octets[..length]);
        }
    }
}

pub fn registered(device: &Device) -> Process {
    let mut agent = device.start();
    agent.wait_for(" registered url=", 1);
    agent
}

fn pushes_arrive_over(transport: &str) {
    let Some(registrar) = Registrar::start(&[]) else { return };
    let device = registrar.device(transport, "senders = [\"sip:server@push.example\"]");
    let mut agent = registered(&device);
    assert_eq!(registrar.push("server", &sealed(1)), 200);
    agent.wait_for(" accepted from=sip", 1);
    assert_eq!(registrar.push("server", b"\x02garbage"), 200, "nothing is told of what it was");
    agent.wait_for(" refused from=sip", 1);
    assert_eq!(registrar.push("other", &sealed(2)), 403);
    assert_eq!(registrar.push_as("server", "again", &sealed(3)), 200);
    agent.wait_for(" accepted from=sip", 2);
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!(registrar.push("server", &sealed(4)), 404, "it took its registration back");
    let kept = device.kept();
    assert_eq!((kept.left.as_str(), kept.accepted, kept.refused), ("3", 2, 1));
}

#[test]
fn pushes_through_kamailio_arrive_over_udp() {
    pushes_arrive_over("udp");
}

#[test]
fn pushes_through_kamailio_arrive_over_tcp() {
    pushes_arrive_over("tcp");
}

#[test]
fn pushes_through_kamailio_arrive_over_tls() {
    pushes_arrive_over("tls");
}

/// With SHA-256, nonces that last two seconds, and a proxy that says who sends.
#[test]
fn a_short_registration_is_renewed_as_long_as_the_agent_runs() {
    let more = [("KAMAILIO_ALGORITHM", "SHA-256"), ("KAMAILIO_NONCE_EXPIRE", "2")];
    let Some(registrar) = Registrar::start(&more) else { return };
    let lines =
        "expires = \"4 s\"\nidentity = \"asserted\"\nsenders = [\"sip:server@push.example\"]";
    let device = registrar.device("tls", lines);
    let mut agent = registered(&device);
    std::thread::sleep(Duration::from_secs(9));
    assert_eq!(registrar.push("server", &sealed(1)), 200);
    assert_eq!(registrar.push("other", &sealed(2)), 403);
    agent.wait_for(" accepted from=sip", 1);
    assert!(!agent.log().contains("it is tried again"), "{}", agent.log());
    agent.kill();
    std::thread::sleep(Duration::from_secs(6));
    assert_ne!(registrar.push("server", &sealed(3)), 200, "it lasted no longer");
}

#[test]
fn after_a_restart_of_the_registrar_it_registers_anew() {
    let Some(mut registrar) = Registrar::start(&[]) else { return };
    let device = registrar.device("tls", "");
    let mut agent = registered(&device);
    registrar.restart();
    agent.wait_for(" registered url=", 2);
    assert_eq!(registrar.push("server", &sealed(1)), 200);
    agent.wait_for(" accepted from=sip", 1);
}

#[test]
fn with_a_wrong_password_it_waits_and_with_the_right_one_it_registers() {
    let Some(registrar) = Registrar::start(&[]) else { return };
    let device = registrar.device("tcp", "");
    std::fs::write(registrar.password(), "wrong\n").expect("written");
    let mut agent = device.start();
    agent.wait_for("the registrar does not take user and password", 2);
    assert!(!agent.log().contains(" registered url="), "{}", agent.log());
    std::fs::write(registrar.password(), "devpass\n").expect("written");
    agent.wait_for(" registered url=", 1);
    assert!(!agent.log().contains("devpass"), "{}", agent.log());
    assert_eq!(agent.signal("TERM").code(), Some(0));
}

/// sipp, as a server without a password, over both transports that it knows.
#[test]
fn pushes_by_sipp_arrive() {
    if !all_here(&["sipp"]) {
        return;
    }
    let Some(registrar) = Registrar::start(&[("KAMAILIO_MESSAGE_AUTH", "0")]) else { return };
    let scenario = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/peers/sipp/server_message.xml")
        .canonicalize()
        .expect("the scenario");
    let device = registrar.device("tcp", "");
    let mut agent = registered(&device);
    for (number, transport) in [(1, "u1"), (2, "t1")] {
        let body = registrar.folder.path().join("body.bin");
        std::fs::write(body, sealed(number)).expect("written");
        let mut sipp = Command::new("sipp");
        sipp.current_dir(registrar.folder.path()).arg("-sf").arg(&scenario);
        sipp.args(["-key", "user", "server", "-key", "realm", "push.example", "-key", "to"]);
        sipp.args(["device1", "-i", "127.0.0.1", "-p", &free_port().to_string()]);
        sipp.args(["-t", transport, "-m", "1", "-nostdin", "-timeout", "20"]);
        sipp.args(["-buff_size", "70000", &format!("127.0.0.1:{}", registrar.ports[0])]);
        let (code, out, error) = run(sipp.env("TERM", "dumb"));
        assert_eq!(code, 0, "{out}{error}{}", agent.log());
        agent.wait_for(" accepted from=sip", usize::try_from(number).expect("small"));
    }
    assert_eq!(agent.signal("TERM").code(), Some(0));
    assert_eq!((device.kept().left.as_str(), device.kept().accepted), ("2", 2));
}
