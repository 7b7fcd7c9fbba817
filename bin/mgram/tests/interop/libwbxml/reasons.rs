//! Why libwbxml's tools and we do not say the same: each reason has a name, and proves itself.

use std::path::Path;
use std::process::Command;

use dm_syncml::tables;
use dm_wbxml::Vocabulary;

use super::tree::{Child, Tree, octets};
use crate::corpus::reading::{Reading, read_octets};
use crate::program::run;

/// A peculiarity of libwbxml.
#[derive(Debug)]
pub struct Reason {
    pub name: &'static str,
    pub says: &'static str,
    pub proof: Proof,
}

/// How a reason proves that it is the one.
#[derive(Debug)]
pub enum Proof {
    /// When this is forgotten on both sides, both say the same.
    Forgotten(fn(&mut Tree, &'static Vocabulary)),
    /// Nothing comes out that could be compared, and this is seen in what comes out.
    Seen(fn(&Outcome<'_>) -> bool),
}

/// What came of one run.
#[derive(Debug)]
pub struct Outcome<'o> {
    /// What the tool said.
    pub said: &'o str,
    /// What it wrote.
    pub octets: &'o [u8],
    /// The file that it wrote.
    pub file: &'o Path,
    /// How we read that, or the rule that it breaks.
    pub reading: Result<Reading, &'static str>,
}

const fn forgotten(
    name: &'static str,
    says: &'static str,
    forget: fn(&mut Tree, &'static Vocabulary),
) -> Reason {
    Reason { name, says, proof: Proof::Forgotten(forget) }
}

const fn seen(name: &'static str, says: &'static str, is_seen: fn(&Outcome<'_>) -> bool) -> Reason {
    Reason { name, says, proof: Proof::Seen(is_seen) }
}

/// Those of wbxml2xml.
pub const READER: &[Reason] = &[
    seen(
        "pieces",
        "of a text that comes in pieces it makes CDATA sections inside one another",
        |outcome| {
            let text = String::from_utf8_lossy(outcome.octets);
            let mut sections = text.split("<![CDATA[").skip(1);
            let nested = sections.any(|section| !section.contains("]]>"));
            outcome.reading.is_err() && nested
        },
    ),
    seen("raw octets", "it writes octets into XML text as they are", |outcome| {
        outcome.reading.is_err() && std::str::from_utf8(outcome.octets).is_err()
    }),
    seen("CDATA end", "it does not divide `]]>` in a CDATA section", |outcome| {
        let text = String::from_utf8_lossy(outcome.octets);
        let in_sections = text.split("<![CDATA[").skip(1);
        let ended_early = in_sections.filter_map(|section| section.split_once("]]>"));
        outcome.reading.is_err() && { ended_early }.any(|(_, after)| !after.starts_with("</"))
    }),
    EMBEDDED,
    LITERALS,
    SPACES,
    forgotten(
        "page 2",
        "in a message it calls each element of code page 2 `unknown`",
        |tree, _| {
            tree.each(&mut |element| {
                if element.space == tables::DDF.pages[2].namespace() || element.name == "unknown" {
                    (element.space, element.name) = (String::new(), "unknown".to_owned());
                }
            });
        },
    ),
];

/// Those of xml2wbxml.
pub const WRITER: &[Reason] = &[
    seen("no table", "without a string table it writes no name that has no token", |outcome| {
        outcome.said.contains("can't encode Literal")
    }),
    seen(
        "table length",
        "it counts its string table wrong; wbxml2xml cannot read the document either",
        |outcome| {
            let text = outcome.file.with_extension("again");
            let deviates =
                outcome.reading.as_ref().map_or(true, |found| !found.deviations.is_empty());
            let again = run(Command::new("wbxml2xml").arg("-o").arg(text).arg(outcome.file));
            deviates && again.code != 0
        },
    ),
    EMBEDDED,
    LITERALS,
    SPACES,
    forgotten(
        "line ends",
        "it writes each line end in Data as carriage return and line feed",
        |tree, _| {
            each_data(tree, |data| {
                if let Some(text) = data.text().map(|text| text.replace("\r\n", "\n")) {
                    data.set_text(text);
                }
            });
        },
    ),
    BASE64_TWICE,
    forgotten(
        "undeclared octets",
        "it makes octets of a document in Data though no Type says so, so they are read as text; \
         what stands in them is not compared",
        |tree, _| {
            each_data(tree, |data| {
                let is_mangled = data.text().is_some_and(|text| text.contains('\u{FFFD}'));
                if is_mangled || data.elements().next().is_some() {
                    data.children.clear();
                }
            });
        },
    ),
];

/// Of the oracle too, see `every_spelling`.
pub const BASE64_TWICE: Reason =
    forgotten("base64 twice", "it makes base64 of text that is base64 already", |tree, _| {
        each_data(tree, |data| {
            while let Some(inner) = data.text().and_then(octets) {
                let Ok(text) = String::from_utf8(inner) else { break };
                if text.is_empty() || octets(&text).is_none() {
                    break;
                }
                data.set_text(text);
            }
        });
    });

const LITERALS: Reason = forgotten(
    "literal names",
    "an element without a token loses its namespace and its attributes",
    |tree, language| tree.forget_literals(language, ""),
);

const SPACES: Reason = forgotten(
    "white space",
    "it drops white space around a text, and text of nothing else",
    |tree, _| {
        tree.each(&mut |element| {
            for child in &mut element.children {
                if let Child::Text(text) = child {
                    *text = text.trim().to_owned();
                }
            }
            element.children.retain(|child| !matches!(child, Child::Text(text) if text.is_empty()));
        });
    },
);

const EMBEDDED: Reason = forgotten(
    "embedded document",
    "a document in Data is in one form elements and in the other octets of their own, and its Type \
     ends in `+xml` or `+wbxml` accordingly; both have the same infoset",
    |tree, _| {
        tree.each(&mut |element| {
            if element.name == "Type"
                && let Some(kind) = element.text().and_then(|text| text.trim().strip_suffix("+xml"))
            {
                let kind = format!("{kind}+wbxml");
                element.set_text(kind);
            }
        });
        each_data(tree, |data| {
            let inner = data.text().and_then(octets);
            let inner = inner.and_then(|octets| read_octets(octets.leak()).ok());
            if let Some(inner) = inner.filter(|inner| inner.deviations.is_empty()) {
                data.children = vec![Child::Element(Tree::of(inner.document.root()))];
            }
        });
    },
);

/// Changes each `Data` of a message.
fn each_data(tree: &mut Tree, mut change: impl FnMut(&mut Tree)) {
    tree.each(&mut |element| {
        if element.name == "Data" && element.space.starts_with("SYNCML:") {
            change(element);
        }
    });
}
