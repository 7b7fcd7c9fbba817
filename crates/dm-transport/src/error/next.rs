//! What may be tried after a failure, and whose it is.

use std::time::Duration;

use dm_push::pap;
use dm_push::smpp::Kind;

use super::SendError;

/// What may be tried after a failure.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Next {
    /// The same route again, later.
    Again,
    /// Another route: this one will not do, however often it is tried.
    OtherRoute,
    /// Nothing: no route takes this message.
    Never,
}

impl SendError {
    /// What may be tried next.
    ///
    /// ```
    /// use dm_transport::{Next, SendError};
    /// let to: dm_transport::Address = "http://192.0.2.7/push".parse().unwrap();
    /// assert_eq!(SendError::Status { to: to.clone(), status: 503, wait: None }.next(), Next::Again);
    /// assert_eq!(SendError::Status { to, status: 413, wait: None }.next(), Next::OtherRoute);
    /// ```
    #[must_use]
    pub fn next(&self) -> Next {
        match self {
            // Another message would have met the same: no message is given up for it.
            _ if self.is_of_the_way() => Next::Again,
            Self::Closed { .. }
            | Self::Ledger { .. }
            | Self::MailboxFull { .. }
            | Self::NoTurn { .. }
            | Self::RouteDown { .. }
            | Self::Mqtt { reason: 0x80 | 0x83 | 0x91 | 0x93, .. }
            | Self::Sip { status: 404 | 408 | 410 | 430 | 477 | 480 | 486 | 491, .. }
            | Self::Sip { status: 504 | 580 | 600 | 603, .. }
            | Self::Status { status: 408, .. } => Next::Again,
            Self::Pap { code, .. } if matches!(code.step(), pap::Step::Again) => Next::Again,
            Self::Smpp { status, .. } => match status.kind() {
                Kind::Temporary | Kind::Throttled => Next::Again,
                _ => Next::OtherRoute,
            },
            Self::Empty => Next::Never,
            _ => Next::OtherRoute,
        }
    }

    /// Whether the way to the other end failed, and not this one message. Then it may be tried
    /// [again](Next::Again), over this route or another.
    #[must_use]
    pub const fn is_of_the_way(&self) -> bool {
        match self {
            Self::BrokenOff { .. }
            | Self::Broker { .. }
            | Self::Cut { .. }
            | Self::File { .. }
            | Self::Gateway { .. }
            | Self::Mailbox { .. }
            | Self::Network { .. }
            | Self::NotReached { .. }
            | Self::NotResolved { .. }
            | Self::PapAnswer { .. }
            | Self::Refused { .. }
            | Self::Silent { .. }
            | Self::SipLogin { .. }
            | Self::SmppBind { .. }
            | Self::SmppDown { .. }
            | Self::Timeout { .. }
            | Self::Tls { .. }
            | Self::Mqtt { reason: 0x89 | 0x96 | 0x97, .. }
            | Self::Sip { status: 401 | 407 | 500 | 502 | 503, .. }
            | Self::Status { status: 429 | 500.., .. } => true,
            // Not let in, failed, or busy: whichever message it is.
            Self::Pap { code, .. } => matches!(code.number(), 2001 | 3000 | 4000..=4999),
            _ => false,
        }
    }

    /// Whether the message may have got there all the same.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::BrokenOff { .. }
                | Self::Closed { .. }
                | Self::Cut { .. }
                | Self::Ledger { .. }
                | Self::PapAnswer { .. }
                | Self::Silent { was_sent: true, .. }
                | Self::Timeout { .. }
                // Of a proxy: it heard nothing from the device in time, or not from all of a user's devices.
                | Self::Sip { status: 408 | 477 | 504, .. }
        ) || matches!(self, Self::Pap { code, .. } if code.number() == 2007)
    }

    /// How long the other end asks to be left alone before it is tried again, if it said so.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Sip { wait, .. } | Self::Status { wait, .. } => *wait,
            _ => None,
        }
    }
}
