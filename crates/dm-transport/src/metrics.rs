//! What routes did, for Prometheus: its text format, version 0.0.4.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use dm_push::pace::Health;

use crate::guard::{Counts, Guarded, Security};

/// The media type of [`metrics`], for whoever serves it by HTTP.
pub const METRICS_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// What these routes are, did, and how long the other ends took to accept; and how many messages wait for each
/// route, as [`Outbox::waiting`](crate::outbox::Outbox::waiting) says.
///
/// ```
/// # use std::collections::BTreeMap;
/// let waiting = BTreeMap::from([("sms".to_owned(), 7)]);
/// let text = dm_transport::metrics(&[], &waiting);
/// assert!(text.ends_with("mgram_outbox_waiting_messages{route=\"sms\"} 7\n"));
/// ```
#[must_use]
pub fn metrics(routes: &[Arc<Guarded>], waiting: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    family(
        &mut text,
        "mgram_route_info",
        "gauge",
        "A route, and what protects it; its value is 1.",
    );
    for route in routes {
        let security = match route.security() {
            Security::None => "none",
            Security::Mechanism(mechanism) => mechanism,
            Security::OfAddress => "TLS, by address",
        };
        let labels = [("route", &**route.name()), ("security", security)];
        sample(&mut text, "mgram_route_info", &labels, 1);
    }
    let name = "mgram_route_health";
    family(&mut text, name, "gauge", "How a route is: 1 for one of up, degraded and down.");
    for route in routes {
        let health = match route.health() {
            Health::Up => "up",
            Health::Degraded(_) => "degraded",
            Health::Down(_) => "down",
        };
        for state in ["up", "degraded", "down"] {
            let labels = [("route", &**route.name()), ("state", state)];
            sample(&mut text, name, &labels, u8::from(state == health));
        }
    }
    let name = "mgram_route_trouble_info";
    family(&mut text, name, "gauge", "Why a route is not up; its value is 1.");
    for route in routes {
        if let Some(reason) = route.health().reason() {
            let labels = [("route", &**route.name()), ("reason", &**reason)];
            sample(&mut text, name, &labels, 1);
        }
    }
    let name = "mgram_route_events_total";
    let what = "What a route counted of its own: sessions, pauses asked for, receipts of nobody.";
    family(&mut text, name, "counter", what);
    for route in routes {
        for (event, count) in route.events() {
            sample(&mut text, name, &[("route", &**route.name()), ("event", event)], count);
        }
    }
    for (name, what, count) in COUNTERS {
        family(&mut text, name, "counter", what);
        for route in routes {
            sample(&mut text, name, &[("route", route.name())], count(&route.counts()));
        }
    }
    let name = "mgram_route_acceptance_seconds";
    let what = "How long the other end took to accept a message that it accepted.";
    family(&mut text, name, "histogram", what);
    for route in routes {
        let (acceptance, route) = (route.acceptance(), &**route.name());
        let buckets = acceptance.buckets();
        for (bound, count) in &buckets {
            let bound = bound.map_or("+Inf".to_owned(), |bound| bound.as_secs_f64().to_string());
            let labels = [("route", route), ("le", &bound)];
            sample(&mut text, "mgram_route_acceptance_seconds_bucket", &labels, count);
        }
        let sum = acceptance.sum().as_secs_f64();
        sample(&mut text, "mgram_route_acceptance_seconds_sum", &[("route", route)], sum);
        let count = buckets.last().map_or(0, |(_, count)| *count);
        sample(&mut text, "mgram_route_acceptance_seconds_count", &[("route", route)], count);
    }
    let name = "mgram_outbox_waiting_messages";
    family(
        &mut text,
        name,
        "gauge",
        "Messages in the outbox whose next attempt is over this route.",
    );
    for (route, count) in waiting {
        sample(&mut text, name, &[("route", route)], count);
    }
    text
}

type Counter = (&'static str, &'static str, fn(&Counts) -> u64);

const COUNTERS: [Counter; 5] = [
    ("mgram_route_sent_messages_total", "Messages that the other end took.", |it| it.sent),
    ("mgram_route_sent_segments_total", "Segments of those.", |it| it.segments),
    ("mgram_route_refused_messages_total", "Messages that this route never takes.", |it| {
        it.refused
    }),
    ("mgram_route_failed_attempts_total", "Attempts that failed and may be made again.", |it| {
        it.failed
    }),
    ("mgram_route_held_attempts_total", "Attempts not made, for the route was down.", |it| it.held),
];

fn family(text: &mut String, name: &str, kind: &str, what: &str) {
    let _ = writeln!(text, "# HELP {name} {what}\n# TYPE {name} {kind}"); // a String takes everything
}

fn sample(text: &mut String, name: &str, labels: &[(&str, &str)], value: impl fmt::Display) {
    text.push_str(name);
    for (number, (label, value)) in labels.iter().enumerate() {
        let before = if number == 0 { '{' } else { ',' };
        let _ = write!(text, "{before}{label}=\""); // a String takes everything
        for character in value.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    let _ = writeln!(text, "}} {value}"); // a String takes everything
}

#[cfg(test)]
mod tests;
