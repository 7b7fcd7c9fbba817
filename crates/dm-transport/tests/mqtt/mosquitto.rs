//! Through Mosquitto, which keeps messages for devices that are away, to mosquitto_sub.

use std::collections::HashSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use dm_push::receipt::{Detail, Says};
use dm_transport::{Next, SendError};
use tempfile::TempDir;

use crate::authority::Authority;
use crate::lab::{Lab, SOON, TO};
use crate::peer::{Peer, Running, free_port};

/// Mosquitto, with TLS and without.
struct Mosquitto {
    // Stopped before its folder goes, where its process id stands.
    running: Option<Running>,
    peer: Peer,
    folder: TempDir,
    authority: Authority,
    certificate: String,
    key: String,
    ports: [String; 2],
}

impl Mosquitto {
    fn start(demands_certificates: bool) -> Option<Self> {
        let programs = ["mosquitto", "mosquitto_sub", "mosquitto_passwd"];
        let peer = Peer::own("mosquitto", &programs)?;
        let folder = tempfile::tempdir().expect("a folder");
        let authority = Authority::new(folder.path(), "ca");
        let (certificate, key) = authority.issue("127.0.0.1");
        let ports = [free_port(), free_port()].map(|port| port.to_string());
        let [certificate, key] = [text(&certificate), text(&key)].map(str::to_owned);
        let running = None;
        let mut started = Self { running, peer, folder, authority, certificate, key, ports };
        started.restart(demands_certificates);
        Some(started)
    }

    fn restart(&mut self, demands_certificates: bool) {
        self.running = None;
        let (work, ca) = (self.folder.path().join("m"), self.authority.path());
        let mut variables = vec![
            ("MOSQUITTO_WORK", text(&work)),
            ("MOSQUITTO_PORT", &self.ports[0]),
            ("MOSQUITTO_TLS_PORT", &self.ports[1]),
            ("MOSQUITTO_TLS_CERT", &self.certificate),
            ("MOSQUITTO_TLS_KEY", &self.key),
            ("MOSQUITTO_KEEP", "1"),
        ];
        if demands_certificates {
            variables.push(("MOSQUITTO_CA", text(&ca)));
        }
        self.running = Some(self.peer.start(&variables));
    }

    fn stop(&mut self) {
        self.running = None;
    }

    fn settings(&self, is_tls: bool, user: &str, password: &str) -> String {
        let file = self.folder.path().join("password");
        std::fs::write(&file, format!("{password}\n")).expect("written");
        let (scheme, port) =
            if is_tls { ("mqtts", &self.ports[1]) } else { ("mqtt", &self.ports[0]) };
        format!(
            "url = \"{scheme}://127.0.0.1:{port}\"\nuser = \"{user}\"\npassword = {{ file = {file:?} }}\n"
        )
    }

    /// The device, as long as it takes to get so many messages.
    fn device(&self, messages: usize) -> Child {
        let mut device = Command::new("mosquitto_sub");
        device.args(["-h", "127.0.0.1", "-p", &self.ports[0], "-V", "mqttv5", "-u", "device1"]);
        device.args(["-P", "devpass", "-i", "device1", "-c", "-x", "3600", "-q", "1", "-t"]);
        device.args(["dm/device1/push", "-F", "%r %q %C %E %p", "-C", &messages.to_string()]);
        device.args(["-W", "60"]).stdin(Stdio::null()).stdout(Stdio::piped());
        device.spawn().expect("mosquitto_sub")
    }

