//! `lab`: a simulated SMS centre, push gateway and bearer, for whoever tests what they send, or a device.

mod options;
mod parts;
mod settings;
mod tally;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use dm_lab::Answer;

use crate::fault::Fault;
use crate::report::Reporter;
use options::FaultOptions;
use parts::Parts;
use settings::Settings;
use tally::Tally;

/// Simulates what stands between a sender and a device, with faults that a seed decides: for tests.
///
/// A line for each part says where it listens; without --sms-centre, --gateway and --bearer there are all three.
/// It runs until it is interrupted, or for some time, and then says what it counted. --json prints a line for each event:
/// submitted, refused, carried, lost, delivered, receipt.
#[derive(Args, Debug)]
pub struct Lab {
    /// Settings in TOML. What is given as an option goes before what stands there.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// An SMS centre: SMPP. Where it listens; without an address, at a free port of 127.0.0.1.
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "127.0.0.1:0")]
    sms_centre: Option<SocketAddr>,
    /// A push gateway: PAP 2.0 over HTTP, at the path /pap. As --sms-centre.
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "127.0.0.1:0")]
    gateway: Option<SocketAddr>,
    /// A bearer: it takes datagrams by UDP. As --sms-centre.
    #[arg(long, value_name = "ADDRESS:PORT", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "127.0.0.1:0")]
    bearer: Option<SocketAddr>,
    /// Where the device is that gets everything, by UDP. Without it, what arrives ends here.
    #[arg(long, value_name = "ADDRESS:PORT")]
    to: Option<SocketAddr>,
    /// What decides all chance: the same seed and the same messages meet the same faults. 0 without it.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    #[command(flatten)]
    faults: FaultOptions,
    /// How the gateway answers the first push, and, given again, the next ones: a code of PAP, `lose` (1001, and the
    /// push gets lost) or `cut` (it is taken, and the answer gets lost).
    #[arg(long, value_name = "CODE")]
    answer: Vec<Answer>,
    /// End after so many seconds.
    #[arg(long = "for", value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    time: Option<u64>,
}

/// How long it goes on when it is to end.
const PARTING: Duration = Duration::from_millis(100);

impl Lab {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let settings = self.settings()?;
        let time = self.time.map(Duration::from_secs);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::refused(format!("cannot start: {error}")))?;
        let tally = Arc::new(Tally::new(*reporter));
        runtime.block_on(async {
            let parts = Parts::start(&settings, &tally).await?;
            parts.show(*reporter);
            tokio::select! {
                () = crate::signal::end() => {}
                () = tokio::time::sleep(time.unwrap_or_default()), if time.is_some() => {}
            }
            // What has come by now is still seen.
            tokio::time::sleep(PARTING).await;
            tally.show(&parts.names());
            Ok(ExitCode::SUCCESS)
        })
    }

    /// Those of the file, with what was given in their place.
    fn settings(&self) -> Result<Settings, Fault> {
        let mut settings = match &self.config {
            Some(path) => Settings::read(path)?,
            None => Settings::default(),
        };
        settings.seed = self.seed.unwrap_or(settings.seed);
        settings.to = self.to.or(settings.to);
        settings.faults = self.faults.clone().or(settings.faults);
        if let Some(at) = self.sms_centre {
            settings.sms_centre.get_or_insert_default().listen = at;
        }
        if let Some(at) = self.gateway {
            settings.gateway.get_or_insert_default().listen = at;
        }
        if let Some(at) = self.bearer {
            settings.bearer.get_or_insert_default().listen = at;
        }
        if settings.sms_centre.is_none() && settings.gateway.is_none() && settings.bearer.is_none()
        {
            settings.sms_centre = Some(settings::SmsCentreSettings::default());
            settings.gateway = Some(settings::GatewaySettings::default());
            settings.bearer = Some(settings::BearerSettings::default());
        }
        match &mut settings.gateway {
            _ if self.answer.is_empty() => {}
            Some(gateway) => gateway.answer.clone_from(&self.answer),
            None => {
                return Err(Fault::unreadable("--answer is of the gateway, and there is none")
                    .next("add --gateway"));
            }
        }
        Ok(settings)
    }
}
