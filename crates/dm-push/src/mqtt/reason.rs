//! Reasons, by their numbers. [MQTT 5 §2.4]

/// Reasons from here on are failures.
pub const REFUSED_FROM: u8 = 0x80;
/// The broker took the message, and nobody subscribes to its topic.
pub const NO_SUBSCRIBERS: u8 = 0x10;
/// A packet is larger than the other end said that it takes.
pub const PACKET_TOO_LARGE: u8 = 0x95;
/// The broker does not take this quality of service.
pub const QOS_NOT_SUPPORTED: u8 = 0x9B;

/// The name of a reason that a broker may give to one who publishes.
#[must_use]
pub const fn name(reason: u8) -> &'static str {
    match reason {
        0x00 => "success",
        0x10 => "no matching subscribers",
        0x80 => "unspecified error",
        0x81 => "malformed packet",
        0x82 => "protocol error",
        0x83 => "implementation specific error",
        0x84 => "unsupported protocol version",
        0x85 => "client identifier not valid",
        0x86 => "bad user name or password",
        0x87 => "not authorized",
        0x88 => "server unavailable",
        0x89 => "server busy",
        0x8A => "banned",
        0x8B => "server shutting down",
        0x8C => "bad authentication method",
        0x8D => "keep alive timeout",
        0x8E => "session taken over",
        0x90 => "topic name invalid",
        0x91 => "packet identifier in use",
        0x93 => "receive maximum exceeded",
        0x95 => "packet too large",
        0x96 => "message rate too high",
        0x97 => "quota exceeded",
        0x98 => "administrative action",
        0x99 => "payload format invalid",
        0x9A => "retain not supported",
        0x9B => "QoS not supported",
        0x9C => "use another server",
        0x9D => "server moved",
        0x9F => "connection rate exceeded",
        0xA0 => "maximum connect time",
        _ => "a reason that MQTT 5 does not name",
    }
}
