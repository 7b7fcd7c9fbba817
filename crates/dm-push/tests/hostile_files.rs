//! Any octets at all, where files, codes, blocks and requests are read: an error, and never a panic.

use dm_push::carousel::{Carousel, Collector};
use dm_push::poll::{Ask, wait};
use dm_push::{hex, qr};
use proptest::prelude::*;

/// Text of what these readers know, with anything between.
fn nearly() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "MGQ1:",
        "00000000:",
        "1:",
        "64:",
        "99999999999999999999:",
        "AAAA",
        "QR-Code:",
        "\n",
        "0000  ",
        "0102 ",
        "= 2 octets, CRC-32 ",
        "ffff",
        "/devices/",
        "%2F",
        "/push",
        "?after=",
        "wait=",
        "\"",
        ",",
        ";",
        "é",
    ]);
    let part = prop_oneof![known.prop_map(str::to_owned), "[ -~]{0,6}"];
    prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn text_is_read_or_refused(text in nearly()) {
        if let Ok(octets) = hex::read(&text) {
            prop_assert_eq!(hex::read(&hex::write(&octets)).unwrap(), octets);
        }
        let _ = qr::join(text.as_bytes());
        if let Ok(ask) = Ask::read(&text) {
            prop_assert!(!ask.device.is_empty());
        }
        let _ = wait([&*text]);
    }

    #[test]
    fn octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = qr::join(&octets);
        let mut collector = Collector::new(64);
        let _ = collector.take(&[&b"MGC1"[..], &octets].concat());
        if let Ok(carousel) = Carousel::new(&octets, 30) {
            let mut block = carousel.block(octets.len());
            block.truncate(octets.len());
            let _ = collector.take(&block);
        }
    }
}
