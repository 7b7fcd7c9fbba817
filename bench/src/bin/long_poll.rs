//! Devices that wait: what each costs in memory while nothing comes, and how fast messages reach them.
//!
//! `long_poll [--devices 100000] [--rate 5000] [--seconds 10] [--tls]` starts a server in this process and
//! devices in others. Where this process may not have a descriptor for each device, as many as it may come
//! by TCP, and the rest over streams in memory: what the server keeps of a connection is the same, the
//! socket aside. Messages go to those that come by TCP.

use std::io::{BufRead, BufReader, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Parser;
use dm_push::receipt::Says;
use dm_transport::{Outgoing, PollConfig, PollRoute, PushId, Route, Teller, attempt};
use rustix::process::{Resource, getrlimit, setrlimit};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpSocket;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;

type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[derive(Clone, Parser)]
struct Options {
    /// Devices that wait.
    #[arg(long, default_value_t = 100_000)]
    devices: usize,
    /// Messages a second; 0 sends as fast as it goes.
    #[arg(long, default_value_t = 5_000)]
    rate: u64,
    /// For how long messages are sent.
    #[arg(long, default_value_t = 10)]
    seconds: u64,
    /// Octets of a message.
    #[arg(long, default_value_t = 900)]
    octets: usize,
    /// TLS, with a certificate of the server.
    #[arg(long)]
    tls: bool,
    /// For a process of devices: the server, the number of the process, of its first device, and how many.
    #[arg(long, num_args = 4, hide = true)]
    ask: Option<Vec<String>>,
    /// For a process of devices: whom to trust.
    #[arg(long, hide = true)]
    ca: Option<String>,
}

fn main() -> Outcome<()> {
    let options = Options::parse();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    match &options.ask {
        Some(ask) => runtime.block_on(devices(ask, options.ca.as_deref())),
        None => runtime.block_on(server(&options)),
    }
}

async fn server(options: &Options) -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let room = descriptors()?.saturating_sub(100);
    let by_tcp = options.devices.min(room);
    let in_memory = if options.tls { 0 } else { options.devices - by_tcp };
    let mut text = format!(
        "listen = \"127.0.0.1:0\"\nstore = {:?}\ndanger_unprotected = true\nlongest_wait = \"1 h\"\n\
         connections = 1000000\n",
        folder.path().join("mailboxes.redb")
    );
    let ca = folder.path().join("ca.pem");
    if options.tls {
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
        let key = folder.path().join("key.pem");
        std::fs::write(&ca, own.cert.pem())?;
        std::fs::write(&key, own.signing_key.serialize_pem())?;
        text += &format!("tls = {{ certificate = {ca:?}, key = {key:?} }}\n");
    }
    let config: PollConfig = toml::from_str(&text)?;
    let (tell, mut told) = mpsc::channel(4_096);
    let route = Arc::new(PollRoute::open(&config, Teller::new("poll", tell)).await?);
    let reached = Arc::new(AtomicU64::new(0));
    let count = reached.clone();
    tokio::spawn(async move {
        while let Some(told) = told.recv().await {
            told.done.confirm();
            if told.receipt.says() == Says::Reached {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    });

    let empty = resident()?;
    for number in 0..in_memory {
        let request = format!(
            "GET /devices/quiet-{number}/push HTTP/1.1\r\nhost: s\r\nprefer: wait=3000\r\n\r\n"
        );
        tokio::spawn(route.serve(Quiet(Some(request.into_bytes().into()))));
    }
    waiting(&route, in_memory).await;
    let quiet = resident()?;
    let mut children = children(options, &route, by_tcp, &ca)?;
    waiting(&route, in_memory + by_tcp).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let all = resident()?;
    let each = |octets: u64, count: usize| octets.checked_div(count as u64).unwrap_or(0);
    let by = if options.tls { "TLS over TCP" } else { "TCP" };
    println!("{} devices wait: {by_tcp} by {by}, {in_memory} in memory", in_memory + by_tcp);
    println!("resident: {} MiB", all >> 20);
    println!("  by {by}: {} octets each", each(all.saturating_sub(quiet), by_tcp));
    if in_memory > 0 {
        println!("  in memory: {} octets each", each(quiet.saturating_sub(empty), in_memory));
    }
    println!(
        "  100,000 by {by} would be {} MiB",
        (empty + each(all.saturating_sub(quiet), by_tcp) * 100_000) >> 20
    );

    let busy = cpu_time::ProcessTime::now();
    let (sent, took) = send(options, &route, by_tcp).await?;
    let patience = Instant::now() + Duration::from_secs(30);
    while reached.load(Ordering::Relaxed) < sent && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let settled = took.elapsed();
    let done = reached.load(Ordering::Relaxed);
    println!("{sent} messages handed over, {done} reached, in {:.2} s", settled.as_secs_f64());
    let busy = busy.elapsed();
    let done = f64::from(u32::try_from(done)?);
    println!("deliveries: {:.0}/s", done / settled.as_secs_f64());
    println!(
        "  {:.0} us of processor each, the server's",
        busy.as_secs_f64() * 1e6 / done.max(1.0)
    );
    println!("resident then: {} MiB", resident()? >> 20);
    let mut delays = Vec::new();
    for child in &mut children {
        drop(child.stdin.take());
        let lines = child.stdout.take().map(BufReader::new);
        for line in lines.into_iter().flat_map(BufRead::lines) {
            delays.extend(line?.parse::<u64>());
        }
        child.wait()?;
    }
    delays.sort_unstable();
    let at = |share: usize| delays.get(delays.len() * share / 1_000).copied().unwrap_or(0);
    println!(
        "delay until the device has it: p50 {} ms, p99 {} ms, p99.9 {} ms ({} messages)",
        at(500) / 1_000,
        at(990) / 1_000,
        at(999) / 1_000,
        delays.len()
    );
    Ok(())
}

/// Sends to one device after another; how many, and since when.
async fn send(
    options: &Options,
    route: &Arc<PollRoute>,
    devices: usize,
) -> Outcome<(u64, Instant)> {
    let window = Arc::new(Semaphore::new(1_024));
    let begun = Instant::now();
    let mut sent = 0;
    while begun.elapsed() < Duration::from_secs(options.seconds) {
        let due = match options.rate {
            0 => u64::MAX,
            rate => u64::try_from(begun.elapsed().as_millis())? * rate / 1_000,
        };
        if sent >= due {
            tokio::time::sleep(Duration::from_millis(1)).await;
            continue;
        }
        let permit = window.clone().acquire_owned().await?;
        // A step that meets every device before it meets one again.
        let device = (sent * 7_919) % devices as u64;
        let mut octets = microseconds().to_be_bytes().to_vec();
        octets.resize(options.octets.max(8), 2);
        let outgoing = Outgoing {
            id: PushId::new(&format!("m{sent}")).ok_or("an id")?,
            octets: octets.into(),
            to: format!("poll:{device}").parse()?,
            deadline: Instant::now() + Duration::from_secs(60),
            valid_until: None,
        };
        sent += 1;
        let route = route.clone();
        tokio::spawn(async move {
            if let Err(error) = attempt(&*route as &dyn Route, &outgoing).await {
                eprintln!("{error}");
            }
            drop(permit);
        });
    }
    Ok((sent, begun))
}

/// Processes with devices, each with a source address of its own.
fn children(
    options: &Options,
    route: &PollRoute,
    devices: usize,
    ca: &std::path::Path,
) -> Outcome<Vec<Child>> {
    let mut children = Vec::new();
    for (number, first) in (0..devices).step_by(EACH).enumerate() {
        let count = EACH.min(devices - first);
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("--ask").arg(route.local_addr().to_string());
        command.args([number, first, count].map(|number| number.to_string()));
        if options.tls {
            command.arg("--ca").arg(ca);
        }
        children.push(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?);
    }
    Ok(children)
}

async fn waiting(route: &PollRoute, count: usize) {
    let mut said = Instant::now();
    while route.waiting() < count {
        tokio::time::sleep(Duration::from_millis(20)).await;
        if said.elapsed() > Duration::from_secs(10) {
            eprintln!("{} of {count} wait", route.waiting());
            said = Instant::now();
        }
    }
}

/// The devices of one process, until its standard input ends; then their delays, in microseconds.
async fn devices(ask: &[String], ca: Option<&str>) -> Outcome<()> {
    let [server, number, first, count] = ask else { return Err("four words".into()) };
    descriptors()?;
    let server: SocketAddr = server.parse()?;
    let source = Ipv4Addr::new(127, 0, 1, number.parse::<u8>()? + 1);
    let tls = ca.map(|ca| -> Outcome<TlsConnector> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(ca)?)?;
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions()?.with_root_certificates(roots);
        Ok(Arc::new(config.with_no_client_auth()).into())
    });
    let tls = tls.transpose()?;
    let (delays, mut had) = mpsc::unbounded_channel();
    let gate = Arc::new(Semaphore::new(256));
    let first: usize = first.parse()?;
    for device in first..first + count.parse::<usize>()? {
        let (delays, tls) = (delays.clone(), tls.clone());
        let permit = gate.clone().acquire_owned().await?;
        tokio::spawn(async move {
            let connected = async {
                let socket = TcpSocket::new_v4()?;
                socket.bind((source, 0).into())?;
                let stream = socket.connect(server).await?;
                stream.set_nodelay(true)?;
                Ok::<_, std::io::Error>(stream)
            };
            let stream = match connected.await {
                Ok(stream) => stream,
                Err(error) => return eprintln!("device {device}: {error}"),
            };
            let gone = match tls {
                None => fetch(stream, device, permit, &delays).await,
                Some(tls) => match tls.connect(LOCALHOST.clone(), stream).await {
                    Ok(stream) => fetch(stream, device, permit, &delays).await,
                    Err(error) => Err(error.into()),
                },
            };
            if let Err(error) = gone {
                eprintln!("device {device}: {error}");
            }
        });
    }
    let end = tokio::task::spawn_blocking(|| std::io::stdin().lock().lines().for_each(drop));
    end.await?;
    let mut out = std::io::stdout().lock();
    while let Ok(delay) = had.try_recv() {
        writeln!(out, "{delay}")?;
    }
    out.flush()?;
    std::process::exit(0);
}

