//! Why a message could not be sent.

mod advice;
mod next;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use dm_push::smpp::Status;
use dm_push::{mqtt, pap};

pub use next::Next;

use crate::secret::without_password;
use crate::{Address, AddressError};
use advice::{
    next_by_broker, next_by_gateway, next_by_silence, next_by_sip, next_by_smpp, next_step, said,
    seconds,
};

/// Who was waited for in vain.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Silence {
    /// The gateway, proxy, broker or SMS centre.
    pub peer: Arc<str>,
    /// What it did not do: "did not answer the bind".
    pub what: &'static str,
}

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
        "{} {} within {} s{}",
        who.peer,
        who.what,
        seconds(*after),
        next_by_silence(to, &who.peer, *was_sent)
    )]
    Silent {
        /// The address.
        to: Address,
        /// Who, and at what. In a box: errors are returned by value, and stay below 128 octets.
        who: Box<Silence>,
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
        /// The most that fits.
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
