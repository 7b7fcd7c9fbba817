//! Well-formedness, clause by clause of XML 1.0: what both profiles make of each text, and where
//! an error stands.

mod content;
mod prolog;
mod tags;

use dm_xml::{Limits, XmlErrorKind, canonical, parse, parse_lenient};

/// Both profiles read each text as this content of `r`.
fn read(cases: &[(&str, &str)]) {
    for (text, content) in cases {
        let expected = format!("<r xmlns=\"u:r\">{content}</r>");
        let document = parse(text.as_bytes(), &Limits::default());
        let document = document.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(canonical::text(&document), expected, "{text:?}");
        let (document, told) = parse_lenient(text.as_bytes(), &Limits::default()).expect(text);
        assert_eq!(
            (canonical::text(&document), told.deviations()),
            (expected, &[][..]),
            "{text:?}"
        );
    }
}

/// Both profiles refuse each text, with the same words and at the same place.
fn refused(cases: &[(&str, XmlErrorKind, usize)]) {
    for (text, kind, offset) in cases {
        for error in [
            parse(text.as_bytes(), &Limits::default()).expect_err(text),
            parse_lenient(text.as_bytes(), &Limits::default()).expect_err(text),
        ] {
            assert_eq!((&error.kind, error.offset), (kind, *offset), "{text:?}");
        }
    }
}

/// The strict profile refuses each text; the lenient one says the same and shows this.
fn only_lenient(cases: &[(&str, XmlErrorKind, usize, &str)]) {
    for (text, kind, offset, shown) in cases {
        let error = parse(text.as_bytes(), &Limits::default()).expect_err(text);
        assert_eq!((&error.kind, error.offset), (kind, *offset), "{text:?}");
        let lenient = parse_lenient(text.as_bytes(), &Limits::default());
        let (document, told) = lenient.unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(canonical::text(&document), *shown, "{text:?}");
        assert_eq!(told.deviations().first(), Some(&error), "{text:?}");
    }
}

/// The strict profile refuses each text at once, the lenient one for another reason behind that.
fn refused_later(cases: &[(&str, XmlErrorKind, XmlErrorKind, usize)]) {
    for (text, strict, lenient, offset) in cases {
        let error = parse(text.as_bytes(), &Limits::default()).expect_err(text);
        assert_eq!(&error.kind, strict, "{text:?}");
        let error = parse_lenient(text.as_bytes(), &Limits::default()).expect_err(text);
        assert_eq!((&error.kind, error.offset), (lenient, *offset), "{text:?}");
    }
}
