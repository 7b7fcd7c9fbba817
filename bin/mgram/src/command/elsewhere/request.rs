//! `sign-request`: what another machine is to sign.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_syncml::SyncHdr;
use dm_xml::Document;
use serde_json::json;

use super::file::{Request, save};
use crate::encryption_options::EncryptionOptions;
use crate::fault::Fault;
use crate::key_options::Method;
use crate::report::Reporter;
use crate::shown_options::ShownOptions;
use crate::unsigned::UnsignedOptions;
use crate::wbxml_options::{ShapeOptions, SpellingOptions};

/// Checks a message as `seal` does, and writes what another machine is to sign: `sign-answer` signs
/// it there, `attach` puts the signature to the message here.
#[derive(Args, Debug)]
pub struct SignRequest {
    #[command(flatten)]
    unsigned: UnsignedOptions,
    /// How it is to be signed.
    #[arg(long, value_enum, value_name = "METHOD")]
    alg: Method,
    #[command(flatten)]
    shown: ShownOptions,
    #[command(flatten)]
    spelling: SpellingOptions,
    #[command(flatten)]
    shape: ShapeOptions,
    /// Where the request goes: JSON.
    #[arg(short, long, value_name = "REQUEST")]
    output: PathBuf,
    #[command(flatten)]
    encryption: EncryptionOptions,
}

impl SignRequest {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let shown = self.shown.load_of_any()?;
        let method = self.alg.of_profile();
        let input = &self.unsigned.input;
        let prepare = |document: &Document<'_>, header: &SyncHdr<'_>| {
            let (server_id, target) = (&header.source.loc_uri, &header.target.loc_uri);
            shown.check_serves(server_id)?;
            let mut encryption = self.encryption.before_signing(server_id, target)?;
            encryption.warnings.extend(self.unsigned.doubts(document)?);
            Ok(encryption)
        };
        let (request, encryption) =
            self.unsigned.with(self.shape, reporter, prepare, |mut encryption, document, _| {
                let encrypted = encryption.parts(document, input)?;
                let document = encrypted.as_ref().unwrap_or(document);
                let spelling = self.spelling.spelling();
                let (request, _) = Request::of(document, method, &shown, spelling, input)?;
                Ok((request, encryption))
            })?;
        save(&self.output, &request)?;
        let is_shown = self.output.as_os_str() != "-";
        if !reporter.is_json() || !is_shown {
            encryption.warnings.iter().for_each(|warning| reporter.warning(warning));
        }
        if is_shown {
            let encrypted = encryption.told();
            reporter.result(
                &json!({
                    "output": self.output.to_string_lossy(), "method": request.method,
                    "key_name": request.key_name, "request": request.signed_info_digest,
                    "certificate": request.certificate, "summary": request.summary,
                    "encrypted": encrypted.map(|(what, _)| what),
                    "recipient": encrypted.map(|(_, name)| name),
                    "warnings": encryption.warnings,
                }),
                || {
                    let summary = request.summary.text(&shown, method);
                    let output = self.output.display();
                    format!("{summary}next: mgram sign-answer {output} --key KEY -o ANSWER, where the key is")
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
