//! How WBXML is written, as all commands that write it are told. [profile §2, §5]

use std::path::Path;

use clap::{Args, ValueEnum};
use dm_syncml::{MetaRule, wbxml};
use dm_wbxml::{Strings, Version};
use dm_xml::Document;

use crate::document::of_encoding;
use crate::fault::Fault;

/// The version, and the use of the string table.
#[derive(Args, Clone, Copy, Debug)]
pub struct WbxmlOptions {
    /// The version of WBXML.
    #[arg(long, default_value = "1.2", value_parser = version, value_name = "1.1|1.2|1.3")]
    wbxml: Version,
    /// What goes into the string table: whatever makes the document smallest, or names only (some
    /// other readers mistake a text that comes in pieces).
    #[arg(long, default_value = "fewest", value_name = "USE")]
    strings: StringsOption,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StringsOption {
    /// Repeated texts too, and what they begin or end with: the fewest octets.
    Fewest,
    /// Literal names only; every text stands in place, in one piece.
    Inline,
}

fn version(text: &str) -> Result<Version, String> {
    Version::parse(text).ok_or_else(|| "must be 1.1, 1.2 or 1.3 (R9)".to_owned())
}

impl WbxmlOptions {
    /// Writes a document that came from `path`.
    pub fn encode(self, document: &Document<'_>, path: &Path) -> Result<Vec<u8>, Fault> {
        let strings = match self.strings {
            StringsOption::Fewest => Strings::Fewest,
            StringsOption::Inline => Strings::Inline,
        };
        let encoder = wbxml::encoder(document).version(self.wbxml).strings(strings);
        encoder.encode(document, MetaRule::default()).map_err(|error| of_encoding(&error, path))
    }
}
