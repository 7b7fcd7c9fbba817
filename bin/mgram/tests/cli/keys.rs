//! Keys and certificates that do not fit.

use super::bench::{Bench, DEVICE, OPERATOR, PARTNER, sealing};
use super::pem::{der, ed448, pem, public, sec1};

/// Seals with the key in this file.
fn seal_with(key: &str) -> Vec<&str> {
    let mut arguments = sealing("set.xml", "out.wbxml");
    arguments[3] = key;
    arguments
}

#[test]
fn a_file_that_is_no_private_key_is_told_apart() {
    let bench = Bench::ready();
    let pkcs8 = der(&bench.read("op/key.pem"));
    bench.write("rsa.pem", pem("RSA PRIVATE KEY", b"0"));
    bench.write("locked.pem", pem("ENCRYPTED PRIVATE KEY", &pkcs8));
    bench.write("public.pem", pem("PUBLIC KEY", &public(&pkcs8)));
    bench.write("ed448.pem", pem("PRIVATE KEY", &ed448()));
    bench.write("broken.pem", pem("PRIVATE KEY", &pkcs8[..40]));
    bench.write("binary.pem", [0, 159, 146, 150, 13, 10]);
    bench.write("empty.pem", "");
    bench.write("two.pem", [bench.read("op/key.pem"), bench.read("pa/key.pem")].concat());
    bench.write("cut.pem", &bench.read("op/key.pem")[..100]);
    for (file, what, next) in [
        ("rsa.pem", "not a private key", "mgram keygen"),
        ("locked.pem", "the key is encrypted", "--key-pass-file"),
        ("public.pem", "the key is public", "give the private half"),
        ("op/cert.pem", "the key is public", "give the private half"),
        ("ed448.pem", "none of ECDSA P-256, ECDSA P-384, Ed25519 and RSA", "mgram keygen"),
        ("broken.pem", "not a private key", "mgram keygen"),
        ("set.xml", "not a private key", "mgram keygen"),
        ("binary.pem", "not a private key", "mgram keygen"),
        ("empty.pem", "not a private key", "mgram keygen"),
        ("cut.pem", "not a private key", "mgram keygen"),
        ("two.pem", "several private keys", "leave one of them"),
        ("none.pem", "there is no such file", "correct the path"),
        ("st", "it is a folder", "name a file"),
        ("set.xml/key.pem", "a part of the path is not a folder", "correct the path"),
    ] {
        bench.fails(2, &seal_with(file), &[what, file, next]);
    }
}

#[test]
fn a_key_of_somebody_else_does_not_open_the_account() {
    let bench = Bench::ready();
    bench.done(&seal_with("pa/key.pem")); // nobody can know yet whom it fits
    let before = bench.state();
    let said = bench.run(&["open", "out.wbxml", "st"]);
    assert_eq!((said.code, said.err.as_str()), (1, ""));
    assert!(said.out.starts_with("refused at stage signature: "), "{}", said.out);
    assert!(said.out.contains("  next: sign with a key that is pinned to this account"));
    let after = bench.state();
    assert_eq!((after.nodes, after.freshness), (before.nodes, before.freshness));
    assert_eq!(after.journal.len(), 1);
}

#[test]
fn a_name_that_is_not_pinned_does_not_open_the_account() {
    let bench = Bench::ready();
    let mut arguments = sealing("set.xml", "out.wbxml");
    arguments[5] = "key-9";
    bench.done(&arguments);
    let said = bench.run(&["open", "out.wbxml", "st"]);
    assert!(said.code == 1 && said.out.contains("key-9"), "{said:?}");
}

#[test]
fn a_key_is_never_overwritten() {
    let bench = Bench::ready();
    let again = |folder| ["keygen", "--server-id", OPERATOR, "--name", "k", "-o", folder];
    bench.fails(1, &again("op"), &["already", "op/key.pem", "keys are never overwritten"]);
    std::fs::create_dir(bench.file("half")).expect("made");
    bench.write("half/cert.pem", "x");
    bench.fails(1, &again("half"), &["already", "half/cert.pem"]);
    bench.fails(1, &again("set.xml"), &["cannot make the folder", "set.xml", "another name"]);
    bench.fails(1, &again("set.xml/keys"), &["not a folder", "set.xml/keys"]);
}

