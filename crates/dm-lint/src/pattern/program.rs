//! An expression as instructions, all ways tried at once.

use alloc::vec;
use alloc::vec::Vec;

use super::{MOST_INSTRUCTIONS, Part};

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

/// None when it becomes too large.
pub(super) fn compile(part: &Part) -> Option<Vec<Op>> {
    let mut program = Vec::new();
    emit(part, &mut program)?;
    program.push(Op::Match);
    Some(program)
}

/// Recursive: groups are nested only so deep.
fn emit(part: &Part, program: &mut Vec<Op>) -> Option<()> {
    if program.len() > MOST_INSTRUCTIONS {
        return None;
    }
    match part {
        Part::Begin => program.push(Op::Begin),
        Part::End => program.push(Op::End),
        Part::Class { ranges, is_negated } => {
            program.push(Op::Class { ranges: ranges.clone(), is_negated: *is_negated });
        }
        Part::Sequence(parts) => parts.iter().try_for_each(|part| emit(part, program))?,
        Part::Choice(parts) => {
            let mut ends = Vec::new();
            for (index, part) in parts.iter().enumerate() {
                let fork = program.len();
                if index + 1 < parts.len() {
                    program.push(Op::Fork(fork + 1, 0));
                }
                emit(part, program)?;
                if index + 1 < parts.len() {
                    ends.push(program.len());
                    program.push(Op::Go(0));
                    program[fork] = Op::Fork(fork + 1, program.len());
                }
            }
            let end = program.len();
            ends.into_iter().for_each(|at| program[at] = Op::Go(end));
        }
        Part::Repeat { part, least, most } => {
            for _ in 0..*least {
                emit(part, program)?;
            }
            let Some(most) = most else {
                let fork = program.len();
                program.push(Op::Fork(fork + 1, 0));
                emit(part, program)?;
                program.push(Op::Go(fork));
                program[fork] = Op::Fork(fork + 1, program.len());
                return Some(());
            };
            let mut forks = Vec::new();
            for _ in *least..*most {
                forks.push(program.len());
                program.push(Op::Fork(program.len() + 1, 0));
                emit(part, program)?;
            }
            let end = program.len();
            forks.into_iter().for_each(|at| program[at] = Op::Fork(at + 1, end));
        }
    }
    (program.len() <= MOST_INSTRUCTIONS).then_some(())
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
