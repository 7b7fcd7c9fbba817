//! What went wrong, for a person: what, where, which clause, what next.

use std::fmt::Display;
use std::path::Path;

/// How a command failed, and with which exit status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Refused or failed.
    Refused = 1,
    /// Usage, or input that cannot be read.
    Unreadable = 2,
    /// Something needed is not there.
    Missing = 69,
}

/// An error for a person.
#[derive(Debug)]
pub struct Fault {
    /// Decides the exit status.
    pub kind: Kind,
    /// What happened.
    pub what: String,
    /// Where: a file, an octet offset, an element path, a node.
    pub place: Option<String>,
    /// Which clause of the draft or section of the profile.
    pub clause: Option<&'static str>,
    /// What to do next.
    pub next: Option<String>,
}

impl Fault {
    /// Refused or failed.
    pub fn refused(what: impl Display) -> Self {
        Self::new(Kind::Refused, what)
    }

    /// Usage, or input that cannot be read.
    pub fn unreadable(what: impl Display) -> Self {
        Self::new(Kind::Unreadable, what)
    }

    /// Something needed is not there.
    pub fn missing(what: impl Display) -> Self {
        Self::new(Kind::Missing, what)
    }

    /// A sentence of a library that tells in its last clause, after a semicolon, what to do.
    pub fn told(kind: fn(String) -> Self, sentence: &str) -> Self {
        match sentence.rsplit_once("; ") {
            Some((what, next)) => kind(what.to_owned()).next(next),
            None => kind(sentence.to_owned()),
        }
    }

    fn new(kind: Kind, what: impl Display) -> Self {
        Self { kind, what: what.to_string(), place: None, clause: None, next: None }
    }

    /// Where it happened.
    pub fn at(mut self, place: impl Display) -> Self {
        self.place = Some(place.to_string());
        self
    }

    /// In which file it happened.
    pub fn in_file(self, path: &Path) -> Self {
        self.at(path.display())
    }

    /// Which clause it breaks.
    pub fn clause(mut self, clause: &'static str) -> Self {
        self.clause = Some(clause);
        self
    }

    /// What to do next.
    pub fn next(mut self, next: impl Display) -> Self {
        self.next = Some(next.to_string());
        self
    }

    /// What to do next, unless that is said already.
    pub fn or_next(self, next: impl Display) -> Self {
        if self.next.is_some() { self } else { self.next(next) }
    }
}
