//! Tag code pages, given by the crates above. [WBXML 1.3 §5.8.1]

use dm_xml::character::is_same;

use crate::Skeleton;

/// The first identity of a tag; the ones below are global tokens.
const FIRST: u8 = 0x05;
/// Slots of a table of names: twice the most names a page can have, a power of two.
const SLOTS: usize = 128;

/// One tag code page: a namespace and the names of its tokens.
#[derive(Debug)]
pub struct CodePage {
    number: u8,
    namespace: &'static str,
    names: &'static [&'static str],
    /// Token of the name that hashes here, or 0.
    slots: [u8; SLOTS],
    is_private: bool,
    /// A bit for each token whose element holds octets.
    octets: u64,
    /// What its tokens stand for, on a page of whole elements.
    skeletons: &'static [Skeleton],
}

impl CodePage {
    /// A page whose tokens are counted from 05 on; an empty name is a reserved token.
    ///
    /// # Panics
    /// At compile time, when there are more names than tokens.
    #[must_use]
    pub const fn new(number: u8, namespace: &'static str, names: &'static [&'static str]) -> Self {
        assert!(names.len() <= 0x40 - FIRST as usize, "a page has 59 tokens");
        let mut slots = [0; SLOTS];
        let mut token = FIRST;
        let mut at = 0;
        while at < names.len() {
            if !names[at].is_empty() {
                let mut slot = hash(names[at].as_bytes());
                while slots[slot] != 0 {
                    slot = (slot + 1) % SLOTS;
                }
                slots[slot] = token;
            }
            token += 1;
            at += 1;
        }
        Self { number, namespace, names, slots, is_private: false, octets: 0, skeletons: &[] }
    }

    /// A private page: one that peers agree upon beside the standard ones. Its elements may have
    /// attributes and may also come by their names, and the content of those in `octets` is
    /// octets when they come by token. [profile §2, §5]
    ///
    /// # Panics
    /// At compile time, as [`CodePage::new`], and when one of `octets` has no token here.
    ///
    /// ```
    /// use dm_wbxml::CodePage;
    /// static PAGE: CodePage = CodePage::private(16, "urn:x", &["Name", "Digest"], &["Digest"]);
    /// assert!(PAGE.is_private());
    /// assert!(PAGE.holds_octets(0x06) && !PAGE.holds_octets(0x05));
    /// ```
    #[must_use]
    pub const fn private(
        number: u8,
        namespace: &'static str,
        names: &'static [&'static str],
        octets: &'static [&'static str],
    ) -> Self {
        let mut page = Self::new(number, namespace, names);
        page.is_private = true;
        let mut at = 0;
        while at < octets.len() {
            let mut token = FIRST;
            while !is_equal(names[(token - FIRST) as usize], octets[at]) {
                token += 1;
            }
            page.octets |= 1 << token;
            at += 1;
        }
        page
    }

    /// A private page whose tokens, from 05 on, stand for whole elements. It has no names. An example
    /// is at [`Skeleton`].
    ///
    /// # Panics
    /// At compile time, when there are more than a page has tokens, or one does not fit its shape.
    #[must_use]
    pub const fn whole(number: u8, skeletons: &'static [Skeleton]) -> Self {
        assert!(skeletons.len() <= 0x40 - FIRST as usize, "a page has 59 tokens");
        let mut at = 0;
        while at < skeletons.len() {
            skeletons[at].check();
            at += 1;
        }
        let mut page = Self::new(number, "", &[]);
        page.is_private = true;
        page.skeletons = skeletons;
        page
    }

    /// The number of the page.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// The namespace of all its elements.
    #[must_use]
    pub fn namespace(&self) -> &'static str {
        self.namespace
    }

    /// The name of this token (without the bits for attributes and content).
    #[must_use]
    pub fn name(&self, token: u8) -> Option<&'static str> {
        let name = *self.names.get(usize::from(token.checked_sub(FIRST)?))?;
        (!name.is_empty()).then_some(name)
    }

    /// The token of this name.
    #[inline]
    #[must_use]
    pub fn token(&self, name: &str) -> Option<u8> {
        let mut slot = hash(name.as_bytes());
        loop {
            let token = self.slots[slot];
            if token == 0 {
                return None;
            }
            if is_same(self.names[usize::from(token - FIRST)], name) {
                return Some(token);
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Whether the page is private.
    #[must_use]
    pub fn is_private(&self) -> bool {
        self.is_private
    }

    /// Whether the content of this token's element is octets, whatever the language says.
    #[inline]
    #[must_use]
    pub fn holds_octets(&self, token: u8) -> bool {
        token < 64 && self.octets >> token & 1 == 1
    }

    /// The whole element that this token stands for.
    #[must_use]
    pub fn skeleton(&self, token: u8) -> Option<&'static Skeleton> {
        self.skeletons.get(usize::from(token.checked_sub(FIRST)?))
    }

    /// All tokens of whole elements.
    pub fn skeletons(&self) -> impl Iterator<Item = (u8, &'static Skeleton)> {
        (FIRST..).zip(self.skeletons)
    }

    /// All tokens with their names.
    pub fn tokens(&self) -> impl Iterator<Item = (u8, &'static str)> {
        (FIRST..).zip(self.names.iter().copied()).filter(|(_, name)| !name.is_empty())
    }
}

/// Whether two names are the same, at compile time.
const fn is_equal(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// The slot of a name: length, first, middle and last octet spread those of real pages with few
/// collisions.
const fn hash(name: &[u8]) -> usize {
    if name.is_empty() {
        return 0;
    }
    let sum = name.len() * 31
        + name[0] as usize * 7
        + name[name.len() / 2] as usize * 3
        + name[name.len() - 1] as usize;
    sum % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    static PAGE: CodePage = CodePage::new(1, "urn:tags", &["Node", "", "node", "Edge"]);

    #[test]
    fn a_reserved_token_has_no_name_and_moves_no_other() {
        assert_eq!(PAGE.tokens().collect::<Vec<_>>(), [(5, "Node"), (7, "node"), (8, "Edge")]);
        assert_eq!(PAGE.name(6), None);
        assert_eq!(PAGE.token(""), None);
        assert_eq!(PAGE.name(9), None);
        assert_eq!(PAGE.name(4), None);
    }

    #[test]
    fn only_the_octets_of_a_private_page_are_octets() {
        static PRIVATE: CodePage =
            CodePage::private(9, "urn:tags", &["Value", "Values", "Name"], &["Values"]);
        let holds = |page: &CodePage| -> Vec<u8> {
            (0..=255).filter(|&token| page.holds_octets(token)).collect()
        };
        assert_eq!(holds(&PRIVATE), [6]);
        assert_eq!(holds(&PAGE), []);
        assert!(PRIVATE.is_private() && !PAGE.is_private());
    }

    #[test]
    fn names_differ_by_case() {
        assert_eq!(PAGE.token("Node"), Some(5));
        assert_eq!(PAGE.token("node"), Some(7));
        assert_eq!(PAGE.token("NODE"), None);
    }
}
