//! `AgreementMethod`: ECDH-ES on P-256 with ConcatKDF, bound to server and device.
//! [XMLENC 1.1 §5.6.4], [profile §6]

use alloc::string::String;
use alloc::vec::Vec;

use dm_xml::{Builder, Element, LimitExceeded};

use super::algorithm::{CONCAT_KDF, DSIG11, ECDH_ES, P256, SHA256, XENC11};
use super::encrypt::Binding;
use super::shape::{algorithm, attributes, children, octets, plain_algorithm, refused, text};
use super::transport::write_algorithm;
use super::{EncryptionError, KeyWrapMethod};
use crate::algorithm::{DS, XENC};

/// An agreement whose shape, algorithms and `AlgorithmID` have been checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// How the agreed key wraps the content key.
    pub wrap: KeyWrapMethod,
    /// The originator's ephemeral key: an uncompressed point.
    pub originator: Vec<u8>,
    /// `PartyUInfo`: the ServerID.
    pub party_u: Vec<u8>,
    /// `PartyVInfo`: the device or group.
    pub party_v: Vec<u8>,
}

impl Agreement {
    /// Reads the `KeyInfo` of an `EncryptedKey`; yields the name of the recipient, too.
    pub(super) fn read(
        wrap: KeyWrapMethod,
        key_info: Element<'_>,
    ) -> Result<(Self, String), EncryptionError> {
        let [agreement] = children(key_info, [(XENC, "AgreementMethod")])?;
        let uri = algorithm(agreement)?;
        if uri != ECDH_ES {
            return Err(refused(agreement, uri));
        }
        let [derivation, originator, recipient] = children(
            agreement,
            [
                (XENC11, "KeyDerivationMethod"),
                (XENC, "OriginatorKeyInfo"),
                (XENC, "RecipientKeyInfo"),
            ],
        )?;
        let [party_u, party_v] = read_derivation(wrap, derivation)?;
        let originator = read_originator(originator)?;
        let [] = attributes(recipient, [])?;
        let [name] = children(recipient, [(DS, "KeyName")])?;
        Ok((Self { wrap, originator, party_u, party_v }, text(name)?.into_owned()))
    }
}

/// The names that the key is bound to. `AlgorithmID` is compared, not handed on.
fn read_derivation(
    wrap: KeyWrapMethod,
    derivation: Element<'_>,
) -> Result<[Vec<u8>; 2], EncryptionError> {
    let uri = algorithm(derivation)?;
    if uri != CONCAT_KDF {
        return Err(refused(derivation, uri));
    }
    let [parameters] = children(derivation, [(XENC11, "ConcatKDFParams")])?;
    let [digest] = children(parameters, [(DS, "DigestMethod")])?;
    plain_algorithm(digest, |uri| (uri == SHA256).then_some(()))?;
    // No SuppPubInfo, no SuppPrivInfo: nothing else is joined.
    let [algorithm_id, party_u, party_v] =
        attributes(parameters, ["AlgorithmID", "PartyUInfo", "PartyVInfo"])?;
    let algorithm_id = bit_string("AlgorithmID", algorithm_id)?;
    if algorithm_id != wrap.uri().as_bytes() {
        return Err(EncryptionError::AlgorithmId);
    }
    Ok([bit_string("PartyUInfo", party_u)?, bit_string("PartyVInfo", party_v)?])
}

fn read_originator(originator: Element<'_>) -> Result<Vec<u8>, EncryptionError> {
    let [] = attributes(originator, [])?;
    let [key_value] = children(originator, [(DS, "KeyValue")])?;
    let [] = attributes(key_value, [])?;
    let [key] = children(key_value, [(DSIG11, "ECKeyValue")])?;
    let [] = attributes(key, [])?;
    let [curve, point] = children(key, [(DSIG11, "NamedCurve"), (DSIG11, "PublicKey")])?;
    let [uri] = attributes(curve, ["URI"])?;
    let [] = children(curve, [])?;
    if uri != P256 {
        return Err(refused(curve, uri));
    }
    let point = octets(point)?;
    if point.len() != 65 || point[0] != 4 {
        return Err(EncryptionError::OriginatorKey);
    }
    Ok(point)
}

/// Writes the `EncryptionMethod` and `KeyInfo` of an agreement.
pub(super) fn write(
    builder: &mut Builder<'_>,
    wrap: KeyWrapMethod,
    binding: &Binding<'_>,
    originator: Vec<u8>,
    key_name: &str,
) -> Result<(), LimitExceeded> {
    write_algorithm(builder, XENC, "EncryptionMethod", wrap.uri())?;
    builder.start(DS, "KeyInfo")?;
    builder.start(XENC, "AgreementMethod")?;
    builder.attribute("Algorithm", ECDH_ES)?;
    builder.start(XENC11, "KeyDerivationMethod")?;
    builder.attribute("Algorithm", CONCAT_KDF)?;
    builder.start(XENC11, "ConcatKDFParams")?;
    builder.attribute("AlgorithmID", hexadecimal(wrap.uri()))?;
    builder.attribute("PartyUInfo", hexadecimal(binding.server_id))?;
    builder.attribute("PartyVInfo", hexadecimal(binding.device_id))?;
    write_algorithm(builder, DS, "DigestMethod", SHA256)?;
    builder.end();
    builder.end();
    builder.start(XENC, "OriginatorKeyInfo")?;
    builder.start(DS, "KeyValue")?;
    builder.start(DSIG11, "ECKeyValue")?;
    builder.start(DSIG11, "NamedCurve")?;
    builder.attribute("URI", P256)?;
    builder.end();
    builder.start(DSIG11, "PublicKey")?;
    builder.octets(originator)?;
    for _ in 0..4 {
        builder.end();
    }
    builder.start(XENC, "RecipientKeyInfo")?;
    builder.leaf(DS, "KeyName", String::from(key_name))?;
    for _ in 0..3 {
        builder.end();
    }
    Ok(())
}

/// The octets of an attribute of the key derivation: behind the number of padding bits, which is
/// none.
fn bit_string(name: &'static str, text: &str) -> Result<Vec<u8>, EncryptionError> {
    let digit = |octet: u8| (octet as char).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let octet = |pair: &[u8]| match *pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    };
    let octets: Option<Vec<u8>> = text.as_bytes().chunks(2).map(octet).collect();
    match octets.as_deref() {
        Some([0, octets @ ..]) => Ok(octets.to_vec()),
        _ => Err(EncryptionError::PartyInfo(name)),
    }
}

fn hexadecimal(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let mut written = String::from("00");
    for octet in text.bytes() {
        for half in [octet >> 4, octet & 15] {
            written.push(char::from(DIGITS[usize::from(half)]));
        }
    }
    written
}
