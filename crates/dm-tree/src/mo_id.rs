//! `MoId`: the identifier of a management object, the `Type` of its root. [TND 1.2 §7.7.7]

use alloc::borrow::Cow;
use alloc::format;

/// An identifier, taken apart: the name, and the version where it has one.
///
/// There are two forms with a version: the registered one, `urn:oma:mo:NAME:1.0`, and the one with
/// a reversed domain, `com.example/1.0/NAME`. The two names of the first bootstrap documents are
/// other spellings of registered ones.
///
/// ```
/// use dm_tree::MoId;
/// let id = MoId::parse("urn:oma:mo:oma-connmo-nap:1.10");
/// assert_eq!(&*id.name, "urn:oma:mo:oma-connmo-nap");
/// assert!(id.version > MoId::parse("urn:oma:mo:oma-connmo-nap:1.2").version);
/// let id = MoId::parse("com.example/1.10/App");
/// assert_eq!((&*id.name, id.version), ("com.example/App", Some((1, 10))));
/// assert_eq!(&*MoId::parse("org.openmobilealliance/1.0/w7").name, "urn:oma:mo:oma-dm-dmacc");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MoId<'a> {
    /// Everything but the version; the whole text of an identifier without one.
    pub name: Cow<'a, str>,
    /// Major and minor version, compared as numbers.
    pub version: Option<(u32, u32)>,
}

impl<'a> MoId<'a> {
    /// Takes an identifier apart.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let text = Self::registered(text).unwrap_or(text);
        let found = versioned(text).or_else(|| of_a_domain(text));
        found.unwrap_or(Self { name: Cow::Borrowed(text), version: None })
    }

    /// The registered identifier that one of the first bootstrap documents stands for, where the
    /// text is one of these: DMAcc, and NAP for the one connectivity object.
    #[must_use]
    pub fn registered(text: &str) -> Option<&'static str> {
        OLD.iter().find(|(old, _)| *old == text).map(|(_, registered)| *registered)
    }

    /// Whether a node of this type is an account, of whatever version. [STD 1.2 §7.1.3.1]
    ///
    /// The answer errs on the careful side: case, white space around it, and what stands behind
    /// the name do not matter, and the identifier of the first bootstrap documents counts too.
    ///
    /// ```
    /// use dm_tree::MoId;
    /// assert!(MoId::is_account("urn:oma:mo:oma-dm-dmacc:1.0"));
    /// assert!(MoId::is_account("urn:oma:mo:OMA-DM-DMAcc"));
    /// assert!(!MoId::is_account("urn:oma:mo:oma-dm-dmacct:1.0"));
    /// ```
    #[must_use]
    pub fn is_account(text: &str) -> bool {
        if text.len() < DM_ACC.len() {
            return false; // as most types are
        }
        let text = text.trim().as_bytes();
        [DM_ACC, OLD_DM_ACC].into_iter().any(|name| {
            text.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
                && text.get(name.len()).is_none_or(|next| *next == b':')
        })
    }
}

/// `urn:oma:mo:<name>:<major>.<minor>`.
fn versioned(text: &str) -> Option<MoId<'_>> {
    let (name, version) = text.rsplit_once(':')?;
    let short = name.strip_prefix("urn:oma:mo:")?;
    let (major, minor) = version.split_once('.')?;
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    (!short.is_empty() && short.bytes().all(plain)).then(|| {
        Some(MoId { name: name.into(), version: Some((number(major)?, number(minor)?)) })
    })?
}

/// `<reversed domain>/<major>.<minor>/<name>`.
fn of_a_domain(text: &str) -> Option<MoId<'_>> {
    let (domain, rest) = text.split_once('/')?;
    let (version, short) = rest.split_once('/')?;
    let (major, minor) = version.split_once('.')?;
    let version = Some((number(major)?, number(minor)?));
    let is_id = !domain.is_empty() && !short.is_empty();
    is_id.then(|| MoId { name: format!("{domain}/{short}").into(), version })
}

/// Digits only: no sign.
fn number(text: &str) -> Option<u32> {
    text.bytes().all(|c| c.is_ascii_digit()).then(|| text.parse().ok())?
}

const DM_ACC: &str = "urn:oma:mo:oma-dm-dmacc";
const OLD_DM_ACC: &str = "org.openmobilealliance/1.0/w7";

/// Identifiers of bootstrap documents before there was a register, and what they became.
const OLD: [(&str, &str); 2] = [
    (OLD_DM_ACC, "urn:oma:mo:oma-dm-dmacc:1.0"),
    ("org.openmobilealliance/1.0/ConnMO", "urn:oma:mo:oma-connmo-nap:1.0"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registered_identifiers_have_a_version() {
        let id = MoId::parse("urn:oma:mo:oma-fumo:1.0");
        assert_eq!((&*id.name, id.version), ("urn:oma:mo:oma-fumo", Some((1, 0))));
        assert!(MoId::parse("urn:oma:mo:x:2.0").version > MoId::parse("urn:oma:mo:x:1.99").version);
    }

    #[test]
    fn anything_else_is_a_name() {
        for text in [
            "",
            "com.example/App",
            "com.example/1/App",
            "com.example/1.0",
            "com.example/1.0/",
            "com.example/1.x/App",
            "/1.0/App",
            "text/plain",
            "urn:oma:mo:x",
            "urn:oma:mo:x:1",
            "urn:oma:mo:x:1.",
            "urn:oma:mo:x:+1.0",
            "urn:oma:mo:x:1.0.0",
            "urn:oma:mo:X:1.0",
            "urn:oma:mo::1.0",
            "urn:oma:mo:x:4294967296.0",
        ] {
            assert_eq!(MoId::parse(text), MoId { name: text.into(), version: None }, "{text}");
        }
    }

    #[test]
    fn r31_identifiers_of_vendors_have_a_version_in_the_middle() {
        let id = MoId::parse("com.acme/1.0/Meter");
        assert_eq!((&*id.name, id.version), ("com.acme/Meter", Some((1, 0))));
        assert!(
            MoId::parse("com.acme/1.10/Meter").version > MoId::parse("com.acme/1.9/Meter").version
        );
        assert_eq!(&*MoId::parse("com.acme/2.1/MDM/Lock").name, "com.acme/MDM/Lock");
    }

    #[test]
    fn the_two_old_names_are_those_of_registered_objects() {
        for (old, registered) in OLD {
            assert_eq!(MoId::parse(old), MoId::parse(registered));
        }
        assert_eq!(MoId::registered("org.openmobilealliance/1.1/w7"), None);
    }

    #[test]
    fn accounts_are_known_in_every_spelling() {
        for text in [
            "urn:oma:mo:oma-dm-dmacc:1.0",
            "urn:oma:mo:oma-dm-dmacc:1.1",
            "urn:oma:mo:oma-dm-dmacc:99.99.99",
            "urn:oma:mo:oma-dm-dmacc:",
            "urn:oma:mo:oma-dm-dmacc",
            "URN:oma:mo:oma-dm-dmacc:1.0",
            " urn:oma:mo:oma-dm-dmacc:1.0\n",
            "org.openmobilealliance/1.0/w7",
        ] {
            assert!(MoId::is_account(text), "{text:?}");
        }
        for text in [
            "",
            "urn:oma:mo:oma-dm-dm",
            "urn:oma:mo:oma-dm-dmaccé",
            "text/plain",
            "urn:oma:mo:oma-dm-dmacc2:1.0",
        ] {
            assert!(!MoId::is_account(text), "{text:?}");
        }
    }
}
