//! The journal on its way to a server of the owner: signed, in order, and nowhere else.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::device::{Device, LISTENERS};
use super::message::{DEVICE, sealed, sealed_with};
use super::peer::all_here;
use super::process::{Process, program, run};

/// What a server got.
struct Request {
    head: String,
    body: Vec<u8>,
}

impl Request {
    fn field(&self, name: &str) -> &str {
        let line = self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
        line.unwrap_or_else(|| panic!("no {name}: {}", self.head))
    }

    /// Its lines: the head, and the numbers of its entries.
    fn lines(&self) -> (Value, Vec<u64>) {
        let text = std::str::from_utf8(&self.body).expect("UTF-8");
        let mut lines = text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
        let head = lines.next().expect("a head");
        (head, lines.map(|line| line["number"].as_u64().expect("a number")).collect())
    }
}

/// A server that answers with these heads, the last of them for ever.
struct Sink {
    port: u16,
    requests: mpsc::Receiver<Request>,
}

impl Sink {
    fn start(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let port = listener.local_addr().expect("an address").port();
        let (sender, requests) = mpsc::channel();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().enumerate() {
                let answer = &answers[number.min(answers.len() - 1)];
                let request = take(stream.expect("a connection"), answer);
                if sender.send(request).is_err() {
                    return;
                }
            }
        });
        Self { port, requests }
    }

    fn next(&self) -> Request {
        self.requests.recv_timeout(Duration::from_secs(20)).expect("a request in time")
    }

    fn is_silent(&self, milliseconds: u64) -> bool {
        self.requests.recv_timeout(Duration::from_millis(milliseconds)).is_err()
    }
}

fn take(mut stream: TcpStream, answer: &str) -> Request {
    let mut octets = Vec::new();
    while !octets.ends_with(b"\r\n\r\n") {
        let mut octet = [0];
        stream.read_exact(&mut octet).expect("a head");
        octets.push(octet[0]);
    }
    let head = String::from_utf8(octets).expect("text").replace("\r\n", "\n");
    let request = Request { head, body: Vec::new() };
    let mut body = vec![0; request.field("content-length").parse().expect("a number")];
    stream.read_exact(&mut body).expect("a body");
    let _ = stream.write_all(format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\n\r\n").as_bytes());
    Request { body, ..request }
}

fn openssl(arguments: &[&str]) -> (i32, String) {
    let (code, out, err) = run(Command::new("openssl").args(arguments));
    (code, out + &err)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// A device with a report key that openssl made, and a configuration that reports to this port.
fn reporting(port: u16, algorithm: &[&str]) -> Device {
    let device = Device::new();
    let key = device.state().join("report.pem");
    let (code, said) = openssl(&[&["genpkey", "-out", text(&key)], algorithm].concat());
    assert_eq!(code, 0, "{said}");
    configure(&device, port);
    device
}

fn configure(device: &Device, port: u16) {
    device.configure(&format!(
        "{LISTENERS}\n[report]\nurl = \"http://127.0.0.1:{port}/journal\"\nsecurity = \"none\"\n\
         danger_insecure = true\nsigning_key = \"report.pem\"\nkey_name = \"r1\"\ndelay = \"50 ms\"\n"
    ));
}

const P256: &[&str] = &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"];
const RSA: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"];

/// Checks a detached JWS as a server would: with openssl, by the public half of the device's key.
fn verifies(device: &Device, request: &Request, digest: &str) -> bool {
    let (header, signature) = request.field("jws-signature").split_once("..").expect("detached");
    let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text).expect("base64url");
    let fields: Value = serde_json::from_slice(&decoded(header)).expect("JSON");
    assert_eq!(
        (&fields["kid"], &fields["b64"], &fields["crit"][0]),
        (&"r1".into(), &false.into(), &"b64".into())
    );
    let mut signature = decoded(signature);
    if fields["alg"] == "ES256" {
        signature = der(&signature);
    } else {
        assert_eq!(fields["alg"], "RS256");
    }
    let [signed, value, public] = ["signed", "value", "public.pem"].map(|name| device.path(name));
    let input = [header.as_bytes(), b".", &request.body].concat();
    std::fs::write(&signed, input).expect("written");
    std::fs::write(&value, signature).expect("written");
    let key = device.state().join("report.pem");
    assert_eq!(openssl(&["pkey", "-in", text(&key), "-pubout", "-out", text(&public)]).0, 0);
    let (code, said) = openssl(&[
        "dgst",
        digest,
        "-verify",
        text(&public),
        "-signature",
        text(&value),
        text(&signed),
    ]);
    assert_eq!(code == 0, said.contains("Verified OK"), "{said}");
    code == 0
}

/// r and s, as openssl reads them. [RFC 3279 §2.2.3]
fn der(fixed: &[u8]) -> Vec<u8> {
    let integer = |octets: &[u8]| {
        let begin = octets.iter().position(|octet| *octet != 0).expect("not zero");
        let sign: &[u8] = if octets[begin] >= 0x80 { &[0] } else { &[] };
        let value = [sign, &octets[begin..]].concat();
        [&[2, u8::try_from(value.len()).expect("short")], &*value].concat()
    };
    let (r, s) = fixed.split_at(fixed.len() / 2);
    let both = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(both.len()).expect("short")], &*both].concat()
}

