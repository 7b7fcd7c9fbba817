//! Attribute code pages: tokens that start an attribute, tokens inside its value.
//! [WBXML 1.3 §5.8.2, §5.8.3]

/// The first token of a value; the tokens below start an attribute.
const VALUES: u8 = 0x80;

/// One attribute code page.
///
/// A start token stands for the name of an attribute and the beginning of its value, a value
/// token for a piece of text anywhere in a value.
///
/// ```
/// use dm_wbxml::AttributePage;
/// static PAGE: AttributePage = AttributePage::new(
///     0,
///     &[(0x05, "href", ""), (0x06, "href", "http://"), (0x07, "href", "http://www.")],
///     &[(0x85, ".com")],
/// );
/// assert_eq!(PAGE.start(0x06), Some(("href", "http://")));
/// assert_eq!(PAGE.longest_start("href", "http://www.a.com"), Some((0x07, "a.com")));
/// assert_eq!(PAGE.value_token(".com"), Some(0x85));
/// ```
#[derive(Debug)]
pub struct AttributePage {
    number: u8,
    starts: &'static [(u8, &'static str, &'static str)],
    values: &'static [(u8, &'static str)],
}

impl AttributePage {
    /// A page of start tokens (token, name of the attribute, beginning of its value, which may be
    /// empty) and value tokens (token, text), each list in the order of the tokens.
    ///
    /// # Panics
    /// At compile time, when a list is out of order, a token is global or of the other list, or a
    /// value is empty.
    #[must_use]
    pub const fn new(
        number: u8,
        starts: &'static [(u8, &'static str, &'static str)],
        values: &'static [(u8, &'static str)],
    ) -> Self {
        let mut at = 0;
        while at < starts.len() {
            let token = starts[at].0;
            assert!(token < VALUES && !is_global(token), "a start token is 05-3F or 45-7F");
            assert!(at == 0 || starts[at - 1].0 < token, "start tokens ascend");
            at += 1;
        }
        at = 0;
        while at < values.len() {
            let token = values[at].0;
            assert!(token >= VALUES && !is_global(token), "a value token is 85-BF or C5-FF");
            assert!(at == 0 || values[at - 1].0 < token, "value tokens ascend");
            assert!(!values[at].1.is_empty(), "a value token stands for text");
            at += 1;
        }
        Self { number, starts, values }
    }

    /// The number of the page.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// All start tokens: token, name of the attribute, beginning of its value.
    pub fn starts(&self) -> impl Iterator<Item = (u8, &'static str, &'static str)> {
        self.starts.iter().copied()
    }

    /// All value tokens with their text.
    pub fn values(&self) -> impl Iterator<Item = (u8, &'static str)> {
        self.values.iter().copied()
    }

    /// The name of the attribute that this token starts, and the beginning of its value.
    #[must_use]
    pub fn start(&self, token: u8) -> Option<(&'static str, &'static str)> {
        let at = self.starts.binary_search_by_key(&token, |start| start.0).ok()?;
        Some((self.starts[at].1, self.starts[at].2))
    }

    /// The text of this value token.
    #[must_use]
    pub fn value(&self, token: u8) -> Option<&'static str> {
        let at = self.values.binary_search_by_key(&token, |value| value.0).ok()?;
        Some(self.values[at].1)
    }

    /// The start token that covers the most of an attribute's value, the lowest of equal ones,
    /// and the rest of the value.
    #[must_use]
    pub fn longest_start<'v>(&self, name: &str, value: &'v str) -> Option<(u8, &'v str)> {
        let fits = |start: &&(u8, &str, &str)| start.1 == name && value.starts_with(start.2);
        // Of equal ones `max_by_key` takes the last, which is the lowest when read from the end.
        let start = self.starts.iter().rev().filter(fits).max_by_key(|start| start.2.len())?;
        Some((start.0, value.split_at(start.2.len()).1))
    }

    /// The value token that covers the most of the beginning of this text, the lowest of equal
    /// ones, and what is behind it.
    #[must_use]
    pub fn longest_value<'v>(&self, text: &'v str) -> Option<(u8, &'v str)> {
        let fits = |value: &&(u8, &str)| text.starts_with(value.1);
        let value = self.values.iter().rev().filter(fits).max_by_key(|value| value.1.len())?;
        Some((value.0, text.split_at(value.1.len()).1))
    }

    /// The token of this whole piece of a value, the lowest of equal ones.
    #[must_use]
    pub fn value_token(&self, text: &str) -> Option<u8> {
        self.values.iter().find(|value| value.1 == text).map(|value| value.0)
    }
}

/// Whether the token means the same on all pages: 0-4 and the same with the upper bits set.
const fn is_global(token: u8) -> bool {
    token & 0x3F < 5
}

#[cfg(test)]
mod tests {
    use super::*;

    static PAGE: AttributePage = AttributePage::new(
        1,
        &[
            (0x05, "name", ""),
            (0x07, "name", "PORT"),
            (0x08, "name", "PORTNBR"),
            (0x45, "value", "PORT"),
            (0x46, "name", "PORT"),
        ],
        &[(0x85, "AUTO"), (0xC5, "AUTO"), (0xC6, "AUTOBAUDING")],
    );

    #[test]
    fn tokens_are_found_and_others_are_not() {
        assert_eq!(PAGE.start(0x45), Some(("value", "PORT")));
        assert_eq!(PAGE.start(0x06), None);
        assert_eq!(PAGE.start(0x85), None);
        assert_eq!(PAGE.value(0xC6), Some("AUTOBAUDING"));
        assert_eq!(PAGE.value(0x86), None);
    }

    #[test]
    fn the_longest_beginning_wins_and_of_equal_ones_the_lowest_token() {
        assert_eq!(PAGE.longest_start("name", "PORTNBR"), Some((0x08, "")));
        assert_eq!(PAGE.longest_start("name", "PORTNB"), Some((0x07, "NB")));
        assert_eq!(PAGE.longest_start("name", "POR"), Some((0x05, "POR")));
        assert_eq!(PAGE.longest_start("name", ""), Some((0x05, "")));
    }

    #[test]
    fn an_attribute_without_a_start_for_its_value_has_no_token() {
        assert_eq!(PAGE.longest_start("value", "POR"), None);
        assert_eq!(PAGE.longest_start("other", ""), None);
    }

    #[test]
    fn the_longest_value_wins_and_of_equal_ones_the_lowest_token() {
        assert_eq!(PAGE.longest_value("AUTOBAUD"), Some((0x85, "BAUD")));
        assert_eq!(PAGE.longest_value("AUTOBAUDING1"), Some((0xC6, "1")));
        assert_eq!(PAGE.longest_value("AUT"), None);
    }

    #[test]
    fn a_value_token_is_of_the_whole_text() {
        assert_eq!(PAGE.value_token("AUTO"), Some(0x85));
        assert_eq!(PAGE.value_token("AUTOBAUDING"), Some(0xC6));
        assert_eq!(PAGE.value_token("AUT"), None);
        assert_eq!(PAGE.value_token(""), None);
    }
}
