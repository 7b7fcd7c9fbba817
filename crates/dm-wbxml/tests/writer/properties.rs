//! What holds for every document.

use dm_xml::{Builder, Limits};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{ATTRIBUTED, NAMED, PLAIN, write};

/// Texts that share beginnings, ends and each other.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "./",
        "Vendor",
        "/",
        "One",
        "a",
        "b",
        "ä",
        "å",
        "\u{1F600}",
        "\u{1F601}",
        "Name",
        "L",
        "http://",
        ".com",
        " ",
        "&<>\"",
        "AAEC",
    ]);
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Which element it is, its text, its attributes where it may have any, and how far it closes.
type Step = (usize, String, Vec<String>, usize);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec((0..7_usize, text(), vec(text(), 0..3), 0..3_usize), 0..24)
}

const ELEMENTS: [(&str, &str); 7] = [
    ("urn:x", "T"),
    ("urn:x", "U"),
    ("urn:y", "V"),
    ("urn:x", "L"),
    ("urn:y", "Name"),
    ("u:z", "T"),
    ("u:z", "Other-ä"),
];

fn document(steps: &[Step], attributed: bool) -> dm_xml::Document<'_> {
    const NAMES: [&str; 2] = ["n", "other"];
    let mut builder = Builder::new(Limits::default());
    let mut depth = 0;
    builder.start("urn:x", "All").expect("small");
    for (element, text, attributes, closes) in steps {
        let (namespace, local) = ELEMENTS[*element];
        builder.start(namespace, local).expect("small");
        depth += 1;
        if attributed || *element > 2 {
            for (name, value) in NAMES.into_iter().zip(attributes) {
                builder.attribute(name, value.as_str()).expect("small");
            }
        }
        builder.text(text.as_str()).expect("small");
        for _ in 0..*closes.min(&depth) {
            builder.end();
            depth -= 1;
            builder.text(text.as_str()).expect("small");
        }
    }
    for _ in 0..=depth {
        builder.end();
    }
    builder.finish().expect("the root has ended")
}

/// A leaf for each of the texts.
fn leaves(texts: &[String]) -> dm_xml::Document<'_> {
    let mut builder = Builder::new(Limits::default());
    builder.start("urn:x", "All").expect("small");
    for text in texts {
        builder.leaf("urn:x", "T", text.as_str()).expect("small");
    }
    builder.end();
    builder.finish().expect("the root has ended")
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_reads_back_and_is_the_smaller_of_both_ways(steps in steps()) {
        write(&PLAIN, &document(&steps, false));
        write(&NAMED, &document(&steps, false));
        write(&ATTRIBUTED, &document(&steps, true));
    }

    #[test]
    fn any_texts_read_back(texts in vec("[^\u{0}-\u{1F}\u{FFFE}\u{FFFF}]{0,8}", 0..40)) {
        write(&PLAIN, &leaves(&texts));
    }

    #[test]
    fn short_texts_often_used_read_back(texts in vec("[ab]{1,3}", 0..400)) {
        write(&PLAIN, &leaves(&texts));
    }
}
