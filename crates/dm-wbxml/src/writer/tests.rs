use alloc::vec::Vec;

use dm_xml::{Limits, canonical, parse_lenient};

use crate::{CodePage, Encoder, Languages, NoOctets, Source, Vocabulary, WriteError};

static PAGES: [CodePage; 2] = [CodePage::new(0, "urn:x", &["A"]), CodePage::new(1, "", &["None"])];
static X: Vocabulary =
    Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &[] };
static LANGUAGES: Languages = Languages { known: &[&X], foreign: &[] };

fn written(text: &str) -> Result<Vec<u8>, WriteError> {
    let (document, _) = parse_lenient(text.as_bytes(), &Limits::default()).unwrap();
    Encoder::new(&X).encode(&document, NoOctets)
}

#[test]
fn an_element_in_no_namespace_is_not_moved_into_the_one_around_it() {
    let refused = |text| match written(text) {
        Err(WriteError::NoNamespace { element }) => assert_eq!(&*element, "b"),
        other => panic!("{text}: {other:?}"),
    };
    refused("<A xmlns='urn:x'><b xmlns=''/></A>");
    refused("<c xmlns='urn:y'><b xmlns=''/></c>");
    refused("<b/>");
}

#[test]
fn inside_an_element_in_no_namespace_a_name_is_in_none() {
    let text = "<None><b><c></c></b></None>";
    let octets = written(text).unwrap();
    let source = Source::new(&octets, &LANGUAGES, &Limits::default()).unwrap();
    let document = source.decode(NoOctets, &Limits::default()).unwrap();
    assert_eq!(canonical::text(&document), text);
}
