//! The speed of what a message costs: against the primitive beneath it, or against a peer.
//!
//! Each figure is measured in turn with what it is compared to, run by run, on one core; the
//! median of the runs is printed. Nothing here asserts a time.

mod applying;
mod check;
mod device;
mod durable;
mod measure;
mod memory;
mod peer;
mod primitives;
mod report;
mod routes;
mod scenarios;
mod seals;
mod sizes;
mod targets;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use report::Style;
use targets::Setup;

/// Measures and prints a table, or one line of JSON a measurement.
#[derive(Debug, Parser)]
struct Arguments {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Only measurements whose name contains this.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Runs of each measurement; the median counts.
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(5..))]
    runs: u32,
    /// Milliseconds of one run.
    #[arg(long, default_value_t = 300, value_name = "MS")]
    millis: u64,
    /// Measure routes, with their peers on this machine.
    #[arg(long, conflicts_with = "peer")]
    routes: bool,
    /// Measure conversions beside this peer, built from peers/libwbxml.c.
    #[arg(long, value_name = "PROGRAM", requires = "memory")]
    peer: Option<PathBuf>,
    /// The program that counts allocations: mgram-bench-memory.
    #[arg(long, value_name = "PROGRAM", requires = "peer")]
    memory: Option<PathBuf>,
    /// The folder of the messages that are converted, else our own.
    #[arg(long, value_name = "DIR", requires = "peer")]
    messages: Option<PathBuf>,
    /// A table of the peer's rates as another harness measured them, to be printed beside ours.
    #[arg(long, value_name = "TSV", requires = "peer")]
    check: Option<PathBuf>,
    /// Print the table as it stands in docs/performance.md.
    #[arg(long, requires = "peer", conflicts_with = "json")]
    markdown: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.routes {
        let wanted =
            |name: &str| arguments.filter.as_deref().is_none_or(|text| name.contains(text));
        let time = std::time::Duration::from_millis(arguments.millis.max(1_000));
        routes::run(wanted, arguments.json, arguments.runs, time);
        return ExitCode::SUCCESS;
    }
    match against_peer(&arguments) {
        Some(Ok(())) => {}
        Some(Err(error)) => {
            eprintln!("mgram-bench: {error}");
            return ExitCode::FAILURE;
        }
        None => against_primitives(&arguments),
    }
    ExitCode::SUCCESS
}

fn against_peer(arguments: &Arguments) -> Option<std::io::Result<()>> {
    let setup = Setup {
        peer: arguments.peer.clone()?,
        memory: arguments.memory.clone()?,
        messages: arguments.messages.clone(),
        runs: arguments.runs,
        millis: arguments.millis,
        filter: arguments.filter.clone(),
        style: match (arguments.json, arguments.markdown) {
            (true, _) => Style::Json,
            (_, true) => Style::Markdown,
            _ => Style::Plain,
        },
    };
    let run = || {
        let rates = targets::run(&setup)?;
        let table = arguments.check.as_deref();
        seals::run(&setup, table)?;
        sizes::run(&setup)?;
        table.map_or(Ok(()), |table| check::print(&rates, table, setup.style))
    };
    Some(run())
}

fn against_primitives(arguments: &Arguments) {
    if !arguments.json {
        println!(
            "{:<34} {:>12} {:>10}   {:<28} {:>7}",
            "measurement", "per second", "spread", "against", "ratio"
        );
    }
    let wanted = |name: &str| arguments.filter.as_deref().is_none_or(|text| name.contains(text));
    for scenario in scenarios::all().iter().filter(|scenario| wanted(scenario.name)) {
        let mut work = (scenario.work)();
        let mut base = (scenario.against)();
        let how_long = (arguments.runs, arguments.millis);
        let figure = measure::pair(&mut *work, &mut *base, scenario.clock(), how_long);
        if arguments.json {
            println!(
                "{}",
                serde_json::json!({
                    "name": scenario.name, "per_second": figure.per_second.round(),
                    "against": scenario.base, "against_per_second": figure.base.round(),
                    "ratio": (figure.ratio * 1000.0).round() / 1000.0, "runs": arguments.runs,
                })
            );
        } else {
            println!(
                "{:<34} {:>12.0} {:>9.1}%   {:<28} {:>7.3}",
                scenario.name, figure.per_second, figure.spread, scenario.base, figure.ratio
            );
        }
    }
}
