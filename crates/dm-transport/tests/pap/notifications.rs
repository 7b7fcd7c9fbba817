//! What a gateway tells later, posted by curl: there is no free gateway that sends any.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use dm_push::pap::{Code, Document, Report, State, Verdict};
use dm_push::receipt::{Detail, Says};
use dm_transport::{
    Ledger, ListenConfig, NotificationListener, PapConfig, PapRoute, PushId, Secret, Sent,
    ServerTls, Teller, Told, attempt,
};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;

use crate::authority::Authority;
use crate::lab::{Notes, gateway, next, outgoing, push_id, response};
use crate::peer::all_here;

fn config() -> ListenConfig {
    toml::from_str("address = \"127.0.0.1:0\"\ndanger_unprotected = true\ntimeout = \"2 s\"")
        .expect("a configuration")
}

/// A listener, and what it tells: kept as soon as it is told.
async fn listener(
    config: &ListenConfig,
    notes: &Arc<Notes>,
) -> (NotificationListener, mpsc::Receiver<Told>) {
    let (listener, mut told) = telling(config, notes).await;
    let (tell, kept) = mpsc::channel(16);
    tokio::spawn(async move {
        while let Some(told) = told.recv().await {
            told.done.confirm();
            tell.send(told).await.expect("heard");
        }
    });
    (listener, kept)
}

async fn telling(
    config: &ListenConfig,
    notes: &Arc<Notes>,
) -> (NotificationListener, mpsc::Receiver<Told>) {
    let (tell, told) = mpsc::channel(16);
    let teller = Teller::new("ppg", tell);
    let started = NotificationListener::start(config, teller, notes.clone()).await;
    (started.expect("started"), told)
}

fn report(push_id: &str, state: State, code: u16) -> String {
    report_of("WAPPUSH=+358401234567/TYPE=PLMN@PPG.example", push_id, state, code)
}

fn report_of(address: &str, push_id: &str, state: State, code: u16) -> String {
    let verdict = Verdict { code: Code::new(code).expect("a code"), text: "said & done".into() };
    let address = address.into();
    let report = Report { push_id: push_id.into(), address, state, verdict, at: None };
    Document::ResultNotification(report).write().expect("written")
}

fn noted(push_id: &str) -> Arc<Notes> {
    let notes = Notes::new();
    let id = PushId::new("one").expect("an id");
    let called = format!("{push_id} WAPPUSH=+358401234567/TYPE=PLMN@ppg.example");
    notes.note("ppg", &called, &Sent { id, part: None }).expect("noted");
    notes
}

/// Posts by curl: the status and the body that come back; 000 where none came.
async fn curl(url: String, body: String, more: Vec<String>) -> (String, String) {
    let posted = tokio::task::spawn_blocking(move || {
        let mut curl = Command::new("curl");
        curl.args([
            "-s",
            "-m",
            "10",
            "-w",
            "\n%{http_code}",
            "-H",
            "Content-Type: application/xml",
        ]);
        curl.args(["--data-binary", "@-"]).args(more).arg(url);
        let mut child = curl.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("curl");
        let written =
            std::io::Write::write_all(&mut child.stdin.take().expect("piped"), body.as_bytes());
        let _ = written; // curl may be refused before it has read all
        let output = child.wait_with_output().expect("curl");
        String::from_utf8(output.stdout).expect("text")
    });
    let posted = posted.await.expect("posted");
    let (body, status) = posted.rsplit_once('\n').expect("a status");
    (status.to_owned(), body.to_owned())
}

