//! `Rules`: what the maker of the device fixes, whatever servers may do. [TND 1.2 §9.3]

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::ops::Bound;

use crate::{AclCommand, Descriptions, ObjectPolicy, Tree, Uri};

/// What the maker fixes. The root is permanent, and `./Inbox` takes `Add` only
/// [STD 1.2 §7.1.3.4], whether they are named here or not.
///
/// ```
/// use dm_tree::{AccessType, AclCommand, Rules, Uri};
/// let mut rules = Rules::default();
/// let dev_info = Uri::parse("./DevInfo")?;
/// rules.access.insert(dev_info.clone(), AccessType::from_iter([AclCommand::Get]));
/// let man = dev_info.join("Man")?;
/// assert!(rules.permits(AclCommand::Get, &man) && !rules.permits(AclCommand::Replace, &man));
/// # Ok::<(), dm_tree::UriError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Nodes that a server can neither delete nor rename, nor give another format or type.
    pub permanent: BTreeSet<Uri>,
    /// AccessType by node, for it and what is below it until the next one; none: everything.
    pub access: BTreeMap<Uri, AccessType>,
    /// Nodes that do something on `Exec`.
    pub exec: BTreeSet<Uri>,
    /// Where delivered objects go: name of the management object, without its version, and the
    /// parent under which its instances stand.
    pub inbox: BTreeMap<String, Uri>,
    /// The identifiers of the supported management objects, with versions.
    pub supported: BTreeSet<String>,
    /// The `Ext` sub-trees that the device can handle. [Sessionless §5.5]
    pub ext_known: BTreeSet<Uri>,
    /// Whether messages create accounts. [profile §4.5]
    pub account_creation: bool,
    /// Whether messages change and delete accounts. [profile §4.5]
    pub account_change: bool,
    /// Names of the leaves that hold references to connectivity objects.
    pub reference_leaves: Vec<String>,
    /// How much the tree holds.
    pub limits: Limits,
    /// What of an object the device may leave out or change.
    pub policy: ObjectPolicy,
    /// The device's descriptions. Where `access` speaks, it comes first.
    pub descriptions: Descriptions,
}

impl Rules {
    /// Whether `access` lets the node take this command; descriptions are not asked.
    #[must_use]
    pub fn permits(&self, command: AclCommand, uri: &Uri) -> bool {
        self.configured(command, uri).unwrap_or(true)
    }

    /// Whether the node takes this command, by `access` and, where that says nothing, by its
    /// description. What is said nothing of takes everything.
    #[must_use]
    pub fn takes(&self, command: AclCommand, uri: &Uri, tree: &Tree) -> bool {
        self.configured(command, uri).unwrap_or_else(|| self.described_takes(command, uri, tree))
    }

    fn described_takes(&self, command: AclCommand, uri: &Uri, tree: &Tree) -> bool {
        self.descriptions.get(uri, tree).is_none_or(|described| described.permits(command))
    }

    /// Whether a node of this type can be added there: by `access` of the parent, else by its own
    /// description, else by that of the parent. [TND 1.2 §9.3.1]
    #[must_use]
    pub fn takes_new(&self, parent: &Uri, uri: &Uri, r#type: &str, tree: &Tree) -> bool {
        self.configured(AclCommand::Add, parent).unwrap_or_else(|| {
            match self.descriptions.of_new(uri, r#type, tree) {
                Some(described) => described.permits(AclCommand::Add),
                None => self.described_takes(AclCommand::Add, parent, tree),
            }
        })
    }

    /// What `access` says, and the nature of the Inbox.
    fn configured(&self, command: AclCommand, uri: &Uri) -> Option<bool> {
        if uri.is_in_inbox() {
            return Some(command == AclCommand::Add);
        }
        Some(nearest(&self.access, uri.as_str())?.permits(command))
    }

    /// Whether the description of the node says that it keeps its place.
    pub(crate) fn is_described_permanent(&self, uri: &Uri, tree: &Tree) -> bool {
        self.descriptions.get(uri, tree).is_some_and(|described| described.is_permanent)
    }

    /// Whether the node goes when `above` goes, although it is permanent: one of the nodes from
    /// there down to it is dynamic by its description.
    fn goes_with(&self, above: &Uri, uri: &Uri, tree: &Tree) -> bool {
        let mut at = uri.parent();
        while let Some(parent) = at.take_if(|at| at == above || at.is_below(above)) {
            if self.descriptions.get(&parent, tree).is_some_and(|it| !it.is_permanent) {
                return true;
            }
            at = parent.parent();
        }
        false
    }

    /// Whether a node below `above` stays where it is, and so `above` has to stay.
    pub(crate) fn stays_below(&self, above: &Uri, uri: &Uri, tree: &Tree) -> bool {
        self.permanent.contains(uri)
            || (self.is_described_permanent(uri, tree) && !self.goes_with(above, uri, tree))
    }

