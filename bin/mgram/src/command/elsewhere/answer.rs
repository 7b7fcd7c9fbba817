//! `sign-answer`: look at what is to be signed, then sign it.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_seal::SealError;
use serde_json::json;

use super::file::{Answer, Request, save};
use crate::fault::Fault;
use crate::key_options::KeyOptions;
use crate::report::Reporter;
use crate::shown_options::ShownKey;

/// Shows what a request would sign, computed anew from the message in it, and signs if that is
/// confirmed.
#[derive(Args, Debug)]
pub struct SignAnswer {
    /// The request of `sign-request`; `-` is standard input.
    request: PathBuf,
    #[command(flatten)]
    key: KeyOptions,
    /// Sign without asking.
    #[arg(long)]
    yes: bool,
    /// Where the answer goes: JSON.
    #[arg(short, long, value_name = "ANSWER")]
    output: PathBuf,
}

impl SignAnswer {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let (answer, summary) = Request::with(&self.request, |request, asked| {
            let method = asked.info.method();
            let summary = request.summary.text(&asked.shown, method);
            if !self.yes {
                ask(&summary).map_err(|fault| fault.in_file(&self.request))?;
            }
            let key = self.key.load(Some(method))?;
            if let ShownKey::Certificate(path, der) = &asked.shown {
                key.check_certificate(der, path)?;
            }
            let signature = key.signer().sign_info(&asked.info);
            let signature =
                signature.map_err(|error| self.key.of_seal(&SealError::Signer(error)))?;
            Ok((Answer::to(request, &signature), summary))
        })?;
        save(&self.output, &answer)?;
        if self.output.as_os_str() != "-" {
            let shown = self.output.display();
            reporter.result(
                &json!({
                    "output": self.output.to_string_lossy(), "method": answer.method,
                    "key_name": answer.key_name, "request": answer.request,
                }),
                || {
                    // Whoever was asked has read it already.
                    let summary = if self.yes { summary.as_str() } else { "" };
                    format!("{summary}signed: {shown}")
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Shows the summary and asks, where somebody can answer.
fn ask(summary: &str) -> Result<(), Fault> {
    let (input, mut output) = (std::io::stdin(), std::io::stderr());
    if !input.is_terminal() || !output.is_terminal() {
        return Err(Fault::unreadable("nobody is there to confirm what is signed").next(
            "run it on a terminal; or read the request's summary and message, and give --yes",
        ));
    }
    let mut answer = String::new();
    let _ = write!(output, "{summary}sign this? (yes or no) ").and_then(|()| output.flush());
    let asked = input.read_line(&mut answer);
    match asked {
        Ok(_) if matches!(answer.trim(), "y" | "yes") => Ok(()),
        _ => Err(Fault::refused("it was not confirmed").next("nothing was signed")),
    }
}
