//! Every way to encrypt, with everybody who knows it: xmlsec1, the oracle, bergshamra. Each
//! decrypts what we encrypt, and we decrypt what each encrypts. [profile §6]
//!
//! As with signatures, a peer that does not know a way must refuse it.

pub mod template;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bergshamra::Bergshamra;
use crate::device::{Device, SERVER_ID, VENDOR};
use crate::infoset::{canonical, compact};
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::oracle::{self, RECIPIENT};
use crate::program::{Said, mgram, output, run};
use crate::{page, peer};
use template::{TRANSPORTS, Transport, encrypted_data};

#[test]
fn every_way_with_everybody_who_knows_it() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let rows = rows(|bench| {
        let is_ours = bench.transport != Transport::OaepSha1;
        if is_ours {
            let sealed = bench.ours("body");
            let said = bench.decrypted_by_xmlsec1(&bench.text(&sealed));
            assert_ne!(said.code, 0, "xmlsec1 decrypts: {said:?}");
            bench.assert_plain(&oracle::decrypt(&sealed, &bench.own));
        }
        let said = bench.encrypted_by_xmlsec1();
        assert_eq!(said.code != 0, is_ours, "{said:?}");
        if !is_ours {
            bench.assert_taken("xmlsec1", &said.out);
        }
        bench.assert_taken("oracle", &bench.encrypted_by_the_oracle());
        [false, !is_ours, is_ours, true]
    });
    let head = [
        "content",
        "key",
        "key encryption",
        "xmlsec1 decrypts ours",
        "we decrypt xmlsec1's",
        "the oracle decrypts ours",
        "we decrypt the oracle's",
    ];
    page::check("encryption", &page::table(head, &rows));
}

#[test]
fn bergshamra_knows_every_way() {
    let Some(bergshamra) = Bergshamra::here() else { return };
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let rows = rows(|bench| {
        let is_ours = bench.transport != Transport::OaepSha1;
        if is_ours {
            bench.assert_decrypted_by(&bergshamra);
        }
        let place = bench.file("originator");
        fs::create_dir(&place).expect("a folder");
        let originator = Key::theirs(&place, "P-256");
        let said = bergshamra.encrypt(&bench.template(), &bench.plain(), &bench.own, &originator);
        assert_eq!(said.code, 0, "{}", said.err);
        bench.assert_taken("bergshamra", &canonical(&said.out));
        [is_ours, true]
    });
    let head =
        ["content", "key", "key encryption", "bergshamra decrypts ours", "we decrypt bergshamra's"];
    page::check("encryption, bergshamra", &page::table(head, &rows));
}

/// A row for each way: its names, and whether each thing was done.
fn rows<const N: usize, const M: usize>(done: impl Fn(&Bench) -> [bool; N]) -> Vec<[String; M]> {
    let folder = tempfile::tempdir().expect("a folder");
    let ways = TRANSPORTS.iter().flat_map(|way| ["128", "256"].map(|bits| (*way, bits)));
    let row = |(transport, bits): (Transport, &'static str)| {
        let [key, name, short] = transport.names();
        let bench = Bench::new(folder.path().join(format!("{short}{bits}")), transport, bits);
        let names = [format!("AES-{bits}-GCM"), key.to_owned(), name.to_owned()];
        let cells = done(&bench).map(|is_done| if is_done { "yes" } else { "" }.to_owned());
        let row: Vec<String> = names.into_iter().chain(cells).collect();
        row.try_into().expect("a cell for each head")
    };
    ways.map(row).collect()
}

/// A way at work: a server, and a device with a key of its kind.
struct Bench {
    transport: Transport,
    bits: &'static str,
    folder: PathBuf,
    server: Key,
    own: Key,
    device: Device,
}

