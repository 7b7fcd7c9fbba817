//! Keys in forms that are not wanted, made from one that is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The DER of a PEM file.
pub fn der(pem: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(pem).expect("PEM");
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).expect("base64")
}

/// A PEM file with this label.
pub fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

/// The ECPrivateKey in a PKCS #8 key: what "EC PRIVATE KEY" holds. [RFC 5958], [RFC 5915]
pub fn sec1(pkcs8: &[u8]) -> Vec<u8> {
    // The octets of the last member, an OCTET STRING that begins with SEQUENCE, INTEGER 1.
    let at = pkcs8.windows(5).position(|five| five[0] == 0x30 && five[2..] == [2, 1, 1]);
    let at = at.expect("an ECPrivateKey");
    pkcs8[at..at + 2 + usize::from(pkcs8[at + 1])].to_vec()
}

/// The SubjectPublicKeyInfo of a P-256 key, whose point stands at the end of its PKCS #8.
pub fn public(pkcs8: &[u8]) -> Vec<u8> {
    let point = &pkcs8[pkcs8.len() - 65..];
    assert_eq!(point[0], 4, "an uncompressed point");
    [&SPKI_OF_P256[..], point].concat()
}

/// A PKCS #8 key of Ed448, which is not supported for signing. [RFC 8410 §7]
pub fn ed448() -> Vec<u8> {
    let head = [0x30, 0x47, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x71, 4, 0x3b, 4, 0x39];
    [&head[..], &[7; 57]].concat()
}

const SPKI_OF_P256: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 3, 1, 7, 3, 0x42, 0,
];
