//! The rule which element content is octets: knowledge of the language above. [profile §2]

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

/// A language without octets: OPAQUE is text everywhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoOctets;

impl OctetRule for NoOctets {
    fn start(&mut self, _: &str, _: &str) {}
    fn text(&mut self, _: &str) {}
    fn end(&mut self) {}
    fn is_octets(&self) -> bool {
        false
    }
}
