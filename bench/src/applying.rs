//! What a device does with a message beside checking its signature: octets to a changed tree.
//!
//! The provider here takes every signature and mixes octets where others digest them: what is left
//! is decoding, the canonical form, rights, the commands, undo, replay state, and the journal.

use std::fmt::Write;
use std::hint::black_box;

use dm_client::{Client, Effect, Settings};
use dm_seal::{
    Digest, DigestMethod, Hasher, Provider, SignatureMethod, Signer, SigningFailed, UnusableKey,
    VerifyingKey,
};
use dm_syncml::{MetaRule, wbxml};
use dm_tree::store::MemoryStore;
use dm_tree::{Acl, AclCommand, Node, Rules, Transaction, Tree, Uri};
use dm_wbxml::{Strings, Version};
use dm_xml::Limits;
use dm_xml::canonical::{self, Output};

use crate::device::{DEVICE, ES256, KEY_NAME, SERVER, settings, tree};
use crate::measure::aside;
use crate::scenarios::Work;
use mgram_bench::messages::parse;

/// Takes every signature.
#[derive(Clone, Copy)]
struct Unchecked;

/// Sums octets, each with its place; nothing that anybody could rely on, and cheap.
#[derive(Default)]
struct Sum {
    sum: u64,
    place: u64,
    /// Octets that are no word yet, and how many.
    word: [u8; 8],
    filled: usize,
}

impl Sum {
    fn add(&mut self, word: [u8; 8]) {
        let mixed = (self.sum ^ u64::from_le_bytes(word)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.sum = mixed ^ mixed >> 29;
        self.place += 8;
    }
}

impl Provider for Unchecked {
    type Hasher = Sum;
    type Key = Self;

    fn hasher(&self, _: DigestMethod) -> Sum {
        Sum::default()
    }

    fn key(&self, _: &[u8]) -> Result<Self, UnusableKey> {
        Ok(Self)
    }
}

impl VerifyingKey for Unchecked {
    fn verifies(&self, _: SignatureMethod, _: &[u8], _: &[u8]) -> bool {
        true
    }
}

impl Signer for Unchecked {
    fn method(&self) -> SignatureMethod {
        SignatureMethod::Ecdsa(DigestMethod::Sha256)
    }

