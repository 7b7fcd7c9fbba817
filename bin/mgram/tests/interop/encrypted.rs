//! Encryption both ways between us and the oracle. [profile §6]

use std::fs;
use std::path::{Path, PathBuf};

use crate::device::{Device, SERVER_ID, VENDOR};
use crate::infoset::compact;
use crate::key::{KEY_NAME, Key};
use crate::messages::MESSAGES;
use crate::oracle::{self, RECIPIENT};
use crate::peer;
use crate::program::{mgram, output};

/// A server's key, a device's key of each kind, and a device.
struct Scene {
    folder: tempfile::TempDir,
    server: Key,
}

impl Scene {
    fn new() -> Option<Self> {
        if !peer::all_here(&oracle::PROGRAMS) {
            return None;
        }
        let folder = tempfile::tempdir().expect("a folder");
        let server = Key::ours(folder.path(), "es256", SERVER_ID);
        Some(Self { folder, server })
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn recipient(&self, kind: &str) -> Key {
        let place = self.file(&format!("recipient-{kind}"));
        fs::create_dir(&place).expect("a folder");
        Key::theirs(&place, kind)
    }

    fn text(&self, message: &Path) -> PathBuf {
        let file = self.file("compact.xml");
        let text = fs::read_to_string(message).expect("a message");
        fs::write(&file, compact(&text)).expect("the text");
        file
    }

    /// The message without the signature, in canonical form.
    fn plain(&self, message: &Path) -> String {
        let octets = self.file("plain.wbxml");
        oracle::encode(&self.text(message), &[], &octets);
        oracle::decode(&octets).trim_end().to_owned()
    }
}

fn without_signature(text: &str) -> String {
    let start = text.find("<Signature ").expect("it is signed");
    format!("{}</SyncML>", &text[..start])
}

#[test]
fn devices_take_what_the_oracle_encrypted() {
    let Some(scene) = Scene::new() else { return };
    let mut taken = 0;
    for (kind, transport) in [("P-256", "ecdh"), ("RSA", "oaep"), ("RSA", "oaep-sha1")] {
        let place = scene.file(transport);
        fs::create_dir(&place).expect("a folder");
        let own = Key::theirs(&place, kind);
        let key = format!("{RECIPIENT}={}", own.secret.display());
        // What differs by the kind of key is the key; messages of all kinds for one of them.
        let messages = if kind == "RSA" { &MESSAGES[..3] } else { &MESSAGES[..] };
        for message in messages {
            let name = format!("{}-{transport}", message.name);
            let device = Device::new(scene.file(&name), &scene.server, VENDOR.as_ref());
            let before = device.tree();
            for (extent, bits) in [("--body", "128"), ("--whole", "256"), ("--data", "128")] {
                let options = ["--transport", transport, "--bits", bits, extent];
                let used = if extent == "--body" { &options[..4] } else { &options[..] };
                let octets = theirs(&scene, &message.path(), &own, used);
                let dry_run = ["--dry-run", "--device-key", &key];
                let kept = extent == "--data";
                let verdict = device.open(&octets, if kept { &dry_run[1..] } else { &dry_run });
                assert_eq!(verdict["verdict"], "accepted", "{name} {extent}: {verdict}");
                taken += 1;
            }
            assert_eq!(device.tree(), message.applied_to(&before), "{name}");
        }
    }
    eprintln!("{taken} messages that the oracle encrypted were decrypted");
}

/// Encrypted, then signed; the whole message the other way round.
fn theirs(scene: &Scene, message: &Path, own: &Key, options: &[&str]) -> PathBuf {
    let (text, octets) = (scene.text(message), scene.file("theirs.wbxml"));
    if options.contains(&"--whole") {
        let inner = scene.file("inner.wbxml");
        oracle::encode(&oracle::sign(&text, &scene.server, &[]), &[], &inner);
        oracle::encrypt(&inner, own, options, &octets);
        return octets;
    }
    let encrypted = scene.file("encrypted.xml");
    oracle::encrypt(&text, own, options, &encrypted);
    oracle::encode(&oracle::sign(&encrypted, &scene.server, &[]), &["--seed", "5"], &octets);
    octets
}

#[test]
fn the_oracle_decrypts_what_we_encrypted() {
    let Some(scene) = Scene::new() else { return };
    let mut decrypted = 0;
    for kind in ["P-256", "RSA"] {
        let own = scene.recipient(kind);
        for message in &MESSAGES {
            let plain = scene.plain(&message.path());
            let words = words_of_the_body(&plain, &scene.file("plain.wbxml"));
            assert!(!words.is_empty(), "{} has nothing to look for", message.name);
            for (extent, bits) in [
                ("body", "128"),
                ("body", "256"),
                ("message", "128"),
                ("message", "256"),
                ("secrets", "128"),
            ] {
                let sealed = scene.file("ours.wbxml");
                let mut seal = mgram(["seal", "--key-name", KEY_NAME, "--key"]);
                seal.arg(&scene.server.secret).arg("-o").arg(&sealed).arg(message.path());
                seal.args(["--recipient", RECIPIENT, "--encrypt", extent, "--aes", bits]);
                seal.args(["--confidential", "./Vendor"]).arg("--encrypt-to").arg(&own.public);
                let said = output(&mut seal);
                if said.contains("nothing encrypted") {
                    continue;
                }
                let opened = without_signature(&oracle::decrypt(&sealed, &own));
                assert_eq!(opened, plain, "{} {extent} {kind}", message.name);
                assert!(!is_in(&sealed, b"dm.interop.example"), "{} {extent}", message.name);
                let hidden = if extent == "secrets" { &[][..] } else { &words[..] };
                for word in hidden {
                    assert!(!is_in(&sealed, word.as_bytes()), "{} {extent} {word}", message.name);
                }
                decrypted += 1;
            }
        }
    }
    assert!(decrypted > 8 * MESSAGES.len(), "only {decrypted}");
    eprintln!("{decrypted} messages that we encrypted were decrypted by the oracle");
}

/// Texts of the body that are not in the header, and that stand in the octets when they are not
/// encrypted. Not those of letters alone: such a one may be part of a name (`Name`, of `KeyName`).
fn words_of_the_body<'p>(plain: &'p str, octets: &Path) -> Vec<&'p str> {
    let (head, body) = plain.split_once("</SyncHdr>").expect("a header");
    let texts = body.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    let texts = texts.filter(|text| text.len() >= 4 && !text.contains('&') && !head.contains(text));
    let texts = texts.filter(|text| !text.chars().all(char::is_alphabetic));
    texts.filter(|text| is_in(octets, text.as_bytes())).collect()
}

