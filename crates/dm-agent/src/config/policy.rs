//! `[tree.policy]`: what a device may leave out or change of a delivered object. [Sessionless §5.5]

use serde::Deserialize;

use super::file::take;

/// What a device may leave out or change of a delivered object, in the words of the file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ObjectPolicy {
    /// Unknown items below Ext (R29). Default: skip.
    pub ext: Unprepared,
    /// Whether references to a renamed object follow it (R25). Default: yes.
    pub follow: bool,
    /// References to an object of the same delivery that was left out: emptied, or a failure.
    /// Default: skip, which is to empty them.
    pub lost: Unprepared,
    /// Whether only the newest supported version of an object is used (R31). Default: yes.
    pub newest_only: bool,
    /// Whether a delivered object whose name is taken gets another (R24). Default: yes.
    pub rename: bool,
    /// Objects that the device does not support (R30). Default: skip.
    pub unsupported: Unprepared,
}

impl Default for ObjectPolicy {
    fn default() -> Self {
        PolicyTable::default().finish()
    }
}

/// What becomes of something that the device is not prepared for.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Unprepared {
    /// The command fails.
    Fail,
    /// It is left out, and the rest is done.
    #[default]
    Skip,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PolicyTable {
    ext: Option<Unprepared>,
    follow: Option<bool>,
    lost: Option<Unprepared>,
    newest_only: Option<bool>,
    rename: Option<bool>,
    unsupported: Option<Unprepared>,
}

impl PolicyTable {
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.ext, over.ext);
        take(&mut self.follow, over.follow);
        take(&mut self.lost, over.lost);
        take(&mut self.newest_only, over.newest_only);
        take(&mut self.rename, over.rename);
        take(&mut self.unsupported, over.unsupported);
    }

    pub(super) fn finish(self) -> ObjectPolicy {
        ObjectPolicy {
            ext: self.ext.unwrap_or_default(),
            follow: self.follow.unwrap_or(true),
            lost: self.lost.unwrap_or_default(),
            newest_only: self.newest_only.unwrap_or(true),
            rename: self.rename.unwrap_or(true),
            unsupported: self.unsupported.unwrap_or_default(),
        }
    }
}
