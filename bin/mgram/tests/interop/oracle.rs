//! The oracle of `tests/oracle`: a second implementation, in Python. [profile]
//!
//! One process for each test, for the sake of time: `tests/peers/oracle_loop.py`.

use std::cell::RefCell;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::json;

use crate::device::{DEVICE_ID, SERVER_ID, json, text};
use crate::key::{KEY_NAME, Key};
use crate::peer;
use crate::program::Said;

/// What it needs: xmlsec1 and openssl are its own witnesses.
pub const PROGRAMS: [&str; 3] = ["python3", "xmlsec1", "openssl"];

/// Its opinion of a signature: its own, and that of xmlsec1 where it knows the algorithm.
pub fn verify(message: &Path, key: &Key) -> Said {
    run(&Arguments::of("verify").path(message).option("--key", &key.public))
}

/// The canonical XML text of WBXML octets.
pub fn decode(message: &Path) -> String {
    output(&Arguments::of("decode").path(message))
}

/// The same of a message that may have our private pages.
pub fn decode_compact(message: &Path) -> String {
    output(&Arguments::of("decode").path(message).option("--pages", &pages()))
}

/// Its opinion of a signature in a message that may have our private pages.
pub fn verify_compact(message: &Path, key: &Key) -> Said {
    let verify = Arguments::of("verify").path(message).option("--key", &key.public);
    run(&verify.option("--pages", &pages()))
}

/// As [`encode`], with our private pages.
pub fn encode_compact(text: &Path, options: &[&str], octets: &Path) {
    let encode = Arguments::of("encode").path(text).all(options);
    output(&encode.option("--pages", &pages()).option("-o", octets));
}

/// Our private pages, as they are published.
fn pages() -> PathBuf {
    peer::project().join("docs/compact.json")
}

/// Writes XML text as WBXML, in the spelling that the options ask for.
pub fn encode(text: &Path, options: &[&str], octets: &Path) {
    output(&Arguments::of("encode").path(text).all(options).option("-o", octets));
}

/// What it says of the options of a verb.
pub fn help(verb: &str) -> String {
    output(&Arguments::of(verb).all(&["--help"]))
}

/// Signs XML text; the outcome is XML text again. By xmlsec1 where it can, unless by `--own`.
pub fn sign(text: &Path, key: &Key, options: &[&str]) -> PathBuf {
    let signed = text.with_extension("signed.xml");
    let sign = Arguments::of("sign").path(text).option("--key", &key.secret);
    output(&sign.all(&["--key-name", KEY_NAME]).all(options).option("-o", &signed));
    signed
}

/// Encrypts for the device of these tests: the body, or what the options ask for.
pub fn encrypt(message: &Path, key: &Key, options: &[&str], encrypted: &Path) {
    let encrypt = Arguments::of("encrypt").path(message).option("--key", &key.public);
    output(&encrypt.all(&BOUND).all(options).option("-o", encrypted));
}

/// Decrypts as that device does; the outcome is XML text.
pub fn decrypt(message: &Path, key: &Key) -> String {
    let said = try_decrypt(message, key);
    assert_eq!(said.code, 0, "{}", said.err);
    said.out
}

/// As [`decrypt`], whatever comes of it.
pub fn try_decrypt(message: &Path, key: &Key) -> Said {
    let decrypt = Arguments::of("decrypt").path(message).option("--key", &key.secret);
    run(&decrypt.all(&BOUND))
}

/// The recipient's key, the server and the device.
const BOUND: [&str; 6] =
    ["--key-name", RECIPIENT, "--server-id", SERVER_ID, "--device-id", DEVICE_ID];

/// The name of the device's key.
pub const RECIPIENT: &str = "own";

/// Writes test vectors, those of the compact spelling with our private pages; yields what it says of them.
pub fn vectors(folder: &Path, seed: u32, count: u32) -> String {
    let numbers = [seed.to_string(), count.to_string()];
    let [seed, count] = numbers.each_ref().map(String::as_str);
    let vectors = Arguments::of("vectors").path(folder).all(&["--seed", seed, "--count", count]);
    output(&vectors.option("--pages", &pages()))
}

/// The words of a command.
struct Arguments(Vec<String>);

impl Arguments {
    fn of(verb: &str) -> Self {
        Self(vec![verb.to_owned()])
    }

    fn all(mut self, words: &[&str]) -> Self {
        self.0.extend(words.iter().map(ToString::to_string));
        self
    }

    fn path(self, path: impl AsRef<OsStr>) -> Self {
        let path = path.as_ref().to_str().expect("a path in UTF-8");
        self.all(&[path])
    }

    fn option(self, name: &str, path: &Path) -> Self {
        self.all(&[name]).path(path)
    }
}

/// Runs a command, which must succeed; yields its output.
fn output(arguments: &Arguments) -> String {
    let shown = arguments.0.join(" ");
    let said = run(arguments);
    assert_eq!(said.code, 0, "oracle.py {shown}\n{}{}", said.out, said.err);
    said.out
}

fn run(arguments: &Arguments) -> Said {
    thread_local! {
        static PROCESS: RefCell<Process> = RefCell::new(Process::start());
    }
    PROCESS.with_borrow_mut(|process| process.run(arguments))
}

/// Ends when its standard input does, which is when the test does.
struct Process {
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    child: Child,
}

impl Process {
    fn start() -> Self {
        let script = peer::project().join("tests/peers/oracle_loop.py");
        let mut python = Command::new("python3");
        // Compiled modules are kept, but not in the source tree.
        python.env("PYTHONPYCACHEPREFIX", Path::new(env!("CARGO_TARGET_TMPDIR")).join("python"));
        python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = python.spawn().expect("python3 starts");
        let output = BufReader::new(child.stdout.take().expect("its output"));
        Self { input: child.stdin.take(), output, child }
    }

    fn run(&mut self, arguments: &Arguments) -> Said {
        let line = format!("{}\n", json!(arguments.0));
        let input = self.input.as_mut().expect("open until the end");
        input.write_all(line.as_bytes()).expect("it reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("it answers");
        let answer = json(&answer);
        let code = answer["code"].as_i64().and_then(|code| i32::try_from(code).ok());
        Said { code: code.unwrap_or(-1), out: text(&answer["out"]), err: text(&answer["err"]) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}
