//! MetInf 1.0, 1.1 and 1.2: page 1 of SyncML, and of a document of its own.
//! [SyncML 1.0, 1.1 and 1.2, Meta-Information], [wire facts §4]
//!
//! A stand-alone document keeps the number of the page, as a stand-alone DDF does: it begins with
//! a switch to page 1. Page 0 of such a document has no tokens.

use dm_wbxml::{CodePage, Vocabulary};

use super::prefix;

/// The namespace of meta-information.
pub const METINF: &str = "syncml:metinf";

/// The names of page 1, in the order of their tokens from 05 on.
const NAMES: &[&str] = &[
    "Anchor",
    "EMI",
    "Format",
    "FreeID",
    "FreeMem",
    "Last",
    "Mark",
    "MaxMsgSize",
    "Mem",
    "MetInf",
    "Next",
    "NextNonce",
    "SharedMem",
    "Size",
    "Type",
    "Version",
    "MaxObjSize",
    "FieldLevel",
];

pub(super) const PAGE_1_2: CodePage = CodePage::new(1, METINF, NAMES);
/// MetInf 1.1 ends with `MaxObjSize`.
pub(super) const PAGE_1_1: CodePage = CodePage::new(1, METINF, prefix(NAMES, 0x15));
/// MetInf 1.0 ends with `Version`.
pub(super) const PAGE_1_0: CodePage = CodePage::new(1, METINF, prefix(NAMES, 0x14));

static PAGES_1_2: [CodePage; 1] = [PAGE_1_2];
static PAGES_1_1: [CodePage; 1] = [PAGE_1_1];
static PAGES_1_0: [CodePage; 1] = [PAGE_1_0];

/// A stand-alone MetInf 1.2 document.
pub static METINF_1_2: Vocabulary = Vocabulary {
    number: 0x1202,
    text: "-//SYNCML//DTD MetInf 1.2//EN",
    pages: &PAGES_1_2,
    attributes: &[],
};

/// A stand-alone MetInf 1.1 document; it has no registered number.
pub static METINF_1_1: Vocabulary = Vocabulary {
    number: 0,
    text: "-//SYNCML//DTD MetInf 1.1//EN",
    pages: &PAGES_1_1,
    attributes: &[],
};

/// A stand-alone MetInf 1.0 document; it has no registered number.
pub static METINF_1_0: Vocabulary = Vocabulary {
    number: 0,
    text: "-//SYNCML//DTD MetInf 1.0//EN",
    pages: &PAGES_1_0,
    attributes: &[],
};
