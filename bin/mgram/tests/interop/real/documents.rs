//! Each document of the corpus: what our strict reader says of it, and how far it goes.

use Found::{Read, Refused};
use Onward::{Foreign, NotAMessage, Taken, Unfit};

/// A document, by its name below the corpus.
#[derive(Debug)]
pub struct Document {
    pub name: &'static str,
    pub found: Found,
    pub onward: Onward,
}

/// What `mgram encode` or `mgram decode` says of the file as it is.
#[derive(Debug)]
pub enum Found {
    Read,
    /// Refused, with this in the reason.
    Refused(&'static str),
}

/// How far it goes, mended where it has to be, with a header for our device.
#[derive(Debug)]
pub enum Onward {
    /// Not of SyncML at all: nothing to mend.
    Foreign,
    /// Read and written, but its root is not `SyncML`, so it is not sealed.
    NotAMessage,
    /// A message, not sealed for what stands here: data synchronization, or a broken header.
    Unfit(&'static str),
    /// Sealed and accepted: the status of each command, and the nodes that changed.
    Taken(&'static [u64], &'static [&'static str]),
}

/// XML with a DOCTYPE, which is not read: entities could be declared there.
const DOCTYPE: &str = "document type declaration";
/// XML without a namespace, for the DOCTYPE or the public identifier said it.
const NAMESPACE: &str = "namespace";
/// XML with an `&` that begins no reference: not well-formed.
const AMPERSAND: &str = "XML";
/// Tokens of a language of its own, under the public identifier "unknown".
const PRIVATE_TOKENS: &str = "character 0x5";
/// The public identifier of DevInf, or a document under one that we do not know.
const OTHER_LANGUAGE: &str = "another language";

const fn document(name: &'static str, found: Found, onward: Onward) -> Document {
    Document { name, found, onward }
}

/// All documents.
pub const DOCUMENTS: &[Document] = &[
    document("android-oma-dm/dm11__testadd.wbxml", Read, Taken(&[200], &["./TestLeafNode"])),
    document("android-oma-dm/dm11__testalertconfirmatomic.xml", Read, Taken(&[406, 215, 507], &[])),
    document(
        "android-oma-dm/dm11__testalertmultiplechoice.xml",
        Refused(AMPERSAND),
        Taken(&[406], &[]),
    ),
    document("android-oma-dm/dm11__testalerttextinput.xml", Refused(AMPERSAND), Taken(&[406], &[])),
    document("android-oma-dm/dm11__testexecscript.xml", Read, Taken(&[405], &[])),
    document("android-oma-dm/dm11__testexecscript2.xml", Read, Taken(&[405], &[])),
    document("android-oma-dm/dm11__testgetscript.xml", Read, Taken(&[200], &[])),
    document("android-oma-dm/dm12__testadd.wbxml", Read, Taken(&[200], &["./TestLeafNode"])),
    document("android-oma-dm/dm12__testalertconfirmatomic.xml", Read, Taken(&[406, 215, 507], &[])),
    document("android-oma-dm/dm12__testalertdisplay.xml", Read, Taken(&[200], &[])),
    document(
        "android-oma-dm/dm12__testalertmultiplechoice.xml",
        Refused(AMPERSAND),
        Taken(&[406], &[]),
    ),
    document("android-oma-dm/dm12__testdelete.wbxml", Read, Taken(&[404, 200], &["./TestLeaf"])),
    document("android-oma-dm/dm12__testget.wbxml", Read, Taken(&[200], &[])),
    document(
        "android-oma-dm/dm12__testnewdatatype.xml",
        Read,
        Taken(&[200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200, 200], &["./Test"]),
    ),
    document("android-oma-dm/dmt_data__customization.wbxml", Refused(PRIVATE_TOKENS), Foreign),
    document("android-oma-dm/dmt_data__customization.xml", Refused(NAMESPACE), NotAMessage),
    document("android-oma-dm/dmt_data__devdetail_uri.wbxml", Refused(PRIVATE_TOKENS), Foreign),
    document("android-oma-dm/dmt_data__devdetail_uri.xml", Refused(NAMESPACE), NotAMessage),
    document("android-oma-dm/dmt_data__root.wbxml", Refused(PRIVATE_TOKENS), Foreign),
    document("android-oma-dm/dmt_data__root.xml", Refused(NAMESPACE), NotAMessage),
    document("android-oma-dm/dmt_data__syncmldm.ddf", Refused(DOCTYPE), NotAMessage),
    document(
        "android-oma-dm/setting__dmt_data__customization.wbxml",
        Refused(PRIVATE_TOKENS),
        Foreign,
    ),
    document(
        "android-oma-dm/setting__dmt_data__customization.xml",
        Refused(NAMESPACE),
        NotAMessage,
    ),
    document(
        "android-oma-dm/setting__dmt_data__devdetail_uri.wbxml",
        Refused(PRIVATE_TOKENS),
        Foreign,
    ),
    document(
        "android-oma-dm/setting__dmt_data__devdetail_uri.xml",
        Refused(NAMESPACE),
        NotAMessage,
    ),
    document("android-oma-dm/setting__dmt_data__root.wbxml", Refused(PRIVATE_TOKENS), Foreign),
    document("android-oma-dm/setting__dmt_data__root.xml", Refused(NAMESPACE), NotAMessage),
    document("android-oma-dm/setting__dmt_data__syncmldm.ddf", Refused(DOCTYPE), NotAMessage),
    document("buteo-syncml/data__cmdhandler_get.txt", Read, Unfit("SyncHdr/SessionID")),
    document("buteo-syncml/data__devinf01.txt", Read, NotAMessage),
    document("buteo-syncml/data__resp.txt", Refused(NAMESPACE), Unfit("SyncBody/Sync")),
    document("buteo-syncml/data__respinvalid2.txt", Refused(NAMESPACE), Unfit("SyncML")),
    document("buteo-syncml/data__respinvalid4.txt", Refused(NAMESPACE), Taken(&[], &[])),
    document("buteo-syncml/data__respinvalid6.txt", Refused(NAMESPACE), Unfit("SyncBody")),
    document("buteo-syncml/data__syncml_init.txt", Refused(NAMESPACE), Taken(&[406, 406], &[])),
    document("buteo-syncml/data__syncml_resp2.txt", Refused(NAMESPACE), Unfit("SyncBody/Sync")),
    document("buteo-syncml/data__syncml_resp4.txt", Refused(NAMESPACE), Taken(&[406, 406], &[])),
    document("buteo-syncml/data__syncml_resp5.txt", Refused(NAMESPACE), Unfit("SyncBody/Map")),
    document(
        "buteo-syncml/data__transport_initrequest_nohdr.txt",
        Refused(NAMESPACE),
        Unfit("SyncBody/Put"),
    ),
    document("libwbxml/ddf__syncml_with_ddf-001.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("libwbxml/syncml__syncml-002.xml", Refused(DOCTYPE), Taken(&[406], &[])),
    document("libwbxml/syncml__syncml-004.xml", Refused(DOCTYPE), Taken(&[406], &[])),
    document("libwbxml/syncml__syncml-006.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("libwbxml/syncml__syncml-007.xml", Refused(DOCTYPE), Unfit("SyncBody/Map")),
    document("libwbxml/syncml__syncml-009.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("libwbxml/syncml__syncml-011.xml", Refused(DOCTYPE), NotAMessage),
    document("libwbxml/syncml__syncml-013.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("wbxml-stream/devinf__devinf-011.wbxml", Refused(OTHER_LANGUAGE), Foreign),
    document("wbxml-stream/devinf__devinf-011.xml", Refused(DOCTYPE), NotAMessage),
    document("wbxml-stream/syncml10__syncml-001.wbxml", Read, Taken(&[], &[])),
    document("wbxml-stream/syncml10__syncml-001.xml", Refused(DOCTYPE), Taken(&[], &[])),
    document("wbxml-stream/syncml10__syncml-003.wbxml", Read, Taken(&[], &[])),
    document("wbxml-stream/syncml10__syncml-003.xml", Refused(DOCTYPE), Taken(&[], &[])),
    document("wbxml-stream/syncml11__syncml-002.wbxml", Read, Taken(&[406], &[])),
    document("wbxml-stream/syncml11__syncml-002.xml", Refused(DOCTYPE), Taken(&[406], &[])),
    document("wbxml-stream/syncml11__syncml-004.wbxml", Read, Taken(&[406], &[])),
    document("wbxml-stream/syncml11__syncml-004.xml", Refused(DOCTYPE), Taken(&[406], &[])),
    document("wbxml-stream/syncml11__syncml-006.wbxml", Read, Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-006.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-007.wbxml", Read, Unfit("SyncBody/Map")),
    document("wbxml-stream/syncml11__syncml-007.xml", Refused(DOCTYPE), Unfit("SyncBody/Map")),
    document("wbxml-stream/syncml11__syncml-009.wbxml", Read, Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-009.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-013.wbxml", Read, Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-013.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-014.wbxml", Read, Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml11__syncml-014.xml", Refused(DOCTYPE), Unfit("SyncBody/Sync")),
    document("wbxml-stream/syncml12__syncml_with_ddf-001.wbxml", Read, Unfit("SyncBody/Sync")),
    document(
        "wbxml-stream/syncml12__syncml_with_ddf-001.xml",
        Refused(DOCTYPE),
        Unfit("SyncBody/Sync"),
    ),
];
