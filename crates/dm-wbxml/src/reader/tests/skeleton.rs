//! Tokens of whole elements: what they stand for, and every way in which one brings less or more.

use alloc::format;
use alloc::vec::Vec;

use dm_xml::{LimitExceeded, canonical};

use super::{Case, InBin, LANGUAGES, LIMITS, Then, lenient, octets, strict};
use crate::{
    Bone, CodePage, Encoder, ErrorKind as Kind, Shape, Skeleton, Source, Step, Value, Vocabulary,
};

const fn start(local: &'static str) -> Step {
    Step::Start(Bone { namespace: "urn:w", local, attributes: &[] })
}

static SHAPE: Shape = Shape {
    name: "W",
    root: Bone {
        namespace: "urn:w",
        local: "W",
        attributes: &[("k", Value::Given(0)), ("h", Value::Hexadecimal)],
    },
    steps: &[
        start("D"),
        Step::Octets,
        Step::End,
        start("T"),
        Step::Text,
        Step::End,
        start("E"),
        Step::Octets,
        Step::End,
    ],
};
static SKELETONS: [Skeleton; 2] = [
    Skeleton { shape: &SHAPE, values: &["one"], lengths: &[2] },
    Skeleton { shape: &SHAPE, values: &["two"], lengths: &[2] },
];
static PAGES: [CodePage; 2] = [CodePage::new(0, "urn:p0", &["A"]), CodePage::whole(9, &SKELETONS)];
/// A language with a page of whole elements.
pub(super) static WHOLE: Vocabulary =
    Vocabulary { number: 0x7D, text: "-//W//EN", pages: &PAGES, attributes: &[] };

const ONE: &str = r#"<W xmlns="urn:w" h="0061" k="one"><D>qrs=</D><T>t</T><E>zA==</E></W>"#;

