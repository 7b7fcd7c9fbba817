//! An outbox on the disk and a route, as `mgram outbox send` has them; ended in order, or as by a kill.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dm_transport::outbox::{Counts, Dispatch, New, Outbox, Standing, Way};
use dm_transport::{Guarded, Ledger, PushId, Routes};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::tongue::Tongue;

/// For what comes in the end.
pub const SOON: Duration = Duration::from_secs(40);

/// An outbox that is closed, and the routes for it.
pub struct Rig {
    folder: TempDir,
    routes: String,
    /// How long an attempt may take.
    attempt: Duration,
}

/// The same, at work.
pub struct Running {
    pub outbox: Arc<Outbox>,
    pub routes: Vec<Arc<Guarded>>,
    path: PathBuf,
    /// The routes are in a runtime of their own, which can be taken from them.
    runtime: Option<Runtime>,
    stop: watch::Sender<bool>,
    dispatch: JoinHandle<()>,
}

/// A route of this name to such a peer.
pub fn route(name: &str, tongue: Tongue, at: &str) -> String {
    route_with(name, tongue, at, "")
}

/// The same, with more for its transport. Limits are impatient, as tests are.
pub fn route_with(name: &str, tongue: Tongue, at: &str, more: &str) -> String {
    let transport = match tongue {
        Tongue::Device => "http]\nconnect_timeout = \"5 s\"".to_owned(),
        Tongue::Http => "http]\ngateway = true\nconnect_timeout = \"5 s\"".to_owned(),
        Tongue::Mqtt => format!("mqtt]\nurl = \"mqtt://{at}\"\nconnect_timeout = \"5 s\""),
        Tongue::Pap => format!("pap]\nurl = \"http://{at}/pap\"\nconnect_timeout = \"5 s\""),
        Tongue::Sip => {
            format!("sip]\nproxy = \"{at}\"\ntransport = \"tcp\"\nconnect_timeout = \"5 s\"")
        }
        Tongue::Smpp => format!(
            "smpp]\ncentre = \"{at}\"\nsystem_id = \"mgram\"\nsource = \"12345\"\nreference_bits = 16\n\
             reconnect = \"50 ms\"\nlongest_reconnect = \"200 ms\"\nanswer_timeout = \"2 s\"\n\
             connect_timeout = \"5 s\"\nthrottle_pause = \"50 ms\"\nlongest_throttle_pause = \"200 ms\""
        ),
    };
    format!(
        "[[route]]\nname = \"{name}\"\ndanger_unprotected = true\n\
         limits = {{ failures = 2, wait = \"100 ms\", longest_wait = \"400 ms\" }}\n\
         [route.{transport}\n{more}\n"
    )
}

/// The device of this number, at such a peer.
pub fn device(tongue: Tongue, at: &str, number: usize) -> String {
    match tongue {
        Tongue::Device | Tongue::Http if at.starts_with("https://") => format!("{at}/push"),
        Tongue::Device | Tongue::Http => format!("http://{at}/push"),
        Tongue::Mqtt => format!("mqtt:dm/device{number}/push"),
        Tongue::Pap => format!("WAPPUSH=+3584000{number:05}/TYPE=PLMN@ppg.example"),
        Tongue::Sip => format!("sip:device{number}@push.example"),
        Tongue::Smpp => format!("tel:+3584000{number:05}"),
    }
}

/// How many messages of a peer one of these is.
pub fn each(tongue: Tongue) -> usize {
    if tongue == Tongue::Smpp { 3 } else { 1 }
}

pub fn id(number: usize) -> PushId {
    PushId::new(&format!("m{number:04}")).expect("an id")
}

/// A message of which no octet is alike another's: of three segments, where there are segments.
pub fn octets(number: usize) -> Arc<[u8]> {
    let mut octets = format!("\x02message {number:04} ").into_bytes();
    octets.extend((0..290).map(|at: usize| u8::try_from((at * 7 + number) % 251).expect("small")));
    octets.into()
}

