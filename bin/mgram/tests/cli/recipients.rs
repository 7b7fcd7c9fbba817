//! Certificates to encrypt to: those of the device, and those that only look like them.
//! [profile §6], [RFC 5280 §4.2.1.3, §4.2.1.6]

use rcgen::{CertificateParams, KeyPair, KeyUsagePurpose, SanType, date_time_ymd};

use super::bench::{Bench, DEVICE, OPERATOR, sealing};
use super::pem::{der, pem, public};

const BODY: [&str; 2] = ["--encrypt", "body"];
const WHOLE: [&str; 2] = ["--encrypt", "message"];

fn encrypting<'a>(cert: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    [&sealing("set.xml", "m")[..], &["--encrypt-to", cert, "--recipient", "d1"], more].concat()
}

/// What is warned of, in JSON; and the same in words.
fn warnings(bench: &Bench, arguments: &[&str]) -> Vec<String> {
    let sealed = bench.json(arguments);
    let of = |warning: &serde_json::Value| warning.as_str().expect("text").to_owned();
    let warnings: Vec<_> = sealed["warnings"].as_array().expect("a list").iter().map(of).collect();
    let said = bench.run(arguments);
    assert_eq!(said.code, 0, "{said:?}");
    let words: String = warnings.iter().map(|it| format!("mgram: warning: {it}\n")).collect();
    assert_eq!(said.err, words);
    warnings
}

/// A self-signed certificate of a P-256 key.
fn write(bench: &Bench, file: &str, change: impl FnOnce(&mut CertificateParams)) {
    let mut parameters = CertificateParams::default();
    change(&mut parameters);
    let key = KeyPair::generate().expect("a key");
    bench.write(file, parameters.self_signed(&key).expect("a certificate").pem());
}

fn names(names: &[&str]) -> Vec<SanType> {
    names.iter().map(|&name| SanType::URI(name.try_into().expect("ASCII"))).collect()
}

#[test]
fn a_certificate_of_another_device_is_warned_of() {
    let bench = Bench::ready();
    for (device, folder) in [(DEVICE, "own"), ("urn:imei:9", "other")] {
        bench.done(&["keygen", "--device", device, "--name", "d1", "-o", folder]);
    }
    assert!(warnings(&bench, &encrypting("own/cert.pem", &BODY)).is_empty());
    let others = warnings(&bench, &encrypting("other/cert.pem", &BODY));
    assert!(others.len() == 1, "{others:?}");
    for words in ["that of urn:imei:9,", "the message is for urn:imei:004999010640000"] {
        assert!(others[0].contains(words), "{others:?}");
    }
    let mut group = encrypting("own/cert.pem", &BODY);
    let at = group.iter().position(|word| *word == DEVICE).expect("a target");
    group[at] = "urn:group:trucks";
    assert!(warnings(&bench, &group)[0].contains(&format!("that of {DEVICE},")));

    let whom = ["--server-id", OPERATOR, "--device-id", DEVICE, "--key-name", "key-1"];
    let to = ["--encrypt-to", "other/cert.pem"];
    let asking = ["sign-request", "set.xml", "--alg", "es256", "-o", "q.json"];
    let asking = [&asking[..], &whom].concat();
    assert_eq!(warnings(&bench, &[&asking[..], &to, &BODY].concat()), others);
    bench.done(&asking);
    bench.done(&["sign-answer", "q.json", "--key", "op/key.pem", "--yes", "-o", "a.json"]);
    let attaching = ["attach", "q.json", "a.json", "--cert", "op/cert.pem", "-o", "m"];
    assert_eq!(warnings(&bench, &[&attaching[..], &to, &WHOLE].concat()), others);
}

#[test]
fn what_names_nobody_or_the_device_among_others_is_not_warned_of() {
    let bench = Bench::ready();
    bench.done(&["keygen", "--device", DEVICE, "--name", "d1", "-o", "own"]);
    bench.write("bare.pem", pem("PUBLIC KEY", &public(&der(&bench.read("own/key.pem")))));
    write(&bench, "nobody.pem", |_| {});
    write(&bench, "among.pem", |it| it.subject_alt_names = names(&["urn:x", DEVICE]));
    for cert in ["bare.pem", "nobody.pem", "among.pem"] {
        assert!(warnings(&bench, &encrypting(cert, &BODY)).is_empty(), "{cert}");
    }
}

#[test]
fn an_expired_certificate_is_warned_of() {
    let bench = Bench::ready();
    write(&bench, "old.pem", |it| {
        it.subject_alt_names = names(&[DEVICE]);
        (it.not_before, it.not_after) = (date_time_ymd(2001, 1, 1), date_time_ymd(2002, 1, 1));
    });
    let old = warnings(&bench, &encrypting("old.pem", &BODY));
    assert!(old.len() == 1 && old[0].contains("expired at 1009843200"), "{old:?}");
}

/// Secrets under a key that the device lacks would be lost.
#[test]
fn a_certificate_that_is_for_signing_is_refused() {
    let bench = Bench::ready();
    let rsa = ["keygen", "--alg", "rs256", "--server-id", OPERATOR, "--name", "k", "-o", "rsa"];
    bench.done(&rsa);
    let words = |lacks| ["does not let anybody encrypt to its key", lacks, "cert.pem", "§6"];
    for (cert, lacks) in
        [("op/cert.pem", "KeyUsage lacks keyAgreement"), ("rsa/cert.pem", "lacks keyEncipherment")]
    {
        bench.fails(2, &encrypting(cert, &BODY), &words(lacks));
        bench.fails(2, &encrypting(cert, &WHOLE), &words(lacks));
    }
    let key = KeyPair::from_pem(&String::from_utf8(bench.read("rsa/key.pem")).expect("PEM"));
    let mut parameters = CertificateParams::default();
    parameters.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
    let certificate = parameters.self_signed(&key.expect("a key")).expect("a certificate");
    bench.write("rsa.pem", certificate.pem());
    assert!(warnings(&bench, &encrypting("rsa.pem", &BODY)).is_empty());
}

#[test]
fn a_key_that_signs_only_is_none_to_decrypt_with() {
    let bench = Bench::ready();
    bench.done(&["keygen", "--alg", "es384", "--server-id", OPERATOR, "--name", "k", "-o", "p384"]);
    let opening = ["open", "set.wbxml", "st", "--device-key", "d1=p384/key.pem"];
    bench.fails(2, &opening, &["neither P-256 nor RSA of 2048 bits", "p384/key.pem", "§6"]);
}
