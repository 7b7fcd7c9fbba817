//! `provision`: a device as it is before its first message. [Sessionless §5.1.1], R5

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_agent::bootstrap::{Bootstrap, BootstrapError};
use dm_agent::device_keys::{self, DeviceKeyError};
use dm_agent::persist::{PersistError, RedbStore};
use dm_crypto::KeyPair;
use serde_json::json;

use crate::account_options::{AccountOptions, dev_info};
use crate::device_key;
use crate::fault::Fault;
use crate::key_options::PassphraseOptions;
use crate::report::Reporter;
use crate::state;

/// Makes a bootstrapped device: DevInfo, Inbox, and an account with a pinned key. Repeat it with
/// the same folder for further accounts.
#[derive(Args, Debug)]
pub struct Provision {
    /// The state folder; made when missing.
    state_dir: PathBuf,
    /// The device's id: what Target must name.
    #[arg(long, value_name = "ID")]
    device_id: String,
    #[command(flatten)]
    account: AccountOptions,
    /// Make a key of this name that the device decrypts with, and the certificate to encrypt to.
    #[arg(long, value_name = "NAME")]
    device_key: Option<String>,
    /// Encrypt that key under a passphrase: PKCS #8 with PBES2. The agent's configuration then names
    /// the file of the passphrase.
    #[arg(long, requires = "device_key")]
    encrypt: bool,
    /// When the state is damaged: put its file aside (state.redb.damaged-1) and begin anew. What the
    /// device knew of earlier messages goes with it: pin a new key, or old messages are good again.
    #[arg(long)]
    put_damaged_aside: bool,
    #[command(flatten)]
    passphrase: PassphraseOptions,
}

impl Provision {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let dev_info = dev_info(&self.device_id)?;
        let new_key = self.device_key.as_deref().map(|name| self.new_key(name)).transpose()?;
        let account = self.account.account()?;
        let objects = self.account.objects()?;
        let aside = match self.put_damaged_aside {
            true => RedbStore::put_damaged_aside(&self.state_dir)
                .map_err(|error| self.of(error.into()))?,
            false => None,
        };
        let mut bootstrap =
            Bootstrap::open(&self.state_dir, &dev_info).map_err(|error| self.of(error))?;
        bootstrap.add_account(&self.account.server_id, account).map_err(|error| self.of(error))?;
        for (path, object) in objects {
            bootstrap.add(&object).map_err(|error| match error {
                BootstrapError::Object(failure) => Fault::unreadable(failure)
                    .in_file(path)
                    .next("correct the object; nothing was provisioned"),
                error => self.of(error),
            })?;
        }
        // The key first: a device that is provisioned cannot be provisioned again for want of it.
        let stored =
            new_key.as_ref().map(|(name, pair)| device_keys::store(&self.state_dir, name, pair));
        let device_cert = stored.transpose().map_err(|error| state::of_device_key(&error))?;
        let tree = bootstrap.commit().map_err(|error| {
            if let Some((name, _)) = &new_key {
                device_keys::remove(&self.state_dir, name);
            }
            self.of(error)
        })?;
        let nodes = tree.iter().count();
        reporter.result(
            &json!({
                "state": self.state_dir.to_string_lossy(), "device_id": self.device_id,
                "server_id": self.account.server_id, "key_names": self.account.key_name, "nodes": nodes,
                "device_cert": device_cert.as_ref().map(|path| path.to_string_lossy()),
                "put_aside": aside.as_ref().map(|path| path.to_string_lossy()),
            }),
            || {
                let device_cert = device_cert.as_ref().map_or(String::new(), |path| {
                    format!("\n{}: encrypt to this certificate", path.display())
                });
                let aside = aside.as_ref().map_or(String::new(), |path| {
                    format!("{}: the damaged state, put aside\n", path.display())
                });
                format!(
                    "{aside}{}: device {}, account of {}, {} pinned key(s), {nodes} nodes{device_cert}\nnext: mgram tree {}",
                    self.state_dir.display(),
                    self.device_id,
                    self.account.server_id,
                    self.account.key_name.len(),
                    self.state_dir.display()
                )
            },
        );
        Ok(ExitCode::SUCCESS)
    }

    /// A key for the device, made before anything is kept.
    fn new_key<'n>(&self, name: &'n str) -> Result<(&'n str, KeyPair), Fault> {
        device_keys::check_name(name).map_err(|error| state::of_device_key(&error))?;
        let folder = self.state_dir.join(device_keys::FOLDER);
        let mut files =
            ["pem", "crt"].map(|kind| folder.join(format!("{name}.{kind}"))).into_iter();
        if let Some(there) = files.find(|path| path.exists()) {
            return Err(state::of_device_key(&DeviceKeyError::Exists(there)));
        }
        let mut pair = device_key::generate(&self.device_id, name)?;
        if self.encrypt {
            let passphrase = self.passphrase.new_one(&folder.join(format!("{name}.pem")))?;
            pair.key_pem = dm_crypto::encrypted_pem(pair.key_pem.as_bytes(), &passphrase)
                .map_err(Fault::refused)?;
        }
        Ok((name, pair))
    }

    fn of(&self, error: BootstrapError) -> Fault {
        match error {
            BootstrapError::Persist(error @ PersistError::NotAState(_)) => Fault::unreadable(error)
                .next(
                    "choose a folder that is empty or not there yet, or a state folder; if it was one, \
                     put a copy back, or begin anew with --put-damaged-aside",
                ),
            BootstrapError::Persist(error) => state::of_persist(&error),
            BootstrapError::AccountExists(_) => Fault::refused(error)
                .in_file(&self.state_dir)
                .clause("R22, Sessionless §5.5")
                .next("use another ServerID or another state folder"),
            BootstrapError::OtherDevice(_) => Fault::refused(error)
                .in_file(&self.state_dir)
                .next("use the device's own id, or another state folder"),
            error => Fault::refused(error).in_file(&self.state_dir),
        }
    }
}
