//! Signing on another machine: what goes through, and what is found out on the way.

use serde_json::{Value, json};

use super::bench::{Bench, DEVICE, OPERATOR};

const ANSWERING: [&str; 7] =
    ["sign-answer", "q.json", "--key", "op/key.pem", "--yes", "-o", "a.json"];
const ATTACHING: [&str; 7] =
    ["attach", "q.json", "a.json", "--cert", "op/cert.pem", "-o", "out.wbxml"];

/// A request, as `q.json`.
fn asked() -> Bench {
    let bench = Bench::ready();
    request(&bench, "q.json", "2");
    bench
}

fn request(bench: &Bench, output: &str, counter: &str) {
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE, "--counter", counter];
    let how = ["--alg", "es256", "--key-name", "key-1", "-o", output];
    bench.done(&[&["sign-request", "set.xml"][..], &whom, &how].concat());
}

fn load(bench: &Bench, name: &str) -> Value {
    serde_json::from_slice(&bench.read(name)).expect("JSON")
}

/// The file again, with a field changed.
fn change(bench: &Bench, name: &str, to: &str, field: &str, value: Value) {
    let mut content = load(bench, name);
    assert_ne!(content[field], value, "no change");
    content[field] = value;
    bench.write(to, content.to_string());
}

#[test]
fn what_another_machine_signed_is_what_a_device_accepts() {
    let bench = asked();
    let said = bench.done(&ANSWERING);
    assert!(said.contains(&format!("from {OPERATOR} to {DEVICE}\ncounter 2, expires never\n")));
    assert!(said.contains("1: Replace ./Home with \"new\""), "{said}");
    bench.done(&ATTACHING);
    let verdict = bench.json(&["open", "out.wbxml", "st"]);
    assert_eq!(
        (verdict["verdict"].as_str(), verdict["key_name"].as_str()),
        (Some("accepted"), Some("key-1"))
    );
    // The same message, sealed in one place, has as many octets: the request foretells them.
    assert_eq!(load(&bench, "q.json")["summary"]["octets"], bench.read("out.wbxml").len());
}

#[test]
fn json_says_what_was_asked_and_signed() {
    let bench = asked();
    let answer = bench.json(&ANSWERING);
    let asked = load(&bench, "q.json");
    assert_eq!(answer["request"], asked["signed_info_digest"]);
    let attached = bench.json(&ATTACHING);
    assert_eq!(attached["octets"], bench.read("out.wbxml").len());
    assert_eq!((&attached["server_id"], &attached["target"]), (&json!(OPERATOR), &json!(DEVICE)));
}

#[test]
fn nothing_is_signed_unless_it_is_confirmed() {
    let bench = asked();
    let silent: Vec<&str> = ANSWERING.into_iter().filter(|word| *word != "--yes").collect();
    bench.fails(2, &silent, &["nobody is there to confirm", "q.json", "--yes"]);
}

#[test]
fn a_request_that_does_not_fit_its_message_is_not_signed() {
    let bench = asked();
    bench.done(&ANSWERING);
    let asked = load(&bench, "q.json");
    let text = asked["message"].as_str().expect("text");
    let mut harmless = asked["summary"].clone();
    harmless["commands"] = json!(["1: Get ./DevInfo"]);
    let other = text.replace("new", "evil");
    for (field, value, said) in [
        ("message", json!(other), "digest is not that of the message"),
        ("message", json!(text.replace("<Final>", "<Final >")), "message is not in canonical form"),
        ("digest", json!("00"), "digest is not that of the message"),
        ("signed_info", json!("AAAA"), "signed_info is not that of the message"),
        ("signed_info", json!("no base64"), "signed_info is not that of the message"),
        ("signed_info_digest", json!("00"), "signed_info_digest is not that of the message"),
        ("summary", harmless, "summary is not that of the message"),
        ("method", json!("urn:none"), "method is none of the closed list"),
    ] {
        change(&bench, "q.json", "bad.json", field, value);
        let mut answering = ANSWERING;
        answering[1] = "bad.json";
        bench.fails(
            1,
            &answering,
            &[said, "bad.json", "next"].map(|word| if word == "next" { "anew" } else { word }),
        );
        let mut attaching = ATTACHING;
        attaching[1] = "bad.json";
        bench.fails(1, &attaching, &[said, "bad.json"]);
    }
    for (value, said) in [
        (json!("<a"), "bad.json, message"),
        (json!("<a xmlns=\"urn:b\"></a>"), "not a SyncML 1.2 message"),
        (json!(text.replace("DM/1.3", "DM/9.9")), "SyncHdr"),
    ] {
        change(&bench, "q.json", "bad.json", "message", value);
        let mut answering = ANSWERING;
        answering[1] = "bad.json";
        bench.fails(2, &answering, &[said]);
    }
}

