//! Which `Data` and `Value` hold octets: the rule of SyncML. [profile §2, row "OPAQUE in Data / Value"]

use dm_tnds::tables::NAMESPACE as DDF;
use dm_wbxml::OctetRule;
use dm_xml::character::is_same;
use smallvec::SmallVec;

use crate::tables::METINF;

/// Follows `Meta` and `RTProperties`, which stand before the content they describe.
///
/// `Data` holds octets when its effective Type ends in `+wbxml` or its effective Format is `bin`;
/// the effective Meta is that of the Item joined with that of the command, the Item's first.
/// `Value` holds octets when its `RTProperties` have the format `bin`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MetaRule {
    /// How many elements are open.
    depth: u32,
    /// The open elements that matter, each with its depth; most do not.
    marks: SmallVec<[Mark; 8]>,
    /// The depth of the last of them; 0 when there is none.
    marked: u32,
    /// The depth of the RTProperties that is open, and of the Format in it; perhaps of one that has
    /// ended, as long as no element begins there. One that holds another of its name, as no
    /// description does, counts no longer.
    rt_properties: u32,
    ddf_format: u32,
    /// The text of the Format or Type that is open.
    text: Tail,
}

/// A text of which only the end matters.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tail {
    length: usize,
    last: [u8; WBXML.len()],
}

/// What media types of WBXML end in.
const WBXML: &[u8] = b"+wbxml";

