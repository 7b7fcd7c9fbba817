//! Ciphertext that is bound to nobody: whoever has it can send it as its own. [profile §6] It is read
//! only where the owner of the device says so, and then loudly.

use conformance::encryption::{own_key, own_rsa_key, part_refused, whole_refused, with_data};
use conformance::{DEVICE_ID, Device, Encryptor, Message, alpha, command, gamma};
use dm_client::Refusal;
use dm_seal::Accepts;
use dm_seal::danger::Unbound;
use dm_seal::encryption::EncryptionError::{self, OtherDevice, OtherServer};

/// Whoever encrypts without a word of whom for.
fn careless() -> Vec<Encryptor> {
    let of = |key, server_id, device_id| Encryptor {
        key,
        server_id,
        device_id,
        ..Encryptor::of(alpha())
    };
    vec![
        of(own_key(), "", ""),
        of(own_key(), "", DEVICE_ID),
        of(own_key(), alpha().id, ""),
        of(own_rsa_key(), "", DEVICE_ID),
    ]
}

/// The text without the label of RSA-OAEP, as encryption writes it that does not know of labels.
fn without_label(text: &str) -> String {
    let (before, rest) = text.split_once("<OAEPparams").expect("a label");
    let (_, behind) = rest.split_once("</OAEPparams>").expect("it ends");
    format!("{before}{behind}")
}

/// A device whose owner allows it.
fn trusting() -> Device {
    let accepts = Accepts::LISTED.with_unbound(Unbound::allowed_by_the_owner());
    Device::new().with_keys().set(|settings| settings.accepts = accepts)
}

#[test]
fn ciphertext_that_is_bound_to_nobody_is_refused_by_default() {
    for encryptor in careless() {
        let part = encryptor.data("fast");
        assert_eq!(part_refused(&with_data(&part)), EncryptionError::Unbound);
        let inner = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2")).seal();
        assert_eq!(whole_refused(&encryptor.whole(&inner)), EncryptionError::Unbound);
    }
    let oaep = Encryptor { key: own_rsa_key(), server_id: "", ..Encryptor::of(alpha()) };
    let part = without_label(&oaep.data("fast"));
    assert_eq!(part_refused(&with_data(&part)), EncryptionError::Unbound);
}

#[test]
fn where_it_is_allowed_it_is_read_and_every_entry_of_the_journal_warns() {
    for encryptor in careless() {
        let mut device = trusting();
        let accepted = device.accept(&with_data(&encryptor.data("fast")).seal());
        assert!(accepted.dangers.unbound && !accepted.dangers.sha1);
        assert_eq!(device.text("./Vendor/Mode").as_deref(), Some("fast"));
        let warned = |device: &Device, how: &str| {
            let entry = device.journal().pop().expect("an entry");
            assert!(entry.notes[0].starts_with(how), "{:?}", entry.notes);
        };
        warned(&device, "DANGER: encrypted, and bound to nobody");
        let plain =
            Message::new(alpha()).session(2).with(command::replace("1", "./Vendor/Speed", "3"));
        assert!(!device.accept(&plain.seal()).dangers.unbound);
        warned(
            &device,
            "DANGER: this device is configured to accept ciphertext that is bound to nobody",
        );
        let whole = encryptor.whole(&plain.session(3).seal());
        assert!(device.accept(&whole).dangers.unbound);
        warned(&device, "DANGER: encrypted, and bound to nobody");
    }
    let oaep = Encryptor { key: own_rsa_key(), server_id: "", ..Encryptor::of(alpha()) };
    let sealed = with_data(&without_label(&oaep.data("fast"))).seal();
    assert!(trusting().accept(&sealed).dangers.unbound);
}

#[test]
fn where_it_is_allowed_what_is_bound_to_another_is_refused_still() {
    let by_gamma = |data: &str| {
        let item = command::item("./Vendor/Gamma/Value", data);
        Message::new(gamma()).with(command::one("Replace", "1", &item)).seal()
    };
    for key in [own_key(), own_rsa_key()] {
        let of_alpha = Encryptor { key, ..Encryptor::of(alpha()) };
        let refusal = trusting().refuse(&by_gamma(&of_alpha.data("alpha's secret")));
        assert_eq!(refusal, Refusal::PartNotDecrypted(OtherServer));
    }
    let elsewhere = Encryptor { server_id: "", device_id: "urn:imei:2", ..Encryptor::of(alpha()) };
    let refusal = trusting().refuse(&by_gamma(&elsewhere.data("not ours")));
    assert_eq!(refusal, Refusal::PartNotDecrypted(OtherDevice));
    let inner = Message::new(alpha()).with(command::replace("1", "./Vendor/Speed", "2")).seal();
    let refusal = trusting().refuse(&elsewhere.whole(&inner));
    assert_eq!(refusal, Refusal::WholeNotDecrypted(OtherDevice));
}
