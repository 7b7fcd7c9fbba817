//! An unsigned message on its way to be signed: completed, and held against the draft's demands.
//! [Sessionless §5.2], R10, R14

use std::path::{Path, PathBuf};

use clap::Args;
use dm_client::freshness::Emi;
use dm_seal::algorithm::XENC;
use dm_syncml::{Command, ErrorKind, ItemCommand, SyncBody, SyncHdr};
use dm_xml::{Document, Limits, ToInfoset};

use crate::command::check_reads_back;
use crate::document::{expect_message, parse, read};
use crate::draft;
use crate::fault::Fault;
use crate::freshness_options::FreshnessOptions;
use crate::header::{HeaderOptions, complete};
use crate::name::check_server_id;
use crate::report::Reporter;
use crate::wbxml_options::{OctetOptions, ShapeOptions};

/// The message, and what its header is completed with.
#[derive(Args, Debug)]
pub struct UnsignedOptions {
    /// XML text of an unsigned message; `-` is standard input.
    pub input: PathBuf,
    /// Set Source/LocURI to this ServerID first.
    #[arg(long, value_name = "ID")]
    server_id: Option<String>,
    /// Set Target/LocURI to this device, or group, first.
    #[arg(long, value_name = "ID")]
    device_id: Option<String>,
    #[command(flatten)]
    freshness: FreshnessOptions,
    /// Refuse commands that the draft has otherwise (R17, R28), where a warning is given else.
    #[arg(long)]
    strict: bool,
}

impl UnsignedOptions {
    /// Reads, completes and checks the message, prepares what else may be missing or wrong (keys,
    /// descriptions), takes a counter, and hands it all on: no number is spent on what fails before.
    pub fn with<P, R>(
        &self,
        shape: ShapeOptions,
        reporter: &Reporter,
        prepare: impl FnOnce(&Document<'_>, &SyncHdr<'_>) -> Result<P, Fault>,
        then: impl FnOnce(P, &Document<'_>, &SyncHdr<'_>) -> Result<R, Fault>,
    ) -> Result<R, Fault> {
        let text = read(&self.input)?;
        let mut document = parse(&text, &self.input)?.without_white_space();
        let reshaped = shape.reshape(&document, &self.input)?;
        if let Some(text) = &reshaped {
            document = parse(text.as_bytes(), &self.input)?;
        }
        expect_message(&document, &self.input)?;
        let options = HeaderOptions {
            server_id: self.server_id.as_deref(),
            device_id: self.device_id.as_deref(),
            counter: self.freshness.counter,
            expiry: self.freshness.expiry()?,
        };
        let is_asked = options != HeaderOptions::default() || self.freshness.is_counted();
        let document = match is_asked {
            true => self.completed(&document, &options)?,
            false => document,
        };
        let header = check(&document, &self.input)?;
        let prepared = prepare(&document, &header)?;
        let Some(counter) = self.freshness.take(&header, reporter)? else {
            return then(prepared, &document, &header);
        };
        let options = HeaderOptions { counter: Some(counter), ..HeaderOptions::default() };
        let document = self.completed(&document, &options)?;
        let header = check(&document, &self.input)?;
        then(prepared, &document, &header)
    }

    /// What of the commands the draft has otherwise; with `--strict` that is refused.
    pub fn doubts(&self, document: &Document<'_>) -> Result<Vec<String>, Fault> {
        let doubts = draft::doubts(document);
        match doubts.first().and_then(|doubt| doubt.split_once("; ")) {
            Some((what, next)) if self.strict => Err(Fault::unreadable(what)
                .in_file(&self.input)
                .clause("R17, R28, Sessionless §5.4, §5.5")
                .next(next)),
            _ => Ok(doubts),
        }
    }

    fn completed<'d>(
        &self,
        document: &'d Document<'_>,
        options: &'d HeaderOptions<'_>,
    ) -> Result<Document<'d>, Fault> {
        let completed = complete(document, options)
            .map_err(|error| Fault::unreadable(error).in_file(&self.input))?;
        Ok(completed.unwrap_or_else(|| document.clone()))
    }
}

/// The draft's demands on a message before it is signed: R10, R14, and a readable body.
pub fn check<'d>(document: &'d Document<'_>, path: &Path) -> Result<SyncHdr<'d>, Fault> {
    let header = check_header(document, path)?;
    check_body(document, path)?;
    Ok(header)
}

