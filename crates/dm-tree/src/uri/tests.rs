use proptest::prelude::*;

use super::*;

fn uri(text: &str) -> Uri {
    Uri::parse(text).unwrap()
}

#[test]
fn three_spellings_are_one_node() {
    assert_eq!(uri("A/B").as_str(), "./A/B");
    assert_eq!(uri("/A/B"), uri("A/B"));
    assert_eq!(uri("./A/B"), uri("A/B"));
    assert_eq!(uri("."), Uri::root());
}

#[test]
fn malformed_uris_name_nothing() {
    use UriError::{Character, DotSegment, EmptySegment, Escape};
    for (text, error) in [
        ("", EmptySegment),
        ("./", EmptySegment),
        ("/", EmptySegment),
        ("//A", EmptySegment),
        ("./A/", EmptySegment),
        ("./A//B", EmptySegment),
        ("..", DotSegment),
        ("./..", DotSegment),
        ("./A/../B", DotSegment),
        ("././A", DotSegment),
        ("./A/.", DotSegment),
        ("./A/%2E%2e/B", DotSegment),
        ("./A%", Escape),
        ("./A%2", Escape),
        ("./A%G0", Escape),
        ("./A%+1", Escape),
        ("./A%FF", Escape),
        ("./A%C3", Escape),
        ("./A%00", Character),
        ("./A%2FB", Character),
        ("./A%2fB", Character),
        ("./A%3Fprop=ACL", Character),
        ("./A%2541", Character),
        ("./A?prop=ACL", Character),
        ("./A#B", Character),
        ("./A B", Character),
        ("./A\tB", Character),
        ("./A\u{A0}B", Character),
        ("./A\u{3000}B", Character),
        ("./A\u{7F}B", Character),
        ("./A\u{FFFF}", Character),
        ("./A\u{1}", Character),
    ] {
        assert_eq!(Uri::parse(text), Err(error), "{text:?}");
    }
}

#[test]
fn escapes_are_decoded_once() {
    assert_eq!(uri("./%C3%A4%e2%82%ac").as_str(), "./ä€");
    assert_eq!(uri("./A%2BB"), uri("./A+B"));
}

#[test]
fn walks_up_and_down() {
    let leaf = uri("./A/B/C");
    assert_eq!(leaf.ancestors().collect::<Vec<_>>(), ["./A/B/C", "./A/B", "./A", "."]);
    assert_eq!(leaf.segments().collect::<Vec<_>>(), ["A", "B", "C"]);
    assert_eq!(Uri::root().ancestors().collect::<Vec<_>>(), ["."]);
    assert_eq!(Uri::root().segments().count(), 0);
    assert_eq!(Uri::root().parent(), None);
    assert_eq!(uri("./A").parent(), Some(Uri::root()));
    assert_eq!(Uri::root().join("A").unwrap(), uri("./A"));
    assert_eq!(uri("./A").join("B/C"), Err(UriError::Character));
    assert_eq!(uri("./A").join(".."), Err(UriError::DotSegment));
    assert_eq!(leaf.rebased(&uri("./A"), &uri("./X/Y")), uri("./X/Y/B/C"));
}

#[test]
fn the_range_below_holds_what_is_below() {
    let all = ["./A", "./A!", "./A-B", "./A/", "./A/B", "./A/\u{10FFFD}", "./A0", "./AB"];
    let range = uri("./A").below();
    let inside: Vec<_> = all
        .into_iter()
        .filter(|text| core::ops::RangeBounds::<str>::contains(&range.bounds(), *text))
        .collect();
    assert_eq!(inside, ["./A/", "./A/B", "./A/\u{10FFFD}"]);
}

proptest! {
    #[test]
    fn parsing_is_idempotent(text in "(\\./|/)?([A-Za-z0-9%/.?# ä€-]|%[0-9A-F]{2}){0,12}") {
        if let Ok(uri) = Uri::parse(&text) {
            prop_assert_eq!(Uri::parse(uri.as_str()), Ok(uri.clone()));
            if let Some(parent) = uri.parent() {
                prop_assert_eq!(parent.join(uri.name()), Ok(uri.clone()));
                prop_assert!(uri.is_below(&parent));
            }
        }
    }

    #[test]
    fn no_text_panics(text in ".*") {
        let _ = Uri::parse(&text);
    }
}

#[test]
fn a_capital_e_is_seen_wherever_it_stands() {
    for length in 6..40 {
        for at in 2..length {
            let name: String = (2..length).map(|here| if here == at { 'E' } else { 'e' }).collect();
            let with = Uri::parse(&format!("./{name}")).unwrap();
            assert!(with.has_capital_e(), "{with}");
            let without = Uri::parse(&format!("./{}", name.replace('E', "D"))).unwrap();
            assert_eq!(without.has_capital_e(), length < 8, "short ones are not looked at");
        }
    }
}
