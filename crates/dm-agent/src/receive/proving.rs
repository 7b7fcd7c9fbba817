//! SEC and MAC as the security of a listener: a push is taken from whoever knows the secret. [WSP
//! §8.4.2.24, SEC 1.2 §5.1.7.2]
//!
//! It says by way of whom a push came. Whether its message is true, its signature says.

use std::path::PathBuf;

use dm_crypto::{Sec, Secrets, secret};
use dm_push::wsp::Push;
use zeroize::Zeroizing;

use crate::config::SecretFiles;

/// What pushes have to prove.
pub(super) struct Proving {
    sec: Sec,
    secrets: Secrets,
}

impl Proving {
    /// Reads the secrets. With both of them a push needs both, for one alone would be easier to guess.
    ///
    /// # Errors
    /// The file that cannot be read, or has no secret in it.
    pub fn load(files: &SecretFiles) -> Result<Self, PathBuf> {
        let read = |path: &Option<PathBuf>| {
            let Some(path) = path else { return Ok(None) };
            let text = std::fs::read(path).map(Zeroizing::new).map_err(|_| path.clone())?;
            secret(&text).map(Some).ok_or_else(|| path.clone())
        };
        let sec = match (&files.netwpin, &files.userpin) {
            (Some(_), None) => Sec::NetwPin,
            (None, _) => Sec::UserPin,
            (Some(_), Some(_)) => Sec::UserNetwPin,
        };
        let secrets = Secrets { netwpin: read(&files.netwpin)?, userpin: read(&files.userpin)? };
        match (sec.mac_octets(&secrets, b""), &files.userpin, &files.netwpin) {
            (Some(_), ..) => Ok(Self { sec, secrets }),
            // The one that was read and is none: digits are wanted.
            (None, Some(path), _) | (None, None, Some(path)) => Err(path.clone()),
            (None, None, None) => Err(PathBuf::new()),
        }
    }

    /// Whether whoever made this push knows the secrets.
    pub fn is_good(&self, push: &Push<'_>) -> bool {
        let r#type = &push.content_type;
        let mac = r#type.mac();
        let mac = mac.as_ref().map(|mac| mac.octets());
        r#type.sec() == Some(self.sec.code().into())
            && mac.is_some()
            && self.sec.is_good(&self.secrets, mac, push.body) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use dm_push::wsp::{Form, Proof};

    use super::*;

    fn files(netwpin: Option<&str>, userpin: Option<&str>) -> (tempfile::TempDir, SecretFiles) {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: Option<&str>| {
            let path = folder.path().join(name);
            text.map(|text| std::fs::write(&path, text).unwrap()).map(|()| path)
        };
        let files = SecretFiles { netwpin: write("n", netwpin), userpin: write("u", userpin) };
        (folder, files)
    }

    #[test]
    fn a_push_needs_the_secrets_that_there_are_and_over_its_own_body() {
        for (netwpin, userpin, sec) in [
            (Some("imsi:244070100000213"), None, Sec::NetwPin),
            (None, Some("1234"), Sec::UserPin),
            (Some("hex:0102"), Some("1234"), Sec::UserNetwPin),
        ] {
            let (_folder, files) = files(netwpin, userpin);
            let proving = Proving::load(&files).unwrap();
            let push = Push::dm(1, b"\x02body");
            let proof = |sec: Sec| {
                let mac = sec.mac_octets(&proving.secrets, push.body);
                mac.map(|mac| Proof::new(sec.code(), &mac).write(&push, Form::Token))
            };
            let is_good = |octets: &[u8]| proving.is_good(&Push::read(octets).unwrap());
            let good = proof(sec).unwrap();
            assert!(is_good(&good));
            assert!(!is_good(&push.write()), "without a proof");
            let mut other = good.clone();
            *other.last_mut().unwrap() ^= 1;
            assert!(!is_good(&other), "of another body");
            for weaker in [Sec::NetwPin, Sec::UserPin] {
                let octets = proof(weaker).filter(|_| weaker != sec);
                assert!(octets.is_none_or(|octets| !is_good(&octets)), "{weaker:?} for {sec:?}");
            }
        }
    }

    #[test]
    fn a_secret_that_is_none_is_named() {
        let (_folder, none) = files(None, Some("12x4"));
        assert_eq!(Proving::load(&none).err(), none.userpin);
        let (_folder, absent) = files(Some("text"), None);
        std::fs::remove_file(absent.netwpin.as_ref().unwrap()).unwrap();
        assert_eq!(Proving::load(&absent).err(), absent.netwpin);
    }
}
