//! When an effect runs: one at a time, in the order of what set it going, again after a failure.
//!
//! No clock, no thread: it is told what happened and says what is next.

use std::collections::VecDeque;
use std::time::Duration;

/// What an effect owes to a consequence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Part {
    /// The number of the consequence.
    pub number: u64,
    /// Which Exec of it; none if the effect follows nodes, or a session.
    pub exec: Option<usize>,
}

/// What waits for one effect.
#[derive(Debug)]
pub(super) struct Line {
    attempts: u32,
    retry: Duration,
    /// Whether one run does for all that waits: the tree is the truth.
    joins: bool,
    waiting: VecDeque<Part>,
    /// What the run, or the one to come, is for.
    batch: Vec<Part>,
    attempt: u32,
    phase: Phase,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    Idle,
    Running,
    /// Until it is told that the pause is over.
    Resting,
}

/// What follows a run.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Next {
    /// These parts are done.
    Done(Vec<Part>),
    /// It comes again after this pause.
    Again(Duration),
    /// It failed too often for these.
    GivenUp(Vec<Part>),
}

impl Line {
    pub fn new(attempts: u32, retry: Duration, joins: bool) -> Self {
        let (waiting, batch, attempt) = (VecDeque::new(), Vec::new(), 0);
        Self { attempts, retry, joins, waiting, batch, attempt, phase: Phase::Idle }
    }

    /// There is more to do.
    pub fn add(&mut self, part: Part) {
        self.waiting.push_back(part);
    }

    /// The run that is to begin now, if one is: what it is for, and which attempt it is.
    pub fn begin(&mut self) -> Option<(&[Part], u32)> {
        if self.phase != Phase::Idle {
            return None;
        }
        if self.batch.is_empty() || (self.joins && !self.waiting.is_empty()) {
            let count = if self.joins { self.waiting.len() } else { 1 };
            let count = count.min(self.waiting.len());
            self.batch.extend(self.waiting.drain(..count));
            self.attempt = 0; // the tree is another one
        }
        if self.batch.is_empty() {
            return None;
        }
        self.phase = Phase::Running;
        self.attempt += 1;
        Some((&self.batch, self.attempt))
    }

    /// The run has ended.
    pub fn ended(&mut self, is_done: bool) -> Next {
        self.phase = Phase::Idle;
        if is_done {
            Next::Done(std::mem::take(&mut self.batch))
        } else if self.attempt >= self.attempts {
            Next::GivenUp(std::mem::take(&mut self.batch))
        } else {
            self.phase = Phase::Resting;
            let doubled = 1_u32.checked_shl(self.attempt.saturating_sub(1)).unwrap_or(u32::MAX);
            Next::Again(self.retry.saturating_mul(doubled).min(LONGEST.max(self.retry)))
        }
    }

    /// The pause is over.
    pub fn rested(&mut self) {
        if self.phase == Phase::Resting {
            self.phase = Phase::Idle;
        }
    }

    /// Takes what it owes to a consequence away from it. A run goes on.
    pub fn release(&mut self, number: u64) -> Vec<Part> {
        let is_of = |part: &Part| part.number == number;
        let mut parts: Vec<_> = self.batch.iter().copied().filter(is_of).collect();
        parts.extend(self.waiting.iter().copied().filter(is_of));
        self.batch.retain(|part| !is_of(part));
        self.waiting.retain(|part| !is_of(part));
        parts
    }

    /// Whether a run goes on.
    pub fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }
}

/// The longest pause, unless the first is longer.
const LONGEST: Duration = Duration::from_secs(3_600);

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn part(number: u64) -> Part {
        Part { number, exec: None }
    }

    fn line(attempts: u32, joins: bool, numbers: &[u64]) -> Line {
        let mut line = Line::new(attempts, SECOND, joins);
        numbers.iter().for_each(|number| line.add(part(*number)));
        line
    }

    fn begun(line: &mut Line) -> Option<(Vec<u64>, u32)> {
        line.begin().map(|(parts, attempt)| (parts.iter().map(|p| p.number).collect(), attempt))
    }

    #[test]
    fn one_runs_at_a_time_in_order() {
        let mut line = line(3, false, &[1, 2]);
        assert_eq!(begun(&mut line), Some((vec![1], 1)));
        assert_eq!(begun(&mut line), None);
        assert_eq!(line.ended(true), Next::Done(vec![part(1)]));
        assert_eq!(begun(&mut line), Some((vec![2], 1)));
        assert!(line.is_running());
        assert_eq!(line.ended(true), Next::Done(vec![part(2)]));
        assert_eq!(begun(&mut line), None);
    }

    #[test]
    fn one_run_does_for_all_that_waits_when_the_tree_is_the_truth() {
        let mut line = line(3, true, &[1, 2]);
        assert_eq!(begun(&mut line), Some((vec![1, 2], 1)));
        line.add(part(3));
        assert_eq!(line.ended(true), Next::Done(vec![part(1), part(2)]));
        assert_eq!(begun(&mut line), Some((vec![3], 1)));
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_then_it_is_given_up() {
        let mut line = line(20, false, &[1, 2]);
        let mut pauses = Vec::new();
        let given_up = loop {
            assert!(begun(&mut line).is_some());
            match line.ended(false) {
                Next::Again(pause) => pauses.push(pause.as_secs()),
                next => break next,
            }
            assert_eq!(begun(&mut line), None, "it rests");
            line.rested();
        };
        assert_eq!(given_up, Next::GivenUp(vec![part(1)]));
        assert_eq!(pauses[..4], [1, 2, 4, 8]);
        assert_eq!((pauses.len(), pauses[11], pauses[12], pauses[18]), (19, 2_048, 3_600, 3_600));
        assert_eq!(begun(&mut line), Some((vec![2], 1)), "the next has its own attempts");
    }

    #[test]
    fn what_comes_in_a_pause_waits_for_its_end_and_has_all_attempts() {
        let mut line = line(2, true, &[1]);
        begun(&mut line);
        assert_eq!(line.ended(false), Next::Again(SECOND));
        line.add(part(2));
        assert_eq!(begun(&mut line), None);
        line.rested();
        assert_eq!(begun(&mut line), Some((vec![1, 2], 1)));
        assert_eq!(line.ended(false), Next::Again(SECOND));
    }

    #[test]
    fn what_is_released_does_not_run_again() {
        let mut line = line(3, false, &[1, 2, 3]);
        begun(&mut line);
        assert_eq!(line.release(2), [part(2)]);
        assert_eq!(line.release(1), [part(1)]);
        assert_eq!(line.ended(false), Next::Again(SECOND));
        line.rested();
        assert_eq!(begun(&mut line), Some((vec![3], 1)));
    }
}
