//! `open`: the gate of a device, run from outside. [profile §8]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::SystemTime;

use clap::Args;
use dm_client::{Accepted, Effect, Outcome, Refused};
use serde_json::{Value, json};

use crate::device_key;
use crate::document::read;
use crate::fault::Fault;
use crate::key_options::PassphraseOptions;
use crate::report::{Reporter, hex, plain};
use crate::state::{self, Further};

/// Runs the gate on a device's state: prints the verdict, the clause, and what changed.
#[derive(Args, Debug)]
pub struct Open {
    /// The sealed message: WBXML; `-` is standard input.
    message: PathBuf,
    /// The state folder of the device.
    state_dir: PathBuf,
    /// Compute everything and keep nothing.
    #[arg(long)]
    dry_run: bool,
    /// The agent's configuration: groups, freshness, rules of the tree.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The device's clock, in seconds since 1970, instead of this machine's.
    #[arg(long, value_name = "SECONDS")]
    now: Option<u64>,
    /// A further private key to decrypt with, beside those of the state folder: PEM, PKCS #8; its
    /// name is that of the file, without its ending, where none is given. Or one in a token:
    /// NAME=pkcs11:... May be repeated.
    #[arg(long, value_name = "[NAME=]PEM|NAME=URI")]
    device_key: Vec<String>,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Open {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let octets = read(&self.message)?;
        let passphrase = self.passphrase.in_file()?;
        let usual = PassphraseOptions::from_environment();
        let text = passphrase.as_ref().or(usual.as_ref()).map(|text| text.as_slice());
        let keys = self.device_key.iter().map(|key| device_key::read(key, text));
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let further = Further { passphrase, keys };
        let mut client = state::open_with(&self.state_dir, self.config.as_deref(), further)?;
        let effect = if self.dry_run { Effect::DryRun } else { Effect::Durable };
        let now = self.now.or_else(clock);
        let outcome = client
            .receive(&octets, now, effect)
            .map_err(|error| state::of_client(&error).in_file(&self.state_dir))?;
        reporter.result(&to_json(&outcome, self.dry_run), || to_text(&outcome, self.dry_run));
        Ok(match outcome {
            Outcome::Accepted(_) => ExitCode::SUCCESS,
            Outcome::Refused(_) => ExitCode::from(1),
        })
    }
}

/// Seconds since 1970.
pub fn clock() -> Option<u64> {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// An outcome as JSON.
pub fn to_json(outcome: &Outcome, dry_run: bool) -> Value {
    match outcome {
        Outcome::Accepted(accepted) => json!({
            "verdict": "accepted", "dry_run": dry_run, "server_id": accepted.header.server_id,
            "target": accepted.header.target, "key_name": accepted.key_name,
            "digest": hex(&accepted.digest), "sha1": accepted.dangers.sha1,
            "unbound_ciphertext": accepted.dangers.unbound,
            "commands": accepted.commands.iter().map(|command| json!({
                "cmd_id": &*command.cmd_id, "name": command.name, "status": command.status.code(),
                "why": command.failure.as_ref().map(ToString::to_string),
            })).collect::<Vec<_>>(),
            "notes": accepted.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "changes": changes(accepted).iter()
                .map(|(what, uri)| json!({"uri": uri, "change": what})).collect::<Vec<_>>(),
            "execs": accepted.execs.iter()
                .map(|exec| json!({"uri": exec.uri, "data": exec.data})).collect::<Vec<_>>(),
        }),
        Outcome::Refused(refused) => {
            let refusal = &refused.refusal;
            json!({
                "verdict": "refused", "dry_run": dry_run, "refusal": refusal.name(),
                "stage": refusal.stage().as_str(), "clause": refusal.clause(),
                "what": refusal.to_string(), "offset": refusal.offset(),
                "next": refusal.remedy(),
                "server_id": refused.claims.as_ref().map(|claims| &claims.server_id),
                "changes": [],
            })
        }
    }
}

/// An outcome in words.
pub fn to_text(outcome: &Outcome, dry_run: bool) -> String {
    match outcome {
        Outcome::Accepted(accepted) => accepted_text(accepted, dry_run),
        Outcome::Refused(refused) => refused_text(refused),
    }
}

fn accepted_text(accepted: &Accepted, dry_run: bool) -> String {
    let header = &accepted.header;
    let mut text = format!(
        "accepted: from {}, verified with key {:?}, for {} (session {}, message {})\n",
        plain(&header.server_id),
        accepted.key_name,
        plain(&header.target),
        plain(&header.session_id),
        plain(&header.msg_id)
    );
    if accepted.dangers.sha1 {
        text += "  DANGER: signed with SHA-1, which proves little; the configuration accepts it\n";
    }
    if accepted.dangers.unbound {
        text += "  DANGER: its ciphertext is bound to nobody; the configuration accepts it\n";
    }
    for command in &accepted.commands {
        let why = match &command.failure {
            Some(failure) => failure.to_string(),
            None => command.status.to_string(),
        };
        text +=
            &format!("  command {} {}: {}\n", plain(&command.cmd_id), command.name, plain(&why));
    }
    for note in &accepted.notes {
        text += &format!("  note: {}\n", plain(&note.to_string()));
    }
    let changes = changes(accepted);
    text += match (changes.is_empty(), dry_run) {
        (true, _) => "nothing in the tree changed\n",
        (false, false) => "changed:\n",
        (false, true) => "would change (dry run, nothing was kept):\n",
    };
    for (what, uri) in changes {
        text += &format!("  {what:8} {}\n", plain(&uri));
    }
    text
}

fn refused_text(refused: &Refused) -> String {
    let refusal = &refused.refusal;
    let mut text = format!(
        "refused at stage {}: {}\n  clause: {}\n",
        refusal.stage().as_str(),
        plain(&refusal.to_string()),
        refusal.clause()
    );
    if let Some(offset) = refusal.offset() {
        text += &format!("  where: octet {offset}\n");
    }
    if let Some(claims) = &refused.claims {
        text += &format!(
            "  claims to be: from {}, for {}\n",
            plain(&claims.server_id),
            plain(&claims.target)
        );
    }
    text + &format!("  next: {}\nnothing changed\n", refusal.remedy())
}

/// What happened to each node.
fn changes(accepted: &Accepted) -> Vec<(&'static str, String)> {
    let what = |before: bool, after: bool| match (before, after) {
        (false, _) => "added",
        (true, true) => "changed",
        (true, false) => "deleted",
    };
    let changes = accepted.changes.iter();
    changes
        .map(|change| {
            (what(change.before.is_some(), change.after.is_some()), change.uri.to_string())
        })
        .collect()
}
