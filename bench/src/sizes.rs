//! What a small message has in octets when it is sealed, in each spelling, and when all of it is
//! encrypted.

use std::io;

use dm_crypto::{AwsLc, DevicePublicKey, SystemChance, generate_device_key};
use dm_seal::encryption::{Binding, ContentMethod, Envelope, encrypt_message};
use dm_syncml::wbxml::{self, Spelling};
use dm_syncml::{MetaRule, SyncHdr};
use dm_xml::ToInfoset;
use mgram_bench::messages::{Message, parse};

use crate::device::ES256;
use crate::report::{self, Asked, Row, Unit};
use crate::targets::Setup;

/// The names of the keys: two characters each.
const NAMES: [&str; 2] = ["k1", "d1"];

/// Prints row by row.
///
/// # Errors
/// When the message cannot be read.
pub fn run(setup: &Setup) -> io::Result<()> {
    let messages = Message::compared(setup.messages.as_deref())?;
    let Some(small) = messages.first() else { return Ok(()) };
    let document = parse(&small.text);
    let sealed = dm_seal::seal(&document, NAMES[0], &ES256.key, &AwsLc).expect("sealing");
    let header = SyncHdr::read(document.root()).expect("a header");
    let sealed = |spelling| octets(&sealed, spelling);
    let whole = |spelling| encrypted(&header, &sealed(spelling), spelling);
    for (what, octets, asked) in [
        ("size, sealed, interop", sealed(Spelling::Interop), 762),
        ("size, sealed, compact", sealed(Spelling::Compact), 350),
        ("size, sealed, shortest", sealed(Spelling::Shortest), 320),
        ("size, sealed, encrypted to P-256, compact", whole(Spelling::Compact), 560),
        ("size, sealed, encrypted to P-256, shortest", whole(Spelling::Shortest), 560),
    ] {
        let octets = octets.len();
        if setup.wants(what) {
            let row = Row {
                what,
                message: small.name.clone(),
                asked: Some(Asked::AtMost(f64::from(asked))),
                measured: octets as f64,
                unit: Unit::Octets,
                detail: "ES256, names of keys of two characters".to_owned(),
            };
            report::row(&row, setup.style);
        }
    }
    Ok(())
}

fn octets(document: &impl ToInfoset, spelling: Spelling) -> Vec<u8> {
    let encoder = wbxml::encoder_spelled(document, spelling);
    encoder.encode(document, MetaRule::default()).expect("WBXML")
}

fn encrypted(header: &SyncHdr<'_>, sealed: &[u8], spelling: Spelling) -> Vec<u8> {
    let (server_id, device_id) = (&*header.source.loc_uri, &*header.target.loc_uri);
    let pair = generate_device_key(device_id, NAMES[1]).expect("a new key");
    let recipient = DevicePublicKey::from_pem(pair.cert_pem.as_bytes()).expect("the new key");
    let envelope = Envelope {
        recipient: &recipient,
        key_name: NAMES[1],
        binding: Binding { server_id, device_id },
        method: ContentMethod::Aes128Gcm,
        cipher: &AwsLc,
        provider: &AwsLc,
    };
    let whole = encrypt_message(sealed, &envelope, &mut SystemChance).expect("encrypting");
    octets(&whole, spelling)
}
