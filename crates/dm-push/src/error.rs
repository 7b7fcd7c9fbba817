//! What can be wrong with a push, a short message, a message of SIP, a packet of MQTT or a file, and at which octet.

use crate::pap::PapFault;
use crate::sms::Alphabet;

/// A push or a short message could not be read, or one of its parts could not be made.
///
/// ```
/// use dm_push::{ErrorKind, wsp::Push};
/// let error = Push::read(&[0x01, 0x06, 0x09, 0xC2]).unwrap_err();
/// assert_eq!(error.kind, ErrorKind::Truncated { missing: 8 });
/// assert_eq!(error.to_string(), "8 octets are missing at octet 3");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{kind} at octet {offset}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Octets before the fault, counted from the start of the input or of the given text.
    pub offset: usize,
}

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset }
    }
}

/// The kinds of fault in a push [WSP §8.2.4, §8.4], in a short message [TS 23.040 §9] and in a message
/// of SIP [RFC 3261 §7].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An address of more semi-octets than one has. [TS 23.040 §9.1.2.5]
    #[error("an address of {semi_octets} semi-octets; at most 20 are allowed")]
    AddressTooLong {
        /// How many there would be.
        semi_octets: usize,
    },
    /// The application id was given as an ordinary header; it has a field of its own.
    #[error("the application id is not an ordinary header, use Push::application_id")]
    ApplicationIdAsHeader,
    /// A second X-Wap-Application-Id.
    #[error("a second X-Wap-Application-Id")]
    ApplicationIdRepeated,
    /// A type-of-address octet without its highest bit. [TS 23.040 §9.1.2.5]
    #[error("octet {octet:#04x} is no type of address; its highest bit must be set")]
    BadAddressType {
        /// The octet found.
        octet: u8,
    },
    /// A number, or the octets of an application id or media type, is none.
    #[error("neither a number of at most 32 bits nor text")]
    BadCode,
    /// A header or parameter name is neither a code nor visible ASCII.
    #[error("octet {octet:#04x} in a name; a name is a code or visible ASCII")]
    BadName {
        /// The octet found.
        octet: u8,
    },
    /// A semi-octet that is no digit, or a filler that is none. [TS 23.040 §9.1.2.3]
    #[error("octet {octet:#04x} holds a semi-octet that is not allowed here")]
    BadSemiOctet {
        /// The octet that holds it.
        octet: u8,
    },
    /// Octets that were read by a camera or typed in, and do not have the checksum that they came with.
    #[error("the checksum there is {written:x}, that of the octets is {found:x}; read them again")]
    Checksum {
        /// The one that was written.
        written: u32,
        /// The one of the octets.
        found: u32,
    },
    /// A shift to another header code page; only page 1 is read.
    #[error("a shift to header code page {page}; only the default page 1 is supported")]
    CodePageShift {
        /// The page asked for.
        page: u8,
    },
    /// A PDU of SMPP is as long as no PDU is, or may be here. [SMPP 3.4 §5.1.1]
    #[error("command_length {length}; a PDU has 16 to {limit} octets here")]
    CommandLength {
        /// What its first four octets say.
        length: u32,
        /// The most that is allowed.
        limit: usize,
    },
    /// A confirmed push (0x07), which exists only in connection mode and asks for an answer.
    #[error("a confirmed push (0x07), which needs a connection and an answer")]
    ConfirmedPush,
    /// The header block ends before a content type, or the content type is empty.
    #[error("the content type is missing")]
    ContentTypeMissing,
    /// A message of a bundle is another one than its manifest says.
    #[error("not the octets of which the manifest has the digest")]
    Digest,
    /// An information element of a known kind has another length. [TS 23.040 §9.2.3.24]
    #[error("information element {id:#04x} has {length} octets; {wanted} are prescribed")]
    ElementLength {
        /// The element's identifier.
        id: u8,
        /// Its octets.
        length: usize,
        /// What the standard prescribes.
        wanted: usize,
    },
    /// An information element ends beyond its header. [TS 23.040 §9.2.3.24]
    #[error("an information element reaches {missing} octets beyond the user data header")]
    ElementOverrun {
        /// Octets between the end of the header and that of the element.
        missing: usize,
    },
    /// A field of SMPP would be longer than the standard allows. [SMPP 3.4 §4]
    #[error("a field of {octets} octets; at most {limit} fit")]
    FieldTooLong {
        /// How many there would be.
        octets: usize,
        /// How many fit.
        limit: usize,
    },
    /// The user data header is longer than the user data (UDHL). [TS 23.040 §9.2.3.24]
    #[error("the user data header reaches {missing} octets beyond the user data")]
    HeaderOverrun {
        /// Octets between the end of the user data and that of the header.
        missing: usize,
    },
    /// The TPDU is neither an SMS-DELIVER nor an SMS-SUBMIT. [TS 23.040 §9.2.3.1]
    #[error("message type indicator {indicator} is neither SMS-DELIVER (0) nor SMS-SUBMIT (1)")]
    MessageType {
        /// TP-MTI, the two lowest bits.
        indicator: u8,
    },
    /// A packet of MQTT ends before what it says is in it, or has what it must not have. [MQTT 5 §1.5, §2.2]
    #[error("a packet of MQTT ends here, or has what none has")]
    MqttPacket,
    /// A packet of MQTT above what we said that we take. [MQTT 5 §3.1.2.11.4]
    #[error("a packet of MQTT is longer than the {limit} octets that we take")]
    MqttTooLarge {
        /// The limit.
        limit: usize,
    },
    /// The PDU is not a push.
    #[error("PDU type {pdu_type:#04x} is not a push (0x06)")]
    NotAPush {
        /// The type found.
        pdu_type: u8,
    },
    /// The user data is not 8-bit data. [TS 23.038 §4]
    #[error("data coding {coding:#04x} is {alphabet}; a push travels as 8-bit data (0x04, 0xf5)")]
    NotData {
        /// TP-DCS.
        coding: u8,
        /// What it stands for.
        alphabet: Alphabet,
    },
    /// What is said to a push gateway, or by it, is wrong. [PAP §8, §9]
    #[error("{0}")]
    Pap(PapFault),
    /// Something else than what was to be read.
    #[error("this is no {form}")]
    NotOf {
        /// What it was to be.
        form: &'static str,
    },
    /// One code of a message that is split over several is missing.
    #[error("code {number} of {total} is missing; read it too")]
    PartMissing {
        /// Which.
        number: usize,
        /// How many there are.
        total: usize,
    },
    /// A code of another message among those of one.
    #[error("a code of another message; read the codes of one at a time")]
    PartOfOther,
    /// `after` of a long poll is no number, or stands there twice.
    #[error("`after` is no number, or stands there twice")]
    PollAfter,
    /// Not the path of a device's mailbox.
    #[error("nothing is asked for there; the path is /devices/ID/push")]
    PollPath,
    /// A line of a SIP message that is no header field. [RFC 3261 §7.3]
    #[error("no header field: a name, a colon and a value are needed")]
    SipField,
    /// More octets before the body than any real SIP message has.
    #[error("more than {limit} octets before the body")]
    SipHeadTooLong {
        /// The limit.
        limit: usize,
    },
    /// `Content-Length` is no number, stands there twice, or is missing in a stream. [RFC 3261 §18.3]
    #[error("Content-Length is missing, repeated or no number")]
    SipLength,
    /// The first line is neither that of a request nor that of a response. [RFC 3261 §7]
    #[error("neither a request nor a response of SIP/2.0")]
    SipStartLine,
    /// Fields of SIP are UTF-8. [RFC 3261 §7.3.1]
    #[error("octets that are not UTF-8")]
    SipText,
    /// Text holds an octet that it may not hold, a NUL for instance.
    #[error("octet {octet:#04x} in text")]
    NotText {
        /// The octet found.
        octet: u8,
    },
    /// A text string without its closing NUL.
    #[error("text without its closing NUL")]
    TextUnterminated,
    /// More octets than this form holds, or none.
    #[error("{octets} octets; this takes at most {limit}, and not none")]
    TooLarge {
        /// How many there are.
        octets: usize,
        /// How many fit.
        limit: usize,
    },
    /// More headers or parameters than any real push has.
    #[error("more than {limit} headers or parameters")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Octets after the end of the TPDU, or of the bundle.
    #[error("{extra} octets follow the end")]
    TrailingOctets {
        /// How many.
        extra: usize,
    },
    /// The octets end too early.
    #[error("{missing} octets are missing")]
    Truncated {
        /// How many more were announced.
        missing: usize,
    },
    /// A uintvar of more than five octets, or above 32 bits.
    #[error("a uintvar of more than 32 bits")]
    UintvarTooLong,
    /// A content-type parameter whose value has a form of its own: Q (0x00).
    #[error("parameter {code:#04x} has no place in the content type of a push")]
    UnsupportedParameter {
        /// The parameter's code.
        code: u32,
    },
    /// More octets than a TPDU, a header or an element holds. [TS 23.040 §9.2.3.16, §9.2.3.24]
    #[error("{octets} octets of user data; at most {limit} fit")]
    UserDataTooLong {
        /// How many there would be.
        octets: usize,
        /// How many fit.
        limit: usize,
    },
}
