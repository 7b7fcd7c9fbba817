use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;

use proptest::prelude::*;

use super::*;

/// Tells octets apart, which is all that is wanted of a digest here.
fn digest(octets: &[u8]) -> [u8; 32] {
    let mut digest = [0; 32];
    for (at, octet) in octets.iter().enumerate() {
        digest[at % 32] ^= octet.rotate_left(u32::try_from(at / 32 % 8).unwrap());
    }
    digest[0] = digest[0].wrapping_add(u8::try_from(octets.len() % 251).unwrap());
    digest
}

fn file(entries: &[Entry<'_>], signature: &str) -> Vec<u8> {
    let mut file = Head::new(7, entries, digest).unwrap().finish(signature).unwrap();
    entries.iter().for_each(|entry| file.extend_from_slice(entry.octets));
    file
}

const TWO: [Entry<'_>; 2] = [
    Entry { to: "urn:imei:1", id: "c.1", octets: b"\x02one" },
    Entry { to: "urn:group:all", id: "c.2", octets: b"\x02two" },
];

proptest! {
    #[test]
    fn what_is_written_is_read(
        messages in prop::collection::vec(("[a-z:0-9]{1,40}", "[a-z.]{1,20}", prop::collection::vec(any::<u8>(), 0..99)), 0..9),
        signature in "[A-Za-z.]{0,60}",
    ) {
        let entry = |it: &'static (String, String, Vec<u8>)| Entry { to: &it.0, id: &it.1, octets: &it.2 };
        let messages: &'static Vec<_> = alloc::boxed::Box::leak(alloc::boxed::Box::new(messages));
        let entries: Vec<_> = messages.iter().map(entry).collect();
        let file = file(&entries, &signature);
        let bundle = Bundle::read(&file, digest).unwrap();
        prop_assert_eq!(bundle.entries, entries);
        prop_assert_eq!((bundle.made, bundle.signature.unwrap_or("")), (7, &*signature));
        prop_assert!(file.starts_with(bundle.signed));
    }

    #[test]
    fn any_octets_are_an_error_and_never_a_panic(octets in prop::collection::vec(any::<u8>(), 0..99)) {
        let octets = [&MAGIC[..], &octets].concat();
        let _ = Bundle::read(&octets, digest);
    }
}

#[test]
fn a_bundle_that_is_cut_anywhere_is_none() {
    let file = file(&TWO, "a..b");
    for length in 0..file.len() {
        assert!(Bundle::read(&file[..length], digest).is_err(), "{length}");
    }
}

#[test]
fn a_changed_message_is_named_by_where_it_is() {
    let mut file = file(&TWO, "a..b");
    let last = file.len() - 1;
    file[last] ^= 1;
    let error = Bundle::read(&file, digest).unwrap_err();
    assert_eq!((error.kind, error.offset), (ErrorKind::Digest, file.len() - 4));
    assert_eq!(
        error.to_string(),
        format!("not the octets of which the manifest has the digest at octet {}", file.len() - 4)
    );
}

#[test]
fn all_but_messages_and_signature_is_signed() {
    let file = file(&TWO, "a..b");
    let signed = Bundle::read(&file, digest).unwrap().signed.len();
    assert_eq!(signed, file.len() - (4 + 4) - (4 + 4));
}

#[test]
fn what_follows_and_what_another_version_is_is_told() {
    let mut file = file(&TWO, "");
    file.push(0);
    assert_eq!(
        Bundle::read(&file, digest).unwrap_err().kind,
        ErrorKind::TrailingOctets { extra: 1 }
    );
    file.pop();
    file[8] = 2;
    let error = Bundle::read(&file, digest).unwrap_err();
    assert_eq!((error.offset, error.kind), (8, ErrorKind::NotOf { form: "bundle of version 1" }));
}

#[test]
fn an_id_that_does_not_fit_is_refused() {
    let long = vec![b'a'; 256];
    let id = core::str::from_utf8(&long).unwrap();
    let error = Head::new(7, &[Entry { id, ..TWO[0] }], digest).unwrap_err();
    assert_eq!(error.kind, ErrorKind::TooLarge { octets: 256, limit: 255 });
}
