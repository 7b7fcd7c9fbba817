//! A token with a PIN, and keys that it makes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::Attribute;
use cryptoki::session::{Session, UserType};
use cryptoki::types::AuthPin;
use dm_hsm::{HsmError, Pkcs11Signer, Settings};

use crate::left_out::skipped;

pub const PIN: &str = "a PIN 4711";
const SO_PIN: &str = "security officer";
const CHILD: &str = "MGRAM_TEST_SOFTHSM";

/// A folder with tokens; this program sees no others.
pub struct Desk {
    pub folder: PathBuf,
    pub library: PathBuf,
}

/// Kinds of key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ed25519,
    P256,
    P384,
    P521,
    Rsa(u64),
}

/// Runs a test as a program of its own; `name` is the name of the test with its module.
pub fn run(name: &str, test: impl FnOnce(&Desk)) {
    let Some(library) = library() else {
        assert!(env::var_os("MGRAM_TEST_PEERS").is_none_or(|value| value != "1"), "no SoftHSM");
        skipped("SoftHSM (Debian's softhsm2) is not installed");
        return;
    };
    if let Some(folder) = env::var_os(CHILD) {
        return test(&Desk { folder: folder.into(), library });
    }
    let folder = tempfile::tempdir().expect("a folder");
    let tokens = folder.path().join("tokens");
    fs::create_dir(&tokens).expect("a folder");
    let conf = folder.path().join("softhsm2.conf");
    let text = format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display());
    fs::write(&conf, text).expect("written");
    let mut program = Command::new(env::current_exe().expect("this program"));
    program.args([name, "--exact", "--nocapture"]).env(CHILD, folder.path());
    program.env("SOFTHSM2_CONF", &conf).env_remove("MGRAM_PKCS11_PIN");
    let output = program.env_remove("MGRAM_PKCS11_MODULE").output().expect("started");
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("1 passed"), "no test has this name: {said}");
    assert!(!said.contains(PIN), "the PIN was printed: {said}");
}

fn library() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let find = || {
        let folders = ["/usr/lib/softhsm", "/usr/local/lib/softhsm", "/usr/lib64/pkcs11"];
        let paths = folders.iter().map(|folder| Path::new(folder).join("libsofthsm2.so"));
        paths.into_iter().find(|path| path.is_file())
    };
    FOUND.get_or_init(find).clone()
}

impl Desk {
    /// The library, begun with.
    pub fn module(&self) -> Pkcs11 {
        let module = Pkcs11::new(&self.library).expect("loaded");
        let _ = module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
        module
    }

    /// Makes a token of this label.
    pub fn token(&self, label: &str) {
        fs::write(self.folder.join("pin"), format!("{PIN}\n")).expect("written");
        let module = self.module();
        let empty = module.get_all_slots().expect("slots");
        let empty = empty.last().copied().expect("SoftHSM has one slot without a token");
        let so_pin = AuthPin::from(SO_PIN);
        module.init_token(empty, &so_pin, label).expect("a token");
        let session = self.open(label, true);
        session.login(UserType::So, Some(&so_pin)).expect("logged in");
        session.init_pin(&AuthPin::from(PIN)).expect("a PIN");
        session.logout().expect("logged out");
    }

    /// A session of our own, not logged in.
    pub fn open(&self, label: &str, writes: bool) -> Session {
        let module = self.module();
        let slots = module.get_slots_with_initialized_token().expect("slots");
        let is_it = |slot: &_| module.get_token_info(*slot).expect("a token").label() == label;
        let slot = slots.into_iter().find(is_it).expect("the token");
        let session =
            if writes { module.open_rw_session(slot) } else { module.open_ro_session(slot) };
        session.expect("a session")
    }

    /// Makes a key pair in the token.
    pub fn key(&self, token: &str, kind: Kind, label: &str, id: u8) {
        self.pair(token, kind, (label, id), id);
    }

    /// Makes a key pair that decrypts, too.
    pub fn device_key(&self, token: &str, kind: Kind, label: &str, id: u8) {
        self.made(token, (kind, true), (label, id), id);
    }

    /// Makes a key pair whose public half has an id of its own.
    pub fn pair(&self, token: &str, kind: Kind, named: (&str, u8), public_id: u8) {
        self.made(token, (kind, false), named, public_id);
    }

    fn made(
        &self,
        token: &str,
        (kind, decrypts): (Kind, bool),
        (label, id): (&str, u8),
        public_id: u8,
    ) {
        let session = self.open(token, true);
        let _ = session.login(UserType::User, Some(&AuthPin::from(PIN)));
        let (mechanism, what) = match kind {
            Kind::Ed25519 => (Mechanism::EccEdwardsKeyPairGen, curve(b"\x06\x03\x2b\x65\x70")),
            Kind::P256 => {
                (Mechanism::EccKeyPairGen, curve(b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07"))
            }
            Kind::P384 => (Mechanism::EccKeyPairGen, curve(b"\x06\x05\x2b\x81\x04\x00\x22")),
            Kind::P521 => (Mechanism::EccKeyPairGen, curve(b"\x06\x05\x2b\x81\x04\x00\x23")),
            Kind::Rsa(bits) => (
                Mechanism::RsaPkcsKeyPairGen,
                vec![Attribute::ModulusBits(bits.into()), Attribute::PublicExponent(vec![1, 0, 1])],
            ),
        };
        let label = Attribute::Label(label.into());
        let mut public = vec![Attribute::Token(true), Attribute::Private(false), label.clone()];
        public.extend([Attribute::Verify(true), Attribute::Id(vec![public_id])]);
        public.extend(what);
        let private = [
            Attribute::Token(true),
            Attribute::Private(true),
            Attribute::Sensitive(true),
            Attribute::Extractable(false),
            Attribute::Sign(true),
            Attribute::Derive(decrypts),
            Attribute::Decrypt(decrypts),
            Attribute::Id(vec![id]),
            label,
        ];
        session.generate_key_pair(&mechanism, &public, &private).expect("a key pair");
    }

    /// The URI of what `path` names, with library and PIN.
    pub fn uri(&self, path: &str) -> String {
        let (library, pin) = (self.library.display(), self.folder.join("pin"));
        format!("pkcs11:{path}?module-path={library}&pin-source=file:{}", pin.display())
    }

    pub fn signer(&self, path: &str) -> Result<Pkcs11Signer, HsmError> {
        self.signer_with(path, Settings::default())
    }

    pub fn signer_with(&self, path: &str, settings: Settings) -> Result<Pkcs11Signer, HsmError> {
        Pkcs11Signer::open(self.uri(path).parse().expect("a URI"), settings)
    }
}

fn curve(parameters: &[u8]) -> Vec<Attribute> {
    vec![Attribute::EcParams(parameters.to_vec())]
}