    /// A session for the device, which is away then.
    fn has_subscribed(&self) {
        let mut device = self.device(1);
        for _ in 0..200 {
            let log = std::fs::read_to_string(self.folder.path().join("m/mosquitto.out"));
            if log.expect("a log").contains("Sending SUBACK to device1") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        device.kill().expect("there");
        device.wait().expect("ended");
    }
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

fn lines(device: Child) -> Vec<String> {
    let output = device.wait_with_output().expect("ended");
    String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_device_that_is_away_has_its_messages_when_it_comes() {
    let Some(mosquitto) = Mosquitto::start(false) else { return };
    let mut lab = Lab::new(&mosquitto.settings(false, "server", "srvpass"));
    lab.send("nobody", TO, b"early").await.expect("taken");
    let receipt = lab.told().await.receipt;
    assert_eq!(receipt.detail(), Detail::Mqtt { reason: 0x10 });
    mosquitto.has_subscribed();
    let many: Vec<_> = (0..50)
        .map(|number| lab.sends("m", TO, format!("message{number}").as_bytes(), SOON))
        .collect();
    for sending in many {
        sending.await.expect("no panic").expect("taken");
        let receipt = lab.told().await.receipt;
        assert_eq!(
            (receipt.says(), receipt.detail()),
            (Says::HandedOver, Detail::Mqtt { reason: 0 })
        );
    }
    let mut valid = crate::lab::outgoing("v", TO, b"for a while", SOON);
    valid.valid_until = Some(std::time::SystemTime::now() + Duration::from_secs(500));
    dm_transport::attempt(&*lab.route, &valid).await.expect("taken");

    let got = lines(mosquitto.device(51));
    // Not retained, at QoS 1, with its type, and each one once.
    let wanted: HashSet<_> = (0..50).map(|number| format!("message{number}")).collect();
    let mut payloads = HashSet::new();
    for line in &got {
        let mut parts = line.splitn(5, ' ');
        let (retained, qos, content_type) = (parts.next(), parts.next(), parts.next());
        assert_eq!((retained, qos), (Some("0"), Some("1")), "{line}");
        assert_eq!(content_type, Some("application/vnd.syncml.dm+wbxml"), "{line}");
        let (expiry, payload) = (parts.next().expect("one"), parts.next().expect("one"));
        if payload == "for a while" {
            let left: u32 = expiry.parse().expect("a number");
            assert!((400..=500).contains(&left), "{line}");
        } else {
            assert!(payloads.insert(payload.to_owned()), "{line}");
        }
    }
    assert_eq!(payloads, wanted);
}

#[tokio::test]
async fn whoever_may_not_publish_is_told_so() {
    let Some(mosquitto) = Mosquitto::start(false) else { return };
    let lab = Lab::new(&mosquitto.settings(false, "server", "wrong"));
    let error = lab.send("m", TO, b"\x02m").await.expect_err("refused");
    assert!(matches!(error, SendError::Broker { reason: 0x86 | 0x87, .. }), "{error}");
    assert_eq!(error.next(), Next::Again);
    // A topic that its list does not have, and a user that may publish nothing.
    let lab = Lab::new(&mosquitto.settings(false, "server", "srvpass"));
    let error = lab.send("m", "mqtt:other/topic", b"\x02m").await.expect_err("refused");
    assert!(matches!(error, SendError::Mqtt { reason: 0x87, .. }), "{error}");
    assert_eq!(error.next(), Next::OtherRoute);
    lab.send("m", TO, b"\x02m").await.expect("the connection is as good as before");
    let lab = Lab::new(&mosquitto.settings(false, "device1", "devpass"));
    let error = lab.send("m", TO, b"\x02m").await.expect_err("refused");
    assert!(matches!(error, SendError::Mqtt { reason: 0x87, .. }), "{error}");
}

#[tokio::test]
async fn over_tls_both_ends_prove_who_they_are() {
    let Some(mosquitto) = Mosquitto::start(true) else { return };
    let settings = mosquitto.settings(true, "server", "srvpass");
    let ca = mosquitto.authority.path();
    let (own, own_key) = mosquitto.authority.issue("server.example");
    let good = format!("tls = {{ ca = {ca:?}, certificate = {own:?}, key = {own_key:?} }}");
    Lab::new(&format!("{settings}{good}")).send("m", TO, b"\x02m").await.expect("taken");

    let none = Lab::new(&format!("{settings}tls = {{ ca = {ca:?} }}"));
    let error = none.send("m", TO, b"\x02m").await.expect_err("no certificate");
    assert!(!error.may_have_arrived() && error.next() == Next::Again, "{error:?}");
    let folder = tempfile::tempdir().expect("a folder");
    let stranger = Authority::new(folder.path(), "stranger").path();
    let error = Lab::new(&format!("{settings}tls = {{ ca = {stranger:?} }}"));
    let error = error.send("m", TO, b"\x02m").await.expect_err("not trusted");
    assert!(matches!(error, SendError::Tls { .. }), "{error:?}");
}

/// Sends each message until it is taken, as an outbox does, while the broker goes and comes.
#[tokio::test]
async fn when_the_broker_is_started_anew_in_the_middle_nothing_is_lost() {
    let Some(mut mosquitto) = Mosquitto::start(false) else { return };
    mosquitto.has_subscribed();
    let lab = Lab::new(&mosquitto.settings(false, "server", "srvpass"));
    let route = lab.route.clone();
    let sending: Vec<_> = (0..40)
        .map(|number| {
            let route = route.clone();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(25 * number)).await;
                for _ in 0..400 {
                    let body = format!("message{number}");
                    let within = Duration::from_secs(5);
                    let outgoing = crate::lab::outgoing("m", TO, body.as_bytes(), within);
                    match dm_transport::attempt(&*route, &outgoing).await {
                        Ok(()) => return,
                        Err(error) => assert_eq!(error.next(), Next::Again, "{error}"),
                    }
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                panic!("never taken");
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(400)).await;
    let mosquitto = tokio::task::spawn_blocking(move || {
        mosquitto.stop();
        std::thread::sleep(Duration::from_millis(300));
        mosquitto.restart(false);
        mosquitto
    });
    let mosquitto = mosquitto.await.expect("started");
    for sending in sending {
        sending.await.expect("taken");
    }
    drop(lab);
    // Perhaps more than once, never less.
    let mut device = mosquitto.device(1_000);
    let mut read = std::io::BufReader::new(device.stdout.take().expect("piped"));
    let mut payloads = HashSet::new();
    while payloads.len() < 40 {
        let mut line = String::new();
        let length = std::io::BufRead::read_line(&mut read, &mut line).expect("read");
        assert!(length > 0, "{} came", payloads.len());
        payloads.insert(line.trim_end().rsplit(' ').next().expect("one").to_owned());
    }
    device.kill().expect("there");
    device.wait().expect("ended");
}
