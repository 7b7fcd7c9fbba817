//! All languages together, for showing documents; a device knows fewer.

use dm_prov::PROV;
use dm_syncml::tables::ALL;
use dm_wbxml::{Charset, Languages, Vocabulary};

/// SyncML, MetInf, DevInf and DDF of all versions, and client provisioning.
pub(crate) static LANGUAGES: Languages = Languages { known: &KNOWN, foreign: &[] };

static KNOWN: [&Vocabulary; ALL.len() + 1] = {
    // The first one is taken for documents that do not say their language.
    let mut known = [&PROV; ALL.len() + 1];
    let mut at = 0;
    while at < ALL.len() {
        known[at] = ALL[at];
        at += 1;
    }
    known
};

/// How people call a language.
pub(crate) fn name(vocabulary: &Vocabulary) -> &'static str {
    let text = vocabulary.text.strip_prefix("-//").unwrap_or(vocabulary.text);
    let text =
        text.split_once("//DTD").map_or(text, |(_, rest)| rest.trim_start_matches([' ', '-']));
    text.strip_suffix("//EN").unwrap_or(text)
}

/// The registered name of a charset.
pub(crate) fn charset(charset: Charset) -> &'static str {
    match charset {
        Charset::Ascii => "US-ASCII",
        Charset::Latin1 => "ISO-8859-1",
        Charset::Utf8 => "UTF-8",
    }
}
