//! XML text as an infoset, to compare what two programs say.

use dm_xml::{Document, Element, Limits, canonical};

/// Reads XML text.
pub fn parse(text: &str) -> Document<'_> {
    dm_xml::parse(text.as_bytes(), &Limits::generous())
        .unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The canonical form of XML text, as it stands.
pub fn canonical(text: &str) -> String {
    canonical::text(&parse(text))
}

/// The canonical form of XML text without the white space between elements.
pub fn compact(text: &str) -> String {
    canonical::text(&parse(text).without_white_space())
}

/// An element and all below it, in document order.
pub fn elements<'d>(document: &'d Document<'_>) -> impl Iterator<Item = Element<'d>> {
    document.root().walk()
}

/// XML text without its declaration and document type: the root element alone.
pub fn root_of(text: &str) -> &str {
    let mut rest = text.trim_start_matches('\u{FEFF}').trim_start();
    while rest.starts_with("<?") || rest.starts_with("<!") {
        let end = if rest.starts_with("<!--") { "-->" } else { ">" };
        let (_, behind) = rest.split_once(end).expect("the end of a declaration");
        rest = behind.trim_start();
    }
    rest
}
