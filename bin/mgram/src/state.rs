//! A device's state folder, from outside the device.

use std::path::Path;

use dm_agent::config::{Config, ConfigError, TreePolicy};
use dm_agent::device_keys::{self, DeviceKeyError};
use dm_agent::persist::{PersistError, RedbStore};
use dm_agent::run::{AgentClient, RunError, device_id};
use dm_agent::settings::{rules, settings};
use dm_client::{Client, ClientError, Settings};
use dm_crypto::{AwsLc, KeyError};
use dm_seal::encryption::DeviceKeys;
use zeroize::Zeroizing;

use crate::device_key::OwnKey;
use crate::document::of_io;
use crate::fault::Fault;
use crate::key_options::PassphraseOptions;
use crate::signer::of_token;

/// Opens the client on a state folder, with the agent's configuration if there is one, and with the
/// keys of both.
pub fn open(folder: &Path, config: Option<&Path>) -> Result<AgentClient, Fault> {
    open_with(folder, config, Further::default())
}

/// Opens the client on a state folder to look at it: nothing can be decrypted.
pub fn open_to_look(folder: &Path) -> Result<AgentClient, Fault> {
    provisioned(folder, DeviceKeys::new(AwsLc))
}

/// What a command brings to decrypt with.
#[derive(Default)]
pub struct Further {
    /// Opens key files that are encrypted, before what the configuration says; the environment
    /// comes behind both.
    pub passphrase: Option<Zeroizing<Vec<u8>>>,
    /// Further keys.
    pub keys: Vec<OwnKey>,
}

/// As [`open`], with what the command brings.
pub fn open_with(
    folder: &Path,
    config: Option<&Path>,
    further: Further,
) -> Result<AgentClient, Fault> {
    let config = config.map(|path| load(folder, path)).transpose()?;
    let is_configured =
        config.as_ref().is_some_and(|config| config.device_keys.pass_file.is_some());
    let usual = || PassphraseOptions::from_environment().filter(|_| !is_configured);
    let passphrase = further.passphrase.or_else(usual);
    let passphrase = passphrase.as_ref().map(|text| text.as_slice());
    let keys = match &config {
        Some(config) => device_keys::load_all(config, passphrase),
        None => device_keys::load(folder, passphrase),
    };
    let mut keys = keys.map_err(|error| of_device_key(&error))?;
    for key in further.keys {
        if keys.names().any(|there| there == key.name()) {
            let twice = DeviceKeyError::Twice(key.name().to_owned());
            return Err(of_device_key(&twice).at("--device-key"));
        }
        key.add_to(&mut keys);
    }
    match config {
        Some(config) => dm_agent::run::open_with(&config, keys).map_err(|error| of_run(&error)),
        None => provisioned(folder, keys),
    }
}

/// The agent's configuration, for this state folder.
fn load(folder: &Path, path: &Path) -> Result<Config, Fault> {
    let mut config = Config::load(path, std::env::vars_os()).map_err(|error| of_config(&error))?;
    folder.clone_into(&mut config.state);
    settings(&config).map_err(|error| {
        Fault::unreadable(error).in_file(path).next("correct the configuration")
    })?;
    Ok(config)
}

/// Without a configuration the device is the one that was provisioned.
fn provisioned(folder: &Path, keys: DeviceKeys) -> Result<AgentClient, Fault> {
    let probe = client(folder, Settings::default())?;
    let device_id = device_id(&probe).ok_or_else(|| {
        Fault::refused("the state has no ./DevInfo/DevId")
            .in_file(folder)
            .next("make a device with `mgram provision`")
    })?;
    drop(probe);
    let rules = rules(&TreePolicy::default()).map_err(Fault::refused)?;
    let client = client(folder, Settings { device_id, rules, ..Settings::default() })?;
    Ok(client.with_device_keys(keys))
}

