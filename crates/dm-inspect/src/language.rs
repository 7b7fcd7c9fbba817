//! All languages together, for showing documents; a device knows fewer.

use dm_prov::PROV;
use dm_syncml::tables::{ALL, SYNCML_SHORTEST};
use dm_wbxml::{Charset, ErrorKind, Languages, MbUInt32, Source, Token, Vocabulary};
use dm_xml::{Lenient, Limits};

/// SyncML, MetInf, DevInf and DDF of all versions, with the private pages of all spellings,
/// and client provisioning.
pub(crate) static LANGUAGES: Languages = Languages { known: &KNOWN, foreign: &[] };

static KNOWN: [&Vocabulary; ALL.len() + 1] = {
    // The first one is taken for documents that do not say their language.
    let mut known = [&PROV; ALL.len() + 1];
    let mut at = 0;
    while at < ALL.len() {
        known[at] = ALL[at];
        at += 1;
    }
    known[0] = &SYNCML_SHORTEST; // SyncML 1.2, and more
    known
};

/// How people call a language.
pub(crate) fn name(vocabulary: &Vocabulary) -> &'static str {
    let text = vocabulary.text.strip_prefix("-//").unwrap_or(vocabulary.text);
    let text =
        text.split_once("//DTD").map_or(text, |(_, rest)| rest.trim_start_matches([' ', '-']));
    text.strip_suffix("//EN").unwrap_or(text)
}

/// Version, language and charset, as far as the head can be read, and how sure the language is.
pub(crate) fn describe(octets: &[u8]) -> String {
    let (limits, mut lenient) = (Limits::generous(), Lenient::default());
    let source = match Source::new_lenient(octets, &LANGUAGES, &limits, &mut lenient) {
        Ok(source) => source,
        Err(error) => return format!("unreadable: {error}"),
    };
    let is_foreign =
        lenient.deviations().iter().any(|error| error.kind == ErrorKind::PublicIdentifier);
    let mut said = name(source.vocabulary()).to_owned();
    if is_foreign {
        said = format!("an unknown language, read as {said}");
    } else if !is_named(octets, &source) {
        said = format!("no language named, read as {said}");
    }
    if is_foreign || !is_named(octets, &source) {
        said += &doubt(&source);
    }
    format!("1.{}, {said}, {}", source.version_octet(), charset(source.charset()))
}

/// Whether the public identifier is that of the language, and not one that anything may have.
fn is_named(octets: &[u8], source: &Source<'_, Lenient<dm_wbxml::Error>>) -> bool {
    let rest = octets.get(1..).unwrap_or_default();
    match MbUInt32::decode(rest) {
        Some((MbUInt32(0), length)) => {
            let offset = MbUInt32::decode(rest.get(length..).unwrap_or_default());
            offset.and_then(|(offset, _)| source.string(offset.0)) == Some(source.vocabulary().text)
        }
        Some((MbUInt32(number), _)) => number != 1,
        None => false,
    }
}

/// What speaks against the language that was taken: another root than its documents have.
fn doubt(source: &Source<'_, Lenient<dm_wbxml::Error>>) -> String {
    let (mut tokens, mut page) = (source.tokens(), 0);
    loop {
        match tokens.next() {
            Ok(Token::SwitchPage(number)) => page = number,
            Ok(Token::Tag { identity, .. }) => {
                let page = source.vocabulary().page(page);
                let whole = page.and_then(|page| page.skeleton(identity));
                let whole = whole.map(|skeleton| skeleton.shape.root.local);
                return match whole.or_else(|| page?.name(identity)) {
                    Some("SyncML" | "MgmtTree" | "MetInf" | "EncryptedData") => String::new(),
                    Some(root) => format!(" (its root would be {root}: names may be wrong)"),
                    None => " (which has no such root: names may be wrong)".to_owned(),
                };
            }
            _ => return String::new(),
        }
    }
}

/// The registered name of a charset.
pub(crate) fn charset(charset: Charset) -> &'static str {
    match charset {
        Charset::Ascii => "US-ASCII",
        Charset::Latin1 => "ISO-8859-1",
        Charset::Utf8 => "UTF-8",
    }
}
