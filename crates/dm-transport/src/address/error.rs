//! Why an address cannot be read.

/// An address cannot be read.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// A user name or password stands before the host.
    #[error("a user name in the address: credentials do not belong there; remove it")]
    Credentials,
    /// The host is missing, or neither a name nor an IP address.
    #[error("no valid host: write a name, an IPv4 address, or an IPv6 address in brackets")]
    Host,
    /// No name of one topic.
    #[error(
        "no topic of one device: write mqtt:TOPIC without white space, '+', '#' or a '$' at its front"
    )]
    Mqtt,
    /// No address that a push gateway knows.
    #[error("{0}")]
    Pap(dm_push::Error),
    /// The path has a fragment, white space or octets that are not ASCII.
    #[error("no valid path: write ASCII that a URL may have, without '#', /push for instance")]
    Path,
    /// No device whose mailbox it could be.
    #[error("no device: write poll:DEVICE, with its id, without control characters")]
    Device,
    /// No file.
    #[error("no file: write file:PATH, or qr:PATH.png, or qr:- for the terminal")]
    File,
    /// A path on a transport that has none.
    #[error("udp has no path; write udp://HOST:PORT")]
    PathOnUdp,
    /// The port is not a number from 1 to 65535.
    #[error("no valid port: write a number from 1 to 65535")]
    Port,
    /// The scheme is missing or unknown.
    #[error(
        "unknown transport: write udp://HOST:PORT, http://HOST:PORT/push, https:, sip:USER@HOST, \
         mqtt:TOPIC, tel:+NUMBER, WAPPUSH=DEVICE/TYPE=PLMN@GATEWAY, poll:DEVICE, file:PATH or qr:PATH.png"
    )]
    Scheme,
    /// No user of SIP, or another parameter.
    #[error(
        "no SIP address: write sip:USER@HOST[:PORT], with ;transport=udp, tcp or tls behind it, or \
         sips:USER@HOST[:PORT] for TLS"
    )]
    Sip,
    /// No number with its country code.
    #[error("no number: write tel:+ and 7 to 15 digits, the country code first")]
    Tel,
}
