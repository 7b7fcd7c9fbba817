//! Languages made of code pages, given by the crates above. [WBXML 1.3 §5.5, §5.8.1]

use dm_xml::character::is_same;

use crate::{AttributePage, CodePage};

/// One language: its public identifier and its code pages.
#[derive(Debug)]
pub struct Vocabulary {
    /// The registered public identifier.
    pub number: u32,
    /// The formal public identifier, as it may stand in the string table.
    pub text: &'static str,
    /// The tag code pages.
    pub pages: &'static [CodePage],
    /// The attribute code pages; none in a language whose attributes have no tokens. Beside
    /// private tag pages they are for the elements of those only.
    pub attributes: &'static [AttributePage],
}

impl Vocabulary {
    /// The page of this number.
    #[must_use]
    pub fn page(&self, number: u8) -> Option<&'static CodePage> {
        // Pages of real languages are counted from 0 on.
        match self.pages.get(usize::from(number)) {
            Some(page) if page.number() == number => Some(page),
            _ => self.pages.iter().find(|page| page.number() == number),
        }
    }

    /// The attribute page of this number. Tags and attributes have separate current pages.
    #[must_use]
    pub fn attribute_page(&self, number: u8) -> Option<&'static AttributePage> {
        self.attributes.iter().find(|page| page.number() == number)
    }

    /// Page number and token of the element `local` of `namespace`.
    #[must_use]
    pub fn token(&self, namespace: &str, local: &str) -> Option<(u8, u8)> {
        self.place(namespace, local).map(|(page, token)| (page.number(), token))
    }

    /// Page and token of the element `local` of `namespace`.
    pub(crate) fn place(&self, namespace: &str, local: &str) -> Option<(&'static CodePage, u8)> {
        let page = self.page_of(namespace)?;
        Some((page, page.token(local)?))
    }

    /// The page of this namespace.
    pub(crate) fn page_of(&self, namespace: &str) -> Option<&'static CodePage> {
        self.pages.iter().find(|page| is_same(page.namespace(), namespace))
    }

    /// Whether the elements of this page have attributes: those of private pages, and in a
    /// language without private pages all or none.
    pub(crate) fn has_attributes(&self, page: &CodePage) -> bool {
        page.is_private()
            || !self.attributes.is_empty() && !self.pages.iter().any(CodePage::is_private)
    }
}

/// The languages that a reader takes.
#[derive(Debug)]
pub struct Languages {
    /// The languages; the first one is taken when the identifier is unknown (1, or a strange text).
    pub known: &'static [&'static Vocabulary],
    /// Formal public identifiers of other languages, whose page 0 means something else.
    pub foreign: &'static [&'static str],
}

impl Languages {
    /// The language of this number; 1 is "unknown or missing".
    #[must_use]
    pub fn by_number(&self, number: u32) -> Option<&'static Vocabulary> {
        match number {
            1 => self.known.first().copied(),
            _ => self.known.iter().copied().find(|vocabulary| vocabulary.number == number),
        }
    }

    /// The language of this formal public identifier.
    #[must_use]
    pub fn by_text(&self, text: &str) -> Option<&'static Vocabulary> {
        if self.foreign.contains(&text) {
            return None;
        }
        let known = self.known.iter().copied().find(|vocabulary| vocabulary.text == text);
        known.or(self.known.first().copied())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static PAGES: [CodePage; 2] =
        [CodePage::new(0, "urn:a", &["A"]), CodePage::new(4, "urn:b", &["A", "B"])];
    static ATTRIBUTES: [AttributePage; 2] = [
        AttributePage::new(0, &[(0x05, "name", "")], &[]),
        AttributePage::new(3, &[(0x05, "type", "")], &[]),
    ];
    static FIRST: Vocabulary =
        Vocabulary { number: 7, text: "-//A//EN", pages: &PAGES, attributes: &ATTRIBUTES };
    static SECOND: Vocabulary =
        Vocabulary { number: 8, text: "-//B//EN", pages: &PAGES, attributes: &[] };
    static LANGUAGES: Languages = Languages { known: &[&FIRST, &SECOND], foreign: &["-//C//EN"] };

    #[test]
    fn pages_are_found_by_their_numbers_not_their_places() {
        assert_eq!(FIRST.page(4).map(CodePage::namespace), Some("urn:b"));
        assert!(FIRST.page(1).is_none());
        assert_eq!(FIRST.token("urn:b", "A"), Some((4, 5)));
        assert_eq!(FIRST.attribute_page(3).and_then(|page| page.start(5)), Some(("type", "")));
        assert!(FIRST.attribute_page(1).is_none());
        assert!(SECOND.attribute_page(0).is_none());
    }

    #[test]
    fn an_unknown_identifier_is_of_the_first_language_and_a_foreign_one_of_none() {
        let text = |vocabulary: Option<&Vocabulary>| vocabulary.map(|found| found.text);
        assert_eq!(text(LANGUAGES.by_number(1)), Some("-//A//EN"));
        assert_eq!(text(LANGUAGES.by_number(8)), Some("-//B//EN"));
        assert_eq!(text(LANGUAGES.by_number(9)), None);
        assert_eq!(text(LANGUAGES.by_text("-//B//EN")), Some("-//B//EN"));
        assert_eq!(text(LANGUAGES.by_text("-//D//EN")), Some("-//A//EN"));
        assert_eq!(text(LANGUAGES.by_text("-//C//EN")), None);
    }
}