fn client(folder: &Path, settings: Settings) -> Result<AgentClient, Fault> {
    let store = RedbStore::open(folder).map_err(|error| of_persist(&error))?;
    Client::open(store, AwsLc, settings).map_err(|error| of_client(&error).in_file(folder))
}

fn of_config(error: &ConfigError) -> Fault {
    match error {
        ConfigError::Read { path, source } => {
            of_io(Fault::unreadable, "read", source).in_file(path)
        }
        error => {
            Fault::told(Fault::unreadable, &error.to_string()).or_next("correct the configuration")
        }
    }
}

fn of_run(error: &RunError) -> Fault {
    match error {
        RunError::Persist(error) => of_persist(error),
        RunError::Client(error) => of_client(error),
        RunError::DeviceKey(error) => of_device_key(error),
        RunError::OtherDevice { configured, provisioned, state } => Fault::refused(format!(
            "the configuration is for device {configured:?}, and the state of {provisioned:?}"
        ))
        .in_file(state)
        .next("correct `device_id`, or give the state folder of that device"),
        error => {
            let fault = Fault::refused(error);
            match error.remedy() {
                Some(remedy) => fault.next(remedy),
                None => fault.next("correct the configuration"),
            }
        }
    }
}

/// A fault about a key of the device.
pub fn of_device_key(error: &DeviceKeyError) -> Fault {
    match error {
        DeviceKeyError::Io { path, error } => of_io(Fault::refused, "write", error).in_file(path),
        DeviceKeyError::Read { path, error } => {
            of_io(Fault::unreadable, "read", error).in_file(path)
        }
        DeviceKeyError::TooMany(_) => Fault::unreadable(error)
            .next("take the keys out that no message is encrypted to any more"),
        DeviceKeyError::Exists(path) => Fault::refused("there is a device key already")
            .in_file(path)
            .next("choose another name: keys are never overwritten"),
        DeviceKeyError::Key { path, error } => {
            Fault::unreadable(error).in_file(path).clause("profile §6").next(match error {
                KeyError::Encrypted => {
                    "give --key-pass-file, set MGRAM_KEY_PASS, or configure device_keys.pass_file"
                }
                KeyError::Encryption(_) => "encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc",
                KeyError::Passphrase => "give the passphrase that it was encrypted with",
                KeyError::Several => "leave one of them in the file",
                _ => "give a private key of P-256, or RSA of 2048 bits or more, in PKCS #8",
            })
        }
        DeviceKeyError::Passphrase { path, what } => {
            Fault::unreadable(format!("the passphrase of the device keys cannot be used: {what}"))
                .in_file(path)
                .next("correct device_keys.pass_file in the configuration, or the file")
        }
        DeviceKeyError::Token { error, .. } => of_token(error),
        DeviceKeyError::NotPrivate(path) => Fault::refused("others may read the device key")
            .in_file(path)
            .next("take the right from them: chmod 600"),
        error => Fault::unreadable(error).next("give another name"),
    }
}

/// A fault about a client: mostly of its store.
pub fn of_client(error: &ClientError<PersistError>) -> Fault {
    match error {
        ClientError::Store(error) => of_persist(error),
        ClientError::DeviceKey(_) => Fault::missing(error)
            .clause("profile §6")
            .next("see that the token of the key works; the message was not spent, give it again"),
        error => Fault::refused(error).next("put a copy back, or provision the device anew with `mgram provision --put-damaged-aside`"),
    }
}

/// A fault about a state folder.
pub fn of_persist(error: &PersistError) -> Fault {
    match error {
        PersistError::NotAState(_) => {
            Fault::unreadable(error).next("make a device with `mgram provision`")
        }
        PersistError::InUse(_) => Fault::refused(error).next("stop the agent that uses it first"),
        PersistError::Io { folder, error } => {
            of_io(Fault::refused, "use the state folder", error).in_file(folder)
        }
        error => Fault::refused(error).next(error.remedy()),
    }
}
