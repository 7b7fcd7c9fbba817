//! `respell`: one infoset, one signature, another spelling on the wire. [profile §5]

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spellings};
use dm_xml::Limits;
use serde_json::json;

use crate::command::codec::check_reads_back;
use crate::document::{of_encoding, of_wbxml, read, write};
use crate::fault::Fault;
use crate::report::Reporter;
use crate::wbxml_options::SpellingOption;

/// Writes a message in another spelling: the same infoset, so the signature stays valid.
///
/// It needs no key. It does not verify either: a device does that.
#[derive(Args, Debug)]
pub struct Respell {
    /// A WBXML message, sealed or not, in any spelling; `-` is standard input.
    input: PathBuf,
    /// The spelling that is wanted.
    #[arg(long, value_name = "SPELLING")]
    to: SpellingOption,
    /// Where the message goes; `-` is standard output.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Respell {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let before = read(&self.input)?;
        let limits = Limits::generous();
        let of_wbxml = |error| of_wbxml(&error, &self.input);
        let source = wbxml::open_spelled(&before, Spellings::Any, &limits).map_err(of_wbxml)?;
        let document = wbxml::decode(&source, &limits).map_err(of_wbxml)?;
        let encoder = wbxml::encoder_spelled(&document, self.to.into()).version(source.version());
        let octets = encoder
            .encode(&document, MetaRule::default())
            .map_err(|error| of_encoding(&error, &self.input))?;
        check_reads_back(&document, &octets, &self.input)?;
        write(Some(&self.output), &octets)?;
        if self.output.as_os_str() != "-" {
            let sizes = (before.len(), octets.len());
            let parts = (sizes.0.div_ceil(SEGMENT), sizes.1.div_ceil(SEGMENT));
            reporter.result(
                &json!({
                    "output": self.output.to_string_lossy(), "octets": sizes.1,
                    "octets_before": sizes.0, "segments": parts.1, "segments_before": parts.0,
                }),
                || {
                    format!(
                        "{}: {} octets, {} segments ({} octets, {} segments before)",
                        self.output.display(),
                        sizes.1,
                        parts.1,
                        sizes.0,
                        parts.0
                    )
                },
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Octets that a short message carries beside ports and concatenation. [3GPP TS 23.040 §9.2.3.24]
const SEGMENT: usize = 128;