#[tokio::test]
async fn a_notification_is_told_of_the_sending_and_answered() {
    if !all_here(&["curl"]) {
        return;
    }
    // Sent by a route; the listener knows it by what the route noted, also after both were made anew.
    let notes = Notes::new();
    let called = format!("{}@server.example", push_id("one"));
    let (url, _asked) = gateway(vec![response(&called, 1001)]).await;
    let route = PapConfig { push_id_domain: Some("server.example".into()), ..PapConfig::new(&url) };
    let (tell, _) = mpsc::channel(1);
    let route = PapRoute::new(&route, Teller::new("ppg", tell), notes.clone()).unwrap();
    let outgoing = outgoing("one", b"\x02", "WAPPUSH=+358401234567/TYPE=PLMN@ppg.example");
    attempt(&route, &outgoing).await.unwrap();
    drop(route);

    let (listener, mut told) = listener(&config(), &notes).await;
    let url = format!("http://{}/pap", listener.local_addr());
    for (state, code, says) in [
        (State::Delivered, 1000, Says::Reached),
        (State::Expired, 4000, Says::Expired),
        (State::Delivered, 1000, Says::Reached), // it came again, and is told again
    ] {
        let body = report(&called, state, code);
        let (status, answer) = curl(url.clone(), body.clone(), vec![]).await;
        assert_eq!(status, "200");
        assert!(answer.contains("<resultnotification-response code=\"1000\""), "{answer}");
        assert!(answer.contains(&format!("push-id=\"{called}\"")), "{answer}");
        let told = next(&mut told).await;
        assert_eq!((told.id.as_str(), told.receipt.says()), ("one", says));
        assert_eq!(told.receipt.detail(), Detail::Pap { code });
        assert_eq!(told.raw, body.as_bytes());
    }
    assert_eq!(listener.unknown().count, 0);
}

#[tokio::test]
async fn a_notification_of_an_unknown_push_stays_visible() {
    if !all_here(&["curl"]) {
        return;
    }
    let (listener, mut told) = listener(&config(), &noted("one")).await;
    let url = format!("http://{}/pap", listener.local_addr());
    let (status, answer) = curl(url.clone(), report("two", State::Delivered, 1000), vec![]).await;
    assert!(status == "200" && answer.contains("code=\"1000\""), "{answer}");
    let (status, _) = curl(url.clone(), report("one", State::Unknown, 1000), vec![]).await;
    assert_eq!(status, "200");
    let unknown = listener.unknown();
    assert_eq!(unknown.count, 2);
    assert_eq!(unknown.latest, [("one".into(), State::Unknown), ("two".into(), State::Delivered)]);
    // Another device than the one it went to, or none at all.
    for address in ["WAPPUSH=+19999999999/TYPE=PLMN@other.example", "+358401234567"] {
        let body = report_of(address, "one", State::Delivered, 1000);
        assert_eq!(curl(url.clone(), body, vec![]).await.0, "200");
    }
    assert_eq!(listener.unknown().count, 4);
    assert!(told.try_recv().is_err());
}

#[tokio::test]
async fn who_told_something_is_answered_before_the_listener_ends() {
    if !all_here(&["curl"]) {
        return;
    }
    let (listener, mut told) = telling(&config(), &noted("one")).await;
    let url = format!("http://{}/pap", listener.local_addr());
    let idle = TcpStream::connect(listener.local_addr()).await.expect("it listens");
    let posted = tokio::spawn(curl(url, report("one", State::Delivered, 1000), vec![]));
    let kept = next(&mut told).await;
    let soon = tokio::time::Instant::now() + Duration::from_secs(10);
    let closing = tokio::spawn(async move { listener.close(soon).await });
    for _ in 0..100 {
        tokio::task::yield_now().await; // it begins to close
    }
    kept.done.confirm();
    closing.await.expect("closed");
    let (status, answer) = posted.await.expect("posted");
    assert!(status == "200" && answer.contains("code=\"1000\""), "{status} {answer}");
    drop(idle);
}

#[tokio::test]
async fn what_could_not_be_told_on_is_asked_for_again() {
    if !all_here(&["curl"]) {
        return;
    }
    let notes = noted("one");
    let (listener, mut told) = telling(&config(), &notes).await;
    let url = format!("http://{}/pap", listener.local_addr());
    let body = report("one", State::Delivered, 1000);
    let posted = tokio::spawn(curl(url.clone(), body.clone(), vec![]));
    drop(next(&mut told).await); // and not kept
    let (status, answer) = posted.await.unwrap();
    assert!(status == "503" && answer.contains("code=\"4001\""), "{status} {answer}");
    notes.fails.store(true, Ordering::Relaxed);
    let (status, answer) = curl(url.clone(), body.clone(), vec![]).await;
    assert!(status == "503" && answer.contains("code=\"4001\""), "{status} {answer}");
    notes.fails.store(false, Ordering::Relaxed);
    drop(told);
    let (status, answer) = curl(url, body, vec![]).await;
    assert!(status == "503" && answer.contains("code=\"4001\""), "{status} {answer}");
}

