//! An expression as instructions, all ways tried at once.

use alloc::vec;
use alloc::vec::Vec;

use super::{MOST_INSTRUCTIONS, MOST_WORK, Part};

/// One instruction.
#[derive(Clone, Debug)]
pub(super) enum Op {
    Begin,
    Class {
        ranges: Vec<(char, char)>,
        is_negated: bool,
    },
    End,
    /// Go on at both.
    Fork(usize, usize),
    Go(usize),
    Match,
}

impl Op {
    /// What it takes to try it on one character.
    pub(super) fn work(&self) -> usize {
        match self {
            Op::Class { ranges, .. } => 1 + ranges.len(),
            _ => 1,
        }
    }
}

/// None when it becomes too large, or takes too long: a part that stands for nothing can be
/// repeated without an instruction.
pub(super) fn compile(part: &Part) -> Option<Vec<Op>> {
    let mut emitter = Emitter { program: Vec::new(), work: 0 };
    emitter.emit(part)?;
    emitter.program.push(Op::Match);
    Some(emitter.program)
}

struct Emitter {
    program: Vec<Op>,
    /// Parts met and ranges copied so far.
    work: usize,
}

impl Emitter {
    /// Recursive: groups are nested only so deep.
    fn emit(&mut self, part: &Part) -> Option<()> {
        self.work += part.work();
        if self.program.len() > MOST_INSTRUCTIONS || self.work > MOST_WORK {
            return None;
        }
        match part {
            Part::Begin => self.program.push(Op::Begin),
            Part::End => self.program.push(Op::End),
            Part::Class { ranges, is_negated } => {
                self.program.push(Op::Class { ranges: ranges.clone(), is_negated: *is_negated });
            }
            Part::Sequence(parts) => parts.iter().try_for_each(|part| self.emit(part))?,
            Part::Choice(parts) => self.choice(parts)?,
            Part::Repeat { part, least, most } => self.repeat(part, *least, *most)?,
        }
        (self.program.len() <= MOST_INSTRUCTIONS).then_some(())
    }

    fn choice(&mut self, parts: &[Part]) -> Option<()> {
        let mut ends = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            let fork = self.program.len();
            if index + 1 < parts.len() {
                self.program.push(Op::Fork(fork + 1, 0));
            }
            self.emit(part)?;
            if index + 1 < parts.len() {
                ends.push(self.program.len());
                self.program.push(Op::Go(0));
                self.program[fork] = Op::Fork(fork + 1, self.program.len());
            }
        }
        let end = self.program.len();
        ends.into_iter().for_each(|at| self.program[at] = Op::Go(end));
        Some(())
    }

    fn repeat(&mut self, part: &Part, least: u32, most: Option<u32>) -> Option<()> {
        for _ in 0..least {
            self.emit(part)?;
        }
        let Some(most) = most else {
            let fork = self.program.len();
            self.program.push(Op::Fork(fork + 1, 0));
            self.emit(part)?;
            self.program.push(Op::Go(fork));
            self.program[fork] = Op::Fork(fork + 1, self.program.len());
            return Some(());
        };
        let mut forks = Vec::new();
        for _ in least..most {
            forks.push(self.program.len());
            self.program.push(Op::Fork(self.program.len() + 1, 0));
            self.emit(part)?;
        }
        let end = self.program.len();
        forks.into_iter().for_each(|at| self.program[at] = Op::Fork(at + 1, end));
        Some(())
    }
}

/// Whether the whole text matches.
pub(super) fn run(program: &[Op], text: &str) -> bool {
    let mut threads = Threads { at: Vec::new(), seen: vec![usize::MAX; program.len()] };
    let mut now = Vec::new();
    threads.follow(program, 0, 0, text.is_empty());
    core::mem::swap(&mut now, &mut threads.at);
    for (index, (offset, letter)) in text.char_indices().enumerate() {
        let is_end = offset + letter.len_utf8() == text.len();
        for &at in &now {
            if let Op::Class { ranges, is_negated } = &program[at]
                && ranges.iter().any(|(first, last)| (*first..=*last).contains(&letter))
                    != *is_negated
            {
                threads.follow(program, at + 1, index + 1, is_end);
            }
        }
        now.clear();
        core::mem::swap(&mut now, &mut threads.at);
    }
    now.iter().any(|&at| matches!(program[at], Op::Match))
}

/// The instructions that wait for the next character.
struct Threads {
    at: Vec<usize>,
    /// At which character each instruction was reached last.
    seen: Vec<usize>,
}

impl Threads {
    fn follow(&mut self, program: &[Op], from: usize, index: usize, is_end: bool) {
        let mut open = Vec::from([from]);
        while let Some(at) = open.pop() {
            if core::mem::replace(&mut self.seen[at], index) == index {
                continue;
            }
            match program[at] {
                Op::Begin if index == 0 => open.push(at + 1),
                Op::End if is_end => open.push(at + 1),
                Op::Begin | Op::End => {}
                Op::Fork(one, other) => open.extend([one, other]),
                Op::Go(to) => open.push(to),
                Op::Class { .. } | Op::Match => self.at.push(at),
            }
        }
    }
}
