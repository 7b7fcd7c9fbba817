//! Names of directories as text, for people. [RFC 4514 §2]
//!
//! x509-cert writes them, too, and has for it the name of every attribute and object that a standard
//! gave one: some hundred thousand octets in a small program.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Tag, Tagged};
use x509_cert::name::Name;

/// The name, its last part first.
pub(crate) fn text(name: &Name) -> String {
    let mut text = String::new();
    for part in name.iter_rdn().collect::<Vec<_>>().into_iter().rev() {
        for (at, attribute) in part.iter().enumerate() {
            if !text.is_empty() {
                text.push(if at == 0 { ',' } else { '+' });
            }
            write(&mut text, attribute);
        }
    }
    text
}

fn write(text: &mut String, attribute: &AttributeTypeAndValue) {
    let AttributeTypeAndValue { oid, value } = attribute;
    let name = NAMES.iter().find(|(known, _)| known == oid).map(|(_, name)| *name);
    let is_text = matches!(
        value.tag(),
        Tag::PrintableString | Tag::Utf8String | Tag::Ia5String | Tag::TeletexString
    );
    let value_text = core::str::from_utf8(value.value()).ok().filter(|_| is_text);
    match name {
        Some(name) => *text += name,
        None => *text += &format!("{oid}"),
    }
    text.push('=');
    match value_text {
        Some(value) => escape(text, value),
        None => {
            text.push('#');
            value.value().iter().for_each(|octet| *text += &format!("{octet:02x}"));
        }
    }
}

/// [RFC 4514 §2.4]
fn escape(text: &mut String, value: &str) {
    for (at, sign) in value.char_indices() {
        let is_at_an_end = at == 0 || at + 1 == value.len();
        match sign {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => text.extend(['\\', sign]),
            '#' if at == 0 => *text += "\\#",
            ' ' if is_at_an_end => *text += "\\ ",
            '\0'..='\x1F' | '\x7F' => *text += &format!("\\{:02x}", u32::from(sign)),
            _ => text.push(sign),
        }
    }
}

/// [RFC 4514 §3]; and what certificates of devices have.
const NAMES: [(ObjectIdentifier, &str); 11] = [
    (ObjectIdentifier::new_unwrap("2.5.4.3"), "CN"),
    (ObjectIdentifier::new_unwrap("2.5.4.5"), "SERIALNUMBER"),
    (ObjectIdentifier::new_unwrap("2.5.4.6"), "C"),
    (ObjectIdentifier::new_unwrap("2.5.4.7"), "L"),
    (ObjectIdentifier::new_unwrap("2.5.4.8"), "ST"),
    (ObjectIdentifier::new_unwrap("2.5.4.9"), "STREET"),
    (ObjectIdentifier::new_unwrap("2.5.4.10"), "O"),
    (ObjectIdentifier::new_unwrap("2.5.4.11"), "OU"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"), "UID"),
    (ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.25"), "DC"),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.1"), "EMAILADDRESS"),
];

#[cfg(test)]
mod tests {
    use core::str::FromStr;

    use super::*;

    #[test]
    fn a_name_is_written_as_the_standard_has_it() {
        for name in [
            "CN=srv.example",
            "CN=a,OU=b,O=c,L=d,ST=e,C=DE",
            "CN=c+UID=u,DC=example,DC=org",
            "CN=\\ a\\, \\\"b\\\" \\+ \\<c\\>\\; \\\\\\ ",
            "CN=\\#1 # 2",
            "STREET=\u{fc}ber,SERIALNUMBER=00 1",
            "EMAILADDRESS=a@b.example",
        ] {
            let read = Name::from_str(name).unwrap();
            assert_eq!(text(&read), name);
        }
    }

    #[test]
    fn what_has_no_name_or_is_no_text_is_told_by_its_number_and_octets() {
        let read = Name::from_str("2.5.4.12=#040201ff").unwrap();
        assert_eq!(text(&read), "2.5.4.12=#01ff");
        let read = Name::from_str("2.5.4.12=#0c0161").unwrap();
        assert_eq!(text(&read), "2.5.4.12=a");
        assert_eq!(text(&Name::from_str("CN=a\\0ab").unwrap()), "CN=a\\0ab");
        assert_eq!(text(&Name::default()), "");
    }
}
