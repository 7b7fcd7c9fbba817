//! An SMS centre that nobody here wrote: node-smpp. Skipped where it is not installed.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};
use std::{env, fs};

use dm_push::receipt::{Detail, Says, Status};
use dm_push::wsp::Push;
use dm_transport::{
    ClientTls, Next, Outgoing, Plan, Route, Secret, SendError, SmppConfig, SmppState,
};
use tempfile::TempDir;

use crate::left_out::skipped;
use crate::route::{Listened, outgoing};

/// An SMS centre that runs, until this is dropped.
struct Centre {
    work: TempDir,
    port: u16,
}

fn peers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers")
}

/// Where npm put node-smpp, if it did.
fn node_modules() -> Option<PathBuf> {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers/node_modules");
    let modules = env::var_os("MGRAM_TEST_NODE_MODULES").map_or(ours, PathBuf::from);
    let found = fs::metadata(modules.join("smpp/package.json")).is_ok();
    if !found {
        let is_demanded = env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1");
        assert!(!is_demanded, "no node-smpp in {}", modules.display());
        skipped("node-smpp not installed");
    }
    found.then_some(modules)
}

impl Centre {
    fn start(variables: &[(&str, &str)]) -> Option<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        drop(listener);
        Self::start_at(port, variables)
    }

    fn start_at(port: u16, variables: &[(&str, &str)]) -> Option<Self> {
        let modules = node_modules()?;
        let work = tempfile::tempdir().expect("a folder");
        fs::write(work.path().join("password"), "secret\n").expect("the password");
        let mut start = Command::new("bash");
        start.arg(peers().join("smsc/start.sh")).stdin(Stdio::null()).stdout(Stdio::null());
        start.env("SMSC_WORK", work.path()).env("SMSC_PORT", port.to_string());
        start.env("SMSC_NODE_MODULES", modules).envs(variables.iter().copied());
        assert!(start.status().expect("bash").success(), "node-smpp does not start");
        Some(Self { work, port })
    }

    fn config(&self) -> SmppConfig {
        let centre = format!("localhost:{}", self.port);
        let text = format!(
            "centre = \"{centre}\"\nsystem_id = \"kannel\"\nsource = \"12345\"\n\
             password = {{ file = \"{}\" }}",
            self.work.path().join("password").display()
        );
        toml::from_str(&text).expect("a configuration")
    }

    /// Waits until its log has an event: it is written behind what happens.
    fn logged(&self, name: &str) {
        for _ in 0..2_000 {
            if !self.events(name).is_empty() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("no {name} in the log");
    }

    /// What it saw, in the order of its log: the fields of each event as text.
    fn events(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let log = fs::read_to_string(self.work.path().join("messages.jsonl")).expect("the log");
        let whole = log.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let events = whole.lines().map(|line| {
            let event: BTreeMap<String, serde_json::Value> =
                serde_json::from_str(line).expect("JSON");
            let text = |value: serde_json::Value| match value {
                serde_json::Value::String(text) => text,
                value => value.to_string(),
            };
            event.into_iter().map(|(key, value)| (key, text(value))).collect::<BTreeMap<_, _>>()
        });
        events.filter(|event| event["event"] == name).collect()
    }
}

impl Drop for Centre {
    fn drop(&mut self) {
        let mut stop = Command::new("bash");
        stop.arg(peers().join("smsc/start.sh")).arg("stop").env("SMSC_WORK", self.work.path());
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

/// What segments without their headers are together.
fn user_data(segments: &[BTreeMap<String, String>]) -> Vec<u8> {
    let digits: String = segments.iter().map(|segment| segment["ud"].as_str()).collect();
    let octet = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(octet).collect()
}

#[tokio::test]
async fn a_message_arrives_whole_and_each_segment_has_its_receipt() {
    let Some(centre) = Centre::start(&[]) else { return };
    let mut listened = Listened::new(&centre.config());
    let valid_until = Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_893_455_999));
    let outgoing = Outgoing { valid_until, ..outgoing("one", 300) };
    assert_eq!(listened.route.plan(&outgoing).expect("a plan"), Plan::new(3, 306 + 3 * 13));
    listened.send(&outgoing).await.expect("taken");
    let told = listened.until("one", Status::Reached).await;
    assert!(told.iter().all(|told| &*told.route == "lab" && !told.raw.is_empty()));
    let reached = told.iter().filter(|told| told.receipt.says() == Says::Reached);
    assert!(reached.clone().all(|told| told.receipt.detail() == Detail::SmppState { state: 2 }));
    assert_eq!(reached.count(), 3);
    listened.close().await;
    centre.logged("unbind"); // the route ended in order

