//! What was found: where, which rule, who decided, what to do.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What was found in a document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Findings {
    /// The findings, in document order; as many as [`Options::most`](crate::Options::most) allows.
    pub list: Vec<Finding>,
    /// How many more there were.
    pub more: usize,
    /// How many nodes were looked up.
    pub checked: usize,
    /// How many there are of each severity, listed or not.
    counts: [usize; 3],
}

impl Findings {
    /// How many there are of this severity, listed or not.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        self.counts[severity as usize]
    }

    /// How many are errors, listed or not.
    #[must_use]
    pub fn errors(&self) -> usize {
        self.count(Severity::Error)
    }

    /// Counts a finding, and lists it where there is room for it.
    pub(crate) fn add(
        &mut self,
        severity: Severity,
        most: usize,
        finding: impl FnOnce() -> Finding,
    ) {
        // Notes have room of their own: they must not keep an error from being seen.
        let is_full = match severity {
            Severity::Note => self.count(Severity::Note) >= most,
            Severity::Warning | Severity::Error => self.is_full(most),
        };
        self.counts[severity as usize] += 1;
        if is_full {
            self.more += 1;
        } else {
            self.list.push(finding());
        }
    }

    /// Whether no more errors and warnings are listed.
    pub(crate) fn is_full(&self, most: usize) -> bool {
        self.count(Severity::Error) + self.count(Severity::Warning) >= most
    }
}

/// One thing found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// The element of the document: `SyncBody/Add[2]/Item/Data/MgmtTree/Node[3]`, counted from 1.
    pub element: String,
    /// The URI of the node.
    pub uri: String,
    /// The description that decided; none where none speaks of the node.
    pub decider: Option<Decider>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// The place in a description that decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decider {
    /// The name of the description, as it was given.
    pub source: String,
    /// The node in it, with `*` for names that are chosen later.
    pub uri: String,
}

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Nothing is wrong as far as can be told: something is not checked.
    Note,
    /// A device may well take it.
    Warning,
    /// A device that is as described refuses it.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident $clause:literal;)*) => {
        /// The rules. The name of each is its label in output.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Rule {
            $($(#[$doc])* $name,)*
        }

        impl Rule {
            /// All rules.
            pub const ALL: &[Rule] = &[$(Rule::$name,)*];

            /// The label.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Rule::$name => stringify!($name),)*
                }
            }

            /// The clause that it keeps.
            #[must_use]
            pub fn clause(self) -> &'static str {
                match self {
                    $(Rule::$name => $clause,)*
                }
            }
        }
    };
}

rules! {
    /// A node of an account of DM 1.1, whose account has the nodes of DM 1.2.
    AccountOfDm11 "STD 1.2 §7.1.3.1";
    /// A target that is no URI of a node, or none.
    BadUri "TND 1.2 §7.1";
    /// A value that does not fit the format.
    BadValue "TND 1.2 §7.7.3, §9.3 DFFormat";
    /// A name that differs from the described one by its case only.
    CaseDiffers "TND 1.2 §9.3 CaseSense";
    /// In a description: a limit on values that cannot be read, so it is not checked.
    ConstraintNotRead "Windows DDF v2 AllowedValues";
    /// In a description: a default that the format or the allowed values refuse.
    DefaultNotAllowed "TND 1.2 §9.3 DefaultValue";
    /// Two descriptions of one node.
    DescribedTwice "TND 1.2 §9";
    /// In a description: something the DTD does not have.
    Deviation "DDF 1.2";
    /// In a description: an interior node with a default value, or with limits on values.
    InteriorWithValue "TND 1.2 §7.7.3, §9.3 DFFormat";
    /// Nodes below a leaf.
    LeafHasChildren "TND 1.2 §7.7.3, §9.3 DFFormat";
    /// A value or a name that is limited in a way that is not checked: by a pattern that cannot be
    /// read, by ADMX, JSON, SDDL or XSD. A note, once for each described node.
    LimitNotChecked "Windows DDF v2 AllowedValues";
    /// An instance that must be there is missing in an object.
    MissingMandatory "TND 1.2 §9.3 Occurrence";
    /// `AccessType` does not have the command.
    MissingRight "TND 1.2 §9.3.1 AccessType";
    /// More instances of a node than may be, or one node made twice.
    MoreThanOne "TND 1.2 §9.3 Occurrence";
    /// A name that the description does not allow for an unnamed node.
    NameNotAllowed "Windows DDF v2 AllowedValues";
    /// In a description: a node that takes no command.
    NoAccess "TND 1.2 §9.3.1 AccessType";
    /// Something that cannot be looked into: encrypted data.
    NotChecked "REP 1.2 §4.1.5";
    /// A permanent node deleted or renamed; in a description: one that takes Delete.
    Permanent "TND 1.2 §9.3 Scope";
    /// In a description: two children of one name, or two without.
    SiblingsAlike "TND 1.2 §7.1";
    /// No description has the node.
    UnknownNode "TND 1.2 §9";
    /// A value that the description does not allow.
    ValueNotAllowed "Windows DDF v2 AllowedValues";
    /// A value for an interior node.
    ValueOnInterior "TND 1.2 §7.7.3, §9.3 DFFormat";
    /// A format other than the described one.
    WrongFormat "TND 1.2 §9.3 DFFormat";
    /// A type other than the described ones.
    WrongType "TND 1.2 §9.3 DFType";
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
