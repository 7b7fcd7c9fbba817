//! `NodeType`: the Type of a node. [TND 1.2 §7.7.7]
//!
//! Nearly every node has one of a few, which take no memory; others are shared.

use alloc::string::String;
use alloc::sync::Arc;
use core::fmt;
use core::hash::{Hash, Hasher};
use core::ops::Deref;

/// A media type, or the identifier of a management object, or nothing. A text that is cheap to
/// copy.
///
/// ```
/// use dm_tree::NodeType;
/// let r#type = NodeType::from("text/plain");
/// assert_eq!(r#type, "text/plain");
/// assert!(NodeType::default().is_empty());
/// ```
#[derive(Clone)]
pub struct NodeType(Repr);

#[derive(Clone)]
enum Repr {
    /// Its place in [`KNOWN`].
    Known(u8),
    Other(Arc<str>),
}

const KNOWN: [&str; 8] = [
    "",
    "text/plain",
    "application/octet-stream",
    "application/xml",
    "text/xml",
    "application/json",
    "image/png",
    "image/jpeg",
];

impl NodeType {
    /// The text.
    #[inline]
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Repr::Known(at) => KNOWN.get(usize::from(*at)).copied().unwrap_or_default(),
            Repr::Other(text) => text,
        }
    }
}

impl Default for NodeType {
    fn default() -> Self {
        Self(Repr::Known(0))
    }
}

impl Deref for NodeType {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for NodeType {
    #[inline]
    fn from(text: &str) -> Self {
        match (0..).zip(KNOWN).find(|(_, known)| *known == text) {
            Some((at, _)) => Self(Repr::Known(at)),
            None => Self(Repr::Other(text.into())),
        }
    }
}

impl From<&String> for NodeType {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for NodeType {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl PartialEq for NodeType {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Known(one), Repr::Known(other)) => one == other,
            (Repr::Other(one), Repr::Other(other)) => one == other,
            _ => false, // what is known is never kept otherwise
        }
    }
}

impl Eq for NodeType {}

impl PartialEq<str> for NodeType {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for NodeType {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl Hash for NodeType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl fmt::Debug for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for NodeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_what_was_put_in_and_equal_to_itself_only() {
        let all = KNOWN.into_iter().chain(["text", "urn:oma:mo:oma-connmo-nap:1.0", "text/plain "]);
        for text in all.clone() {
            let kept = NodeType::from(text);
            assert_eq!(kept.as_str(), text);
            let others = all.clone().map(NodeType::from);
            assert_eq!(others.filter(|other| *other == kept).count(), 1);
        }
        assert_eq!(size_of::<NodeType>(), size_of::<&str>());
    }
}
