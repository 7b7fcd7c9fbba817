//! `[[spool]]`: a folder from which messages are taken.

use std::path::PathBuf;

use serde::Deserialize;

/// A folder into which somebody puts messages as files.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq)]
#[serde(try_from = "SpoolTable")]
pub struct Spool {
    /// The folder.
    pub folder: PathBuf,
    /// Whether files that were taken stay, in the folder `done`. Default: they are removed.
    pub keep: bool,
    /// What protects it.
    pub security: SpoolSecurity,
}

/// The security of a folder: who may put files there. [Sessionless §5.3]
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum SpoolSecurity {
    /// None: `security = "none"` with `danger_insecure = true`.
    DangerInsecure,
    /// `security = "owner"`: only files of these users, by number.
    Owner(Vec<u32>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SpoolTable {
    #[serde(default)]
    danger_insecure: bool,
    folder: PathBuf,
    #[serde(default)]
    keep: bool,
    #[serde(default)]
    owners: Vec<u32>,
    security: Option<String>,
}

impl TryFrom<SpoolTable> for Spool {
    type Error = SpoolError;

    fn try_from(table: SpoolTable) -> Result<Self, SpoolError> {
        if !table.folder.is_absolute() {
            return Err(SpoolError::Folder);
        }
        let owners = table.owners;
        let security = match (table.security.as_deref(), table.danger_insecure, owners.is_empty()) {
            (Some("owner"), false, false) => SpoolSecurity::Owner(owners),
            (Some("owner"), false, true) => return Err(SpoolError::NoOwners),
            (Some("owner"), true, _) => return Err(SpoolError::Contradiction),
            (Some("none"), true, true) => SpoolSecurity::DangerInsecure,
            (Some("none"), _, false) => return Err(SpoolError::OwnersOfNone),
            (Some("none"), false, true) => return Err(SpoolError::NotAdmitted),
            (Some(other), ..) => return Err(SpoolError::Unknown(other.to_owned())),
            (None, ..) => return Err(SpoolError::Unnamed),
        };
        Ok(Self { folder: table.folder, keep: table.keep, security })
    }
}

#[derive(Debug, thiserror::Error)]
enum SpoolError {
    #[error(
        "`danger_insecure` stands beside security = \"owner\"; remove it, or write security = \"none\""
    )]
    Contradiction,
    #[error("`folder` is no whole path; write folder = \"/var/spool/marconigram\"")]
    Folder,
    #[error(
        "security = \"owner\" needs the users (R16, [Sessionless §5.3]); write owners = [0] with the \
         numbers of the users whose files are taken"
    )]
    NoOwners,
    #[error(
        "security = \"none\" takes files of everybody, which a transport must not (R16, \
         [Sessionless §5.3]); {WRITE}"
    )]
    NotAdmitted,
    #[error("`owners` stands beside security = \"none\"; remove it, or write security = \"owner\"")]
    OwnersOfNone,
    #[error(
        "security = \"{0}\" is not supported for a folder; a transport must have its own security \
         (R16, [Sessionless §5.3]); {WRITE}"
    )]
    Unknown(String),
    #[error(
        "`security` is missing; a transport must have its own security (R16, [Sessionless §5.3]); {WRITE}"
    )]
    Unnamed,
}

const WRITE: &str = "write security = \"owner\" with owners = [0], or in a laboratory security = \
                     \"none\" with danger_insecure = true";