    /// Whether the node keeps its place, format and type.
    #[must_use]
    pub fn is_permanent(&self, uri: &Uri) -> bool {
        uri.is_root() || self.permanent.contains(uri)
    }

    /// Whether something below the node keeps its place.
    pub(crate) fn is_permanent_below(&self, uri: &Uri) -> bool {
        self.permanent.range::<str, _>(uri.below().bounds()).next().is_some()
    }

    /// Whether a rule speaks of the node or of one below it, and would miss it when it moved.
    pub(crate) fn is_fixed(&self, uri: &Uri) -> bool {
        let below = uri.below();
        let set = |uris: &BTreeSet<Uri>| {
            uris.contains(uri) || uris.range::<str, _>(below.bounds()).next().is_some()
        };
        set(&self.permanent)
            || set(&self.exec)
            || self.access.contains_key(uri)
            || self.access.range::<str, _>(below.bounds()).next().is_some()
    }

    /// Whether the node is inside an `Ext` sub-tree that the device cannot handle.
    #[must_use]
    pub fn is_unknown_ext(&self, uri: &Uri) -> bool {
        uri.has_capital_e()
            && uri.as_str().contains("/Ext/")
            && !uri.ancestors().any(|at| self.ext_known.contains(at))
    }
}

/// What is said of the node, or of the nearest above it.
///
/// Keys are looked for downwards in their order; one that is not above the node shows how far up
/// the next can be that is. Of a few, each is looked at.
fn nearest<'m, V>(said: &'m BTreeMap<Uri, V>, uri: &str) -> Option<&'m V> {
    if said.len() <= FEW {
        return said.iter().rev().find(|(key, _)| is_at_or_below(uri, key.as_str())).map(|it| it.1);
    }
    let mut at = uri;
    loop {
        let until = (Bound::Unbounded, Bound::Included(at));
        let (key, value) = said.range::<str, _>(until).next_back()?;
        let key = key.as_str();
        if is_at_or_below(at, key) {
            return Some(value);
        }
        let same = at.bytes().zip(key.bytes()).take_while(|(one, other)| one == other).count();
        let end = if at.as_bytes().get(same) == Some(&b'/') {
            same
        } else {
            at.as_bytes()[..same].iter().rposition(|octet| *octet == b'/')?
        };
        at = &at[..end];
    }
}

/// How many rules are looked at one by one.
const FEW: usize = 4;

/// Whether a node is this one, or below it.
#[inline]
fn is_at_or_below(node: &str, uri: &str) -> bool {
    // Most rules are told apart by what stands where they end.
    let behind = node.as_bytes().get(uri.len());
    (behind == Some(&b'/') || node.len() == uri.len()) && node.starts_with(uri)
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            permanent: BTreeSet::from([Uri::root()]),
            access: BTreeMap::new(),
            exec: BTreeSet::new(),
            inbox: BTreeMap::new(),
            supported: BTreeSet::new(),
            ext_known: BTreeSet::new(),
            account_creation: false,
            account_change: false,
            reference_leaves: vec!["PrefConRef".to_owned(), "ConRef".to_owned()],
            limits: Limits::default(),
            policy: ObjectPolicy::default(),
            descriptions: Descriptions::default(),
        }
    }
}

/// The commands that a node takes, whoever sends them. [TND 1.2 §9.3.1]
///
/// There is no entry for `Copy`: it reads its source (`Get`) and writes its target (`Replace`
/// or `Add`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccessType {
    commands: u8,
}

impl AccessType {
    /// Every command.
    pub const ALL: AccessType = AccessType { commands: 0b1_1111 };

    /// Whether the node takes this command.
    #[must_use]
    pub fn permits(self, command: AclCommand) -> bool {
        self.commands & (1 << command as u8) != 0
    }
}

impl FromIterator<AclCommand> for AccessType {
    fn from_iter<T: IntoIterator<Item = AclCommand>>(commands: T) -> Self {
        let bits = commands.into_iter().map(|command| 1 << command as u8);
        Self { commands: bits.fold(0, |all, bit| all | bit) }
    }
}

/// How much the tree holds. Small devices lower these numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Nodes of the tree, the root among them. Beyond: 420.
    pub nodes: usize,
    /// Octets of all nodes with their URIs, 64 more for each. Beyond: 420. One message may touch,
    /// and so have undone, twice as many.
    pub octets: usize,
    /// Nodes directly below one node. Beyond: 420.
    pub children: usize,
    /// Segments of a URI, `MaxDepth` of DevDetail. Beyond: 414.
    pub depth: usize,
    /// Octets of a value or of the text of an ACL. Beyond: 413. (A title has 255 at most.)
    pub octets_of_a_value: usize,
    /// Characters of a URI, `MaxTotLen` of DevDetail. Beyond: 414.
    pub uri_characters: usize,
    /// Characters of a segment, `MaxSegLen` of DevDetail. Beyond: 414.
    pub segment_characters: usize,
}

