//! Long poll with devices that others wrote: the agent, and curl.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use dm_agent::Config;
use dm_agent::receive::{Delivery, Receivers};
use dm_push::receipt::{Detail, Says, Status};
use dm_transport::outbox::{Dispatch, New, Outbox, Way};
use dm_transport::{
    Guarded, Limits, Outgoing, PollConfig, PollRoute, PushId, Route, Teller, Told, attempt,
};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, SanType};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, timeout};

const SOON: Duration = Duration::from_secs(10);
const OPEN: &str = "danger_unprotected = true\n";

async fn open(folder: &Path, keys: &str) -> (PollRoute, mpsc::Receiver<Told>) {
    let (tell, told) = mpsc::channel(64);
    (open_to(folder, keys, Teller::new("poll", tell)).await, told)
}

async fn open_to(folder: &Path, keys: &str, teller: Teller) -> PollRoute {
    let store = folder.join("mailboxes.redb");
    let text = format!("listen = \"127.0.0.1:0\"\nstore = {store:?}\n{keys}");
    let config: PollConfig = toml::from_str(&text).expect("a configuration");
    PollRoute::open(&config, teller).await.expect("a route")
}

async fn send(route: &PollRoute, device: &str, id: &str, octets: &[u8]) {
    let outgoing = Outgoing {
        id: PushId::new(id).expect("an id"),
        octets: octets.into(),
        to: format!("poll:{device}").parse().expect("an address"),
        deadline: Instant::now() + SOON,
        valid_until: None,
    };
    attempt(route as &dyn Route, &outgoing).await.expect("sent");
}

/// The next receipt that says so; all before it are kept, too.
async fn told(told: &mut mpsc::Receiver<Told>, says: Says) -> Told {
    loop {
        let next = timeout(SOON, told.recv()).await.expect("in time").expect("a route");
        next.done.confirm();
        if next.receipt.says() == says {
            return next;
        }
    }
}

/// An agent that asks there.
struct Agent {
    receivers: Receivers,
    deliveries: mpsc::Receiver<Delivery>,
}

impl Agent {
    async fn start(state: &Path, url: &str, keys: &str) -> Self {
        let text = format!(
            "device_id = \"d\"\nstate = {state:?}\n[[poll]]\nurl = {url:?}\nwait = \"2 s\"\n{keys}"
        );
        let config = Config::parse("test.toml".as_ref(), &text, [("", ""); 0]).expect("a config");
        let (queue, deliveries) = mpsc::channel(4);
        let receivers = Receivers::start(&config, queue).await.expect("started");
        Self { receivers, deliveries }
    }

    async fn next(&mut self) -> Vec<u8> {
        let next = timeout(SOON, self.deliveries.recv()).await;
        let mut delivery = next.expect("in time").expect("a running receiver");
        delivery.acknowledge();
        delivery.octets.clone()
    }
}

const INSECURE: &str = "security = \"none\"\ndanger_insecure = true\n";

#[tokio::test]
async fn the_agent_takes_messages_in_order_and_acknowledges_what_it_kept() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (route, mut receipts) = open(folder.path(), OPEN).await;
    let url = format!("http://{}/devices/urn%3Aimei%3A1/push", route.local_addr());
    send(&route, "urn:imei:1", "one", b"\x02one").await;
    let mut agent = Agent::start(state.path(), &url, INSECURE).await;
    assert_eq!(agent.next().await, b"\x02one");
    let reached = told(&mut receipts, Says::Reached).await;
    assert_eq!(reached.id.as_str(), "one");
    let Detail::LongPoll { seq } = reached.receipt.detail() else { panic!("{reached:?}") };
    for (id, octets) in [("two", b"\x02two"), ("thr", b"\x02thr")] {
        send(&route, "urn:imei:1", id, octets).await;
        assert_eq!(agent.next().await, octets);
        let next = told(&mut receipts, Says::Reached).await;
        assert_eq!(next.id.as_str(), id);
        assert!(matches!(next.receipt.detail(), Detail::LongPoll { seq: next } if next > seq));
    }
    // It waits through an empty round, and goes on.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    send(&route, "urn:imei:1", "four", b"\x02four").await;
    assert_eq!(agent.next().await, b"\x02four");
    assert_eq!(told(&mut receipts, Says::Reached).await.id.as_str(), "four");
    agent.receivers.stop().await;
}

#[tokio::test]
async fn a_message_that_the_agent_did_not_keep_is_given_again_and_is_not_reached() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (route, mut receipts) = open(folder.path(), OPEN).await;
    let url = format!("http://{}/devices/d/push", route.local_addr());
    send(&route, "d", "one", b"\x02one").await;
    told(&mut receipts, Says::HandedOver).await;
    let mut agent = Agent::start(state.path(), &url, INSECURE).await;
    drop(timeout(SOON, agent.deliveries.recv()).await.unwrap()); // lost, as by a full disk
    assert!(receipts.try_recv().is_err());
    assert_eq!(agent.next().await, b"\x02one");
    told(&mut receipts, Says::Reached).await;
    agent.receivers.stop().await;
}

