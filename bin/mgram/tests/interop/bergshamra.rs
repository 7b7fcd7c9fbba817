//! bergshamra, an XML security library in Rust, seen through its program.
//!
//! `cargo xtask test` builds it, with the primitives of RustCrypto, and says where it is:
//! `MGRAM_TEST_BERGSHAMRA`, which is empty where it cannot be built. Without that it is looked for on
//! the search path.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::key::{KEY_NAME, Key};
use crate::oracle::RECIPIENT;
use crate::peer;
use crate::program::{Said, run};

/// The program.
pub struct Bergshamra(PathBuf);

impl Bergshamra {
    /// Where it is; a word about it where it is not.
    pub fn here() -> Option<Self> {
        let told = env::var_os("MGRAM_TEST_BERGSHAMRA").map(PathBuf::from);
        let cannot_be_had = told.as_ref().is_some_and(|told| told.as_os_str().is_empty());
        let told = told.filter(|_| !cannot_be_had);
        if let Some(told) = &told {
            assert!(told.is_file(), "no {}", told.display());
        }
        let found = told.or_else(|| peer::find("bergshamra")).map(Self);
        if found.is_none() {
            assert!(cannot_be_had || !peer::all_are_demanded(), "no bergshamra");
            peer::skipped("bergshamra is not here, `cargo xtask test` builds it");
        }
        found
    }

    /// Nothing but this key is trusted.
    pub fn verify(&self, text: &Path, key: &Key) -> Said {
        let mut verify = self.with("verify", KEY_NAME, &key.public);
        run(verify.args(["--strict", "--trusted-keys-only"]).arg(text))
    }

    /// What it makes of a template.
    pub fn sign(&self, template: &Path, key: &Key) -> Said {
        run(self.with("sign", KEY_NAME, &key.secret).arg(template))
    }

    /// Decrypts with the device's key; the outcome is in a file, for it may be octets.
    pub fn decrypt(&self, text: &Path, key: &Key, plain: &Path) -> Said {
        run(self.with("decrypt", RECIPIENT, &key.secret).arg("-o").arg(plain).arg(text))
    }

    /// Encrypts the body of a message for the device; `originator` agrees where a key is agreed on.
    pub fn encrypt(&self, template: &Path, plain: &Path, key: &Key, originator: &Key) -> Said {
        let mut encrypt = self.with("encrypt", "originator", &originator.secret);
        encrypt.arg("-K").arg(named(RECIPIENT, &key.public));
        encrypt.args(["--node-name", "SYNCML:SYNCML1.2:SyncBody", "--data"]).arg(plain);
        run(encrypt.arg(template))
    }

    fn with(&self, verb: &str, name: &str, key: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command.arg(verb).arg("-K").arg(named(name, key));
        command
    }
}

fn named(name: &str, key: &Path) -> String {
    format!("{name}:{}", key.display())
}
