//! Encryption, witnessed by xmlsec1 and openssl. [profile §6]
//!
//! xmlsec1 1.2 knows AES-GCM and RSA-OAEP with SHA-1, which we read. openssl derives and unwraps
//! the content key of what we write, step by step.

use std::fs;
use std::process::Command;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::device::{DEVICE_ID, Device, SERVER_ID, VENDOR};
use crate::encryption::template::{Transport, encrypted_data};
use crate::infoset::compact;
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::oracle::{self, RECIPIENT};
use crate::peer;
use crate::program::{mgram, output};

#[test]
fn devices_take_what_xmlsec1_encrypted() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = Key::ours(folder.path(), "es256", SERVER_ID);
    let own = Key::theirs(folder.path(), "RSA");
    let message = message("awkward");
    let text = fs::read_to_string(message.path()).expect("a message");
    let (plain, octets) = (folder.path().join("plain.xml"), folder.path().join("o.wbxml"));
    fs::write(&plain, compact(&text)).expect("the text");
    for (bits, xpath, kind) in [
        ("128", "//*[local-name()='SyncBody']", "Element"),
        ("256", "(//*[local-name()='Data'])[1]", "Content"),
    ] {
        let template = folder.path().join("template.xml");
        fs::write(&template, encrypted_data(Transport::OaepSha1, bits, kind))
            .expect("the template");
        let mut xmlsec1 = Command::new("xmlsec1");
        xmlsec1.arg("--encrypt").arg(format!("--pubkey-pem:{RECIPIENT}")).arg(&own.public);
        xmlsec1.arg("--session-key").arg(format!("aes-{bits}")).arg("--xml-data").arg(&plain);
        let encrypted = output(xmlsec1.arg("--node-xpath").arg(xpath).arg(&template));
        let file = folder.path().join("encrypted.xml");
        fs::write(&file, encrypted).expect("the text");
        oracle::encode(&oracle::sign(&file, &server, &[]), &[], &octets);
        let device = Device::new(folder.path().join(kind), &server, VENDOR.as_ref());
        let before = device.tree();
        let key = format!("{RECIPIENT}={}", own.secret.display());
        let verdict = device.open(&octets, &["--device-key", &key]);
        assert_eq!(verdict["verdict"], "accepted", "{kind}: {verdict}");
        assert_eq!(device.tree(), message.applied_to(&before), "{kind}");
    }
}

#[test]
fn openssl_unwraps_the_key_that_we_wrapped_by_agreement() {
    let Some((folder, own, text)) = ours("P-256") else { return };
    let file = |name: &str| folder.path().join(name);
    // SubjectPublicKeyInfo of P-256, to be followed by the point.
    let head = "3059301306072a8648ce3d020106082a8648ce3d030107034200";
    let spki = [unhex(head), value(&text, "PublicKey", 0)].concat();
    fs::write(file("peer.der"), spki).expect("the peer's key");
    let mut openssl = Command::new("openssl");
    openssl.args(["pkeyutl", "-derive", "-peerform", "DER", "-inkey"]).arg(&own.secret);
    output(openssl.arg("-peerkey").arg(file("peer.der")).arg("-out").arg(file("secret")));
    let secret = fs::read(file("secret")).expect("the secret");

    let wrap = "http://www.w3.org/2001/04/xmlenc#kw-aes128";
    let info = [wrap, SERVER_ID, DEVICE_ID].concat();
    let mut openssl = Command::new("openssl");
    openssl.args(["kdf", "-keylen", "16", "-binary", "-kdfopt", "digest:SHA256", "-kdfopt"]);
    openssl.arg(format!("hexkey:{}", hex(&secret))).arg("-kdfopt");
    openssl.arg(format!("hexinfo:{}", hex(info.as_bytes()))).arg("-out").arg(file("kek"));
    output(openssl.arg("SSKDF"));
    let kek = fs::read(file("kek")).expect("the wrapping key");

    fs::write(file("wrapped"), value(&text, "CipherValue", 0)).expect("the wrapped key");
    let mut openssl = Command::new("openssl");
    openssl.args(["enc", "-d", "-id-aes128-wrap", "-iv", "A6A6A6A6A6A6A6A6", "-K"]);
    openssl.arg(hex(&kek)).arg("-in").arg(file("wrapped")).arg("-out").arg(file("key"));
    output(&mut openssl);
    assert_eq!(fs::read(file("key")).expect("the content key").len(), 16);
}

#[test]
fn openssl_decrypts_the_key_that_we_encrypted_by_rsa() {
    let Some((folder, own, text)) = ours("RSA") else { return };
    let file = |name: &str| folder.path().join(name);
    fs::write(file("wrapped"), value(&text, "CipherValue", 0)).expect("the encrypted key");
    let decrypt = |label: &str| {
        let mut openssl = Command::new("openssl");
        openssl.args(["pkeyutl", "-decrypt", "-inkey"]).arg(&own.secret);
        for option in [
            "rsa_padding_mode:oaep".to_owned(),
            "rsa_oaep_md:sha256".to_owned(),
            "rsa_mgf1_md:sha256".to_owned(),
            format!("rsa_oaep_label:{}", hex(label.as_bytes())),
        ] {
            openssl.arg("-pkeyopt").arg(option);
        }
        openssl.arg("-in").arg(file("wrapped")).arg("-out").arg(file("key"));
        openssl.output().expect("openssl starts").status.success()
    };
    assert!(decrypt(SERVER_ID));
    assert_eq!(fs::read(file("key")).expect("the content key").len(), 16);
    assert!(!decrypt("other.example"));
}

/// A message that we encrypted to a key of openssl, as XML text.
fn ours(kind: &str) -> Option<(tempfile::TempDir, Key, String)> {
    if !peer::all_here(&["openssl"]) {
        return None;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let server = Key::ours(folder.path(), "es256", SERVER_ID);
    let own = Key::theirs(folder.path(), kind);
    let sealed = folder.path().join("sealed.wbxml");
    let mut seal = mgram(["seal", "--encrypt", "body", "--recipient", RECIPIENT, "--encrypt-to"]);
    seal.arg(&own.public).args(["--key-name", KEY_NAME, "--key"]).arg(&server.secret);
    output(seal.arg("-o").arg(&sealed).arg(message("small").path()));
    let text = output(mgram(["decode"]).arg(&sealed));
    Some((folder, own, text))
}

/// The octets of the n-th element of this name.
fn value(text: &str, name: &str, n: usize) -> Vec<u8> {
    let behind = text.split(&format!("<{name}>")).nth(n + 1).expect("it is there");
    let content = behind.split('<').next().expect("it ends");
    STANDARD.decode(content).expect("base64")
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let pair = |at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal");
    (0..text.len()).step_by(2).map(pair).collect()
}
