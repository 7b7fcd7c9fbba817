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

impl Part {
    /// What the tree has without a message: no consequence has this number.
    pub const OF_NO_MESSAGE: Self = Self { number: 0, exec: None };
}

/// What waits for one effect.
#[derive(Debug)]
pub(super) struct Line {
    attempts: u32,
    retry: Duration,
    /// Whether one run does for all that waits: the tree is the truth.
    joins: bool,
    waiting: VecDeque<Part>,
    /// What the run, or the one to come, is for, the oldest first, and how many runs each has had.
    batch: Vec<(Part, u32)>,
    /// Runs that have failed, one after the other.
    failures: u32,
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
    /// It comes again after this pause, but failed too often for these.
    Again { pause: Duration, given_up: Vec<Part> },
    /// It failed too often for these, and for nothing else.
    GivenUp(Vec<Part>),
}

impl Line {
    pub fn new(attempts: u32, retry: Duration, joins: bool) -> Self {
        let (waiting, batch, failures) = (VecDeque::new(), Vec::new(), 0);
        Self { attempts, retry, joins, waiting, batch, failures, phase: Phase::Idle }
    }

    /// There is more to do.
    pub fn add(&mut self, part: Part) {
        self.waiting.push_back(part);
    }

    /// The run that is to begin now, if one is: what it is for, and which attempt it is for the
    /// oldest of it.
    pub fn begin(&mut self) -> Option<(Vec<Part>, u32)> {
        if self.phase != Phase::Idle {
            return None;
        }
        if self.joins {
            self.batch.extend(self.waiting.drain(..).map(|part| (part, 0)));
        } else if self.batch.is_empty() {
            self.batch.extend(self.waiting.pop_front().map(|part| (part, 0)));
            self.failures = 0; // of another message
        }
        self.batch.iter_mut().for_each(|(_, runs)| *runs += 1);
        let (_, attempt) = *self.batch.first()?;
        self.phase = Phase::Running;
        Some((self.batch.iter().map(|(part, _)| *part).collect(), attempt))
    }

    /// The run has ended.
    pub fn ended(&mut self, is_done: bool) -> Next {
        self.phase = Phase::Idle;
        let is_over = |(_, runs): &mut (Part, u32)| is_done || *runs >= self.attempts;
        let over: Vec<_> = self.batch.extract_if(.., is_over).map(|(part, _)| part).collect();
        if is_done {
            self.failures = 0;
            return Next::Done(over);
        }
        self.failures = self.failures.saturating_add(1);
        let comes_now = self.joins && !self.waiting.is_empty();
        if self.batch.is_empty() && !comes_now && !over.is_empty() {
            self.failures = 0;
            return Next::GivenUp(over);
        }
        // Whatever comes meanwhile, the pauses grow: what fails is the effect, not the message.
        self.phase = Phase::Resting;
        let doubled = 1_u32.checked_shl(self.failures - 1).unwrap_or(u32::MAX);
        let pause = self.retry.saturating_mul(doubled).min(LONGEST.max(self.retry));
        Next::Again { pause, given_up: over }
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
        let batch = self.batch.iter().map(|(part, _)| part);
        let parts = batch.chain(&self.waiting).copied().filter(is_of).collect();
        self.batch.retain(|(part, _)| !is_of(part));
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

    fn again(pause: u32) -> Next {
        Next::Again { pause: SECOND * pause, given_up: Vec::new() }
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
                Next::Again { pause, given_up } if given_up.is_empty() => {
                    pauses.push(pause.as_secs());
                }
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
        assert_eq!(line.ended(false), again(1));
        line.add(part(2));
        assert_eq!(begun(&mut line), None);
        line.rested();
        assert_eq!(begun(&mut line), Some((vec![1, 2], 2)));
        let given_up = vec![part(1)];
        assert_eq!(line.ended(false), Next::Again { pause: 2 * SECOND, given_up });
        line.rested();
        assert_eq!(begun(&mut line), Some((vec![2], 2)));
        assert_eq!(line.ended(false), Next::GivenUp(vec![part(2)]));
    }

    #[test]
    fn a_stream_of_messages_shortens_no_pause_and_each_is_given_up_in_its_turn() {
        let mut line = line(3, true, &[1]);
        let mut given_up = Vec::new();
        for (run, attempt) in [1, 2, 3, 3, 3].into_iter().enumerate() {
            assert_eq!(begun(&mut line).unwrap().1, attempt);
            line.add(part(run as u64 + 2));
            let Next::Again { pause, given_up: over } = line.ended(false) else {
                panic!("{line:?}")
            };
            assert_eq!(pause, SECOND * (1 << run));
            assert_eq!(begun(&mut line), None, "it rests");
            line.rested();
            given_up.extend(over);
        }
        assert_eq!(given_up, [part(1), part(2), part(3)]);
        assert_eq!(begun(&mut line), Some((vec![4, 5, 6], 3)));
        assert_eq!(line.ended(true), Next::Done(vec![part(4), part(5), part(6)]));
        line.add(part(7));
        assert_eq!(begun(&mut line), Some((vec![7], 1)));
        assert_eq!(line.ended(false), again(1), "a success ends it");
    }

    #[test]
    fn what_is_released_does_not_run_again() {
        let mut line = line(3, false, &[1, 2, 3]);
        begun(&mut line);
        assert_eq!(line.release(2), [part(2)]);
        assert_eq!(line.release(1), [part(1)]);
        assert_eq!(line.ended(false), again(1));
        line.rested();
        assert_eq!(begun(&mut line), Some((vec![3], 1)));
    }
}
