//! Namespaces, code pages and public identifiers of SyncML. [SyncML 1.2], [wire facts §3, §4]

use dm_tnds::tables as ddf;
use dm_wbxml::{CodePage, Languages, Vocabulary};

/// The namespace of SyncML 1.2, the only one of a sessionless message.
pub const SYNCML_1_2: &str = "SYNCML:SYNCML1.2";
/// The namespace of SyncML 1.1: read by tools, refused at the header.
pub const SYNCML_1_1: &str = "SYNCML:SYNCML1.1";
/// The namespace of SyncML 1.0: read by tools, refused at the header.
pub const SYNCML_1_0: &str = "SYNCML:SYNCML1.0";
/// The namespace of meta-information.
pub const METINF: &str = "syncml:metinf";

/// The names of page 0, in the order of their tokens from 05 on; 30 is reserved.
const SYNCML_NAMES: &[&str] = &[
    "Add",
    "Alert",
    "Archive",
    "Atomic",
    "Chal",
    "Cmd",
    "CmdID",
    "CmdRef",
    "Copy",
    "Cred",
    "Data",
    "Delete",
    "Exec",
    "Final",
    "Get",
    "Item",
    "Lang",
    "LocName",
    "LocURI",
    "Map",
    "MapItem",
    "Meta",
    "MsgID",
    "MsgRef",
    "NoResp",
    "NoResults",
    "Put",
    "Replace",
    "RespURI",
    "Results",
    "Search",
    "Sequence",
    "SessionID",
    "SftDel",
    "Source",
    "SourceRef",
    "Status",
    "Sync",
    "SyncBody",
    "SyncHdr",
    "SyncML",
    "Target",
    "TargetRef",
    "",
    "VerDTD",
    "VerProto",
    "NumberOfChanges",
    "MoreData",
    "Field",
    "Filter",
    "Record",
    "FilterType",
    "SourceParent",
    "TargetParent",
    "Move",
    "Correlator",
];

/// The names of page 1, in the order of their tokens from 05 on.
const METINF_NAMES: &[&str] = &[
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

static PAGES_1_2: [CodePage; 3] =
    [CodePage::new(0, SYNCML_1_2, SYNCML_NAMES), CodePage::new(1, METINF, METINF_NAMES), ddf::PAGE];

/// SyncML 1.1 ends with `MoreData`, its MetInf with `MaxObjSize`.
static PAGES_1_1: [CodePage; 3] = [
    CodePage::new(0, SYNCML_1_1, SYNCML_NAMES.split_at(0x34 - 0x05 + 1).0),
    CodePage::new(1, METINF, METINF_NAMES.split_at(0x15 - 0x05 + 1).0),
    ddf::PAGE,
];

/// SyncML 1.0 ends with `VerProto`, its MetInf with `Version`.
static PAGES_1_0: [CodePage; 3] = [
    CodePage::new(0, SYNCML_1_0, SYNCML_NAMES.split_at(0x32 - 0x05 + 1).0),
    CodePage::new(1, METINF, METINF_NAMES.split_at(0x14 - 0x05 + 1).0),
    ddf::PAGE,
];

/// SyncML 1.2 with MetInf and DDF.
pub static SYNCML: Vocabulary = Vocabulary {
    number: 0x1201,
    text: "-//SYNCML//DTD SyncML 1.2//EN",
    pages: &PAGES_1_2,
    attributes: &[],
};

/// SyncML 1.1.
pub static SYNCML_OLD_1_1: Vocabulary = Vocabulary {
    number: 0x0FD3,
    text: "-//SYNCML//DTD SyncML 1.1//EN",
    pages: &PAGES_1_1,
    attributes: &[],
};

/// SyncML 1.0.
pub static SYNCML_OLD_1_0: Vocabulary = Vocabulary {
    number: 0x0FD1,
    text: "-//SYNCML//DTD SyncML 1.0//EN",
    pages: &PAGES_1_0,
    attributes: &[],
};

/// A stand-alone DDF or TNDS document: the same pages, its root on page 2.
pub static DDF: Vocabulary =
    Vocabulary { number: 0, text: ddf::PUBLIC_TEXT, pages: &PAGES_1_2, attributes: &[] };

/// The languages of a message and of the documents inside it. [profile §2]
pub static LANGUAGES: Languages = Languages {
    known: &[&SYNCML, &SYNCML_OLD_1_1, &SYNCML_OLD_1_0, &DDF],
    foreign: &[
        "-//SYNCML//DTD DevInf 1.0//EN",
        "-//SYNCML//DTD DevInf 1.1//EN",
        "-//SYNCML//DTD DevInf 1.2//EN",
        "-//SYNCML//DTD MetInf 1.0//EN",
        "-//SYNCML//DTD MetInf 1.1//EN",
        "-//SYNCML//DTD MetInf 1.2//EN",
        "-//WAPFORUM//DTD PROV 1.0//EN",
    ],
};

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    /// Tokens at the ends and around gaps, taken from the published tables.
    #[test]
    fn tokens_are_those_of_the_tables() {
        for (namespace, local, expected) in [
            (SYNCML_1_2, "Add", (0, 0x05)),
            (SYNCML_1_2, "TargetRef", (0, 0x2F)),
            (SYNCML_1_2, "VerDTD", (0, 0x31)),
            (SYNCML_1_2, "MoreData", (0, 0x34)),
            (SYNCML_1_2, "Correlator", (0, 0x3C)),
            (METINF, "Anchor", (1, 0x05)),
            (METINF, "EMI", (1, 0x06)),
            (METINF, "FieldLevel", (1, 0x16)),
            (ddf::NAMESPACE, "MgmtTree", (2, 0x20)),
            (ddf::NAMESPACE, "Node", (2, 0x24)),
            (ddf::NAMESPACE, "node", (2, 0x25)),
            (ddf::NAMESPACE, "ZeroOrOne", (2, 0x3C)),
        ] {
            assert_eq!(SYNCML.token(namespace, local), Some(expected), "{local}");
        }
        assert_eq!(SYNCML_OLD_1_1.token(SYNCML_1_1, "MoreData"), Some((0, 0x34)));
        assert_eq!(SYNCML_OLD_1_1.token(SYNCML_1_1, "Field"), None);
        assert_eq!(SYNCML_OLD_1_0.token(SYNCML_1_0, "VerProto"), Some((0, 0x32)));
        assert_eq!(SYNCML_OLD_1_0.token(SYNCML_1_0, "NumberOfChanges"), None);
        assert_eq!(PAGES_1_2[0].name(0x30), None);
    }

    #[test]
    fn the_table_in_the_docs_is_the_same() {
        let docs = include_str!("../../../docs/code-pages.md");
        for page in &PAGES_1_2 {
            for (token, name) in page.tokens() {
                let row = format!("| {} | {token:02X} | {name} |", page.number());
                assert!(docs.contains(&row), "docs/code-pages.md lacks: {row}");
            }
        }
    }
}