fn is_in(file: &Path, octets: &[u8]) -> bool {
    let held = fs::read(file).expect("the sealed message");
    held.windows(octets.len()).any(|window| window == octets)
}

/// Two devices, two servers: neither implementation opens what is not meant for it.
#[test]
fn both_refuse_another_binding() {
    let Some(scene) = Scene::new() else { return };
    let own = scene.recipient("P-256");
    let sealed = scene.file("ours.wbxml");
    let device = Device::new(scene.file("device"), &scene.server, VENDOR.as_ref());
    let key = format!("{RECIPIENT}={}", own.secret.display());
    for (option, value, verdict) in [
        ("--aes", "128", "accepted"),
        ("--server-id", "other.example", "refused"),
        ("--device-id", "IMEI:1", "refused"),
    ] {
        let mut seal = mgram(["seal", "--key-name", KEY_NAME, "--key"]);
        seal.arg(&scene.server.secret).arg("-o").arg(&sealed).arg(MESSAGES[0].path());
        seal.args(["--recipient", RECIPIENT, "--encrypt", "body", option, value]);
        output(seal.arg("--encrypt-to").arg(&own.public));
        let code = if verdict == "accepted" { 0 } else { 2 };
        assert_eq!(oracle::try_decrypt(&sealed, &own).code, code, "{option}");
        let ours = device.open(&sealed, &["--dry-run", "--device-key", &key]);
        assert_eq!(ours["verdict"], verdict, "{option}: {ours}");
    }
}
