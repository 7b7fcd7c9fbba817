//! The messages that are measured.

use dm_xml::{Document, Limits};

/// One Replace of one leaf.
pub const SMALL: &str = include_str!("../messages/small.xml");

/// The small message with this counter; always as long.
pub fn small(counter: u32) -> String {
    SMALL.trim_end().replace("c=0000000", &format!("c={counter:07}"))
}

/// A thousand Replaces: about 250 KB of text.
pub fn large() -> String {
    let (head, rest) = SMALL.trim_end().split_once("<Replace>").expect("the small message");
    let (command, tail) = rest.split_once("</Replace>").expect("the small message");
    let commands: String = (1..=1000)
        .map(|id| format!("<Replace>{}</Replace>", command.replacen(">1<", &format!(">{id}<"), 1)))
        .collect();
    format!("{head}{commands}{tail}")
}

/// XML text as an infoset.
pub fn parse(text: &str) -> Document<'_> {
    dm_xml::parse(text.as_bytes(), &Limits::generous()).expect("the benchmark's own text")
}
