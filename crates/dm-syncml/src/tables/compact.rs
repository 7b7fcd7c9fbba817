//! The private pages of the compact and of the shortest spelling: XML signature and XML encryption
//! by tokens. [profile §5]
//!
//! `docs/compact.md` and `docs/compact.json` show them; a test holds the three together. A token
//! that is given keeps its meaning for ever; new ones are appended.

use dm_tnds::tables as ddf;
use dm_wbxml::{AttributePage, CodePage, Languages, Vocabulary};

use super::{
    DDF, LANGUAGES, SYNCML, SYNCML_1_2, SYNCML_OLD_1_0, SYNCML_OLD_1_1, met_inf, shortest, syncml,
};

/// The namespace of XML signatures. [XMLDSIG §1.3]
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of XML encryption. [XMLENC §1.3]
pub const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
/// The namespace of what XML encryption 1.1 adds. [XMLENC §1.3]
pub const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
/// The namespace of what XML signature 1.1 adds. [XMLDSIG §1.3]
pub const DSIG11: &str = "http://www.w3.org/2009/xmldsig11#";

/// The names of page 16, in the order of their tokens from 05 on.
const DS_NAMES: &[&str] = &[
    "Signature",
    "SignedInfo",
    "CanonicalizationMethod",
    "SignatureMethod",
    "Reference",
    "Transforms",
    "Transform",
    "DigestMethod",
    "DigestValue",
    "SignatureValue",
    "KeyInfo",
    "KeyName",
    "X509Data",
    "X509Certificate",
    "X509IssuerSerial",
    "X509IssuerName",
    "X509SerialNumber",
    "X509SKI",
    "X509SubjectName",
    "X509CRL",
    "KeyValue",
    "RSAKeyValue",
    "Modulus",
    "Exponent",
    "RetrievalMethod",
];

/// The names of page 17.
const XENC_NAMES: &[&str] = &[
    "EncryptedData",
    "EncryptionMethod",
    "CipherData",
    "CipherValue",
    "EncryptedKey",
    "AgreementMethod",
    "OriginatorKeyInfo",
    "RecipientKeyInfo",
    "OAEPparams",
    "KA-Nonce",
    "KeySize",
    "CarriedKeyName",
    "CipherReference",
    "ReferenceList",
    "DataReference",
    "KeyReference",
];

/// The names of page 18.
const XENC11_NAMES: &[&str] = &[
    "KeyDerivationMethod",
    "ConcatKDFParams",
    "MGF",
    "DerivedKey",
    "DerivedKeyName",
    "MasterKeyName",
];

/// The names of page 19.
const DSIG11_NAMES: &[&str] = &[
    "ECKeyValue",
    "NamedCurve",
    "PublicKey",
    "X509Digest",
    "DEREncodedKeyValue",
    "KeyInfoReference",
];

/// The pages of the shortest spelling; all but the last one are those of the compact one.
static PAGES: [CodePage; 8] = [
    CodePage::new(0, SYNCML_1_2, syncml::NAMES),
    met_inf::PAGE_1_2,
    ddf::PAGE,
    CodePage::private(16, DS, DS_NAMES, &["DigestValue", "SignatureValue", "X509Certificate"]),
    CodePage::private(17, XENC, XENC_NAMES, &["CipherValue", "OAEPparams"]),
    CodePage::private(18, XENC11, XENC11_NAMES, &[]),
    CodePage::private(19, DSIG11, DSIG11_NAMES, &["PublicKey"]),
    CodePage::whole(20, &shortest::SKELETONS),
];

/// Page 0 is in force where a document begins, so that no attribute list has to change it.
static ATTRIBUTES: [AttributePage; 1] = [AttributePage::new(0, STARTS, VALUES)];

/// SyncML 1.2 with MetInf and DDF, and the private pages.
pub static SYNCML_COMPACT: Vocabulary = Vocabulary {
    number: SYNCML.number,
    text: SYNCML.text,
    pages: PAGES.split_at(PAGES.len() - 1).0,
    attributes: &ATTRIBUTES,
};

/// The same with the page of whole elements.
pub static SYNCML_SHORTEST: Vocabulary =
    Vocabulary { number: SYNCML.number, text: SYNCML.text, pages: &PAGES, attributes: &ATTRIBUTES };

