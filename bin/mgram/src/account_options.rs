//! What a device is given first: an account with pinned keys, and further objects. [profile §3]

use std::path::{Path, PathBuf};

use clap::Args;
use dm_mo::{DevInfo, DmAcc, PinnedKey};
use dm_tnds::{MgmtTree, Node};

use crate::document::{parse, read};
use crate::fault::Fault;
use crate::name::{check_not_empty, check_server_id};

/// The account, and what comes with it.
#[derive(Args, Debug)]
pub struct AccountOptions {
    /// The ServerID of the account.
    #[arg(long, value_name = "ID")]
    pub server_id: String,
    /// The certificate, or public key, to pin: PEM or DER. May be given several times for key
    /// rollover. For an account of policy chain: the certificate of the authority.
    #[arg(long, value_name = "FILE", required = true)]
    cert: Vec<PathBuf>,
    /// The name of each pinned key, in the order of --cert.
    #[arg(long, value_name = "NAME", required = true)]
    pub key_name: Vec<String>,
    /// A further object: the XML text of a MgmtTree. May be given several times.
    #[arg(long, value_name = "FILE")]
    tnds: Vec<PathBuf>,
}

impl AccountOptions {
    /// The account with its pins, checked before anything is made.
    pub fn account(&self) -> Result<Node<'static>, Fault> {
        check_server_id(&self.server_id)?;
        if self.cert.len() != self.key_name.len() {
            return Err(Fault::unreadable(format!(
                "{} --cert and {} --key-name: each certificate needs its name",
                self.cert.len(),
                self.key_name.len()
            ))
            .next("give as many --key-name as --cert, in the same order"));
        }
        let mut pins = Vec::new();
        for (path, name) in self.cert.iter().zip(&self.key_name) {
            check_not_empty("--key-name", name)?;
            pins.push(PinnedKey { name: name.clone(), der: self.key(path, name)? });
        }
        let name: String = self
            .server_id
            .chars()
            .take(NAME)
            .map(|c| if c.is_ascii_alphanumeric() || ".-_".contains(c) { c } else { '_' })
            .collect();
        Ok(DmAcc::object(&name, &self.server_id, &pins))
    }

    /// What a device may pin for this account.
    fn key(&self, path: &Path, name: &str) -> Result<Vec<u8>, Fault> {
        let der = dm_crypto::public_material(&read(path)?).map_err(|error| {
            Fault::unreadable(error)
                .in_file(path)
                .next("give cert.pem of `mgram keygen`: a device never has the private key")
        })?;
        let pin = dm_seal::Pin::new(name, &der, &dm_crypto::AwsLc).map_err(|error| {
            Fault::unreadable(error).in_file(path).clause("profile §3").next(KINDS)
        })?;
        if !pin.material().may_serve(&self.server_id) {
            let server_id = &self.server_id;
            return Err(Fault::unreadable(format!("the certificate does not name {server_id:?}"))
                .in_file(path)
                .clause("profile §4.4")
                .next("pin a certificate whose SubjectAltName is the ServerID"));
        }
        Ok(der)
    }

    /// The further objects, each with the file that it is from.
    pub fn objects(&self) -> Result<Vec<(&Path, MgmtTree<'static>)>, Fault> {
        self.tnds.iter().map(|path| Ok((path.as_path(), object(path)?))).collect()
    }
}

/// What a new device says of itself.
pub fn dev_info(dev_id: &str) -> Result<DevInfo, Fault> {
    check_not_empty("--device-id", dev_id)?;
    let [dev_id, man, r#mod, dm_v, lang] =
        [dev_id, "Marconigram", "mgram-agent", "1.3", "en"].map(str::to_owned);
    Ok(DevInfo { dev_id, man, r#mod, dm_v, lang })
}

fn object(path: &Path) -> Result<MgmtTree<'static>, Fault> {
    let text = read(path)?;
    let document = parse(&text, path)?.without_white_space();
    let object = MgmtTree::read(document.root()).map_err(|error| {
        Fault::unreadable(error.kind)
            .at(format!("{}, {}", path.display(), error.path))
            .clause("TNDS 1.2 §9.2")
            .next("give a MgmtTree with xmlns=\"syncml:dmddf1.2\" as its root")
    })?;
    Ok(object.into_owned())
}

/// Characters of the name of an account's node, which any device takes.
const NAME: usize = 48;
const KINDS: &str = "pin a key of ECDSA P-256 or P-384, Ed25519, or RSA of 2048 bits or more";
