//! SyncML 1.0, 1.1 and 1.2: page 0, with MetInf on page 1 and DDF on page 2.
//! [SyncML 1.0, 1.1 and 1.2, Representation Protocol], [wire facts §4]

use dm_tnds::tables as ddf;
use dm_wbxml::{CodePage, Vocabulary};

use super::{met_inf, prefix};

/// The namespace of SyncML 1.2, the only one of a sessionless message.
pub const SYNCML_1_2: &str = "SYNCML:SYNCML1.2";
/// The namespace of SyncML 1.1: read by tools, refused at the header.
pub const SYNCML_1_1: &str = "SYNCML:SYNCML1.1";
/// The namespace of SyncML 1.0: read by tools, refused at the header.
pub const SYNCML_1_0: &str = "SYNCML:SYNCML1.0";

/// The names of page 0, in the order of their tokens from 05 on; 30 is reserved.
pub(super) const NAMES: &[&str] = &[
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

static PAGES_1_2: [CodePage; 3] =
    [CodePage::new(0, SYNCML_1_2, NAMES), met_inf::PAGE_1_2, ddf::PAGE];

/// SyncML 1.1 ends with `MoreData`.
static PAGES_1_1: [CodePage; 3] =
    [CodePage::new(0, SYNCML_1_1, prefix(NAMES, 0x34)), met_inf::PAGE_1_1, ddf::PAGE];

/// SyncML 1.0 ends with `VerProto`.
static PAGES_1_0: [CodePage; 3] =
    [CodePage::new(0, SYNCML_1_0, prefix(NAMES, 0x32)), met_inf::PAGE_1_0, ddf::PAGE];

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
