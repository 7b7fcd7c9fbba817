//! Why a message could not be sent.

use std::io;
use std::time::Duration;

use dm_push::smpp::{Kind, Status};

use crate::Address;

/// A message was not accepted by the other end. Each sentence says what to do next.
///
/// ```
/// use dm_transport::SendError;
/// let to = "http://192.0.2.7/push".parse().unwrap();
/// let error = SendError::Status { to, status: 404 };
/// assert!(error.to_string().starts_with("http://192.0.2.7:80/push answered 404"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The address is not one of this route's.
    #[error(
        "{to} is no address of a route by {transport}; give the device one, or take another route"
    )]
    Address {
        /// The address.
        to: Address,
        /// The transport.
        transport: &'static str,
    },
    /// The connection broke, or what came back is not HTTP.
    #[error(
        "the exchange with {to} broke off; the message may have arrived. Look in the device's \
         log: is this sender in the listener's `from`, is that port HTTP?"
    )]
    BrokenOff {
        /// The address.
        to: Address,
        /// What the HTTP client saw.
        source: reqwest::Error,
    },
    /// The route was closed before it could be sent, or before that is known.
    #[error("the route was closed before {to} took all of the message; open it, and send again")]
    Closed {
        /// The address.
        to: Address,
    },
    /// There is nothing to send.
    #[error("the message is empty; give the octets of a sealed message")]
    Empty,
    /// A gateway took the message, and how it calls it could not be kept: its receipt would find nobody.
    #[error(
        "the message to {to} was taken, but for its receipt nothing can be kept: {source}; make \
         room on the disk, then send again"
    )]
    Ledger {
        /// The address.
        to: Address,
        /// What the ledger said.
        source: io::Error,
    },
    /// The network could not be used.
    #[error("sending to {to} failed: {source}; check the route from this machine to the device")]
    Network {
        /// The address.
        to: Address,
        /// What the operating system said.
        source: io::Error,
    },
    /// The name of the device has no address.
    #[error("the name in {to} has no address: {source}; correct the name or give an IP address")]
    NotResolved {
        /// The address.
        to: Address,
        /// What the resolver said.
        source: io::Error,
    },
    /// The other end wants the message elsewhere; redirects are not followed.
    #[error("{to} answered {status}, a redirect, which is not followed; give the final address")]
    Redirected {
        /// The address.
        to: Address,
        /// The HTTP status.
        status: u16,
    },
    /// Nothing listens on that port.
    #[error("{to} refused: nothing listens on that port; start the agent or correct the port")]
    Refused {
        /// The address.
        to: Address,
    },
    /// The proxy, or what is behind it, did not take the push.
    #[error("{to} answered {status}; {}", next_by_sip(*status))]
    Sip {
        /// The address.
        to: Address,
        /// The status of the final response.
        status: u16,
    },
    /// The SMS centre does not take the message.
    #[error("the SMS centre refused the message to {to}: {status}; {}", next_by_smpp(*status))]
    Smpp {
        /// The address.
        to: Address,
        /// Its answer.
        status: Status,
    },
    /// The SMS centre does not let us in.
    #[error(
        "the SMS centre {centre} refused our bind, and {to} got nothing: {status}; check \
         `system_id` and `password`, and whether they are in use elsewhere"
    )]
    SmppBind {
        /// The address.
        to: Address,
        /// The SMS centre.
        centre: String,
        /// Its answer.
        status: Status,
    },
    /// The SMS centre cannot be reached.
    #[error(
        "the SMS centre {centre} cannot be reached, and {to} got nothing: {source}; check its \
         address, its certificate and the network"
    )]
    SmppDown {
        /// The address.
        to: Address,
        /// The SMS centre.
        centre: String,
        /// What went wrong.
        source: io::Error,
    },
    /// The other end did not accept the message.
    #[error("{to} answered {status}; {}", next_step(*status))]
    Status {
        /// The address.
        to: Address,
        /// The HTTP status.
        status: u16,
    },
    /// The deadline passed.
    #[error(
        "{to} did not take the message within {} s; it may have arrived. Check that the device \
         is on the network, or allow more time",
        after.as_secs_f32()
    )]
    Timeout {
        /// The address.
        to: Address,
        /// The deadline that was given.
        after: Duration,
    },
    /// The push does not fit a datagram.
    #[error(
        "the push to {to} has {octets} octets, a datagram holds at most {limit}; send it over \
         http://, or make the message smaller"
    )]
    TooLarge {
        /// The address.
        to: Address,
        /// The octets of the push, wrapping included.
        octets: usize,
        /// The most that fits.
        limit: usize,
    },
    /// A message has at most 255 segments.
    #[error(
        "the message to {to} has {octets} octets, and 255 short messages hold at most {limit}; \
         send it over another transport, or make it smaller"
    )]
    TooManySegments {
        /// The address.
        to: Address,
        /// The octets of the message.
        octets: usize,
        /// What fits in any case.
        limit: usize,
    },
    /// A WSP push, which HTTP does not carry.
    #[error("the octets are a WSP push, and {to} takes what is in one; send it to udp://HOST:2948")]
    Wrapped {
        /// The address.
        to: Address,
    },
}

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
    /// assert_eq!(SendError::Status { to: to.clone(), status: 503 }.next(), Next::Again);
    /// assert_eq!(SendError::Status { to, status: 413 }.next(), Next::OtherRoute);
    /// ```
    #[must_use]
    pub const fn next(&self) -> Next {
        match self {
            Self::BrokenOff { .. }
            | Self::Closed { .. }
            | Self::Ledger { .. }
            | Self::Network { .. }
            | Self::NotResolved { .. }
            | Self::Refused { .. }
            | Self::SmppDown { .. }
            | Self::Timeout { .. }
            | Self::Sip { status: 404 | 408 | 410 | 480 | 500.., .. }
            | Self::Status { status: 408 | 429 | 500.., .. } => Next::Again,
            Self::Smpp { status, .. } | Self::SmppBind { status, .. } => match status.kind() {
                Kind::Temporary | Kind::Throttled => Next::Again,
                _ => Next::OtherRoute,
            },
            Self::Address { .. }
            | Self::Redirected { .. }
            | Self::Sip { .. }
            | Self::Status { .. }
            | Self::TooLarge { .. }
            | Self::TooManySegments { .. }
            | Self::Wrapped { .. } => Next::OtherRoute,
            Self::Empty => Next::Never,
        }
    }

    /// Whether the message may have got there all the same.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(
            self,
            Self::BrokenOff { .. }
                | Self::Closed { .. }
                | Self::Ledger { .. }
                | Self::Timeout { .. }
        )
    }
}

