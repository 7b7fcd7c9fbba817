//! How WBXML is written, as all commands that write it are told. [profile §2, §5]

use std::path::Path;

use clap::{Args, ValueEnum};
use dm_syncml::wbxml::{self, Spelling};
use dm_syncml::{MetaRule, Shape, reshape};
use dm_wbxml::{Strings, Version};
use dm_xml::{Document, Limits, ToInfoset};

use crate::document::of_encoding;
use crate::fault::Fault;

/// How octets are written, and the objects in them.
#[derive(Args, Clone, Copy, Debug)]
pub struct WbxmlOptions {
    #[command(flatten)]
    pub octets: OctetOptions,
    #[command(flatten)]
    pub shape: ShapeOptions,
}

/// The version, the spelling, and the use of the string table.
#[derive(Args, Clone, Copy, Debug)]
pub struct OctetOptions {
    /// The version of WBXML.
    #[arg(long, default_value = "1.2", value_parser = version, value_name = "1.1|1.2|1.3")]
    wbxml: Version,
    #[command(flatten)]
    spelling: SpellingOptions,
    /// What goes into the string table: whatever makes the document smallest, or names only (some
    /// other readers mistake a text that comes in pieces).
    #[arg(long, default_value = "fewest", value_name = "USE")]
    strings: StringsOption,
}

/// The spelling.
#[derive(Args, Clone, Copy, Debug)]
pub struct SpellingOptions {
    /// How the names of signature and encryption are written: interop, so that every reader can
    /// follow, or compact, in the fewest octets, for devices that are configured for it. Without it:
    /// interop, or what a request asks for.
    #[arg(long, value_name = "SPELLING")]
    spelling: Option<SpellingOption>,
}

/// The shape of objects: it is a part of what is signed.
#[derive(Args, Clone, Copy, Debug)]
pub struct ShapeOptions {
    /// Give the TNDS objects in the message this shape; without it they stay as they are.
    #[arg(long, value_name = "SHAPE")]
    object: Option<ObjectOption>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ObjectOption {
    /// A WBXML document of its own, as octets.
    Nested,
    /// Elements of the message, on code page 2.
    InPlace,
    /// XML text.
    Text,
}

/// A spelling. [profile §5]
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum SpellingOption {
    /// Tokens of private code pages, and octets: few octets.
    Compact,
    /// Names.
    Interop,
    /// The compact one, where a signature or encrypted data of the usual shape is one token: the
    /// fewest octets.
    Shortest,
}

impl From<SpellingOption> for Spelling {
    fn from(option: SpellingOption) -> Self {
        match option {
            SpellingOption::Compact => Self::Compact,
            SpellingOption::Interop => Self::Interop,
            SpellingOption::Shortest => Self::Shortest,
        }
    }
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
    /// As [`ShapeOptions::reshape`].
    pub fn reshape(self, message: &Document<'_>, path: &Path) -> Result<Option<String>, Fault> {
        self.shape.reshape(message, path)
    }

    /// As [`OctetOptions::encode`].
    pub fn encode(self, document: &impl ToInfoset, path: &Path) -> Result<Vec<u8>, Fault> {
        self.octets.encode(document, path)
    }
}

impl SpellingOptions {
    /// The spelling, the interop one where none is asked for.
    pub fn spelling(self) -> Spelling {
        self.spelling.map_or(Spelling::Interop, Spelling::from)
    }
}

impl ShapeOptions {
    /// The message as XML text with its objects in the shape that is asked for, if one is.
    pub fn reshape(self, message: &Document<'_>, path: &Path) -> Result<Option<String>, Fault> {
        let shape = match self.object {
            None => return Ok(None),
            Some(ObjectOption::Nested) => Shape::Nested,
            Some(ObjectOption::InPlace) => Shape::InPlace,
            Some(ObjectOption::Text) => Shape::Text,
        };
        reshape(message, shape, &Limits::generous()).map(Some).map_err(|error| {
            Fault::unreadable(&error)
                .in_file(path)
                .clause("TNDS 1.2 §9, profile §2")
                .next("leave --object out, or correct the object that the message holds")
        })
    }
}

impl OctetOptions {
    /// These, in this spelling where none is asked for.
    pub fn or_spelled(mut self, spelling: Spelling) -> Self {
        let option = match spelling {
            Spelling::Compact => SpellingOption::Compact,
            Spelling::Interop => SpellingOption::Interop,
            Spelling::Shortest => SpellingOption::Shortest,
        };
        self.spelling.spelling.get_or_insert(option);
        self
    }

    /// Writes a document, or a value that is one, that came from `path`.
    pub fn encode(self, document: &impl ToInfoset, path: &Path) -> Result<Vec<u8>, Fault> {
        let strings = match self.strings {
            StringsOption::Fewest => Strings::Fewest,
            StringsOption::Inline => Strings::Inline,
        };
        let encoder = wbxml::encoder_spelled(document, self.spelling.spelling());
        let encoder = encoder.version(self.wbxml).strings(strings);
        encoder.encode(document, MetaRule::default()).map_err(|error| of_encoding(&error, path))
    }
}