#[tokio::test]
async fn an_outbox_has_it_reached_when_the_agent_has_it_also_over_a_restart_of_both() {
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let id = PushId::new("one").unwrap();
    for round in 0..2 {
        let outbox = Outbox::open(&folder.path().join("outbox.redb")).unwrap();
        let outbox = std::sync::Arc::new(outbox);
        let (tell, told) = mpsc::channel(8);
        let route = open_to(folder.path(), OPEN, Teller::new("poll", tell)).await;
        let url = format!("http://{}/devices/d/push", route.local_addr());
        let guarded = Guarded::new("poll", Box::new(route), &Limits::default());
        let guarded = std::sync::Arc::new(guarded);
        let dispatch = Dispatch {
            outbox: outbox.clone(),
            routes: vec![guarded.clone()],
            told,
            attempt: SOON,
            most: 8,
        };
        let (stop, stopped) = watch::channel(false);
        let running = tokio::spawn(dispatch.run(stopped));
        let until = async |status| {
            for _ in 0..1_000 {
                if outbox.standing(&id).unwrap().is_some_and(|it| it.status == status) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            panic!("{:?}", outbox.standing(&id));
        };
        if round == 0 {
            let way = Way { route: "poll".into(), to: "poll:d".into() };
            let until_then = std::time::SystemTime::now() + Duration::from_secs(600);
            let octets = b"\x02one"[..].into();
            let new = New { id: id.clone(), octets, ways: vec![way], until: until_then };
            outbox.accept(vec![new]).await.unwrap();
            until(Status::HandedOver).await;
        } else {
            let mut agent = Agent::start(state.path(), &url, INSECURE).await;
            assert_eq!(agent.next().await, b"\x02one");
            until(Status::Reached).await;
            assert_eq!(outbox.standing(&id).unwrap().unwrap().receipts.len(), 2);
            agent.receivers.stop().await;
        }
        guarded.close(Instant::now() + SOON).await;
        stop.send(true).unwrap();
        running.await.unwrap().unwrap();
        drop((guarded, outbox));
        tokio::time::sleep(Duration::from_millis(100)).await; // what was aborted lets go of the files
    }
}

/// An authority with certificates of the server and of devices.
struct Authority {
    folder: tempfile::TempDir,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "authority");
        let issuer =
            CertifiedIssuer::self_signed(params, KeyPair::generate().expect("as the test has it"))
                .expect("as the test has it");
        let folder = tempfile::tempdir().expect("as the test has it");
        std::fs::write(folder.path().join("ca.pem"), issuer.pem()).expect("as the test has it");
        Self { folder, issuer }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes `FILE.pem` and `FILE.key`.
    fn issue(&self, file: &str, name: SanType, common_name: &str) {
        self.issue_until(file, name, common_name, 4096);
    }

    /// The same, which ends with this year.
    fn issue_until(&self, file: &str, name: SanType, common_name: &str, year: i32) {
        let mut params = CertificateParams::default();
        params.not_after = rcgen::date_time_ymd(year, 12, 31);
        params.subject_alt_names.push(name);
        params.distinguished_name.push(DnType::CommonName, common_name);
        let key = KeyPair::generate().expect("as the test has it");
        let certificate = params.signed_by(&key, &self.issuer).expect("as the test has it");
        std::fs::write(self.path(&format!("{file}.pem")), certificate.pem())
            .expect("as the test has it");
        std::fs::write(self.path(&format!("{file}.key")), key.serialize_pem())
            .expect("as the test has it");
    }

    fn with_device() -> Self {
        let authority = Self::new();
        authority.issue(
            "server",
            SanType::DnsName("localhost".try_into().expect("as the test has it")),
            "server",
        );
        authority.issue(
            "device",
            SanType::URI("urn:imei:1".try_into().expect("as the test has it")),
            "meter 1",
        );
        authority
    }

    fn tls(&self) -> String {
        let [certificate, key, clients] =
            ["server.pem", "server.key", "ca.pem"].map(|name| self.path(name));
        format!("tls = {{ certificate = {certificate:?}, key = {key:?}, clients = {clients:?} }}\n")
    }
}

#[tokio::test]
async fn the_agent_shows_a_certificate_and_has_the_mailbox_that_it_names() {
    let authority = Authority::with_device();
    let (folder, state) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (route, mut receipts) = open(folder.path(), &authority.tls()).await;
    send(&route, "urn:imei:1", "one", b"\x02one").await;
    let port = route.local_addr().port();
    let url = format!("https://localhost:{port}/devices/urn:imei:1/push");
    let keys = format!(
        "security = \"client-certificate\"\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n",
        authority.path("ca.pem"),
        authority.path("device.pem"),
        authority.path("device.key")
    );
    let mut agent = Agent::start(state.path(), &url, &keys).await;
    assert_eq!(agent.next().await, b"\x02one");
    let reached = told(&mut receipts, Says::Reached).await;
    assert_eq!(reached.security.as_deref(), Some("TLS, client certificate"));
    agent.receivers.stop().await;
}