#[test]
fn files_that_are_something_else_are_told_apart() {
    let bench = asked();
    bench.done(&ANSWERING);
    bench.write("empty.json", "");
    bench.write("deep.json", "{\"x\":".repeat(100_000));
    bench.write("huge.json", " ".repeat((4 << 20) + 1));
    bench.write("binary.json", [0xFF, 0, 1]);
    change(&bench, "q.json", "later.json", "version", json!(2));
    change(&bench, "q.json", "more.json", "note", json!("x"));
    let wanted = "give the request of `mgram sign-request`";
    for (file, said, next) in [
        ("a.json", "this is an answer", wanted),
        ("later.json", "version 2 is not known here, 1 is", "the same version of mgram"),
        ("more.json", "unknown field `note`", wanted),
        ("empty.json", "not the file that is wanted", wanted),
        ("deep.json", "not the file that is wanted", wanted),
        ("binary.json", "not the file that is wanted", wanted),
        ("huge.json", "more than 4194304 octets", "split"),
        ("set.xml", "not the file that is wanted", wanted),
        ("none.json", "there is no such file", "correct the path"),
    ] {
        let mut answering = ANSWERING;
        answering[1] = file;
        bench.fails(2, &answering, &[said, file, next]);
        let mut attaching = ATTACHING;
        attaching[1] = file;
        bench.fails(2, &attaching, &[said, file, next]);
    }
    let mut attaching = ATTACHING;
    attaching[2] = "q.json";
    bench.fails(2, &attaching, &["this is a request", "give the answer of `mgram sign-answer`"]);
}

#[test]
fn an_answer_to_another_request_is_refused() {
    let bench = asked();
    bench.done(&ANSWERING);
    request(&bench, "other.json", "3");
    let mut attaching = ATTACHING;
    attaching[1] = "other.json";
    bench.fails(1, &attaching, &["the answer is to another request", "request differs", "a.json"]);
    for field in ["method", "key_name", "request"] {
        change(&bench, "a.json", "bad.json", field, json!("x"));
        let mut attaching = ATTACHING;
        attaching[2] = "bad.json";
        bench.fails(1, &attaching, &[&format!("another request: {field} differs"), "bad.json"]);
    }
}

/// Whatever the answer says of itself: the signature is verified.
#[test]
fn a_signature_that_does_not_hold_is_not_attached() {
    let bench = asked();
    bench.done(&ANSWERING);
    request(&bench, "other.json", "3");
    let mut answering = ANSWERING;
    (answering[1], answering[6]) = ("other.json", "other-a.json");
    bench.done(&answering);
    let stolen = load(&bench, "other-a.json")["signature"].clone();
    let mut attaching = ATTACHING;
    attaching[2] = "bad.json";
    for (value, code, said) in [
        (stolen, 1, "was not made with the key of this certificate"),
        (json!("AAAA"), 1, "was not made with the key of this certificate"),
        (json!(""), 1, "was not made with the key of this certificate"),
        (json!("no base64"), 2, "signature is not base64"),
    ] {
        change(&bench, "a.json", "bad.json", "signature", value);
        bench.fails(code, &attaching, &[said, "bad.json"]);
    }
    let mut attaching = ATTACHING;
    attaching[4] = "pa/cert.pem";
    bench.fails(1, &attaching, &["does not name \"dm.operator.example\"", "pa/cert.pem"]);
    attaching[4] = "set.xml";
    bench.fails(2, &attaching, &["not a certificate or public key", "set.xml"]);
    let mut answering = ANSWERING;
    answering[3] = "pa/key.pem"; // of another server: its certificate is not the account's
    bench.done(&answering);
    bench.fails(1, &ATTACHING, &["was not made with the key of this certificate", "a.json"]);
}

