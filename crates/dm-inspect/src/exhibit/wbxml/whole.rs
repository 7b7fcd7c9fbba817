//! Tokens that stand for whole elements: what each of their octets and texts is. [profile §5]

use dm_wbxml::{Skeleton, Token};

use super::{Open, Row, RowKind, WbxmlRows, quoted};

/// A whole element of which a part was shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Whole {
    skeleton: &'static Skeleton,
    /// How many elements are open, this one with them.
    depth: usize,
    /// How many of its texts were shown.
    texts: usize,
}

impl<'a> WbxmlRows<'a> {
    /// The row of a token that stands for a whole element, if this is one as it should be.
    pub(super) fn whole(&mut self, start: usize, token: Token<'a>) -> Option<Row<'a>> {
        let Token::Tag { identity, has_attributes: false, has_content: true } = token else {
            return None;
        };
        let skeleton = self.vocabulary.page(self.tag_page)?.skeleton(identity)?;
        let root = &skeleton.shape.root;
        let values: Vec<&str> = skeleton.values.iter().filter_map(|value| short(value)).collect();
        let text = format!("<{}> whole: {}", root.local, values.join(", "));
        let label = format!("TAG {}/{identity:02X} C", self.tag_page);
        let row = self.row(start, label, text.into(), RowKind::Start);
        self.had_root = true;
        self.rule.start(root.namespace, root.local, true);
        self.open.push(Open {
            namespace: root.namespace.into(),
            local: root.local.into(),
            holds_octets: true,
        });
        self.whole = Some(Whole { skeleton, depth: self.open.len(), texts: 0 });
        Some(row)
    }

    /// The row of a token in a whole element, if it is one that belongs there.
    pub(super) fn of_whole(&mut self, start: usize, token: Token<'a>) -> Option<Row<'a>> {
        let whole = self.whole.as_mut().filter(|whole| whole.depth == self.open.len())?;
        match token {
            Token::Opaque(octets) => {
                let label = format!("OPAQUE {}", octets.len());
                let text = shares(whole.skeleton, octets.len())?;
                Some(self.row(start, label, text.into(), RowKind::Octets))
            }
            Token::StrI(_) | Token::StrT(_) => {
                let name = whole.skeleton.texts().nth(whole.texts)?;
                whole.texts += 1;
                let (label, text) = match token {
                    Token::StrI(octets) => ("STR_I".to_owned(), Some(self.decoded(octets))),
                    Token::StrT(offset) => (format!("STR_T {offset}"), self.string(offset)),
                    _ => return None,
                };
                let shown =
                    text.as_deref().map_or_else(|| "outside the string table".into(), quoted);
                let text = format!("{name} {shown}").into();
                Some(self.row(start, label, text, RowKind::Text))
            }
            _ => None,
        }
    }
}

/// Which element has how many of these octets; none if they are too few.
fn shares(skeleton: &Skeleton, octets: usize) -> Option<String> {
    let rest = octets.checked_sub(skeleton.least_octets())?;
    let lengths = skeleton.lengths.iter().copied().chain([rest]);
    let shares = skeleton.octets().zip(lengths).map(|(name, length)| format!("{name} {length}"));
    Some(shares.collect::<Vec<_>>().join(", ") + " octets")
}

/// What tells an identifier from others: what stands behind its last mark.
fn short(value: &'static str) -> Option<&'static str> {
    value.rsplit_once('#').map(|(_, name)| name)
}
