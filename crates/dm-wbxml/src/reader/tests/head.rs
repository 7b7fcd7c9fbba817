//! Deviations of the head.

use super::Case;
use super::Then::{BothShow, Fails, Shows};
use crate::ErrorKind as Kind;

pub(super) const CHARSET: &[Case] = &[
    Case {
        octets: "02 7F 87 68 00 05",
        met: &[(Kind::Charset(1000), 2, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        // Of an unknown charset, what happens to be UTF-8 is shown.
        octets: "02 00 00 11 0A '-//X//EN' 2D 00 45 03 'z' 00 01",
        met: &[(Kind::Charset(17), 3, 0)],
        then: Shows(r#"<A xmlns="urn:p0">z</A>"#),
    },
];

pub(super) const MB_U_INT_32: &[Case] = &[
    Case { octets: "02 80 80 80 80 80 01", met: &[], then: Fails(Kind::MbUInt32, 1, 0) },
    Case { octets: "02 00 9F FF FF FF 7F", met: &[], then: Fails(Kind::MbUInt32, 2, 0) },
    Case { octets: "02 7F 90 80 80 80 00", met: &[], then: Fails(Kind::MbUInt32, 2, 0) },
    Case { octets: "02 7F 6A FF FF FF FF FF 7F", met: &[], then: Fails(Kind::MbUInt32, 3, 0) },
    Case {
        octets: "02 7F 6A 00 45 02 90 80 80 80 00",
        met: &[],
        then: Fails(Kind::MbUInt32, 5, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 83 80 80 80 80 80",
        met: &[],
        then: Fails(Kind::MbUInt32, 5, 0),
    },
    Case {
        octets: "02 7F 6A 00 45 C3 9F FF FF FF 7F",
        met: &[],
        then: Fails(Kind::MbUInt32, 5, 0),
    },
    Case {
        octets: "02 7F 6A 00 00 01 44 90 80 80 80 00",
        met: &[],
        then: Fails(Kind::MbUInt32, 6, 1),
    },
    Case {
        octets: "02 7F 6A 00 85 04 90 80 80 80 00",
        met: &[],
        then: Fails(Kind::MbUInt32, 5, 0),
    },
];

pub(super) const PUBLIC_IDENTIFIER: &[Case] = &[
    Case {
        octets: "02 50 6A 00 05",
        met: &[(Kind::PublicIdentifier, 1, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 00 00 6A 09 '-//F//EN' 00 05",
        met: &[(Kind::PublicIdentifier, 1, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
];

pub(super) const STRING_TABLE: &[Case] = &[
    Case {
        octets: "02 00 09 6A 00 05",
        met: &[(Kind::StringTable(9), 1, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "02 7F 6A 02 'b' 00 45 83 02 83 00 01",
        met: &[(Kind::StringTable(2), 7, 0)],
        then: Shows(r#"<A xmlns="urn:p0">b</A>"#),
    },
    Case {
        octets: "02 7E 6A 00 85 05 83 00 01",
        met: &[(Kind::StringTable(0), 6, 0)],
        then: Shows(r#"<A xmlns="urn:p0" n=""></A>"#),
    },
    Case {
        octets: "02 7F 6A 00 45 04 8F FF FF FF 7F 01",
        met: &[(Kind::StringTable(u32::MAX), 5, 0), (Kind::LiteralName, 5, 0)],
        then: Shows(r#"<A xmlns="urn:p0"><unknown-literal></unknown-literal></A>"#),
    },
];

pub(super) const STRING_TABLE_END: &[Case] = &[
    Case {
        octets: "02 7F 6A 01 'b' 45 83 00 01",
        met: &[(Kind::StringTableEnd, 4, 0)],
        then: BothShow(r#"<A xmlns="urn:p0">b</A>"#),
    },
    Case {
        octets: "02 00 00 6A 08 '-//X//EN' 05",
        met: &[(Kind::StringTableEnd, 12, 0)],
        then: BothShow(r#"<A xmlns="urn:p0"></A>"#),
    },
];

pub(super) const VERSION: &[Case] = &[
    Case {
        // 1.0 has no charset: what stands behind the public identifier is the string table.
        octets: "00 7F 02 'b' 00 45 83 00 01",
        met: &[(Kind::Version(0), 0, 0)],
        then: Shows(r#"<A xmlns="urn:p0">b</A>"#),
    },
    Case {
        octets: "04 7F 6A 00 05",
        met: &[(Kind::Version(4), 0, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "0F 7F 6A 00 05",
        met: &[(Kind::Version(0x0F), 0, 0)],
        then: Shows(r#"<A xmlns="urn:p0"></A>"#),
    },
    Case {
        octets: "10 7F 6A 00 05",
        met: &[(Kind::Version(0x10), 0, 0)],
        then: Fails(Kind::Version(0x10), 0, 0),
    },
    Case {
        octets: "'<A/>'",
        met: &[(Kind::Version(b'<'), 0, 0)],
        then: Fails(Kind::Version(b'<'), 0, 0),
    },
];
