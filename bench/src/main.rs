//! The speed of what a message costs, against the primitive beneath it.
//!
//! Each figure is measured in turn with what it is compared to, run by run, on one core; the
//! median of the runs is printed. Nothing here asserts a time.

mod device;
mod measure;
mod messages;
mod scenarios;

use clap::Parser;

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
}

fn main() {
    let arguments = Arguments::parse();
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
        let figure = measure::pair(&mut *work, &mut *base, arguments.runs, arguments.millis);
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
