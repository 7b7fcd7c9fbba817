//! The rule which element content is octets: knowledge of the language above. [profile §2]

use smallvec::SmallVec;

/// Follows the document and tells whether OPAQUE in the innermost open element is octets, which
/// the infoset holds as base64 text, or UTF-8 text.
///
/// One forward pass decides: the reader and the writer report every event in document order.
pub trait OctetRule {
    /// An element begins.
    fn start(&mut self, namespace: &str, local: &str);
    /// Text of the innermost open element; a run may come in pieces.
    fn text(&mut self, text: &str);
    /// The innermost open element ends.
    fn end(&mut self);
    /// An element begins, has this text and nothing else, and ends. Whether its content is octets.
    #[inline]
    fn leaf(&mut self, namespace: &str, local: &str, text: &str) -> bool {
        self.start(namespace, local);
        self.text(text);
        let is_octets = self.is_octets();
        self.end();
        is_octets
    }
    /// Whether the content of the innermost open element is octets.
    fn is_octets(&self) -> bool;
}

/// The rule of a language, and over it what code pages say: which of their elements hold octets
/// when they come by token. A literal element of the same name does not. [profile §2, §5]
///
/// ```
/// use dm_wbxml::{NoOctets, WithPages};
/// let mut rule = WithPages::new(NoOctets);
/// rule.start("urn:x", "Digest", true);
/// assert!(rule.is_octets());
/// rule.start("urn:x", "Digest", false);
/// assert!(!rule.is_octets());
/// rule.end();
/// assert!(rule.is_octets());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WithPages<R> {
    rule: R,
    depth: u32,
    /// The depth of the innermost open element that holds octets; 0 when there is none, as in most
    /// documents.
    innermost: u32,
    /// Those around it.
    around: SmallVec<[u32; 4]>,
}

impl<R: OctetRule> WithPages<R> {
    /// The rule of the language, before the document begins.
    #[must_use]
    pub fn new(rule: R) -> Self {
        Self { rule, depth: 0, innermost: 0, around: SmallVec::new() }
    }

    /// An element begins; whether the code page that its token is on says that it holds octets.
    #[inline]
    pub fn start(&mut self, namespace: &str, local: &str, holds_octets: bool) {
        self.depth += 1;
        if holds_octets {
            self.around.push(self.innermost);
            self.innermost = self.depth;
        }
        self.rule.start(namespace, local);
    }

    /// As [`OctetRule::text`].
    #[inline]
    pub fn text(&mut self, text: &str) {
        self.rule.text(text);
    }

    /// As [`OctetRule::end`].
    #[inline]
    pub fn end(&mut self) {
        if self.innermost == self.depth {
            self.innermost = self.around.pop().unwrap_or_default();
        }
        self.depth = self.depth.saturating_sub(1);
        self.rule.end();
    }

    /// As [`OctetRule::leaf`].
    #[inline]
    pub fn leaf(&mut self, namespace: &str, local: &str, text: &str) -> bool {
        self.rule.leaf(namespace, local, text)
    }

    /// As [`OctetRule::is_octets`].
    #[must_use]
    pub fn is_octets(&self) -> bool {
        self.is_octets_by_page() || self.rule.is_octets()
    }

    /// Whether a code page says that the content of the innermost open element is octets.
    #[must_use]
    pub fn is_octets_by_page(&self) -> bool {
        self.innermost == self.depth && self.depth > 0
    }
}

/// A language without octets: OPAQUE is text everywhere.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NoOctets;

impl OctetRule for NoOctets {
    fn start(&mut self, _: &str, _: &str) {}
    fn text(&mut self, _: &str) {}
    fn end(&mut self) {}
    fn is_octets(&self) -> bool {
        false
    }
}
