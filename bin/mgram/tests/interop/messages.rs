//! Messages of our own, and what must come of them on a device with the tree of `vendor.xml`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::device::Value;

/// A message in `messages/`, without a signature.
#[derive(Debug)]
pub struct Message {
    pub name: &'static str,
    /// What must be different afterwards; `None` for a node that is gone.
    changes: fn() -> Vec<(&'static str, Option<Value>)>,
}

impl Message {
    /// The XML text.
    pub fn path(&self) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/messages");
        folder.join(self.name).with_extension("xml")
    }

    /// The tree as it must be afterwards.
    pub fn applied_to(&self, tree: &BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        let mut tree = tree.clone();
        for (uri, value) in (self.changes)() {
            let uri = format!("./Vendor/{uri}");
            match value {
                Some(value) => tree.insert(uri, value),
                None => tree.remove(&uri),
            };
        }
        tree
    }
}

/// All of them.
pub const MESSAGES: [Message; 11] = [
    Message { name: "small", changes: || vec![leaf("Setting", "https://dm.interop.example/dm")] },
    Message { name: "thirty", changes: thirty },
    Message { name: "object-in-place", changes: object },
    Message { name: "object-as-text", changes: object },
    Message { name: "binary", changes: binary },
    Message { name: "non-ascii", changes: || vec![leaf("Setting", NON_ASCII)] },
    Message { name: "entities", changes: || vec![leaf("Setting", ENTITIES)] },
    Message { name: "empty", changes: empty },
    Message { name: "fresh", changes: || vec![leaf("Count", "41")] },
    Message { name: "groups", changes: groups },
    Message { name: "awkward", changes: awkward },
];

/// The one of this name.
pub fn message(name: &str) -> &'static Message {
    MESSAGES.iter().find(|message| message.name == name).expect("a message of this name")
}

type Change = (&'static str, Option<Value>);

fn leaf(uri: &'static str, text: &str) -> Change {
    (uri, Some(Value::Text(text.to_owned())))
}

fn octets(uri: &'static str, hex: &str) -> Change {
    (uri, Some(Value::Octets(hex.to_owned())))
}

fn thirty() -> Vec<Change> {
    let change = |number: usize| {
        let uri: &'static str = format!("Many/{number:02}").leak();
        leaf(uri, &format!("value {number} of 30"))
    };
    (1..=30).map(change).collect()
}

fn object() -> Vec<Change> {
    vec![
        ("App", Some(Value::Interior)),
        leaf("App/Name", "Käse & <Brot>"),
        octets("App/Key", "00feff"),
        ("App/Sub", Some(Value::Interior)),
        leaf("App/Sub/Count", "7"),
    ]
}

fn binary() -> Vec<Change> {
    let all: String = (0..=255).map(|octet| format!("{octet:02x}")).collect();
    vec![octets("Blob", &all), octets("Empty", "")]
}

fn empty() -> Vec<Change> {
    vec![leaf("Setting", ""), leaf("Group/One", ""), leaf("Blank", "   ")]
}

fn groups() -> Vec<Change> {
    let gone = ["Group", "Group/One", "Group/Two"].map(|uri| (uri, None));
    [gone.as_slice(), &[leaf("New", "1"), leaf("Twin", "old")]].concat()
}

/// Text that looks like a token, a switch, a literal name, base64, XML, and one long text.
fn awkward() -> Vec<Change> {
    let long = "0123456789".repeat(400);
    vec![
        leaf("Setting", "SyncML"),
        leaf("Group/One", "QUJD"),
        leaf("Group/Two", "<Value>x</Value>"),
        leaf("Long", &long),
        leaf("A.b-c_d~e", "name"),
    ]
}

const NON_ASCII: &str =
    "Grüße: ελληνικά, русский, 日本語, עברית, e\u{301}, \u{1F600}, \u{2028}, \u{A0}, \u{FFFD}";
const ENTITIES: &str =
    "<tag a=\"b\"> &amp; '\" ]]> \ttab\nline\rreturn \u{E4} \u{1F600} <raw> &  end";
