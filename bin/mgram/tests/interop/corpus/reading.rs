//! A document as it is: its infoset by the lenient profile, and the rules that it breaks.

use std::collections::BTreeMap;

use dm_prov::PROV;
use dm_syncml::MetaRule;
use dm_syncml::tables;
use dm_wbxml::{ErrorKind, Languages, Source, Vocabulary};
use dm_xml::{Assembly, Document, Lenient, Limits, Profile, Stopped, XmlError, canonical};

use super::{File, rules};

/// Every language there is a vocabulary of.
pub static EVERY: Languages = Languages {
    known: &[
        &tables::SYNCML,
        &tables::SYNCML_OLD_1_1,
        &tables::SYNCML_OLD_1_0,
        &tables::DDF,
        &tables::METINF_1_2,
        &tables::METINF_1_1,
        &tables::METINF_1_0,
        &tables::DEVINF_1_2,
        &tables::DEVINF_1_1,
        &tables::DEVINF_1_0,
        &PROV,
    ],
    foreign: &[],
};

/// How often each rule is broken.
pub type Deviations = BTreeMap<&'static str, usize>;

/// What the lenient profile makes of a document.
#[derive(Debug)]
pub struct Reading {
    pub document: Document<'static>,
    /// Its language, where we have one for it.
    pub language: Option<&'static Vocabulary>,
    pub deviations: Deviations,
}

/// Reads a document; where that is impossible, the rule that it breaks.
pub fn read(file: &File) -> Result<Reading, &'static str> {
    if file.is_wbxml() { read_octets(file.octets) } else { read_text(file.octets) }
}

/// Reads XML text.
pub fn read_text(text: &'static [u8]) -> Result<Reading, &'static str> {
    let (mut counting, mut assembly) = (Counting::default(), Assembly::with_capacity(64));
    let read = dm_xml::read(text, &Limits::generous(), &mut counting, &mut assembly);
    let stopped = read.map_err(Stopped::into_input);
    let strict = dm_xml::parse(text, &Limits::generous());
    let is_strict = stopped.is_ok() && counting.0.is_empty();
    assert_eq!(strict.is_ok(), is_strict, "what has no deviation is strict: {:?}", counting.0);
    stopped.map_err(|error| rules::of_text(&error.kind))?;
    let document = assembly.finish().expect("a root element");
    let language = language(text, &document);
    Ok(Reading { document, language, deviations: counting.0 })
}

/// Reads WBXML, of any language.
pub fn read_octets(octets: &'static [u8]) -> Result<Reading, &'static str> {
    let (limits, mut lenient) = (Limits::generous(), Lenient::default());
    let source = Source::new_lenient(octets, &EVERY, &limits, &mut lenient);
    let source = Box::leak(Box::new(source.map_err(|error| rules::of_octets(&error.kind))?));
    let document = source.decode(MetaRule::default(), &limits, &mut lenient);
    let document = document.map_err(|error| rules::of_octets(&error.kind))?;
    let met = lenient.deviations();
    let refused = met.iter().filter(|met| met.kind != ErrorKind::StringTableEnd).count();
    assert_eq!(strict(octets).is_some(), refused == 0, "{met:?}");
    assert_eq!(lenient.unlisted(), 0, "all are listed");
    let mut deviations = Deviations::new();
    for met in met {
        *deviations.entry(rules::of_octets(&met.kind)).or_default() += 1;
    }
    // Tokens of a language of its own, under the number for "unknown", have names that mean nothing.
    let language = ROOTS.contains(&document.root().local()).then(|| source.vocabulary());
    Ok(Reading { document, language, deviations })
}

/// The canonical text of WBXML by the strict profile, in any language.
pub fn strict(octets: &[u8]) -> Option<String> {
    let source = Source::new(octets, &EVERY, &Limits::generous()).ok()?;
    let document = source.decode(MetaRule::default(), &Limits::generous()).ok()?;
    Some(canonical::text(&document))
}

const ROOTS: [&str; 5] = ["SyncML", "MgmtTree", "DevInf", "MetInf", "wap-provisioningdoc"];

/// The language of XML text: by its document type, its namespace, or the version that it names.
fn language(text: &[u8], document: &Document<'_>) -> Option<&'static Vocabulary> {
    let root = document.root();
    let text = String::from_utf8_lossy(text);
    let (prolog, _) = text.split_once(&format!("<{}", root.local()))?;
    let of_prolog = EVERY.known.iter().find(|vocabulary| prolog.contains(vocabulary.text));
    if let Some(vocabulary) = of_prolog {
        return Some(vocabulary);
    }
    let number = match (root.namespace(), root.local()) {
        (_, "MgmtTree") => return Some(&tables::DDF),
        (tables::SYNCML_1_0, _) => "1.0".into(),
        (tables::SYNCML_1_1, _) => "1.1".into(),
        (tables::SYNCML_1_2, _) => "1.2".into(),
        _ => match root.walk().find(|element| element.local() == "VerDTD") {
            Some(version) => version.text(),
            None => "1.2".into(),
        },
    };
    let text = format!("-//SYNCML//DTD {} {}//EN", root.local(), number.trim());
    EVERY.known.iter().copied().find(|vocabulary| vocabulary.text == text)
}

/// The lenient profile, without a list: how often each rule is broken. `Lenient` lists a thousand
/// deviations and counts the others without their rules; the corpus has a document of 1,269.
#[derive(Debug, Default)]
struct Counting(Deviations);

impl Profile<XmlError> for Counting {
    fn met(&mut self, deviation: XmlError) -> Result<(), XmlError> {
        *self.0.entry(rules::of_text(&deviation.kind)).or_default() += 1;
        Ok(())
    }
}