/// As [`check`], for a message whose commands may be encrypted already: nobody but the device
/// checks these.
pub fn check_encrypted<'d>(document: &'d Document<'_>, path: &Path) -> Result<SyncHdr<'d>, Fault> {
    let mut parts = document.root().elements();
    match parts.any(|part| part.is(XENC, "EncryptedData")) {
        true => check_header(document, path),
        false => check(document, path),
    }
}

fn check_body(document: &Document<'_>, path: &Path) -> Result<(), Fault> {
    let body = SyncBody::read(document.root()).map_err(|error| {
        let of_meta = error.path.to_string().contains("/Meta");
        unfit(&error, path, "R18, Sessionless §5.5").next(if of_meta { META } else { BODY })
    })?;
    if let Some(idle) = without_item(&body.commands) {
        return Err(Fault::unreadable(format!("{} has no Item", idle.verb.as_str()))
            .at(format!("{}, CmdID {}", path.display(), idle.cmd_id))
            .clause("REP 1.2 §4.1.6")
            .next("give the command an Item, or leave it out"));
    }
    Ok(())
}

fn check_header<'d>(document: &'d Document<'_>, path: &Path) -> Result<SyncHdr<'d>, Fault> {
    let header = SyncHdr::read(document.root()).map_err(|error| {
        let is_source = matches!(error.kind, ErrorKind::Missing("Source"))
            || error.path.to_string().starts_with("SyncHdr/Source");
        let clause = match is_source {
            true => "R10, Sessionless §5.2",
            false => "R14, Sessionless §5.2",
        };
        unfit(&error, path, clause).next(
            "SyncHdr needs VerDTD 1.2, VerProto DM/1.2 or DM/1.3, SessionID, MsgID, Target \
             and Source (the ServerID), each once; --server-id and --device-id together set all six",
        )
    })?;
    Emi::read(header.meta.emi().iter().map(|text| &**text)).map_err(|error| {
        Fault::unreadable(error)
            .at(format!("{}, SyncHdr/Meta/EMI", path.display()))
            .clause("profile §7")
            .next("let --counters and --expires-in write it")
    })?;
    check_server_id(&header.source.loc_uri)
        .map_err(|fault| fault.at(format!("{}, SyncHdr/Source", path.display())))?;
    Ok(header)
}

fn unfit(error: &dm_syncml::Error, path: &Path, clause: &'static str) -> Fault {
    Fault::unreadable(error.kind).at(format!("{}, {}", path.display(), error.path)).clause(clause)
}

/// The octets of a sealed message, which came from `path`: as a device takes them.
pub fn encode_sealed(
    sealed: &impl ToInfoset,
    wbxml: OctetOptions,
    path: &Path,
) -> Result<Vec<u8>, Fault> {
    let octets = wbxml.encode(sealed, path)?;
    check_octets(sealed, &octets, path)?;
    Ok(octets)
}

/// Refuses octets that do not read back as what they were written from, or that are too many.
pub fn check_octets(sealed: &impl ToInfoset, octets: &[u8], path: &Path) -> Result<(), Fault> {
    check_reads_back(sealed, octets, path)?;
    let most = Limits::default().octets;
    if octets.len() <= most {
        return Ok(());
    }
    Err(Fault::unreadable(format!(
        "the sealed message has {} octets, and a device takes at most {most}",
        octets.len()
    ))
    .in_file(path)
    .clause("profile §2, limits")
    .next("split it into several messages"))
}

/// A message that has a signature, or parts of one, already.
pub fn is_signed(error: &dm_seal::SealError, path: &Path) -> Fault {
    Fault::unreadable(error).in_file(path).clause("profile §3").next("seal the unsigned message")
}

const META: &str = "give each child of Meta its namespace: xmlns=\"syncml:metinf\"";
const BODY: &str = "give the message one SyncBody with well-formed commands, then Final";

/// The first command that works on items and has none, also inside groups.
fn without_item<'b, 'd>(commands: &'b [Command<'d>]) -> Option<&'b ItemCommand<'d>> {
    commands.iter().find_map(|command| match command {
        Command::Group(group) => without_item(&group.commands),
        Command::Items(command) if command.items.is_empty() => Some(command),
        _ => None,
    })
}