    let segments = centre.events("submit_sm");
    assert_eq!(segments.len(), 3);
    assert_eq!(Push::read(&user_data(&segments)).expect("a push").body, &outgoing.octets[..]);
    for (segment, number) in segments.iter().zip(1..) {
        let of = |key: &str| segment[key].as_str();
        assert_eq!(
            (of("esm_class"), of("data_coding"), of("registered_delivery")),
            ("64", "4", "1")
        );
        assert_eq!((of("source"), of("destination")), ("12345", "358401234567"));
        assert_eq!((of("dest_ton"), of("dest_npi")), ("1", "1"));
        assert!(of("udh").starts_with("0c05040b8423f00804"), "{segment:?}");
        assert!(of("udh").ends_with(&format!("03{number:02x}")), "{segment:?}");
        assert!(of("validity_period").contains("Dec 31 2029 23:59:59 GMT"), "{segment:?}");
    }
    let answers = centre.events("deliver_sm_resp");
    assert_eq!(answers.iter().filter(|event| event["status"] == "0").count(), 3, "{answers:?}");
}

#[tokio::test]
async fn a_wrong_password_fails_at_once_and_is_not_tried_in_haste() {
    let Some(centre) = Centre::start(&[("SMSC_PASSWORD", "other")]) else { return };
    let listened = Listened::new(&centre.config());
    let error = listened.send(&outgoing("one", 9)).await.expect_err("not let in");
    assert!(error.to_string().contains("ESME_RINVPASWD"), "{error}");
    assert!(matches!(&error, SendError::SmppBind { .. }), "{error}");
    assert_eq!((error.next(), error.may_have_arrived()), (Next::Again, false));
    assert!(listened.route.is_to_blame(&error), "and not the message");
    assert!(listened.send(&outgoing("two", 9)).await.is_err(), "while it waits, too");
    assert!(matches!(listened.route.state(), SmppState::Down(_)));
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    assert_eq!(centre.events("bind_transceiver").len(), 1);
}

#[tokio::test]
async fn throttling_is_obeyed_and_the_same_segment_goes_again() {
    // ESME_RTHROTTLED, ESME_RMSGQFUL, and once more behind the pause.
    let statuses = [("SMSC_FAIL_FIRST", "0x58,0x14,0x58")];
    let Some(centre) = Centre::start(&statuses) else { return };
    let mut listened = Listened::new(&centre.config());
    let outgoing = outgoing("one", 200);
    listened.send(&outgoing).await.expect("taken in the end");
    listened.until("one", Status::Reached).await;
    assert_eq!(listened.route.counts().throttled, 2, "pauses");
    let (refused, mut taken): (Vec<_>, Vec<_>) =
        centre.events("submit_sm").into_iter().partition(|event| event["status"] != "0");
    assert_eq!((refused.len(), taken.len()), (3, 2));
    taken.sort_by_key(|event| event["udh"].clone()); // of two, the one that was throttled comes later
    assert_eq!(Push::read(&user_data(&taken)).expect("a push").body, &outgoing.octets[..]);
    assert!(refused.iter().all(|refused| taken.iter().any(|taken| taken["udh"] == refused["udh"])));
}

