//! MQTT 5, as far as pushes need it: what a sender and a receiver say, and what a broker does. [MQTT 5]
//!
//! A push is a PUBLISH at QoS 1 on the topic of one device, never retained. The receiver in `dm-agent` and
//! the route in `dm-transport` speak by this; it knows no socket and no clock.
//!
//! ```
//! use dm_push::mqtt::{self, Packet, PushPublish};
//! let push = PushPublish { id: 7, topic: "dm/device1/push", expiry: Some(60), payload: b"\x02..." };
//! let octets = push.write().expect("not too large");
//! let (packet, length) = mqtt::first(&octets, 1024)?.expect("all of it is there");
//! let Packet::Publish(publish) = packet else { panic!("{packet:?}") };
//! assert_eq!((publish.topic.as_str(), length), ("dm/device1/push", octets.len()));
//! assert_eq!(publish.content_type.as_deref(), Some(dm_push::media_type::DM_WBXML));
//! # Ok::<(), dm_push::Error>(())
//! ```

mod read;
mod reason;
mod write;

pub use read::{ConnAck, Packet, Publish, first, take};
pub use reason::{
    NO_SUBSCRIBERS, PACKET_TOO_LARGE, QOS_NOT_SUPPORTED, REFUSED_FROM, name as reason_name,
};
pub use write::{Connect, DISCONNECT, PINGREQ, PushPublish, puback, subscribe};

/// Octets of a topic name or client identifier, at most. The protocol has 65,535.
pub const TEXT_LIMIT: usize = 1_024;

/// Whether this is the name of one topic, to which a push can go. [MQTT 5 §4.7]
///
/// It has no wildcards, which name many topics, no white space and no control characters; and topics that
/// begin with `$` are the broker's own.
///
/// ```
/// use dm_push::mqtt::is_topic;
/// assert!(is_topic("dm/device1/push"));
/// assert!(!is_topic("dm/+/push") && !is_topic("dm/#") && !is_topic("$SYS/uptime") && !is_topic(""));
/// ```
#[must_use]
pub fn is_topic(text: &str) -> bool {
    let is_plain = |c: char| !"+#".contains(c) && !c.is_control() && !c.is_whitespace();
    (1..=TEXT_LIMIT).contains(&text.len()) && !text.starts_with('$') && text.chars().all(is_plain)
}

#[cfg(test)]
mod tests;