/// The languages of a message whose reader takes the compact spelling as well. [profile §5]
pub static COMPACT_OR_INTEROP: Languages = Languages {
    known: &[&SYNCML_COMPACT, &SYNCML_OLD_1_1, &SYNCML_OLD_1_0, &DDF],
    foreign: LANGUAGES.foreign,
};

/// The languages of a message whose reader takes the compact and the shortest spelling as well.
pub static ANY_SPELLING: Languages = Languages {
    known: &[&SYNCML_SHORTEST, &SYNCML_OLD_1_1, &SYNCML_OLD_1_0, &DDF],
    foreign: LANGUAGES.foreign,
};

/// Token, name of the attribute, beginning of its value. Algorithms and types are whole values: an
/// attribute is one octet.
#[rustfmt::skip]
const STARTS: &[(u8, &str, &str)] = &[
    (0x05, "Algorithm", ""),
    (0x06, "Algorithm", "http://www.w3.org/"),
    (0x07, "Algorithm", "http://www.w3.org/2000/09/xmldsig#"),
    (0x08, "Algorithm", "http://www.w3.org/2000/09/xmldsig#enveloped-signature"),
    (0x09, "Algorithm", "http://www.w3.org/2000/09/xmldsig#sha1"),
    (0x0A, "Algorithm", "http://www.w3.org/2001/10/xml-exc-c14n#"),
    (0x0B, "Algorithm", "http://www.w3.org/2001/04/xmlenc#"),
    (0x0C, "Algorithm", "http://www.w3.org/2001/04/xmlenc#sha256"),
    (0x0D, "Algorithm", "http://www.w3.org/2001/04/xmlenc#sha512"),
    (0x0E, "Algorithm", "http://www.w3.org/2001/04/xmlenc#kw-aes128"),
    (0x0F, "Algorithm", "http://www.w3.org/2001/04/xmlenc#kw-aes256"),
    (0x10, "Algorithm", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p"),
    (0x11, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#"),
    (0x12, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#sha384"),
    (0x13, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"),
    (0x14, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384"),
    (0x15, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"),
    (0x16, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"),
    (0x17, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384"),
    (0x18, "Algorithm", "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"),
    (0x19, "Algorithm", "http://www.w3.org/2007/05/xmldsig-more#"),
    (0x1A, "Algorithm", "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1"),
    (0x1B, "Algorithm", "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1"),
    (0x1C, "Algorithm", "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1"),
    (0x1D, "Algorithm", "http://www.w3.org/2021/04/xmldsig-more#"),
    (0x1E, "Algorithm", "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519"),
    (0x1F, "Algorithm", "http://www.w3.org/2009/xmlenc11#"),
    (0x20, "Algorithm", "http://www.w3.org/2009/xmlenc11#aes128-gcm"),
    (0x21, "Algorithm", "http://www.w3.org/2009/xmlenc11#aes256-gcm"),
    (0x22, "Algorithm", "http://www.w3.org/2009/xmlenc11#rsa-oaep"),
    (0x23, "Algorithm", "http://www.w3.org/2009/xmlenc11#mgf1sha1"),
    (0x24, "Algorithm", "http://www.w3.org/2009/xmlenc11#mgf1sha256"),
    (0x25, "Algorithm", "http://www.w3.org/2009/xmlenc11#ECDH-ES"),
    (0x26, "Algorithm", "http://www.w3.org/2009/xmlenc11#ConcatKDF"),
    (0x27, "URI", ""),
    (0x28, "URI", "#"),
    (0x29, "URI", "urn:oid:"),
    (0x2A, "URI", "urn:oid:1.2.840.10045.3.1.7"),
    (0x2B, "URI", "urn:oid:1.3.132.0.34"),
    (0x2C, "Type", ""),
    (0x2D, "Type", "http://www.w3.org/2001/04/xmlenc#"),
    (0x2E, "Type", "http://www.w3.org/2001/04/xmlenc#Content"),
    (0x2F, "Type", "http://www.w3.org/2001/04/xmlenc#Element"),
    (0x30, "MimeType", ""),
    (0x31, "MimeType", "application/vnd.syncml.dm+wbxml"),
    (0x32, "Id", ""),
    (0x33, "Recipient", ""),
    (0x34, "Encoding", ""),
    (0x35, "AlgorithmID", ""),
    (0x36, "AlgorithmID", "00"),
    (0x37, "AlgorithmID", "00687474703A2F2F7777772E77332E6F72672F323030312F30342F786D6C656E63236B772D616573313238"),
    (0x38, "AlgorithmID", "00687474703A2F2F7777772E77332E6F72672F323030312F30342F786D6C656E63236B772D616573323536"),
    (0x39, "PartyUInfo", ""),
    (0x3A, "PartyUInfo", "00"),
    (0x3B, "PartyVInfo", ""),
    (0x3C, "PartyVInfo", "00"),
    // com. dm. http:// https:// and IMEI: urn: urn:imei: urn:uuid:
    (0x3D, "PartyUInfo", "00636F6D2E"),
    (0x3E, "PartyUInfo", "00646D2E"),
    (0x3F, "PartyUInfo", "00687474703A2F2F"),
    (0x45, "PartyUInfo", "0068747470733A2F2F"),
    (0x46, "PartyVInfo", "00494D45493A"),
    (0x47, "PartyVInfo", "0075726E3A"),
    (0x48, "PartyVInfo", "0075726E3A696D65693A"),
    (0x49, "PartyVInfo", "0075726E3A757569643A"),
];

/// Token, text. PartyUInfo and PartyVInfo are hexadecimal digits of names: two of them for each
/// printable character of ASCII are one octet, and so is what names often have.
#[rustfmt::skip]
const VALUES: &[(u8, &str)] = &[
    (0x85, "20"), (0x86, "21"), (0x87, "22"), (0x88, "23"), (0x89, "24"), (0x8A, "25"),
    (0x8B, "26"), (0x8C, "27"), (0x8D, "28"), (0x8E, "29"), (0x8F, "2A"), (0x90, "2B"),
    (0x91, "2C"), (0x92, "2D"), (0x93, "2E"), (0x94, "2F"), (0x95, "30"), (0x96, "31"),
    (0x97, "32"), (0x98, "33"), (0x99, "34"), (0x9A, "35"), (0x9B, "36"), (0x9C, "37"),
    (0x9D, "38"), (0x9E, "39"), (0x9F, "3A"), (0xA0, "3B"), (0xA1, "3C"), (0xA2, "3D"),
    (0xA3, "3E"), (0xA4, "3F"), (0xA5, "40"), (0xA6, "41"), (0xA7, "42"), (0xA8, "43"),
    (0xA9, "44"), (0xAA, "45"), (0xAB, "46"), (0xAC, "47"), (0xAD, "48"), (0xAE, "49"),
    (0xAF, "4A"), (0xB0, "4B"), (0xB1, "4C"), (0xB2, "4D"), (0xB3, "4E"), (0xB4, "4F"),
    (0xB5, "50"), (0xB6, "51"), (0xB7, "52"), (0xB8, "53"), (0xB9, "54"), (0xBA, "55"),
    (0xBB, "56"), (0xBC, "57"), (0xBD, "58"), (0xBE, "59"), (0xBF, "5A"), (0xC5, "5B"),
    (0xC6, "5C"), (0xC7, "5D"), (0xC8, "5E"), (0xC9, "5F"), (0xCA, "60"), (0xCB, "61"),
    (0xCC, "62"), (0xCD, "63"), (0xCE, "64"), (0xCF, "65"), (0xD0, "66"), (0xD1, "67"),
    (0xD2, "68"), (0xD3, "69"), (0xD4, "6A"), (0xD5, "6B"), (0xD6, "6C"), (0xD7, "6D"),
    (0xD8, "6E"), (0xD9, "6F"), (0xDA, "70"), (0xDB, "71"), (0xDC, "72"), (0xDD, "73"),
    (0xDE, "74"), (0xDF, "75"), (0xE0, "76"), (0xE1, "77"), (0xE2, "78"), (0xE3, "79"),
    (0xE4, "7A"), (0xE5, "7B"), (0xE6, "7C"), (0xE7, "7D"), (0xE8, "7E"),
    // .com .dm. .net .org www.
    (0xE9, "2E636F6D"), (0xEA, "2E646D2E"), (0xEB, "2E6E6574"), (0xEC, "2E6F7267"), (0xED, "7777772E"),
];

#[cfg(test)]
pub(super) mod tests;
