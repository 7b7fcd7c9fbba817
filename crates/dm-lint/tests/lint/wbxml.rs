//! A description as WBXML, on code page 2, reads to the same model.

use dm_syncml::wbxml;
use dm_tnds::ddf::Ddf;
use dm_wbxml::Version;
use dm_xml::Limits;

use super::bench::LAMP;

#[test]
fn a_standard_description_survives_wbxml() {
    let limits = Limits::default();
    // What Windows adds has no tokens.
    let mut text = LAMP.to_owned();
    while let Some(at) = text.find("<MSFT:AllowedValues") {
        let end = text.find("</MSFT:AllowedValues>").unwrap() + "</MSFT:AllowedValues>".len();
        text.replace_range(at..end, "");
    }
    let (document, _) = dm_xml::parse_lenient(text.as_bytes(), &limits).unwrap();
    let document = document.without_white_space();
    let ddf = Ddf::read(document.root()).unwrap();
    assert_eq!(ddf.len(), 7);
    for version in [Version::V1_1, Version::V1_2, Version::V1_3] {
        let octets = wbxml::encode(&document, version).unwrap();
        assert!(octets.len() < text.len() / 3);
        let source = wbxml::open(&octets, &limits).unwrap();
        let again = wbxml::decode(&source, &limits).unwrap();
        assert_eq!(Ddf::read(again.root()).unwrap(), ddf);
    }
}