#[test]
fn names_that_cannot_be_are_refused_everywhere() {
    let bench = Bench::ready();
    for bad in ["", "a=b", "a&b", "a*b", "a+b", "a b", "a\tb", "a\nb", "a\u{a0}b"] {
        let words = ["cannot be a ServerID", "none of = & * + and no white space"];
        bench.fails(2, &["keygen", "--server-id", bad, "--name", "k", "-o", "new"], &words);
        let whom = ["--device-id", DEVICE, "--cert", "op/cert.pem", "--key-name", "k"];
        let provision = [&["provision", "new", "--server-id", bad][..], &whom].concat();
        bench.fails(2, &provision, &words);
        if bad.is_empty() || bad.contains(char::is_control) {
            continue; // the model of the header finds it before
        }
        let mut seal = sealing("set.xml", "new.wbxml");
        seal[7] = bad;
        bench.fails(2, &seal, &[&words[..], &["set.xml, SyncHdr/Source"]].concat());
    }
    let keygen = ["keygen", "--server-id", "ä.example", "--name", "k", "-o", "new"];
    bench.fails(2, &keygen, &["only ASCII", "ä.example"]);
    let keygen = ["keygen", "--server-id", "s", "--name", " ", "-o", "new"];
    bench.fails(2, &keygen, &["--name is empty"]);
    let mut seal = sealing("set.xml", "new.wbxml");
    seal[5] = "";
    bench.fails(2, &seal, &["--key-name is empty"]);
}

/// Seals with this key and opens, which must do.
fn opens_with(bench: &Bench, key: &str, more: &[&str]) {
    bench.done(&[&seal_with(key)[..], more].concat());
    let said = bench.run(&["open", "out.wbxml", "st", "--dry-run"]);
    assert_eq!(said.code, 0, "{key}: {said:?}");
}

/// A device for the operator, whose key is in this folder.
fn provision(bench: &Bench, state: &str, keys: &str) {
    let cert = format!("{keys}/cert.pem");
    let whom = ["--device-id", DEVICE, "--server-id", OPERATOR, "--key-name", "key-1"];
    let what = ["--cert", &cert, "--tnds", "home.xml"];
    bench.done(&[&["provision", state][..], &whom, &what].concat());
}

