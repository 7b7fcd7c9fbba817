//! How many messages a second a route hands over, to a sink in this process: one thread sends, another one is
//! the sink. Wall-clock time, as whoever sends has it; and beside it the rate by processor time of the thread that
//! sends, on which other work on the machine has little influence.

mod http;
mod udp;

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use cpu_time::ThreadTime;
use dm_transport::{Outgoing, PushId, Route, Told, attempt};
use serde_json::json;
use tokio::sync::mpsc;

/// Measures, and prints one line a route.
#[derive(Debug, Parser)]
struct Arguments {
    /// Print JSON lines.
    #[arg(long)]
    json: bool,
    /// Only routes whose name contains this.
    #[arg(long, value_name = "NAME")]
    filter: Option<String>,
    /// Runs of each; the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    runs: u32,
    /// Milliseconds of one run.
    #[arg(long, default_value_t = 2_000, value_name = "MS")]
    millis: u64,
    /// Messages under way at once.
    #[arg(long, default_value_t = 64, value_name = "N")]
    at_once: usize,
    /// Octets of a message.
    #[arg(long, default_value_t = 600, value_name = "OCTETS")]
    octets: usize,
}

/// A route and its sink.
struct Pair {
    route: Arc<dyn Route>,
    told: mpsc::Receiver<Told>,
    to: String,
    /// What the sink has counted.
    taken: Box<dyn Fn() -> u64>,
}

struct Scenario {
    name: &'static str,
    asked: Option<f64>,
    start: fn() -> io::Result<Pair>,
}

const ALL: [Scenario; 4] = [
    Scenario { name: "udp push", asked: Some(100_000.0), start: udp::start },
    Scenario { name: "http post, h2 keep-alive", asked: Some(20_000.0), start: http::h2 },
    Scenario { name: "http post, h2 keep-alive, no tls", asked: None, start: http::h2_without_tls },
    Scenario { name: "http post, 1.1 keep-alive", asked: None, start: http::http1 },
];

fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let wanted = |name: &str| arguments.filter.as_deref().is_none_or(|text| name.contains(text));
    for scenario in ALL.iter().filter(|scenario| wanted(scenario.name)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let Measured { rates, by_processor, taken, sent } =
            runtime.block_on(measured(scenario, &arguments))?;
        let median = rates[rates.len() / 2];
        let (lowest, highest) = (rates[0], rates[rates.len() - 1]);
        let (name, asked) = (scenario.name, scenario.asked);
        if arguments.json {
            println!(
                "{}",
                json!({
                    "name": name, "per_second": median.round(), "asked": asked,
                    "lowest": lowest.round(), "highest": highest.round(),
                    "per_second_of_processor": by_processor.round(), "sent": sent, "taken": taken,
                })
            );
        } else {
            let verdict = match asked {
                Some(asked) if median >= asked => "holds",
                Some(_) => "falls short",
                None => "-",
            };
            println!(
                "{name:<34} {median:>9.0}/s  {verdict:<11}  {lowest:.0} to {highest:.0}; by processor time \
                 {by_processor:.0}/s; sink took {taken} of {sent}"
            );
        }
    }
    Ok(())
}

struct Measured {
    /// Ascending.
    rates: Vec<f64>,
    by_processor: f64,
    taken: u64,
    sent: u64,
}

async fn measured(scenario: &Scenario, arguments: &Arguments) -> io::Result<Measured> {
    let Pair { route, mut told, to, taken } = (scenario.start)()?;
    tokio::spawn(async move { while told.recv().await.is_some() {} });
    let octets: Arc<[u8]> =
        [&[2][..], &vec![0x6A; arguments.octets.saturating_sub(1)]].concat().into();
    let (mut rates, mut sent) = (Vec::new(), 0_u64);
    let processor = ThreadTime::now();
    for run in 0..=arguments.runs {
        let start = Instant::now();
        let end = start + Duration::from_millis(arguments.millis);
        let mut senders = tokio::task::JoinSet::new();
        for sender in 0..arguments.at_once {
            let (route, octets) = (route.clone(), octets.clone());
            let to = to.parse().map_err(io::Error::other)?;
            let mut outgoing = Outgoing {
                id: PushId::new(&format!("bench-{sender}")).expect("plain letters"),
                octets,
                to,
                deadline: tokio::time::Instant::now(),
                valid_until: None,
            };
            senders.spawn(async move {
                let mut count = 0_u64;
                loop {
                    let now = tokio::time::Instant::now();
                    if now.into_std() >= end {
                        return Ok(count);
                    }
                    outgoing.deadline = now + Duration::from_secs(10);
                    attempt(&*route, &outgoing).await?;
                    count += 1;
                    tokio::task::consume_budget().await;
                }
            });
        }
        let mut count = 0;
        while let Some(sender) = senders.join_next().await {
            let sender: Result<u64, dm_transport::SendError> = sender.map_err(io::Error::other)?;
            count += sender.map_err(io::Error::other)?;
        }
        sent += count;
        // The first one is for connections and caches.
        if run > 0 {
            rates.push(per_second(count, start.elapsed()));
        }
    }
    let by_processor = per_second(sent, processor.elapsed());
    rates.sort_by(f64::total_cmp);
    tokio::time::sleep(Duration::from_millis(100)).await;
    Ok(Measured { rates, by_processor, taken: taken(), sent })
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn per_second(count: u64, time: Duration) -> f64 {
    count as f64 / time.as_secs_f64()
}
