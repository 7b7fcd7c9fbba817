//! What `seal` can do besides signing, when the key is on another machine: encryption, certificates,
//! the compact spelling. [profile §3, §5, §6]

use serde_json::{Value, json};

use super::bench::{Bench, DEVICE, OPERATOR, provision};

/// A device `enc` with a key to decrypt with, which takes the compact spelling by `on.toml`.
fn ready() -> Bench {
    let bench = Bench::ready();
    bench.done(&provision("enc", "op", &["--tnds", "home.xml", "--device-key", "d1"]));
    bench.write(
        "on.toml",
        format!("device_id = \"{DEVICE}\"\nstate = \"enc\"\nspelling = \"any\"\n"),
    );
    bench
}

const TO: [&str; 2] = ["--encrypt-to", "enc/device-keys/d1.crt"];
const NAMED: [&str; 2] = ["--key-name", "key-1"];

fn request<'a>(shown: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE, "--alg", "es256", "-o", "q.json"];
    [&["sign-request", "set.xml"][..], &whom, shown, more].concat()
}

fn answer(bench: &Bench) -> String {
    bench.done(&["sign-answer", "q.json", "--key", "op/key.pem", "--yes", "-o", "a.json"])
}

fn attach<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let these = ["attach", "q.json", "a.json", "--cert", "op/cert.pem", "-o", "m"];
    [&these[..], more].concat()
}

fn status(bench: &Bench) -> Value {
    let verdict = bench.json(&["open", "m", "enc", "--dry-run", "--config", "on.toml"]);
    verdict["commands"][0]["status"].clone()
}

#[test]
fn parts_are_encrypted_before_they_are_signed() {
    for extent in [&["--encrypt", "body"][..], &["--confidential", "./Home"]] {
        let bench = ready();
        let asked = bench.json(&request(&NAMED, &[&TO[..], extent].concat()));
        assert_eq!(asked["recipient"], "d1", "{asked}");
        let said = answer(&bench);
        assert!(said.contains("an encrypted part") && !said.contains("new"), "{said}");
        bench.done(&attach(&[]));
        assert_eq!(status(&bench), 200, "{extent:?}");
    }
}

#[test]
fn the_whole_is_encrypted_when_it_is_signed() {
    let bench = ready();
    bench.done(&request(&NAMED, &["--spelling", "compact"]));
    answer(&bench);
    bench.done(&attach(&[]));
    let open = bench.read("m").len();
    let attached = bench.json(&attach(&[&TO[..], &["--aes", "256"]].concat()));
    assert_eq!((&attached["encrypted"], &attached["recipient"]), (&"message".into(), &"d1".into()));
    assert!(bench.read("m").len() > open + 100);
    let inside = bench.done(&["inspect", "m"]);
    assert!(!inside.contains("./Home"), "{inside}");
    assert_eq!(status(&bench), 200);
}

#[test]
fn what_the_order_forbids_is_refused_with_the_way_out() {
    let bench = ready();
    let whole = request(&NAMED, &[&TO[..], &["--encrypt", "message"]].concat());
    bench.fails(2, &whole, &["for what is signed already", "profile §6", "`mgram attach`"]);
    bench.done(&request(&NAMED, &[]));
    answer(&bench);
    for part in ["body", "secrets"] {
        let parts = attach(&[&TO[..], &["--encrypt", part]].concat());
        bench.fails(2, &parts, &["before they are signed", "profile §6", "`mgram sign-request`"]);
    }
}

#[test]
fn what_stays_in_the_clear_is_warned_of() {
    let bench = ready();
    let asked = bench.json(&request(&NAMED, &["--confidential", "./Home"]));
    let warning = asked["warnings"][0].as_str().expect("a warning");
    assert!(warning.starts_with("R13") && warning.contains("./Home"), "{warning}");
    let said = bench.run(&request(&NAMED, &["--confidential", "./Home"]));
    assert!(said.code == 0 && said.err.starts_with("mgram: warning: R13"), "{}", said.err);
}

#[test]
fn the_request_foretells_the_octets_of_the_spelling() {
    let bench = ready();
    let octets = |more: &[&str]| {
        let asked = bench.json(&request(&NAMED, more));
        let said = answer(&bench);
        bench.done(&attach(&[]));
        assert_eq!(asked["summary"]["octets"], bench.read("m").len(), "{more:?}");
        assert_eq!(said.contains("in the compact spelling"), !more.is_empty(), "{said}");
        assert_eq!(status(&bench), 200);
        bench.read("m").len()
    };
    assert!(octets(&[]) > octets(&["--spelling", "compact"]) + 300);
    // Whoever attaches may spell it otherwise: the signature is the same.
    bench.done(&attach(&["--spelling", "interop"]));
    bench.done(&["open", "m", "st", "--dry-run"]);
}

#[test]
fn a_certificate_is_shown_instead_of_a_name() {
    let bench = ready();
    let shown = ["--show-certificate", "op/cert.pem"];
    let asked = bench.json(&request(&shown, &[]));
    assert!(asked["key_name"].is_null() && asked["certificate"].is_string(), "{asked}");
    let said = answer(&bench);
    assert!(said.contains("signed with the certificate of SHA-256 "), "{said}");
    let attached = bench.done(&attach(&[]));
    assert!(attached.contains("signed with the certificate of SHA-256 "), "{attached}");
    assert!(bench.done(&["decode", "m"]).contains("<X509Certificate>"));
    assert_eq!(status(&bench), 200);

    let of_another = request(&["--show-certificate", "pa/cert.pem"], &[]);
    bench.fails(2, &of_another, &["does not name \"dm.operator.example\"", "pa/cert.pem"]);
    let both = [&shown[..], &NAMED].concat();
    assert_eq!(bench.run(&request(&both, &[])).code, 2);
}

#[test]
fn a_certificate_of_another_key_is_not_answered() {
    let bench = ready();
    bench.done(&["keygen", "--server-id", OPERATOR, "--name", "k", "-o", "op2"]);
    bench.done(&request(&["--show-certificate", "op2/cert.pem"], &[]));
    let answering = ["sign-answer", "q.json", "--key", "op/key.pem", "--yes", "-o", "a.json"];
    bench.fails(2, &answering, &["not that of the key", "q.json", "this very key"]);
    let mut asked: Value = serde_json::from_slice(&bench.read("q.json")).expect("JSON");
    for (key_name, certificate, said) in [
        (json!("k"), asked["certificate"].clone(), "one of the two"),
        (Value::Null, Value::Null, "one of the two"),
        (Value::Null, json!("no base64"), "certificate is not base64"),
    ] {
        (asked["key_name"], asked["certificate"]) = (key_name, certificate);
        bench.write("q.json", asked.to_string());
        bench.fails(1, &answering, &[said, "q.json"]);
    }
}