impl Bench {
    fn new(folder: PathBuf, transport: Transport, bits: &'static str) -> Self {
        fs::create_dir(&folder).expect("a folder");
        let server = Key::ours(&folder, "es256", SERVER_ID);
        let own = Key::theirs(&folder, transport.names()[0]);
        let device = Device::new(folder.join("device"), &server, VENDOR.as_ref());
        Self { transport, bits, folder, server, own, device }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The message without white space between elements.
    fn plain(&self) -> PathBuf {
        let file = self.file("plain.xml");
        let text = fs::read_to_string(message("small").path()).expect("a message");
        fs::write(&file, compact(&text)).expect("the text");
        file
    }

    /// What a peer fills in: the message with `EncryptedData` in place of its body.
    fn template(&self) -> PathBuf {
        let text = fs::read_to_string(self.plain()).expect("the text");
        let (head, rest) = text.split_once("<SyncBody>").expect("a body");
        let (_, tail) = rest.split_once("</SyncBody>").expect("its end");
        let file = self.file("template.xml");
        let data = encrypted_data(self.transport, self.bits, "Element");
        fs::write(&file, format!("{head}{data}{tail}")).expect("the template");
        file
    }

    /// Sealed by us, with this much encrypted.
    fn ours(&self, extent: &str) -> PathBuf {
        let sealed = self.file("ours.wbxml");
        let mut seal = mgram(["seal", "--key-name", KEY_NAME, "--encrypt", extent, "--aes"]);
        seal.args([self.bits, "--recipient", RECIPIENT, "--encrypt-to"]).arg(&self.own.public);
        seal.arg("--key").arg(&self.server.secret).arg("-o").arg(&sealed);
        output(seal.arg(message("small").path()));
        sealed
    }

    fn text(&self, sealed: &Path) -> PathBuf {
        let file = self.file("ours.xml");
        fs::write(&file, output(mgram(["decode"]).arg(sealed))).expect("the text");
        file
    }

    /// What was decrypted has the body of the message.
    fn assert_plain(&self, decrypted: &str) {
        let body = |text: &str| {
            let text = canonical(text);
            let (_, rest) = text.split_once("<SyncBody>").expect("a body");
            rest.split_once("</SyncBody>").expect("its end").0.to_owned()
        };
        assert_eq!(body(decrypted), body(&fs::read_to_string(self.plain()).expect("the text")));
    }

    fn assert_decrypted_by(&self, bergshamra: &Bergshamra) {
        let plain = self.file("decrypted");
        let decrypt = |extent| {
            let said = bergshamra.decrypt(&self.text(&self.ours(extent)), &self.own, &plain);
            assert_eq!(said.code, 0, "{extent}: {}", said.err);
        };
        decrypt("body");
        self.assert_plain(&fs::read_to_string(&plain).expect("XML text"));
        // Of the whole message the plaintext is octets: those of the signed message.
        decrypt("message");
        let verdict = self.device.open(&plain, &["--dry-run"]);
        assert_eq!(verdict["verdict"], "accepted", "{verdict}");
    }

    fn decrypted_by_xmlsec1(&self, text: &Path) -> Said {
        let mut xmlsec1 = Command::new("xmlsec1");
        xmlsec1.arg("--decrypt").arg(format!("--privkey-pem:{RECIPIENT}")).arg(&self.own.secret);
        run(xmlsec1.arg(text))
    }

    fn encrypted_by_xmlsec1(&self) -> Said {
        let template = self.file("template.xml");
        let data = encrypted_data(self.transport, self.bits, "Element");
        fs::write(&template, data).expect("the template");
        let mut xmlsec1 = Command::new("xmlsec1");
        xmlsec1.arg("--encrypt").arg(format!("--pubkey-pem:{RECIPIENT}")).arg(&self.own.public);
        xmlsec1.arg("--session-key").arg(format!("aes-{}", self.bits));
        xmlsec1.arg("--xml-data").arg(self.plain());
        run(xmlsec1.args(["--node-xpath", "//*[local-name()='SyncBody']"]).arg(&template))
    }

    fn encrypted_by_the_oracle(&self) -> String {
        let encrypted = self.file("by-the-oracle.xml");
        let options = ["--transport", self.transport.names()[2], "--bits", self.bits];
        oracle::encrypt(&self.plain(), &self.own, &options, &encrypted);
        fs::read_to_string(encrypted).expect("what it encrypted")
    }

    /// A device takes the message with what a peer encrypted, which it must; and not with one
    /// character of the ciphertext changed.
    fn assert_taken(&self, peer: &str, encrypted: &str) {
        let open = |text: &str| {
            let (file, octets) = (self.file("theirs.xml"), self.file("theirs.wbxml"));
            fs::write(&file, text).expect("the text");
            oracle::encode(&oracle::sign(&file, &self.server, &[]), &[], &octets);
            let key = format!("{RECIPIENT}={}", self.own.secret.display());
            self.device.open(&octets, &["--dry-run", "--device-key", &key])
        };
        let verdict = open(encrypted);
        assert_eq!(verdict["verdict"], "accepted", "{peer}, {:?}: {verdict}", self.transport);
        let at = encrypted.rfind("<CipherValue>").expect("a value") + "<CipherValue>".len() + 30;
        let other = if encrypted.as_bytes()[at] == b'A' { "B" } else { "A" };
        let verdict = open(&format!("{}{other}{}", &encrypted[..at], &encrypted[at + 1..]));
        assert_eq!(verdict["refusal"], "PartNotDecrypted", "{peer}: {verdict}");
    }
}
