//! Deviations of content, and of the document as a whole.

use dm_xml::LimitExceeded as Limit;

use super::Then::{Fails, Shows};
use super::{Case, LIMITS};
use crate::ErrorKind as Kind;

pub(super) const CHARACTER: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 45 03 'a' 01 'b' 00 01",
        met: &[(Kind::Character(1), 5, 0)],
        then: Shows("<A xmlns=\"urn:p0\">a\u{FFFD}b</A>"),
    },
    Case {
        octets: "02 7F 6A 00 45 02 00 01",
        met: &[(Kind::Character(0), 5, 0)],
        then: Shows("<A xmlns=\"urn:p0\">\u{FFFD}</A>"),
    },
    Case {
        octets: "02 7F 6A 00 45 02 83 B0 00 02 C4 80 00 01",
        met: &[(Kind::Character(0xD800), 5, 0), (Kind::Character(0x11_0000), 9, 0)],
        then: Shows("<A xmlns=\"urn:p0\">\u{FFFD}\u{FFFD}</A>"),
    },
    Case {
        octets: "02 7F 6A 00 45 C3 03 EF BF BF 01",
        met: &[(Kind::Character(0xFFFF), 5, 0)],
        then: Shows("<A xmlns=\"urn:p0\">\u{FFFD}</A>"),
    },
    Case {
        // A string of the table is lent out as it stands, so nothing of it is shown.
        octets: "02 7F 6A 03 02 'b' 00 45 83 00 83 01 01",
        met: &[(Kind::Character(2), 8, 0)],
        then: Shows(r#"<A xmlns="urn:p0">b</A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 05 02 0B 01",
        met: &[(Kind::Character(0x0B), 6, 0)],
        then: Shows("<A xmlns=\"urn:p0\" n=\"\u{FFFD}\"></A>"),
    },
];

