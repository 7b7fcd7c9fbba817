//! Keys and certificates that do not fit.

use super::bench::{Bench, DEVICE, OPERATOR, sealing};
use super::pem::{der, ed25519, pem, public, sec1};

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
    bench.write("sec1.pem", pem("EC PRIVATE KEY", &sec1(&pkcs8)));
    bench.write("rsa.pem", pem("RSA PRIVATE KEY", b"0"));
    bench.write("locked.pem", pem("ENCRYPTED PRIVATE KEY", &pkcs8));
    bench.write("public.pem", pem("PUBLIC KEY", &public(&pkcs8)));
    bench.write("ed.pem", pem("PRIVATE KEY", &ed25519()));
    bench.write("broken.pem", pem("PRIVATE KEY", &pkcs8[..40]));
    bench.write("binary.pem", [0, 159, 146, 150, 13, 10]);
    bench.write("empty.pem", "");
    bench.write("cut.pem", &bench.read("op/key.pem")[..100]);
    let convert = "openssl pkcs8 -topk8 -nocrypt -in";
    for (file, what, next) in [
        ("sec1.pem", "the key is not in PKCS #8 form", convert),
        ("rsa.pem", "the key is not in PKCS #8 form", convert),
        ("locked.pem", "the key is encrypted", "openssl pkcs8 -in locked.pem"),
        ("public.pem", "the key is public", "give the private half"),
        ("op/cert.pem", "the key is public", "give the private half"),
        ("ed.pem", "neither ECDSA P-256 nor RSA", "mgram keygen"),
        ("broken.pem", "neither ECDSA P-256 nor RSA", "mgram keygen"),
        ("set.xml", "the key is not a PEM private key", "mgram keygen"),
        ("binary.pem", "the key is not a PEM private key", "mgram keygen"),
        ("empty.pem", "the key is not a PEM private key", "mgram keygen"),
        ("cut.pem", "the key is not a PEM private key", "mgram keygen"),
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
