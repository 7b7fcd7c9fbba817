//! The codes of answers: what each means, and what to do next. [PAP §9.14]

use core::fmt;

use super::PapFault;
use crate::{Error, ErrorKind};

/// A code of an answer: 1000 to 5999.
///
/// ```
/// use dm_push::pap::{Code, Meaning, Step};
/// let code = Code::new(2007)?;
/// assert_eq!((code.meaning(), code.step()), (Meaning::DuplicatePushId, Step::TakenBefore));
/// assert_eq!(Code::new(4321)?.meaning(), Meaning::ServiceFailure, "as 4000");
/// assert!(Code::new(6000).is_err());
/// # Ok::<(), dm_push::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Code(u16);

/// What may be done after a code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Step {
    /// The gateway has it: nothing is to be done.
    Taken,
    /// The gateway has had a push with this id: it must not come again, and was not taken now.
    TakenBefore,
    /// The same again, later.
    Again,
    /// Another route, or another gateway: here it does not go, however often it is tried.
    OtherRoute,
}

/// What a code means; of one that is not assigned, what the first of its class means.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Meaning {
    /// 1000: it is done.
    Ok,
    /// 1001: the gateway has taken it. Of the device this says nothing.
    Accepted,
    /// 2000: the gateway does not understand what was said.
    BadRequest,
    /// 2001: whoever sends may not.
    Forbidden,
    /// 2002: the address has no form that the gateway knows.
    AddressError,
    /// 2003: the gateway does not know that device.
    AddressNotFound,
    /// 2004: the gateway knows no push with this id.
    PushIdNotFound,
    /// 2005: the device is not as the server thought.
    CapabilitiesMismatch,
    /// 2006: the device cannot do what is asked for.
    CapabilitiesNotSupported,
    /// 2007: the gateway has had a push with this id.
    DuplicatePushId,
    /// 2008: it is too late to withdraw it.
    CancellationNotPossible,
    /// 3000: a fault in the gateway.
    InternalError,
    /// 3001: the gateway cannot do this.
    NotImplemented,
    /// 3002: the gateway speaks another version.
    VersionNotSupported,
    /// 3003: it cannot be done.
    NotPossible,
    /// 3004: the gateway does not compare capabilities.
    MatchingNotSupported,
    /// 3005: the gateway takes one address at a time.
    MultipleAddressesNotSupported,
    /// 3006: the gateway could not turn the content into another form.
    TransformationFailure,
    /// 3007: the gateway cannot deliver in the way asked for.
    MethodNotPossible,
    /// 3008: the gateway does not know the device's capabilities.
    CapabilitiesNotAvailable,
    /// 3009: the network asked for is not there.
    NetworkNotAvailable,
    /// 3010: the bearer asked for is not there.
    BearerNotAvailable,
    /// 3011: the gateway replaces no push.
    ReplacementNotSupported,
    /// 4000: the service failed.
    ServiceFailure,
    /// 4001: the service is busy, or down.
    ServiceUnavailable,
    /// 5000 to 5999: the device broke off.
    Aborted,
    /// 5028: the device broke off, as its user had not decided.
    UserPending,
}

impl Code {
    /// A code.
    ///
    /// # Errors
    /// [`PapFault::NoCode`]: it is of no class.
    pub const fn new(code: u16) -> Result<Self, Error> {
        match code {
            1000..=5999 => Ok(Self(code)),
            _ => Err(Error::new(ErrorKind::Pap(PapFault::NoCode), 0)),
        }
    }

    /// The number.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// What it means.
    #[must_use]
    pub fn meaning(self) -> Meaning {
        self.row().1
    }

    /// What may be done next.
    #[must_use]
    pub fn step(self) -> Step {
        self.row().2
    }

    /// What to do next, as the end of a sentence.
    #[must_use]
    pub fn advice(self) -> &'static str {
        self.row().3
    }

    fn row(self) -> &'static Row {
        let class = self.0 - self.0 % 1000;
        let row = |code| TABLE.iter().find(|row| row.0 == code);
        row(self.0).or_else(|| row(class)).unwrap_or(&TABLE[0])
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