const fn next_by_sip(status: u16) -> &'static str {
    match status {
        401 | 407 => "the proxy asks who sends: give its user and password",
        403 => "the proxy does not let this sender: look at its users, and at the domain",
        404 | 410 | 480 => "the device is not registered there now: send again later",
        413 | 513 => "the message is above a limit on the way: make it smaller",
        408 | 500..=599 => {
            "something on the way failed: look in the log of the proxy, then send again"
        }
        _ => "look in the log of the proxy",
    }
}

const fn next_by_smpp(status: Status) -> &'static str {
    match status.kind() {
        Kind::Address => "compare the number, and `destination_ton` and `destination_npi`",
        Kind::Bind => "check `system_id` and `password`",
        Kind::Throttled | Kind::Temporary => "send again later",
        _ => "ask whose SMS centre it is what it allows us: source, data coding, user data headers",
    }
}

const fn next_step(status: u16) -> &'static str {
    match status {
        401 | 403 => "the other end wants proof of who sends: check its list of sources",
        404 => "nothing is pushed to that path: compare it with `path` of the listener",
        405 => "that path takes no POST: is it a push listener?",
        408 => "the message came too slowly: check the network, then send again",
        413 => "the message is above the device's limit: make it smaller",
        415 => "that end takes no device-management messages: is it a push listener?",
        429 | 503 => "the device is busy: send again later",
        500..=599 => "the other end failed: look in its log, then send again",
        _ => "look in the log of the other end",
    }
}
