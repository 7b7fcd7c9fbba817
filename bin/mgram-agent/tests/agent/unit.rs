//! The unit of systemd: what it says holds together, and how much it leaves open.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::peer::all_here;
use super::process::run;

/// The unit in a folder of its own, its program and its folders in there too.
struct Unit {
    folder: TempDir,
}

impl Unit {
    fn new() -> Self {
        let unit = Self { folder: tempfile::tempdir().expect("a folder") };
        let text = packaged("mgram-agent.service").replace("/usr/bin/mgram-agent", PROGRAM);
        fs::write(unit.path(), unit.here(&text)).expect("written");
        unit
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("mgram-agent.service")
    }

    /// The text with the folders of the configuration and of the state in here.
    fn here(&self, text: &str) -> String {
        let folder = self.folder.path().display();
        let text = text.replace("/etc/marconigram/", &format!("{folder}/etc/"));
        text.replace("/var/lib/marconigram/", &format!("{folder}/var/"))
    }

    fn drop_in(&self, name: &str) {
        let folder = self.folder.path().join("mgram-agent.service.d");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), self.here(&packaged(&format!("examples/{name}"))))
            .expect("written");
    }

    fn touch(&self, path: &str) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, "").expect("written");
    }

    fn analyze(&self, arguments: &[&str]) -> (i32, String, String) {
        run(Command::new("systemd-analyze")
            .args(arguments)
            .env("SYSTEMD_COLORS", "0")
            .env("SYSTEMD_UNIT_PATH", format!("{}:", self.folder.path().display())))
    }

    /// What systemd finds wrong with it.
    fn faults(&self) -> Vec<String> {
        let path = self.path().display().to_string();
        let (code, out, err) = self.analyze(&["verify", "--man=no", &path]);
        let said: Vec<_> =
            err.lines().filter(|line| line.contains("mgram-agent.service")).collect();
        assert!(code == 0 || !said.is_empty(), "{out}{err}");
        said.into_iter().map(str::to_owned).collect()
    }

    fn would_start(&self) -> bool {
        self.analyze(&["condition", "--unit=mgram-agent.service"]).0 == 0
    }
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_mgram-agent");

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn packaged(name: &str) -> String {
    fs::read_to_string(top().join("packaging").join(name)).expect("a file of the package")
}

/// systemd's own opinion, where it is here: no warning, and hardly any exposure.
#[test]
fn the_unit_is_verified_and_hardened() {
    if !all_here(&["systemd-analyze"]) {
        return;
    }
    assert!(
        packaged("mgram-agent.service")
            .contains("ExecStart=/usr/bin/mgram-agent run --config /etc/marconigram/agent.toml\n")
    );
    let unit = Unit::new();
    assert_eq!(unit.faults(), [""; 0]);
    // From 0, nothing is open, to 100; 15 is "OK" by its own words.
    let path = unit.path().display().to_string();
    let (code, out, err) = unit.analyze(&["security", "--offline=true", "--threshold=15", &path]);
    assert_eq!(code, 0, "{out}{err}");
}

#[test]
fn each_drop_in_is_verified_and_in_the_guide() {
    if !all_here(&["systemd-analyze"]) {
        return;
    }
    let guide = fs::read_to_string(top().join("docs/device-guide.md")).expect("the guide");
    for file in fs::read_dir(top().join("packaging/examples")).expect("the examples") {
        let name = file.expect("a file").file_name().into_string().expect("a name");
        assert!(guide.contains(&format!("`{name}`")), "{name} is not in the guide");
        let unit = Unit::new();
        unit.drop_in(&name);
        assert_eq!(unit.faults(), [""; 0], "{name}");
    }
}

#[test]
fn the_unit_waits_for_a_state_and_with_its_drop_in_for_a_push() {
    if !all_here(&["systemd-analyze"]) {
        return;
    }
    let unit = Unit::new();
    unit.touch("etc/agent.toml");
    assert!(!unit.would_start(), "not before the device was provisioned");
    unit.touch("var/state.redb");
    assert!(unit.would_start());
    let waiting = Unit::new();
    waiting.drop_in("bootstrap-push.conf");
    assert!(!waiting.would_start(), "not without a configuration");
    waiting.touch("etc/agent.toml");
    assert!(waiting.would_start(), "without a state");
}
