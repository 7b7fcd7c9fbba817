//! `attach`: the signature that came back, verified, put to the message. [profile §3, §4]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_crypto::{AwsLc, public_material};
use dm_seal::{OpenError, Pin, Trust, VerifyError};
use dm_syncml::wbxml::{self, Spellings};
use dm_xml::Limits;
use serde_json::json;

use super::file::{Answer, Request};
use super::summary::Summary;
use crate::document::{of_wbxml, read, write};
use crate::encryption_options::WholeOptions;
use crate::fault::Fault;
use crate::report::{Reporter, plain};
use crate::shown_options::ShownKey;
use crate::unsigned::encode_sealed;
use crate::wbxml_options::OctetOptions;

/// Verifies the signature that another machine made, and writes the sealed message.
#[derive(Args, Debug)]
pub struct Attach {
    /// The request of `sign-request`.
    request: PathBuf,
    /// The answer of `sign-answer` to it.
    answer: PathBuf,
    /// The certificate, or public key, that the account pins: PEM or DER.
    #[arg(long, value_name = "FILE")]
    cert: PathBuf,
    #[command(flatten)]
    wbxml: OctetOptions,
    #[command(flatten)]
    encryption: WholeOptions,
    /// Where the sealed message goes; without it, standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Attach {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let (octets, value, told, warnings) = Request::with(&self.request, |request, asked| {
            let summary = &request.summary;
            let encryption = self.encryption.prepare(&summary.server_id, &summary.target)?;
            let signature = Answer::read(&self.answer, request)?;
            let sealed = asked.info.attach(asked.document, signature, asked.shown.shown());
            let wbxml = self.wbxml.or_spelled(asked.spelling);
            let mut octets = encode_sealed(&sealed, wbxml, &self.request)?;
            self.verify(&octets, summary, &asked.shown)?;
            if let Some(whole) = encryption.whole(&octets, &self.request)? {
                octets = encode_sealed(&whole, wbxml, &self.request)?;
            }
            let encrypted = encryption.told();
            let value = json!({
                "octets": octets.len(), "server_id": summary.server_id,
                "target": summary.target, "key_name": request.key_name,
                "certificate": request.certificate,
                "encrypted": encrypted.map(|(what, _)| what),
                "recipient": encrypted.map(|(_, name)| name),
                "warnings": encryption.warnings,
            });
            let encrypted = encrypted
                .map_or(String::new(), |(what, name)| format!(", {what} encrypted to {name:?}"));
            let told = format!("signed with {}{encrypted}", asked.shown.words());
            Ok((octets, value, told, encryption.warnings))
        })?;
        write(self.output.as_deref(), &octets)?;
        let output = self.output.filter(|path| path.as_os_str() != "-");
        if !reporter.is_json() || output.is_none() {
            warnings.iter().for_each(|warning| reporter.warning(warning));
        }
        if let Some(output) = output {
            let mut value = value;
            value["output"] = output.to_string_lossy().into();
            let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
            reporter.result(&value, || {
                format!(
                    "{}: {} octets, from {} to {}, {told}",
                    output.display(),
                    octets.len(),
                    plain(&text("server_id")),
                    plain(&text("target"))
                )
            });
        }
        Ok(ExitCode::SUCCESS)
    }

    /// As a device would: the octets that are handed out are those that are verified.
    fn verify(&self, octets: &[u8], summary: &Summary, shown: &ShownKey) -> Result<(), Fault> {
        let pem = read(&self.cert)?;
        let of_cert = |what: String| {
            Fault::unreadable(what).in_file(&self.cert).next("give cert.pem of `mgram keygen`")
        };
        let der = public_material(&pem).map_err(|error| of_cert(error.to_string()))?;
        let name = match shown {
            ShownKey::Certificate(..) => "",
            ShownKey::Name(name) => name,
        };
        let pin = Pin::new(name, &der, &AwsLc);
        let pins = [pin.map_err(|error| of_cert(error.to_string()))?];
        let limits = Limits::default();
        let of_octets = |error| of_wbxml(&error, &self.request);
        let source = wbxml::open_spelled(octets, Spellings::Any, &limits).map_err(of_octets)?;
        let document = wbxml::decode(&source, &limits).map_err(of_octets)?;
        let trust = Trust::pinned(&summary.server_id, &pins);
        dm_seal::verify(document, &trust, &AwsLc).map(drop).map_err(|error| match &error {
            OpenError::Verify(VerifyError::CertificateNamesOther(_)) => {
                Fault::refused(format!("the certificate does not name {:?}", summary.server_id))
                    .in_file(&self.cert)
                    .clause("profile §4")
                    .next("give the certificate of this server")
            }
            OpenError::Verify(VerifyError::SignatureInvalid) => {
                Fault::refused("the signature was not made with the key of this certificate")
                    .in_file(&self.answer)
                    .clause("profile §3")
                    .next("give the certificate of the key that signed, or have it signed anew")
            }
            error => Fault::refused(error)
                .in_file(&self.answer)
                .clause("profile §3")
                .next("have the request answered anew"),
        })
    }
}
