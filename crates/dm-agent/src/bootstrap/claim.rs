//! `Claim`: a bootstrap push, and whether it proves itself. [SEC 1.2 §5.1.7.2]
//!
//! Reading one opens no state and writes nothing: whoever knows no secret costs the device one
//! HMAC. Only a push with a PIN needs the state, for its try is counted there.

use std::path::PathBuf;

use dm_push::wsp::{ApplicationId, Push};
use dm_tree::Changes;
use dm_tree::store::{Commit, Store};

use super::document::Refused;
use super::mac::{Sec, Secrets, secret};
use crate::config::BootstrapPolicy;
use crate::persist::{PersistError, RedbStore};

/// The record that counts tries with a PIN.
pub(super) const TRIES: &str = "bootstrap/tries";

/// A push that is proven by the network's secret, or that still has to prove itself with a PIN.
pub(super) struct Claim<'d> {
    body: &'d [u8],
    mac: Vec<u8>,
    /// What it is to be judged by; none: it is proven.
    unproven: Option<(Sec, Secrets)>,
}

impl<'d> Claim<'d> {
    /// Reads a push, and judges its MAC if no PIN is in the key.
    ///
    /// # Errors
    /// [`Refused`]; nobody has to remember it.
    pub(super) fn read(policy: &BootstrapPolicy, datagram: &'d [u8]) -> Result<Self, Refused> {
        let push = Push::read(datagram).map_err(|error| Refused::Push(error.to_string()))?;
        let r#type = &push.content_type;
        if !r#type.media_type.is(dm_push::media_type::DM_WBXML) {
            return Err(Refused::Push("another media type".to_owned()));
        }
        if push.application_id.is_some_and(|id| id != ApplicationId::SYNCML_DM) {
            return Err(Refused::Push("for another application".to_owned()));
        }
        if !matches!(push.body.first(), Some(1..=3)) {
            return Err(Refused::Push("the MAC is over WBXML, and this is none".to_owned()));
        }
        let sec = r#type.sec().and_then(Sec::from_code).ok_or(Refused::Sec)?;
        let secrets = secrets(policy, sec)?;
        let mac = r#type.mac();
        let mac = mac.as_ref().map(|text| text.octets().to_ascii_uppercase());
        let mut claim = Self { body: push.body, mac: mac.unwrap_or_default(), unproven: None };
        match sec.has_pin() {
            true => claim.unproven = Some((sec, secrets)),
            false => claim.check(sec, &secrets)?,
        }
        Ok(claim)
    }

    /// Whether judging it costs a try.
    pub(super) const fn is_try(&self) -> bool {
        self.unproven.is_some()
    }

    /// What no two documents under one secret have in common.
    pub(super) fn mac(&self) -> &[u8] {
        &self.mac
    }

    /// The document, if its MAC is right. A try with a PIN is counted before it is judged: who cuts
    /// the power gets no further one.
    pub(super) fn judge(
        self,
        policy: &BootstrapPolicy,
        store: &mut RedbStore,
    ) -> Result<&'d [u8], Refused> {
        if let Some((sec, secrets)) = &self.unproven {
            if is_spent(policy, store)? {
                return Err(Refused::Tries);
            }
            let tries = (tries(store)? + 1).to_be_bytes();
            store.commit(&Commit {
                changes: &Changes::default(),
                records: &[(TRIES, Some(&tries))],
                journal: &[],
                durable: true,
            })?;
            self.check(*sec, secrets)?;
        }
        Ok(self.body)
    }

    fn check(&self, sec: Sec, secrets: &Secrets) -> Result<(), Refused> {
        match sec.is_good(secrets, Some(&self.mac), self.body) {
            Some(true) => Ok(()),
            Some(false) => Err(Refused::Mac),
            None => Err(Refused::Sec),
        }
    }
}

/// Whether there were as many tries with a PIN as there may be.
pub(super) fn is_spent(policy: &BootstrapPolicy, store: &RedbStore) -> Result<bool, PersistError> {
    Ok(tries(store)? as usize >= policy.tries)
}

fn tries(store: &RedbStore) -> Result<u32, PersistError> {
    let tries = store.record(TRIES)?.and_then(|octets| octets.try_into().ok());
    Ok(tries.map_or(0, u32::from_be_bytes))
}

/// The secrets that this way of proof needs.
fn secrets(policy: &BootstrapPolicy, sec: Sec) -> Result<Secrets, Refused> {
    let read = |path: &Option<PathBuf>| match path {
        None => Err(Refused::Sec),
        Some(path) => {
            let text = std::fs::read(path).map(zeroize::Zeroizing::new);
            let text = text.map_err(|_| Refused::Secret(path.clone()))?;
            secret(&text).map(Some).ok_or_else(|| Refused::Secret(path.clone()))
        }
    };
    let needs_network = matches!(sec, Sec::NetwPin | Sec::UserNetwPin);
    Ok(Secrets {
        netwpin: if needs_network { read(&policy.netwpin)? } else { None },
        userpin: if sec.has_pin() { read(&policy.userpin)? } else { None },
    })
}
