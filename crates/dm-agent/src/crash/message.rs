//! The messages of the script, sealed once: those that change the tree, and those that are refused.

use std::sync::LazyLock;

use dm_crypto::{Algorithm, AwsLc, KeyPair, SigningKey, public_material};
use dm_mo::{DevInfo, DmAcc, PinnedKey};
use dm_syncml::media_type::DMTNDS_XML;
use dm_syncml::wbxml;
use dm_tnds::{MgmtTree, Node};
use dm_tree::{Changes, Rules, Transaction, Tree, Uri};
use dm_wbxml::Version;
use dm_xml::{Builder, Limits, ToInfoset, canonical};

pub const OPERATOR: &str = "dm.operator.example";
pub const DEVICE: &str = "urn:imei:004999010640000";
const KEY_NAME: &str = "key-1";
/// How many there are.
pub const MESSAGES: usize = 48;

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It changes the tree.
    Good,
    /// Its body is malformed: refused, but it must not come again.
    Spent,
    /// Its signature does not hold, or it is no message at all.
    Refused,
}

/// A message: its number is its `SessionID`, and its counter if it has one.
pub struct Sealed {
    pub kind: Kind,
    pub octets: Vec<u8>,
}

static KEYS: LazyLock<KeyPair> =
    LazyLock::new(|| dm_crypto::generate(Algorithm::Es256, OPERATOR, KEY_NAME).unwrap());

/// All messages, by their numbers.
pub static ALL: LazyLock<Vec<Sealed>> = LazyLock::new(|| (0..MESSAGES).map(message).collect());

fn message(number: usize) -> Sealed {
    match number % 8 {
        2 => Sealed { kind: Kind::Spent, octets: sealed(number, "<Replace/>") },
        5 => {
            let mut octets = sealed(number, &commands(number));
            let middle = octets.len() / 2;
            octets[middle] ^= 0x20;
            Sealed { kind: Kind::Refused, octets }
        }
        6 if number % 16 == 6 => Sealed { kind: Kind::Refused, octets: vec![2; number] },
        _ => Sealed { kind: Kind::Good, octets: sealed(number, &commands(number)) },
    }
}

/// Two values that agree, a node that tells that the message was there, in one Atomic; with it
/// sometimes a large object, and behind it sometimes a deletion.
fn commands(number: usize) -> String {
    let mut id = 1;
    let mut command = |verb: &str, uri: &str, rest: &str| {
        id += 1;
        format!(
            "<{verb}><CmdID>{id}</CmdID><Item><Target><LocURI>{uri}</LocURI></Target>{rest}</Item></{verb}>"
        )
    };
    let value = format!("<Data>{number}{}</Data>", " ".repeat(number % 5 * 700));
    let mut all = command("Replace", "./Meter/Left", &value);
    all += &command("Replace", "./Meter/Right", &value);
    all += &command("Add", &format!("./Log/K{number}"), &format!("<Data>{number}</Data>"));
    if number % 8 == 3 {
        let meta = format!(
            "<Meta><Format xmlns=\"syncml:metinf\">xml</Format>\
             <Type xmlns=\"syncml:metinf\">{DMTNDS_XML}</Type></Meta>"
        );
        let rest = format!("{meta}<Data>{}</Data>", object(number));
        all += &command("Add", "./Log", &rest);
    }
    let mut all = format!("<Atomic><CmdID>1</CmdID>{all}</Atomic>");
    if number % 8 == 7 {
        all += &command("Delete", &format!("./Log/B{}", number - 4), "");
    }
    all
}

/// How many leaves the large object has.
pub const LEAVES: usize = 60;

fn object(number: usize) -> String {
    let leaf = |n: usize| Node::leaf(format!("L{n}"), format!("{number} of {n}"));
    let all = (0..LEAVES).fold(Node::interior(format!("B{number}"), ""), |it, n| it.with(leaf(n)));
    let (tree, mut builder) = (MgmtTree::new(vec![all]), Builder::new(Limits::default()));
    tree.write(&mut builder).unwrap();
    canonical::text(&builder.finish().unwrap())
}

fn sealed(number: usize, commands: &str) -> Vec<u8> {
    // One in three has no counter: it is known by its digest alone.
    let emi = match number % 3 {
        0 => String::new(),
        _ => format!("<Meta><EMI xmlns=\"syncml:metinf\">c={number}</EMI></Meta>"),
    };
    let text = format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD>\
         <VerProto>DM/1.2</VerProto><SessionID>{number}</SessionID><MsgID>1</MsgID>\
         <Target><LocURI>{DEVICE}</LocURI></Target><Source><LocURI>{OPERATOR}</LocURI></Source>\
         {emi}</SyncHdr><SyncBody>{commands}<Final/></SyncBody></SyncML>"
    );
    let key = SigningKey::from_pem(KEYS.key_pem.as_bytes()).unwrap();
    let document = dm_xml::parse(text.as_bytes(), &Limits::default()).unwrap();
    wbxml::encode(&dm_seal::seal(document, KEY_NAME, &key, &AwsLc).unwrap(), Version::V1_2).unwrap()
}

/// The tree of a device that was bootstrapped, as changes of an empty one.
pub fn bootstrap() -> Changes {
    let dev_info = DevInfo {
        dev_id: DEVICE.into(),
        man: "m".into(),
        r#mod: "n".into(),
        dm_v: "1.3".into(),
        lang: "en".into(),
    };
    let der = public_material(KEYS.cert_pem.as_bytes()).unwrap();
    let account = DmAcc::object("op", OPERATOR, &[PinnedKey { name: KEY_NAME.into(), der }]);
    let open = |mut node: Node<'static>| {
        let acl = format!("Add={OPERATOR}&Get=*&Replace={OPERATOR}&Delete={OPERATOR}");
        node.rt_properties.get_or_insert_default().acl = Some(acl.into());
        node
    };
    let meter = Node::interior("Meter", "")
        .with(Node::leaf("Left", "none"))
        .with(Node::leaf("Right", "none"));
    let nodes = vec![
        dev_info.object(),
        Node::interior("DMAcc", ""),
        open(meter),
        open(Node::interior("Log", "")),
    ];
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut tree, &rules);
    transaction.add_object(&Uri::root(), &MgmtTree::new(nodes)).unwrap();
    transaction.add_object(&Uri::root(), &MgmtTree::new(vec![account])).unwrap();
    transaction.commit(None)
}
