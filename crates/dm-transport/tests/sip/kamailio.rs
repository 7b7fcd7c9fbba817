//! Through Kamailio, registrar and proxy, to sipp, a device; and to sipp alone.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dm_push::receipt::Says;
use dm_transport::{Next, Route, SendError};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::lab::{Lab, Line};
use crate::peer::{Peer, Running, all_here, free_port};

/// Kamailio with a certificate, on ports of its own.
struct Kamailio {
    // Stopped before its folder goes, where its process id stands.
    _running: Running,
    folder: TempDir,
    authority: Authority,
    port: u16,
    tls_port: u16,
}

impl Kamailio {
    fn start(more: &[(&str, &str)]) -> Option<Self> {
        let kamailio = Peer::own("kamailio", &["kamailio", "kamcmd", "sipp"])?;
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(folder.path(), "ca");
        let (certificate, key) = authority.issue("127.0.0.1");
        let [port, tls_port] = [free_port(), free_port()];
        let (work, texts) =
            (folder.path().join("k"), [port, tls_port].map(|port| port.to_string()));
        let mut variables = vec![
            ("KAMAILIO_WORK", text(&work)),
            ("KAMAILIO_PORT", &texts[0]),
            ("KAMAILIO_TLS_PORT", &texts[1]),
            ("KAMAILIO_TLS_CERT", text(&certificate)),
            ("KAMAILIO_TLS_KEY", text(&key)),
        ];
        variables.extend(more);
        let running = kamailio.start(&variables);
        Some(Self { _running: running, folder, authority, port, tls_port })
    }

    /// The settings of a route through it.
    fn settings(&self, transport: &str, password: Option<&str>) -> String {
        let port = if transport == "tls" { self.tls_port } else { self.port };
        let mut settings = format!(
            "proxy = \"127.0.0.1:{port}\"\ntransport = \"{transport}\"\n\
             from = \"sip:server@push.example\"\ntls = {{ ca = {:?} }}\n",
            self.authority.path()
        );
        if let Some(password) = password {
            let file = self.folder.path().join("password");
            std::fs::write(&file, format!("{password}\n")).expect("written");
            settings += &format!("user = \"server\"\npassword = {{ file = {file:?} }}\n");
        }
        settings
    }