    fn sign(&self, _: &[u8]) -> Result<Vec<u8>, SigningFailed> {
        Ok(vec![1; 64])
    }
}

impl Output for Sum {
    fn write(&mut self, octets: &[u8]) {
        // The same sum, however the octets come in pieces.
        let room = 8 - self.filled;
        let (first, rest) = octets.split_at(room.min(octets.len()));
        self.word[self.filled..][..first.len()].copy_from_slice(first);
        self.filled += first.len();
        if self.filled < 8 {
            return;
        }
        self.add(self.word);
        let (words, rest) = rest.as_chunks();
        words.iter().for_each(|word| self.add(*word));
        self.word[..rest.len()].copy_from_slice(rest);
        self.filled = rest.len();
    }
}

impl Hasher for Sum {
    fn finish(mut self) -> Digest {
        self.word[self.filled..].fill(0);
        self.add(self.word);
        let (sum, place) = (self.sum, self.place + self.filled as u64);
        Digest::new(&[sum, place, sum, place].map(u64::to_be_bytes).concat())
    }
}

/// Messages that are made once, and taken round and round by devices that are new each round: one
/// refuses what it has seen. Only those are measured that `is_measured` names by their places;
/// others, and new devices, are aside.
fn round(messages: Vec<Vec<u8>>, tree: Tree, is_measured: fn(usize) -> bool) -> Work {
    let device = move || {
        let rules = Rules {
            limits: dm_tree::Limits { nodes: 10_000, ..dm_tree::Limits::default() },
            ..rules()
        };
        let settings = Settings { device_id: DEVICE.into(), rules, ..settings() };
        Client::open(MemoryStore::from(&tree), Unchecked, settings).expect("a device")
    };
    let take = |client: &mut Client<_, _>, message: &[u8]| {
        let outcome = client.receive(message, None, Effect::Durable).expect("memory");
        let Some(accepted) = outcome.accepted() else { panic!("{:?}", outcome.refusal()) };
        let failure = accepted.commands.iter().find_map(|command| command.failure.as_ref());
        assert!(failure.is_none(), "{failure:?}");
    };
    let (mut client, mut next) = (device(), 0);
    Box::new(move || {
        loop {
            if next == messages.len() {
                aside(|| (client, next) = (device(), 0));
            }
            let message = &messages[next];
            next += 1;
            if is_measured(next - 1) {
                return take(&mut client, message);
            }
            aside(|| take(&mut client, message));
        }
    })
}

fn rules() -> Rules {
    settings().rules
}

fn sealed(body: &str, counter: u32, strings: Strings) -> Vec<u8> {
    let text = format!(
        "<SyncML xmlns=\"SYNCML:SYNCML1.2\"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.3</VerProto>\
         <SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>{DEVICE}</LocURI></Target>\
         <Source><LocURI>{SERVER}</LocURI></Source><Meta><EMI xmlns=\"syncml:metinf\">c={counter:07}\
         </EMI></Meta></SyncHdr><SyncBody>{body}<Final/></SyncBody></SyncML>"
    );
    let sealed = dm_seal::seal(parse(&text), KEY_NAME, &Unchecked, &Unchecked).expect("sealing");
    let encoder = wbxml::encoder(&sealed).version(Version::V1_2).strings(strings);
    encoder.encode(&sealed, MetaRule::default()).expect("encoding")
}

/// Thirty Replace commands in one Atomic, each of another leaf, each to another value.
///
/// Their text stands in place, as most clients write it.
pub fn replace_30() -> Work {
    replace(Strings::Inline)
}

/// The same messages in the fewest octets: what several texts begin with stands in a table.
pub fn replace_30_table() -> Work {
    replace(Strings::Fewest)
}

/// The canonical form of one of these messages, into that sum: what of the work is the digest's.
pub fn canonical_30() -> Work {
    let (octets, limits) = (replace_message(1, Strings::Inline).leak(), Limits::default());
    let source = &*Box::leak(Box::new(wbxml::open(octets, &limits).expect("a head")));
    let document = &*Box::leak(Box::new(wbxml::decode(source, &limits).expect("a body")));
    let signature = document.root().walk().find(|element| element.local() == "Signature");
    let signature = signature.expect("a sealed message");
    Box::new(move || {
        let mut sum = Sum::default();
        let mut writer = canonical::Writer::new(&mut sum);
        let Ok(()) = document.write_without(signature, &mut writer);
        writer.finish();
        black_box(sum.finish());
    })
}

fn replace(strings: Strings) -> Work {
    let messages = (1..=512).map(|counter| replace_message(counter, strings));
    round(messages.collect(), with_leaves(3, 10), |_| true)
}

fn replace_message(counter: u32, strings: Strings) -> Vec<u8> {
    let mut body = String::from("<Atomic><CmdID>1</CmdID>");
    for leaf in 0..30 {
        let _ = write!(
            body,
            "<Replace><CmdID>{}</CmdID><Item><Target><LocURI>./Vendor/Group{}/Leaf{leaf}</LocURI>\
             </Target><Data>value {counter} of {leaf}</Data></Item></Replace>",
            leaf + 2,
            leaf / 10,
        );
    }
    sealed(&(body + "</Atomic>"), counter, strings)
}

/// One Add of an object of a thousand nodes. The message that deletes it is aside.
pub fn add_1000() -> Work {
    add_and_delete(|at| at.is_multiple_of(2))
}

/// The Delete of those thousand nodes. The Add is aside.
pub fn delete_1000() -> Work {
    add_and_delete(|at| !at.is_multiple_of(2))
}

/// Both, one after the other.
pub fn add_delete_1000() -> Work {
    add_and_delete(|_| true)
}

/// An Add of an object of a thousand nodes; the next message deletes it.
fn add_and_delete(is_measured: fn(usize) -> bool) -> Work {
    let text = mgram_bench::generator::tree(1000).replace("./Inbox/Vendor", "./NAP");
    let text = text.replace("Get=*</ACL>", &format!("Delete={SERVER}&amp;Get=*</ACL>"));
    let (_, add) = text.split_once("<Item>").expect("an Add");
    let (_, item) = add.split_once("</Target>").expect("an Add");
    let (item, _) = item.split_once("</Item>").expect("an Add");
    let messages = (1..=128).map(|counter| {
        let (verb, target, item) = match counter % 2 {
            1 => ("Add", "./Vendor", item),
            _ => ("Delete", "./Vendor/Vendor", ""),
        };
        let target = format!("<Target><LocURI>{target}</LocURI></Target>");
        let body = format!("<{verb}><CmdID>1</CmdID><Item>{target}{item}</Item></{verb}>");
        sealed(&body, counter, Strings::Fewest)
    });
    round(messages.collect(), with_leaves(1, 1), is_measured)
}

/// The tree of the device, and groups of leaves that the server may replace.
fn with_leaves(groups: usize, leaves: usize) -> Tree {
    let mut tree = tree(&ES256);
    let rules = Rules::default();
    let mut transaction = Transaction::local(&mut tree, &rules);
    let all = [AclCommand::Add, AclCommand::Delete, AclCommand::Replace];
    let acl = Acl::granting(SERVER, &all).expect("an id");
    transaction
        .replace_property(&uri("./Vendor"), dm_tree::Property::Acl, &acl.to_string())
        .expect("the list");
    for group in 0..groups {
        transaction.add(uri(&format!("./Vendor/Group{group}")), Node::interior("")).expect("new");
        for leaf in leaves * group..leaves * (group + 1) {
            let at = uri(&format!("./Vendor/Group{group}/Leaf{leaf}"));
            transaction.add(at, Node::text("before")).expect("new");
        }
    }
    let _ = transaction.commit(None);
    tree
}

/// Look-up of a node and the decision about one right on it, in a tree of this many nodes; all of
/// its leaves in turn, each far from the one before.
pub fn decide(nodes: usize) -> Work {
    decide_among(nodes, nodes)
}

/// The same, of a thousand leaves that are spread over the tree: what the processor's caches hold.
pub fn decide_some(nodes: usize) -> Work {
    decide_among(nodes, 1_000)
}

fn decide_among(nodes: usize, asked: usize) -> Work {
    let mut uris = Vec::with_capacity(nodes);
    let acl = Acl::granting(SERVER, &[AclCommand::Replace]).expect("an id");
    let mut all = vec![(uri("./V"), Node::interior("").with_acl(acl))];
    for number in 0..nodes / 10 {
        let group = format!("./V/Group{number}");
        all.push((uri(&group), Node::interior("")));
        uris.extend((0..9).map(|leaf| uri(&format!("{group}/Leaf{leaf}"))));
    }
    all.extend(uris.iter().map(|at| (at.clone(), Node::text("x"))));
    let tree = Tree::from_nodes(all).expect("a tree");
    let step = (uris.len() / asked).max(1);
    let uris: Vec<Uri> = uris.into_iter().step_by(step).take(asked).collect();
    let mut next = 0_usize;
    Box::new(move || {
        next = (next + 7_919) % uris.len();
        let at = &uris[next];
        assert!(tree.contains(at) && black_box(tree.allows(SERVER, AclCommand::Replace, at)));
    })
}

fn uri(text: &str) -> Uri {
    Uri::parse(text).expect("a URI")
}
