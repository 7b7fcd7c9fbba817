//! The device management client: receives, verifies, applies, journals, and never answers.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use dm_agent::Config;
use dm_agent::run::{Agent, RunError};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{error, info, warn};
use tracing_subscriber::EnvFilter;

/// The DM client for messages without a session: OMA DM Sessionless Management 1.3.
#[derive(Debug, Parser)]
#[command(name = "mgram-agent", version, arg_required_else_help = true)]
#[command(
    after_help = "Exit status: 0 stopped in order, 1 failed, 2 the configuration is wrong.\n\
                        The environment variable MGRAM_LOG sets the log level, like \
                        MGRAM_LOG=debug."
)]
struct Arguments {
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
    /// Check a configuration and end.
    Check {
        /// The configuration: TOML.
        #[arg(long, value_name = "FILE")]
        config: PathBuf,
    },
    /// Write the man page.
    #[command(hide = true)]
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

fn main() -> ExitCode {
    let Arguments { command } = Arguments::parse();
    let filter = EnvFilter::try_from_env("MGRAM_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let (path, is_check) = match command {
        Command::Run { config } => (config, false),
        Command::Check { config } => (config, true),
        Command::Man { folder } => return man(&folder),
    };
    let config = match Config::load(&path, std::env::vars_os()) {
        Ok(config) => config,
        Err(error) => return usage(&error),
    };
    if let Err(error) = dm_agent::settings::settings(&config) {
        return usage(&error);
    }
    if is_check {
        let (path, listeners) = (path.display(), config.listen.len());
        println!("{path}: good, for device {}, {listeners} listener(s)", config.device_id);
        return ExitCode::SUCCESS;
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(&config)),
        Err(error) => return failed(&format!("cannot start: {error}"), None),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error, error.remedy()),
    }
}

fn failed(error: &dyn std::fmt::Display, next: Option<&str>) -> ExitCode {
    eprintln!("mgram-agent: {error}");
    if let Some(next) = next {
        eprintln!("  next: {next}");
    }
    ExitCode::from(1)
}

/// The man page, from the same definitions as `--help`.
fn man(folder: &Path) -> ExitCode {
    let mut page = Vec::new();
    let command = Arguments::command();
    let man = clap_mangen::Man::new(command).date("");
    let written = man
        .render(&mut page)
        .and_then(|()| std::fs::create_dir_all(folder))
        .and_then(|()| std::fs::write(folder.join("mgram-agent.1"), page));
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => usage(&format!("{}: {error}", folder.display())),
    }
}

fn usage(error: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("mgram-agent: {error}");
    ExitCode::from(2)
}

async fn run(config: &Config) -> Result<(), RunError> {
    let mut agent = Agent::start(config).await?;
    if config.listen.is_empty() {
        warn!("there is no [[listen]] in the configuration: nothing will be received");
    }
    info!(device_id = config.device_id, state = %config.state.display(), "running");
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = signals else {
        error!("signals cannot be caught; stop the agent with SIGKILL");
        return agent.failed().await;
    };
    tokio::select! {
        failed = agent.failed() => return failed,
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    info!("stopping");
    agent.stop().await
}