type Row = (u16, Meaning, Step, &'static str);

const TABLE: [Row; 27] = [
    (1000, Meaning::Ok, Step::Taken, "it is done"),
    (1001, Meaning::Accepted, Step::Taken, "the gateway has it; wait for its notification"),
    (
        2000,
        Meaning::BadRequest,
        Step::OtherRoute,
        "the gateway did not understand the request: look in its log",
    ),
    (
        2001,
        Meaning::Forbidden,
        Step::OtherRoute,
        "the gateway does not let this sender: ask its operator, check user and password",
    ),
    (
        2002,
        Meaning::AddressError,
        Step::OtherRoute,
        "the gateway cannot read the address: compare its form with what its operator says",
    ),
    (
        2003,
        Meaning::AddressNotFound,
        Step::OtherRoute,
        "the gateway does not know the device: correct the address",
    ),
    (
        2004,
        Meaning::PushIdNotFound,
        Step::OtherRoute,
        "the gateway knows no push of this id: it has forgotten it, or never had it",
    ),
    (
        2005,
        Meaning::CapabilitiesMismatch,
        Step::OtherRoute,
        "the gateway thinks that the device cannot take this: ask its operator",
    ),
    (
        2006,
        Meaning::CapabilitiesNotSupported,
        Step::OtherRoute,
        "the gateway thinks that the device cannot take this: ask its operator",
    ),
    (
        2007,
        Meaning::DuplicatePushId,
        Step::TakenBefore,
        "the gateway has had that push-id before, perhaps with this: look there, or give another",
    ),
    (
        2008,
        Meaning::CancellationNotPossible,
        Step::OtherRoute,
        "it is too late: the message is on its way, or there",
    ),
    (3000, Meaning::InternalError, Step::Again, "the gateway failed: look in its log, then again"),
    (3001, Meaning::NotImplemented, Step::OtherRoute, "this gateway does not do that"),
    (
        3002,
        Meaning::VersionNotSupported,
        Step::OtherRoute,
        "the gateway speaks another version of PAP: ask its operator",
    ),
    (3003, Meaning::NotPossible, Step::OtherRoute, "the gateway cannot do it: look in its log"),
    (
        3004,
        Meaning::MatchingNotSupported,
        Step::OtherRoute,
        "the gateway compares no capabilities: look in its log",
    ),
    (
        3005,
        Meaning::MultipleAddressesNotSupported,
        Step::OtherRoute,
        "the gateway takes one address at a time",
    ),
    (
        3006,
        Meaning::TransformationFailure,
        Step::OtherRoute,
        "the gateway tried to change the content: it must carry it as it is, ask its operator",
    ),
    (
        3007,
        Meaning::MethodNotPossible,
        Step::OtherRoute,
        "the gateway cannot deliver so: set `delivery` of the route",
    ),
    (
        3008,
        Meaning::CapabilitiesNotAvailable,
        Step::OtherRoute,
        "the gateway does not know the device's capabilities: ask its operator",
    ),
    (
        3009,
        Meaning::NetworkNotAvailable,
        Step::OtherRoute,
        "the gateway has no such network: ask its operator",
    ),
    (
        3010,
        Meaning::BearerNotAvailable,
        Step::OtherRoute,
        "the gateway has no such bearer: ask its operator",
    ),
    (3011, Meaning::ReplacementNotSupported, Step::OtherRoute, "the gateway replaces no push"),
    (4000, Meaning::ServiceFailure, Step::Again, "the service failed: send again later"),
    (4001, Meaning::ServiceUnavailable, Step::Again, "the service is busy: send again later"),
    (5000, Meaning::Aborted, Step::Again, "the device broke off: send again later"),
    (5028, Meaning::UserPending, Step::Again, "the device's user had not decided: again later"),
];
