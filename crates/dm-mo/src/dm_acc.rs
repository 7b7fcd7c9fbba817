//! DMAcc: the account of a server, with the keys that it is trusted by. [STD 1.2 §7.1], [profile §4]

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use dm_tnds::{Format, Node, Type, Value};
use dm_tree::{Tree, Uri};

/// The identifiers that mark an account: DM 1.2 and, with the same nodes, 1.1 as DM 1.3 has it.
pub const IDENTIFIERS: [&str; 2] = ["urn:oma:mo:oma-dm-dmacc:1.0", "urn:oma:mo:oma-dm-dmacc:1.1"];

/// An account somewhere in the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DmAcc {
    /// Where it stands.
    pub uri: Uri,
    /// `ServerID`: who it is for, compared octet by octet.
    pub server_id: String,
    /// The keys below `AppAuth` that servers prove themselves with.
    pub pins: Vec<PinnedKey>,
}

/// `AppAuth/<x>` with `AAuthLevel` SRVCRED and `AAuthType` X509.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PinnedKey {
    /// `AAuthName`: the name that KeyName shows.
    pub name: String,
    /// `AAuthData`: a DER certificate or a DER SubjectPublicKeyInfo.
    pub der: Vec<u8>,
}

impl DmAcc {
    /// All accounts of a tree, found by Type. One without a readable ServerID is none.
    #[must_use]
    pub fn find_all(tree: &Tree) -> Vec<Self> {
        tree.accounts().filter_map(|uri| Self::read(tree, uri)).collect()
    }

    fn read(tree: &Tree, uri: &Uri) -> Option<Self> {
        tree.get(uri).filter(|node| IDENTIFIERS.contains(&&*node.r#type))?;
        let server_id = text(tree, uri, "ServerID")?;
        let auth = uri.join("AppAuth").ok()?;
        let pins = tree.children(&auth).filter_map(|(entry, _)| {
            let is = |name, value| text(tree, entry, name).is_some_and(|text| text == value);
            if !is("AAuthLevel", "SRVCRED") || !is("AAuthType", "X509") {
                return None;
            }
            let name = text(tree, entry, "AAuthName").unwrap_or_default();
            Some(PinnedKey { name, der: value(tree, entry, "AAuthData")?.to_vec() })
        });
        Some(Self { uri: uri.clone(), server_id, pins: pins.collect() })
    }

    /// An account as a serialized object: what bootstrap writes.
    ///
    /// `name` is the name of its root, below `./DMAcc`. The server may read it, nobody may
    /// change it.
    #[must_use]
    pub fn object(name: &str, server_id: &str, pins: &[PinnedKey]) -> Node<'static> {
        let mut auth = Node::interior("AppAuth", "");
        for (index, pin) in pins.iter().enumerate() {
            let mut data = Node::leaf("AAuthData", "");
            data.value = Some(Value::Octets(pin.der.clone().into()));
            let properties = data.rt_properties.get_or_insert_default();
            properties.format = Some(Format::Bin);
            properties.r#type = Some(Type::Mime("application/octet-stream".into()));
            auth.nodes.push(
                Node::interior((index + 1).to_string(), "")
                    .with(Node::leaf("AAuthLevel", "SRVCRED"))
                    .with(Node::leaf("AAuthType", "X509"))
                    .with(Node::leaf("AAuthName", pin.name.clone()))
                    .with(data),
            );
        }
        let mut account = Node::interior(name.to_owned(), IDENTIFIERS[0])
            .with(Node::leaf("AppID", "w7"))
            .with(Node::leaf("ServerID", server_id.to_owned()))
            .with(Node::interior("AppAddr", ""))
            .with(auth);
        account.path = Some("DMAcc".into());
        account.rt_properties.get_or_insert_default().acl = Some(format!("Get={server_id}").into());
        account
    }
}

fn value<'t>(tree: &'t Tree, parent: &Uri, name: &str) -> Option<&'t [u8]> {
    tree.get(&parent.join(name).ok()?)?.value.as_deref()
}

fn text(tree: &Tree, parent: &Uri, name: &str) -> Option<String> {
    String::from_utf8(value(tree, parent, name)?.to_vec()).ok()
}
