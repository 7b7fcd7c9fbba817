//! `ObjectPolicy`: what of an object the device may leave out or change. [Sessionless §5.5]

/// What a device does where the draft lets it choose. The default is what the draft says first.
///
/// Whatever it leaves out or changes is a [`Note`](crate::Note).
///
/// ```
/// use dm_tree::{ObjectPolicy, Rules, Unprepared};
/// let mut rules = Rules::default();
/// rules.policy.unsupported = Unprepared::Fail; // all of a delivery, or nothing
/// assert_eq!(rules.policy, ObjectPolicy { unsupported: Unprepared::Fail, ..Default::default() });
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectPolicy {
    /// Whether a delivered object whose name is taken gets another (R24); else it fails with 418.
    pub rename: bool,
    /// Whether references to where a renamed object would have stood follow it (R25). Those that
    /// start in the Inbox always do (R28).
    pub follow: bool,
    /// Items below `Ext` that the device is not prepared for (R29).
    pub ext: Unprepared,
    /// Delivered objects that the device does not support (R30).
    pub unsupported: Unprepared,
    /// Whether only the newest supported version of an object is used (R31); else each is placed.
    pub newest_only: bool,
    /// References to an object of the same delivery that was left out; skipped, they are empty.
    pub lost: Unprepared,
}

/// What becomes of something that the device is not prepared for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unprepared {
    /// It is left out, and the rest is done.
    #[default]
    Skip,
    /// The command fails.
    Fail,
}

impl Default for ObjectPolicy {
    fn default() -> Self {
        Self {
            rename: true,
            follow: true,
            ext: Unprepared::Skip,
            unsupported: Unprepared::Skip,
            newest_only: true,
            lost: Unprepared::Skip,
        }
    }
}
