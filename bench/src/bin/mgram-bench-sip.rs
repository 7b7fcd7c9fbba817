//! How many pushes by SIP go in a second: over TCP, through Kamailio, to a device that is simulated here.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use cpu_time::ProcessTime;
use dm_push::sip::{Answer, Framed, Framer, Message, Start, answer};
use dm_transport::{Guarded, Limits, Outgoing, PushId, SipConfig, SipRoute, Teller};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

/// Measures and prints a line, or JSON.
#[derive(Debug, Parser)]
struct Arguments {
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Messages.
    #[arg(long, default_value_t = 30_000)]
    messages: u32,
    /// Octets of each.
    #[arg(long, default_value_t = 400)]
    octets: usize,
    /// Messages on their way at once.
    #[arg(long, default_value_t = 64)]
    window: usize,
    /// To the device itself, without Kamailio.
    #[arg(long)]
    direct: bool,
}

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let outcome = runtime.map_err(Into::into).and_then(|runtime| runtime.block_on(run(&arguments)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("mgram-bench-sip: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let (settings, to, _kamailio) = match arguments.direct {
        true => {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            let to = format!("sip:device1@{};transport=tcp", listener.local_addr()?);
            tokio::spawn(async move {
                let (stream, _) = listener.accept().await?;
                device(stream).await
            });
            ("device = true".to_owned(), to, None)
        }
        false => {
            let kamailio = Kamailio::start(folder.path())?;
            let mut stream = TcpStream::connect(("127.0.0.1", kamailio.port)).await?;
            register(&mut stream).await?;
            tokio::spawn(device(stream));
            let settings = format!("proxy = \"127.0.0.1:{}\"\ntransport = \"tcp\"", kamailio.port);
            (settings, "sip:device1@push.example".to_owned(), Some(kamailio))
        }
    };
    let config: SipConfig = toml::from_str(&settings)?;
    let (tell, mut told) = mpsc::channel(1_024);
    let listens = tokio::spawn(async move {
        let mut count = 0;
        while told.recv().await.is_some() {
            count += 1;
        }
        count
    });
    let route = SipRoute::new(&config, |_, _| String::new(), Teller::new("bench", tell))?;
    let limits = Limits { window: arguments.window, ..Limits::default() };
    let route = Arc::new(Guarded::new("bench", Box::new(route), &limits));
    let (begun, processor, mut times) = (Instant::now(), ProcessTime::now(), Vec::new());
    let share = arguments.messages / u32::try_from(arguments.window)?.max(1);
    let senders: Vec<_> = (0..arguments.window)
        .map(|_| tokio::spawn(send(route.clone(), to.clone(), share, arguments.octets)))
        .collect();
    for sender in senders {
        times.extend(sender.await??);
    }
    let seconds = begun.elapsed().as_secs_f64();
    let busy = processor.elapsed().as_secs_f64();
    drop(route);
    let receipts: usize = listens.await?;
    times.sort_unstable();
    let at = |part: usize| times.get(times.len() * part / 100).map_or(0.0, Duration::as_secs_f64);
    let count = f64::from(u32::try_from(times.len())?);
    // Route and device are one process; what Kamailio takes is not in its time.
    let (rate, by_processor) = (count / seconds, count / busy);
    let name =
        if arguments.direct { "sip message, to a device" } else { "sip message, through kamailio" };
    if arguments.json {
        let (p50, p99) = (at(50) * 1e3, at(99) * 1e3);
        println!(
            "{}",
            json!({ "name": name, "per_second": rate.round(), "receipts": receipts,
                    "per_processor_second": by_processor.round(),
                    "p50_ms": p50, "p99_ms": p99 })
        );
    } else {
        let (p50, p99) = (at(50) * 1e3, at(99) * 1e3);
        println!(
            "{name:<34} {rate:>12.0}/s, {by_processor:.0} a second of our processor time; \
             p50 {p50:.1} ms, p99 {p99:.1} ms, {receipts} receipts"
        );
    }
    Ok(())
}

/// One after another; how long each took.
async fn send(
    route: Arc<Guarded>,
    to: String,
    messages: u32,
    octets: usize,
) -> Outcome<Vec<Duration>> {
    let id = PushId::new("bench").ok_or("no id")?;
    let (octets, to): (Arc<[u8]>, _) = (vec![2; octets].into(), to.parse()?);
    let mut outgoing =
        Outgoing { id, octets, to, deadline: tokio::time::Instant::now(), valid_until: None };
    let mut times = Vec::new();
    for _ in 0..messages {
        let begun = Instant::now();
        outgoing.deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        route.send(&outgoing).await?;
        times.push(begun.elapsed());
    }
    Ok(times)
}

/// Answers 200 to whatever is asked.
async fn device(mut stream: TcpStream) -> Outcome<()> {
    let from = stream.peer_addr()?;
    let (mut framer, mut buffer, mut said) = (Framer::new(99_999), vec![0; 65_536], Vec::new());
    loop {
        while let Some(Framed::Whole(octets)) = framer.next()? {
            let message = Message::read(&octets)?;
            if matches!(message.start, Start::Request { .. }) {
                let ok = Answer { status: "200 OK", tag: "d", fields: "" };
                said.extend(answer(&message, from, ok).ok_or("no request")?);
            }
        }
        stream.write_all(&said).await?;
        said.clear();
        match stream.read(&mut buffer).await? {
            0 => return Ok(()),
            length => framer.extend(&buffer[..length]),
        }
    }
}

async fn register(stream: &mut TcpStream) -> Outcome<()> {
    let local = stream.local_addr()?;
    let register = format!(
        "REGISTER sip:push.example SIP/2.0\r\nVia: SIP/2.0/TCP {local};branch=z9hG4bKr;rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:device1@push.example>;tag=r\r\nTo: <sip:device1@push.example>\r\n\
         Call-ID: r\r\nCSeq: 1 REGISTER\r\nContact: <sip:device1@{local};transport=tcp>\r\n\
         Expires: 600\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(register.as_bytes()).await?;
    let mut answer = vec![0; 4_096];
    let length = stream.read(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer[..length]);
    answer.starts_with("SIP/2.0 200").then_some(()).ok_or_else(|| answer.into())
}

/// Kamailio, until this is dropped.
struct Kamailio {
    script: PathBuf,
    work: PathBuf,
    port: u16,
}

impl Kamailio {
    fn start(folder: &Path) -> Outcome<Self> {
        let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/peers");
        let (script, work) = (peers.join("kamailio/start.sh"), folder.join("k"));
        let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut start = Command::new("bash");
        start.arg(&script).env("KAMAILIO_WORK", &work).env("KAMAILIO_PORT", port.to_string());
        start.env("KAMAILIO_AUTH", "0").env("KAMAILIO_MEMORY", "1024").env("KAMAILIO_DEBUG", "0");
        start.stdin(Stdio::null()).stdout(Stdio::null());
        let status = start.status()?;
        status.success().then_some(Self { script, work, port }).ok_or_else(|| "no Kamailio".into())
    }
}

impl Drop for Kamailio {
    fn drop(&mut self) {
        let mut stop = Command::new("bash");
        stop.arg(&self.script).arg("stop").env("KAMAILIO_WORK", &self.work);
        let _ = stop.stdout(Stdio::null()).stderr(Stdio::null()).status(); // it goes with its folder
    }
}
