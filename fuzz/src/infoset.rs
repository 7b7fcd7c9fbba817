//! Documents built from choices, because random octets rarely nest, name or describe anything.

use arbitrary::{Result, Unstructured};
use dm_xml::{Builder, Document, LimitExceeded, Limits, character};

/// The namespace of SyncML 1.2.
pub const SYNCML: &str = "SYNCML:SYNCML1.2";
const METINF: &str = "syncml:metinf";
const DDF: &str = "syncml:dmddf1.2";
const DS: &str = "http://www.w3.org/2000/09/xmldsig#";

/// Namespaces with names of theirs, and whether the names have tokens: those take no attributes.
const NAMES: &[(&str, bool, &[&str])] = &[
    (
        SYNCML,
        true,
        &[
            "SyncML", "SyncHdr", "SyncBody", "Replace", "Add", "Atomic", "Alert", "Item", "Meta",
            "Data", "Target", "Source", "LocURI", "CmdID", "Final", "Cred", "MoreData",
        ],
    ),
    (METINF, true, &["Format", "Type", "Size", "EMI", "MetInf", "MaxObjSize"]),
    (
        DDF,
        true,
        &[
            "MgmtTree",
            "VerDTD",
            "Node",
            "NodeName",
            "Path",
            "RTProperties",
            "Format",
            "bin",
            "chr",
            "node",
            "Type",
            "MIME",
            "DDFName",
            "ACL",
            "Value",
        ],
    ),
    (DS, false, &["Signature", "SignedInfo", "DigestValue", "KeyName", "X509Data"]),
    ("http://www.w3.org/2001/04/xmlenc#", false, &["EncryptedData", "CipherValue"]),
    ("urn:x", false, &["a", "b-1", "_.", "Data", "Ünï", "xmlns"]),
    ("urn:\"quoted' & <odd>\n", false, &["a", "x"]),
];

const ATTRIBUTES: &[&str] = &["Algorithm", "URI", "a", "z", "Id", "Z", "_", "ä"];

const TEXTS: &[&str] = &[
    "1",
    "1.2",
    "DM/1.2",
    "bin",
    "b64",
    "chr",
    "xml",
    "node",
    "text/plain",
    "application/vnd.syncml.dmtnds+wbxml",
    "application/vnd.syncml.dmtnds+xml",
    "./A/B",
    "AAEC",
    "AAE=",
    "AA==",
    "AB==",
    "AAEC\n",
    " \n ",
    "]]>",
    "&amp;",
    "\r\n\t",
    "c=7;x=9",
];

/// How many elements and how deep.
const ELEMENTS: u32 = 48;
const DEPTH: u32 = 8;

/// A document of these choices.
///
/// # Errors
/// When choices cannot be made.
pub fn document(choices: &mut Unstructured<'_>) -> Result<Document<'static>> {
    let mut builder = Builder::new(Limits::default());
    let mut left = ELEMENTS;
    element(choices, &mut builder, DEPTH, &mut left)?;
    Ok(builder.finish().expect("the root has ended"))
}

/// An element of these choices, with all below it.
///
/// # Errors
/// When choices cannot be made.
pub fn element(
    choices: &mut Unstructured<'_>,
    builder: &mut Builder<'static>,
    depth: u32,
    left: &mut u32,
) -> Result<()> {
    *left = left.saturating_sub(1);
    if chance(choices, 1, 8)? {
        return described(choices, builder);
    }
    let (namespace, has_tokens, names) = *choices.choose(NAMES)?;
    small(builder.start(namespace, choices.choose(names)?));
    if !has_tokens {
        for name in ATTRIBUTES {
            if chance(choices, 1, 6)? {
                small(builder.attribute(name, text(choices)?));
            }
        }
    }
    while *left > 0 && chance(choices, 3, 4)? {
        match choices.int_in_range(0..=4)? {
            0 | 1 => small(builder.text(text(choices)?)),
            2 if chance(choices, 1, 2)? => small(builder.octets(choices.arbitrary::<Vec<u8>>()?)),
            _ if depth > 0 => element(choices, builder, depth - 1, left)?,
            _ => break,
        }
    }
    builder.end();
    Ok(())
}

/// Content that is described as octets, which chance alone hardly ever builds. [profile §2]
fn described(choices: &mut Unstructured<'_>, builder: &mut Builder<'static>) -> Result<()> {
    let is_data = choices.arbitrary()?;
    if is_data {
        small(builder.start(SYNCML, "Item"));
        small(builder.start(SYNCML, "Meta"));
        let meta = [("Format", "bin"), ("Format", "b64"), ("Type", "a/b+wbxml"), ("Type", "a/b")];
        let (local, text) = *choices.choose(&meta)?;
        small(builder.leaf(METINF, local, text));
    } else {
        small(builder.start(DDF, "Node"));
        small(builder.start(DDF, "RTProperties"));
        small(builder.start(DDF, "Format"));
        small(builder.leaf(DDF, choices.choose(&["bin", "b64"])?, ""));
        builder.end();
    }
    builder.end();
    let (namespace, local) = if is_data { (SYNCML, "Data") } else { (DDF, "Value") };
    small(builder.start(namespace, local));
    // No reader yields octets beside anything else; whoever builds a document may.
    while chance(choices, 2, 3)? {
        match choices.int_in_range(0..=3)? {
            0 => small(builder.text(text(choices)?)),
            1 => small(builder.leaf(namespace, local, text(choices)?)),
            _ => small(builder.octets(choices.arbitrary::<Vec<u8>>()?)),
        }
    }
    builder.end();
    builder.end();
    Ok(())
}

/// Text as XML allows it.
///
/// # Errors
/// When choices cannot be made.
pub fn text(choices: &mut Unstructured<'_>) -> Result<String> {
    if chance(choices, 1, 2)? {
        return Ok((*choices.choose(TEXTS)?).to_owned());
    }
    let text: &str = choices.arbitrary()?;
    Ok(text.chars().filter(|&character| character::is_allowed(character)).collect())
}

/// Whether this happens, in so many of so many cases; never when there are no choices left, so
/// that whatever repeats comes to its end.
///
/// # Errors
/// When choices cannot be made.
pub fn chance(choices: &mut Unstructured<'_>, of: u8, cases: u8) -> Result<bool> {
    Ok(!choices.is_empty() && choices.ratio(of, cases)?)
}

/// What is built here stays far below every limit.
pub fn small(built: core::result::Result<(), LimitExceeded>) {
    built.expect("far below the limits");
}
