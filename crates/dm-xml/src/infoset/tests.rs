//! Which namespaces stand outside of an element, whatever was done to the document.

use alloc::format;
use alloc::string::String;

use crate::{Document, Event, Limits, parse};

fn document(text: &str) -> Document<'_> {
    parse(text.as_bytes(), &Limits::default()).unwrap()
}

/// Asks for each namespace and each element, and looks at each event for the answer; how often it
/// was yes, and how often no.
fn ask(document: &Document<'_>) -> [usize; 2] {
    let mut answers = [0; 2];
    for element in document.root().walk() {
        for asked in document.root().walk().map(|other| other.namespace()).chain(["u:none"]) {
            let mut events = document.events_without(element);
            let expected = events
                .any(|event| matches!(event, Event::Start { namespace, .. } if namespace == asked));
            let found = document.has_namespace_without(asked, element);
            assert_eq!(found, expected, "{asked} without {element:?}");
            answers[usize::from(!expected)] += 1;
        }
    }
    answers
}

const MIXED: &str = r#"<a xmlns="u:a"> <b xmlns="u:b"> <c xmlns="u:c"/> </b>
    <b xmlns="u:b"><a xmlns="u:a">x</a> <d xmlns="u:d"> </d></b> <c xmlns="u:c"/> </a>"#;

#[test]
fn a_namespace_is_found_before_an_element_and_behind_it_and_not_in_it() {
    let [yes, no] = ask(&document(MIXED));
    assert!(yes > 0 && no > 0);
}

#[test]
fn it_is_found_where_so_many_are_that_some_are_noted_again() {
    let many: String = (0..40).map(|n| format!("<x xmlns=\"u:{}\"/>", n * 7 % 20)).collect();
    ask(&document(&format!("<a xmlns=\"u:a\">{many}<b>{many}</b></a>")));
}

#[test]
fn it_is_found_when_white_space_was_dropped_and_a_child_was_added() {
    let mut changed = document(MIXED).without_white_space();
    ask(&changed);
    changed.append(document(r#"<e xmlns="u:e"><b xmlns="u:b"/><f xmlns="u:f"/></e>"#));
    ask(&changed);
}
