//! What a peer fills in when it encrypts: all but the values. [profile §6]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::device::{DEVICE_ID, SERVER_ID};
use crate::oracle::RECIPIENT;

/// How the content key comes to the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    Agreement,
    Oaep,
    /// Read, and never written.
    OaepSha1,
}

/// All of them.
pub const TRANSPORTS: [Transport; 3] = [Transport::Agreement, Transport::Oaep, Transport::OaepSha1];

impl Transport {
    /// The kind of the device's key, what the table calls it, and the oracle.
    pub fn names(self) -> [&'static str; 3] {
        match self {
            Self::Agreement => ["P-256", "ECDH-ES, ConcatKDF, AES key wrap", "ecdh"],
            Self::Oaep => ["RSA", "RSA-OAEP, SHA-256", "oaep"],
            Self::OaepSha1 => ["RSA", "RSA-OAEP, SHA-1", "oaep-sha1"],
        }
    }
}

/// What a peer fills in: its cipher values are empty, and so is the originator's key.
pub fn encrypted_data(transport: Transport, bits: &str, kind: &str) -> String {
    let value = "<CipherData><CipherValue></CipherValue></CipherData>";
    let key = match transport {
        Transport::Agreement => agreed(bits),
        Transport::Oaep => oaep(
            &format!("{XENC11}rsa-oaep"),
            &format!("{XENC}sha256"),
            &format!("<MGF xmlns=\"{XENC11}\" Algorithm=\"{XENC11}mgf1sha256\"/>"),
        ),
        Transport::OaepSha1 => oaep(&format!("{XENC}rsa-oaep-mgf1p"), &format!("{DS}sha1"), ""),
    };
    format!(
        "<EncryptedData xmlns=\"{XENC}\" Type=\"{XENC}{kind}\">\
         <EncryptionMethod Algorithm=\"{XENC11}aes{bits}-gcm\"/><KeyInfo xmlns=\"{DS}\">\
         <EncryptedKey xmlns=\"{XENC}\">{key}{value}</EncryptedKey></KeyInfo>{value}\
         </EncryptedData>"
    )
}

/// The names of server and device, as the standard wants them: in hexadecimal behind a zero octet.
fn agreed(bits: &str) -> String {
    let wrap = format!("{XENC}kw-aes{bits}");
    let info = |text: &str| text.bytes().map(|octet| format!("{octet:02X}")).collect::<String>();
    let (own, server, device) = (info(&wrap), info(SERVER_ID), info(DEVICE_ID));
    format!(
        "<EncryptionMethod Algorithm=\"{wrap}\"/><KeyInfo xmlns=\"{DS}\"><AgreementMethod \
         xmlns=\"{XENC}\" Algorithm=\"{XENC11}ECDH-ES\"><KeyDerivationMethod xmlns=\"{XENC11}\" \
         Algorithm=\"{XENC11}ConcatKDF\"><ConcatKDFParams AlgorithmID=\"00{own}\" \
         PartyUInfo=\"00{server}\" PartyVInfo=\"00{device}\"><DigestMethod xmlns=\"{DS}\" \
         Algorithm=\"{XENC}sha256\"/></ConcatKDFParams></KeyDerivationMethod>\
         <OriginatorKeyInfo xmlns:ds=\"{DS}\"><ds:KeyValue/></OriginatorKeyInfo>\
         <RecipientKeyInfo><KeyName xmlns=\"{DS}\">{RECIPIENT}</KeyName></RecipientKeyInfo>\
         </AgreementMethod></KeyInfo>"
    )
}

fn oaep(method: &str, digest: &str, mgf: &str) -> String {
    let label = STANDARD.encode(SERVER_ID);
    format!(
        "<EncryptionMethod Algorithm=\"{method}\"><OAEPparams>{label}</OAEPparams><DigestMethod \
         xmlns=\"{DS}\" Algorithm=\"{digest}\"/>{mgf}</EncryptionMethod>\
         <KeyInfo xmlns=\"{DS}\"><KeyName>{RECIPIENT}</KeyName></KeyInfo>"
    )
}

const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
const XENC: &str = "http://www.w3.org/2001/04/xmlenc#";
const XENC11: &str = "http://www.w3.org/2009/xmlenc11#";
