//! §6, encryption: what a device decrypts, and what it does with it.

use conformance::encryption::{own_key, own_rsa_key};
use conformance::{DEVICE_ID, Device, Encryptor, GROUP, Message, alpha, command, seal_text};
use conformance::{encode, forge};
use dm_client::{Refusal, Stage};
use dm_seal::encryption::{ContentMethod, Kind};
use dm_wbxml::Version;

use conformance::encryption::with_data;

/// Each key and strength.
fn all() -> impl Iterator<Item = Encryptor> {
    let keys = [own_key(), own_rsa_key()].into_iter();
    let usual = Encryptor::of(alpha());
    keys.flat_map(move |key| {
        ContentMethod::ALL.into_iter().map(move |method| Encryptor { key, method, ..usual })
    })
}

fn mode_after(octets: &[u8]) -> String {
    let mut device = Device::new().with_keys();
    assert!(device.statuses(octets).iter().all(|status| *status == 200));
    device.text("./Vendor/Mode").expect("text")
}

#[test]
fn an_encrypted_value_is_that_of_its_plaintext() {
    for encryptor in all() {
        let message = with_data(&encryptor.data("geheim &lt;&amp;&gt; €"));
        assert_eq!(mode_after(&message.seal()), "geheim <&> €");
    }
    assert_eq!(mode_after(&with_data(&Encryptor::of(alpha()).data("")).seal()), "");
}

#[test]
fn an_encrypted_body_is_carried_out() {
    for encryptor in all() {
        let plain = with_data("<Data>fast</Data>").text();
        let start = plain.find("<SyncBody>").expect("a body");
        let end = plain.find("</SyncML>").expect("an end");
        let body = plain[start..end].replacen('>', " xmlns=\"SYNCML:SYNCML1.2\">", 1);
        let text = forge::swapped(
            &plain,
            &plain[start..end],
            &encryptor.encrypted(Kind::Element, body.as_bytes()),
        );
        let octets = encode(&seal_text(&text, alpha()), Version::default());
        assert_eq!(mode_after(&octets), "fast");
    }
}

#[test]
fn a_message_encrypted_as_a_whole_is_the_message_inside() {
    for encryptor in all() {
        let octets = with_data("<Data>fast</Data>").seal();
        assert_eq!(mode_after(&encryptor.whole(&octets)), "fast");
        let with_part = with_data(&encryptor.data("faster")).seal();
        assert_eq!(mode_after(&encryptor.whole(&with_part)), "faster");
    }
}

#[test]
fn an_object_may_be_encrypted_as_text_and_as_elements() {
    let object = "<MgmtTree xmlns=\"syncml:dmddf1.2\"><VerDTD>1.2</VerDTD><Node>\
                  <NodeName/><RTProperties><Format><node/></Format></RTProperties>\
                  <Node><NodeName>Secret</NodeName><RTProperties><Format><chr/></Format>\
                  <Type><MIME>text/plain</MIME></Type></RTProperties><Value>s</Value></Node>\
                  </Node></MgmtTree>";
    for plaintext in [object.to_owned(), command::escaped(object)] {
        let meta = command::meta("xml", "application/vnd.syncml.dmtnds+xml");
        let data = Encryptor::of(alpha()).data(&plaintext);
        let item = command::item("./Vendor/New", &format!("{meta}{data}"));
        let message = Message::new(alpha()).with(command::one("Add", "1", &item));
        let mut device = Device::new().with_keys();
        let accepted = device.accept(&message.seal());
        assert!(accepted.commands[0].failure.is_none(), "{:?}", accepted.commands);
        assert_eq!(device.text("./Vendor/New/Secret").as_deref(), Some("s"));
    }
}

#[test]
fn for_a_group_it_is_bound_to_the_group_or_to_the_device() {
    for device_id in [GROUP, DEVICE_ID] {
        let encryptor = Encryptor { device_id, ..Encryptor::of(alpha()) };
        let message = with_data(&encryptor.data("fast")).to(GROUP);
        assert_eq!(mode_after(&message.seal()), "fast");
        assert_eq!(mode_after(&encryptor.whole(&message.seal())), "fast");
    }
}

#[test]
fn the_replay_digest_is_that_of_the_message_whatever_envelope_it_has() {
    let (sealed, encryptor) = (with_data("<Data>fast</Data>").seal(), Encryptor::of(alpha()));
    let mut device = Device::new().with_keys();
    let first = device.accept(&encryptor.whole(&sealed)).digest;
    assert_eq!(device.refuse(&encryptor.whole(&sealed)), Refusal::Replayed);
    assert_eq!(device.refuse(&sealed), Refusal::Replayed);
    assert_eq!(Device::new().accept(&sealed).digest, first);
}

#[test]
fn the_same_plaintext_never_gives_the_same_ciphertext() {
    let encryptor = Encryptor::of(alpha());
    let value = |text: &str| text.rsplit("<CipherValue>").next().map(str::to_owned);
    let (one, other) = (encryptor.data("fast"), encryptor.data("fast"));
    assert_ne!(value(&one), value(&other));
    let key = |text: &str| forge::content(text, "PublicKey").to_owned();
    assert_ne!(key(&one), key(&other));
}

#[test]
fn without_a_key_whatever_is_encrypted_is_refused() {
    let encryptor = Encryptor::of(alpha());
    let part = with_data(&encryptor.data("fast")).seal();
    assert_eq!(Device::new().refuse(&part), Refusal::EncryptedPart);
    let whole = encryptor.whole(&with_data("<Data>fast</Data>").seal());
    let refusal = Device::new().refuse(&whole);
    assert_eq!((&refusal, refusal.stage()), (&Refusal::EncryptedMessage, Stage::DecryptWhole));
}
