//! DevInf 1.0, 1.1 and 1.2: documents of their own, with a page 0 of their own.
//! [SyncML 1.0, 1.1 and 1.2, Device Information]

use dm_wbxml::{CodePage, Vocabulary};

use super::prefix;

/// The namespace of device information, in all versions.
pub const DEVINF: &str = "syncml:devinf";

/// The names of 1.2, in the order of their tokens from 05 on; 2F is reserved.
const NAMES: &[&str] = &[
    "CTCap",
    "CTType",
    "DataStore",
    "DataType",
    "DevID",
    "DevInf",
    "DevTyp",
    "DisplayName",
    "DSMem",
    "Ext",
    "FwV",
    "HwV",
    "Man",
    "MaxGUIDSize",
    "MaxID",
    "MaxMem",
    "Mod",
    "OEM",
    "ParamName",
    "PropName",
    "Rx",
    "Rx-Pref",
    "SharedMem",
    "MaxSize",
    "SourceRef",
    "SwV",
    "SyncCap",
    "SyncType",
    "Tx",
    "Tx-Pref",
    "ValEnum",
    "VerCT",
    "VerDTD",
    "XNam",
    "XVal",
    "UTC",
    "SupportNumberOfChanges",
    "SupportLargeObjs",
    "Property",
    "PropParam",
    "MaxOccur",
    "NoTruncate",
    "",
    "Filter-Rx",
    "FilterCap",
    "FilterKeyword",
    "FieldLevel",
    "SupportHierarchicalSync",
];

/// The names of 1.1: what 1.2 calls `MaxSize` is `Size`, and `SupportLargeObjs` is the last.
const NAMES_1_1: [&str; 0x2A - 0x05 + 1] = {
    let mut names = [""; 0x2A - 0x05 + 1];
    let mut at = 0;
    while at < names.len() {
        names[at] = NAMES[at];
        at += 1;
    }
    names[0x1C - 0x05] = "Size";
    names
};

static PAGES_1_2: [CodePage; 1] = [CodePage::new(0, DEVINF, NAMES)];
static PAGES_1_1: [CodePage; 1] = [CodePage::new(0, DEVINF, &NAMES_1_1)];
/// DevInf 1.0 ends with `XVal`.
static PAGES_1_0: [CodePage; 1] = [CodePage::new(0, DEVINF, prefix(&NAMES_1_1, 0x27))];

/// A DevInf 1.2 document.
pub static DEVINF_1_2: Vocabulary = Vocabulary {
    number: 0x1203,
    text: "-//SYNCML//DTD DevInf 1.2//EN",
    pages: &PAGES_1_2,
    attributes: &[],
};

/// A DevInf 1.1 document.
pub static DEVINF_1_1: Vocabulary = Vocabulary {
    number: 0x0FD4,
    text: "-//SYNCML//DTD DevInf 1.1//EN",
    pages: &PAGES_1_1,
    attributes: &[],
};

/// A DevInf 1.0 document.
pub static DEVINF_1_0: Vocabulary = Vocabulary {
    number: 0x0FD2,
    text: "-//SYNCML//DTD DevInf 1.0//EN",
    pages: &PAGES_1_0,
    attributes: &[],
};
