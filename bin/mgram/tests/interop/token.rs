//! Keys in a token: what SoftHSM signs for us, xmlsec1 verifies. [profile §3]

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::mechanism::Mechanism;
use cryptoki::object::{Attribute, AttributeType};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;

use crate::device::SERVER_ID;
use crate::key::{KEY_NAME, Key};
use crate::messages::message;
use crate::program::{Said, mgram, output, run};
use crate::signatures::{row::ROWS, witness};
use crate::{peer, xmlsec};

const PIN: &str = "4711-a";
const LIBRARY: &str = "/usr/lib/softhsm/libsofthsm2.so";

const CHILD: &str = "MGRAM_TEST_TOKEN";
const P256: &[u8] = b"\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
const SPKI: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\
                      \x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00";

/// A token in a folder.
pub struct Token {
    folder: PathBuf,
    /// Thrown away with it; a program that was started with a token leaves it.
    _own: Option<tempfile::TempDir>,
}

impl Token {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let tokens = folder.path().join("tokens");
        fs::create_dir(&tokens).expect("a folder");
        let text = format!("directories.tokendir = {}\n", tokens.display());
        fs::write(folder.path().join("conf"), text).expect("written");
        fs::write(folder.path().join("pin"), PIN).expect("written");
        let token = Self { folder: folder.path().to_owned(), _own: Some(folder) };
        let pins = ["--pin", PIN, "--so-pin", "12345678"];
        token.util(&[&["--init-token", "--free", "--label", "fleet"], &pins[..]].concat());
        token
    }

    pub fn path(&self) -> &Path {
        &self.folder
    }

    /// Runs a test as a program of its own, for the library finds its tokens by a variable; `name` is
    /// the name of the test with its module.
    pub fn run(name: &str, test: impl FnOnce(&Self)) {
        if let Some(folder) = env::var_os(CHILD) {
            return test(&Self { folder: folder.into(), _own: None });
        }
        let token = Self::new();
        let mut program = Command::new(env::current_exe().expect("this program"));
        program.args([name, "--exact", "--nocapture"]).env(CHILD, token.path());
        let said = run(program.env("SOFTHSM2_CONF", token.path().join("conf")));
        assert!(said.code == 0 && said.out.contains("1 passed"), "{}{}", said.out, said.err);
    }

    /// Makes a pair of P-256 in the token, to agree with, in a program that [`run`](Self::run)
    /// started; yields the public half: SubjectPublicKeyInfo.
    pub fn agreeing_key(&self, label: &str) -> Vec<u8> {
        let module = Pkcs11::new(LIBRARY).expect("the library");
        module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).expect("begun");
        let slot = module.get_slots_with_initialized_token().expect("slots")[0];
        let session = module.open_rw_session(slot).expect("a session");
        session.login(UserType::User, Some(&AuthPin::from(PIN))).expect("logged in");
        let label = [Attribute::Label(label.into()), Attribute::Token(true)];
        let public = [&label[..], &[Attribute::EcParams(P256.to_vec())]].concat();
        let private = [&label[..], &[Attribute::Private(true), Attribute::Derive(true)]].concat();
        let made = session.generate_key_pair(&Mechanism::EccKeyPairGen, &public, &private);
        let (public, _) = made.expect("a pair");
        let point = session.get_attributes(public, &[AttributeType::EcPoint]).expect("its point");
        let [Attribute::EcPoint(point)] = &point[..] else { panic!("{point:?}") };
        // An OCTET STRING becomes a BIT STRING behind the names of kind and curve. [RFC 5480 §2]
        [SPKI, &point[2..]].concat()
    }

    fn util(&self, arguments: &[&str]) {
        let mut util = Command::new("softhsm2-util");
        output(util.args(arguments).env("SOFTHSM2_CONF", self.path().join("conf")));
    }

    /// A key of `mgram keygen`, moved into the token.
    pub fn key(&self, algorithm: &str, id: &str) -> Key {
        let key = Key::ours(self.path(), algorithm, SERVER_ID);
        self.import(key.secret.to_str().expect("UTF-8"), algorithm, id);
        key
    }

    /// Moves the key in this file into the token.
    fn import(&self, file: &str, label: &str, id: &str) {
        let file = self.path().join(file);
        let names = ["--token", "fleet", "--label", label, "--id", id, "--pin", PIN];
        self.util(&[&["--import", file.to_str().expect("UTF-8")], &names[..]].concat());
        fs::remove_file(file).expect("moved");
    }

    pub fn mgram(&self, arguments: &[&str]) -> Command {
        let mut command = mgram(arguments);
        command.env("SOFTHSM2_CONF", self.path().join("conf")).current_dir(self.path());
        command.env_remove("MGRAM_PKCS11_PIN").env_remove("MGRAM_PKCS11_MODULE");
        command
    }

    fn seal(&self, key: &str) -> Command {
        let mut command = self.mgram(&["seal", "--key-name", KEY_NAME, "-o", "sealed.wbxml"]);
        command.args(["--key", key]).arg(message("entities").path());
        command
    }

    pub fn uri(&self, object: &str) -> String {
        let pin = self.path().join("pin");
        format!(
            "pkcs11:token=fleet;object={object}?module-path={LIBRARY}&pin-source={}",
            pin.display()
        )
    }

    fn xmlsec1_says(&self, sealed: &str, key: &Key) -> Said {
        let text = output(&mut self.mgram(&["decode", sealed]));
        xmlsec::verify(&text, key, self.path())
    }
}