#[tokio::test]
async fn what_is_no_notification_is_refused_in_words() {
    if !all_here(&["curl"]) {
        return;
    }
    let (listener, _told) = listener(&config(), &noted("one")).await;
    let url = format!("http://{}/pap", listener.local_addr());
    let long = format!("<pap>{}</pap>", " ".repeat(100_000));
    let query = "<pap><statusquery-message push-id=\"one\"/></pap>";
    for (body, status, words) in [
        ("<pap", "400", "badmessage-response code=\"2000\""),
        (query, "400", "badmessage-response code=\"3001\""),
        (&long, "413", ""),
    ] {
        let (code, answer) = curl(url.clone(), body.into(), vec![]).await;
        assert!(code == status && answer.contains(words), "{code} {answer}");
    }
    let body = report("one", State::Delivered, 1000);
    let other = url.replace("/pap", "/other");
    assert_eq!(curl(other, body.clone(), vec![]).await.0, "404");
    assert_eq!(curl(url.clone(), body, vec!["-X".into(), "PUT".into()]).await.0, "405");
}

#[tokio::test]
async fn who_the_gateway_is_can_be_asked_for() {
    if !all_here(&["curl"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(folder.path(), "ca");
    let (certificate, key) = authority.issue("127.0.0.1");
    let (own, own_key) = authority.issue("ppg.example");
    let password = folder.path().join("password");
    std::fs::write(&password, "secret").unwrap();
    let clients = Some(authority.path());
    let config = ListenConfig {
        tls: Some(ServerTls { certificate, key, clients }),
        user: Some("ppg".into()),
        password: Some(Secret::File(password)),
        danger_unprotected: false,
        ..config()
    };
    let (listener, mut told) = listener(&config, &noted("one")).await;
    let url = format!("https://{}/pap", listener.local_addr());
    let argument = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let ca = ["--cacert".into(), argument(&authority.path())];
    let own = vec!["--cert".into(), argument(&own), "--key".into(), argument(&own_key)];
    let login = |password: &str| vec!["-u".into(), format!("ppg:{password}")];
    let body = || report("one", State::Delivered, 1000);
    for (more, status) in [
        ([&ca[..], &own, &login("secret")].concat(), "200"),
        ([&ca[..], &own, &login("wrong")].concat(), "401"),
        ([&ca[..], &own].concat(), "401"),
        ([&ca[..], &login("secret")].concat(), "000"),
    ] {
        assert_eq!(curl(url.clone(), body(), more).await.0, status);
    }
    let told_of = told.try_recv().expect("told");
    let protection = told_of.security.as_deref();
    assert_eq!(
        protection,
        Some("TLS, client certificate and password"),
        "of the listener, not of the route"
    );
    assert!(told.try_recv().is_err(), "once");
    let config = ListenConfig { tls: None, ..config };
    let (tell, _) = mpsc::channel(1);
    let started =
        NotificationListener::start(&config, Teller::new("ppg", tell), Notes::new()).await;
    let error = started.map(|_| ()).expect_err("a password in clear protects nothing");
    assert!(error.to_string().contains("[R16]"), "{error}");
}

#[tokio::test]
async fn those_who_say_nothing_do_not_keep_others_out() {
    if !all_here(&["curl"]) {
        return;
    }
    let config = ListenConfig { connections: 2, timeout: Duration::from_millis(300), ..config() };
    let (listener, mut told) = listener(&config, &noted("one")).await;
    let mut idle = Vec::new();
    for _ in 0..4 {
        let mut stream = TcpStream::connect(listener.local_addr()).await.unwrap();
        stream.write_all(b"POST /pap HTTP/1.1\r\n").await.unwrap();
        idle.push(stream);
    }
    let url = format!("http://{}/pap", listener.local_addr());
    let (status, _) = curl(url, report("one", State::Delivered, 1000), vec![]).await;
    assert_eq!(status, "200");
    next(&mut told).await;
}