/// Asks, takes, and asks behind that.
async fn fetch<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    device: usize,
    permit: tokio::sync::OwnedSemaphorePermit,
    delays: &mpsc::UnboundedSender<u64>,
) -> Outcome<()> {
    let mut permit = Some(permit);
    let mut after = 0_u64;
    loop {
        let request = format!(
            "GET /devices/{device}/push?after={after} HTTP/1.1\r\nhost: s\r\nprefer: wait=3000\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        drop(permit.take());
        let mut octets = Vec::new();
        // Nothing is kept while it waits: the memory of the devices is not what is measured, but needed.
        octets.push(stream.read_u8().await?);
        let end = loop {
            if let Some(at) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
                break at + 4;
            }
            octets.reserve(1_500);
            if stream.read_buf(&mut octets).await? == 0 {
                return Err("the server has gone".into());
            }
        };
        let head = std::str::from_utf8(&octets[..end])?.to_owned();
        let field = |name: &str| {
            let found = head.lines().find_map(|line| line.strip_prefix(name));
            found.and_then(|value| value.trim().parse::<u64>().ok())
        };
        let length = usize::try_from(field("content-length:").unwrap_or(0))?;
        while octets.len() < end + length {
            octets.reserve(end + length - octets.len());
            stream.read_buf(&mut octets).await?;
        }
        if let Some(seq) = field("push-seq:") {
            after = seq;
            let sent = u64::from_be_bytes(octets[end..end + 8].try_into()?);
            delays.send(microseconds().saturating_sub(sent))?;
        }
    }
}