#[test]
fn xmlsec1_verifies_what_a_token_signs() {
    if !peer::all_here(&["xmlsec1", "openssl", "softhsm2-util"]) {
        return;
    }
    let token = Token::new();
    for (algorithm, id) in [("es256", "01"), ("rs256", "02")] {
        let key = token.key(algorithm, id);
        output(&mut token.seal(&token.uri(algorithm)));
        let said = token.xmlsec1_says("sealed.wbxml", &key);
        assert_eq!((said.code, said.err.lines().next()), (0, Some("OK")), "{said:?}");
    }
}

#[test]
fn a_token_answers_the_request_of_another_machine() {
    if !peer::all_here(&["xmlsec1", "openssl", "softhsm2-util"]) {
        return;
    }
    let token = Token::new();
    let key = token.key("rs256", "01");
    let cert: PathBuf = key.pinned.clone();
    // PSS has no fixed octets: that it verifies says that its parameters are right.
    for alg in ["rs256", "rs512", "ps256", "ps384"] {
        let mut request = token.mgram(&["sign-request", "--alg", alg, "--key-name", KEY_NAME]);
        output(request.args(["-o", "q.json"]).arg(message("small").path()));
        let mut answer = token.mgram(&["sign-answer", "q.json", "--yes", "-o", "a.json", "--key"]);
        output(answer.arg(token.uri("rs256")));
        let mut attach =
            token.mgram(&["attach", "q.json", "a.json", "-o", "sealed.wbxml", "--cert"]);
        output(attach.arg(&cert));
        let said = token.xmlsec1_says("sealed.wbxml", &key);
        // Not each xmlsec1 knows PSS; openssl does.
        assert!(said.code == 0 || alg.starts_with("ps"), "{alg}: {said:?}");
        let row = ROWS.iter().find(|row| row.ours == Some(alg)).expect("a method");
        let text = output(&mut token.mgram(&["decode", "sealed.wbxml"]));
        let (info, value) = witness::signed(&text);
        assert!(witness::verifies(row, &key, &info, &value, token.path()), "{alg}");
        assert!(!witness::verifies(row, &key, &(info + " "), &value, token.path()), "{alg}");
    }
}

#[test]
fn a_token_signs_by_the_method_and_beside_the_certificate_that_are_asked_for() {
    if !peer::all_here(&["openssl", "softhsm2-util"]) {
        return;
    }
    let token = Token::new();
    let key = token.key("rs256", "01");
    let uri = token.uri("rs256");
    let seal = |certificate: &Path| {
        let mut seal = token.mgram(&["seal", "--alg", "ps384", "-o", "sealed.wbxml"]);
        seal.args(["--key", &uri, "--show-certificate"]).arg(certificate);
        run(seal.arg(message("small").path()))
    };
    let said = seal(&key.pinned);
    assert_eq!(said.code, 0, "{said:?}");
    let text = output(&mut token.mgram(&["decode", "sealed.wbxml"]));
    assert!(text.contains("<X509Certificate>") && text.contains("#sha384-rsa-MGF1"), "{text}");
    let other = token.key("es256", "02");
    let said = seal(&other.pinned);
    assert!(said.code == 2 && said.err.contains("not that of the key"), "{said:?}");
}

#[test]
fn what_the_token_refuses_is_said_without_the_pin() {
    if !peer::all_here(&["openssl", "softhsm2-util"]) {
        return;
    }
    let token = Token::new();
    token.key("es256", "01");
    let without = format!("pkcs11:token=fleet;object=es256?module-path={LIBRARY}");
    assert_eq!(run(token.seal(&without).env("MGRAM_PKCS11_PIN", PIN)).code, 0);
    for (code, key, pin, word) in [
        (1, without.clone(), Some("4711-b"), "CKR_PIN_INCORRECT"),
        (69, without.clone(), None, "MGRAM_PKCS11_PIN"),
        (2, format!("{without}&pin-value={PIN}"), None, "the PIN in it"),
        (69, token.uri("other"), None, "no private key in the token \"fleet\" fits"),
        (69, token.uri("es256").replace("fleet", "float"), None, "there are \"fleet\""),
        (2, format!("{without}&method=rs256"), Some(PIN), "does not sign by rs256"),
    ] {
        let mut seal = token.seal(&key);
        pin.map(|pin| seal.env("MGRAM_PKCS11_PIN", pin));
        let said = run(&mut seal);
        assert_eq!((said.code, said.out.as_str()), (code, ""), "{said:?}");
        assert!(said.err.contains(word) && said.err.contains("\n  next: "), "{word}: {}", said.err);
        assert!(!said.err.contains("4711"), "{}", said.err);
    }
}