/// What curl says; none if it is not there.
fn curl(words: &[&str]) -> Option<Output> {
    let common = ["--silent", "--show-error", "--max-time", "20", "--noproxy", "*"];
    match Command::new("curl").args(common).args(words).output() {
        Ok(output) => Some(output),
        Err(_) => {
            let all = std::env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1");
            assert!(!all, "no curl");
            println!("skipped: curl is not installed");
            None
        }
    }
}

async fn curls(words: Vec<String>) -> Option<Output> {
    let run = move || curl(&words.iter().map(String::as_str).collect::<Vec<_>>());
    tokio::task::spawn_blocking(run).await.expect("no panic")
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[tokio::test]
async fn curl_waits_has_the_octets_and_the_number_and_acknowledges() {
    let folder = tempfile::tempdir().unwrap();
    let (route, mut receipts) = open(folder.path(), OPEN).await;
    let url = format!("http://{}/devices/urn:imei:1/push?after=", route.local_addr());
    let body = folder.path().join("body");
    let format = "%{http_code} %header{push-seq} %header{content-type} %{http_version}";
    let asking = tokio::spawn(curls(words(&[
        "-H",
        "Prefer: wait=50",
        "-o",
        body.to_str().unwrap(),
        "-w",
        format,
        &format!("{url}0"),
    ])));
    for _ in 0..1_000 {
        if route.waiting() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let message: Vec<u8> = (0..=255).cycle().take(5_000).collect();
    send(&route, "urn:imei:1", "one", &message).await;
    let Some(output) = asking.await.unwrap() else { return };
    let said = String::from_utf8(output.stdout).unwrap();
    let fields: Vec<_> = said.split(' ').collect();
    assert_eq!((fields[0], fields[2]), ("200", "application/vnd.syncml.dm+wbxml"), "{said}");
    assert_eq!(std::fs::read(&body).unwrap(), message);

    let next = curls(words(&["-w", "%{http_code}", &format!("{url}{}", fields[1])]));
    let next = tokio::spawn(next);
    let reached = told(&mut receipts, Says::Reached).await;
    assert_eq!(reached.receipt.detail(), Detail::LongPoll { seq: fields[1].parse().unwrap() });
    assert_eq!(next.await.unwrap().unwrap().stdout, b"204");
}

#[tokio::test]
async fn curl_with_a_certificate_that_expired_has_nothing_of_it() {
    let authority = Authority::with_device();
    let folder = tempfile::tempdir().unwrap();
    let (route, mut receipts) = open(folder.path(), &authority.tls()).await;
    send(&route, "urn:imei:1", "one", b"\x02one").await;
    let url = format!("https://localhost:{}/devices/urn:imei:1/push", route.local_addr().port());
    for (year, status) in [(2020, "000"), (4096, "200")] {
        let device = SanType::URI("urn:imei:1".try_into().expect("a URI"));
        authority.issue_until("device", device, "meter 1", year);
        let mut all = words(&["-o", "/dev/null", "-w", "%{http_code}", &url]);
        for (option, file) in
            [("--cacert", "ca.pem"), ("--cert", "device.pem"), ("--key", "device.key")]
        {
            all.extend([option.to_owned(), authority.path(file).display().to_string()]);
        }
        let Some(output) = curls(all).await else { return };
        assert_eq!(String::from_utf8_lossy(&output.stdout), status, "{year}");
    }
    let kept = told(&mut receipts, Says::HandedOver).await;
    assert_eq!(kept.id.as_str(), "one", "it is in its mailbox still, and was not called reached");
}

#[tokio::test]
async fn curl_without_the_certificate_of_a_device_has_nothing_of_it() {
    let authority = Authority::with_device();
    let folder = tempfile::tempdir().unwrap();
    let (route, _receipts) = open(folder.path(), &authority.tls()).await;
    send(&route, "urn:imei:1", "one", b"\x02one").await;
    let port = route.local_addr().port();
    let [ca, certificate, key] =
        ["ca.pem", "device.pem", "device.key"].map(|name| authority.path(name));
    let status = async |device: &str, shows: bool| {
        let url = format!("https://localhost:{port}/devices/{device}/push");
        let mut all = words(&["-o", "/dev/null", "-w", "%{http_code}", &url, "--cacert"]);
        all.push(ca.display().to_string());
        if shows {
            all.extend(["--cert".into(), certificate.display().to_string()]);
            all.extend(["--key".into(), key.display().to_string()]);
        }
        curls(all).await.map(|output| String::from_utf8(output.stdout).unwrap())
    };
    let Some(own) = status("urn:imei:1", true).await else { return };
    assert_eq!(own, "200");
    assert_eq!(status("urn:imei:2", true).await.unwrap(), "403", "another's");
    assert_eq!(status("urn:imei:9", true).await.unwrap(), "403", "nobody's, and no other answer");
    assert_eq!(status("urn:imei:1", false).await.unwrap(), "000", "TLS ends");
}
