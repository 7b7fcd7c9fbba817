//! Which `Data` and `Value` hold octets: the rule of SyncML. [profile §2, row "OPAQUE in Data / Value"]

use dm_tnds::tables::NAMESPACE as DDF;
use dm_wbxml::OctetRule;
use smallvec::SmallVec;

use crate::tables::METINF;

/// Follows `Meta` and `RTProperties`, which stand before the content they describe.
///
/// `Data` holds octets when its effective Type ends in `+wbxml` or its effective Format is `bin`;
/// the effective Meta is that of the Item joined with that of the command, the Item's first.
/// `Value` holds octets when its `RTProperties` have the format `bin`.
#[derive(Clone, Debug, Default)]
pub struct MetaRule {
    open: SmallVec<[Frame; 16]>,
    /// The text of the Format or Type that is open.
    text: SmallVec<[u8; 64]>,
}

#[derive(Clone, Debug, Default)]
struct Frame {
    kind: Kind,
    /// What the Meta of this element, seen so far, says: Format is bin; Type ends in +wbxml.
    format: Option<bool>,
    r#type: Option<bool>,
    /// Whether the RTProperties of this node have the format bin.
    bin: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    Data,
    DdfFormat,
    Format,
    Item,
    MetInf,
    Meta,
    #[default]
    Other,
    RtProperties,
    Type,
    Value,
}

impl MetaRule {
    fn parent(&self, above: usize) -> Option<Kind> {
        self.open.len().checked_sub(above + 1).map(|at| self.open[at].kind)
    }

    /// The element that the Meta around the innermost element describes.
    fn described(&mut self) -> Option<&mut Frame> {
        let wrapped = match (self.parent(1)?, self.parent(2)) {
            (Kind::Meta, _) => 0,
            (Kind::MetInf, Some(Kind::Meta)) => 1,
            _ => return None,
        };
        let at = self.open.len().checked_sub(3 + wrapped)?;
        self.open.get_mut(at)
    }
}

impl OctetRule for MetaRule {
    fn start(&mut self, namespace: &str, local: &str) {
        let kind = match local {
            "Data" if is_syncml(namespace) => Kind::Data,
            "Item" if is_syncml(namespace) => Kind::Item,
            "Meta" if is_syncml(namespace) => Kind::Meta,
            "MetInf" if namespace == METINF => Kind::MetInf,
            "Format" if namespace == METINF => Kind::Format,
            "Type" if namespace == METINF => Kind::Type,
            "Value" if namespace == DDF => Kind::Value,
            "RTProperties" if namespace == DDF => Kind::RtProperties,
            "Format" if namespace == DDF => Kind::DdfFormat,
            "bin" if namespace == DDF => {
                if let [.., node, properties, format] = &mut self.open[..]
                    && properties.kind == Kind::RtProperties
                    && format.kind == Kind::DdfFormat
                {
                    node.bin = true;
                }
                Kind::Other
            }
            _ => Kind::Other,
        };
        if !self.text.is_empty() {
            self.text.clear();
        }
        self.open.push(Frame { kind, ..Frame::default() });
    }

    fn text(&mut self, text: &str) {
        if matches!(self.parent(0), Some(Kind::Format | Kind::Type)) {
            self.text.extend_from_slice(text.as_bytes());
        }
    }

    fn end(&mut self) {
        match self.parent(0) {
            Some(Kind::Format) => {
                let is_bin = self.text[..] == *b"bin";
                self.text.clear();
                if let Some(frame) = self.described() {
                    frame.format.get_or_insert(is_bin);
                }
            }
            Some(Kind::Type) => {
                let is_wbxml = has_suffix(&self.text, "+wbxml");
                self.text.clear();
                if let Some(frame) = self.described() {
                    frame.r#type.get_or_insert(is_wbxml);
                }
            }
            _ => {}
        }
        self.open.pop();
    }

    fn is_octets(&self) -> bool {
        let [above @ .., parent, element] = &self.open[..] else { return false };
        match element.kind {
            Kind::Value => parent.bin,
            Kind::Data => {
                let command = if parent.kind == Kind::Item { above.last() } else { None };
                let format = parent.format.or(command.and_then(|command| command.format));
                let r#type = parent.r#type.or(command.and_then(|command| command.r#type));
                format == Some(true) || r#type == Some(true)
            }
            _ => false,
        }
    }
}

/// Whether this media type ends in `+wbxml`, in any case.
#[must_use]
pub fn is_wbxml(media_type: &str) -> bool {
    has_suffix(media_type.as_bytes(), "+wbxml")
}

fn has_suffix(octets: &[u8], suffix: &str) -> bool {
    octets.len() >= suffix.len()
        && octets[octets.len() - suffix.len()..].eq_ignore_ascii_case(suffix.as_bytes())
}

fn is_syncml(namespace: &str) -> bool {
    namespace.starts_with("SYNCML:SYNCML1.")
}
