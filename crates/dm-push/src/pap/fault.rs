//! What can be wrong with what is said in PAP.

/// A fault in an address, a control document or an answer. [PAP §8, §9]
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PapFault {
    /// It does not begin as an address.
    #[error("no address of a push gateway: write WAPPUSH=DEVICE/TYPE=PLMN@GATEWAY")]
    AddressForm,
    /// The name of the gateway is missing, or none.
    #[error(
        "no name of a gateway: write @ and its name behind the type, @ppg.example for instance"
    )]
    AddressGateway,
    /// No address of IP, version 4.
    #[error("no IPv4 address: write four numbers from 0 to 255")]
    AddressIpv4,
    /// No address of IP, version 6.
    #[error("no IPv6 address, which stands without brackets here")]
    AddressIpv6,
    /// No number of a subscriber.
    #[error("no international number: write + and 3 to 15 digits")]
    AddressPlmn,
    /// The type is missing, or another one.
    #[error("no type of address: write /TYPE=PLMN, USER, IPv4 or IPv6")]
    AddressType,
    /// No name of a user.
    #[error(
        "no name of a user: write letters, digits and -._, and others as % and two hexadecimal digits"
    )]
    AddressUser,
    /// The message is a WSP push with a header that the part of a push message does not carry.
    #[error(
        "a header of the push that a gateway would put into the message; send it over UDP or SMS"
    )]
    HeaderNotCarried,
    /// A value that this attribute must not have, or that is missing.
    #[error("the attribute {attribute} of {element} is missing, or has no such value")]
    Attribute {
        /// The element.
        element: &'static str,
        /// The attribute.
        attribute: &'static str,
    },
    /// An element is missing.
    #[error("{inside} has no {element}")]
    Missing {
        /// What should hold it.
        inside: &'static str,
        /// What is missing.
        element: &'static str,
    },
    /// The entity is no multipart/related, or a part of it is missing.
    #[error("no entity of two parts with a boundary")]
    Multipart,
    /// Not a document of PAP.
    #[error("XML, but no document of PAP that is read here")]
    NotPap,
    /// No code of PAP.
    #[error("no code of PAP: 1000 to 5999")]
    NoCode,
    /// No time of PAP.
    #[error("no time: write 2026-11-23T17:45:12Z")]
    NoTime,
    /// Not well-formed XML in UTF-8, or beyond a limit.
    #[error("not well-formed XML in UTF-8, or beyond a limit")]
    Xml,
}