#[test]
fn each_entry_is_reported_once_in_order_with_a_signature_that_openssl_verifies() {
    if !all_here(&["openssl"]) {
        return;
    }
    for (algorithm, digest) in [(P256, "-sha256"), (RSA, "-sha256")] {
        let sink = Sink::start(vec!["204 No Content".to_owned()]);
        let device = reporting(sink.port, algorithm);
        let mut agent = device.start();
        agent.push(&sealed(1));
        let first = sink.next();
        assert!(first.head.starts_with("POST /journal HTTP/1.1\n"), "{}", first.head);
        assert_eq!(first.field("content-type"), "application/x-ndjson");
        let (head, numbers) = first.lines();
        assert_eq!(
            (&head["device_id"], &head["last"], &head["lost"]),
            (&DEVICE.into(), &1.into(), &0.into())
        );
        assert_eq!(numbers, [1]);
        assert!(verifies(&device, &first, digest));
        let mut changed = first;
        let at = changed.body.len() - 3;
        changed.body[at] ^= 1;
        assert!(!verifies(&device, &changed, digest), "a changed report does not");
        agent.push(&sealed(1));
        agent.wait_for(" refused from=", 1);
        assert_eq!(sink.next().lines().1, [2], "a refusal, too");
        assert!(sink.is_silent(300), "nothing is new, nothing is sent");
        assert_eq!(agent.signal("TERM").code(), Some(0));
        let mut agent = device.start();
        assert!(sink.is_silent(300), "what was taken does not come again");
        agent.push(&sealed(2));
        agent.wait_for(" accepted from=", 1);
        assert_eq!(sink.next().lines().1, [3]);
    }
}

/// Where the journal goes is the configuration's alone: no value of a message, no answer of the server.
#[test]
fn no_message_and_no_answer_sends_a_report_elsewhere() {
    if !all_here(&["openssl"]) {
        return;
    }
    let elsewhere = Sink::start(vec!["204 No Content".to_owned()]);
    let url = format!("http://127.0.0.1:{}/journal", elsewhere.port);
    let moved = |status: &str| format!("{status}\r\nlocation: {url}\r\nrefresh: 0; url={url}");
    let sink = Sink::start(vec![
        moved("307 Temporary Redirect"),
        moved("301 Moved Permanently"),
        moved("200 OK"),
    ]);
    let device = reporting(sink.port, P256);
    let configured = std::fs::read(device.config()).expect("readable");
    let agent = device.start();
    agent.push(&sealed_with(1, &url));
    let bodies = [sink.next(), sink.next(), sink.next()].map(|request| request.lines());
    assert!(bodies.iter().all(|lines| *lines == bodies[0]), "it comes again until it is taken");
    agent.push(&sealed_with(2, &format!("[report] url = {url}")));
    assert_eq!(sink.next().lines().1, [2]);
    assert!(elsewhere.is_silent(300));
    assert_eq!(std::fs::read(device.config()).expect("readable"), configured);
}

