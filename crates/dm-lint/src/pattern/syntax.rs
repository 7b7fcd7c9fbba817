//! Text of an expression to its parts.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::str::Chars;

use super::Part;

/// The most groups inside one another.
const MOST_NESTED: usize = 32;

/// None when it is not understood.
pub(super) fn parse(text: &str) -> Option<Part> {
    let mut reader = Reader { rest: text.chars().peekable(), depth: 0 };
    let part = reader.choice()?;
    reader.rest.next().is_none().then_some(part)
}

struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    depth: usize,
}

impl Reader<'_> {
    fn choice(&mut self) -> Option<Part> {
        let mut choices = Vec::from([self.sequence()?]);
        while self.rest.next_if_eq(&'|').is_some() {
            choices.push(self.sequence()?);
        }
        if choices.len() == 1 { choices.pop() } else { Some(Part::Choice(choices)) }
    }

    fn sequence(&mut self) -> Option<Part> {
        let mut parts = Vec::new();
        while let Some(next) = self.rest.peek()
            && !matches!(next, '|' | ')')
        {
            let part = self.single()?;
            parts.push(self.repeated(part)?);
        }
        Some(Part::Sequence(parts))
    }

    fn single(&mut self) -> Option<Part> {
        Some(match self.rest.next()? {
            '.' => Part::Class { ranges: Vec::from([('\n', '\n')]), is_negated: true },
            '^' => Part::Begin,
            '$' => Part::End,
            '[' => self.class()?,
            '(' => self.group()?,
            '\\' => {
                let (ranges, is_negated) = self.escape()?;
                Part::Class { ranges, is_negated }
            }
            '*' | '+' | '?' => return None,
            letter => Part::Class { ranges: Vec::from([(letter, letter)]), is_negated: false },
        })
    }

    fn group(&mut self) -> Option<Part> {
        self.depth += 1;
        if self.depth > MOST_NESTED {
            return None;
        }
        if self.rest.next_if_eq(&'?').is_some() {
            self.rest.next_if_eq(&':')?; // no look-around, no options, no names
        }
        let part = self.choice()?;
        self.depth -= 1;
        self.rest.next_if_eq(&')').map(|_| part)
    }

    fn repeated(&mut self, part: Part) -> Option<Part> {
        let (least, most) = match self.rest.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => match self.count()? {
                Some(count) => count,
                None => return Some(part), // no count: the brace means itself
            },
            _ => return Some(part),
        };
        self.rest.next(); // the sign, or the closing brace
        self.rest.next_if_eq(&'?'); // reluctant: no difference for a whole text
        let is_again = matches!(self.rest.peek(), Some('*' | '+'));
        let is_assertion = matches!(part, Part::Begin | Part::End);
        (!is_again && !is_assertion).then(|| Part::Repeat { part: Box::new(part), least, most })
    }

    /// `{n}`, `{n,}` or `{n,m}` up to its closing brace; `Some(None)` when it is none of these.
    fn count(&mut self) -> Option<Option<(u32, Option<u32>)>> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let mut numbers = [None, None];
        let mut at = 0;
        loop {
            match ahead.next() {
                Some(',') if at == 0 => at = 1,
                Some('}') => break,
                Some(digit) if digit.is_ascii_digit() => {
                    let before: u32 = numbers[at].unwrap_or_default();
                    let digit = digit.to_digit(10)?;
                    numbers[at] = Some(before.checked_mul(10)?.checked_add(digit)?);
                }
                _ => return Some(None),
            }
        }
        let Some(least) = numbers[0] else { return Some(None) };
        let most = if at == 0 { Some(least) } else { numbers[1] };
        while self.rest.peek() != Some(&'}') {
            self.rest.next();
        }
        most.is_none_or(|most| most >= least).then_some(Some((least, most)))
    }

    fn class(&mut self) -> Option<Part> {
        let is_negated = self.rest.next_if_eq(&'^').is_some();
        let mut ranges = Vec::new();
        loop {
            let first = match self.rest.next()? {
                ']' if !ranges.is_empty() => return Some(Part::Class { ranges, is_negated }),
                '\\' => match self.escape()? {
                    (single, false) if single.len() == 1 && single[0].0 == single[0].1 => {
                        single[0].0
                    }
                    (several, false) => {
                        ranges.extend(several);
                        continue;
                    }
                    (_, true) => return None,
                },
                letter => letter,
            };
            let mut ahead = self.rest.clone();
            let is_range = ahead.next() == Some('-') && !matches!(ahead.next(), Some(']') | None);
            if !is_range {
                ranges.push((first, first));
                continue;
            }
            self.rest.next();
            let last = match self.rest.next()? {
                '\\' => match self.escape()? {
                    (single, false) if single.len() == 1 && single[0].0 == single[0].1 => {
                        single[0].0
                    }
                    _ => return None,
                },
                letter => letter,
            };
            if last < first {
                return None;
            }
            ranges.push((first, last));
        }
    }

    /// What stands behind a backslash, and whether its opposite is meant.
    fn escape(&mut self) -> Option<(Vec<(char, char)>, bool)> {
        let one = |letter| (Vec::from([(letter, letter)]), false);
        let word = [('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
        let space = [('\t', '\r'), (' ', ' ')];
        Some(match self.rest.next()? {
            'd' => (Vec::from([('0', '9')]), false),
            'D' => (Vec::from([('0', '9')]), true),
            'w' => (Vec::from(word), false),
            'W' => (Vec::from(word), true),
            's' => (Vec::from(space), false),
            'S' => (Vec::from(space), true),
            't' => one('\t'),
            'n' => one('\n'),
            'r' => one('\r'),
            'x' => one(self.hexadecimal(2)?),
            'u' => one(self.hexadecimal(4)?),
            letter if letter.is_alphanumeric() => return None,
            letter => one(letter),
        })
    }

    fn hexadecimal(&mut self, digits: usize) -> Option<char> {
        let mut value = 0;
        for _ in 0..digits {
            value = value << 4 | self.rest.next()?.to_digit(16)?;
        }
        char::from_u32(value)
    }
}
