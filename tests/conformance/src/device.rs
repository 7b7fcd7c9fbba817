//! A device as bootstrap makes one, on a store in memory.

use dm_agent::config::TreePolicy;
use dm_agent::settings::rules;
use dm_client::{Accepted, Client, Effect, Entry, Outcome, Refusal, Settings, Stage};
use dm_crypto::AwsLc;
use dm_mo::{DevInfo, DmAcc};
use dm_tnds::{MgmtTree, Node};
use dm_tree::store::{MemoryStore, Store};
use dm_tree::{Rules, Transaction, Tree, Uri};

use crate::encryption::keys;
use crate::tnds::{nap, with_acl};
use crate::{Server, alpha, gamma};

/// `DevInfo/DevId`.
pub const DEVICE_ID: &str = "urn:imei:004999010640000";
/// A group that the device belongs to.
pub const GROUP: &str = "urn:group:meters";
/// The device's clock, in seconds since 1970.
pub const NOW: u64 = 1_800_000_000;

/// A device.
pub struct Device {
    client: Client<MemoryStore, AwsLc>,
    settings: Settings,
    decrypts: bool,
    /// Its clock, if it trusts it.
    pub clock: Option<u64>,
}

impl Device {
    /// A device with accounts of [`alpha`] and [`gamma`].
    #[must_use]
    pub fn new() -> Self {
        Self::with_accounts(&[("Alpha", alpha()), ("Gamma", gamma())])
    }

