//! `encode` and `decode`: XML text to WBXML and back. [profile §2]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_syncml::wbxml::{self, Spellings};
use dm_xml::{Limits, canonical};
use serde_json::json;

use crate::document::{of_wbxml, parse, read, write};
use crate::fault::Fault;
use crate::report::Reporter;
use crate::wbxml_options::WbxmlOptions;

/// Writes XML text as WBXML.
///
/// White space between elements is dropped, unless the document is signed: then every character
/// counts and stays.
#[derive(Args, Debug)]
pub struct Encode {
    /// XML text of a SyncML message or a MgmtTree; `-` is standard input.
    input: PathBuf,
    /// Where the WBXML goes; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    wbxml: WbxmlOptions,
}

impl Encode {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let text = read(&self.input)?;
        let mut document = parse(&text, &self.input)?;
        let is_signed =
            document.root().walk().any(|element| element.namespace() == dm_seal::algorithm::DS);
        if !is_signed {
            document = document.without_white_space();
        }
        let reshaped = self.wbxml.reshape(&document, &self.input)?;
        if let Some(text) = &reshaped {
            document = parse(text.as_bytes(), &self.input)?;
        }
        let octets = self.wbxml.encode(&document, &self.input)?;
        check_reads_back(&document, &octets, &self.input)?;
        write(Some(&self.output), &octets)?;
        if self.output.as_os_str() != "-" {
            let (xml, wbxml) = (text.len(), octets.len());
            reporter.result(
                &json!({"output": self.output.to_string_lossy(), "octets": wbxml, "xml_octets": xml}),
                || format!("{}: {wbxml} octets ({xml} as XML text)", self.output.display()),
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What was written must read back as the same infoset, or it is not handed out.
pub fn check_reads_back(
    document: &impl dm_xml::ToInfoset,
    octets: &[u8],
    path: &std::path::Path,
) -> Result<(), Fault> {
    let limits = Limits::generous();
    let source = wbxml::open_spelled(octets, Spellings::Any, &limits)
        .map_err(|error| of_wbxml(&error, path))?;
    let again = wbxml::decode(&source, &limits).map_err(|error| {
        Fault::unreadable(format!("the profile does not allow this document: {}", error.kind))
            .in_file(path)
            .clause("profile §2")
            .next("correct the document; `mgram decode` shows what WBXML can carry")
    })?;
    if canonical::text(&again) == canonical::text(document) {
        return Ok(());
    }
    Err(Fault::unreadable("the document does not survive WBXML unchanged")
        .in_file(path)
        .clause("profile §2")
        .next("correct the document; `mgram decode` shows what WBXML can carry"))
}

/// Writes WBXML as XML text: the canonical form, with default namespaces.
#[derive(Args, Debug)]
pub struct Decode {
    /// A WBXML document of SyncML; `-` is standard input.
    input: PathBuf,
    /// Where the XML text goes; without it, standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Decode {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let octets = read(&self.input)?;
        let limits = Limits::generous();
        let source = wbxml::open_spelled(&octets, Spellings::Any, &limits)
            .map_err(|error| of_wbxml(&error, &self.input))?;
        let document =
            wbxml::decode(&source, &limits).map_err(|error| of_wbxml(&error, &self.input))?;
        let mut text = canonical::text(&document);
        let Some(output) = self.output.filter(|path| path.as_os_str() != "-") else {
            reporter.result(&json!({"xml": text}), || text.clone());
            return Ok(ExitCode::SUCCESS);
        };
        text.push('\n');
        write(Some(&output), text.as_bytes())?;
        reporter.result(&json!({"output": output.to_string_lossy(), "octets": text.len()}), || {
            format!("{}: {} octets", output.display(), text.len())
        });
        Ok(ExitCode::SUCCESS)
    }
}
