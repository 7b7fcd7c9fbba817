//! The commands, one file each.

mod bootstrap;
mod codec;
mod conformance;
mod diff;
mod elsewhere;
mod inspect;
mod journal;
mod keygen;
mod lab;
mod lint;
mod man;
pub mod open;
mod outbox;
mod provision;
mod push;
mod respell;
mod seal;
mod tree;

use std::process::ExitCode;

pub use codec::check_reads_back;

use clap::Subcommand;

use crate::demo::Demo;
use crate::fault::Fault;
use crate::report::Reporter;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    Encode(codec::Encode),
    Decode(codec::Decode),
    #[command(visible_alias = "what-is-this")]
    Inspect(inspect::Inspect),
    Diff(diff::Diff),
    Keygen(keygen::Keygen),
    Provision(provision::Provision),
    Bootstrap(bootstrap::Bootstrap),
    Seal(seal::Seal),
    Respell(respell::Respell),
    SignRequest(elsewhere::SignRequest),
    SignAnswer(elsewhere::SignAnswer),
    Attach(elsewhere::Attach),
    Open(open::Open),
    Tree(tree::Show),
    Lint(lint::Lint),
    Push(push::Push),
    Outbox(outbox::OutboxCommand),
    Lab(lab::Lab),
    Journal(journal::Journal),
    Conformance(conformance::Conformance),
    Demo(Demo),
    #[command(hide = true)]
    Man(man::Man),
}

impl Command {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        match self {
            Self::Encode(command) => command.run(reporter),
            Self::Decode(command) => command.run(reporter),
            Self::Inspect(command) => command.run(reporter),
            Self::Diff(command) => command.run(reporter),
            Self::Keygen(command) => command.run(reporter),
            Self::Provision(command) => command.run(reporter),
            Self::Bootstrap(command) => command.run(reporter),
            Self::Seal(command) => command.run(reporter),
            Self::Respell(command) => command.run(reporter),
            Self::SignRequest(command) => command.run(reporter),
            Self::SignAnswer(command) => command.run(reporter),
            Self::Attach(command) => command.run(reporter),
            Self::Open(command) => command.run(reporter),
            Self::Tree(command) => command.run(reporter),
            Self::Lint(command) => command.run(reporter),
            Self::Push(command) => command.run(reporter),
            Self::Outbox(command) => command.run(reporter),
            Self::Lab(command) => command.run(reporter),
            Self::Journal(command) => command.run(reporter),
            Self::Conformance(command) => command.run(reporter),
            Self::Demo(command) => command.run(reporter),
            Self::Man(command) => command.run(),
        }
    }
}
