//! The operator's command line: encode, seal, open, push and look at sessionless messages.

mod account_options;
mod command;
mod confidential;
mod conformance;
mod counters;
mod demo;
mod descriptions;
mod device_key;
mod document;
mod draft;
mod encryption_options;
mod fault;
mod freshness_options;
mod header;
mod key_options;
mod name;
mod report;
mod sealed_options;
mod shown_options;
mod signal;
mod signer;
mod state;
mod unsigned;
mod usage;
mod way_options;
mod wbxml_options;

use std::process::ExitCode;

use clap::Parser;

use crate::command::Command;
use crate::report::Reporter;

/// Signed, one-way device management: OMA DM Sessionless Management 1.3.
#[derive(Debug, Parser)]
#[command(name = "mgram", version, arg_required_else_help = true)]
#[command(after_help = "Exit status: 0 done, 1 refused or failed, 2 usage or unreadable input, \
                        69 something needed is not there.")]
pub struct Arguments {
    /// Print one line of JSON instead of text.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage::report(&error),
    };
    let reporter = Reporter::new(arguments.json);
    match arguments.command.run(&reporter) {
        Ok(code) => code,
        Err(fault) => reporter.fault(&fault),
    }
}
