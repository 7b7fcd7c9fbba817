//! Text by chance.

use dm_xml::Limits;
use proptest::collection::vec;
use proptest::prelude::*;

use crate::check;

/// Text that is mostly markup.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<r xmlns='u:r'>",
        "</r>",
        "<r ",
        "<a/>",
        "<a:b/>",
        "<a:b",
        "</a:b>",
        " xmlns:a='u:a'",
        " a='1'",
        " b:c=\"2\"",
        "xmlns=''",
        ">",
        "/>",
        "<",
        "&amp;",
        "&#65;",
        "&#",
        "&",
        ";",
        "<!--",
        "-->",
        "--",
        "<![CDATA[",
        "]]>",
        "<?p",
        "?>",
        "<?xml version='1.0'?>",
        "<!DOCTYPE r",
        "[",
        "]",
        "'",
        "\"",
        "\r\n",
        "\r",
        " ",
        "ä",
        "\u{FEFF}",
        "\u{FFFE}",
        "\u{0}",
        "x",
    ]);
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 10_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_octets(octets in vec(any::<u8>(), 0..200)) {
        check(&octets, &Limits::default());
    }

    #[test]
    fn random_markup(text in markup()) {
        check(text.as_bytes(), &Limits::default());
        check(format!("<r xmlns='u:r'>{text}").as_bytes(), &Limits::default());
        check(format!("<r xmlns='u:r'>{text}</r>").as_bytes(), &Limits::default());
    }
}
