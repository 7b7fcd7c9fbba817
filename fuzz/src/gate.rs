//! The gate of a device: nothing is let in that was not signed, whatever the octets are.

mod message;
pub mod stand_in;

use std::sync::LazyLock;

use dm_client::{Accepted, Client, Effect, Outcome, Settings, Stage};
use dm_mo::{DmAcc, PinnedKey};
use dm_seal::algorithm::DS;
use dm_syncml::wbxml;
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::MemoryStore;
use dm_tree::{Rules, Transaction, Tree, Uri};
use dm_xml::{Limits, canonical};
use roxmltree::Node as XmlNode;
use sha2::{Digest, Sha256};

use crate::{choices, reference};
use stand_in::StandIn;

/// The one server that the device knows.
pub const SERVER: &str = "dm.example";
/// The device.
pub const DEVICE: &str = "urn:imei:004999010640000";
/// The name of the server's key.
pub const KEY: &str = "a";

/// Octets as a message, or choices of which a message is made and sealed, then damaged.
///
/// # Panics
/// When a message is let in whose signature does not hold by another computation, when one that
/// holds is not, or when a refusal or a dry run changes anything.
pub fn check(octets: &[u8]) {
    let Some(mut choices) = choices(octets) else {
        drop(receive(octets));
        return;
    };
    let Ok(sealed) = message::sealed(&mut choices) else { return };
    let digest = match receive(&sealed) {
        Outcome::Accepted(accepted) => Some(accepted.digest),
        Outcome::Refused(refused) => {
            let stage = refused.refusal.stage();
            assert!(stage > Stage::Signature, "sealed, and refused: {}", refused.refusal);
            None
        }
    };
    let (Ok(at), Ok(bit)) = (choices.choose_index(sealed.len()), choices.int_in_range(0..=7))
    else {
        return;
    };
    let mut damaged = sealed;
    damaged[at] ^= 1_u8 << bit;
    if let Outcome::Accepted(accepted) = receive(&damaged) {
        assert_eq!(
            Some(accepted.digest),
            digest,
            "octet {at} was changed, and the message with it"
        );
    }
}

/// A fresh device takes the message; whatever comes of it is checked.
fn receive(octets: &[u8]) -> Outcome {
    let (store, settings) = &*DEVICE_STATE;
    let mut client = Client::open(store.clone(), StandIn, settings.clone()).expect("our own tree");
    let now = Some(1_800_000_000);
    let dry = client.receive(octets, now, Effect::DryRun).expect("memory does not fail");
    assert_eq!(client.store(), store, "a dry run keeps nothing");
    let before = client.tree().clone();
    let outcome = client.receive(octets, now, Effect::Durable).expect("memory does not fail");
    assert_eq!(dry.refusal(), outcome.refusal(), "a dry run comes to the same");
    match &outcome {
        Outcome::Accepted(accepted) => holds(octets, accepted),
        Outcome::Refused(_) => assert_eq!(*client.tree(), before, "a refusal changes nothing"),
    }
    let stored = Tree::from_nodes(nodes(client.store())).expect("a tree");
    assert_eq!(stored, *client.tree(), "what is stored is the tree");
    outcome
}

fn nodes(store: &MemoryStore) -> Vec<(Uri, dm_tree::Node)> {
    dm_tree::store::Store::nodes(store).expect("memory does not fail")
}

/// The signature holds, over the canonical form that another implementation finds.
fn holds(octets: &[u8], accepted: &Accepted) {
    let limits = Limits::default();
    let source = wbxml::open(octets, &limits).expect("it was let in");
    let text = canonical::text(&wbxml::decode(&source, &limits).expect("it was let in"));
    let document = roxmltree::Document::parse(&text).expect("canonical form is XML");
    let root = document.root_element();
    let named = |node: XmlNode<'_, '_>, name| node.has_tag_name((DS, name));
    let signature = root.last_element_child().filter(|&last| named(last, "Signature"));
    let signature = signature.expect("what is let in is signed");

    let message = reference::c14n::canonical(root, Some(signature.id()));
    assert_eq!(Sha256::digest(message.as_bytes())[..], accepted.digest, "what was digested");

    let value_of = |name| {
        let found = signature.descendants().find(|&node| named(node, name)).expect("it was read");
        let text: String = found.text().unwrap_or_default().split_whitespace().collect();
        reference::base64::decode(&text).expect("it was read")
    };
    let signed_info = signature.first_element_child().expect("it was read");
    let signed = reference::c14n::canonical(signed_info, None);
    assert_eq!(value_of("SignatureValue"), stand_in::signature(signed.as_bytes()), "the signature");
    assert_eq!(value_of("DigestValue"), accepted.digest, "the reference");
}

/// A device with an account, a few nodes that its server may change, and others that it may not.
pub(crate) static DEVICE_STATE: LazyLock<(MemoryStore, Settings)> = LazyLock::new(|| {
    let with_acl = |mut node: Node<'static>, acl: &str| {
        node.rt_properties.get_or_insert_default().acl = Some(acl.to_owned().into());
        node
    };
    let pin = PinnedKey { name: KEY.to_owned(), der: stand_in::PUBLIC_KEY.to_vec() };
    let everything = format!("Add={SERVER}&Delete={SERVER}&Exec={SERVER}&Get=*&Replace={SERVER}");
    let open = Node::interior("A", "").with(Node::leaf("B", "1")).with(Node::interior("C", ""));
    let shut = with_acl(Node::interior("S", "").with(Node::leaf("B", "1")), "Get=*&Replace=other");
    let first = vec![
        with_acl(Node::interior("Inbox", "urn:oma:mo:oma-dm-inbox:1.0"), "Add=*"),
        with_acl(Node::interior("DMAcc", ""), "Get=*"),
        with_acl(open, &everything),
        shut,
    ];
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut tree, &rules);
    for nodes in [first, vec![DmAcc::object("Example", SERVER, &[pin])]] {
        transaction.add_object(&Uri::root(), &MgmtTree::new(nodes)).expect("a new tree takes it");
    }
    drop(transaction.commit(None));
    let settings = Settings { device_id: DEVICE.to_owned(), ..Settings::default() };
    (MemoryStore::from(&tree), settings)
});