#[test]
fn a_key_for_another_method_is_not_asked() {
    let bench = Bench::ready();
    let keygen = ["keygen", "--alg", "rs256", "--server-id", OPERATOR, "--name", "k", "-o", "rsa"];
    bench.done(&keygen);
    request(&bench, "q.json", "2");
    let mut answering = ANSWERING;
    answering[3] = "rsa/key.pem";
    bench.fails(2, &answering, &["cannot sign by this method", "rsa/key.pem", "a key for es256"]);
    let bad = ["sign-request", "set.xml", "--alg", "hs256", "--key-name", "k", "-o", "x.json"];
    let said = bench.run(&bad);
    assert!(said.code == 2 && said.err.contains("[possible values: es256"), "{said:?}");
}

/// An RSA key signs as it is asked to; one at rest is read as `seal` reads it.
#[test]
fn a_key_at_rest_answers_by_the_method_of_the_request() {
    let bench = Bench::ready();
    bench.write("pass.txt", "a passphrase\n");
    let whom = ["--server-id", OPERATOR, "--name", "k", "-o", "rsa"];
    let how = ["--alg", "rs256", "--encrypt", "--key-pass-file", "pass.txt"];
    bench.done(&[&["keygen"][..], &whom, &how].concat());
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE];
    let how = ["--alg", "ps384", "--key-name", "key-1", "-o", "q.json"];
    bench.done(&[&["sign-request", "set.xml"][..], &whom, &how].concat());
    let mut answering = ANSWERING.to_vec();
    answering[3] = "rsa/key.pem";
    bench.fails(2, &answering, &["the key is encrypted", "rsa/key.pem", "--key-pass-file"]);
    answering.extend(["--key-pass-file", "pass.txt"]);
    bench.done(&answering);
    let mut attaching = ATTACHING;
    attaching[4] = "rsa/cert.pem";
    bench.done(&attaching);
    let text = bench.run(&["decode", "out.wbxml"]).out;
    assert!(text.contains("#sha384-rsa-MGF1"), "{text}");
    answering[3] = "pkcs11:token=a";
    bench.fails(2, &answering, &["--key-pass-file is for keys in files", "pin-source="]);
}

/// What `seal` refuses, `sign-request` refuses; in the same words.
#[test]
fn a_message_that_is_not_fit_is_not_asked_for() {
    let bench = Bench::ready();
    let how = ["--alg", "es256", "--key-name", "key-1", "-o", "q.json"];
    bench.fails(2, &[&["sign-request", "set.xml"][..], &how].concat(), &["SyncHdr"]);
    bench.done(&["decode", "set.wbxml", "-o", "signed.xml"]);
    bench.fails(
        2,
        &[&["sign-request", "signed.xml"][..], &how].concat(),
        &["elements of a signature"],
    );
    let long = String::from_utf8(bench.read("set.xml")).expect("text");
    bench.write("long.xml", long.replace("new", &"long ".repeat(300_000)));
    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE];
    let long = [&["sign-request", "long.xml"][..], &whom, &how].concat();
    bench.fails(2, &long, &["a device takes at most", "split it"]);
    let mut unnamed = how;
    unnamed[3] = " ";
    bench.fails(
        2,
        &[&["sign-request", "set.xml"][..], &unnamed].concat(),
        &["--key-name is empty"],
    );
}

#[test]
fn keys_in_tokens_are_named_without_their_pin() {
    let bench = asked();
    let mut answering = ANSWERING;
    for (code, uri, words) in [
        (2, "pkcs11:token=a?pin-value=4711", &["the PIN in it", "--key", "pin-source=file:"][..]),
        (
            2,
            "pkcs11:tokn=a",
            &["has tokn, which is not known here", "RFC 7512", "pkcs11:token=LABEL"],
        ),
        (69, "pkcs11:token=a?module-path=/no/such.so", &["/no/such.so", "correct module-path"]),
    ] {
        answering[3] = uri;
        bench.fails(code, &answering, words);
        assert!(!bench.run(&answering).err.contains("4711"));
    }
}
