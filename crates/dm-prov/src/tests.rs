use std::borrow::ToOwned;
use std::collections::BTreeSet;
use std::string::String;
use std::vec::Vec;

use super::*;

const DOCS: &str = include_str!("../../../docs/code-pages.md");

type Tokens = BTreeSet<(u8, u8, String, String)>;

/// The rows of the table under this heading of the docs: page, token, and up to two texts.
fn in_docs(heading: &str) -> Tokens {
    let section =
        DOCS.split("\n## ").find_map(|part| part.strip_prefix(heading)?.strip_prefix('\n'));
    let lines = section.expect("the docs have the heading").lines();
    let hex = |text: &str| u8::from_str_radix(text, 16).expect("a number");
    let row = |line: &str| {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let value = if cells.len() > 5 { cells[4] } else { "" };
        (hex(cells[1]), hex(cells[2]), cells[3].to_owned(), value.to_owned())
    };
    lines.filter(|line| line.starts_with("| ")).skip(2).map(row).collect()
}

#[test]
fn the_tags_in_the_docs_are_those_of_the_code() {
    let tags = |page: &CodePage| -> Vec<_> {
        let number = page.number();
        page.tokens().map(|(token, name)| (number, token, name.to_owned(), String::new())).collect()
    };
    let in_code: Tokens = PROV.pages.iter().flat_map(tags).collect();
    assert_eq!(in_code, in_docs("Provisioning documents"));
}

#[test]
fn the_starts_of_attributes_in_the_docs_are_those_of_the_code() {
    let starts = |page: &AttributePage| -> Vec<_> {
        let number = page.number();
        let starts = page.starts();
        starts
            .map(|(token, name, value)| (number, token, name.to_owned(), value.to_owned()))
            .collect()
    };
    let in_code: Tokens = PROV.attributes.iter().flat_map(starts).collect();
    assert_eq!(in_code, in_docs("Attributes of provisioning documents"));
}

#[test]
fn the_values_in_the_docs_are_those_of_the_code() {
    let values = |page: &AttributePage| -> Vec<_> {
        let number = page.number();
        page.values().map(|(token, text)| (number, token, text.to_owned(), String::new())).collect()
    };
    let in_code: Tokens = PROV.attributes.iter().flat_map(values).collect();
    assert_eq!(in_code, in_docs("Values in provisioning documents"));
}

#[test]
fn the_identifier_in_the_docs_is_that_of_the_code() {
    let row = std::format!("| {:02X} | {} | wap-provisioningdoc | - |", PROV.number, PROV.text);
    assert!(DOCS.contains(&row), "{row}");
    assert_eq!(PROV.token(NAMESPACE, "wap-provisioningdoc"), Some((0, 0x05)));
}

/// One text has one token on a page, so what is written does not depend on the order of a table.
#[test]
fn no_text_has_two_tokens_on_a_page() {
    for page in PROV.attributes {
        let starts: BTreeSet<_> = page.starts().map(|(_, name, value)| (name, value)).collect();
        assert_eq!(starts.len(), page.starts().count());
        let values: BTreeSet<_> = page.values().map(|(_, text)| text).collect();
        assert_eq!(values.len(), page.values().count());
    }
}

/// The settings of an application are on page 1.
#[test]
fn a_token_means_another_thing_on_another_page() {
    let start = |page, token| PROV.attribute_page(page).and_then(|page| page.start(token));
    assert_eq!(start(0, 0x55), Some(("type", "NAPDEF")));
    assert_eq!(start(1, 0x55), Some(("type", "APPLICATION")));
    assert_eq!(start(0, 0x36), Some(("name", "MAX-BITRATE-DNLINK")));
    assert_eq!(start(1, 0x36), Some(("name", "APPID")));
    assert_eq!(start(2, 0x05), None);
}
