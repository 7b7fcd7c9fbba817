//! `seal`: check, then sign. [profile §3, §7], [Sessionless §5.2]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_client::freshness::Emi;
use dm_crypto::AwsLc;
use dm_syncml::{Command, ErrorKind, ItemCommand, SyncBody, SyncHdr};
use dm_xml::{Document, Limits};
use serde_json::json;

use crate::command::codec::check_reads_back;
use crate::document::{expect_message, parse, read, write};
use crate::encryption_options::EncryptionOptions;
use crate::fault::Fault;
use crate::header::{HeaderOptions, complete};
use crate::key_options::{KeyOptions, ShownOptions, method_name};
use crate::name::check_server_id;
use crate::report::Reporter;
use crate::wbxml_options::WbxmlOptions;

/// Checks a message against the draft (ServerID, header, commands), then signs it.
#[derive(Args, Debug)]
pub struct Seal {
    /// XML text of an unsigned message; `-` is standard input.
    input: PathBuf,
    #[command(flatten)]
    key: KeyOptions,
    #[command(flatten)]
    shown: ShownOptions,
    #[command(flatten)]
    wbxml: WbxmlOptions,
    /// Where the sealed message goes; without it, standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Set Source/LocURI to this ServerID first.
    #[arg(long, value_name = "ID")]
    server_id: Option<String>,
    /// Set Target/LocURI to this device, or group, first.
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    /// Add this counter: above all used before for the device.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(..=MOST))]
    counter: Option<u64>,
    /// Add this expiry, in seconds since 1970.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=MOST))]
    expires: Option<u64>,
    #[command(flatten)]
    encryption: EncryptionOptions,
}

