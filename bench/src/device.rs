//! Keys, sealed messages, and a device that takes them.

use std::sync::LazyLock;

use dm_agent::config::TreePolicy;
use dm_agent::settings::rules;
use dm_client::{Client, Settings};
use dm_crypto::{Algorithm, AwsLc, SigningKey, generate, public_material};
use dm_mo::{DmAcc, PinnedKey};
use dm_syncml::wbxml;
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::{MemoryStore, Store};
use dm_tree::{Rules, Transaction, Tree, Uri};
use dm_wbxml::Version;

use mgram_bench::messages::{parse, small};

/// The ServerID in the messages.
pub const SERVER: &str = "dm.operator.example";
/// The Target in the messages.
pub const DEVICE: &str = "urn:imei:004999010640001";
/// The name of the key.
pub const KEY_NAME: &str = "operator-key-1";

/// A key pair, loaded.
pub struct Pair {
    /// Signs.
    pub key: SigningKey,
    /// The certificate.
    pub der: Vec<u8>,
}

/// ECDSA P-256.
pub static ES256: LazyLock<Pair> = LazyLock::new(|| pair(Algorithm::Es256));
/// RSA of 2048 bits.
pub static RS256: LazyLock<Pair> = LazyLock::new(|| pair(Algorithm::Rs256));

fn pair(algorithm: Algorithm) -> Pair {
    let pair = generate(algorithm, SERVER, KEY_NAME).expect("a new key");
    Pair {
        key: SigningKey::from_pem(pair.key_pem.as_bytes()).expect("the new key"),
        der: public_material(pair.cert_pem.as_bytes()).expect("the new certificate"),
    }
}

/// The small message with this counter, sealed.
pub fn sealed(pair: &Pair, counter: u32) -> Vec<u8> {
    let text = small(counter);
    let sealed = dm_seal::seal(parse(&text), KEY_NAME, &pair.key, &AwsLc).expect("sealing");
    wbxml::encode(&sealed, Version::V1_2).expect("encoding")
}

/// The tree of a device with one account.
pub fn tree(pair: &Pair) -> Tree {
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let pin = PinnedKey { name: KEY_NAME.into(), der: pair.der.clone() };
    let mut vendor = Node::interior("Vendor", "");
    vendor.rt_properties.get_or_insert_default().acl = Some(format!("Replace={SERVER}").into());
    let vendor =
        vendor.with(Node::interior("Setting", "").with(Node::leaf("AddressOfTheServer", "unset")));
    let mut transaction = Transaction::local(&mut tree, &rules);
    for object in [DmAcc::object("operator", SERVER, &[pin]), vendor] {
        transaction.add_object(&Uri::root(), &MgmtTree::new(vec![object])).expect("the object");
    }
    let _ = transaction.commit(None);
    tree
}

/// What the device is configured with.
pub fn settings() -> Settings {
    let rules = rules(&TreePolicy::default()).expect("the default policy");
    Settings { device_id: DEVICE.into(), rules, ..Settings::default() }
}

/// A device in memory.
pub fn in_memory(pair: &Pair) -> Client<MemoryStore, AwsLc> {
    open(MemoryStore::from(&tree(pair)))
}

/// A device on this store.
pub fn open<S: Store>(store: S) -> Client<S, AwsLc> {
    Client::open(store, AwsLc, settings()).expect("a device")
}
