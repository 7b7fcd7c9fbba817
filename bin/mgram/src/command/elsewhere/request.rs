//! `sign-request`: what another machine is to sign.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use serde_json::json;

use super::file::{Request, save};
use crate::fault::Fault;
use crate::key_options::Method;
use crate::name::check_not_empty;
use crate::report::Reporter;
use crate::unsigned::UnsignedOptions;
use crate::wbxml_options::ShapeOptions;

/// Checks a message as `seal` does, and writes what another machine is to sign: `sign-answer` signs
/// it there, `attach` puts the signature to the message here.
#[derive(Args, Debug)]
pub struct SignRequest {
    #[command(flatten)]
    unsigned: UnsignedOptions,
    /// How it is to be signed.
    #[arg(long, value_enum, value_name = "METHOD")]
    alg: Method,
    /// The name of the key, as the account pins it.
    #[arg(long, value_name = "NAME")]
    key_name: String,
    #[command(flatten)]
    shape: ShapeOptions,
    /// Where the request goes: JSON.
    #[arg(short, long, value_name = "REQUEST")]
    output: PathBuf,
}

impl SignRequest {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        check_not_empty("--key-name", &self.key_name)?;
        let method = self.alg.of_profile();
        let (request, _) = self.unsigned.with(self.shape, reporter, |document, _| {
            Request::of(document, method, &self.key_name, &self.unsigned.input)
        })?;
        save(&self.output, &request)?;
        if self.output.as_os_str() != "-" {
            let shown = self.output.display();
            reporter.result(
                &json!({
                    "output": self.output.to_string_lossy(), "method": request.method,
                    "key_name": request.key_name, "request": request.signed_info_digest,
                    "summary": request.summary,
                }),
                || {
                    let summary = request.summary.text(&self.key_name, method);
                    format!("{summary}next: mgram sign-answer {shown} --key KEY -o ANSWER, where the key is")
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
