//! Namespaces, code pages and public identifiers of SyncML and its companions: what
//! `docs/code-pages.md` shows. [SyncML 1.2], [wire facts §3, §4]

mod compact;
mod dev_inf;
mod met_inf;
mod shortest;
mod syncml;
#[cfg(test)]
mod tests;

use dm_wbxml::{Languages, Vocabulary};

pub use compact::{
    ANY_SPELLING, COMPACT_OR_INTEROP, DS, DSIG11, SYNCML_COMPACT, SYNCML_SHORTEST, XENC, XENC11,
};
pub use dev_inf::{DEVINF, DEVINF_1_0, DEVINF_1_1, DEVINF_1_2};
pub use met_inf::{METINF, METINF_1_0, METINF_1_1, METINF_1_2};
pub use syncml::{DDF, SYNCML, SYNCML_1_0, SYNCML_1_1, SYNCML_1_2, SYNCML_OLD_1_0, SYNCML_OLD_1_1};

/// The languages of a message and of the documents inside it. [profile §2]
pub static LANGUAGES: Languages = Languages {
    known: &[&SYNCML, &SYNCML_OLD_1_1, &SYNCML_OLD_1_0, &DDF],
    foreign: &[
        DEVINF_1_0.text,
        DEVINF_1_1.text,
        DEVINF_1_2.text,
        METINF_1_0.text,
        METINF_1_1.text,
        METINF_1_2.text,
        "-//WAPFORUM//DTD PROV 1.0//EN",
    ],
};

/// Every vocabulary of SyncML, for tools that show documents; the first one is taken when a
/// document does not say its language. A message knows [`LANGUAGES`] only.
///
/// ```
/// use dm_syncml::tables::{ALL, DEVINF};
/// use dm_wbxml::Languages;
/// static LENIENT: Languages = Languages { known: &ALL, foreign: &[] };
/// let dev_inf = LENIENT.by_number(0x1203).unwrap();
/// assert_eq!(dev_inf.token(DEVINF, "DevInf"), Some((0, 0x0A)));
/// ```
pub static ALL: [&Vocabulary; 10] = [
    &SYNCML,
    &SYNCML_OLD_1_1,
    &SYNCML_OLD_1_0,
    &DDF,
    &METINF_1_2,
    &METINF_1_1,
    &METINF_1_0,
    &DEVINF_1_2,
    &DEVINF_1_1,
    &DEVINF_1_0,
];

/// The names up to that of `last`: the vocabulary of an older version.
const fn prefix(names: &'static [&'static str], last: usize) -> &'static [&'static str] {
    names.split_at(last - 0x05 + 1).0
}