/// One for the device of its number, by these routes: name, tongue, peer.
pub fn message(number: usize, ways: &[(&str, Tongue, &str)]) -> New {
    let way = |(route, tongue, at): &(&str, Tongue, &str)| Way {
        route: (*route).to_owned(),
        to: device(*tongue, at, number),
    };
    New {
        id: id(number),
        octets: octets(number),
        ways: ways.iter().map(way).collect(),
        until: SystemTime::now() + Duration::from_secs(600),
    }
}

impl Rig {
    pub fn new(routes: &str) -> Self {
        let (folder, attempt) =
            (tempfile::tempdir().expect("a folder"), Duration::from_millis(1_500));
        Self { folder, routes: routes.to_owned(), attempt }
    }

    /// The same, where an attempt may take as long as that.
    pub fn patient(self) -> Self {
        Self { attempt: SOON, ..self }
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The outbox, of which nothing is sent.
    pub async fn look(&self) -> Outbox {
        opened(&self.folder.path().join("outbox.redb")).await
    }

    /// Opens the outbox, and sends. What had it open before may take a moment to end.
    pub async fn run(&self) -> Running {
        let path = self.folder.path().join("outbox.redb");
        let outbox = Arc::new(opened(&path).await);
        let runtime = tokio::runtime::Builder::new_multi_thread();
        let runtime = { runtime }.worker_threads(2).enable_all().build().expect("a runtime");
        let config = Routes::parse(Path::new("routes.toml"), &self.routes).expect("routes");
        let (tell, told) = mpsc::channel(64);
        let ledger: Arc<dyn Ledger> = outbox.clone();
        let open = runtime.spawn(async move { config.open(&tell, &ledger).await });
        let open = open.await.expect("no panic").expect("open");
        let (stop, stopped) = watch::channel(false);
        let routes = open.routes.clone();
        let dispatch = Dispatch {
            outbox: outbox.clone(),
            routes: routes.clone(),
            told,
            attempt: self.attempt,
            most: 64,
        };
        let dispatch = runtime.spawn(async move {
            let _open = open; // listeners end with it
            dispatch.run(stopped).await.expect("the disk works");
        });
        Running { outbox, routes, path, runtime: Some(runtime), stop, dispatch }
    }
}

/// The outbox, as soon as nobody else has it.
async fn opened(path: &Path) -> Outbox {
    let opened = async {
        loop {
            match Outbox::open(path) {
                Ok(outbox) => return outbox,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        }
    };
    timeout(SOON, opened).await.expect("the outbox can be opened")
}

impl Running {
    pub async fn accept(&self, new: Vec<New>) {
        let count = new.len();
        assert_eq!(self.outbox.accept(new).await.expect("accepted"), count);
    }

    pub fn counts(&self) -> Counts {
        self.outbox.counts().expect("counts")
    }

    pub fn standing(&self, number: usize) -> Standing {
        self.outbox.standing(&id(number)).expect("read").expect("accepted")
    }

    /// Waits until nothing waits: all is sent, and nothing given up.
    pub async fn until_sent(&self) {
        self.until("sent", |running| running.counts().waiting == 0).await;
        let counts = self.counts();
        assert_eq!(counts.given_up, 0, "{counts:?}");
    }

    /// Waits until the first route is down, and says why.
    pub async fn until_down(&self) -> String {
        let is_down = |running: &Self| running.routes[0].health().as_str() == "down";
        self.until("down", is_down).await;
        self.routes[0].health().reason().map(ToString::to_string).unwrap_or_default()
    }

    pub async fn until(&self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let waits = async {
            while !is_so(self) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let counts = || format!("{:?}, {:?}", self.counts(), self.routes[0].health());
        timeout(SOON, waits).await.unwrap_or_else(|_| panic!("not {what}: {}", counts()));
    }

    /// Ends in order.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        timeout(SOON, &mut self.dispatch).await.expect("in time").expect("no panic");
        let deadline = tokio::time::Instant::now() + Duration::from_secs(2);
        for route in &self.routes {
            route.close(deadline).await;
        }
    }

    /// Ends at once, as by a kill: whatever it is about to do is not done.
    pub async fn kill(mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
        let path = self.path.clone();
        drop(self);
        drop(opened(&path).await);
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}
