//! All languages together, for showing documents; a device knows fewer.

use dm_prov::PROV;
use dm_syncml::tables::ALL;
use dm_wbxml::{Languages, Vocabulary};

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
    let text = text.split_once("//DTD ").map_or(text, |(_, rest)| rest);
    text.strip_suffix("//EN").unwrap_or(text)
}
