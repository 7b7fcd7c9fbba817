//! What to do after each failure, in words.

use std::time::Duration;

use dm_push::smpp::{Kind, Status};

use crate::Address;

/// In seconds, to the hundredth: what is a little less than was asked for is shown as that.
pub(super) fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 100.0).round() / 100.0
}

pub(super) fn next_by_silence(to: &Address, peer: &str, was_sent: bool) -> String {
    match was_sent {
        true => {
            format!("; {to} may have the message. Look in the log of {peer}, or allow more time")
        }
        false => {
            format!(", and {to} got nothing; check {peer} and the way to it, or allow more time")
        }
    }
}

pub(super) const fn next_by_broker(reason: u8) -> &'static str {
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

pub(super) const fn next_by_gateway(status: u16) -> &'static str {
    match status {
        401 | 403 | 407 => "check the user, the password and the certificate that it is given",
        _ => "check the path of its URL, and what takes messages there",
    }
}

/// The gateway's own words, behind its code.
pub(super) fn said(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" ({})", text.escape_debug()) }
}

pub(super) const fn next_by_sip(status: u16) -> &'static str {
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

pub(super) const fn next_by_smpp(status: Status) -> &'static str {
    match status.kind() {
        Kind::Address => "compare the number, and `destination_ton` and `destination_npi`",
        Kind::Bind => "check `system_id` and `password`",
        Kind::Throttled | Kind::Temporary => "send again later",
        _ => "ask whose SMS centre it is what it allows us: source, data coding, user data headers",
    }
}

pub(super) const fn next_step(status: u16) -> &'static str {
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