impl Tail {
    fn extend(&mut self, octets: &[u8]) {
        self.length += octets.len();
        for octet in &octets[octets.len().saturating_sub(WBXML.len())..] {
            self.last.rotate_left(1);
            self.last[WBXML.len() - 1] = *octet;
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Mark {
    depth: u32,
    kind: Kind,
    /// What the Meta of this element, seen so far, says: Format is bin; Type ends in +wbxml.
    format: Option<bool>,
    r#type: Option<bool>,
    /// Whether the RTProperties of this node have the format bin. Only such nodes are marked.
    bin: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Kind {
    Data,
    Format,
    Item,
    MetInf,
    Meta,
    #[default]
    Other,
    Type,
    Value,
}

impl MetaRule {
    /// The mark of the open element this many levels above the innermost one.
    fn above(&self, levels: u32) -> Option<&Mark> {
        let depth = self.depth.checked_sub(levels)?;
        self.marks.iter().rev().take(5).find(|mark| mark.depth == depth)
    }

    fn above_mut(&mut self, levels: u32) -> Option<&mut Mark> {
        let depth = self.depth.checked_sub(levels)?;
        self.marks.iter_mut().rev().take(5).find(|mark| mark.depth == depth)
    }

    fn kind(&self, levels: u32) -> Kind {
        self.above(levels).map_or(Kind::Other, |mark| mark.kind)
    }

    /// The element described by the Meta or MetInf this many levels above the innermost element.
    fn described(&mut self, levels: u32) -> Option<&mut Mark> {
        match (self.kind(levels), self.kind(levels + 1)) {
            (Kind::Meta, _) => self.above_mut(levels + 1),
            (Kind::MetInf, Kind::Meta) => self.above_mut(levels + 2),
            _ => None,
        }
    }

    /// An element of DDF says bin, inside of the element at this depth: perhaps it is the format of
    /// a node.
    fn bin(&mut self, around: u32) {
        if around <= 2 || self.ddf_format != around || self.rt_properties != around - 1 {
            return;
        }
        let node = around - 2;
        // Nearly always the last mark is further out; in the strangest of documents there is one of
        // the RTProperties or of the Format.
        let outer = self.marks.iter().rposition(|mark| mark.depth <= node);
        match outer.map(|at| &mut self.marks[at]) {
            Some(mark) if mark.depth == node => mark.bin = true,
            _ => {
                let mark = Mark { depth: node, bin: true, ..Mark::default() };
                self.marks.insert(outer.map_or(0, |at| at + 1), mark);
                self.marked = self.marked.max(node);
            }
        }
    }

    /// Whether the content of an element of this kind, this many levels below its parent, is octets.
    #[inline]
    fn holds_octets(&self, kind: Kind, levels: u32) -> bool {
        if !matches!(kind, Kind::Data | Kind::Value) {
            return false;
        }
        let Some(parent) = self.above(levels) else { return false };
        if kind == Kind::Value {
            return parent.bin;
        }
        let command = if parent.kind == Kind::Item { self.above(levels + 1) } else { None };
        let format = parent.format.or(command.and_then(|command| command.format));
        let r#type = parent.r#type.or(command.and_then(|command| command.r#type));
        format == Some(true) || r#type == Some(true)
    }

    /// Marks the innermost element, and the one around it where that is what it describes.
    fn mark(&mut self, kind: Kind) {
        let around = self.depth - 1;
        if kind == Kind::Meta && (self.marked != around || self.marks.is_empty()) {
            self.marks.push(Mark { depth: around, ..Mark::default() });
        }
        self.marks.push(Mark { depth: self.depth, kind, ..Mark::default() });
        self.marked = self.depth;
    }
}

impl OctetRule for MetaRule {
    #[inline(always)]
    fn start(&mut self, namespace: &str, local: &str) {
        self.depth += 1;
        if self.text.length > 0 {
            self.text = Tail::default();
        }
        // What was at this depth, or deeper, has ended.
        if self.depth <= self.rt_properties {
            self.rt_properties = 0;
        }
        if self.depth <= self.ddf_format {
            self.ddf_format = 0;
        }
        if may_matter(local) {
            self.begin(namespace, local);
        }
    }

    #[inline]
    fn text(&mut self, text: &str) {
        if self.marked == self.depth
            && let Some(mark) = self.marks.last()
            && matches!(mark.kind, Kind::Format | Kind::Type)
        {
            self.text.extend(text.as_bytes());
        }
    }

    #[inline]
    fn end(&mut self) {
        if self.marked == self.depth {
            self.end_marked();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    #[inline(always)]
    fn leaf(&mut self, namespace: &str, local: &str, text: &str) -> bool {
        // What Format, Type and bin say is kept; of every other leaf nothing remains.
        if self.text.length > 0 {
            self.text = Tail::default();
        }
        may_matter(local) && self.leaf_that_matters(namespace, local, text)
    }

    fn is_octets(&self) -> bool {
        self.holds_octets(self.kind(0), 1)
    }
}

/// Whether the name begins like one of those that matter: told at a glance, of most it is not so.
#[inline(always)]
fn may_matter(local: &str) -> bool {
    const FIRST: u32 = {
        let (names, mut first, mut at) = (b"DIMFTVRb", 0, 0);
        while at < names.len() {
            first |= 1 << (names[at] & 31);
            at += 1;
        }
        first
    };
    local.as_bytes().first().is_some_and(|octet| FIRST >> (octet & 31) & 1 == 1)
}

impl MetaRule {
    /// The innermost element has begun, and may be one that matters.
    #[inline(never)]
    fn begin(&mut self, namespace: &str, local: &str) {
        let kind = match local {
            "Data" if is_syncml(namespace) => Kind::Data,
            "Item" if is_syncml(namespace) => Kind::Item,
            "Meta" if is_syncml(namespace) => Kind::Meta,
            "MetInf" if is_same(namespace, METINF) => Kind::MetInf,
            "Format" if is_same(namespace, METINF) => Kind::Format,
            "Type" if is_same(namespace, METINF) => Kind::Type,
            "Value" if is_same(namespace, DDF) => Kind::Value,
            "RTProperties" if is_same(namespace, DDF) => {
                self.rt_properties = self.depth;
                return;
            }
            "Format" if is_same(namespace, DDF) => {
                self.ddf_format = self.depth;
                return;
            }
            "bin" if is_same(namespace, DDF) => return self.bin(self.depth - 1),
            _ => return,
        };
        self.mark(kind);
    }

    #[inline(never)]
    fn leaf_that_matters(&mut self, namespace: &str, local: &str, text: &str) -> bool {
        match local {
            "Format" if is_same(namespace, METINF) => self.format(0, text == "bin"),
            "Type" if is_same(namespace, METINF) => self.r#type(0, is_wbxml(text)),
            "RTProperties" if is_same(namespace, DDF) => self.rt_properties = self.depth + 1,
            "Format" if is_same(namespace, DDF) => self.ddf_format = self.depth + 1,
            "bin" if is_same(namespace, DDF) => self.bin(self.depth),
            "Data" if is_syncml(namespace) => return self.holds_octets(Kind::Data, 0),
            "Value" if is_same(namespace, DDF) => return self.holds_octets(Kind::Value, 0),
            _ => {}
        }
        false
    }

    fn end_marked(&mut self) {
        let ended = self.marks.pop().unwrap_or_default();
        self.marked = self.marks.last().map_or(0, |mark| mark.depth);
        match ended.kind {
            Kind::Format => {
                let is_bin = self.text.length == 3 && self.text.last.ends_with(b"bin");
                self.format(1, is_bin);
            }
            Kind::Type => {
                let is_wbxml = self.text.last.eq_ignore_ascii_case(WBXML);
                self.r#type(1, is_wbxml);
            }
            _ => return,
        }
        self.text = Tail::default();
    }

    /// The Meta this many levels above says a Format; the first one counts.
    fn format(&mut self, levels: u32, is_bin: bool) {
        if let Some(described) = self.described(levels) {
            described.format.get_or_insert(is_bin);
        }
    }

    /// The Meta this many levels above says a Type; the first one counts.
    fn r#type(&mut self, levels: u32, is_wbxml: bool) {
        if let Some(described) = self.described(levels) {
            described.r#type.get_or_insert(is_wbxml);
        }
    }
}

/// Whether this media type ends in `+wbxml`, in any case.
#[must_use]
pub fn is_wbxml(media_type: &str) -> bool {
    let octets = media_type.as_bytes();
    let tail = octets.len().checked_sub(WBXML.len()).map(|start| &octets[start..]);
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(WBXML))
}

fn is_syncml(namespace: &str) -> bool {
    namespace.starts_with("SYNCML:SYNCML1.")
}

#[cfg(test)]
mod tests;