#[test]
fn a_report_that_is_not_taken_comes_again_and_the_status_says_why() {
    if !all_here(&["openssl"]) {
        return;
    }
    let sink = Sink::start(vec!["503 Service Unavailable".to_owned(), "202 Accepted".to_owned()]);
    let device = reporting(sink.port, P256);
    let mut agent = device.start();
    agent.push(&sealed(1));
    let refused = sink.next();
    agent.wait_for("the journal was not reported", 1);
    let status = || {
        let path = device.config_path();
        let (code, out, _) = run(&mut program(&["--json", "status", "--config", &path]));
        assert_eq!(code, 0);
        serde_json::from_str::<Value>(&out).expect("JSON")["reported"].clone()
    };
    let said = status();
    assert_eq!(
        (&said["last"], said["trouble"].as_str().map(|it| it.contains("503"))),
        (&0.into(), Some(true))
    );
    agent.push(&sealed(2));
    agent.wait_for(" accepted from=", 2);
    let taken = sink.next();
    assert_eq!((refused.lines().1, taken.lines().1), (vec![1], vec![1, 2]));
    let start = std::time::Instant::now();
    while status()["last"] != 2 {
        assert!(start.elapsed() < Duration::from_secs(20), "{}", status());
    }
    assert_eq!(status()["trouble"], Value::Null);
}

#[test]
fn a_key_that_is_not_there_or_not_private_is_said_at_the_check() {
    if !all_here(&["openssl"]) {
        return;
    }
    let device = reporting(9, P256);
    let key = device.state().join("report.pem");
    let check = || run(&mut program(&["check", "--config", &device.config_path()]));
    assert_eq!(check().0, 0);
    let rights = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(&key, rights).expect("set");
    let (code, _, err) = check();
    assert!(code == 1 && err.contains("report.pem") && err.contains("chmod 600"), "{err}");
    std::fs::remove_file(&key).expect("removed");
    let (code, _, err) = check();
    assert!(code == 1 && err.contains("report.pem") && err.contains("make the key"), "{err}");
}

/// The key stays in a token; what it signs verifies as that of a file does.
#[test]
fn a_key_in_a_token_signs_reports_too() {
    let library = Path::new("/usr/lib/softhsm/libsofthsm2.so");
    if !all_here(&["openssl", "softhsm2-util"]) {
        return;
    }
    if !library.is_file() {
        return super::left_out::skipped("SoftHSM's library is elsewhere");
    }
    let sink = Sink::start(vec!["204 No Content".to_owned()]);
    let device = reporting(sink.port, P256);
    let [conf, tokens, pin] = ["softhsm2.conf", "tokens", "pin"].map(|name| device.path(name));
    std::fs::create_dir(&tokens).expect("made");
    std::fs::write(&conf, format!("directories.tokendir = {}\n", text(&tokens))).expect("written");
    write_private(&pin, "4711\n");
    let util = |arguments: &[&str]| {
        let (code, out, err) =
            run(Command::new("softhsm2-util").args(arguments).env("SOFTHSM2_CONF", &conf));
        assert_eq!(code, 0, "{out}{err}");
    };
    util(&["--init-token", "--free", "--label", "report", "--pin", "4711", "--so-pin", "47114711"]);
    let key = device.state().join("report.pem");
    let import = ["--import", text(&key), "--token", "report", "--label", "r", "--id", "01"];
    util(&[&import[..], &["--pin", "4711"]].concat());
    let uri = format!(
        "pkcs11:token=report;object=r?module-path={}&pin-source=file:{}",
        text(library),
        text(&pin)
    );
    let configuration = std::fs::read_to_string(device.config()).expect("readable");
    let in_token = configuration.replace("\"report.pem\"", &format!("{uri:?}"));
    std::fs::write(device.config(), in_token).expect("written");
    let path = device.config_path();
    let mut command = program(&["run", "--config", &path]);
    let agent = Process::start_by(command.env("SOFTHSM2_CONF", &conf), &device.config());
    agent.push(&sealed(1));
    assert!(verifies(&device, &sink.next(), "-sha256"));
}

/// Writes a file for its owner alone.
fn write_private(path: &Path, words: &str) {
    dm_agent::device_keys::write_new(path, words.as_bytes(), 0o600).expect("written");
}
