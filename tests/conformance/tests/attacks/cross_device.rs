//! Messages for another device, or for all of them. [profile §6, §8]

use conformance::encryption::{
    foreign_key, own_key, own_rsa_key, part_refused, whole_refused, with_data,
};
use conformance::{DEVICE_ID, Device, Encryptor, GROUP, Message, alpha, encode, forge, seal_text};
use dm_client::{Refusal, Stage};
use dm_seal::encryption::EncryptionError;
use dm_wbxml::Version;

use super::{SPEED, beaten, honest};

#[test]
fn the_message_of_one_device_is_refused_by_every_other() {
    let octets = honest().seal();
    Device::new().accept(&octets);
    for other in ["urn:imei:004999010640001", "", "urn:imei:00499901064000", "*"] {
        let mut device = Device::new().set(|settings| other.clone_into(&mut settings.device_id));
        let refusal = device.refuse(&octets);
        assert_eq!(
            (&refusal, refusal.clause()),
            (&Refusal::OtherTarget(DEVICE_ID.into()), "profile §8")
        );
        assert_eq!(device.text(SPEED).as_deref(), Some("1"));
    }
}

#[test]
fn no_target_means_everybody() {
    for target in ["*", ".", "./", "urn:imei:*", "urn:group:", "URN:IMEI:004999010640000", " "] {
        assert_eq!(beaten(&honest().to(target).seal()), Refusal::OtherTarget(target.into()));
    }
    let target = format!("<Target><LocURI>{DEVICE_ID}</LocURI></Target>");
    for others in [String::new(), target.repeat(2), target.replace(DEVICE_ID, "")] {
        let text = forge::swapped(&honest().text(), &target, &others);
        let refusal = beaten(&encode(&seal_text(&text, alpha()), Version::default()));
        assert_eq!(refusal.stage(), Stage::Header, "{others}: {refusal}");
    }
}

#[test]
fn a_group_is_one_that_the_device_belongs_to() {
    assert_eq!(
        beaten(&honest().to("urn:group:cars").seal()),
        Refusal::OtherTarget("urn:group:cars".into())
    );
    let mut outsider = Device::new().set(|settings| settings.groups.clear());
    let refusal = outsider.refuse(&honest().to(GROUP).seal());
    assert_eq!(refusal, Refusal::OtherTarget(GROUP.into()));
    Device::new().accept(&honest().to(GROUP).seal());
}

/// Target is signed: nobody on the way can turn a message to another device.
#[test]
fn a_target_cannot_be_changed_on_the_way() {
    let for_other = honest().to("urn:imei:2");
    let turned = forge::edited(&for_other, "urn:imei:2", DEVICE_ID);
    assert_eq!(beaten(&turned), Refusal::DigestMismatch);
}

#[test]
fn a_ciphertext_for_another_device_opens_on_none() {
    let usual = Encryptor::of(alpha());
    let foreign = Encryptor { key: foreign_key(), device_id: "urn:imei:2", ..usual };
    let sealed = Message::new(alpha()).seal();
    // As it is; and with its binding, or its key, that of this device.
    let bound = Encryptor { key: own_key(), ..foreign };
    let keyed = Encryptor { device_id: DEVICE_ID, ..foreign };
    for (encryptor, expected) in [
        (foreign, EncryptionError::OtherDevice),
        (bound, EncryptionError::OtherDevice),
        (keyed, EncryptionError::Recipient(foreign_key().name.into())),
    ] {
        assert_eq!(part_refused(&with_data(&encryptor.data("x"))), expected);
        assert_eq!(whole_refused(&encryptor.whole(&sealed)), expected);
    }
    // The binding rewritten, as anybody could: the key that is derived is another one.
    let data = bound.data("x");
    let hex: String = DEVICE_ID.bytes().map(|octet| format!("{octet:02X}")).collect();
    let data = conformance::encryption::with_attribute(&data, "PartyVInfo", &format!("00{hex}"));
    assert_eq!(part_refused(&with_data(&data)), EncryptionError::Failed);
}

/// RSA-OAEP has the ServerID as its label and no place for the device: what keeps a ciphertext from
/// other devices is the key alone. [profile §6]
#[test]
fn a_ciphertext_by_rsa_is_bound_to_the_key_and_the_server() {
    let usual = Encryptor { key: own_rsa_key(), ..Encryptor::of(alpha()) };
    for device_id in [DEVICE_ID, "urn:imei:2"] {
        let mut device = Device::new().with_keys();
        device.accept(&with_data(&Encryptor { device_id, ..usual }.data("x")).seal());
        assert_eq!(device.text("./Vendor/Mode").as_deref(), Some("x"), "{device_id}");
    }
    let other = Encryptor { server_id: "other", ..usual };
    assert_eq!(part_refused(&with_data(&other.data("x"))), EncryptionError::OtherServer);
    let renamed = usual.data("x").replace("device rsa", "device 3");
    let unknown = EncryptionError::Recipient("device 3".into());
    assert_eq!(part_refused(&with_data(&renamed)), unknown);
}
