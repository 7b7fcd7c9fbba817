//! `Rules`: what the maker of the device fixes, whatever servers may do. [TND 1.2 §9.3]

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::descriptions::Spellings;
use crate::{AclCommand, Descriptions, ObjectPolicy, Tree, Uri};

mod said;

/// What the maker fixes. The root is permanent, and `./Inbox` takes `Add` only
/// [STD 1.2 §7.1.3.4], whether they are named here or not.
///
/// URIs name nodes as they are written, and in any case where a description says that case does not
/// count: as long as no node is spelled as it is written.
///
/// ```
/// use dm_tree::{AccessType, AclCommand, Rules, Tree, Uri};
/// let mut rules = Rules::default();
/// let dev_info = Uri::parse("./DevInfo")?;
/// rules.access.insert(dev_info.clone(), AccessType::from_iter([AclCommand::Get]));
/// let man = dev_info.join("Man")?;
/// let tree = Tree::new();
/// assert!(rules.permits(AclCommand::Get, &man, &tree));
/// assert!(!rules.permits(AclCommand::Replace, &man, &tree));
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
    /// Whether `access` lets the node take this command. Descriptions are asked only where the case
    /// of names does not count.
    #[must_use]
    pub fn permits(&self, command: AclCommand, uri: &Uri, tree: &Tree) -> bool {
        self.configured(command, uri, tree).unwrap_or(true)
    }

    /// Whether the node takes this command, by `access` and, where that says nothing, by its
    /// description. What is said nothing of takes everything.
    #[must_use]
    pub fn takes(&self, command: AclCommand, uri: &Uri, tree: &Tree) -> bool {
        let described = || self.described_takes(command, uri, tree);
        self.configured(command, uri, tree).unwrap_or_else(described)
    }

    fn described_takes(&self, command: AclCommand, uri: &Uri, tree: &Tree) -> bool {
        self.descriptions.get(uri, tree).is_none_or(|described| described.permits(command))
    }

    /// Whether a node of this type can be added there: by `access` of the parent, else by its own
    /// description, else by that of the parent. [TND 1.2 §9.3.1]
    #[must_use]
    pub fn takes_new(&self, parent: &Uri, uri: &Uri, r#type: &str, tree: &Tree) -> bool {
        self.configured(AclCommand::Add, parent, tree).unwrap_or_else(|| {
            match self.descriptions.of_new(uri, r#type, tree) {
                Some(described) => described.permits(AclCommand::Add),
                None => self.described_takes(AclCommand::Add, parent, tree),
            }
        })
    }

    /// What `access` says, and the nature of the Inbox.
    fn configured(&self, command: AclCommand, uri: &Uri, tree: &Tree) -> Option<bool> {
        if uri.is_in_inbox() {
            return Some(command == AclCommand::Add);
        }
        self.nearest_access(command, uri, tree)
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
        self.is_one(&self.permanent, uri, tree)
            || (self.is_described_permanent(uri, tree) && !self.goes_with(above, uri, tree))
    }

    /// Whether the node keeps its place, format and type.
    #[must_use]
    pub fn is_permanent(&self, uri: &Uri, tree: &Tree) -> bool {
        uri.is_root() || self.is_one(&self.permanent, uri, tree)
    }

    /// Whether something below the node keeps its place.
    pub(crate) fn is_permanent_below(&self, uri: &Uri, tree: &Tree) -> bool {
        self.has_below(&self.permanent, uri, tree)
    }

    /// Whether the node does something on `Exec`.
    #[must_use]
    pub fn executes(&self, uri: &Uri, tree: &Tree) -> bool {
        self.is_one(&self.exec, uri, tree)
    }

    /// Whether a rule speaks of the node or of one below it, and would miss it when it moved.
    pub(crate) fn is_fixed(&self, uri: &Uri, tree: &Tree) -> bool {
        let set = |all| self.is_one(all, uri, tree) || self.has_below(all, uri, tree);
        let access = &self.access;
        set(&self.permanent)
            || set(&self.exec)
            || access.contains_key(uri)
            || access.range::<str, _>(uri.below().bounds()).next().is_some()
            || self.any_in_any_case(access.keys(), uri, tree, Ordering::is_ge)
    }

    /// The URI as the tree or a description spells it, where the case of names does not count.
    #[must_use]
    pub fn spelled(&self, uri: &Uri, tree: &Tree) -> Uri {
        let other = self.descriptions.respelled(uri, tree, &mut Spellings::default());
        other.unwrap_or_else(|| uri.clone())
    }

    /// Whether the node is inside an `Ext` sub-tree that the device cannot handle.
    #[must_use]
    pub fn is_unknown_ext(&self, uri: &Uri, tree: &Tree) -> bool {
        let is_inside = match self.descriptions.folds() {
            false => uri.has_capital_e() && uri.as_str().contains("/Ext/"),
            true => self.is_below_named("Ext", uri, tree),
        };
        is_inside && !self.is_in_one(&self.ext_known, uri, tree)
    }
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
            assert_eq!(rules.permits(AclCommand::Replace, &uri(at), &Tree::new()), replace, "{at}");
        }
        assert!(!AccessType::default().permits(AclCommand::Add));
    }

    #[test]
    fn the_inbox_takes_add_only() {
        let tree = Tree::new();
        let mut rules = Rules::default();
        rules.access.insert(Uri::inbox(), AccessType::ALL);
        for command in AclCommand::ALL {
            let add = command == AclCommand::Add;
            assert_eq!(rules.permits(command, &Uri::inbox(), &tree), add);
            assert_eq!(rules.permits(command, &uri("./Inbox/A"), &tree), add);
        }
        assert!(rules.permits(AclCommand::Get, &uri("./Inbox2"), &tree));
    }

    #[test]
    fn the_root_is_permanent_by_nature() {
        let rules = Rules { permanent: BTreeSet::new(), ..Rules::default() };
        assert!(rules.is_permanent(&Uri::root(), &Tree::new()));
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
            assert_eq!(rules.is_unknown_ext(&uri(at), &Tree::new()), unknown, "{at}");
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
