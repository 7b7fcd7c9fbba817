//! Regular expressions of `AllowedValues`, matched in time linear in the text. [Windows DDF v2]
//!
//! What most expressions are made of: characters, `.`, classes, groups, `|`, and the counts
//! `? * + {n} {n,} {n,m}`; `^` and `$` at the ends. Anything else is said to be not understood.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;

mod program;
mod syntax;

/// An expression that was understood.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    program: Vec<program::Op>,
    /// The work of all instructions for one character.
    work: usize,
}

/// The most instructions of an expression: `{n,m}` multiplies them.
const MOST_INSTRUCTIONS: usize = 4_096;
/// The most parts and ranges that are looked at to make the instructions.
const MOST_WORK: usize = 65_536;
/// The most work of all instructions that are kept between matches.
const MOST_KEPT: usize = 1 << 18;
/// The most steps of a match: parts and ranges of the instructions times octets.
const MOST_STEPS: usize = 4_000_000;

/// A part of an expression.
#[derive(Clone, Debug)]
enum Part {
    /// A character of one of these ranges, or of none of them.
    Class { ranges: Vec<(char, char)>, is_negated: bool },
    /// One after the other.
    Sequence(Vec<Part>),
    /// One of these.
    Choice(Vec<Part>),
    /// At least so often, at most so often.
    Repeat { part: Box<Part>, least: u32, most: Option<u32> },
    /// `^`.
    Begin,
    /// `$`.
    End,
}

impl Part {
    /// What it takes to look at it, without the parts in it.
    fn work(&self) -> usize {
        match self {
            Part::Class { ranges, .. } => 1 + ranges.len(),
            _ => 1,
        }
    }
}

impl Pattern {
    /// Reads an expression; none when it is not understood, or too large.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let program = program::compile(&syntax::parse(text)?)?;
        let work = program.iter().map(program::Op::work).sum();
        Some(Self { program, work })
    }

    /// Whether the whole text matches; none when that would take too long to tell.
    pub(crate) fn matches(&self, text: &str) -> Option<bool> {
        let steps = self.work.checked_mul(text.len())?;
        (steps <= MOST_STEPS).then(|| program::run(&self.program, text))
    }
}

/// Expressions of descriptions, each read when the first value meets it.
#[derive(Debug, Default)]
pub(crate) struct Patterns<'c> {
    read: BTreeMap<&'c str, Option<Pattern>>,
    /// The work of all of them, which tells how large they are.
    work: usize,
}

impl<'c> Patterns<'c> {
    /// The expression; none when it is not understood. When too much is kept, all is forgotten.
    pub(crate) fn get(&mut self, text: &'c str) -> Option<&Pattern> {
        if self.work > MOST_KEPT {
            *self = Self::default();
        }
        let work = &mut self.work;
        let read = || {
            let pattern = Pattern::parse(text);
            *work += 1 + pattern.as_ref().map_or(0, |pattern| pattern.work);
            pattern
        };
        self.read.entry(text).or_insert_with(read).as_ref()
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{MOST_KEPT, Pattern, Patterns};

    #[test]
    fn an_expression_is_read_once_and_only_so_many_are_kept() {
        let mut patterns = Patterns::default();
        assert_eq!(patterns.get("a+").unwrap().matches("aa"), Some(true));
        let work = patterns.work;
        assert_eq!(patterns.get("a+").unwrap().matches("b"), Some(false));
        assert!(patterns.get("(").is_none());
        assert_eq!((patterns.work, patterns.read.len()), (work + 1, 2));
        let large: Vec<_> = (0..100).map(|n| alloc::format!("a{{4000}}{n}")).collect();
        for text in &large {
            assert!(patterns.get(text).is_some());
            assert!(patterns.work < MOST_KEPT + 65_536);
        }
        assert!(patterns.read.len() < large.len());
    }

    #[test]
    fn texts_match_as_a_whole() {
        let guid = r"\{[0-9A-Fa-f]{4}\-[^-x]+\}";
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("abc", "abc", true),
            ("abc", "xabc", false),
            ("^.{1,3}$", "abc", true),
            ("^.{1,3}$", "", false),
            ("^.{1,3}$", "abcd", false),
            (guid, "{0aF9-zz}", true),
            (guid, "{0aG9-zz}", false),
            (guid, "{0aF9-x}", false),
            ("(a|bc)*d?", "abcbcad", true),
            ("(a|bc)*d?", "abcb", false),
            ("(?:ab){2,}", "ab", false),
            ("(?:ab){2,}", "ababab", true),
            (r"\d+\.\w\s", "12._ ", true),
            (r"\D\W\S", "a-b", true),
            (r"[\d\-.]+", "1-2.3", true),
            (r"\x41B", "AB", true),
            ("(a*)*", "aaaa", true),
            ("a+?b", "aab", true),
            ("a|", "", true),
            ("x{,2}", "x{,2}", true),
            ("[]a]+", "]a", true),
            ("ä.", "äö", true),
        ] {
            let matched = Pattern::parse(pattern).unwrap().matches(text);
            assert_eq!(matched, Some(expected), "{pattern} on {text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_said_to_be() {
        for pattern in [
            "(", ")", "[a", "a**", "*", r"\b", r"(a)\1", "(?=a)", "(?i)a", "a{3,2}", "\\", "[z-a]",
            r"\p{L}",
        ] {
            assert!(Pattern::parse(pattern).is_none(), "{pattern}");
        }
        assert!(Pattern::parse("((a{1000}){1000}){1000}").is_none());
        assert!(Pattern::parse(&"(".repeat(100_000)).is_none());
        let long = alloc::string::String::from("a").repeat(5_000_000);
        assert_eq!(Pattern::parse("a*").unwrap().matches(&long), None);
    }

    #[test]
    fn parts_that_stand_for_nothing_are_not_repeated_without_end() {
        for pattern in
            ["(){4000000000}", "((){60000}){60000}", "((a?){0}){4000000000}", "(){4000000000}a"]
        {
            assert!(Pattern::parse(pattern).is_none(), "{pattern}");
        }
        let letters: alloc::string::String = ('\u{4E00}'..'\u{8E00}').collect();
        assert!(Pattern::parse(&alloc::format!("[{letters}]{{4000}}")).is_none());
        let class = Pattern::parse(&alloc::format!("[{letters}]*")).unwrap();
        assert_eq!(class.matches("\u{4E01}"), Some(true));
        assert_eq!(class.matches(&letters), None);
    }
}
