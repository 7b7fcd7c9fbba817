//! Whether octets are a message that a device can take, before anybody is paid for carrying them.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::Args;
use dm_client::freshness::Emi;
use dm_crypto::AwsLc;
use dm_inspect::{Input, examine, peel};
use dm_push::wsp;

use crate::fault::Fault;
use crate::freshness_options::duration;

/// What may leave.
#[derive(Args, Debug)]
pub struct SealedOptions {
    /// Send what has no signature, though no device takes it: to try a transport.
    #[arg(long)]
    danger_unsealed: bool,
    /// For how long gateways and routes may try: 90m, 36h, 7d; s, m, h, d, w. Never longer than until the message expires;
    /// without it, until then, and 72h if it does not.
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    valid_for: Option<u64>,
}

impl SealedOptions {
    /// Whether it is a sealed message, or a WSP push; and until when it may be tried.
    pub fn check(&self, octets: &[u8], path: &Path) -> Result<SystemTime, Fault> {
        let refused = |what: &str| {
            Fault::unreadable(what)
                .in_file(path)
                .clause("R9, Sessionless §5.2")
                .next("seal the message first: `mgram seal`")
        };
        let is_push = wsp::Push::read(octets).is_ok();
        if !is_push && !matches!(octets.first(), Some(1..=3)) {
            return Err(refused("not WBXML 1.1, 1.2 or 1.3"));
        }
        let peeled = peel(&[Input::new("message", octets)], None);
        let findings = match &*peeled.messages {
            [message] => examine(message, &AwsLc),
            _ => dm_inspect::Findings::default(),
        };
        // A document for a bootstrap has the MAC of its push, and one that is encrypted as a whole shows nothing.
        let is_encrypted = findings.root.as_ref().is_some_and(|(_, name)| name == "EncryptedData");
        let signature = findings.signature.unwrap_or_default();
        if !is_push && !is_encrypted && !self.danger_unsealed {
            if !signature.is_there {
                return Err(refused("not a sealed message: it has no signature"));
            }
            if signature.digest_holds == Some(false) {
                return Err(refused(
                    "it was changed after it was sealed: its digest does not hold",
                ));
            }
        }
        let emi = findings.header.and_then(|header| header.emi);
        let expiry = Emi::read(emi.as_deref()).ok().and_then(|emi| emi.expiry);
        self.until(expiry, SystemTime::now()).ok_or_else(|| {
            Fault::refused("the message has expired")
                .in_file(path)
                .clause("profile §7")
                .next("seal it again with a later expiry, or set the clock of this machine")
        })
    }

    /// None if it is over.
    fn until(&self, expiry: Option<u64>, now: SystemTime) -> Option<SystemTime> {
        let seconds = |seconds: u64| Duration::from_secs(seconds.min(LONGEST));
        let asked = self.valid_for.map(|it| now + seconds(it));
        let Some(expiry) = expiry else { return Some(asked.unwrap_or(now + seconds(USUAL))) };
        let since = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let left = expiry.checked_sub(since).filter(|left| *left > 0)?;
        let until = now + seconds(left);
        Some(asked.map_or(until, |asked| asked.min(until)))
    }
}

/// Three days: devices are off for a weekend.
const USUAL: u64 = 72 * 3_600;
/// Ten years.
const LONGEST: u64 = 87_600 * 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_tried_until_the_message_expires_or_as_long_as_was_asked_for() {
        let now = UNIX_EPOCH + Duration::from_secs(1_000_000);
        let until = |valid_for, expiry| {
            let options = SealedOptions { danger_unsealed: false, valid_for };
            let until = options.until(expiry, now)?;
            Some(until.duration_since(now).expect("later").as_secs())
        };
        assert_eq!(until(None, None), Some(USUAL));
        assert_eq!(until(Some(60), None), Some(60));
        assert_eq!(until(None, Some(1_000_900)), Some(900));
        assert_eq!(until(Some(60), Some(1_000_900)), Some(60));
        assert_eq!(until(Some(9_000), Some(1_000_900)), Some(900));
        assert_eq!(until(Some(u64::MAX), Some(u64::MAX)), Some(LONGEST), "a time that clocks have");
        assert_eq!(until(Some(60), Some(1_000_000)), None, "it is over");
    }
}
