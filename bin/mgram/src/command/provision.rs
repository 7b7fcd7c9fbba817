//! `provision`: a device as it is before its first message. [Sessionless §5.1.1], R5

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use dm_agent::bootstrap::{Bootstrap, BootstrapError};
use dm_agent::device_keys::{self, DeviceKeyError};
use dm_agent::persist::{PersistError, RedbStore};
use dm_crypto::KeyPair;
use dm_mo::{DevInfo, DmAcc, PinnedKey};
use dm_tnds::MgmtTree;
use serde_json::json;

use crate::device_key;
use crate::document::{parse, read};
use crate::fault::Fault;
use crate::key_options::PassphraseOptions;
use crate::name::{check_not_empty, check_server_id};
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
    /// The ServerID of the account.
    #[arg(long, value_name = "ID")]
    server_id: String,
    /// The certificate, or public key, to pin: PEM or DER. May be given several times for key
    /// rollover. For an account of policy chain: the certificate of the authority.
    #[arg(long, value_name = "FILE", required = true)]
    cert: Vec<PathBuf>,
    /// The name of each pinned key, in the order of --cert.
    #[arg(long, value_name = "NAME", required = true)]
    key_name: Vec<String>,
    /// A further object: the XML text of a MgmtTree. May be given several times.
    #[arg(long, value_name = "FILE")]
    tnds: Vec<PathBuf>,
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
        check_server_id(&self.server_id)?;
        check_not_empty("--device-id", &self.device_id)?;
        let new_key = self.device_key.as_deref().map(|name| self.new_key(name)).transpose()?;
        let account = account(&self.server_id, &self.cert, &self.key_name)?;
        let dev_info = DevInfo {
            dev_id: self.device_id.clone(),
            man: "Marconigram".into(),
            r#mod: "mgram-agent".into(),
            dm_v: "1.3".into(),
            lang: "en".into(),
        };
        let aside = match self.put_damaged_aside {
            true => RedbStore::put_damaged_aside(&self.state_dir)
                .map_err(|error| self.of(error.into()))?,
            false => None,
        };
        let mut bootstrap =
            Bootstrap::open(&self.state_dir, &dev_info).map_err(|error| self.of(error))?;
        bootstrap.add_account(&self.server_id, account).map_err(|error| self.of(error))?;
        for path in &self.tnds {
            let text = read(path)?;
            let document = parse(&text, path)?.without_white_space();
            let object = MgmtTree::read(document.root()).map_err(|error| {
                Fault::unreadable(error.kind)
                    .at(format!("{}, {}", path.display(), error.path))
                    .clause("TNDS 1.2 §9.2")
                    .next("give a MgmtTree with xmlns=\"syncml:dmddf1.2\" as its root")
            })?;
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
                "server_id": self.server_id, "key_names": self.key_name, "nodes": nodes,
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
                    self.server_id,
                    self.key_name.len(),
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

/// An account with its pins, checked before anything is made.
pub(super) fn account(
    server_id: &str,
    certs: &[PathBuf],
    key_names: &[String],
) -> Result<dm_tnds::Node<'static>, Fault> {
    if certs.len() != key_names.len() {
        return Err(Fault::unreadable(format!(
            "{} --cert and {} --key-name: each certificate needs its name",
            certs.len(),
            key_names.len()
        ))
        .next("give as many --key-name as --cert, in the same order"));
    }
    let mut pins = Vec::new();
    for (path, name) in certs.iter().zip(key_names) {
        check_not_empty("--key-name", name)?;
        let der = dm_crypto::public_material(&read(path)?).map_err(|error| {
            Fault::unreadable(error)
                .in_file(path)
                .next("give cert.pem of `mgram keygen`: a device never has the private key")
        })?;
        let pin = dm_seal::Pin::new(name.clone(), &der, &dm_crypto::AwsLc).map_err(|error| {
            Fault::unreadable(error).in_file(path).clause("profile §3").next(KINDS)
        })?;
        if !pin.material().may_serve(server_id) {
            return Err(Fault::unreadable(format!("the certificate does not name {server_id:?}"))
                .in_file(path)
                .clause("profile §4.4")
                .next("pin a certificate whose SubjectAltName is the ServerID"));
        }
        pins.push(PinnedKey { name: name.clone(), der });
    }
    let name: String = server_id
        .chars()
        .take(NAME)
        .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
        .collect();
    Ok(DmAcc::object(&name, server_id, &pins))
}

/// Characters of the name of an account's node, which any device takes.
const NAME: usize = 48;
const KINDS: &str = "pin a key of ECDSA P-256 or P-384, Ed25519, or RSA of 2048 bits or more";
