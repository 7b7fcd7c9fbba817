//! command_status: what became of a request. [SMPP 3.4 §5.1.3, SMPP 5.0 §4.7.6]

use core::fmt;

/// A command_status.
///
/// ```
/// use dm_push::smpp::{Kind, Status};
/// assert_eq!(Status::THROTTLED.to_string(), "ESME_RTHROTTLED (0x00000058)");
/// assert_eq!(Status(0x0B).kind(), Kind::Address);
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Status(pub u32);

/// What a status means to who sends.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// This destination will not do.
    Address,
    /// Who binds is not known, or not let in.
    Bind,
    /// The request was right.
    Ok,
    /// The SMS centre will never take this request.
    Refused,
    /// The SMS centre failed; it may take the same later.
    Temporary,
    /// The same again, after a pause.
    Throttled,
}

impl Status {
    /// ESME_ROK.
    pub const OK: Self = Self(0);
    /// ESME_RINVCMDLEN.
    pub const INVALID_LENGTH: Self = Self(0x02);
    /// ESME_RINVCMDID.
    pub const INVALID_COMMAND: Self = Self(0x03);
    /// ESME_RINVBNDSTS.
    pub const INVALID_BIND_STATE: Self = Self(0x04);
    /// ESME_RSYSERR.
    pub const SYSTEM_ERROR: Self = Self(0x08);
    /// ESME_RINVDSTADR.
    pub const INVALID_DESTINATION: Self = Self(0x0B);
    /// ESME_RINVPASWD.
    pub const INVALID_PASSWORD: Self = Self(0x0E);
    /// ESME_RMSGQFUL.
    pub const QUEUE_FULL: Self = Self(0x14);
    /// ESME_RTHROTTLED.
    pub const THROTTLED: Self = Self(0x58);
    /// ESME_RX_T_APPN: send it again later.
    pub const RECEIVER_TEMPORARY: Self = Self(0x64);
    /// ESME_RX_R_APPN: it will not be taken.
    pub const RECEIVER_REJECTS: Self = Self(0x66);

    /// Its name, where the standard or common use has one.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        let at = NAMES.binary_search_by_key(&self.0, |(number, _)| *number).ok()?;
        Some(NAMES[at].1)
    }

    /// What it means to who sends.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self.0 {
            0x00 => Kind::Ok,
            0x04 | 0x08 | 0x45 | 0x64 | 0xFF => Kind::Temporary,
            0x05 | 0x0D..=0x0F => Kind::Bind,
            0x0B | 0x50 | 0x51 => Kind::Address,
            0x14 | 0x58 => Kind::Throttled,
            _ => Kind::Refused,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({:#010x})", self.0),
            None => write!(f, "status {:#010x}", self.0),
        }
    }
}

/// By number. [SMPP 5.0 §4.7.6]
const NAMES: [(u32, &str); 58] = [
    (0x00, "ESME_ROK"),
    (0x01, "ESME_RINVMSGLEN"),
    (0x02, "ESME_RINVCMDLEN"),
    (0x03, "ESME_RINVCMDID"),
    (0x04, "ESME_RINVBNDSTS"),
    (0x05, "ESME_RALYBND"),
    (0x06, "ESME_RINVPRTFLG"),
    (0x07, "ESME_RINVREGDLVFLG"),
    (0x08, "ESME_RSYSERR"),
    (0x0A, "ESME_RINVSRCADR"),
    (0x0B, "ESME_RINVDSTADR"),
    (0x0C, "ESME_RINVMSGID"),
    (0x0D, "ESME_RBINDFAIL"),
    (0x0E, "ESME_RINVPASWD"),
    (0x0F, "ESME_RINVSYSID"),
    (0x11, "ESME_RCANCELFAIL"),
    (0x13, "ESME_RREPLACEFAIL"),
    (0x14, "ESME_RMSGQFUL"),
    (0x15, "ESME_RINVSERTYP"),
    (0x33, "ESME_RINVNUMDESTS"),
    (0x34, "ESME_RINVDLNAME"),
    (0x40, "ESME_RINVDESTFLAG"),
    (0x42, "ESME_RINVSUBREP"),
    (0x43, "ESME_RINVESMCLASS"),
    (0x44, "ESME_RCNTSUBDL"),
    (0x45, "ESME_RSUBMITFAIL"),
    (0x48, "ESME_RINVSRCTON"),
    (0x49, "ESME_RINVSRCNPI"),
    (0x50, "ESME_RINVDSTTON"),
    (0x51, "ESME_RINVDSTNPI"),
    (0x53, "ESME_RINVSYSTYP"),
    (0x54, "ESME_RINVREPFLAG"),
    (0x55, "ESME_RINVNUMMSGS"),
    (0x58, "ESME_RTHROTTLED"),
    (0x61, "ESME_RINVSCHED"),
    (0x62, "ESME_RINVEXPIRY"),
    (0x63, "ESME_RINVDFTMSGID"),
    (0x64, "ESME_RX_T_APPN"),
    (0x65, "ESME_RX_P_APPN"),
    (0x66, "ESME_RX_R_APPN"),
    (0x67, "ESME_RQUERYFAIL"),
    (0xC0, "ESME_RINVTLVSTREAM"),
    (0xC1, "ESME_RTLVNOTALLWD"),
    (0xC2, "ESME_RINVTLVLEN"),
    (0xC3, "ESME_RMISSINGTLV"),
    (0xC4, "ESME_RINVTLVVAL"),
    (0xFE, "ESME_RDELIVERYFAILURE"),
    (0xFF, "ESME_RUNKNOWNERR"),
    (0x100, "ESME_RSERTYPUNAUTH"),
    (0x101, "ESME_RPROHIBITED"),
    (0x102, "ESME_RSERTYPUNAVAIL"),
    (0x103, "ESME_RSERTYPDENIED"),
    (0x104, "ESME_RINVDCS"),
    (0x105, "ESME_RINVSRCADDRSUBUNIT"),
    (0x106, "ESME_RINVDSTADDRSUBUNIT"),
    (0x107, "ESME_RINVBCASTFREQINT"),
    (0x108, "ESME_RINVBCASTALIAS_NAME"),
    (0x112, "ESME_RINVBCASTCHANIND"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_by_number() {
        assert!(NAMES.is_sorted(), "binary search");
        for (number, name) in NAMES {
            assert_eq!(Status(number).name(), Some(name));
        }
        assert_eq!(Status(0x400).name(), None);
    }

    #[test]
    fn throttling_is_no_refusal_and_a_wrong_password_is_no_failure_of_the_moment() {
        assert_eq!([0x14, 0x58].map(|it| Status(it).kind()), [Kind::Throttled; 2]);
        assert_eq!(Status::INVALID_PASSWORD.kind(), Kind::Bind);
        assert_eq!(Status::SYSTEM_ERROR.kind(), Kind::Temporary);
        assert_eq!(Status(0x400).kind(), Kind::Refused, "of a maker's own");
    }
}
