//! `[limits]`: what a message may cost the device.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de};

use super::file::take;
use super::unit;

/// What a message may cost.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// How long the body of one HTTP push may take, and how long nothing may come of one that is
    /// polled. Default: 30 s.
    pub body_timeout: Duration,
    /// HTTP connections at a time. Default: 16.
    pub connections: usize,
    /// How long the head of one HTTP push may take. Default: 10 s.
    pub header_timeout: Duration,
    /// Octets of a message: at most, and by default, [`MAX_MESSAGE`].
    pub message: usize,
    /// Messages that wait to be verified. Default: 16.
    pub queue: usize,
    /// How often one source may come: `rate`, and `burst` at once. Default: as often as it likes.
    pub rate: Option<Rate>,
    /// The size of the tree.
    pub tree: TreeLimits,
}

/// How often one source may come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// The time between two messages, in the long run.
    pub interval: Duration,
    /// Messages at once, after a rest. Default: as many as the rate has in its unit.
    pub burst: u32,
}

/// How large the tree may grow.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TreeLimits {
    /// Nodes directly below one node: `tree_children`, by default 1024.
    pub children: usize,
    /// Segments of a node URI: `tree_depth`, by default 16.
    pub depth: usize,
    /// Nodes: `tree_nodes`, by default 4096.
    pub nodes: usize,
    /// Octets of all nodes with their URIs, 64 more for each: `tree_octets`, by default 32 MiB.
    pub octets: usize,
    /// Characters of a segment: `tree_segment`, by default 64.
    pub segment: usize,
    /// Characters of a node URI: `tree_uri`, by default 255.
    pub uri: usize,
    /// Octets of a value: `tree_value`, by default 64 KiB.
    pub value: usize,
}

impl Default for TreeLimits {
    fn default() -> Self {
        LimitsTable::default().finish().tree
    }
}

/// Most octets of a message. A device may lower the limit, never raise it.
pub const MAX_MESSAGE: usize = 1 << 20;

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct LimitsTable {
    #[serde(deserialize_with = "unit::duration")]
    body_timeout: Option<Duration>,
    #[serde(deserialize_with = "unit::count")]
    burst: Option<usize>,
    #[serde(deserialize_with = "unit::count")]
    connections: Option<usize>,
    #[serde(deserialize_with = "unit::duration")]
    header_timeout: Option<Duration>,
    #[serde(deserialize_with = "message")]
    message: Option<usize>,
    #[serde(deserialize_with = "unit::count")]
    queue: Option<usize>,
    #[serde(deserialize_with = "unit::rate")]
    rate: Option<(u32, Duration)>,
    #[serde(deserialize_with = "unit::count")]
    tree_children: Option<usize>,
    #[serde(deserialize_with = "unit::count")]
    tree_depth: Option<usize>,
    #[serde(deserialize_with = "unit::count")]
    tree_nodes: Option<usize>,
    #[serde(deserialize_with = "unit::size")]
    tree_octets: Option<usize>,
    #[serde(deserialize_with = "unit::count")]
    tree_segment: Option<usize>,
    #[serde(deserialize_with = "unit::count")]
    tree_uri: Option<usize>,
    #[serde(deserialize_with = "unit::size")]
    tree_value: Option<usize>,
}

impl LimitsTable {
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.body_timeout, over.body_timeout);
        take(&mut self.burst, over.burst);
        take(&mut self.connections, over.connections);
        take(&mut self.header_timeout, over.header_timeout);
        take(&mut self.message, over.message);
        take(&mut self.queue, over.queue);
        take(&mut self.rate, over.rate);
        take(&mut self.tree_children, over.tree_children);
        take(&mut self.tree_depth, over.tree_depth);
        take(&mut self.tree_nodes, over.tree_nodes);
        take(&mut self.tree_octets, over.tree_octets);
        take(&mut self.tree_segment, over.tree_segment);
        take(&mut self.tree_uri, over.tree_uri);
        take(&mut self.tree_value, over.tree_value);
    }

    pub(super) fn finish(self) -> Limits {
        Limits {
            body_timeout: self.body_timeout.unwrap_or(Duration::from_secs(30)),
            connections: self.connections.unwrap_or(16),
            header_timeout: self.header_timeout.unwrap_or(Duration::from_secs(10)),
            message: self.message.unwrap_or(MAX_MESSAGE),
            queue: self.queue.unwrap_or(16),
            rate: self.rate.map(|(count, interval)| Rate {
                interval,
                burst: self.burst.map_or(count, |burst| u32::try_from(burst).unwrap_or(count)),
            }),
            tree: TreeLimits {
                children: self.tree_children.unwrap_or(1024),
                depth: self.tree_depth.unwrap_or(16),
                nodes: self.tree_nodes.unwrap_or(4096),
                octets: self.tree_octets.unwrap_or(32 << 20),
                segment: self.tree_segment.unwrap_or(64),
                uri: self.tree_uri.unwrap_or(255),
                value: self.tree_value.unwrap_or(64 << 10),
            },
        }
    }
}

fn message<'de, D: Deserializer<'de>>(from: D) -> Result<Option<usize>, D::Error> {
    match unit::size(from)? {
        Some(size @ 1..=MAX_MESSAGE) => Ok(Some(size)),
        _ => Err(de::Error::custom("a message limit lies between \"1 B\" and \"1 MiB\"")),
    }
}
