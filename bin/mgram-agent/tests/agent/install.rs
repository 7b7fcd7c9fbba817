//! `docs/install.md`: the package in a clean root, three receivers, a profile of NetworkManager.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::left_out::skipped;
use super::peer::{all_here, free_port};

const AGENT: &str = env!("CARGO_BIN_EXE_mgram-agent");

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// What a command prints, on both streams, and whether it succeeded.
fn shell(folder: &Path, command: &str) -> (bool, String) {
    let programs = Path::new(AGENT).parent().expect("a folder").to_str().expect("UTF-8");
    let path = std::env::var("PATH").expect("a search path");
    // To a file: what goes on in the background would hold a pipe open.
    let out = folder.join(".printed");
    let file = std::fs::File::create(&out).expect("a file");
    let status = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{programs}:/usr/sbin:/sbin:{path}"))
        .env("SOURCE_DATE_EPOCH", "1790000000")
        .stdin(Stdio::null())
        .stdout(file.try_clone().expect("a handle"))
        .stderr(file)
        .status()
        .expect("sh");
    (status.success(), std::fs::read_to_string(out).expect("text"))
}

/// A clean root of the Debian that this is; made once, and copied then.
fn clean_root(folder: &Path) -> bool {
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("install-root");
    let done = base.join("marconigram-complete");
    if !done.exists() {
        let make = format!(
            "rm -rf {base:?} && . /etc/os-release && debootstrap --variant=minbase \
             --include=adduser $VERSION_CODENAME {base:?} && rm -rf {base:?}/var/cache/apt/archives/*.deb \
             && touch {done:?}"
        );
        let (made, said) = shell(folder, &make);
        if !made {
            skipped(&format!("no clean root: {}", said.lines().last().unwrap_or("debootstrap")));
            return false;
        }
    }
    shell(folder, &format!("cp -a {base:?} root")).0
}

/// Documents: each is a block behind a paragraph that begins with its name.
fn documents(page: &str) -> Vec<(&str, &str)> {
    let mut found = Vec::new();
    for (at, kind) in ["```xml\n", "```toml\n"].iter().flat_map(|kind| page.match_indices(kind)) {
        let paragraph = page[..at].trim_end().rsplit("\n\n").next().expect("a paragraph");
        let name = paragraph.strip_prefix('`').and_then(|rest| rest.split_once('`'));
        let text = page[at + kind.len()..].split("```").next().expect("an end");
        found.push((name.expect("a name").0, text));
    }
    found
}

/// Kills the agent that the session started, however it ends.
struct Started<'f>(&'f TempDir);

impl Drop for Started<'_> {
    fn drop(&mut self) {
        let _ = shell(self.0.path(), "[ ! -f agent.pid ] || kill -9 $(cat agent.pid) 2>/dev/null");
    }
}

#[test]
fn a_device_is_installed_and_managed_as_written() {
    if !all_here(&["debootstrap", "dpkg-deb", "strip", "chroot"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    if shell(folder.path(), "id -u").1 != "0\n" {
        return skipped("a clean root takes root");
    }
    if !Path::new(AGENT).with_file_name("mgram").exists() {
        return skipped("mgram is not built: cargo build -p mgram");
    }
    let deb = format!(
        "sh {:?} mgram-agent {AGENT:?} 0.1.0 . && mv mgram-agent_*.deb mgram-agent.deb",
        repository().join("packaging/deb.sh")
    );
    let (made, said) = shell(folder.path(), &deb);
    assert!(made, "{said}");
    if !clean_root(folder.path()) {
        return;
    }
    let page = std::fs::read_to_string(repository().join("docs/install.md")).expect("the page");
    // The ports of the page may be in use here.
    let [udp, http] = [free_port(), free_port()];
    let page = page
        .replace("127.0.0.1:2948", &format!("127.0.0.1:{udp}"))
        .replace("127.0.0.1:4035", &format!("127.0.0.1:{http}"));
    for (name, text) in documents(&page) {
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    let _started = Started(&folder);
    let mut commands = 0;
    for block in page.split("```console\n").skip(1) {
        let block = block.split("```").next().expect("an end");
        for step in format!("\n{block}").split("\n$ ").skip(1) {
            let (command, expected) = step.split_once('\n').unwrap_or((step, ""));
            follow(folder.path(), command, expected.trim_end());
            commands += 1;
        }
    }
    assert!(commands >= 18, "{commands}");
}

/// Runs a command; one that only looks is run again until what is awaited has come about.
fn follow(folder: &Path, command: &str, expected: &str) {
    let looks = ["cat ", "grep ", "ls ", "chroot root mgram-agent "];
    let only_looks = looks.iter().any(|begin| command.starts_with(begin));
    let start = Instant::now();
    loop {
        let (_, printed) = shell(folder, command);
        if printed.trim_end() == expected {
            return;
        }
        let is_over = !only_looks || start.elapsed() > Duration::from_secs(30);
        let log = folder.join("agent.log");
        assert!(
            !is_over,
            "$ {command}\n{printed}\nexpected:\n{expected}\nlog: {}",
            std::fs::read_to_string(log).unwrap_or_default()
        );
        sleep(Duration::from_millis(100));
    }
}
