//! Programs of others, started by the scripts of this folder or of the documents beside the project.
//!
//! A file that test programs of several packages take in by its path, beside `left_out.rs`.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

use super::left_out::skipped;

/// Whether all these programs are there. If not: says so, or fails where none may be missing.
pub fn all_here(programs: &[&str]) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<_> = env::split_paths(&path).chain(["/usr/sbin".into()]).collect();
    let is_here = |program: &str| folders.iter().any(|folder| folder.join(program).is_file());
    let missing: Vec<_> = programs.iter().filter(|program| !is_here(program)).collect();
    if missing.is_empty() {
        return true;
    }
    assert!(!all_are_demanded(), "no {missing:?}");
    skipped(&format!("{missing:?} not installed"));
    false
}

fn all_are_demanded() -> bool {
    env::var_os("MGRAM_TEST_PEERS").is_some_and(|value| value == "1")
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
    listener.local_addr().expect("an address").port()
}

/// The start script of a peer.
pub struct Peer(PathBuf);

/// A peer that runs, until this is dropped.
pub struct Running {
    script: PathBuf,
    work: (String, String),
}

impl Peer {
    /// The script, if it and these programs are here; otherwise it is said that they are not.
    #[allow(dead_code, reason = "not every test program has peers of these documents")]
    pub fn find(name: &str, programs: &[&str]) -> Option<Self> {
        if !all_here(programs) {
            return None;
        }
        let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
        let shared = env::var_os("MGRAM_TEST_SHARED").map_or(beside, PathBuf::from);
        let script = shared.join("peers").join(name).join("start.sh");
        if fs::metadata(&script).is_ok() {
            return Some(Self(script));
        }
        skipped(&format!("no documents in peers/{name}"));
        None
    }

    /// As [`Self::find`], of a script that is ours.
    #[allow(dead_code, reason = "nor of ours")]
    pub fn own(name: &str, programs: &[&str]) -> Option<Self> {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers");
        all_here(programs).then(|| Self(peers.join(name).join("start.sh")))
    }

    /// Starts it; the first variable names its work folder.
    pub fn start(&self, variables: &[(&str, &str)]) -> Running {
        let mut start = Command::new("bash");
        start.arg(&self.0).envs(variables.iter().copied()).stdin(Stdio::null());
        let status = start.stdout(Stdio::null()).status().expect("bash");
        assert!(status.success(), "{} does not start", self.0.display());
        let (name, work) = variables[0];
        Running { script: self.0.clone(), work: (name.to_owned(), work.to_owned()) }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut stop = Command::new("bash");
        stop.arg(&self.script).arg("stop").env(&self.work.0, &self.work.1);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}
