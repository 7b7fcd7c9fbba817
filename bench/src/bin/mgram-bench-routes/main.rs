//! The speed of routes, on this machine: what leaves, what is held back, and what that takes.
//!
//! A program of its own, for it has an event loop and many connections, which the others do without.
//! Each row prints a figure; nothing here asserts one.

mod outbox;

use std::process::ExitCode;

use clap::Parser;

/// Measures routes and prints a line a row.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only rows whose name contains this.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Messages of a row that counts them, in thousands.
    #[arg(long, default_value_t = 100, value_name = "THOUSANDS")]
    thousands: usize,
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
}

/// What a row came to: words and figures.
struct Figure {
    what: &'static str,
    value: f64,
    unit: &'static str,
}

type Measured = Result<Vec<Figure>, Box<dyn std::error::Error>>;

/// A name, and what it measures with so many messages.
type Row = (&'static str, fn(usize) -> Measured);

const ROWS: &[Row] = &[
    ("outbox, accepted and sent", outbox::accepted_and_sent),
    ("outbox, held back by a slow route", outbox::held_back),
];

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let wanted = |name: &str| arguments.filter.as_deref().is_none_or(|part| name.contains(part));
    let mut is_good = true;
    for (name, measure) in ROWS.iter().filter(|(name, _)| wanted(name)) {
        match measure(arguments.thousands * 1_000) {
            Ok(figures) if arguments.json => {
                for Figure { what, value, unit } in figures {
                    let line = serde_json::json!({"row": name, "what": what, "value": value, "unit": unit});
                    println!("{line}");
                }
            }
            Ok(figures) => {
                println!("{name}");
                for Figure { what, value, unit } in figures {
                    println!("  {what:44} {value:>14.1} {unit}");
                }
            }
            Err(error) => {
                eprintln!("{name}: {error}");
                is_good = false;
            }
        }
    }
    if is_good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Resident memory of this process, in MiB.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1_024.0
}
