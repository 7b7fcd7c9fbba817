//! Elements and attributes: names by token and by the string table. [WBXML 1.3 §5.8.2, §5.8.3]

use std::borrow::Cow;

use dm_wbxml::Token;

use super::{Begun, Open, Row, RowKind, WbxmlRows};

impl<'a> WbxmlRows<'a> {
    pub(super) fn start(&mut self, start: usize, token: Token<'a>) -> Row<'a> {
        if let Some(row) = self.whole(start, token) {
            return row;
        }
        let (name, label, has_attributes, has_content) = match token {
            Token::Tag { identity, has_attributes, has_content } => {
                let page = self.vocabulary.page(self.tag_page);
                let namespace = page.map_or("", dm_wbxml::CodePage::namespace);
                let local = page
                    .and_then(|page| page.name(identity))
                    .map_or_else(|| Cow::Owned(format!("unknown-{identity:02X}")), Cow::Borrowed);
                let holds_octets = page.is_some_and(|page| page.holds_octets(identity));
                let element = Open { namespace: Cow::Borrowed(namespace), local, holds_octets };
                let flags = flags(has_attributes, has_content, " ");
                let label = format!("TAG {}/{identity:02X}{flags}", self.tag_page);
                (element, label, has_attributes, has_content)
            }
            Token::LiteralTag { name, has_attributes, has_content } => {
                let namespace =
                    self.open.last().map_or(Cow::Borrowed(""), |up| up.namespace.clone());
                let local = self.string(name).unwrap_or(Cow::Borrowed("unknown-literal"));
                let flags = flags(has_attributes, has_content, "_");
                (
                    Open { namespace, local, holds_octets: false },
                    format!("LITERAL{flags} {name}"),
                    has_attributes,
                    has_content,
                )
            }
            _ => {
                let nothing = Open { namespace: "".into(), local: "".into(), holds_octets: false };
                (nothing, String::new(), false, false)
            }
        };
        self.had_root = true;
        let above = self.open.last().map_or("", |above| &above.namespace);
        let mut text = format!("<{}", name.local);
        if above != name.namespace && matches!(token, Token::Tag { .. }) {
            text += &format!(" xmlns=\"{}\"", name.namespace);
        }
        if !has_attributes {
            text += if has_content { ">" } else { "/>" };
        }
        let row = self.row(start, label, text.into(), RowKind::Start);
        if has_attributes {
            let (attribute, xmlns) = ("".into(), String::new());
            self.begun = Some(Begun { element: name, has_content, attribute, xmlns });
        } else {
            self.enter(name, has_content);
        }
        row
    }

    pub(super) fn end(&mut self, start: usize, in_attributes: bool) -> Row<'a> {
        if let Some(mut begun) = self.begun.take().filter(|_| in_attributes) {
            if !begun.xmlns.is_empty() {
                begun.element.namespace = Cow::Owned(begun.xmlns);
            }
            let text = if begun.has_content { ">" } else { "/>" };
            let row = self.row(start, "END", text.into(), RowKind::End);
            self.enter(begun.element, begun.has_content);
            return row;
        }
        if in_attributes {
            self.in_instruction = false;
            return self.row(start, "END", "?>".into(), RowKind::Other);
        }
        self.whole = None;
        let text = match self.open.pop() {
            Some(element) => {
                self.rule.end();
                Cow::Owned(format!("</{}>", element.local))
            }
            None => Cow::Borrowed("the end of nothing"),
        };
        self.row(start, "END", text, RowKind::End)
    }

    pub(super) fn attribute(&mut self, start: usize, token: Token<'a>) -> Row<'a> {
        let page = self.vocabulary.attribute_page(self.attribute_page);
        let (label, name, value) = match token {
            Token::LiteralAttribute(offset) => {
                let name = self.string(offset).unwrap_or(Cow::Borrowed("unknown-literal"));
                (format!("LITERAL {offset}"), Some(name), "")
            }
            Token::AttributeStart(token) => {
                let known = page.and_then(|page| page.start(token));
                let name = known.map_or_else(
                    || Cow::Owned(format!("unknown-{token:02X}")),
                    |(name, _)| Cow::Borrowed(name),
                );
                let value = known.map_or("", |(_, value)| value);
                (format!("ATTRSTART {}/{token:02X}", self.attribute_page), Some(name), value)
            }
            Token::AttributeValue(token) => {
                let value = page.and_then(|page| page.value(token)).unwrap_or("?");
                (format!("ATTRVALUE {}/{token:02X}", self.attribute_page), None, value)
            }
            _ => (String::new(), None, ""),
        };
        let text = match (&name, value) {
            (Some(name), "") => format!("{name}="),
            (Some(name), value) => format!("{name}=\"{value}\""),
            (None, value) => format!("\"{value}\""),
        };
        if let (Some(begun), Some(name)) = (&mut self.begun, name) {
            begun.attribute = name;
        }
        self.text(value, true);
        self.row(start, label, text.into(), RowKind::Attribute)
    }

    fn enter(&mut self, element: Open<'a>, has_content: bool) {
        self.rule.start(&element.namespace, &element.local, element.holds_octets);
        if has_content {
            self.open.push(element);
        } else {
            self.rule.end();
        }
    }
}

/// What follows a tag, as the standard spells it: `_AC`.
fn flags(has_attributes: bool, has_content: bool, before: &str) -> String {
    match (has_attributes, has_content) {
        (false, false) => String::new(),
        (true, false) => format!("{before}A"),
        (false, true) => format!("{before}C"),
        (true, true) => format!("{before}AC"),
    }
}
