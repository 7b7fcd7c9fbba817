//! The messages that are measured.

use std::io;
use std::path::Path;

use dm_xml::{Document, Limits};

use crate::conversions;
use crate::generator;

/// One Replace of one leaf.
pub const SMALL: &str = include_str!("../messages/small.xml");

/// The small message with this counter; always as long.
#[must_use]
pub fn small(counter: u32) -> String {
    SMALL.trim_end().replace("c=0000000", &format!("c={counter:07}"))
}

/// A thousand Replaces: about 250 KB of text.
///
/// # Panics
/// Never: the small message has its Replace.
#[must_use]
pub fn large() -> String {
    let (head, rest) = SMALL.trim_end().split_once("<Replace>").expect("the small message");
    let (command, tail) = rest.split_once("</Replace>").expect("the small message");
    let commands: String = (1..=1000)
        .map(|id| format!("<Replace>{}</Replace>", command.replacen(">1<", &format!(">{id}<"), 1)))
        .collect();
    format!("{head}{commands}{tail}")
}

/// XML text as an infoset.
///
/// # Panics
/// When it is no message.
#[must_use]
pub fn parse(text: &str) -> Document<'_> {
    dm_xml::parse(text.as_bytes(), &Limits::generous()).expect("the benchmark's own text")
}

/// A message in both forms.
#[derive(Debug)]
pub struct Message {
    /// Its name in tables.
    pub name: String,
    /// XML text.
    pub text: String,
    /// WBXML 1.3 without a string table.
    pub octets: Vec<u8>,
}

impl Message {
    /// A message from its text.
    #[must_use]
    pub fn new(name: impl Into<String>, text: String) -> Self {
        let octets = conversions::encode(text.as_bytes());
        Self { name: name.into(), text, octets }
    }

    /// Those that are compared with peers: one command, and objects of 30 and of 1,000 nodes. From
    /// `folder`, or of our own making where there is none.
    ///
    /// # Errors
    /// When a file of the folder cannot be read.
    pub fn compared(folder: Option<&Path>) -> io::Result<Vec<Self>> {
        let message = |name: &str, own: fn() -> String| -> io::Result<Self> {
            let read = |folder: &Path| std::fs::read_to_string(folder.join(format!("{name}.xml")));
            Ok(Self::new(name, folder.map_or_else(|| Ok(own()), read)?))
        };
        Ok(vec![
            message("small", || generator::commands(1))?,
            message("medium30-inline", || generator::tree(30))?,
            message("large1000-inline", || generator::tree(1_000))?,
        ])
    }
}
