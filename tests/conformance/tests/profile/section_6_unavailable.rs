//! §6, a device key in a token that does not work for a while: no message is spent meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use conformance::device::settings;
use conformance::encryption::{own_key, with_data};
use conformance::{Device, Encryptor, NOW, alpha};
use dm_client::{Client, ClientError, Effect, Refusal};
use dm_crypto::{AwsLc, DeviceKey};
use dm_seal::encryption::{CipherFailed, DeviceKeys, OaepMethod, Recipient, Secret, TransportKind};
use dm_tree::store::MemoryStore;

/// A key that cannot be used while somebody says so.
struct InToken {
    key: DeviceKey,
    is_out: Arc<AtomicBool>,
}

impl InToken {
    fn reached(&self) -> Result<&DeviceKey, CipherFailed> {
        match self.is_out.load(Ordering::Relaxed) {
            true => Err(CipherFailed::Unavailable("pulled out".into())),
            false => Ok(&self.key),
        }
    }
}

impl Recipient for InToken {
    fn name(&self) -> &str {
        self.key.name()
    }

    fn kind(&self) -> TransportKind {
        self.key.kind()
    }

    fn agree(&self, originator: &[u8]) -> Result<Secret, CipherFailed> {
        self.reached()?.agree(originator)
    }

    fn unwrap_oaep(
        &self,
        method: OaepMethod,
        label: &[u8],
        wrapped: &[u8],
    ) -> Result<Secret, CipherFailed> {
        self.reached()?.unwrap_oaep(method, label, wrapped)
    }
}

#[test]
fn a_token_that_is_out_spends_no_message() {
    let is_out = Arc::new(AtomicBool::new(true));
    let mut keys = DeviceKeys::new(AwsLc);
    keys.add(InToken { key: own_key().private(), is_out: is_out.clone() });
    let memory = MemoryStore::from(Device::new().tree());
    let Ok(client) = Client::open(memory.clone(), AwsLc, settings()) else { panic!("good") };
    let mut client = client.with_device_keys(keys);
    let encryptor = Encryptor::of(alpha());
    let part = with_data(&encryptor.data("fast")).seal();
    let whole = encryptor.whole(&part);
    for message in [&part, &whole] {
        let failed = client.receive(message, Some(NOW), Effect::Durable);
        assert!(
            matches!(&failed, Err(ClientError::DeviceKey(said)) if **said == *"pulled out"),
            "{failed:?}"
        );
        assert!(*client.store() == memory, "nothing was written");
    }

    is_out.store(false, Ordering::Relaxed);
    let outcome = client.receive(&part, Some(NOW), Effect::Durable).unwrap();
    assert!(outcome.accepted().is_some(), "not spent: it may come again");
    let outcome = client.receive(&whole, Some(NOW), Effect::Durable).unwrap();
    assert_eq!(outcome.refusal(), Some(&Refusal::Replayed));
}