pub(super) const SKELETON: &[Case] = &[
    Case {
        // Nothing at all.
        octets: "02 7D 6A 00 00 09 05",
        met: &[(Kind::Skeleton, 6, 9)],
        then: Then::Shows(r#"<W xmlns="urn:w"></W>"#),
    },
    Case {
        octets: "02 7D 6A 00 00 09 45 01",
        met: &[(Kind::Skeleton, 6, 9)],
        then: Then::Shows(r#"<W xmlns="urn:w"></W>"#),
    },
    Case {
        // Too few octets.
        octets: "02 7D 6A 00 00 09 45 C3 01 AA 03 'a' 00 03 't' 00 01",
        met: &[
            (Kind::Skeleton, 6, 9),
            (Kind::OctetsBesideContent, 10, 9),
            (Kind::OctetsBesideContent, 13, 9),
        ],
        then: Then::Shows(r#"<W xmlns="urn:w">qg==at</W>"#),
    },
    Case {
        // Texts before octets.
        octets: "02 7D 6A 00 00 09 45 03 'a' 00 03 't' 00 01",
        met: &[(Kind::Skeleton, 6, 9)],
        then: Then::Shows(r#"<W xmlns="urn:w">at</W>"#),
    },
    Case {
        // A text too few, and one too many.
        octets: "02 7D 6A 00 00 09 45 C3 02 AA BB 03 'a' 00 01",
        met: &[(Kind::Skeleton, 6, 9), (Kind::OctetsBesideContent, 11, 9)],
        then: Then::Shows(r#"<W xmlns="urn:w">qrs=a</W>"#),
    },
    Case {
        octets: "02 7D 6A 00 00 09 45 C3 02 AA BB 03 'a' 00 03 00 03 'u' 00 01",
        met: &[
            (Kind::Skeleton, 6, 9),
            (Kind::OctetsBesideContent, 11, 9),
            (Kind::OctetsBesideContent, 16, 9),
        ],
        then: Then::Shows(r#"<W xmlns="urn:w">qrs=au</W>"#),
    },
    Case {
        // An entity, a page switch, an element, the element itself.
        octets: "02 7D 6A 00 00 09 45 C3 02 AA BB 03 'a' 00 02 74 01",
        met: &[
            (Kind::Skeleton, 6, 9),
            (Kind::OctetsBesideContent, 11, 9),
            (Kind::OctetsBesideContent, 14, 9),
        ],
        then: Then::Shows(r#"<W xmlns="urn:w">qrs=at</W>"#),
    },
    Case {
        octets: "02 7D 6A 00 00 09 45 C3 02 AA BB 00 00 05 01",
        met: &[(Kind::Skeleton, 6, 9), (Kind::OctetsBesideContent, 13, 0)],
        then: Then::Shows(r#"<W xmlns="urn:w">qrs=<A xmlns="urn:p0"></A></W>"#),
    },
    Case {
        octets: "02 7D 6A 00 00 09 45 46 05 01 01",
        met: &[(Kind::Skeleton, 6, 9), (Kind::Skeleton, 7, 9), (Kind::Skeleton, 8, 9)],
        then: Then::Shows(r#"<W xmlns="urn:w"><W><W></W></W></W>"#),
    },
];

#[test]
fn a_token_stands_for_the_whole_element() {
    let one = octets("02 7D 6A 00 00 09 45 C3 03 AA BB CC 03 'a' 00 03 't' 00 01");
    assert_eq!(strict(&one).as_deref(), Ok(ONE));
    let by_table = octets("02 7D 6A 04 'a' 00 't' 00 00 09 45 C3 03 AA BB CC 83 00 83 02 01");
    assert_eq!(strict(&by_table).as_deref(), Ok(ONE));
    let two = octets("02 7D 6A 00 00 09 46 C3 02 AA BB 03 00 03 00 01");
    let empty = r#"<W xmlns="urn:w" h="00" k="two"><D>qrs=</D><T></T><E></E></W>"#;
    assert_eq!(strict(&two).as_deref(), Ok(empty));
}

#[test]
fn what_was_read_by_a_token_is_written_by_it() {
    for case in [
        "02 7D 6A 00 00 09 45 C3 03 AA BB CC 03 'a' 00 03 't' 00 01",
        "02 7D 6A 00 00 09 46 C3 02 AA BB 03 00 03 00 01",
        "02 7D 6A 00 45 00 09 45 C3 03 AA BB CC 03 'a' 00 03 't' 00 01 01",
    ] {
        let octets = octets(case);
        let source = Source::new(&octets, &LANGUAGES, &LIMITS).unwrap();
        let document = source.decode(InBin::default(), &LIMITS).unwrap();
        let encoder = Encoder::new(&WHOLE);
        assert_eq!(encoder.encode(&document, InBin::default()), Ok(octets.clone()), "{case}");
        assert_eq!(encoder.encoded_len(&document, InBin::default()), Ok(octets.len()));
    }
}

/// The text as our writer writes it, and whether the token is there.
fn written(text: &str) -> (Vec<u8>, bool) {
    let limits = dm_xml::Limits::default();
    let document = dm_xml::parse(text.as_bytes(), &limits).unwrap();
    let octets = Encoder::new(&WHOLE).encode(&document, InBin::default()).unwrap();
    let source = Source::new(&octets, &LANGUAGES, &limits).unwrap();
    let again = source.decode(InBin::default(), &limits).unwrap();
    assert_eq!(canonical::text(&again), canonical::text(&document));
    let has_token = octets.windows(4).any(|found| found == [0, 9, 0x45, 0xC3]);
    (octets, has_token)
}

#[test]
fn an_element_of_the_shape_is_one_token_however_it_is_said() {
    let expected = octets("02 7D 6A 00 00 09 45 C3 03 AA BB CC 03 'a' 00 03 't' 00 01");
    for text in [ONE, &ONE.replace(r#" h="0061" k="one""#, r#" k="one" h="0061""#)] {
        assert_eq!(written(text), (expected.clone(), true), "{text}");
    }
    let twice = format!("<A xmlns=\"urn:p0\">{ONE}<B>{ONE}</B>{ONE}</A>");
    let (octets, _) = written(&twice);
    assert_eq!(octets.windows(2).filter(|found| *found == [0x45, 0xC3]).count(), 3);
}

#[test]
fn an_element_that_is_not_quite_of_the_shape_is_written_as_it_is() {
    let inner = "<D>qrs=</D><T>t</T><E>zA==</E>";
    for (from, to) in [
        ("one", "three"),
        (" k=\"one\"", ""),
        ("h=\"00", "h=\""),
        ("h=\"0061", "h=\"00a1"),
        ("h=\"0061", "h=\"0001"),
        ("h=\"0061", "h=\"00FF"),
        ("h=\"0061", "h=\"006"),
        ("h=\"", "j=\"\" h=\""),
        ("qrs=", "qrs"),
        ("qrs=", "qrsA"),
        ("qrs=", "qrt="),
        ("qrs=", ""),
        ("qrs=", "<x/>"),
        ("zA==", "zA==<x/>"),
        ("zA==", " zA=="),
        ("t</T>", "t<x/></T>"),
        ("<T>t</T>", ""),
        ("<T>", "<T a=\"\">"),
        ("</W>", "<x/></W>"),
        ("</W>", "x</W>"),
        ("<D>", "x<D>"),
        (inner, ""),
        (inner, &inner.repeat(40)),
        ("urn:w", "urn:v"),
    ] {
        let text = ONE.replacen(from, to, 1);
        assert_ne!(text, ONE);
        assert!(!written(&text).1, "{text}");
        // What stands behind it is looked at again.
        let both = format!("<A xmlns=\"urn:p0\">{text}{ONE}</A>");
        assert!(written(&both).1, "{both}");
    }
}

#[test]
fn a_text_that_occurs_elsewhere_is_by_reference_if_all_of_it_is() {
    let with = |text: &str| {
        let one = ONE.replace("<T>t<", &format!("<T>{text}<"));
        written(&format!("<A xmlns=\"urn:p0\"><A>./a/name</A><A>./a/name</A>{one}</A>")).0
    };
    let found = |octets: &[u8], wanted: &[u8]| octets.windows(wanted.len()).any(|it| it == wanted);
    assert!(found(&with("./a/name"), b"\x03a\0\x83\0\x01"));
    assert!(found(&with("./a/names"), b"\x03a\0\x03./a/names\0\x01"), "not in pieces");
}

#[test]
fn a_token_of_a_whole_element_has_no_attributes() {
    let (read, told) = lenient(&octets("02 7D 6A 02 'a' 00 00 09 85 04 00 03 'v' 00 01"));
    assert_eq!(read.as_deref(), Ok(r#"<W xmlns="urn:w" a="v"></W>"#));
    assert_eq!(
        told.iter().map(|met| (met.kind, met.offset)).collect::<Vec<_>>(),
        [(Kind::AttributeOnToken, 8)]
    );
}

#[test]
fn a_token_of_a_whole_element_may_be_cut_off_anywhere() {
    let whole = octets("02 7D 6A 00 45 00 09 45 C3 03 AA BB CC 03 'a' 00 03 't' 00 01 01");
    for (length, at) in [(8, 8), (10, 8), (13, 13), (15, 13), (16, 16), (18, 16), (19, 19)] {
        let error = strict(&whole[..length]).unwrap_err();
        assert_eq!((error.kind, error.offset), (Kind::EndsEarly, at), "{length} octets");
        let (read, told) = lenient(&whole[..length]);
        assert_eq!(read.as_deref(), Ok(r#"<A xmlns="urn:p0"></A>"#), "{length} octets");
        assert_eq!(told, [error], "{length} octets");
    }
}

#[test]
fn what_a_token_stands_for_counts_for_the_limits() {
    // Four elements each, and LIMITS has five.
    let two = octets(
        "02 7D 6A 00 45 00 09 45 C3 02 AA BB 03 00 03 00 01 45 C3 02 AA BB 03 00 03 00 01 01",
    );
    let error = strict(&two).unwrap_err();
    assert_eq!((error.kind, error.offset), (Kind::Limit(LimitExceeded::Elements(5)), 17));
    let deep = octets("02 7D 6A 00 45 45 00 09 45 C3 02 AA BB 03 00 03 00 01 01 01");
    let error = strict(&deep).unwrap_err();
    assert_eq!((error.kind, error.offset), (Kind::Limit(LimitExceeded::Depth(3)), 8));
    let long = octets("02 7D 6A 00 00 09 45 C3 02 AA BB 03 'abcdefghijkl' 00 03 00 01");
    let error = strict(&long).unwrap_err();
    assert_eq!(error.kind, Kind::Limit(LimitExceeded::Text(24)));
}
