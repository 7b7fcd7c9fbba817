//! Keys, requests and certificates that cross the border: openssl made them, or reads ours.
//! [profile §4]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::device::{DEVICE_ID, Device, SERVER_ID, VENDOR};
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::peer;
use crate::program::{mgram, output, run};

const PASSPHRASE: &str = "a passphrase, of \"any\" kind";

/// Runs openssl in this folder; yields what it says.
fn openssl(folder: &Path, words: &[&str]) -> String {
    output(Command::new("openssl").args(words).current_dir(folder))
}

/// Seals with a key and opens on the device, which must do.
fn opens(device: &Device, key: &Path, passphrase: Option<&Path>, folder: &Path) {
    let sealed = folder.join("sealed.wbxml");
    let mut seal = mgram(["seal", "--key-name", KEY_NAME, "--key"]);
    seal.arg(key).arg("-o").arg(&sealed).arg(message("small").path());
    if let Some(passphrase) = passphrase {
        seal.arg("--key-pass-file").arg(passphrase);
    }
    output(&mut seal);
    let verdict = device.open(&sealed, &["--dry-run"]);
    assert_eq!(verdict["verdict"], "accepted", "{}: {verdict}", key.display());
}

#[test]
fn keys_of_openssl_are_read_in_every_form() {
    if !peer::all_here(&["openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let passphrase = folder.path().join("pass.txt");
    fs::write(&passphrase, format!("{PASSPHRASE}\n")).expect("the passphrase");
    for (kind, old) in [("P-256", "ec"), ("P-384", "ec"), ("RSA", "rsa"), ("ED25519", "")] {
        let place = folder.path().join(kind);
        fs::create_dir(&place).expect("a folder");
        let key = Key::theirs(&place, kind);
        let device = Device::new(place.join("device"), &key, VENDOR.as_ref());
        let secret = format!("{kind}.pem");
        let form = |name: &str, words: &[&str]| {
            openssl(&place, &[words, &["-in", &secret, "-out", name]].concat());
            place.join(name)
        };
        opens(&device, &key.secret, None, &place);
        opens(&device, &form("key.der", &["pkey", "-outform", "DER"]), None, &place);
        if !old.is_empty() {
            let traditional: &[&str] =
                if old == "rsa" { &["rsa", "-traditional"] } else { &["ec"] };
            opens(&device, &form("old.pem", traditional), None, &place);
            let der = [traditional, &["-outform", "DER"]].concat();
            opens(&device, &form("old.der", &der), None, &place);
        }
        for (name, options) in [
            ("default.pem", &[][..]),
            ("aes128.pem", &["-v2", "aes-128-cbc"]),
            ("sha512.pem", &["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"]),
            ("scrypt.pem", &["-scrypt"]),
            ("default.der", &["-outform", "DER"]),
        ] {
            let how = ["pkcs8", "-topk8", "-passout", "file:../pass.txt"];
            opens(&device, &form(name, &[&how, options].concat()), Some(&passphrase), &place);
        }
        // What is not PBES2 is refused, and said.
        let how = ["pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-passout", "file:../pass.txt"];
        let old = form("pbes1.pem", &how);
        let mut seal = mgram(["seal", "--key-name", KEY_NAME, "--key-pass-file"]);
        seal.arg(&passphrase).arg("--key").arg(&old).arg(message("small").path());
        let said = run(&mut seal);
        assert!(said.code == 2 && said.err.contains("only PBES2 is"), "{said:?}");
    }
}

#[test]
fn openssl_reads_our_keys_at_rest() {
    if !peer::all_here(&["openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    fs::write(place.join("pass.txt"), PASSPHRASE).expect("the passphrase");
    for alg in ["es256", "es384", "rs256", "ed25519"] {
        let mut keygen = mgram(["keygen", "--alg", alg, "--encrypt", "--key-pass-file"]);
        keygen.arg(place.join("pass.txt")).args([
            "--server-id",
            SERVER_ID,
            "--name",
            KEY_NAME,
            "-o",
        ]);
        output(keygen.arg(place.join(alg)));
        let (key, cert) = (format!("{alg}/key.pem"), format!("{alg}/cert.pem"));
        let public = ["pkey", "-pubout", "-passin", "file:pass.txt", "-in", &key];
        let certified = ["x509", "-pubkey", "-noout", "-in", &cert];
        assert_eq!(openssl(place, &public), openssl(place, &certified), "{alg}");
    }
}

/// From the request of `mgram keygen` over an authority of openssl to a device with policy chain.
#[test]
fn an_authority_of_openssl_issues_what_a_device_takes() {
    if !peer::all_here(&["openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path();
    for (alg, authority) in [("es256", "rsa:2048"), ("ed25519", "ed25519"), ("rs256", "ec")] {
        let place = place.join(alg);
        fs::create_dir(&place).expect("a folder");
        let request = place.join("asked");
        let mut keygen = mgram(["keygen", "--csr", "--alg", alg, "--server-id", SERVER_ID]);
        output(keygen.args(["--name", KEY_NAME, "-o"]).arg(&request));
        let said =
            openssl(&place, &["req", "-noout", "-verify", "-text", "-in", "asked/request.pem"]);
        assert!(said.contains(SERVER_ID) && said.contains("Digital Signature"), "{said}");

        let mut new = vec!["req", "-x509", "-nodes", "-subj", "/CN=Authority", "-days", "7300"];
        new.extend(["-addext", "keyUsage=critical,keyCertSign", "-newkey", authority]);
        if authority == "ec" {
            new.extend(["-pkeyopt", "ec_paramgen_curve:P-384"]);
        }
        new.extend(["-keyout", "ca.key", "-out", "ca.pem"]);
        openssl(&place, &new);
        let issue =
            ["x509", "-req", "-in", "asked/request.pem", "-CA", "ca.pem", "-CAkey", "ca.key"];
        let how = ["-copy_extensions", "copy", "-days", "7300", "-out", "cert.pem"];
        openssl(&place, &[&issue[..], &how].concat());

        let pinned = Key {
            secret: request.join("key.pem"),
            pinned: place.join("ca.pem"),
            public: PathBuf::new(),
        };
        let device = Device::new(place.join("device"), &pinned, VENDOR.as_ref());
        let sealed = place.join("sealed.wbxml");
        let mut seal = mgram(["seal", "--key"]);
        seal.arg(&pinned.secret).arg("--show-certificate").arg(place.join("cert.pem"));
        output(seal.arg("-o").arg(&sealed).arg(message("small").path()));
        let config = place.join("agent.toml");
        let text = format!(
            "device_id = {DEVICE_ID:?}\nstate = \"-\"\n[accounts.{SERVER_ID:?}]\npolicy = \"chain\"\n"
        );
        fs::write(&config, text).expect("the configuration");
        // openssl starts the certificate now; the clock of the device must know.
        let with_chain = ["--config", config.to_str().expect("a path in UTF-8")];
        let later = ["--dry-run", "--now", "2000000000"];
        let verdict = device.open_at(&sealed, &[&later[..], &with_chain].concat());
        assert_eq!(verdict["verdict"], "accepted", "{alg}: {verdict}");
        let verdict = device.open_at(&sealed, &later);
        assert_eq!(verdict["refusal"], "KeyNotPinned", "{alg}: {verdict}");
        let early = [&["--now", "1000000000"][..], &with_chain].concat();
        assert_eq!(device.open_at(&sealed, &early)["refusal"], "Chain", "{alg}");
    }
}
