//! Good documents of every sort, written by our own encoder.

use std::sync::LazyLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use dm_prov::PROV;
use dm_syncml::MetaRule;
use dm_syncml::tables::{DDF, DEVINF_1_2, SYNCML, SYNCML_COMPACT, SYNCML_OLD_1_1};
use dm_wbxml::{Encoder, Languages, Vocabulary};
use dm_xml::{Limits, parse_lenient};

/// Every language that has a vector here.
pub static LANGUAGES: Languages = Languages {
    known: &[&SYNCML_COMPACT, &SYNCML_OLD_1_1, &DDF, &PROV, &DEVINF_1_2],
    foreign: &["-//OMA//DTD-FOREIGN//EN"],
};

/// XML text in the fewest octets.
pub fn encode(vocabulary: &'static Vocabulary, text: &str) -> Vec<u8> {
    // Provisioning documents have no namespace, which only the lenient reader takes.
    let (document, _) =
        parse_lenient(text.as_bytes(), &Limits::default()).expect("a test writes XML");
    Encoder::new(vocabulary).encode(&document, MetaRule::default()).expect("it can be written")
}

const OBJECT: &str = "<MgmtTree xmlns='syncml:dmddf1.2'><VerDTD>1.2</VerDTD><Node><NodeName>N\
    </NodeName><RTProperties><Format><bin/></Format></RTProperties><Value>AAEC</Value></Node>\
    </MgmtTree>";

/// With private pages, attributes by token, by name and in pieces, and octets.
const CIPHERTEXT: &str = "<EncryptedData xmlns='http://www.w3.org/2001/04/xmlenc#' \
    Type='http://www.w3.org/2001/04/xmlenc#Content'><EncryptionMethod \
    Algorithm='http://www.w3.org/2009/xmlenc11#new'/><KeyInfo \
    xmlns='http://www.w3.org/2000/09/xmldsig#'><ConcatKDFParams \
    xmlns='http://www.w3.org/2009/xmlenc11#' PartyUInfo='00737276' own='o'/></KeyInfo><CipherData>\
    <CipherValue>AAECAwQFBgc=</CipherValue></CipherData></EncryptedData>";

/// A message with this in its body.
fn message(body: &str, behind: &str) -> String {
    format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto>\
         <SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>IMEI:1</LocURI></Target>\
         <Source><LocURI>srv</LocURI></Source></SyncHdr><SyncBody>{body}<Final/></SyncBody>{behind}\
         </SyncML>"
    )
}

fn replace(media: &str, data: &str) -> String {
    format!(
        "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./A/B</LocURI></Target><Meta>\
         <Format xmlns='syncml:metinf'>xml</Format><Type xmlns='syncml:metinf'>{media}</Type>\
         </Meta><Data>{data}</Data></Item></Replace>"
    )
}

/// Name and octets of each.
pub fn all() -> &'static [(&'static str, Vec<u8>)] {
    static ALL: LazyLock<Vec<(&str, Vec<u8>)>> = LazyLock::new(written);
    &ALL
}

fn written() -> Vec<(&'static str, Vec<u8>)> {
    let signature = "<Signature xmlns='http://www.w3.org/2000/09/xmldsig#'><SignedInfo>\
        <SignatureMethod Algorithm='urn:s'/><Reference URI=''><DigestValue>AAECAwQ=</DigestValue>\
        </Reference></SignedInfo><SignatureValue>AAECAwQFBgc=</SignatureValue></Signature>";
    let media = "application/vnd.syncml.dmtnds";
    let nested = STANDARD.encode(encode(&DDF, OBJECT));
    let as_text = OBJECT.replace('<', "&lt;").replace('>', "&gt;");
    let provisioning = "<wap-provisioningdoc version='1.0'><characteristic type='BOOTSTRAP'>\
        <parm name='NAME' value='One'/><parm name='PROXY-ID' value='www.one.com'/>\
        </characteristic><characteristic type='w7'><parm name='APPID' value='w7'/>\
        <parm name='X-OURS' value='é'/></characteristic></wap-provisioningdoc>";
    let information = "<DevInf xmlns='syncml:devinf'><VerDTD>1.2</VerDTD><Man>M</Man><Mod>M</Mod>\
        <DevID>IMEI:1</DevID><DevTyp>phone</DevTyp><UTC/><CTCap><CTType>text/x</CTType></CTCap>\
        </DevInf>";
    vec![
        ("small message", encode(&SYNCML, &message("", ""))),
        ("sealed message", encode(&SYNCML, &message("", signature))),
        ("compact message", encode(&SYNCML_COMPACT, &message("", signature))),
        ("compact ciphertext", encode(&SYNCML_COMPACT, &message(&replace("x/y", CIPHERTEXT), ""))),
        ("object A", encode(&SYNCML, &message(&replace(&format!("{media}+wbxml"), &nested), ""))),
        ("object B", encode(&SYNCML, &message(&replace(&format!("{media}+xml"), OBJECT), ""))),
        ("object C", encode(&SYNCML, &message(&replace(&format!("{media}+xml"), &as_text), ""))),
        ("object alone", encode(&DDF, OBJECT)),
        ("provisioning", encode(&PROV, provisioning)),
        ("Latin-1", latin_1()),
        ("device information", encode(&DEVINF_1_2, information)),
    ]
}

/// A message whose charset is ISO-8859-1, with text of it in place and in the string table.
fn latin_1() -> Vec<u8> {
    let item = "<Item><Data>m~ller gr~n</Data></Item><Item><Data>m~ller gr~n</Data></Item>\
        <Item><Data>~</Data></Item>";
    let body = format!("<Alert><CmdID>1</CmdID><Data>1226</Data>{item}</Alert>");
    let mut octets = encode(&SYNCML, &message(&body, ""));
    let charset = 3;
    assert_eq!(octets[charset], 106);
    octets[charset] = 4;
    octets.iter_mut().filter(|octet| **octet == b'~').for_each(|octet| *octet = 0xFC);
    octets
}
