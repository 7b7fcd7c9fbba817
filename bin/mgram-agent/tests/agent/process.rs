//! The program, run as its owner runs it.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use dm_push::wsp::Push;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program with these arguments, deaf to the environment of the tests.
pub fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mgram-agent"));
    command.args(arguments).stdin(Stdio::null()).env_remove("RUST_BACKTRACE");
    let own = |name: &str| name.starts_with("MARCONIGRAM_") || name.starts_with("MGRAM_");
    for (name, _) in std::env::vars().filter(|(name, _)| own(name)) {
        command.env_remove(name);
    }
    command
}

/// Runs a command to its end and yields its status, output and errors.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("started");
    let text = |octets| String::from_utf8(octets).expect("UTF-8");
    (status.code().expect("not killed"), text(stdout), text(stderr))
}

/// A running agent. It is killed when it is dropped.
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts an agent and waits until it listens.
    pub fn start(config: &Path) -> Self {
        let config_path = config.to_str().expect("UTF-8");
        Self::start_by(&mut program(&["run", "--config", config_path]), config)
    }

    /// As [`Self::start`], by a command that ends in the program.
    pub fn start_by(command: &mut Command, config: &Path) -> Self {
        let log = config.with_extension("log");
        let out = File::create(&log).expect("a log");
        let command = command.env("MGRAM_LOG", "info").stdin(Stdio::null()).stdout(Stdio::null());
        let mut agent = Self { child: command.stderr(out).spawn().expect("started"), log };
        agent.wait_for(" running device_id=", 1);
        agent
    }

    /// Waits until it ends by itself.
    pub fn ended(mut self) -> ExitStatus {
        self.end("it does not end by itself")
    }

    fn end(&mut self, otherwise: &str) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a process") {
                return status;
            }
            assert!(start.elapsed() < PATIENCE, "{otherwise}: {}", self.log());
            sleep(Duration::from_millis(3));
        }
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        let octets = std::fs::read(&self.log).expect("a log");
        String::from_utf8_lossy(&octets).into_owned()
    }

    /// Waits until these words were logged this often.
    pub fn wait_for(&mut self, words: &str, times: usize) {
        let start = Instant::now();
        while self.log().matches(words).count() < times {
            let ended = self.child.try_wait().expect("a process");
            assert!(ended.is_none(), "ended with {ended:?}: {}", self.log());
            assert!(start.elapsed() < PATIENCE, "{times} times {words:?}: {}", self.log());
            sleep(Duration::from_millis(3));
        }
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a process").is_none()
    }

    /// How many messages were accepted since it started.
    pub fn accepted(&self) -> usize {
        self.log().matches(" accepted from=").count()
    }

    /// Where it listens.
    pub fn address(&self, transport: &str) -> SocketAddr {
        let log = self.log();
        let listens = format!("listening transport=\"{transport}\" address=");
        let rest = log.split_once(&listens).expect("a listener").1;
        rest.split_whitespace().next().expect("an address").parse().expect("an address")
    }

    /// Sends a datagram, whatever is in it.
    pub fn datagram(&self, octets: &[u8]) {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("bound");
        socket.send_to(octets, self.address("udp")).expect("sent");
    }

    /// Pushes a message over UDP.
    pub fn push(&self, message: &[u8]) {
        self.datagram(&Push::dm(1, message).write());
    }

    /// A connection to the HTTP listener.
    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address("http")).expect("connected");
        stream.set_read_timeout(Some(PATIENCE)).expect("set");
        stream
    }

    /// Sends octets to the HTTP listener and yields all that comes back.
    pub fn exchange(&self, octets: &[u8]) -> String {
        let mut stream = self.connect();
        let _ = stream.write_all(octets); // it may have hung up already
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Pushes a message over HTTP and yields the status of the acknowledgement.
    pub fn post(&self, message: &[u8]) -> u16 {
        let answer = self.exchange(&request("application/vnd.syncml.dm+wbxml", message));
        let status = answer.split_whitespace().nth(1).unwrap_or_default();
        status.parse().unwrap_or_else(|_| panic!("no status: {answer:?}"))
    }

    /// As [`Self::post`], of an agent that may be dying.
    pub fn try_post(&self, message: &[u8]) -> Option<u16> {
        let mut stream = TcpStream::connect(self.address("http")).ok()?;
        stream.set_read_timeout(Some(PATIENCE)).ok()?;
        stream.write_all(&request("application/vnd.syncml.dm+wbxml", message)).ok()?;
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer); // what came before it died counts
        answer.split_whitespace().nth(1)?.parse().ok()
    }

    /// SIGKILL to an agent that others still talk to.
    pub fn kill_now(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", "KILL", &id]).status().expect("kill");
        assert!(sent.success());
    }

    /// Resident memory in KiB, as the system counts it.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("a running process");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("VmRSS");
        line.split_whitespace().nth(1).expect("a number").parse().expect("a number")
    }

    /// SIGKILL: what a power cut is to a process.
    pub fn kill(mut self) {
        self.child.kill().expect("killed");
        self.child.wait().expect("ended");
    }

    /// A signal by its name, and the end that comes of it.
    pub fn signal(mut self, name: &str) -> ExitStatus {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().expect("kill");
        assert!(sent.success());
        self.end(&format!("SIG{name} does not end it"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An HTTP push of this content type.
pub fn request(content_type: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /push HTTP/1.1\r\nhost: d\r\ncontent-type: {content_type}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
