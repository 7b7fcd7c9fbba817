//! A provider and a key that count their work, and a device that has them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use conformance::device::settings;
use conformance::encryption::own_key;
use conformance::{Device, NOW};
use dm_client::{Client, Effect, Outcome, Settings};
use dm_crypto::{AwsLc, DeviceKey};
use dm_seal::encryption::{
    CipherFailed, ContentCipher, ContentMethod, DeviceKeys, KeyWrapMethod, OaepMethod, Recipient,
    Secret, TransportKind,
};
use dm_seal::{Digest, DigestMethod, Hasher, Provider, SignatureMethod, UnusableKey, VerifyingKey};
use dm_tree::Tree;
use dm_tree::store::MemoryStore;
use dm_xml::canonical::Output;

/// What a message has cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Work {
    /// Octets that were digested.
    pub digested: usize,
    /// Public keys that were made ready.
    pub keys: usize,
    /// Signatures that were checked.
    pub checked: usize,
    /// Operations with the device's private key.
    pub agreed: usize,
    /// Octets that were decrypted.
    pub decrypted: usize,
}

#[derive(Default)]
struct Tally {
    digested: AtomicUsize,
    keys: AtomicUsize,
    checked: AtomicUsize,
    agreed: AtomicUsize,
    decrypted: AtomicUsize,
}

/// A provider that counts.
#[derive(Clone, Default)]
pub struct Meter(Arc<Tally>);

impl Meter {
    fn work(&self) -> Work {
        let take = |count: &AtomicUsize| count.swap(0, Ordering::Relaxed);
        Work {
            digested: take(&self.0.digested),
            keys: take(&self.0.keys),
            checked: take(&self.0.checked),
            agreed: take(&self.0.agreed),
            decrypted: take(&self.0.decrypted),
        }
    }
}

fn count(counter: &AtomicUsize, more: usize) {
    counter.fetch_add(more, Ordering::Relaxed);
}

/// Counts beside what it does.
pub struct Metered<T>(T, Meter);

impl Provider for Meter {
    type Hasher = Metered<<AwsLc as Provider>::Hasher>;
    type Key = Metered<<AwsLc as Provider>::Key>;

    fn hasher(&self, method: DigestMethod) -> Self::Hasher {
        Metered(AwsLc.hasher(method), self.clone())
    }

    fn key(&self, spki: &[u8]) -> Result<Self::Key, UnusableKey> {
        count(&self.0.keys, 1);
        AwsLc.key(spki).map(|key| Metered(key, self.clone()))
    }
}

impl<H: Hasher> Output for Metered<H> {
    fn write(&mut self, octets: &[u8]) {
        count(&self.1.0.digested, octets.len());
        self.0.write(octets);
    }
}

impl<H: Hasher> Hasher for Metered<H> {
    fn finish(self) -> Digest {
        self.0.finish()
    }
}

impl<K: VerifyingKey> VerifyingKey for Metered<K> {
    fn verifies(&self, method: SignatureMethod, octets: &[u8], signature: &[u8]) -> bool {
        count(&self.1.0.checked, 1);
        self.0.verifies(method, octets, signature)
    }
}

impl Recipient for Metered<DeviceKey> {
    fn name(&self) -> &str {
        self.0.name()
    }

    fn kind(&self) -> TransportKind {
        self.0.kind()
    }

    fn agree(&self, originator: &[u8]) -> Result<Secret, CipherFailed> {
        count(&self.1.0.agreed, 1);
        self.0.agree(originator)
    }

    fn unwrap_oaep(
        &self,
        method: OaepMethod,
        label: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed> {
        count(&self.1.0.agreed, 1);
        self.0.unwrap_oaep(method, label, wrapped)
    }
}

impl ContentCipher for Meter {
    fn encrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &mut Vec<u8>,
    ) -> Result<(), CipherFailed> {
        AwsLc.encrypt(method, key, iv, text)
    }

    fn decrypt(
        &self,
        method: ContentMethod,
        key: &[u8],
        iv: [u8; 12],
        text: &[u8],
    ) -> Result<Secret, CipherFailed> {
        count(&self.0.decrypted, text.len());
        AwsLc.decrypt(method, key, iv, text)
    }

    fn wrap(&self, method: KeyWrapMethod, kek: &[u8], key: &[u8]) -> Result<Vec<u8>, CipherFailed> {
        AwsLc.wrap(method, kek, key)
    }

    fn unwrap(
        &self,
        method: KeyWrapMethod,
        kek: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed> {
        AwsLc.unwrap(method, kek, wrapped)
    }
}

/// A device whose work is counted.
pub struct MeteredDevice {
    client: Client<MemoryStore, Meter>,
    meter: Meter,
}

impl MeteredDevice {
    /// The usual device, with its key.
    pub fn new() -> Self {
        Self::of(Device::new().tree(), settings())
    }

    /// With this tree and these settings.
    pub fn of(tree: &Tree, settings: Settings) -> Self {
        let meter = Meter::default();
        let mut keys = DeviceKeys::new(meter.clone());
        keys.add(Metered(own_key().private(), meter.clone()));
        let client = Client::open(MemoryStore::from(tree), meter.clone(), settings);
        let client = client.expect("a tree of ours").with_device_keys(keys);
        meter.work(); // what the start has cost
        Self { client, meter }
    }

    /// Takes a message: what came of it, and what that has cost.
    pub fn receive(&mut self, octets: &[u8]) -> (Outcome, Work) {
        let outcome = self.client.receive(octets, Some(NOW), Effect::Durable);
        (outcome.expect("memory does not fail"), self.meter.work())
    }

    /// Takes a message that must be refused: the name of the refusal, and what that has cost.
    pub fn refuse(&mut self, octets: &[u8]) -> (&'static str, Work) {
        let (outcome, work) = self.receive(octets);
        (outcome.refusal().expect("it is let in").name(), work)
    }
}
