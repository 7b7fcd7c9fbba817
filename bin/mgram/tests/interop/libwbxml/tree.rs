//! An infoset that can be changed: what is left when a peculiarity is forgotten.

use dm_wbxml::Vocabulary;
use dm_xml::Child as Part;

/// An element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    pub space: String,
    pub name: String,
    pub attributes: Vec<(String, String)>,
    /// Text is in one piece, and never empty.
    pub children: Vec<Child>,
}

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    Element(Tree),
    Text(String),
}

impl Tree {
    /// An element and all below it.
    pub fn of(element: dm_xml::Element<'_>) -> Self {
        let attributes = element.attributes();
        let mut attributes: Vec<_> =
            attributes.map(|found| (found.name.to_owned(), found.value.to_owned())).collect();
        attributes.sort();
        let mut children = Vec::new();
        for child in element.children() {
            let text = match child {
                Part::Element(element) => {
                    children.push(Child::Element(Self::of(element)));
                    continue;
                }
                Part::Text(text) => text.to_owned(),
                Part::Octets(octets) => base64(octets),
            };
            match children.last_mut() {
                Some(Child::Text(before)) => *before += &text,
                _ => children.push(Child::Text(text)),
            }
        }
        children.retain(|child| !matches!(child, Child::Text(text) if text.is_empty()));
        let (space, name) = (element.namespace().to_owned(), element.local().to_owned());
        Self { space, name, attributes, children }
    }

    /// The text, where there is nothing else.
    pub fn text(&self) -> Option<&str> {
        match &self.children[..] {
            [] => Some(""),
            [Child::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Puts text in the place of all content.
    pub fn set_text(&mut self, text: String) {
        self.children = if text.is_empty() { vec![] } else { vec![Child::Text(text)] };
    }

    /// The elements directly in this one.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// Changes this element and all below it; what is above one is changed before it.
    pub fn each(&mut self, change: &mut impl FnMut(&mut Self)) {
        change(self);
        for child in &mut self.children {
            if let Child::Element(element) = child {
                element.each(change);
            }
        }
    }

    /// Gives each element that has no token the namespace of its parent, and takes its attributes.
    pub fn forget_literals(&mut self, language: &Vocabulary, above: &str) {
        if language.token(&self.space, &self.name).is_none() {
            above.clone_into(&mut self.space);
            self.attributes.clear();
        }
        let space = self.space.clone();
        for child in &mut self.children {
            if let Child::Element(element) = child {
                element.forget_literals(language, &space);
            }
        }
    }
}

/// Octets as base64 text.
pub fn base64(octets: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(octets)
}

/// Octets of base64 text.
pub fn octets(text: &str) -> Option<Vec<u8>> {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.decode(text).ok()
}
