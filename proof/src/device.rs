//! The device: a tree as bootstrap leaves it, in memory. [Sessionless §5.1.1], R5

use alloc::borrow::ToOwned;
use alloc::vec;

use dm_client::Settings;
use dm_client::freshness::Policy;
use dm_mo::{DevInfo, DmAcc, PinnedKey};
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::MemoryStore;
use dm_tree::{Rules, Transaction, Tree, Uri};

/// Whom the message is for.
pub const DEVICE_ID: &str = "urn:imei:004999010640001";
/// Who sealed it.
const SERVER_ID: &str = "dm.operator.example";
/// The certificate of the key that it was sealed with: DER.
const CERTIFICATE: &[u8] = include_bytes!("../data/cert.der");

/// The setting that the message changes.
pub const SETTING: &str = "./NAP/Addr";

/// A store with the tree; none when an object does not fit into it.
pub fn bootstrap() -> Option<MemoryStore> {
    let dev_info = DevInfo {
        dev_id: DEVICE_ID.to_owned(),
        man: "Example".to_owned(),
        r#mod: "Proof".to_owned(),
        dm_v: "1.3".to_owned(),
        lang: "en".to_owned(),
    };
    let pin = PinnedKey { name: "key-1".to_owned(), der: CERTIFICATE.to_vec() };
    let mut setting = Node::interior("NAP", "").with(Node::leaf("Addr", "old.operator.example"));
    setting.rt_properties.get_or_insert_default().acl =
        Some("Get=*&Replace=dm.operator.example".into());
    let mut accounts = Node::interior("DMAcc", "");
    accounts.rt_properties.get_or_insert_default().acl = Some("Get=*".into());
    let account = DmAcc::object("Operator", SERVER_ID, &[pin]);
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut tree, &rules);
    for object in [dev_info.object(), accounts, account, setting] {
        transaction.add_object(&Uri::root(), &MgmtTree::new(vec![object])).ok()?;
    }
    let _ = transaction.commit(None); // the tree is stored whole
    Some(MemoryStore::from(&tree))
}

/// What the owner decides: a counter must be there.
pub fn settings() -> Settings {
    Settings { device_id: DEVICE_ID.to_owned(), freshness: Policy::Required, ..Settings::default() }
}
