//! A message bus of a test's own.

use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A D-Bus daemon that lets everybody do everything, until this is dropped.
pub struct Bus {
    daemon: Option<Child>,
    folder: PathBuf,
}

impl Bus {
    /// Starts one with its socket in this folder.
    pub fn start(folder: &Path) -> Self {
        let mut bus = Self { daemon: None, folder: folder.to_owned() };
        bus.restart();
        bus
    }

    /// Ends it, which takes everybody off it, and starts another in its place.
    pub fn restart(&mut self) {
        self.stop();
        let configuration = self.folder.join("bus.conf");
        let text = format!(
            "<busconfig><type>system</type><listen>{}</listen><auth>EXTERNAL</auth>\
             <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"false\"/>\
             <allow receive_sender=\"*\"/><allow own=\"*\"/><allow user=\"*\"/></policy></busconfig>",
            self.address()
        );
        std::fs::write(&configuration, text).expect("written");
        let mut daemon = Command::new("dbus-daemon");
        daemon.args(["--nofork", "--nopidfile"]);
        daemon.arg(format!("--config-file={}", configuration.display()));
        daemon.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.daemon = Some(daemon.spawn().expect("dbus-daemon"));
        let start = Instant::now();
        while UnixStream::connect(self.socket()).is_err() {
            assert!(start.elapsed() < Duration::from_secs(20), "the bus does not start");
            std::thread::sleep(Duration::from_millis(3));
        }
    }

    /// Ends it.
    pub fn stop(&mut self) {
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        let _ = std::fs::remove_file(self.socket());
    }

    /// Its address, as a configuration has it.
    pub fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.join("bus")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.stop();
    }
}