/// A stream that has one request, and then nothing for ever.
struct Quiet(Option<Box<[u8]>>);

impl AsyncRead for Quiet {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        match self.0.take() {
            Some(octets) => {
                into.put_slice(&octets);
                Poll::Ready(Ok(()))
            }
            None => Poll::Pending,
        }
    }
}

impl AsyncWrite for Quiet {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        octets: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Poll::Ready(Ok(octets.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// As many descriptors as this process may have.
fn descriptors() -> Outcome<usize> {
    let mut limit = getrlimit(Resource::Nofile);
    let mut more = limit;
    (more.current, more.maximum) = (Some(1_048_576), Some(1_048_576));
    if setrlimit(Resource::Nofile, more).is_ok() {
        return Ok(1_048_576);
    }
    limit.current = limit.maximum;
    let most = limit.maximum.unwrap_or(1_048_576);
    setrlimit(Resource::Nofile, limit)?;
    Ok(usize::try_from(most)?)
}

/// Octets of this process that are in memory.
fn resident() -> Outcome<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).ok_or("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1_024)
}

/// Microseconds since 1970: the same clock in all processes.
fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

static LOCALHOST: std::sync::LazyLock<ServerName<'static>> =
    std::sync::LazyLock::new(|| ServerName::DnsName("localhost".try_into().expect("a name")));
/// Devices of one process.
const EACH: usize = 18_000;
