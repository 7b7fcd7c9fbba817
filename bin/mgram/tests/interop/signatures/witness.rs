//! openssl on the octets alone, and xmlsec1 on the document.

use std::fs;
use std::path::Path;
use std::process::Command;

use dm_seal::algorithm::DS;
use dm_xml::{Limits, canonical, parse};

use super::row::{Row, Scheme};
use crate::key::{KEY_NAME, Key};
use crate::libwbxml::tree::{base64, octets};
use crate::program::{Said, output, run};

/// The canonical form of `SignedInfo` in sealed text, and the octets of `SignatureValue`.
pub fn signed(text: &str) -> (String, Vec<u8>) {
    let document = parse(text.as_bytes(), &Limits::generous()).expect("XML");
    let one = |local| document.root().walk().find(|element| element.is(DS, local)).expect("it");
    let value = octets(&one("SignatureValue").text()).expect("base64");
    (canonical::text_of(one("SignedInfo").events()), value)
}

/// What xmlsec1 makes of a template.
pub fn xmlsec1_signs(template: &Path, key: &Key) -> Said {
    let mut xmlsec1 = Command::new("xmlsec1");
    xmlsec1.arg("--sign").arg(format!("--privkey-pem:{KEY_NAME}")).arg(&key.secret);
    run(xmlsec1.arg(template))
}

/// A digest by openssl, in base64.
pub fn digest(name: &str, text: &str, folder: &Path) -> String {
    let (input, out) = (folder.join("octets"), folder.join("digest"));
    fs::write(&input, text).expect("the octets");
    let mut openssl = Command::new("openssl");
    output(openssl.args(["dgst", &format!("-{name}"), "-binary", "-out"]).arg(&out).arg(&input));
    base64(&fs::read(out).expect("the digest"))
}

/// Whether openssl holds this for a signature of the text.
pub fn verifies(row: &Row, key: &Key, text: &str, value: &[u8], folder: &Path) -> bool {
    let (input, signature) = (folder.join("octets"), folder.join("signature"));
    let value = match row.scheme {
        Scheme::Ecdsa(width) => sequence(value, width),
        _ => value.to_vec(),
    };
    fs::write(&input, text).expect("the octets");
    fs::write(&signature, value).expect("the signature");
    let mut openssl = Command::new("openssl");
    if row.scheme == Scheme::Ed25519 {
        openssl.args(["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey"]).arg(&key.public);
        openssl.arg("-sigfile").arg(&signature).arg("-in").arg(&input);
    } else {
        openssl.args(["dgst", &format!("-{}", row.hash)]).args(options(row.scheme));
        openssl.arg("-verify").arg(&key.public).arg("-signature").arg(&signature).arg(&input);
    }
    run(&mut openssl).code == 0
}

/// The signature of the text by openssl, in base64.
pub fn signs(row: &Row, key: &Key, text: &str, folder: &Path) -> String {
    let (input, signature) = (folder.join("octets"), folder.join("signature"));
    fs::write(&input, text).expect("the octets");
    let mut openssl = Command::new("openssl");
    if row.scheme == Scheme::Ed25519 {
        openssl.args(["pkeyutl", "-sign", "-rawin", "-inkey"]).arg(&key.secret);
        openssl.arg("-in").arg(&input).arg("-out").arg(&signature);
    } else {
        openssl.args(["dgst", &format!("-{}", row.hash)]).args(options(row.scheme));
        openssl.arg("-sign").arg(&key.secret).arg("-out").arg(&signature).arg(&input);
    }
    output(&mut openssl);
    let value = fs::read(signature).expect("the signature");
    base64(&match row.scheme {
        Scheme::Ecdsa(width) => fixed(&value, width),
        _ => value,
    })
}

fn options(scheme: Scheme) -> &'static [&'static str] {
    match scheme {
        Scheme::Pss => &["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"],
        _ => &[],
    }
}

/// r and s as the ASN.1 sequence that openssl takes.
fn sequence(value: &[u8], width: usize) -> Vec<u8> {
    assert_eq!(value.len(), 2 * width, "r and s have the width of the curve");
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|&&octet| octet == 0).count();
        let number = &number[zeros.min(width - 1)..];
        let sign: &[u8] = if number[0] & 0x80 == 0 { &[] } else { &[0] };
        let length = u8::try_from(sign.len() + number.len()).expect("short");
        [&[2, length], sign, number].concat()
    };
    let both = [integer(&value[..width]), integer(&value[width..])].concat();
    [&[0x30, u8::try_from(both.len()).expect("short")], &both[..]].concat()
}

/// r and s side by side, from the sequence that openssl makes.
fn fixed(sequence: &[u8], width: usize) -> Vec<u8> {
    let mut rest = &sequence[2..];
    let mut value = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        value.resize(value.len() + width - number.len(), 0);
        value.extend_from_slice(number);
        rest = &rest[2 + length..];
    }
    value
}