pub(super) const CONTENT_AFTER_ROOT: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 05 05 FF",
        met: &[(Kind::ContentAfterRoot, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 00 01 45 01 01",
        met: &[(Kind::ContentAfterRoot, 8, 1)],
        then: Shows(r#"<C xmlns="urn:p1"></C>"#),
    },
];

pub(super) const ENDS_EARLY: &[Case] = &[
    Case { octets: "", met: &[], then: Fails(Kind::EndsEarly, 0, 0) },
    Case { octets: "02", met: &[], then: Fails(Kind::EndsEarly, 1, 0) },
    Case { octets: "02 FF", met: &[], then: Fails(Kind::EndsEarly, 1, 0) },
    Case { octets: "02 7F 6A 00", met: &[], then: Fails(Kind::EndsEarly, 4, 0) },
    Case { octets: "02 7E 6A 00 85 05", met: &[], then: Fails(Kind::EndsEarly, 6, 0) },
    Case {
        octets: "02 7F 6A 05 'b' 00",
        met: &[(Kind::EndsEarly, 4, 0)],
        then: Fails(Kind::EndsEarly, 6, 0),
    },
    Case {
        octets: "02 7F 6A 00 45",
        met: &[(Kind::EndsEarly, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 46 03 'a' 00 00 01 03 'cut'",
        met: &[(Kind::EndsEarly, 11, 1)],
        then: Shows(r#"<A xmlns="urn:p0"><B>a</B></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 C3 05 'cut'",
        met: &[(Kind::EndsEarly, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 02 80",
        met: &[(Kind::EndsEarly, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 00",
        met: &[(Kind::EndsEarly, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
];

pub(super) const EXTENSION: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 45 C2 01",
        met: &[(Kind::Extension(0xC2), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 40 'x' 00 01",
        met: &[(Kind::Extension(0x40), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0">x</A>"#),
    },
    Case {
        octets: "02 7F 6A 02 'b' 00 45 82 00 01",
        met: &[(Kind::Extension(0x82), 7, 0)],
        then: Shows(r#"<A xmlns="urn:p0">b</A>"#),
    },
    Case {
        // Its number need be no offset.
        octets: "02 7F 6A 00 45 81 09 01",
        met: &[(Kind::Extension(0x81), 5, 0), (Kind::StringTable(9), 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
];

const fn limit(limit: Limit) -> Kind {
    Kind::Limit(limit)
}

pub(super) const LIMIT: &[Case] = &[
    Case {
        octets: "02 '0123456789012345678901234567890123456789'",
        met: &[],
        then: Fails(limit(Limit::Octets(LIMITS.octets)), 0, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 45 45 45 01 01 01 01",
        met: &[],
        then: Fails(limit(Limit::Depth(LIMITS.depth)), 7, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 05 05 05 05 05 01",
        met: &[],
        then: Fails(limit(Limit::Elements(LIMITS.elements)), 9, 0),
    },
    Case {
        octets: "02 7E 6A 06 'a' 00 'b' 00 'c' 00 85 04 00 04 02 04 04 01",
        met: &[],
        then: Fails(limit(Limit::Attributes(LIMITS.attributes)), 15, 0),
    },
    Case {
        octets: "02 7F 6A 06 '12345' 00 45 83 00 83 00 83 00 83 00 83 00 01",
        met: &[],
        then: Fails(limit(Limit::Text(LIMITS.text)), 19, 0),
    },
    Case {
        octets: "02 7F 6A 00 47 C3 13 '0123456789ABCDEFGHI' 01",
        met: &[],
        then: Fails(limit(Limit::Text(LIMITS.text)), 5, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 03 '0123456789012345678901234' 00 01",
        met: &[],
        then: Fails(limit(Limit::Text(LIMITS.text)), 5, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 45 45 45 03 'x' 00 01 01 01 01",
        met: &[],
        then: Fails(limit(Limit::Depth(LIMITS.depth)), 7, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 05 05 05 05 45 03 'x' 00 01 01",
        met: &[],
        then: Fails(limit(Limit::Elements(LIMITS.elements)), 9, 0),
    },
    Case {
        octets: "02 7E 6A 0F '0123456789abcd' 00 85 05 83 00 83 00 01",
        met: &[],
        then: Fails(limit(Limit::Text(LIMITS.text)), 23, 0),
    },
];

pub(super) const NOT_TEXT: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 45 03 'a' FF 00 01",
        met: &[(Kind::NotText, 5, 0)],
        then: Shows("<A xmlns=\"urn:p0\">a\u{FFFD}</A>"),
    },
    Case {
        octets: "02 7F 03 00 45 03 C3 A4 00 01",
        met: &[(Kind::NotText, 5, 0)],
        then: Shows("<A xmlns=\"urn:p0\">ä</A>"),
    },
    Case {
        // OPAQUE text is UTF-8 in every charset.
        octets: "02 7F 04 00 45 03 E4 00 C3 01 E4 01",
        met: &[(Kind::NotText, 8, 0)],
        then: Shows("<A xmlns=\"urn:p0\">ä\u{FFFD}</A>"),
    },
    Case {
        octets: "02 7F 6A 02 FF 00 45 83 00 01",
        met: &[(Kind::NotText, 7, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 00 00 6A 02 FF 00 05",
        met: &[(Kind::NotText, 1, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
];

pub(super) const NO_ROOT: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 03 'x' 00 05",
        met: &[(Kind::NoRoot, 4, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 01 C3 01 05 C0 02 41 05",
        met: &[
            (Kind::NoRoot, 4, 0),
            (Kind::NoRoot, 5, 0),
            (Kind::NoRoot, 8, 0),
            (Kind::NoRoot, 9, 0),
        ],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 01",
        met: &[(Kind::NoRoot, 4, 0)],
        then: Fails(Kind::EndsEarly, 5, 0),
    },
];

pub(super) const OCTETS_BESIDE_CONTENT: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 47 03 'x' 00 C3 01 'A' 01",
        met: &[(Kind::OctetsBesideContent, 8, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0">xQQ==</Bin>"#),
    },
    Case {
        octets: "02 7F 6A 00 47 C3 01 'A' 03 'x' 00 01",
        met: &[(Kind::OctetsBesideContent, 8, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0">QQ==x</Bin>"#),
    },
    Case {
        octets: "02 7F 6A 00 47 C3 01 'A' C3 01 'A' 01",
        met: &[(Kind::OctetsBesideContent, 8, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0">QQ==QQ==</Bin>"#),
    },
    Case {
        octets: "02 7F 6A 00 47 C3 01 'A' 05 01",
        met: &[(Kind::OctetsBesideContent, 8, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0">QQ==<A></A></Bin>"#),
    },
    Case {
        octets: "02 7F 6A 00 47 C3 01 'A' 45 03 'x' 00 01 01",
        met: &[(Kind::OctetsBesideContent, 8, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0">QQ==<A>x</A></Bin>"#),
    },
    Case {
        octets: "02 7F 6A 00 47 45 03 'x' 00 01 C3 01 'A' 01",
        met: &[(Kind::OctetsBesideContent, 10, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0"><A>x</A>QQ==</Bin>"#),
    },
    Case {
        octets: "02 7F 6A 00 47 05 C3 01 'A' 01",
        met: &[(Kind::OctetsBesideContent, 6, 0)],
        then: Shows(r#"<Bin xmlns="urn:p0"><A></A>QQ==</Bin>"#),
    },
];

pub(super) const PROCESSING_INSTRUCTION: &[Case] = &[
    Case {
        octets: "02 7F 6A 00 43 05 03 'v' 00 85 01 05",
        met: &[(Kind::ProcessingInstruction, 4, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 43 04 00 00 09 01 03 'x' 00 01",
        met: &[(Kind::ProcessingInstruction, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0">x</A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 43 05",
        met: &[(Kind::ProcessingInstruction, 5, 0), (Kind::EndsEarly, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
];
