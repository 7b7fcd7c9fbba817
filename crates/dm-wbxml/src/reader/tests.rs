use alloc::string::String;

use dm_xml::{Limits, canonical};

use crate::{AttributePage, CodePage, ErrorKind, Languages, NoOctets, Source, Vocabulary};

static PAGES: [CodePage; 1] = [CodePage::new(0, "", &["Doc"])];
static ATTRIBUTES: [AttributePage; 1] = [AttributePage::new(0, &[(0x05, "name", "")], &[])];
/// A language whose elements have no namespace and whose attributes have tokens.
static LANGUAGE: Vocabulary =
    Vocabulary { number: 0x7F, text: "-//X//EN", pages: &PAGES, attributes: &ATTRIBUTES };
static LANGUAGES: Languages = Languages { known: &[&LANGUAGE], foreign: &[] };

fn read(octets: &[u8]) -> Result<String, ErrorKind> {
    let limits = Limits::default();
    let source = Source::new(octets, &LANGUAGES, &limits).map_err(|error| error.kind)?;
    let document = source.decode(NoOctets, &limits).map_err(|error| error.kind)?;
    Ok(canonical::text(&document))
}

#[test]
fn xmlns_on_a_token_says_what_the_page_says_where_attributes_have_tokens_too() {
    // It was read as an attribute, and the canonical form showed an element of that namespace.
    let with = |value: &[u8]| {
        let head = b"\x03\x7F\x6A\x06xmlns\0\x85\x04\x00\x03";
        [head, value, b"\0\x05\x03n\0\x01"].concat()
    };
    assert_eq!(read(&with(b"urn:x")), Err(ErrorKind::Namespace));
    assert_eq!(read(&with(b"")).as_deref(), Ok(r#"<Doc name="n"></Doc>"#));
}
