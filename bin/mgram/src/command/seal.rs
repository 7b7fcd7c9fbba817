//! `seal`: check, then sign. [profile §3, §7], [Sessionless §5.2]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_crypto::AwsLc;
use dm_seal::SealError;
use serde_json::json;

use crate::document::write;
use crate::fault::Fault;
use crate::name::check_not_empty;
use crate::report::Reporter;
use crate::signer::{of_seal, signer};
use crate::unsigned::{UnsignedOptions, encode_sealed, is_signed};
use crate::wbxml_options::WbxmlOptions;

/// Checks a message against the draft (ServerID, header, commands), then signs it.
#[derive(Args, Debug)]
pub struct Seal {
    #[command(flatten)]
    unsigned: UnsignedOptions,
    /// The private key: PEM, PKCS #8; or one in a token: pkcs11:token=...;object=...?module-path=...
    /// [RFC 7512]; its PIN comes from pin-source= or the variable MGRAM_PKCS11_PIN.
    #[arg(long, value_name = "PEM|URI")]
    key: String,
    /// The name of the key, as the account pins it.
    #[arg(long, value_name = "NAME")]
    key_name: String,
    #[command(flatten)]
    wbxml: WbxmlOptions,
    /// Where the sealed message goes; without it, standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Seal {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        check_not_empty("--key-name", &self.key_name)?;
        let key = signer(&self.key, None)?;
        let input = &self.unsigned.input;
        let (octets, source, target) =
            self.unsigned.with(self.wbxml.shape, |document, header| {
                let sealed = dm_seal::seal(document, &self.key_name, &*key, &AwsLc);
                let sealed = sealed.map_err(|error| match error {
                    SealError::AlreadySigned(_) => is_signed(&error, input),
                    error => of_seal(&error, &self.key),
                })?;
                let octets = encode_sealed(&sealed, self.wbxml.octets, input)?;
                Ok((octets, header.source.loc_uri.to_string(), header.target.loc_uri.to_string()))
            })?;
        write(self.output.as_deref(), &octets)?;
        if let Some(output) = self.output.filter(|path| path.as_os_str() != "-") {
            reporter.result(
                &json!({
                    "output": output.to_string_lossy(), "octets": octets.len(), "server_id": source,
                    "target": target, "key_name": self.key_name,
                }),
                || {
                    format!(
                        "{}: {} octets, from {source} to {target}, signed with {:?}",
                        output.display(),
                        octets.len(),
                        self.key_name
                    )
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}
