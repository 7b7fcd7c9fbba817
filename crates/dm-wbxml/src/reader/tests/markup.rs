//! Deviations of elements and attributes.

use super::Case;
use super::Then::Shows;
use crate::ErrorKind as Kind;

pub(super) const ATTRIBUTE_ON_TOKEN: &[Case] = &[
    Case {
        octets: "02 7F 6A 02 'n' 00 C5 04 00 03 'v' 00 01 01",
        met: &[(Kind::AttributeOnToken, 6, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n="v"></A>"#),
    },
    Case {
        // A redundant xmlns is let through, and is no attribute of the infoset.
        octets: "02 7F 6A 08 'xmlns' 00 'n' 00 85 04 06 04 00 03 'urn:p0' 00 01",
        met: &[(Kind::AttributeOnToken, 12, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
];

pub(super) const ATTRIBUTE_TWICE: &[Case] = &[
    Case {
        octets: "02 7F 6A 0A 'n' 00 'L' 00 'xmlns' 00 \
                 84 02 04 04 03 'u:l' 00 04 00 03 '1' 00 04 00 03 '2' 00 01",
        met: &[(Kind::AttributeTwice, 28, 0)],
        then: Shows(r#"<L xmlns="u:l" n="1"></L>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 05 03 '1' 00 06 03 '2' 00 01",
        met: &[(Kind::AttributeTwice, 9, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n="1"></A>"#),
    },
];

pub(super) const ATTRIBUTE_TOKEN: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 85 05 01",
        met: &[(Kind::AttributeToken(0x05), 5, 0), (Kind::AttributeOnToken, 4, 0)],
        then: Shows(r#"<A xmlns="urn:p0" unknown-05=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 7F 85 01",
        met: &[(Kind::AttributeToken(0x7F), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0" unknown-7F="val"></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 06 86 85 01",
        met: &[(Kind::AttributeToken(0x86), 6, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n="preval"></A>"#),
    },
    Case {
        // Attributes have their own page, which here has none.
        octets: "02 7E 6A 00 85 00 03 05 01",
        met: &[(Kind::AttributeToken(0x05), 7, 0)],
        then: Shows(r#"<A xmlns="urn:p0" unknown-05=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 05 C3 02 'oo' 01",
        met: &[(Kind::AttributeToken(0xC3), 6, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n="oo"></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 05 42 'x' 00 01",
        met: &[(Kind::AttributeToken(0x42), 6, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n="x"></A>"#),
    },
    Case {
        octets: "02 7E 6A 02 'x' 00 85 05 80 00 01",
        met: &[(Kind::AttributeToken(0x80), 8, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 05 C1 01",
        met: &[(Kind::AttributeToken(0xC1), 6, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 43 01",
        met: &[(Kind::AttributeToken(0x43), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0" unknown-43=""></A>"#),
    },
    // A piece of a value before any attribute is named by its own token.
    Case {
        octets: "02 7E 6A 00 85 03 'x' 00 05 01",
        met: &[(Kind::AttributeToken(0x03), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 02 'x' 05 01",
        met: &[(Kind::AttributeToken(0x02), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 02 'x' 00 85 83 00 05 01",
        met: &[(Kind::AttributeToken(0x83), 7, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 85 05 01",
        met: &[(Kind::AttributeToken(0x85), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
];

pub(super) const LITERAL_HAS_TOKEN: &[Case] = &[
    Case {
        octets: "02 7F 6A 02 'A' 00 45 04 00 01",
        met: &[(Kind::LiteralHasToken, 7, 0)],
        then: Shows(r#"<A xmlns="urn:p0"><A></A></A>"#),
    },
    Case {
        // The namespace counts, not the page.
        octets: "02 7F 6A 08 'C' 00 'xmlns' 00 84 00 04 02 03 'urn:p1' 00 01",
        met: &[(Kind::LiteralHasToken, 12, 0)],
        then: Shows(r#"<C xmlns="urn:p1"></C>"#),
    },
];

pub(super) const LITERAL_NAME: &[Case] = &[
    Case {
        octets: "02 7F 6A 03 '1x' 00 45 04 00 01",
        met: &[(Kind::LiteralName, 8, 0)],
        then: Shows(r#"<A xmlns="urn:p0"><unknown-literal></unknown-literal></A>"#),
    },
    Case {
        octets: "02 7F 6A 04 'p:x' 00 45 44 00 03 't' 00 01 01",
        met: &[(Kind::LiteralName, 9, 0)],
        then: Shows(r#"<A xmlns="urn:p0"><unknown-literal>t</unknown-literal></A>"#),
    },
    Case {
        octets: "02 7E 6A 03 'a>' 00 85 04 00 03 'v' 00 01",
        met: &[(Kind::LiteralName, 8, 0)],
        then: Shows(r#"<A xmlns="urn:p0" unknown-literal="v"></A>"#),
    },
    Case {
        // The second one cannot be shown under the same name.
        octets: "02 7E 6A 04 '1' 00 '2' 00 85 04 00 04 02 01",
        met: &[
            (Kind::LiteralName, 9, 0),
            (Kind::LiteralName, 11, 0),
            (Kind::AttributeTwice, 11, 0),
        ],
        then: Shows(r#"<A xmlns="urn:p0" unknown-literal=""></A>"#),
    },
];

pub(super) const LITERAL_NAMESPACE: &[Case] = &[
    Case {
        octets: "02 7F 6A 02 'L' 00 04 00",
        met: &[(Kind::LiteralNamespace, 6, 0)],
        then: Shows("<L></L>"),
    },
    Case {
        octets: "02 7F 6A 08 'L' 00 'xmlns' 00 84 00 04 02 03 'rel' 00 01",
        met: &[(Kind::LiteralNamespace, 12, 0)],
        then: Shows("<L></L>"),
    },
    Case {
        octets: "02 7F 6A 08 'L' 00 'xmlns' 00 45 84 00 04 02 01 01",
        met: &[(Kind::LiteralNamespace, 13, 0)],
        then: Shows(r#"<A xmlns="urn:p0"><L xmlns=""></L></A>"#),
    },
];

pub(super) const NAMESPACE: &[Case] = &[
    Case {
        octets: "02 7F 6A 06 'xmlns' 00 85 04 00 03 'urn:q' 00 01",
        met: &[(Kind::Namespace, 10, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 06 'xmlns' 00 45 00 01 85 04 00 03 'urn:p0' 00 01 01",
        met: &[(Kind::Namespace, 13, 1)],
        then: Shows(r#"<A xmlns="urn:p0"><C xmlns="urn:p1"></C></A>"#),
    },
    Case {
        // Where attributes have tokens it was shown as an attribute, and was no longer one there.
        octets: "02 7E 6A 06 'xmlns' 00 85 04 00 03 'urn:q' 00 05 03 'x' 00 01",
        met: &[(Kind::Namespace, 10, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n="x"></A>"#),
    },
];

pub(super) const UNKNOWN_PAGE: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 00 07 45 01",
        met: &[(Kind::UnknownPage, 6, 7)],
        then: Shows("<unknown-05></unknown-05>"),
    },
    Case {
        // A page that nothing is read on is no matter.
        octets: "02 7F 6A 00 45 00 07 00 FF 3F 00 01 05 01",
        met: &[(Kind::UnknownPage, 9, 255)],
        then: Shows(
            r#"<A xmlns="urn:p0"><unknown-3F xmlns=""></unknown-3F><C xmlns="urn:p1"></C></A>"#,
        ),
    },
];

pub(super) const UNKNOWN_TAG: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 3D",
        met: &[(Kind::UnknownTag(0x3D), 4, 0)],
        then: Shows(r#"<unknown-3D xmlns="urn:p0"></unknown-3D>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 00 01 7E 03 't' 00 01 01",
        met: &[(Kind::UnknownTag(0x3E), 7, 1)],
        then: Shows(r#"<A xmlns="urn:p0"><unknown-3E xmlns="urn:p1">t</unknown-3E></A>"#),
    },
];
