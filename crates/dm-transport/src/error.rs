//! Why a message could not be sent.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dm_push::smpp::{Kind, Status};
use dm_push::{mqtt, pap};

use crate::secret::without_password;
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
    /// The broker refuses or ends the connection.
    #[error(
        "the broker of {to} refuses or ends the connection: {} ({reason:#04x}); {}",
        mqtt::reason_name(*reason),
        next_by_broker(*reason)
    )]
    Broker {
        /// The address.
        to: Address,
        /// The reason code. [MQTT 5 §2.4]
        reason: u8,
    },
    /// The connection broke, or what came back is not HTTP.
    #[error(
        "the exchange with {to} broke off: {source}; the message may have arrived. Look in the log of the \
         other end: is that port HTTP? Does it let this sender in?"
    )]
    BrokenOff {
        /// The address.
        to: Address,
        /// What was seen of it.
        source: io::Error,
    },
    /// The route was closed before it could be sent, or before that is known.
    #[error("the route was closed before {to} took all of the message; open it, and send again")]
    Closed {
        /// The address.
        to: Address,
    },
    /// The connection by which it was sent broke before there was an answer.
    #[error(
        "the connection broke off after the message to {to} was written ({reason}); it may have \
         arrived. Look in the log of the other end; the same message may be sent again"
    )]
    Cut {
        /// The address.
        to: Address,
        /// What was seen of it.
        reason: Arc<str>,
    },
    /// There is nothing to send.
    #[error("the message is empty; give the octets of a sealed message")]
    Empty,
    /// A gateway's name for the message cannot be kept, so that its receipt would find nobody.
    #[error(
        "for the receipt of the message to {to} nothing can be kept: {source}; it may have been \
         sent. Look at the disk of this machine, then send again"
    )]
    Ledger {
        /// The address.
        to: Address,
        /// What the ledger said.
        source: io::Error,
    },
    /// The broker did not take the message.
    #[error(
        "the broker does not take the message to {to}: {} ({reason:#04x}); {}",
        mqtt::reason_name(*reason),
        next_by_broker(*reason)
    )]
    Mqtt {
        /// The address.
        to: Address,
        /// The reason code. [MQTT 5 §3.4.2.1]
        reason: u8,
    },
    /// There is a file of that name, with something else in it.
    #[error("{to}: something else is there already; give another name, or take it away")]
    Exists {
        /// The address.
        to: Address,
    },
    /// A name that those who take files from a folder pass over.
    #[error(
        "in {to} nobody would take {id}: a name that begins with a dot is passed over; give the message \
         another identity"
    )]
    Hidden {
        /// The folder.
        to: Address,
        /// The identity of the message.
        id: crate::PushId,
    },
    /// A file could not be written.
    #[error(
        "{to} could not be written: {source}; look at the folder, its rights and the room on it"
    )]
    File {
        /// The address.
        to: Address,
        /// What the operating system said.
        source: io::Error,
    },
    /// The disk of the mailboxes failed.
    #[error(
        "the mailbox of {to} cannot be used: {source}; look at the disk, what was taken is there"
    )]
    Mailbox {
        /// The address.
        to: Address,
        /// What is wrong.
        source: Arc<redb::Error>,
    },
    /// The device does not fetch its messages.
    #[error(
        "{to} has {messages} messages that it did not fetch, and no more are taken until it does"
    )]
    MailboxFull {
        /// The address.
        to: Address,
        /// How many.
        messages: usize,
    },
    /// An address that one message alone cannot be sent to: a configured route is needed.
    #[error("{to} needs a route of its own; make one, and send over that")]
    NeedsRoute {
        /// The address.
        to: Address,
    },
    /// The network could not be used.
    #[error("sending to {to} failed: {source}; check the route from this machine to the device")]
    Network {
        /// The address.
        to: Address,
        /// What the operating system said.
        source: io::Error,
    },
    /// What stands there as an address is none.
    #[error("{:?} is no address: {source}", without_password(text))]
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
    /// An address at a gateway, and no gateway.
    #[error("{to} is known to a push gateway alone; configure a route by PAP, and send over that")]
    NoGateway {
        /// The address.
        to: Address,
    },
    /// A gateway does not let us in, or does not know what we want of it, whichever message it is.
    #[error("the gateway {to} answered {status}; {}", next_by_gateway(*status))]
    Gateway {
        /// The gateway.
        to: Address,
        /// The HTTP status.
        status: u16,
    },
    /// There was no connection in time.
    #[error(
        "no connection to {to} within {} s; nothing was sent. Check the route from this machine to \
         the device, and what stands between",
        seconds(*after)
    )]
    NotReached {
        /// The address.
        to: Address,
        /// How long it was tried.
        after: Duration,
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
        /// How long it asks to be left alone.
        wait: Option<Duration>,
    },
    /// The proxy did not take the user or the password that it asked for.
    #[error(
        "{to} answered {status} to our user and password, which were refused; compare them with those that \
         the proxy knows"
    )]
    SipLogin {
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
    /// The deadline passed, and this is who was waited for.
    #[error(
        "{peer} {what} within {} s{}",
        seconds(*after),
        next_by_silence(to, peer, *was_sent)
    )]
    Silent {
        /// The address.
        to: Address,
        /// The gateway, proxy, broker or SMS centre.
        peer: Arc<str>,
        /// What it did not do.
        what: &'static str,
        /// The deadline that was given.
        after: Duration,
        /// Whether it had any of the message.
        was_sent: bool,
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
        seconds(*after)
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
    /// The message does not fit as many codes as may be shown.
    #[error("the message to {to} does not fit: {source}; make it smaller, or send it as a file")]
    TooManyCodes {
        /// The address.
        to: Address,
        /// What is wrong.
        source: dm_push::Error,
    },
    /// The push does not fit a datagram.
    #[error(
        "the push to {to} has {octets} octets, a datagram holds at most {limit} there; send it over \
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
    /// An address without protection, on a route that does not allow it. (R16)
    #[error(
        "nothing protects the way to {to}, and route {route} does not allow that; give the device an \
         address of TLS, or set danger_unprotected for the route"
    )]
    Unprotected {
        /// The name of the route.
        route: Arc<str>,
        /// The address.
        to: Address,
    },
    /// The route is to prove a secret that it does not have.
    #[error("the push to {to} would prove nothing: the secret that SEC names is missing; give it")]
    Unproven {
        /// The address.
        to: Address,
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

/// In seconds, to the hundredth: what is a little less than was asked for is shown as that.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100.0).round() / 100.0
}