#[test]
fn a_key_is_read_in_every_form() {
    let bench = Bench::ready();
    let pkcs8 = der(&bench.read("op/key.pem"));
    bench.write("key.der", &pkcs8);
    bench.write("sec1.pem", pem("EC PRIVATE KEY", &sec1(&pkcs8)));
    bench.write("sec1.der", sec1(&pkcs8));
    let parameters = pem("EC PARAMETERS", &[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    bench.write("both.pem", parameters + &pem("EC PRIVATE KEY", &sec1(&pkcs8)));
    let text = String::from_utf8(bench.read("op/key.pem")).expect("PEM");
    bench.write("crlf.pem", format!("Bag Attributes\r\n{}", text.replace('\n', "\r\n")));
    for form in ["op/key.pem", "key.der", "sec1.pem", "sec1.der", "both.pem", "crlf.pem"] {
        opens_with(&bench, form, &[]);
    }
    bench.write("cert.der", der(&bench.read("op/cert.pem")));
    let whom = ["--device-id", DEVICE, "--server-id", OPERATOR, "--key-name", "key-1"];
    bench.done(&[&["provision", "st2", "--cert", "cert.der"][..], &whom].concat());
}

#[test]
fn each_kind_of_key_signs_by_each_of_its_methods() {
    let bench = Bench::ready();
    for (alg, methods) in [
        ("es256", &["es256"][..]),
        ("es384", &["es384"]),
        ("ed25519", &["ed25519"]),
        ("rs256", &["rs256", "rs384", "rs512", "ps256", "ps384", "ps512"]),
    ] {
        let (keys, state) = (format!("k-{alg}"), format!("st-{alg}"));
        let whom = ["--server-id", OPERATOR, "--name", "key-1", "-o", &keys];
        bench.done(&[&["keygen", "--alg", alg][..], &whom].concat());
        provision(&bench, &state, &keys);
        let key = format!("{keys}/key.pem");
        let mut seen = Vec::new();
        for all in
            ["es256", "es384", "ed25519", "rs256", "rs384", "rs512", "ps256", "ps384", "ps512"]
        {
            let seal = [&seal_with(&key)[..], &["--alg", all]].concat();
            if !methods.contains(&all) {
                let words = ["cannot sign by this method", &key, methods[methods.len() - 1]];
                bench.fails(2, &seal, &words);
                continue;
            }
            bench.done(&seal);
            seen.push(bench.read("out.wbxml"));
            let said = bench.run(&["open", "out.wbxml", &state, "--dry-run"]);
            assert_eq!(said.code, 0, "{alg} {all}: {said:?}");
        }
        assert!(seen.len() == methods.len() && seen.windows(2).all(|two| two[0] != two[1]));
    }
    let bits = ["--server-id", OPERATOR, "--name", "k", "-o", "long", "--bits", "3072"];
    bench.fails(2, &[&["keygen"][..], &bits].concat(), &["--bits is for RSA keys only"]);
    bench.done(&[&["keygen", "--alg", "rs256"][..], &bits].concat());
    assert!(bench.read("long/key.pem").len() > 2_400, "a key of 3072 bits");
}

#[test]
fn a_key_at_rest_needs_its_passphrase() {
    let bench = Bench::ready();
    bench.write("pass.txt", "tr\u{e4}umerisch\r\nsecond line\n");
    bench.write("wrong.txt", "other");
    bench.write("empty.txt", "\n");
    let keygen =
        ["keygen", "--server-id", OPERATOR, "--name", "key-1", "--encrypt", "-o", "at-rest"];
    bench.fails(2, &keygen, &["no passphrase", "--key-pass-file", "MGRAM_KEY_PASS"]);
    bench.fails(2, &[&keygen[..], &["--key-pass-file", "empty.txt"]].concat(), &["no passphrase"]);
    bench.done(&[&keygen[..], &["--key-pass-file", "pass.txt"]].concat());
    let text = String::from_utf8(bench.read("at-rest/key.pem")).expect("PEM");
    assert!(text.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"), "{text}");
    provision(&bench, "st-rest", "at-rest");
    let seal = seal_with("at-rest/key.pem");
    bench.fails(2, &seal, &["the key is encrypted", "at-rest/key.pem", "--key-pass-file"]);
    let wrong = [&seal[..], &["--key-pass-file", "wrong.txt"]].concat();
    bench.fails(2, &wrong, &["passphrase is wrong", "at-rest/key.pem"]);
    bench.done(&[&seal[..], &["--key-pass-file", "pass.txt"]].concat());
    assert_eq!(bench.run(&["open", "out.wbxml", "st-rest"]).code, 0);
}

#[test]
fn a_request_is_for_an_authority() {
    let bench = Bench::ready();
    bench.done(&["keygen", "--csr", "--server-id", OPERATOR, "--name", "key-1", "-o", "asked"]);
    let text = String::from_utf8(bench.read("asked/request.pem")).expect("PEM");
    assert!(text.starts_with("-----BEGIN CERTIFICATE REQUEST-----"), "{text}");
    assert!(!bench.file("asked/cert.pem").exists());
    let der = der(text.as_bytes());
    assert!(der.windows(OPERATOR.len()).any(|part| part == OPERATOR.as_bytes()));
}

#[test]
fn a_certificate_is_shown_in_place_of_a_name() {
    let bench = Bench::ready();
    let mut seal = sealing("set.xml", "out.wbxml");
    seal.splice(4..6, ["--show-certificate", "op/cert.pem"]);
    bench.done(&seal);
    assert_eq!(bench.run(&["open", "out.wbxml", "st"]).code, 0, "it selects the pinned key");
    let text = bench.run(&["decode", "out.wbxml"]).out;
    assert!(text.contains("<X509Certificate>") && !text.contains("KeyName"), "{text}");
    seal[5] = "pa/cert.pem";
    bench.fails(2, &seal, &["not that of the key", "pa/cert.pem"]);
    seal[5] = "op/key.pem";
    bench.fails(2, &seal, &["not a certificate", "op/key.pem"]);
    seal[5] = "op/cert.pem";
    seal[7] = PARTNER;
    bench.fails(2, &seal, &["does not name", PARTNER, "profile §4.3"]);
}
