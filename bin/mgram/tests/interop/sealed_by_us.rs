//! What `mgram seal` makes is what the oracle verifies. [profile §2, §3]

use std::fs;
use std::path::{Path, PathBuf};

use crate::device::SERVER_ID;
use crate::key::{KEY_NAME, Key};
use crate::messages::{MESSAGES, message};
use crate::program::{mgram, output};
use crate::{oracle, peer};

/// The versions of WBXML that a message may have. R9
pub const VERSIONS: [&str; 3] = ["1.1", "1.2", "1.3"];

#[test]
fn the_oracle_verifies_what_we_seal_with_ecdsa() {
    verified("es256");
}

#[test]
fn the_oracle_verifies_what_we_seal_with_rsa() {
    verified("rs256");
}

fn verified(algorithm: &str) {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), algorithm, SERVER_ID);
    let mut messages: Vec<PathBuf> = MESSAGES.iter().map(|message| message.path()).collect();
    messages.extend(others());
    let mut verified = 0;
    for message in &messages {
        for version in VERSIONS {
            let sealed = seal(message, &key, version, folder.path());
            let octets = fs::read(&sealed).expect("the sealed message");
            assert_eq!(format!("1.{}", octets[0]), version);
            let said = oracle::verify(&sealed, &key);
            assert_eq!(said.code, 0, "{}, WBXML {version}: {}", message.display(), said.err);
            let witnesses = "(xmlsec1 and own code)";
            assert!(said.out.contains(&algorithm[2..]) && said.out.contains(witnesses), "{said:?}");
            verified += 1;
        }
    }
    eprintln!("{algorithm}: {verified} sealed messages verified, of {} texts", messages.len());
}

/// Octets of ours that were changed on the way, and a key that is not the signer's.
#[test]
fn the_oracle_refuses_what_was_changed() {
    if !peer::all_here(&oracle::PROGRAMS) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let key = Key::ours(folder.path(), "es256", SERVER_ID);
    let sealed = seal(&message("small").path(), &key, "1.2", folder.path());
    let octets = fs::read(&sealed).expect("the sealed message");
    assert_eq!(oracle::verify(&sealed, &key).code, 0);

    let changed = folder.path().join("changed.wbxml");
    for (old, new) in [("dm.interop", "dn.interop"), ("IMEI:49", "IMEI:59"), ("Setting", "Sitting")]
    {
        let at = octets.windows(old.len()).position(|window| window == old.as_bytes());
        let at = at.unwrap_or_else(|| panic!("no {old} in the octets"));
        let mut octets = octets.clone();
        octets[at..at + new.len()].copy_from_slice(new.as_bytes());
        fs::write(&changed, octets).expect("the changed message");
        let said = oracle::verify(&changed, &key);
        assert_eq!(
            (said.code, said.err.trim()),
            (2, "refused: signature does not verify"),
            "{new}"
        );
    }
    let other = Key::ours(&folder.path().join("other"), "es256", SERVER_ID);
    assert_eq!(oracle::verify(&sealed, &other).code, 2);
}

/// Seals a message; the outcome is WBXML.
pub fn seal(message: &Path, key: &Key, version: &str, folder: &Path) -> PathBuf {
    let sealed = folder.join("sealed.wbxml");
    let mut seal = mgram(["seal", "--wbxml", version, "--key-name", KEY_NAME, "--key"]);
    output(seal.arg(&key.secret).arg("-o").arg(&sealed).arg(message));
    sealed
}

/// Messages of other sizes: our own, and those of others where they are at hand.
fn others() -> Vec<PathBuf> {
    let ours = peer::project().join("bench/messages");
    let folders = [Some(ours), peer::documents("bench/messages")].into_iter().flatten();
    let files = folders.flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let files = files.map(|file| file.expect("a file").path());
    files.filter(|file| file.extension().is_some_and(|is| is == "xml")).collect()
}