    /// A device with these accounts, by the names of their roots below `./DMAcc`.
    #[must_use]
    pub fn with_accounts(accounts: &[(&'static str, &Server)]) -> Self {
        let account = |(name, server): &(&'static str, &Server)| {
            DmAcc::object(name, server.id, &[server.pin()])
        };
        Self::with_objects(accounts.iter().map(account).collect())
    }

    /// A device with these objects beside the standard ones: accounts, say.
    #[must_use]
    pub fn with_objects(objects: Vec<Node<'static>>) -> Self {
        let mut tree = Tree::new();
        let rules = Rules::default();
        let mut transaction = Transaction::local(&mut tree, &rules);
        for nodes in [standard_nodes(), own_nodes(), objects] {
            let object = MgmtTree::new(nodes);
            transaction.add_object(&Uri::root(), &object).expect("bootstrap may add anything");
        }
        let _ = transaction.commit(None); // compared as a whole
        Self::of(&tree, settings())
    }

    /// A device that was never bootstrapped.
    #[must_use]
    pub fn blank() -> Self {
        Self::of(&Tree::new(), settings())
    }

    /// A device with this tree and these settings.
    #[must_use]
    pub fn of(tree: &Tree, settings: Settings) -> Self {
        Self::on(MemoryStore::from(tree), settings)
    }

    fn on(store: MemoryStore, settings: Settings) -> Self {
        let client = Client::open(store, AwsLc, settings.clone()).expect("a tree of ours");
        Self { client, settings, decrypts: false, clock: Some(NOW) }
    }

    /// The same device with [keys] to decrypt with.
    #[must_use]
    pub fn with_keys(self) -> Self {
        Self { client: self.client.with_device_keys(keys()), decrypts: true, ..self }
    }

    /// The same device with other settings.
    #[must_use]
    pub fn set(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = self.settings;
        change(&mut settings);
        let same = Self { clock: self.clock, ..Self::on(self.client.into_store(), settings) };
        if self.decrypts { same.with_keys() } else { same }
    }

    /// The same device after its power was cut.
    #[must_use]
    pub fn restarted(self) -> Self {
        self.set(|_| {})
    }

    /// Takes a message.
    pub fn receive(&mut self, octets: &[u8]) -> Outcome {
        self.client.receive(octets, self.clock, Effect::Durable).expect("memory does not fail")
    }

    /// Takes a message without any effect.
    pub fn try_out(&mut self, octets: &[u8]) -> Outcome {
        self.client.receive(octets, self.clock, Effect::DryRun).expect("memory does not fail")
    }

    /// Takes a message that must be let in.
    pub fn accept(&mut self, octets: &[u8]) -> Accepted {
        match self.receive(octets) {
            Outcome::Accepted(accepted) => *accepted,
            Outcome::Refused(refused) => {
                panic!("refused at {}: {}", refused.refusal.stage().as_str(), refused.refusal)
            }
        }
    }

    /// Takes a message that must be let in, and yields the status of each of its commands.
    pub fn statuses(&mut self, octets: &[u8]) -> Vec<u16> {
        self.accept(octets).commands.iter().map(|command| command.status.code()).collect()
    }

    /// Takes a message that must be refused. The tree must stay as it is, and before the stage
    /// `freshness` is passed, so must all that is remembered. The journal says what happened.
    pub fn refuse(&mut self, octets: &[u8]) -> Refusal {
        let (tree, kept, entries) = (self.tree().clone(), self.kept(), self.journal().len());
        let refusal = match self.receive(octets) {
            Outcome::Refused(refused) => refused.refusal,
            Outcome::Accepted(accepted) => panic!("let in: {:?}", accepted.commands),
        };
        assert_eq!(*self.tree(), tree, "a refused message changes nothing");
        let stored = Tree::from_nodes(self.client.store().nodes().expect("memory"));
        assert_eq!(stored.as_ref(), Ok(&tree), "nor what is stored");
        if refusal.stage() <= Stage::Freshness {
            assert_eq!(self.kept(), kept, "nor what is remembered, at this stage");
        } else {
            assert_ne!(self.kept(), kept, "behind `freshness` a message is spent");
        }
        let journal = self.journal();
        assert_eq!(journal.len(), entries + 1, "each message has its entry");
        assert_eq!(journal[entries].refusal.as_deref(), Some(refusal.name()));
        assert_eq!(journal[entries].stage.as_deref(), Some(refusal.stage().as_str()));
        refusal
    }

    /// The tree.
    #[must_use]
    pub fn tree(&self) -> &Tree {
        self.client.tree()
    }

    /// The text of a leaf.
    #[must_use]
    pub fn text(&self, uri: &str) -> Option<String> {
        Some(self.tree().get(&at(uri))?.as_text()?.to_owned())
    }

    /// Whether a node is there.
    #[must_use]
    pub fn has(&self, uri: &str) -> bool {
        self.tree().contains(&at(uri))
    }

    /// The ACL of a node as text, empty when it inherits.
    #[must_use]
    pub fn acl(&self, uri: &str) -> String {
        self.tree().get(&at(uri)).map(|node| node.acl.to_string()).unwrap_or_default()
    }

    /// The client itself: for what is not about messages.
    pub fn client(&mut self) -> &mut Client<MemoryStore, AwsLc> {
        &mut self.client
    }

    /// The journal.
    #[must_use]
    pub fn journal(&self) -> Vec<Entry> {
        let entries = self.client.store().journal().expect("memory does not fail");
        let entry = |octets: &Vec<u8>| {
            let entry = Entry::decode(octets).expect("written by the client");
            assert_eq!(&entry.encode(), octets, "an entry has one form, whoever writes it");
            entry
        };
        entries.iter().map(entry).collect()
    }

    /// What is remembered of each account.
    #[must_use]
    pub fn kept(&self) -> Vec<Option<Vec<u8>>> {
        let accounts = DmAcc::find_all(self.tree());
        let key = |account: &DmAcc| format!("freshness/{}", account.server_id);
        let record = |key: String| self.client.store().record(&key).expect("memory");
        accounts.iter().map(key).map(record).collect()
    }
}

impl Default for Device {
    fn default() -> Self {
        Self::new()
    }
}

/// The URI of this text.
#[must_use]
pub fn at(uri: &str) -> Uri {
    Uri::parse(uri).expect("a test names nodes that can be")
}

/// As `dm-agent` makes them from a configuration.
#[must_use]
pub fn settings() -> Settings {
    let mut policy = TreePolicy {
        permanent: vec!["./Vendor/Fixed".to_owned()],
        ext_known: vec!["./Vendor/Ext/Known".to_owned()],
        ..TreePolicy::default()
    };
    policy.access.insert("./Vendor/Constant".to_owned(), vec!["Get".to_owned()]);
    policy.supported.extend(
        ["urn:oma:mo:oma-connmo-nap:1.2", "urn:oma:mo:oma-connmo-nap:1.10"].map(str::to_owned),
    );
    let mut rules = rules(&policy).expect("a good policy");
    rules.exec.insert(at("./Vendor/Reboot")); // as if an effect followed it
    Settings {
        device_id: DEVICE_ID.to_owned(),
        groups: vec![GROUP.to_owned()],
        rules,
        ..Settings::default()
    }
}

/// What bootstrap makes on every device.
fn standard_nodes() -> Vec<Node<'static>> {
    let dev_info = DevInfo {
        dev_id: DEVICE_ID.to_owned(),
        man: "Maker".to_owned(),
        r#mod: "Model".to_owned(),
        dm_v: "1.3".to_owned(),
        lang: "en".to_owned(),
    };
    let inbox = Node::interior("Inbox", "urn:oma:mo:oma-dm-inbox:1.0");
    vec![
        dev_info.object(),
        with_acl(inbox, "Add=*"),
        with_acl(Node::interior("DMAcc", ""), "Get=*"),
    ]
}

/// What this device has besides: alpha manages it, gamma has one corner of it.
fn own_nodes() -> Vec<Node<'static>> {
    let alphas = "Add=dm.alpha.example&Delete=dm.alpha.example&Exec=dm.alpha.example&Get=*\
                  &Replace=dm.alpha.example";
    let gammas = "Add=gamma&Delete=gamma&Get=gamma&Replace=gamma";
    let vendor = Node::interior("Vendor", "")
        .with(Node::leaf("Speed", "1"))
        .with(Node::leaf("Mode", "slow"))
        .with(Node::leaf("Fixed", "for ever"))
        .with(Node::leaf("Constant", "299792458"))
        .with(Node::leaf("Reboot", ""))
        .with(with_acl(Node::leaf("Anyone", "0"), "Get=*&Replace=*"))
        .with(with_acl(Node::interior("Gamma", "").with(Node::leaf("Value", "gamma's")), gammas))
        .with(Node::interior("Ext", "").with(Node::interior("Known", "")));
    vec![
        with_acl(Node::interior("NAP", "").with(nap("Home", "old.example")), alphas),
        with_acl(Node::interior("Proxy", ""), alphas),
        with_acl(vendor, alphas),
    ]
}