impl Limits {
    /// Whether the tree can hold a node there.
    pub(crate) fn fit_uri(&self, uri: &Uri) -> bool {
        let octets = uri.as_str().len();
        if octets <= self.uri_characters.min(self.segment_characters) && octets / 2 <= self.depth {
            return true; // whatever it is made of: a segment has two octets at least
        }
        let (mut all, mut depth, mut name, mut longest) = (1, 0, 0, 0);
        for octet in uri.as_str().bytes().skip(1) {
            let begins = octet & 0b1100_0000 != 0b1000_0000; // a character
            all += usize::from(begins);
            if octet == b'/' {
                (depth, name) = (depth + 1, 0);
            } else {
                name += usize::from(begins);
                longest = name.max(longest);
            }
        }
        all <= self.uri_characters && depth <= self.depth && longest <= self.segment_characters
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            nodes: 100_000,
            octets: 32 << 20,
            children: 100_000,
            depth: 64,
            octets_of_a_value: 1 << 20,
            uri_characters: 4096,
            segment_characters: 255,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uri(text: &str) -> Uri {
        Uri::parse(text).unwrap()
    }

    #[test]
    fn access_types_are_inherited_until_the_next() {
        let mut rules = Rules::default();
        rules.access.insert(uri("./A"), AccessType::from_iter([AclCommand::Get]));
        rules.access.insert(uri("./A/B/C"), AccessType::ALL);
        for (at, replace) in [
            (".", true),
            ("./A", false),
            ("./A/B", false),
            ("./A/B/C", true),
            ("./A/B/C/D", true),
            ("./AB", true),
        ] {
            assert_eq!(rules.permits(AclCommand::Replace, &uri(at)), replace, "{at}");
        }
        assert!(!AccessType::default().permits(AclCommand::Add));
    }

    #[test]
    fn the_nearest_rule_counts_whatever_sorts_between() {
        let mut said = BTreeMap::new();
        let keys = ["./A", "./A/B", "./A/B!", "./A/B!/C", "./A/B-", "./A/B/C-D", "./é", "./éa/b"];
        for (value, at) in keys.into_iter().enumerate() {
            said.insert(uri(at), value);
        }
        let more = ["./A/B/C", "./A/B/C-D/E", "./A/B-/X", "./A/B/C/D", "./AB", ".", "./é/a", "./è"];
        for at in keys.into_iter().chain(more).chain(["./éa", "./A/B!/B/C", "./A/A/A", "./ê/b"]) {
            let plain = |said: &BTreeMap<Uri, usize>| {
                uri(at).ancestors().find_map(|at| said.get(at)).copied()
            };
            assert_eq!(nearest(&said, at).copied(), plain(&said), "{at}");
            for few in 0..keys.len() {
                let few = said.clone().into_iter().filter(|(_, value)| value.abs_diff(few) < 2);
                let few: BTreeMap<_, _> = few.collect();
                assert_eq!(nearest(&few, at).copied(), plain(&few), "{at} in {few:?}");
            }
        }
    }

    #[test]
    fn the_inbox_takes_add_only() {
        let mut rules = Rules::default();
        rules.access.insert(Uri::inbox(), AccessType::ALL);
        for command in AclCommand::ALL {
            let add = command == AclCommand::Add;
            assert_eq!(rules.permits(command, &Uri::inbox()), add);
            assert_eq!(rules.permits(command, &uri("./Inbox/A")), add);
        }
        assert!(rules.permits(AclCommand::Get, &uri("./Inbox2")));
    }

    #[test]
    fn the_root_is_permanent_by_nature() {
        let rules = Rules { permanent: BTreeSet::new(), ..Rules::default() };
        assert!(rules.is_permanent(&Uri::root()));
    }

    #[test]
    fn extensions_are_known_with_what_is_below_them() {
        let mut rules = Rules::default();
        rules.ext_known.insert(uri("./A/Ext/Known"));
        for (at, unknown) in [
            ("./A/Ext", false),
            ("./A/Ext/Known", false),
            ("./A/Ext/Known/X", false),
            ("./A/Ext/Knownx", true),
            ("./A/Ext/Acme/X", true),
            ("./Ext/Acme", true),
            ("./A/Extra/X", false),
        ] {
            assert_eq!(rules.is_unknown_ext(&uri(at)), unknown, "{at}");
        }
    }

    #[test]
    fn uris_are_measured_in_characters_and_segments() {
        let limits =
            Limits { depth: 2, segment_characters: 4, uri_characters: 9, ..Limits::default() };
        for fits in ["./ab/cdef", "./éé/éééé", "./\u{1F600}", "."] {
            assert!(limits.fit_uri(&uri(fits)), "{fits}");
        }
        for long in ["./a/b/c", "./abcde", "./ééééé", "./abc/defg", "./ééé/éééé"] {
            assert!(!limits.fit_uri(&uri(long)), "{long}");
        }
    }
}
