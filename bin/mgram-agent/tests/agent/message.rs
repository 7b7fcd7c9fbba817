//! What the operator sends: sealed messages that replace two values in one Atomic.

use std::sync::OnceLock;

use dm_crypto::{Algorithm, AwsLc, KeyPair, SigningKey};
use dm_syncml::wbxml;
use dm_wbxml::Version;
use dm_xml::Limits;

pub const OPERATOR: &str = "dm.operator.example";
pub const DEVICE: &str = "urn:imei:004999010640000";
pub const KEY_NAME: &str = "key-1";

/// The operator's key and certificate.
pub fn keys() -> &'static KeyPair {
    static KEYS: OnceLock<KeyPair> = OnceLock::new();
    KEYS.get_or_init(|| {
        dm_crypto::generate(Algorithm::Es256, OPERATOR, KEY_NAME).expect("a new key")
    })
}

/// A message that sets `./Meter/Left` and `./Meter/Right` to this number, which is its counter.
pub fn sealed(number: u64) -> Vec<u8> {
    sealed_with(number, &number.to_string())
}

/// A message with this counter that sets both values.
pub fn sealed_with(counter: u64, value: &str) -> Vec<u8> {
    let replace = |cmd_id: u8, name: &str| {
        format!(
            "<Replace><CmdID>{cmd_id}</CmdID><Item><Target><LocURI>./Meter/{name}</LocURI>\
             </Target><Data>{value}</Data></Item></Replace>"
        )
    };
    let [left, right] = [replace(2, "Left"), replace(3, "Right")];
    sealed_body(counter, &format!("<Atomic><CmdID>1</CmdID>{left}{right}</Atomic>"))
}

/// A message with this counter and these commands.
pub fn sealed_body(counter: u64, commands: &str) -> Vec<u8> {
    let text = format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>\
         <VerProto>DM/1.2</VerProto><SessionID>{counter}</SessionID><MsgID>1</MsgID>\
         <Target><LocURI>{DEVICE}</LocURI></Target><Source><LocURI>{OPERATOR}</LocURI></Source>\
         <Meta><EMI xmlns=\"syncml:metinf\">c={counter}</EMI></Meta></SyncHdr>\
         <SyncBody>{commands}<Final/></SyncBody></SyncML>"
    );
    let key = SigningKey::from_pem(keys().key_pem.as_bytes()).expect("a key");
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).expect("XML");
    let sealed = dm_seal::seal(document, KEY_NAME, &key, &AwsLc).expect("sealed");
    wbxml::encode(&sealed, Version::V1_2).expect("WBXML")
}
