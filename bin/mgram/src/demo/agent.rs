//! One device: an `mgram-agent` process, its configuration, state and log.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::fault::Fault;

/// How long an agent may take for anything.
const PATIENCE: Duration = Duration::from_secs(30);

/// A device of the demo.
#[derive(Debug)]
pub struct Agent {
    /// `device-1`, ...
    pub name: String,
    /// What Target names.
    pub device_id: String,
    folder: PathBuf,
    process: Option<Child>,
    starts: usize,
}

impl Agent {
    /// A device that does not run yet; writes its configuration.
    pub fn new(folder: &Path, number: usize, group: &str) -> Result<Self, Fault> {
        let name = format!("device-{number}");
        let device_id = format!("urn:imei:00499901064000{number}");
        let folder = folder.join(&name);
        std::fs::create_dir_all(&folder).map_err(|error| Fault::refused(error).in_file(&folder))?;
        let agent = Self { name, device_id, folder, process: None, starts: 0 };
        let listen = |transport: &str| {
            format!(
                "\n[[listen]]\ntransport = \"{transport}\"\naddress = \"127.0.0.1:0\"\n\
                 security = \"source-list\"\nfrom = [\"127.0.0.1\"]\n"
            )
        };
        let config = format!(
            "device_id = \"{}\"\ngroups = [\"{group}\"]\nstate = \"{}\"\n{}{}",
            agent.device_id,
            agent.state().display(),
            listen("udp"),
            listen("http"),
        );
        let path = agent.config();
        std::fs::write(&path, config).map_err(|error| Fault::refused(error).in_file(&path))?;
        Ok(agent)
    }

    /// Its state folder.
    pub fn state(&self) -> PathBuf {
        self.folder.join("state")
    }

    /// Its configuration.
    pub fn config(&self) -> PathBuf {
        self.folder.join("agent.toml")
    }

    fn log_path(&self) -> PathBuf {
        self.folder.join(format!("log-{}.txt", self.starts))
    }

    /// Starts the process and waits until it listens.
    pub fn start(&mut self) -> Result<(), Fault> {
        let program = program()?;
        self.starts += 1;
        let path = self.log_path();
        let log = File::create(&path).map_err(|error| Fault::refused(error).in_file(&path))?;
        let process = Command::new(&program)
            .args(["run".as_ref(), "--config".as_ref(), self.config().as_os_str()])
            .env("MGRAM_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let process = process.map_err(|error| Fault::missing(error).in_file(&program))?;
        self.process = Some(process);
        self.wait("start", |log| log.contains(" running device_id="))
    }

    /// The address that pushes go to.
    pub fn address(&self, transport: &str) -> String {
        let log = self.log();
        let listens = format!("listening transport=\"{transport}\" address=");
        let address = log.split_once(&listens).and_then(|(_, rest)| rest.split_whitespace().next());
        let address = address.unwrap_or_default();
        match transport {
            "udp" => format!("udp://{address}"),
            _ => format!("http://{address}/push"),
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// How many messages it has dealt with since it started.
    pub fn dealt_with(&self) -> usize {
        let log = self.log();
        log.matches(" accepted from=").count() + log.matches(" refused from=").count()
    }

    /// Waits until it has dealt with this many messages since it started.
    pub fn wait_for(&mut self, messages: usize) -> Result<(), Fault> {
        self.wait("deal with a message", |log| {
            log.matches(" accepted from=").count() + log.matches(" refused from=").count()
                >= messages
        })
    }

    fn wait(&mut self, what: &str, is_done: impl Fn(&str) -> bool) -> Result<(), Fault> {
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            if is_done(&self.log()) {
                return Ok(());
            }
            let ended = self.process.as_mut().and_then(|process| process.try_wait().ok().flatten());
            if let Some(status) = ended {
                let what =
                    format!("{} ended by itself ({status}) before it could {what}", self.name);
                return Err(Fault::refused(what + "\n" + &self.log()).in_file(&self.log_path()));
            }
            sleep(Duration::from_millis(5));
        }
        Err(Fault::refused(format!("{} did not {what} in {PATIENCE:?}", self.name))
            .in_file(&self.log_path()))
    }

    /// SIGKILL: what a power cut is to a process.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }

    /// SIGTERM, and waits for an orderly end.
    pub fn stop(&mut self) -> Result<(), Fault> {
        let Some(mut process) = self.process.take() else { return Ok(()) };
        let asked = Command::new("kill").arg(process.id().to_string()).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = process.kill();
        }
        let end = Instant::now() + PATIENCE;
        while Instant::now() < end {
            match process.try_wait() {
                Ok(Some(_)) => return Ok(()),
                Ok(None) => sleep(Duration::from_millis(5)),
                Err(error) => return Err(Fault::refused(error)),
            }
        }
        let _ = process.kill();
        Err(Fault::refused(format!("{} did not stop on SIGTERM", self.name)))
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `mgram-agent`, beside this program.
fn program() -> Result<PathBuf, Fault> {
    let own = std::env::current_exe().map_err(Fault::missing)?;
    let program = own.with_file_name("mgram-agent");
    if program.is_file() {
        return Ok(program);
    }
    Err(Fault::missing("mgram-agent is not beside mgram")
        .in_file(&program)
        .next("build it: `cargo build`, or use `cargo xtask demo`"))
}
