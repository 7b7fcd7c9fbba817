//! Every kind of error by hand-made octets: what the strict reader says of them, and what the
//! lenient one makes of them.
//!
//! `kinds!` is a match without wildcard over all kinds: a new one does not compile before it has
//! cases here.

mod content;
mod head;
mod markup;
mod skeleton;

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_xml::{Lenient, Limits, canonical};

use crate::{AttributePage, CodePage, Error, ErrorKind, Languages, OctetRule, Source, Vocabulary};

static PAGES: [CodePage; 2] =
    [CodePage::new(0, "urn:p0", &["A", "B", "Bin"]), CodePage::new(1, "urn:p1", &["C"])];
static ATTRIBUTES: [AttributePage; 1] =
    [AttributePage::new(0, &[(0x05, "n", ""), (0x06, "n", "pre")], &[(0x85, "val")])];
static PLAIN: Vocabulary =
    Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
static WITH_ATTRIBUTES: Vocabulary =
    Vocabulary { number: 0x7E, text: "-//Y//EN", pages: &PAGES, attributes: &ATTRIBUTES };
static LANGUAGES: Languages =
    Languages { known: &[&PLAIN, &WITH_ATTRIBUTES, &skeleton::WHOLE], foreign: &["-//F//EN"] };

/// The content of `Bin` is octets.
#[derive(Clone, Default)]
struct InBin(Vec<bool>);

impl OctetRule for InBin {
    fn start(&mut self, _: &str, local: &str) {
        self.0.push(local == "Bin");
    }
    fn text(&mut self, _: &str) {}
    fn end(&mut self) {
        self.0.pop();
    }
    fn is_octets(&self) -> bool {
        self.0.last().is_some_and(|is_bin| *is_bin)
    }
}

/// Octets that deviate.
struct Case {
    /// Hexadecimal; text stands in quotes.
    octets: &'static str,
    /// What the lenient reader lists: kind, offset, page. The strict one says the first of them.
    met: &'static [(ErrorKind, usize, u8)],
    then: Then,
}

enum Then {
    /// The lenient reader shows this canonical text.
    Shows(&'static str),
    /// The strict reader reads it too, as this.
    BothShow(&'static str),
    /// The lenient reader says this, after what it listed; the strict one too, when nothing is.
    Fails(ErrorKind, usize, u8),
}

macro_rules! kinds {
    ($($kind:ident by $cases:path;)*) => {
        fn name(kind: ErrorKind) -> &'static str {
            match kind {
                $(ErrorKind::$kind { .. } => stringify!($kind),)*
            }
        }

        const KINDS: &[(&str, &[Case])] = &[$((stringify!($kind), $cases),)*];
    };
}

kinds! {
    AttributeOnToken by markup::ATTRIBUTE_ON_TOKEN;
    AttributeTwice by markup::ATTRIBUTE_TWICE;
    AttributeToken by markup::ATTRIBUTE_TOKEN;
    Character by content::CHARACTER;
    Charset by head::CHARSET;
    ContentAfterRoot by content::CONTENT_AFTER_ROOT;
    EndsEarly by content::ENDS_EARLY;
    Extension by content::EXTENSION;
    Limit by content::LIMIT;
    LiteralHasToken by markup::LITERAL_HAS_TOKEN;
    LiteralName by markup::LITERAL_NAME;
    LiteralNamespace by markup::LITERAL_NAMESPACE;
    MbUInt32 by head::MB_U_INT_32;
    Namespace by markup::NAMESPACE;
    NotText by content::NOT_TEXT;
    NoRoot by content::NO_ROOT;
    OctetsBesideContent by content::OCTETS_BESIDE_CONTENT;
    ProcessingInstruction by content::PROCESSING_INSTRUCTION;
    PublicIdentifier by head::PUBLIC_IDENTIFIER;
    Skeleton by skeleton::SKELETON;
    StringTable by head::STRING_TABLE;
    StringTableEnd by head::STRING_TABLE_END;
    UnknownPage by markup::UNKNOWN_PAGE;
    UnknownTag by markup::UNKNOWN_TAG;
    Version by head::VERSION;
}

/// So small that a hand-made document passes each of them.
const LIMITS: Limits =
    Limits { octets: 40, depth: 3, elements: 5, attributes: 2, text: 24, nested: 0 };

fn octets(case: &str) -> Vec<u8> {
    let octet = |word: &str| u8::from_str_radix(word, 16).expect("hexadecimal");
    let piece = |word: &str| match word.strip_prefix('\'') {
        Some(text) => text.trim_end_matches('\'').bytes().collect(),
        None => alloc::vec![octet(word)],
    };
    case.split_whitespace().flat_map(piece).collect()
}

fn strict(octets: &[u8]) -> Result<String, Error> {
    let source = Source::new(octets, &LANGUAGES, &LIMITS)?;
    source.decode(InBin::default(), &LIMITS).map(|document| canonical::text(&document))
}

fn lenient(octets: &[u8]) -> (Result<String, Error>, Vec<Error>) {
    let mut told = Lenient::default();
    let read = |told: &mut Lenient<Error>| {
        let source = Source::new_lenient(octets, &LANGUAGES, &LIMITS, told)?;
        source.decode(InBin::default(), &LIMITS, told).map(|document| canonical::text(&document))
    };
    let read = read(&mut told);
    (read, told.into_deviations())
}

fn error(&(kind, offset, page): &(ErrorKind, usize, u8)) -> Error {
    Error { kind, offset, page }
}

#[test]
fn every_kind_has_cases_and_each_is_told_exactly() {
    for (kind, of_kind) in KINDS {
        assert!(!of_kind.is_empty(), "{kind} has no case");
        for case in *of_kind {
            let octets = octets(case.octets);
            let (read, told) = lenient(&octets);
            let met: Vec<Error> = case.met.iter().map(error).collect();
            assert_eq!(told, met, "{kind}: {}", case.octets);
            let first = match case.then {
                Then::Shows(text) => {
                    assert_eq!(read.as_deref(), Ok(text), "{kind}: {}", case.octets);
                    assert_eq!(strict(&octets), Err(met[0]), "{kind}: {}", case.octets);
                    met[0]
                }
                Then::BothShow(text) => {
                    assert_eq!(read.as_deref(), Ok(text), "{kind}: {}", case.octets);
                    assert_eq!(strict(&octets).as_deref(), Ok(text), "{kind}: {}", case.octets);
                    met[0]
                }
                Then::Fails(last, offset, page) => {
                    let last = error(&(last, offset, page));
                    assert_eq!(read, Err(last), "{kind}: {}", case.octets);
                    let first = met.first().copied().unwrap_or(last);
                    assert_eq!(strict(&octets), Err(first), "{kind}: {}", case.octets);
                    first
                }
            };
            assert_eq!(name(first.kind), *kind, "{}", case.octets);
            let said = first.to_string();
            let place = alloc::format!("at octet {} (code page {})", first.offset, first.page);
            assert!(said.starts_with(&first.kind.to_string()) && said.ends_with(&place), "{said}");
        }
    }
}
