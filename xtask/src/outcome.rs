//! What a step came to: passed, failed or skipped, and how many tests it counted.

use std::fmt;
use std::ops::AddAssign;

/// The result of one step.
#[derive(Debug)]
pub enum Outcome {
    /// Something is wrong; the sentence says what.
    Failed(Tally, String),
    /// All is well.
    Passed(Tally, String),
    /// Not done; the sentence says why.
    Skipped(String),
}

impl Outcome {
    /// A step without tests of its own that went well.
    pub fn passed(sentence: impl Into<String>) -> Self {
        Self::Passed(Tally::default(), sentence.into())
    }

    /// A step without tests of its own that went wrong.
    pub fn failed(sentence: impl Into<String>) -> Self {
        Self::Failed(Tally::default(), sentence.into())
    }

    /// Passed when `good`, with the one sentence or the other.
    pub fn of(good: bool, passed: &str, failed: &str) -> Self {
        if good { Self::passed(passed) } else { Self::failed(failed) }
    }

    /// Whether anything is wrong.
    pub const fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(..))
    }

    /// What the step adds to the sum. A failure counts at least once, even when the step never
    /// came as far as counting (it did not compile, say).
    pub fn tally(&self) -> Tally {
        match self {
            Self::Failed(tally, _) => Tally { failed: tally.failed.max(1), ..*tally },
            Self::Passed(tally, _) => *tally,
            Self::Skipped(_) => Tally::default(),
        }
    }

    /// One word for the table.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Failed(..) => "FAILED",
            Self::Passed(..) => "ok",
            Self::Skipped(_) => "skipped",
        }
    }

    /// The sentence.
    pub fn sentence(&self) -> &str {
        match self {
            Self::Failed(_, sentence) | Self::Passed(_, sentence) | Self::Skipped(sentence) => {
                sentence
            }
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.word(), self.sentence())
    }
}

/// How many tests ran, by result.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Tally {
    /// Tests that held.
    pub passed: u32,
    /// Tests that did not.
    pub failed: u32,
    /// Tests that were left out.
    pub skipped: u32,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failed)?;
        if self.skipped > 0 {
            write!(f, ", {} skipped", self.skipped)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_that_counted_nothing_counts_once() {
        assert_eq!(Outcome::failed("does not compile").tally().failed, 1);
        let two = Outcome::Failed(Tally { passed: 5, failed: 2, skipped: 0 }, String::new());
        assert_eq!(two.tally(), Tally { passed: 5, failed: 2, skipped: 0 });
    }

    #[test]
    fn the_last_line_names_skipped_tests_only_when_there_are_any() {
        let mut sum = Tally { passed: 1, failed: 0, skipped: 0 };
        assert_eq!(sum.to_string(), "1 passed, 0 failed");
        sum += Tally { passed: 2, failed: 1, skipped: 3 };
        assert_eq!(sum.to_string(), "3 passed, 1 failed, 3 skipped");
    }
}