impl Seal {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let text = read(&self.input)?;
        let key = self.key.load()?;
        let shown = self.shown.load(&key)?;
        let mut document = parse(&text, &self.input)?.without_white_space();
        let reshaped = self.wbxml.reshape(&document, &self.input)?;
        if let Some(text) = &reshaped {
            document = parse(text.as_bytes(), &self.input)?;
        }
        expect_message(&document, &self.input)?;
        let options = self.header_options();
        let document = match &options {
            None => document,
            Some(options) => complete(&document, options)
                .map_err(|error| Fault::unreadable(error).in_file(&self.input))?
                .unwrap_or_else(|| document.clone()),
        };
        let header = self.check(&document)?;
        check_server_id(&header.source.loc_uri)
            .map_err(|fault| fault.at(format!("{}, SyncHdr/Source", self.input.display())))?;
        shown.check_serves(&header.source.loc_uri)?;
        let (source, target) =
            (header.source.loc_uri.into_owned(), header.target.loc_uri.into_owned());
        let mut encryption = self.encryption.prepare(&source, &target)?;
        let encrypted = encryption.parts(&document, &self.input)?;
        let to_sign = encrypted.unwrap_or_else(|| document.clone());
        let sealed = dm_seal::seal(to_sign, shown.shown(), &key, &AwsLc)
            .map_err(|error| self.of_seal(&error))?;
        let mut octets = self.wbxml.encode(&sealed, &self.input)?;
        check_reads_back(&sealed, &octets, &self.input)?;
        if let Some(whole) = encryption.whole(&octets, &self.input)? {
            octets = self.wbxml.encode(&whole, &self.input)?;
            check_reads_back(&whole, &octets, &self.input)?;
        }
        let most = Limits::default().octets;
        if octets.len() > most {
            return Err(Fault::unreadable(format!(
                "the sealed message has {} octets, and a device takes at most {most}",
                octets.len()
            ))
            .in_file(&self.input)
            .clause("profile §2, limits")
            .next("split it into several messages"));
        }
        write(self.output.as_deref(), &octets)?;
        let output = self.output.filter(|path| path.as_os_str() != "-");
        if !reporter.is_json() || output.is_none() {
            encryption.warnings.iter().for_each(|warning| reporter.warning(warning));
        }
        if let Some(output) = output {
            let (kind, label) = shown.label();
            let method = method_name(&key);
            let encrypted = encryption.told();
            reporter.result(
                &json!({
                    "output": output.to_string_lossy(), "octets": octets.len(), "server_id": source,
                    "target": target, kind: label, "alg": method,
                    "encrypted": encrypted.map(|(what, _)| what),
                    "recipient": encrypted.map(|(_, name)| name),
                    "warnings": encryption.warnings,
                }),
                || {
                    let encrypted = encrypted.map_or(String::new(), |(what, name)| {
                        format!(", {what} encrypted to {name:?}")
                    });
                    format!(
                        "{}: {} octets, from {source} to {target}, signed with {label:?} ({method}){encrypted}",
                        output.display(),
                        octets.len()
                    )
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }

    /// The draft's demands on a message before it is signed: R10, R14, and a readable body.
    fn check<'d>(&self, document: &'d Document<'_>) -> Result<SyncHdr<'d>, Fault> {
        let header = SyncHdr::read(document.root()).map_err(|error| {
            let is_source = matches!(error.kind, ErrorKind::Missing("Source"))
                || error.path.to_string().starts_with("SyncHdr/Source");
            let clause = match is_source {
                true => "R10, Sessionless §5.2",
                false => "R14, Sessionless §5.2",
            };
            self.unfit(&error, clause).next(
                "SyncHdr needs VerDTD 1.2, VerProto DM/1.2 or DM/1.3, SessionID, MsgID, Target \
                 and Source (the ServerID), each once; --server-id and --device-id set the last two",
            )
        })?;
        let body = SyncBody::read(document.root()).map_err(|error| {
            let of_meta = error.path.to_string().contains("/Meta");
            self.unfit(&error, "R18, Sessionless §5.5").next(if of_meta { META } else { BODY })
        })?;
        if let Some(idle) = without_item(&body.commands) {
            return Err(Fault::unreadable(format!("{} has no Item", idle.verb.as_str()))
                .at(format!("{}, CmdID {}", self.input.display(), idle.cmd_id))
                .clause("REP 1.2 §4.1.6")
                .next("give the command an Item, or leave it out"));
        }
        Emi::read(header.meta.emi.iter().map(|text| &**text)).map_err(|error| {
            Fault::unreadable(error)
                .at(format!("{}, SyncHdr/Meta/EMI", self.input.display()))
                .clause("profile §7")
                .next("let --counter and --expires write it")
        })?;
        Ok(header)
    }

    fn unfit(&self, error: &dm_syncml::Error, clause: &'static str) -> Fault {
        Fault::unreadable(error.kind)
            .at(format!("{}, {}", self.input.display(), error.path))
            .clause(clause)
    }

    fn of_seal(&self, error: &dm_seal::SealError) -> Fault {
        match error {
            dm_seal::SealError::AlreadySigned(_) => Fault::unreadable(error)
                .in_file(&self.input)
                .clause("profile §3")
                .next("seal the unsigned message"),
            _ => Fault::refused(error).in_file(self.key.path()),
        }
    }

    /// What the header is to be completed with, if anything.
    fn header_options(&self) -> Option<HeaderOptions<'_>> {
        let parts = [("c", self.counter), ("x", self.expires)];
        let parts = parts.iter().filter_map(|(name, value)| Some(format!("{name}={}", (*value)?)));
        let emi: Vec<String> = parts.collect();
        let options = HeaderOptions {
            server_id: self.server_id.as_deref(),
            device_id: self.device_id.as_deref(),
            emi: (!emi.is_empty()).then(|| emi.join(";")),
        };
        let asked = options.server_id.is_some() || options.device_id.is_some();
        (asked || options.emi.is_some()).then_some(options)
    }
}

/// 19 digits: the most that EMI takes.
const MOST: u64 = 9_999_999_999_999_999_999;
const META: &str = "give each child of Meta its namespace: xmlns=\"syncml:metinf\"";
const BODY: &str = "give the message one SyncBody with well-formed commands, then Final";

/// The first command that works on items and has none, also inside groups.
fn without_item<'b>(commands: &'b [Command<'_>]) -> Option<&'b ItemCommand<'b>> {
    commands.iter().find_map(|command| match command {
        Command::Group(group) => without_item(&group.commands),
        Command::Items(command) if command.items.is_empty() => Some(command),
        _ => None,
    })
}
