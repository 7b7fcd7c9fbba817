//! Why a message could not be sent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dm_push::pap;

use crate::{Address, AddressError};

/// A message was not accepted by the other end. Each sentence says what to do next.
///
/// ```
/// use dm_transport::SendError;
/// let to = "http://192.0.2.7/push".parse().unwrap();
/// let error = SendError::Status { to, status: 404, wait: None };
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
        /// What was seen of it.
        source: io::Error,
    },
    /// There is nothing to send.
    #[error("the message is empty; give the octets of a sealed message")]
    Empty,
    /// It cannot be kept which message of a gateway is which sending, so that its receipt would be lost.
    #[error(
        "what {to} is sent cannot be noted: {source}; nothing was sent. Look at the disk of this machine"
    )]
    Ledger {
        /// The address.
        to: Address,
        /// What the operating system said.
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
    /// An address at a gateway, and no gateway.
    #[error("{to} is known to a push gateway alone; configure a route by PAP, and send over that")]
    NoGateway {
        /// The address.
        to: Address,
    },
    /// There was no connection in time.
    #[error(
        "no connection to {to} within {} s; nothing was sent. Check the route from this machine to \
         the device, and what stands between",
        after.as_secs_f32()
    )]
    NotReached {
        /// The address.
        to: Address,
        /// How long it was tried.
        after: Duration,
    },
    /// What stands there as an address is none.
    #[error("{text:?} is no address: {source}")]
    NotAnAddress {
        /// The text.
        text: Arc<str>,
        /// What is wrong with it.
        source: AddressError,
    },
    /// The limits of the route let nothing go before the deadline.
    #[error(
        "route {route} is busy: its limits allowed no turn before the deadline, nothing was sent"
    )]
    NoTurn {
        /// Its name.
        route: Arc<str>,
    },
    /// The name of the device has no address.
    #[error("the name in {to} has no address: {source}; correct the name or give an IP address")]
    NotResolved {
        /// The address.
        to: Address,
        /// What the resolver said.
        source: io::Error,
    },
    /// The push gateway did not take it.
    #[error("the gateway answered {code} for {to}{}; {}", said(text), code.advice())]
    Pap {
        /// The address.
        to: Address,
        /// The code.
        code: pap::Code,
        /// The gateway's own words.
        text: String,
    },
    /// What the push gateway answered is no answer to this.
    #[error(
        "the gateway's answer for {to} cannot be read: {source}; it may have the message. Is that \
         the path where it takes PAP?"
    )]
    PapAnswer {
        /// The address.
        to: Address,
        /// What is wrong.
        source: Box<dm_push::Error>,
    },
    /// The message cannot be put into words for the push gateway.
    #[error("the message to {to} is nothing for a push gateway: {source}")]
    PapMessage {
        /// The address.
        to: Address,
        /// What is wrong.
        source: Box<dm_push::Error>,
    },
    /// The other end wants the message elsewhere; redirects are not followed.
    #[error("{to} answered {status}, a redirect, which is not followed; give the final address")]
    Redirected {
        /// The address.
        to: Address,
        /// The HTTP status.
        status: u16,
    },
    /// The route failed again and again, and is left alone for a while.
    #[error("route {route} is down ({reason}); it is tried again in {} s", again.as_secs())]
    RouteDown {
        /// Its name.
        route: Arc<str>,
        /// How it failed last.
        reason: Arc<str>,
        /// How long it is left alone.
        again: Duration,
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
    /// The other end did not accept the message.
    #[error("{to} answered {status}; {}", next_step(*status))]
    Status {
        /// The address.
        to: Address,
        /// The HTTP status.
        status: u16,
        /// How long it asks to be left alone.
        wait: Option<Duration>,
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
    /// This end and the other do not trust one another, or have no version of TLS in common.
    #[error(
        "no TLS with {to}: {source}; nothing was sent. Compare the certificates of both ends with \
         what the other trusts: `ca`, `certificate`, `key`, and their dates"
    )]
    Tls {
        /// The address.
        to: Address,
        /// What is wrong.
        source: Box<rustls::Error>,
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
    /// assert_eq!(SendError::Status { to: to.clone(), status: 503, wait: None }.next(), Next::Again);
    /// assert_eq!(SendError::Status { to, status: 413, wait: None }.next(), Next::OtherRoute);
    /// ```
    #[must_use]
    pub fn next(&self) -> Next {
        match self {
            Self::BrokenOff { .. }
            | Self::Ledger { .. }
            | Self::Network { .. }
            | Self::NoTurn { .. }
            | Self::NotReached { .. }
            | Self::NotResolved { .. }
            | Self::Refused { .. }
            | Self::RouteDown { .. }
            | Self::Timeout { .. }
            | Self::Sip { status: 404 | 408 | 410 | 480 | 500.., .. }
            | Self::Status { status: 408 | 429 | 500.., .. } => Next::Again,
            Self::Pap { code, .. } if matches!(code.step(), pap::Step::Again) => Next::Again,
            Self::Address { .. }
            | Self::NoGateway { .. }
            | Self::NotAnAddress { .. }
            | Self::Pap { .. }
            | Self::PapAnswer { .. }
            | Self::PapMessage { .. }
            | Self::Redirected { .. }
            | Self::Sip { .. }
            | Self::Status { .. }
            | Self::Tls { .. }
            | Self::TooLarge { .. }
            | Self::Wrapped { .. } => Next::OtherRoute,
            Self::Empty => Next::Never,
        }
    }

    /// Whether the way to the other end failed, and not this one message.
    #[must_use]
    pub const fn is_of_the_way(&self) -> bool {
        match self {
            Self::BrokenOff { .. }
            | Self::Network { .. }
            | Self::NotReached { .. }
            | Self::NotResolved { .. }
            | Self::PapAnswer { .. }
            | Self::Refused { .. }
            | Self::Timeout { .. }
            | Self::Tls { .. }
            | Self::Sip { status: 500.., .. }
            | Self::Status { status: 429 | 500.., .. } => true,
            // Not let in, failed, or busy: whichever message it is.
            Self::Pap { code, .. } => matches!(code.number(), 2001 | 3000 | 4000..=4999),
            _ => false,
        }
    }

    /// Whether the message may have got there all the same.
    #[must_use]
    pub const fn may_have_arrived(&self) -> bool {
        matches!(self, Self::BrokenOff { .. } | Self::PapAnswer { .. } | Self::Timeout { .. })
    }

    /// How long the other end asks to be left alone before it is tried again, if it said so.
    #[must_use]
    pub const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Status { wait, .. } => *wait,
            _ => None,
        }
    }
}

/// The gateway's own words, behind its code.
fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({})", text.escape_debug()) }
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
