//! What a device decrypts: the octets, and each stage of the gate that holds them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::device::settings;
use conformance::encryption::{keys, with_data};
use conformance::{Device, Encryptor, alpha};
use dm_client::gate::{self, Opener, Whole};
use dm_crypto::AwsLc;
use dm_seal::encryption::{Kind, Secret};

use crate::memory::Pattern;

/// A secret of its own for each test.
fn secret() -> Secret {
    let mut octets = [0; 24];
    aws_lc_rs::rand::fill(&mut octets).expect("a source of chance");
    Secret::new(STANDARD.encode(octets).into_bytes())
}

#[test]
fn the_octets_of_a_whole_message_are_overwritten() {
    let (settings, keys) = (settings(), keys());
    let opener = Opener { keys: Some(&keys), provider: &AwsLc, settings: &settings };
    let secret = secret();
    let pattern = Pattern::of(&secret);
    // The sealed message is what stands in the clear; here it is the secret alone.
    let octets = Encryptor::of(alpha()).whole(&secret);
    drop(secret);
    assert!(pattern.copies().is_none_or(|copies| copies == 0), "left by the encryption");
    let source = gate::receive(&octets, &settings).expect("WBXML");
    let whole = gate::decode(&source, &settings.limits).expect("WBXML").decrypt(&opener);
    let Ok(Whole::Opened(opened)) = whole else { panic!("it is encrypted") };
    assert!(pattern.copies().is_none_or(|copies| copies > 0), "the search finds nothing");
    assert!(opened.receive(&settings).is_err(), "it is no WBXML");
    drop(opened);
    assert!(pattern.copies().is_none_or(|copies| copies == 0), "left by the gate");
}

/// A part that is refused leaves nothing behind, wherever it is refused.
#[test]
fn the_octets_of_a_refused_part_are_overwritten() {
    for (before, behind) in
        [("", "</Data>"), ("", "<"), ("<?pi?>", ""), ("", "<SyncHdr></SyncHdr><x>")]
    {
        let secret = secret();
        let pattern = Pattern::of(&secret);
        let plaintext = [before.as_bytes(), &secret, behind.as_bytes()];
        let mut joined = Secret::new(Vec::with_capacity(200));
        plaintext.iter().for_each(|piece| joined.extend_from_slice(piece));
        let data = Encryptor::of(alpha()).encrypted(Kind::Content, &joined);
        assert!(pattern.copies().is_none_or(|copies| copies > 0), "the search finds nothing");
        drop((secret, joined));
        let octets = with_data(&format!("<Data>{data}</Data>")).seal();
        let mut device = Device::new().with_keys();
        assert_eq!(device.refuse(&octets).name(), "PartNotDecrypted");
        assert!(pattern.copies().is_none_or(|copies| copies == 0), "{before}...{behind}");
    }
}
