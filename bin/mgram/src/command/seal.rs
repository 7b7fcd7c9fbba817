//! `seal`: check, then sign. [profile §3, §6, §7], [Sessionless §5.2]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_client::freshness::Emi;
use dm_crypto::AwsLc;
use dm_seal::{SealError, SignatureMethod};
use dm_syncml::SyncHdr;
use dm_xml::Document;
use serde_json::json;

use crate::document::write;
use crate::encryption_options::{Encryption, EncryptionOptions};
use crate::fault::Fault;
use crate::key_options::{KeyOptions, Method};
use crate::report::{Reporter, plain};
use crate::shown_options::{ShownKey, ShownOptions};
use crate::signer::Key;
use crate::unsigned::{UnsignedOptions, encode_sealed, is_signed};
use crate::wbxml_options::WbxmlOptions;

/// Checks a message against the draft (ServerID, header, commands), then signs it.
#[derive(Args, Debug)]
pub struct Seal {
    #[command(flatten)]
    unsigned: UnsignedOptions,
    #[command(flatten)]
    key: KeyOptions,
    /// How to sign, where the key leaves a choice: RSA keys do. Without it: rs256.
    #[arg(long, value_enum, value_name = "METHOD")]
    alg: Option<Method>,
    #[command(flatten)]
    shown: ShownOptions,
    #[command(flatten)]
    wbxml: WbxmlOptions,
    /// Where the sealed message goes; without it, standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    encryption: EncryptionOptions,
}

/// What a message is sealed with, at hand.
struct Prepared {
    encryption: Encryption,
    key: Key,
    shown: ShownKey,
}

/// What came out, and what there is to say about it.
struct Made {
    octets: Vec<u8>,
    server_id: String,
    target: String,
    shown: ShownKey,
    method: SignatureMethod,
    emi: Emi,
    encryption: Encryption,
}

impl Seal {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let prepare =
            |document: &Document<'_>, header: &SyncHdr<'_>| self.prepare(document, header);
        let make = |prepared, document: &Document<'_>, header: &SyncHdr<'_>| {
            self.make(prepared, document, header)
        };
        let made = self.unsigned.with(self.wbxml.shape, reporter, prepare, make)?;
        write(self.output.as_deref(), &made.octets)?;
        let output = self.output.filter(|path| path.as_os_str() != "-");
        let encryption = &made.encryption;
        if !reporter.is_json() || output.is_none() {
            encryption.warnings.iter().for_each(|warning| reporter.warning(warning));
        }
        if let Some(output) = output {
            let Made { octets, server_id, target, .. } = &made;
            let (kind, label) = made.shown.label();
            let method = made.method.name();
            let encrypted = encryption.told();
            reporter.result(
                &json!({
                    "output": output.to_string_lossy(), "octets": octets.len(),
                    "server_id": server_id, "target": target, kind: label, "alg": method,
                    "counter": made.emi.counter, "expires": made.emi.expiry,
                    "encrypted": encrypted.map(|(what, _)| what),
                    "recipient": encrypted.map(|(_, name)| name),
                    "warnings": encryption.warnings,
                }),
                || {
                    let encrypted = encrypted.map_or(String::new(), |(what, name)| {
                        format!(", {what} encrypted to {name:?}")
                    });
                    let (server_id, target) = (plain(server_id), plain(target));
                    let counter = made.emi.counter;
                    let counter = counter.map_or(String::new(), |it| format!(", counter {it}"));
                    format!(
                        "{}: {} octets, from {server_id} to {target}{counter}, signed with {label:?} ({method}){encrypted}",
                        output.display(),
                        octets.len()
                    )
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    fn prepare(&self, document: &Document<'_>, header: &SyncHdr<'_>) -> Result<Prepared, Fault> {
        let (server_id, target) = (header.source.loc_uri.as_ref(), header.target.loc_uri.as_ref());
        let mut encryption = self.encryption.prepare(server_id, target)?;
        encryption.warnings.extend(self.unsigned.doubts(document)?);
        let key = self.key.load(self.alg.map(Method::of_profile))?;
        let shown = self.shown.load(&key)?;
        shown.check_serves(server_id)?;
        Ok(Prepared { encryption, key, shown })
    }

    /// Parts are encrypted before the message is signed, the whole of it after. [profile §6]
    fn make(
        &self,
        Prepared { mut encryption, key, shown }: Prepared,
        document: &Document<'_>,
        header: &SyncHdr<'_>,
    ) -> Result<Made, Fault> {
        let input = &self.unsigned.input;
        let (server_id, target) = (header.source.loc_uri.as_ref(), header.target.loc_uri.as_ref());
        let encrypted = encryption.parts(document, input)?;
        let to_sign = encrypted.as_ref().unwrap_or(document);
        let sealed = dm_seal::seal(to_sign, shown.shown(), key.signer(), &AwsLc);
        let sealed = sealed.map_err(|error| match error {
            SealError::AlreadySigned(_) => is_signed(&error, input),
            error => self.key.of_seal(&error),
        })?;
        let mut octets = encode_sealed(&sealed, self.wbxml.octets, input)?;
        if let Some(whole) = encryption.whole(&octets, input)? {
            octets = encode_sealed(&whole, self.wbxml.octets, input)?;
        }
        let method = key.signer().method();
        let emi = Emi::read(header.meta.emi().iter().map(|text| &**text)).unwrap_or_default();
        let (server_id, target) = (server_id.to_owned(), target.to_owned());
        Ok(Made { octets, server_id, target, shown, method, emi, encryption })
    }
}
