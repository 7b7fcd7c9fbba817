//! The shape of the file: every key may be absent, no other key may be there.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer, de};

use super::accounts::{self, AccountTable};
use super::bootstrap::BootstrapTable;
use super::danger::DangerTable;
use super::device_keys::DeviceKeysTable;
use super::effect::{self, Effect};
use super::limits::LimitsTable;
use super::tree::TreeTable;
use super::{Config, Freshness, Listen, Mqtt, Poll, Report, Sip, Sms, Spelling, Spool, Ui};

/// A file, or one variable of the environment.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct File {
    accounts: Option<BTreeMap<String, AccountTable>>,
    bootstrap: BootstrapTable,
    clock: Option<bool>,
    danger: DangerTable,
    #[serde(deserialize_with = "device_id")]
    device_id: Option<String>,
    device_keys: DeviceKeysTable,
    #[serde(deserialize_with = "effect::read")]
    effect: Option<Vec<Effect>>,
    freshness: Option<Freshness>,
    #[serde(deserialize_with = "groups")]
    groups: Option<Vec<String>>,
    limits: LimitsTable,
    listen: Option<Vec<Listen>>,
    mqtt: Option<Vec<Mqtt>>,
    poll: Option<Vec<Poll>>,
    report: Option<Report>,
    sip: Option<Vec<Sip>>,
    sms: Option<Vec<Sms>>,
    spelling: Option<Spelling>,
    spool: Option<Vec<Spool>>,
    state: Option<PathBuf>,
    tree: TreeTable,
    ui: Option<Ui>,
}

impl File {
    /// Takes each value that `over` has.
    pub(super) fn overlay(&mut self, over: Self) {
        take(&mut self.accounts, over.accounts);
        self.bootstrap.overlay(over.bootstrap);
        take(&mut self.clock, over.clock);
        self.danger.overlay(&over.danger);
        take(&mut self.device_id, over.device_id);
        self.device_keys.overlay(over.device_keys);
        take(&mut self.effect, over.effect);
        take(&mut self.freshness, over.freshness);
        take(&mut self.groups, over.groups);
        self.limits.overlay(over.limits);
        take(&mut self.listen, over.listen);
        take(&mut self.mqtt, over.mqtt);
        take(&mut self.poll, over.poll);
        take(&mut self.report, over.report);
        take(&mut self.sip, over.sip);
        take(&mut self.sms, over.sms);
        take(&mut self.spelling, over.spelling);
        take(&mut self.spool, over.spool);
        take(&mut self.state, over.state);
        self.tree.overlay(over.tree);
        take(&mut self.ui, over.ui);
    }

    /// Fills in the defaults, or names the key that has none.
    pub(super) fn finish(self) -> Result<Config, &'static str> {
        Ok(Config {
            accounts: accounts::finish(self.accounts.unwrap_or_default()),
            bootstrap: self.bootstrap.finish()?,
            clock: self.clock.unwrap_or(true),
            danger: self.danger.finish(),
            device_id: self.device_id.ok_or("device_id")?,
            device_keys: self.device_keys.finish(),
            effect: self.effect.unwrap_or_default(),
            freshness: self.freshness.unwrap_or_default(),
            groups: self.groups.unwrap_or_default(),
            limits: self.limits.finish(),
            listen: self.listen.unwrap_or_default(),
            mqtt: self.mqtt.unwrap_or_default(),
            poll: self.poll.unwrap_or_default(),
            report: self.report,
            sip: self.sip.unwrap_or_default(),
            sms: self.sms.unwrap_or_default(),
            spelling: self.spelling.unwrap_or_default(),
            spool: self.spool.unwrap_or_default(),
            state: self.state.ok_or("state")?,
            tree: self.tree.finish(),
            ui: self.ui.unwrap_or_default(),
        })
    }
}

/// Replaces a value if there is another.
pub(super) fn take<T>(value: &mut Option<T>, over: Option<T>) {
    if over.is_some() {
        *value = over;
    }
}

fn device_id<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let id = String::deserialize(from)?;
    if id.is_empty() {
        return Err(de::Error::custom("the id is empty; write the device's own, `urn:imei:...`"));
    }
    Ok(Some(id))
}

fn groups<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Vec<String>>, D::Error> {
    let groups = Vec::<String>::deserialize(from)?;
    match groups.iter().find(|group| !group.starts_with("urn:")) {
        Some(group) => Err(de::Error::custom(format_args!(
            "`{group}` is no group id; a group id begins with `urn:`"
        ))),
        None => Ok(Some(groups)),
    }
}