#[tokio::test]
async fn a_centre_that_is_started_anew_in_the_middle_of_trains_gets_all_of_them() {
    let Some(centre) = Centre::start(&[]) else { return };
    let pause = Duration::from_millis(50);
    let config =
        SmppConfig { reconnect: pause, longest_reconnect: pause, window: 5, ..centre.config() };
    let mut listened = Listened::new(&config);
    let outgoing: Vec<_> = (0..40)
        .map(|number| Outgoing {
            octets: vec![number; 500].into(),
            ..outgoing(&format!("m{number:02}"), 500)
        })
        .collect();
    let sending = async {
        for outgoing in &outgoing {
            // While nobody is there it is told so at once, and sent again.
            while let Err(error) = listened.send(outgoing).await {
                assert!(
                    error.next() == Next::Again && listened.route.is_to_blame(&error),
                    "{error}"
                );
                tokio::time::sleep(pause).await;
            }
        }
    };
    let port = centre.port;
    let restarting = async {
        while centre.events("submit_sm").len() < 30 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let before = centre.events("submit_sm");
        drop(centre);
        (before, Centre::start_at(port, &[]).expect("it was there"))
    };
    let ((), (before, centre)) = tokio::join!(sending, restarting);
    listened.until("m39", Status::Reached).await;
    assert!(before.len() < 160, "in the middle");
    let all = before.into_iter().chain(centre.events("submit_sm"));
    let mut segments: Vec<_> =
        all.map(|event| (event["udh"].clone(), event["ud"].clone())).collect();
    segments.sort();
    segments.dedup();
    assert_eq!(segments.len(), 160, "each of them, and no octet was ever another");
}

#[tokio::test]
async fn a_refusal_ends_the_sending_with_what_to_do() {
    let Some(centre) = Centre::start(&[("SMSC_FAIL_FIRST", "0x0b,0x08")]) else { return };
    let listened = Listened::new(&centre.config());
    let error = listened.send(&outgoing("one", 9)).await.expect_err("refused");
    assert!(error.to_string().contains("ESME_RINVDSTADR"), "{error}");
    assert_eq!(error.next(), Next::OtherRoute);
    let error = listened.send(&outgoing("two", 9)).await.expect_err("failed");
    assert_eq!(error.next(), Next::Again, "{error}");
    listened.send(&outgoing("three", 9)).await.expect("taken");
}

#[tokio::test]
async fn over_tls_only_a_centre_that_somebody_vouches_for_is_sent_to() {
    let folder = tempfile::tempdir().expect("a folder");
    let names = vec!["localhost".to_owned()];
    let own = rcgen::generate_simple_self_signed(names).expect("a certificate");
    let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
    fs::write(&key, own.signing_key.serialize_pem()).expect("the key");
    fs::write(&certificate, own.cert.pem()).expect("the certificate");
    let paths = [("SMSC_KEY", key.to_str()), ("SMSC_CERTIFICATE", certificate.to_str())];
    let Some(centre) = Centre::start(&paths.map(|(name, path)| (name, path.expect("UTF-8"))))
    else {
        return;
    };
    let trusting = |ca| Some(ClientTls { ca, ..ClientTls::default() });
    let config = SmppConfig { tls: trusting(Some(certificate)), ..centre.config() };
    let mut listened = Listened::new(&config);
    listened.send(&outgoing("one", 300)).await.expect("taken");
    listened.until("one", Status::Reached).await;

    let doubting = Listened::new(&SmppConfig { tls: trusting(None), ..config.clone() });
    let error = doubting.send(&outgoing("two", 9)).await.expect_err("not trusted");
    assert!(matches!(&error, SendError::SmppDown { .. }), "{error}");
    assert!(error.to_string().contains("certificate"), "{error}");
    let plain = Listened::new(&SmppConfig {
        tls: None,
        answer_timeout: Duration::from_millis(500),
        ..config
    });
    assert!(plain.send(&outgoing("three", 9)).await.is_err(), "no SMPP without TLS there");
    assert_eq!(centre.events("submit_sm").len(), 3);
}

#[tokio::test]
async fn a_password_that_smpp_has_no_room_for_is_found_when_the_route_is_made() {
    let (tell, _told) = tokio::sync::mpsc::channel(1);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("password");
    fs::write(&file, "ninechars").expect("the password");
    let config = SmppConfig {
        password: Some(Secret::File(file)),
        ..SmppConfig::new(dm_transport::Host::parse("localhost", 2775).expect("a host"), "mgram")
    };
    let teller = dm_transport::Teller::new("lab", tell);
    let ledger = std::sync::Arc::new(dm_transport::MemoryLedger::new(1));
    let error = dm_transport::SmppRoute::new(&config, teller, ledger).expect_err("too long");
    assert!(error.to_string().contains("8 of a password"), "{error}");
}
