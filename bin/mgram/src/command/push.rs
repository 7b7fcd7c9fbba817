//! `push`: one message over one way or several, and what the transports say of it. [Sessionless §5.3]

mod going;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use dm_transport::{Address, PushId, Routes};

use crate::document::read;
use crate::fault::Fault;
use crate::report::Reporter;
use crate::sealed_options::SealedOptions;
use crate::way_options::{Way, WayOptions};
use going::Going;

/// Pushes one sealed message and prints what the transports say of it, and what that does not prove.
///
/// With several addresses it goes to the first that takes it. --json prints a line for each event (plan,
/// receipt, failed), and at last the result.
#[derive(Args, Debug)]
pub struct Push {
    /// The sealed message, WBXML, or a WSP push that `mgram bootstrap` made; `-` is standard input.
    message: PathBuf,
    /// Where to: https://HOST/push, sips:USER@HOST, smpps://HOST/+NUMBER, mqtts://HOST/TOPIC,
    /// pap+https://HOST/PATH#ADDRESS, udp://HOST, file:PATH, qr:PATH.png, qr:-, and those without TLS; given
    /// again, the next one if that fails.
    #[arg(long, required = true, value_name = "URL")]
    to: Vec<String>,
    #[command(flatten)]
    ways: WayOptions,
    #[command(flatten)]
    sealed: SealedOptions,
    /// How long one way may take to accept it, in seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    deadline: u64,
    /// Wait until it is known to have come so far. Refused if none of the ways can tell of that; a way that cannot is
    /// not waited for, and the next one is tried.
    #[arg(long, value_name = "RUNG")]
    wait: Option<Rung>,
    /// How long to wait for that on each way, in seconds.
    #[arg(long, default_value_t = 300, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=604_800))]
    within: u64,
    /// Say what it takes on each way, segments, octets and cost, and send nothing.
    #[arg(long, conflicts_with_all = ["wait", "within"])]
    plan: bool,
    /// Its identity in the fields of the transports: 1 to 64 letters, digits, `-`, `.` or `_`. Without it, one
    /// that the octets of the message give.
    #[arg(long, value_name = "ID", value_parser = id)]
    id: Option<PushId>,
}

/// A rung on the ladder of evidence that a transport can tell of.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Rung {
    /// The network, or a gateway, took it.
    #[value(alias = "2")]
    HandedOver,
    /// The device's own end of the transport took it, all of it.
    #[value(alias = "3")]
    Reached,
}

impl Push {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let (routes, ways) = self.ways.ways(&self.to)?;
        if let Some(rung) = self.wait {
            check_can_tell(rung.number(), &routes, &ways)?;
        }
        let is_shown = |to: &Address| matches!(to, Address::Qr(code) if code.path().is_none());
        if reporter.is_json() && !self.plan && ways.iter().any(|(_, to)| is_shown(to)) {
            return Err(Fault::unreadable("a code on the terminal is no line of JSON")
                .at("--to qr:-")
                .next("write a picture, qr:PATH.png, or leave --json out"));
        }
        let octets = read(&self.message)?;
        let valid_until = Some(self.sealed.check(&octets, &self.message)?);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::refused(format!("cannot start: {error}")))?;
        let within = Duration::from_secs(self.within);
        let going = Going {
            id: self.id.unwrap_or_else(|| id_of(&octets)),
            octets: Arc::from(octets),
            deadline: Duration::from_secs(self.deadline),
            wait: self.wait.map(|rung| (rung.number(), within)),
            valid_until,
            reporter: *reporter,
        };
        match self.plan {
            true => runtime.block_on(going.planned(&routes, &ways)),
            false => runtime.block_on(going.over(&routes, &ways)),
        }
    }
}

impl Rung {
    const fn number(self) -> u8 {
        match self {
            Self::HandedOver => 2,
            Self::Reached => 3,
        }
    }
}

/// Nothing is sent, and nobody waits, for what nobody will ever say.
fn check_can_tell(rung: u8, routes: &Routes, ways: &[Way]) -> Result<(), Fault> {
    let highest = |(name, _): &Way| routes.highest_rung(name).unwrap_or_default();
    if ways.iter().any(|way| highest(way) >= rung) {
        return Ok(());
    }
    let ways: Vec<_> = ways.iter().map(|(_, to)| to.to_string()).collect();
    Err(Fault::unreadable(format!("no way can tell of rung {rung}"))
        .at(ways.join(", "))
        .next(
            "leave --wait out, or go by https: to a device, smpps:, or a route of a file: `poll`, `pap` with \
             `notifications`, `sip` with `device = true`",
        ))
}

/// An identity, as an argument.
pub fn id(text: &str) -> Result<PushId, String> {
    PushId::new(text).ok_or_else(|| "write 1 to 64 letters, digits, `-`, `.` or `_`".to_owned())
}

/// The same message has the same identity, however often it is pushed.
fn id_of(octets: &[u8]) -> PushId {
    let hex = crate::report::hex(&dm_crypto::sha256(octets));
    PushId::new(&hex[..32]).unwrap_or_else(|| unreachable!("hexadecimal digits"))
}
