//! `sign-request`: what another machine is to sign.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_seal::SignatureMethod;
use serde_json::json;

use super::file::{Request, save};
use crate::fault::Fault;
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
    /// How it is to be signed: es256, es384, ed25519, rs256, rs384, rs512, ps256, ps384 or ps512.
    #[arg(long, value_name = "METHOD", value_parser = method)]
    alg: SignatureMethod,
    /// The name of the key, as the account pins it.
    #[arg(long, value_name = "NAME")]
    key_name: String,
    #[command(flatten)]
    shape: ShapeOptions,
    /// Where the request goes: JSON.
    #[arg(short, long, value_name = "REQUEST")]
    output: PathBuf,
}

fn method(name: &str) -> Result<SignatureMethod, String> {
    let all = SignatureMethod::ALL.map(SignatureMethod::name).join(", ");
    SignatureMethod::from_name(name).ok_or_else(|| format!("must be one of {all}"))
}

impl SignRequest {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        check_not_empty("--key-name", &self.key_name)?;
        let (request, _) = self.unsigned.with(self.shape, |document, _| {
            Request::of(document, self.alg, &self.key_name, &self.unsigned.input)
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
                    let summary = request.summary.text(&self.key_name, self.alg);
                    format!("{summary}next: mgram sign-answer {shown} --key KEY -o ANSWER, where the key is")
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