    /// A device that registers, over this transport of sipp.
    fn device(&self, transport: &str) -> Sipp {
        let mut device = Sipp::new(self.folder.path(), transport);
        device.command.args(["-sf", &scenario("device_register.xml"), "-oocsf"]);
        device.command.args([&scenario("device_message.xml"), "-key", "user", "device1", "-key"]);
        device.command.args(["hold", "60000", "-au", "device1", "-ap", "devpass", "-key", "realm"]);
        device.command.args(["push.example", "-m", "1"]).arg(format!("127.0.0.1:{}", self.port));
        device.start();
        let control = format!("unix:{}", self.folder.path().join("k/ctl.sock").display());
        for _ in 0..200 {
            let dump = Command::new("kamcmd").args(["-s", &control, "ul.dump"]).output();
            if String::from_utf8_lossy(&dump.expect("kamcmd").stdout).contains("sip:device1@") {
                return device;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("not registered: {}", device.screen());
    }
}

/// sipp, until this is dropped.
struct Sipp {
    command: Command,
    running: Option<Child>,
    log: PathBuf,
    port: u16,
}

impl Sipp {
    fn new(folder: &Path, transport: &str) -> Self {
        let (port, log) = (free_port(), folder.join("device.log"));
        let mut command = Command::new("sipp");
        command.current_dir(folder).stdin(Stdio::null()).env("TERM", "dumb");
        command.args(["-i", "127.0.0.1", "-p", &port.to_string(), "-t", transport, "-nostdin"]);
        command.args(["-trace_logs", "-log_file", text(&log), "-buff_size", "70000"]);
        Self { command, running: None, log, port }
    }

    fn start(&mut self) {
        let screen = std::fs::File::create(self.log.with_extension("screen")).expect("a file");
        self.command.stderr(screen.try_clone().expect("one more")).stdout(screen);
        self.running = Some(self.command.spawn().expect("sipp"));
    }

    fn screen(&self) -> String {
        std::fs::read_to_string(self.log.with_extension("screen")).unwrap_or_default()
    }

    /// Waits until it has taken so many messages.
    fn has(&self, messages: usize) {
        for _ in 0..200 {
            let log = std::fs::read_to_string(&self.log).unwrap_or_default();
            if log.matches("application/vnd.syncml.dm+wbxml").count() >= messages {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("not {messages}: {}", self.screen());
    }
}

impl Drop for Sipp {
    fn drop(&mut self) {
        if let Some(mut child) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn scenario(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/sipp").join(name);
    text(&path).to_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

const TO: &str = "sip:device1@push.example";

/// Short and long messages, many at once, over one transport, to a device that came by another one.
async fn through(transport: &str, device_transport: &str, password: Option<&str>) {
    let auth = if password.is_some() { "1" } else { "0" };
    let Some(kamailio) = Kamailio::start(&[("KAMAILIO_MESSAGE_AUTH", auth)]) else { return };
    let device = kamailio.device(device_transport);
    let mut lab = Lab::new(&kamailio.settings(transport, password));
    lab.send("short", TO, &[2; 100]).await.expect("taken");
    lab.send("long", TO, &[2; 4_000]).await.expect("taken");
    let many: Vec<_> = (0..20)
        .map(|number| lab.sends(&format!("m{number}"), TO, &[2; 200], crate::lab::SOON))
        .collect();
    for sending in many {
        sending.await.expect("no panic").expect("taken");
    }
    device.has(22);
    for _ in 0..22 {
        assert_eq!(lab.told().await.receipt.says(), Says::HandedOver);
    }
    drop(device);
    let refused = lab.send("nobody", "sip:device2@push.example", &[2; 9]).await.expect_err("404");
    assert!(matches!(refused, SendError::Sip { status: 404, .. }), "{refused}");
}

#[tokio::test]
async fn over_udp_and_for_long_ones_over_tcp() {
    through("udp", "u1", None).await;
}

#[tokio::test]
async fn over_tcp_with_digest() {
    through("tcp", "t1", Some("srvpass")).await;
}

#[tokio::test]
async fn over_tls_with_digest_to_a_device_that_registered_over_tcp() {
    through("tls", "t1", Some("srvpass")).await;
}

#[tokio::test]
async fn over_udp_with_digest() {
    through("udp", "t1", Some("srvpass")).await;
}

/// Kamailio gives up after 5 s (`fr_timer`), over whatever transport: the device has the message then.
#[tokio::test]
async fn a_device_that_answers_too_late_for_its_proxy_may_have_the_message() {
    let Some(kamailio) = Kamailio::start(&[("KAMAILIO_AUTH", "0")]) else { return };
    let mut device = Line::register(("127.0.0.1", kamailio.port), "device1").await;
    let lab = Lab::new(&kamailio.settings("tls", None));
    let sending = lab.sends("m", TO, b"\x02m", crate::lab::SOON);
    assert!(device.next().await.ends_with(b"\x02m"));
    let error = sending.await.expect("no panic").expect_err("too late");
    assert!(matches!(error, SendError::Sip { status: 408, .. }), "{error}");
    assert!(error.may_have_arrived() && error.next() == Next::Again, "{error}");
    assert!(error.to_string().contains("heard nothing from the device in time"), "{error}");
}

#[tokio::test]
async fn a_device_whose_connection_is_gone_is_tried_again_later() {
    let Some(kamailio) = Kamailio::start(&[("KAMAILIO_AUTH", "0")]) else { return };
    drop(Line::register(("127.0.0.1", kamailio.port), "device1").await);
    tokio::time::sleep(Duration::from_millis(200)).await;
    let lab = Lab::new(&kamailio.settings("tls", None));
    let error = lab.send("m", TO, b"\x02m").await.expect_err("gone");
    assert!(matches!(error, SendError::Sip { status: 477, .. }), "{error}");
    assert_eq!(error.next(), Next::Again, "{error}");
    assert!(!lab.route.is_to_blame(&error), "the proxy is there");
}

#[tokio::test]
async fn a_wrong_password_and_a_client_without_a_certificate_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let clients = Authority::new(folder.path(), "clients");
    let ca = clients.path();
    let Some(kamailio) = Kamailio::start(&[("KAMAILIO_TLS_CLIENT_CA", text(&ca))]) else { return };
    let lab = Lab::new(&kamailio.settings("tcp", Some("wrong")));
    let refused = lab.send("m", TO, b"\x02m").await.expect_err("407");
    assert!(matches!(refused, SendError::SipLogin { status: 407, .. }), "{refused}");

    let settings = kamailio.settings("tls", Some("srvpass"));
    let refused = Lab::new(&settings).send("m", TO, b"\x02m").await.expect_err("no certificate");
    let is_it = matches!(refused, SendError::Cut { .. } | SendError::Tls { .. });
    assert!(is_it, "{refused:?}");
    let (certificate, key) = clients.issue("server.example");
    let own = format!("certificate = {certificate:?}, key = {key:?} }}");
    let settings = settings.replacen(" }\n", &format!(", {own}\n"), 1);
    let away = Lab::new(&settings).send("m", TO, b"\x02m").await.expect_err("nobody is there");
    assert!(matches!(away, SendError::Sip { status: 404, .. }), "{away}");
}

#[tokio::test]
async fn a_proxy_that_is_started_anew_is_found_again() {
    let Some(kamailio) = Peer::own("kamailio", &["kamailio", "kamcmd"]) else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let (work, port) = (folder.path().join("k"), free_port().to_string());
    let variables = [("KAMAILIO_WORK", text(&work)), ("KAMAILIO_PORT", port.as_str())];
    let lab = Lab::new(&format!("proxy = \"127.0.0.1:{port}\"\ntransport = \"tcp\""));
    for _ in 0..2 {
        let running = kamailio.start(&variables);
        let refused = lab.send("m", TO, b"\x02m").await.expect_err("it asks who");
        assert!(matches!(refused, SendError::Sip { status: 407, .. }), "{refused}");
        drop(running);
        // That it hung up is seen while somebody looks.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let away = lab.send("m", TO, b"\x02m").await.expect_err("away");
        assert!(matches!(away, SendError::Network { .. }), "{away}");
    }
}

/// sipp as the device itself: its 200 says that it was reached.
async fn to_the_device_itself(transport: &str, sipp_transport: &str, octets: usize) {
    if !all_here(&["sipp"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut device = Sipp::new(folder.path(), sipp_transport);
    device.command.args(["-sf", &scenario("device_message.xml")]);
    device.start();
    let mut lab = Lab::new("device = true");
    let to = format!("sip:device1@127.0.0.1:{};transport={transport}", device.port);
    let mut outcome = lab.send("m", &to, &vec![2; octets]).await;
    for _ in 0..100 {
        // It is not there yet.
        if !matches!(outcome, Err(SendError::Network { .. })) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
        outcome = lab.send("m", &to, &vec![2; octets]).await;
    }
    outcome.expect("taken");
    device.has(1);
    assert_eq!(lab.told().await.receipt.says(), Says::Reached);
}

#[tokio::test]
async fn a_device_without_a_proxy_is_reached_over_udp() {
    to_the_device_itself("udp", "u1", 100).await;
}

#[tokio::test]
async fn a_device_without_a_proxy_is_reached_over_tcp() {
    to_the_device_itself("tcp", "t1", 3_000).await;
}
