//! The device management client: receives, verifies, applies, journals, and never answers.

mod journal;
mod log;
mod status;
mod systemd;

use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

#[cfg(feature = "full")]
use clap::CommandFactory;
use clap::{Parser, Subcommand};
use dm_agent::bootstrap::document::{self, Refused};
use dm_agent::receive::Receivers;
#[cfg(not(feature = "full"))]
use dm_agent::receive::StartError;
use dm_agent::run::{Agent, RunError};
use dm_agent::{Config, device_keys};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info};

use journal::Journal;
use systemd::Manager;

/// The DM client for messages without a session: OMA DM Sessionless Management 1.3.
#[derive(Debug, Parser)]
#[command(name = "mgram-agent", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 stopped in order, 1 failed, 2 the configuration is wrong, 69 \
                        something needed is not there.\n\
                        The environment variable MGRAM_LOG sets the log level, like \
                        MGRAM_LOG=debug."
)]
struct Arguments {
    /// Print what a check found, or why it failed, as one line of JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run until SIGTERM or SIGINT.
    Run {
        /// The configuration: TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Check a configuration, with the device keys that it names, and end.
    Check {
        /// The configuration: TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Print the journal: each message with its verdict, what came of effects; oldest first.
    Journal(Journal),
    /// Say how the agent is: status 0 if it runs, 1 if it does not.
    Status {
        /// The configuration: TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Take a bootstrap document from a file, or a push with a MAC from one, and end. The agent must
    /// not be running. [BOOT 1.2]
    Bootstrap {
        /// The configuration: TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
        /// The file is a push with SEC and MAC: what `mgram bootstrap --sec` writes.
        #[arg(long)]
        push: bool,
        /// The document: TNDS in WBXML or XML text.
        file: PathBuf,
    },
    /// Write the man page.
    #[cfg(feature = "full")]
    #[command(hide = true)]
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let Arguments { json, command } = Arguments::parse();
    let report = Report { json };
    log::begin(std::env::var("MGRAM_LOG").ok().as_deref());
    let (path, task) = match command {
        Command::Run { config } => (config, Task::Run),
        Command::Check { config } => (config, Task::Check),
        Command::Bootstrap { config, push, file } => (config, Task::Bootstrap { push, file }),
        Command::Journal(journal) => (journal.config().to_owned(), Task::Journal(journal)),
        Command::Status { config } => (config, Task::Status),
        #[cfg(feature = "full")]
        Command::Man { folder } => return man(&folder, report),
    };
    let config = match Config::load(&path, std::env::vars_os()) {
        Ok(config) => config,
        Err(error) => return report.failed(&error, None, USAGE),
    };
    if let Err(error) = dm_agent::settings::settings(&config) {
        return report.failed(&error, None, USAGE);
    }
    match task {
        Task::Check => return check(&path, &config, report),
        Task::Bootstrap { push, file } => return bootstrap(&config, push, &file, report),
        Task::Journal(journal) => return journal.run(&config, report),
        Task::Status => return status::status(&config, report),
        Task::Run if !config.receives() => return report.deaf(&path),
        Task::Run => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => {
            let outcome = runtime.block_on(run(&config));
            // The state is closed; what still waits for a name server or a disk is not worth it.
            runtime.shutdown_timeout(GRACE);
            outcome
        }
        Err(error) => return report.failed(&format!("cannot start: {error}"), None, FAILED),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report.of_run(&error),
    }
}

/// What to do with a configuration.
enum Task {
    Run,
    Check,
    Bootstrap { push: bool, file: PathBuf },
    Journal(Journal),
    Status,
}

/// For threads that block, at the end.
const GRACE: Duration = Duration::from_millis(500);
const FAILED: u8 = 1;
const USAGE: u8 = 2;
const MISSING: u8 = 69;
/// What to write where there is no receiver.
const RECEIVER: &str = "write a section [[listen]], [[mqtt]], [[poll]], [[sip]], [[sms]] or \
                        [[spool]]; for instance: [[spool]], folder = \"/var/spool/marconigram\", \
                        security = \"owner\", owners = [0]";

/// How whoever started the program wants to be told.
#[derive(Clone, Copy)]
struct Report {
    json: bool,
}

impl Report {
    fn of_run(self, error: &RunError) -> ExitCode {
        self.failed(error, error.remedy(), if error.is_missing() { MISSING } else { FAILED })
    }

    /// Of a configuration by which nothing can come.
    fn deaf(self, path: &Path) -> ExitCode {
        let path = path.display();
        let what = format!("{path}: there is no receiver: nothing could ever be received");
        self.failed(&what, Some(RECEIVER), USAGE)
    }

    fn failed(self, what: &dyn Display, next: Option<&str>, code: u8) -> ExitCode {
        if self.json {
            say(&json!({"error": {"what": what.to_string(), "next": next}}).to_string());
        } else {
            log::complain(&format!("mgram-agent: {what}"));
            if let Some(next) = next {
                log::complain(&format!("  next: {next}"));
            }
        }
        ExitCode::from(code)
    }
}

/// A line on standard output; whoever has gone away needs none.
fn say(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// The keys are tried too: a message that cannot be decrypted is too late to find it.
fn check(path: &Path, config: &Config, report: Report) -> ExitCode {
    if !config.receives() {
        return report.deaf(path);
    }
    if let Err(error) = dm_agent::effects::check(config) {
        return report.of_run(&error.into());
    }
    if let Err(error) = Receivers::check(config) {
        return report.of_run(&error.into());
    }
    #[cfg(not(feature = "full"))]
    if config.report.is_some() {
        return report.of_run(&StartError::NotBuilt { section: "[report]" }.into());
    }
    #[cfg(feature = "full")]
    if let Err(error) = dm_agent::report::check(config) {
        return report.of_run(&error.into());
    }
    let keys = match device_keys::load_all(config, None) {
        Ok(keys) => keys,
        Err(error) => return report.of_run(&error.into()),
    };
    let (listeners, keys) = (config.listen.len(), keys.names().count());
    let others = config.mqtt.len()
        + config.poll.len()
        + config.spool.len()
        + config.sip.len()
        + config.sms.len();
    let device_id = &config.device_id;
    say(&match report.json {
        true => json!({
            "config": path.to_string_lossy(), "device_id": device_id, "listeners": listeners,
            "other_receivers": others, "device_keys": keys, "is_reported": config.report.is_some(),
        })
        .to_string(),
        false => {
            let keys = if keys == 0 { String::new() } else { format!(", {keys} device key(s)") };
            let others =
                if others == 0 { String::new() } else { format!(", {others} other receiver(s)") };
            let reported = reported(config);
            let path = path.display();
            format!(
                "{path}: good, for device {device_id}, {listeners} listener(s){others}{keys}{reported}"
            )
        }
    });
    ExitCode::SUCCESS
}

/// Where the journal goes, as `check` says it.
fn reported(config: &Config) -> String {
    #[cfg(feature = "full")]
    if let Some(report) = &config.report {
        return format!(", reported to {}", report.server.url);
    }
    let _ = config; // nowhere: this program was built without the report
    String::new()
}

/// Takes a document of the factory, of a smart card, or one that somebody received.
fn bootstrap(config: &Config, push: bool, file: &Path, report: Report) -> ExitCode {
    let octets = match std::fs::read(file) {
        Ok(octets) => octets,
        Err(error) => {
            return report.failed(&format!("{}: {error}", file.display()), None, USAGE);
        }
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok().filter(|_| config.clock);
    let now = now.map(|since| since.as_secs());
    let outcome = match push {
        true => document::take_push(config, &octets, &format!("file {}", file.display()), now),
        false => document::take_file(config, file, &octets, now),
    };
    match outcome {
        Ok(taken) => {
            let (state, servers) = (config.state.display(), taken.server_ids.join(", "));
            say(&match report.json {
                true => json!({
                    "state": state.to_string(), "server_ids": taken.server_ids,
                    "notes": taken.notes, "nodes": taken.nodes,
                })
                .to_string(),
                false => {
                    let notes: String =
                        taken.notes.iter().map(|note| format!("\n  {note}")).collect();
                    format!("{state}: account of {servers}, {} nodes{notes}", taken.nodes)
                }
            });
            ExitCode::SUCCESS
        }
        Err(refused) => {
            let code = match refused {
                Refused::Unreadable(_) | Refused::Push(_) | Refused::Settings(_) => USAGE,
                _ => FAILED,
            };
            report.failed(&refused, refused.remedy(), code)
        }
    }
}

#[cfg(feature = "full")]
/// The man page, from the same definitions as `--help`.
fn man(folder: &Path, report: Report) -> ExitCode {
    let mut page = Vec::new();
    let command = Arguments::command();
    let man = clap_mangen::Man::new(command).date("");
    let written = man
        .render(&mut page)
        .and_then(|()| std::fs::create_dir_all(folder))
        .and_then(|()| std::fs::write(folder.join("mgram-agent.1"), page));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => report.failed(&format!("{}: {error}", folder.display()), None, USAGE),
    }
}

async fn run(config: &Config) -> Result<(), RunError> {
    let mut agent = Agent::start(config).await?;
    let manager = Manager::of_environment();
    info!(device_id = config.device_id, state = %config.state.display(), "running");
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        error!("signals cannot be caught; stop the agent with SIGKILL");
        return agent.failed().await;
    };
    manager.tell("READY=1\nSTATUS=running");
    tokio::select! {
        failed = wait(&mut agent, &manager) => {
            if let Err(RunError::Ended(_)) = &failed {
                agent.stop().await?; // the rest of it works
            }
            return failed;
        }
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    manager.tell("STOPPING=1\nSTATUS=carrying out what is queued");
    info!("stopping");
    agent.stop().await
}

/// Until the agent fails. A watchdog that somebody set hears of it only while nothing holds it up.
async fn wait(agent: &mut Agent, manager: &Manager) -> Result<(), RunError> {
    let Some(pause) = systemd::watchdog() else { return agent.failed().await };
    loop {
        if agent.busy_for().is_none_or(|seconds| seconds <= pause.as_secs()) {
            manager.tell("WATCHDOG=1");
        }
        tokio::select! {
            failed = agent.failed() => return failed,
            () = tokio::time::sleep(pause) => {}
        }
    }
}
