//! xmlsec1 verifies the XML text that `mgram decode` renders. [profile §3]

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::device::SERVER_ID;
use crate::key::{KEY_NAME, Key};
use crate::messages::{MESSAGES, message};
use crate::peer;
use crate::program::{Said, mgram, output, run};
use crate::sealed_by_us::{VERSIONS, seal};

#[test]
fn xmlsec1_verifies_the_rendered_text() {
    if !peer::all_here(&["xmlsec1", "openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let mut valid = 0;
    for algorithm in ["es256", "rs256"] {
        let key = Key::ours(folder.path(), algorithm, SERVER_ID);
        for message in &MESSAGES {
            for version in VERSIONS {
                let text = rendered(&message.path(), &key, version, folder.path());
                let said = verify(&text, &key, folder.path());
                assert_eq!((said.code, said.err.lines().next()), (0, Some("OK")), "{said:?}");
                valid += 1;
            }
        }
    }
    eprintln!("{valid} rendered messages are valid");
}

/// Each in its place: one character more, less or other than what was signed.
#[test]
fn xmlsec1_refuses_the_text_with_one_character_changed() {
    if !peer::all_here(&["xmlsec1", "openssl"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "es256", SERVER_ID);
    let text = rendered(&message("entities").path(), &key, "1.2", folder.path());
    assert_eq!(verify(&text, &key, folder.path()).code, 0);
    let changes = [
        ("interop.example", "interop.exampl"),
        ("./Vendor", "./Vendar"),
        ("<MsgID>1<", "<MsgID>2<"),
        ("&#xD;", "&#xA;"),
        ("\ttab", " tab"),
        ("<Replace>", "<Replace> "),
        ("</SyncBody>", "</SyncBody>\n"),
        ("URI=\"\"", "URI=\" \""),
        ("<DigestValue>", "<DigestValue>A"),
        ("<SignatureValue>", "<SignatureValue>A"),
    ];
    for (old, new) in changes {
        let changed = text.replacen(old, new, 1);
        assert_ne!(changed, text, "there is no {old:?}");
        let said = verify(&changed, &key, folder.path());
        assert_ne!(said.code, 0, "{old:?} became {new:?} and is valid all the same");
        assert!(!said.err.starts_with("OK"), "{said:?}");
    }
}

/// The message sealed, then rendered as XML text.
fn rendered(message: &Path, key: &Key, version: &str, folder: &Path) -> String {
    output(mgram(["decode"]).arg(seal(message, key, version, folder)))
}

/// Nothing but this key is trusted, nothing but this document is looked at.
pub fn verify(text: &str, key: &Key, folder: &Path) -> Said {
    let file = folder.join("rendered.xml");
    fs::write(&file, text).expect("the text");
    let mut xmlsec1 = Command::new("xmlsec1");
    let rules = ["--enabled-reference-uris", "empty", "--enabled-key-data", "key-name"];
    xmlsec1.arg("--verify").args(rules).arg(format!("--pubkey-pem:{KEY_NAME}")).arg(&key.public);
    run(xmlsec1.arg(&file))
}
