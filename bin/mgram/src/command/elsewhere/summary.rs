//! What a signer reads before it signs: who to whom, how often, how long, and what it does.

use std::path::Path;

use dm_client::freshness::Emi;
use dm_crypto::AwsLc;
use dm_inspect::{Command, Input, examine, peel};
use dm_push::sms::{Ports, Reference, segment};
use dm_push::wsp::Push;
use dm_seal::{DigestMethod, SignatureMethod, SignedInfo};
use dm_syncml::wbxml::{self, Spelling};
use dm_syncml::{MetaRule, SyncHdr};
use dm_xml::{Document, canonical};
use serde::{Deserialize, Serialize};

use crate::document::of_encoding;
use crate::fault::Fault;
use crate::report::plain;
use crate::shown_options::ShownKey;
use crate::unsigned::check_octets;

/// A message in words.
#[derive(Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Summary {
    pub server_id: String,
    pub target: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<u64>,
    /// Each command, and what belongs to it indented.
    pub commands: Vec<String>,
    /// How it will be spelled, if not in the interop spelling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spelling: Option<Spelled>,
    /// The sealed message as WBXML 1.2; with RSA keys, of 2048 bits. Encryption of the whole adds
    /// to it.
    pub octets: usize,
    /// The short messages that carry it; none, if no number of them does.
    pub short_messages: Option<usize>,
}

/// A spelling, by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Spelled {
    Compact,
    #[default]
    Interop,
    Shortest,
}

impl From<Spelling> for Spelled {
    fn from(spelling: Spelling) -> Self {
        match spelling {
            Spelling::Compact => Self::Compact,
            Spelling::Interop => Self::Interop,
            Spelling::Shortest => Self::Shortest,
        }
    }
}

impl From<Spelled> for Spelling {
    fn from(spelled: Spelled) -> Self {
        match spelled {
            Spelled::Compact => Self::Compact,
            Spelled::Interop => Self::Interop,
            Spelled::Shortest => Self::Shortest,
        }
    }
}

impl Summary {
    /// Of a message that has been checked.
    pub fn of(
        document: &Document<'_>,
        info: SignedInfo,
        shown: &ShownKey,
        spelling: Spelling,
        path: &Path,
    ) -> Result<Self, Fault> {
        let header = SyncHdr::read(document.root()).map_err(|error| {
            Fault::unreadable(error).in_file(path).next("give a message with a complete header")
        })?;
        let emi = Emi::read(header.meta.emi().iter().map(|text| &**text)).unwrap_or_default();
        let text = canonical::text(document);
        let peeled = peel(&[Input::new("message", text)], None);
        let mut commands = Vec::new();
        for message in &peeled.messages {
            examine(message, &AwsLc).commands.iter().for_each(|it| tell(it, 0, &mut commands));
        }
        // Its octets do not matter, only how many there are.
        let sealed = info.attach(document, vec![0xA5; width(info.method())], shown.shown());
        let octets = wbxml::encoder_spelled(&sealed, spelling).encode(&sealed, MetaRule::default());
        let octets = octets.map_err(|error| of_encoding(&error, path))?;
        check_octets(&sealed, &octets, path)?;
        let push = Push::dm(0, &octets).write();
        let ports = Ports { destination: 2948, source: 9200 };
        let segments = segment(&push, ports, Reference::Eight(0)).ok();
        Ok(Self {
            server_id: header.source.loc_uri.into_owned(),
            target: header.target.loc_uri.into_owned(),
            counter: emi.counter,
            expires: emi.expiry,
            commands,
            spelling: Some(Spelled::from(spelling)).filter(|spelled| *spelled != Spelled::Interop),
            octets: octets.len(),
            short_messages: segments.map(|segments| segments.len()),
        })
    }

    /// For a person.
    pub fn text(&self, shown: &ShownKey, method: SignatureMethod) -> String {
        let or_none = |number: Option<u64>, none: &str| {
            number.map_or_else(|| none.to_owned(), |number| number.to_string())
        };
        let mut text = format!(
            "from {} to {}\ncounter {}, expires {}\nsigned with {} ({})\nabout {} octets{}, {}\n",
            plain(&self.server_id),
            plain(&self.target),
            or_none(self.counter, "none: replays are known by their digests only"),
            or_none(self.expires, "never"),
            shown.words(),
            method.name(),
            self.octets,
            match self.spelling.unwrap_or_default() {
                Spelled::Compact => " in the compact spelling",
                Spelled::Interop => "",
                Spelled::Shortest => " in the shortest spelling",
            },
            match self.short_messages {
                None => "too many for short messages".to_owned(),
                Some(1) => "1 short message".to_owned(),
                Some(number) => format!("{number} short messages"),
            },
        );
        for line in &self.commands {
            text += &format!("  {}\n", plain(line));
        }
        text
    }
}

fn tell(command: &Command, depth: usize, lines: &mut Vec<String>) {
    for (at, line) in command.words.iter().enumerate() {
        let indent = "  ".repeat(depth + line.depth);
        let number = match (&command.cmd_id, at) {
            (Some(cmd_id), 0) => format!("{cmd_id}: "),
            _ => String::new(),
        };
        lines.push(format!("{indent}{number}{}", line.text));
    }
    command.commands.iter().for_each(|inner| tell(inner, depth + 1, lines));
}

/// The usual octets of a signature value.
fn width(method: SignatureMethod) -> usize {
    match method {
        SignatureMethod::Ecdsa(DigestMethod::Sha256) | SignatureMethod::Ed25519 => 64,
        SignatureMethod::Ecdsa(_) => 96,
        SignatureMethod::Rsa(_) | SignatureMethod::RsaPss(_) => 256,
    }
}
