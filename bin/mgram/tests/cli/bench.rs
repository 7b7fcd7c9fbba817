//! A folder with keys, documents and a device, and the program to try on them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use tempfile::TempDir;

use super::snapshot::{self, Snapshot, State};

pub const OPERATOR: &str = "dm.operator.example";
pub const PARTNER: &str = "dm.partner.example";
pub const DEVICE: &str = "urn:imei:004999010640000";
/// A node that the operator may change.
pub const HOME: &str = r#"<MgmtTree xmlns="syncml:dmddf1.2"><VerDTD>1.2</VerDTD><Node><NodeName>Home</NodeName>
<RTProperties><ACL>Get=*&amp;Replace=dm.operator.example</ACL><Format><chr/></Format><Type><MIME>text/plain</MIME></Type></RTProperties>
<Value>old</Value></Node></MgmtTree>"#;

/// A folder to work in, and to be thrown away.
pub struct Bench {
    folder: TempDir,
}

/// What a command said.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder") }
    }

    /// `op/` and `pa/`: the keys of two servers; `home.xml`; `set.xml`: an unsigned message;
    /// `st/`: a device with an account for the operator; `set.wbxml`: the message, sealed.
    pub fn ready() -> Self {
        static MODEL: OnceLock<Bench> = OnceLock::new();
        let bench = Self::empty();
        copy(MODEL.get_or_init(Self::model).path(), bench.path());
        bench
    }

    fn model() -> Self {
        let bench = Self::empty();
        for (folder, server_id) in [("op", OPERATOR), ("pa", PARTNER)] {
            bench.done(&["keygen", "--server-id", server_id, "--name", "key-1", "-o", folder]);
        }
        bench.write("home.xml", HOME);
        bench.write("set.xml", set("new"));
        bench.done(&provision("st", "op", &["--tnds", "home.xml"]));
        bench.seal("set.xml", "set.wbxml", 1);
        bench
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, octets: impl AsRef<[u8]>) {
        std::fs::write(self.file(name), octets).expect("written");
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).expect("readable")
    }

    /// Seals a document by the operator for the device.
    pub fn seal(&self, from: &str, to: &str, counter: u32) {
        let counter = counter.to_string();
        self.done(&[&sealing(from, to)[..], &["--counter", &counter]].concat());
    }

    /// The program, in this folder.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mgram"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null());
        command.env_remove("RUST_BACKTRACE");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Said {
        Said::of(self.command(arguments).output().expect("started"))
    }

    /// Runs a command that has to succeed, and yields what it printed.
    pub fn done(&self, arguments: &[&str]) -> String {
        let said = self.run(arguments);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}: {}", said.out);
        said.out
    }

    /// As [`Self::done`], with `--json`: exactly one line of it.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let said = self.run(&[&["--json"], arguments].concat());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}");
        one_line(if arguments[0] == "push" { last_line(&said.out) } else { &said.out })
    }

    /// Runs a command that has to fail with this status and these words, in text and in JSON, as
    /// one clear error; nothing in the folder may change.
    pub fn fails(&self, code: i32, arguments: &[&str], words: &[&str]) {
        let before = self.snapshot();
        self.run(arguments).is_one_clear_error(code, arguments, words);
        let said = self.run(&[&["--json"], arguments].concat());
        assert_eq!((said.code, said.err.as_str()), (code, ""), "{arguments:?}");
        // A push tells of its events first.
        let line = if arguments[0] == "push" { last_line(&said.out) } else { &said.out };
        let error = one_line(line)["error"].clone();
        let shown = ["what", "where", "clause", "next"].map(|key| error[key].as_str());
        assert!(shown[0].is_some() && shown[3].is_some(), "{arguments:?}: {error}");
        let all = shown.map(Option::unwrap_or_default).join("\n");
        words.iter().for_each(|word| assert!(all.contains(word), "{word}: {error}"));
        self.is_as(&before, arguments);
    }

    pub fn snapshot(&self) -> Snapshot {
        snapshot::take(self.path())
    }

    /// Fails unless the folder is as it was.
    pub fn is_as(&self, before: &Snapshot, what: &[&str]) {
        let after = self.snapshot();
        let names = |snapshot: &Snapshot| snapshot.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&after), names(before), "{what:?}");
        for (path, content) in before {
            assert!(after[path].is_same(content), "{what:?} changed {}", path.display());
        }
    }

    /// What the device `st` keeps.
    pub fn state(&self) -> State {
        snapshot::state(&self.read("st/state.redb")).expect("a state")
    }
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |octets| String::from_utf8(octets).expect("UTF-8");
        Self {
            code: output.status.code().expect("not killed"),
            out: text(output.stdout),
            err: text(output.stderr),
        }
    }

    /// What, where or which clause, and what next, in a few lines; and nothing of the program's
    /// inside.
    pub fn is_one_clear_error(&self, code: i32, arguments: &[&str], words: &[&str]) {
        let Self { code: found, out, err } = self;
        assert_eq!((*found, out.as_str()), (code, ""), "{arguments:?}: {err}");
        assert!(err.starts_with("mgram: ") && err.matches("mgram: ").count() == 1, "{err}");
        assert!(err.contains("\n  next: "), "{arguments:?}: what next? {err}");
        assert!(err.lines().count() <= 4 && err.len() < 600, "{arguments:?}: too long: {err}");
        for inside in ["panicked", "backtrace", "unwrap", "Error {", "Err(", "Some(", "os error"] {
            assert!(!err.contains(inside), "{arguments:?}: {inside}: {err}");
        }
        words.iter().for_each(|word| assert!(err.contains(word), "{arguments:?}: {word}: {err}"));
    }
}

/// An unsigned message without a header: it replaces `./Home`.
pub fn set(value: &str) -> String {
    format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\">\n  <SyncHdr/>\n  <SyncBody>\n    <Replace>\n      \
         <CmdID>1</CmdID>\n      <Item><Target><LocURI>./Home</LocURI></Target>\
         <Data>{value}</Data></Item>\n    </Replace>\n    <Final/>\n  </SyncBody>\n</SyncML>\n"
    )
}

/// Arguments that seal a document by the operator for the device.
pub fn sealing<'a>(from: &'a str, to: &'a str) -> Vec<&'a str> {
    let mut arguments = vec!["seal", from, "--key", "op/key.pem", "--key-name", "key-1"];
    arguments.extend(["--server-id", OPERATOR, "--device-id", DEVICE, "-o", to]);
    arguments
}

/// Arguments that provision the device for the server whose key is in this folder.
pub fn provision<'a>(state: &'a str, who: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let (server_id, cert) = match who {
        "op" => (OPERATOR, "op/cert.pem"),
        _ => (PARTNER, "pa/cert.pem"),
    };
    let mut arguments = vec!["provision", state, "--device-id", DEVICE, "--server-id", server_id];
    arguments.extend(["--cert", cert, "--key-name", "key-1"]);
    arguments.extend(more);
    arguments
}

/// The last line, with its end.
fn last_line(text: &str) -> &str {
    text.split_inclusive('\n').next_back().unwrap_or_default()
}

pub fn one_line(text: &str) -> Value {
    assert!(text.ends_with('\n') && text.lines().count() == 1, "not one line: {text}");
    serde_json::from_str(text).expect("JSON")
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            std::fs::create_dir(&to).expect("a new folder");
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).expect("copied");
        }
    }
}