fn next_by_silence(to: &Address, peer: &str, was_sent: bool) -> String {
    match was_sent {
        true => {
            format!("; {to} may have the message. Look in the log of {peer}, or allow more time")
        }
        false => {
            format!(", and {to} got nothing; check {peer} and the way to it, or allow more time")
        }
    }
}

const fn next_by_broker(reason: u8) -> &'static str {
    match reason {
        0x86 | 0x8C => "give the user and password that the broker knows, or a certificate",
        0x87 => "look at the broker's list of who may publish there",
        0x90 => "look at the topics that the broker takes",
        0x95 => "it is above a limit of the broker: make the message smaller, or raise the limit",
        0x9B => "the broker must take QoS 1: look at its settings",
        0x9C | 0x9D => "ask who runs the broker for its address",
        _ => "look in the log of the broker; it is tried again",
    }
}

const fn next_by_gateway(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => "check the user, the password and the certificate that it is given",
        _ => "check the path of its URL, and what takes messages there",
    }
}

/// The gateway's own words, behind its code.
fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({})", text.escape_debug()) }
}

const fn next_by_sip(status: u16) -> &'static str {
    match status {
        300..=399 => "the device is elsewhere, which is not followed: give the address where it is",
        401 | 407 => "the proxy asks who sends: give its user and password",
        403 => "the proxy does not let this sender: look at its users, and at the domain",
        404 | 410 | 480 => "the device is not registered there now: send again later",
        // 430 is of RFC 5626; 477 is Kamailio's.
        430 | 477 => "a connection of the device to the proxy is gone: send again later",
        408 | 504 => {
            "the proxy heard nothing from the device in time, which may have the message: look in its \
             log, then send again"
        }
        413 | 513 => "the message is above a limit on the way: make it smaller",
        500..=599 => "something on the way failed: look in the log of the proxy, then send again",
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
