//! Ciphertext that somebody else signs as his own. [profile §6] It is of one server for one device,
//! and nobody else can send it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::encryption::{
    derived_from, own_key, own_rsa_key, part_refused, whole_refused, with_attribute, with_data,
    with_element,
};
use conformance::{
    DEVICE_ID, Device, Encryptor, GROUP, Message, alpha, command, encode, forge, gamma,
};
use dm_client::Refusal;
use dm_seal::encryption::EncryptionError::{
    AlgorithmId, Failed, OtherDevice, OtherServer, PartyInfo,
};
use dm_wbxml::Version;

const KW: &str = "http://www.w3.org/2001/04/xmlenc#kw-aes128";

/// A message of gamma, who has an account of its own, with this `Data`.
fn by_gamma(data: &str) -> Message {
    let item = command::item("./Vendor/Gamma/Value", data);
    Message::new(gamma()).with(command::one("Replace", "1", &item))
}

#[test]
fn a_server_cannot_send_what_another_encrypted() {
    for key in [own_key(), own_rsa_key()] {
        let of_alpha = Encryptor { key, ..Encryptor::of(alpha()) };
        assert_eq!(part_refused(&by_gamma(&of_alpha.data("alpha's secret"))), OtherServer);
        let own = Encryptor { key, ..Encryptor::of(gamma()) };
        let mut device = Device::new().with_keys();
        assert_eq!(device.statuses(&by_gamma(&own.data("own")).seal()), [200]);
    }
}

#[test]
fn a_whole_message_is_bound_to_the_server_inside() {
    for key in [own_key(), own_rsa_key()] {
        let of_alpha = Encryptor { key, ..Encryptor::of(alpha()) };
        let inner = by_gamma("<Data>1</Data>").seal();
        assert_eq!(whole_refused(&of_alpha.whole(&inner)), OtherServer);
    }
}

/// Alpha's ServerID is a suffix of what precedes it in the derivation when octets are shifted
/// from PartyUInfo into AlgorithmID: the derived key stays, the names change.
#[test]
fn octets_cannot_be_shifted_between_the_names() {
    let long = "xgamma"; // whose ciphertext gamma wants to send as its own
    let joined = [KW, long, DEVICE_ID].concat();
    let written = |algorithm_id: &str, party_u: &str, party_v: &str| {
        let written = [algorithm_id.as_bytes(), party_u.as_bytes(), party_v.as_bytes()];
        let text = derived_from(joined.as_bytes(), written, b"stolen");
        part_refused(&by_gamma(&format!("<Data>{text}</Data>")))
    };
    assert_eq!(written(&format!("{KW}x"), "gamma", DEVICE_ID), AlgorithmId);
    assert_eq!(written(KW, long, DEVICE_ID), OtherServer);
    assert_eq!(written(&joined, "gamma", DEVICE_ID), AlgorithmId);
    assert_eq!(written("", "gamma", DEVICE_ID), AlgorithmId);
    // The derivation of the test is that of the device: with the right names it opens.
    let joined = [KW, "gamma", DEVICE_ID].concat();
    let names = [KW.as_bytes(), b"gamma", DEVICE_ID.as_bytes()];
    let text = derived_from(joined.as_bytes(), names, b"own");
    let mut device = Device::new().with_keys();
    let octets = by_gamma(&format!("<Data>{text}</Data>")).seal();
    assert_eq!(device.statuses(&octets), [200]);
    assert_eq!(device.text("./Vendor/Gamma/Value").as_deref(), Some("own"));
}

#[test]
fn the_names_are_whole_octets_behind_a_zero() {
    let data = Encryptor::of(alpha()).data("x");
    for (name, value) in [
        ("AlgorithmID", "01AA"),
        ("AlgorithmID", ""),
        ("PartyUInfo", "0"),
        ("PartyUInfo", "00+1"),
        ("PartyVInfo", "80AA"),
        ("PartyVInfo", "00ä"),
    ] {
        let text = with_attribute(&data, name, value);
        assert_eq!(part_refused(&with_data(&text)), PartyInfo(name), "{value:?}");
    }
}

#[test]
fn it_is_for_this_device_or_the_group_that_target_names() {
    let usual = Encryptor::of(alpha());
    for device_id in ["urn:imei:004999010640001", GROUP, "urn:group:other"] {
        let other = Encryptor { device_id, ..usual };
        // Target is the device: not even a group that it belongs to will do.
        assert_eq!(part_refused(&with_data(&other.data("x"))), OtherDevice, "{device_id}");
        let sealed = with_data("<Data>x</Data>").seal();
        assert_eq!(whole_refused(&other.whole(&sealed)), OtherDevice, "{device_id}");
    }
}

#[test]
fn a_refused_ciphertext_says_nothing_of_what_it_holds() {
    let of_alpha = Encryptor::of(alpha()).data("alpha's secret");
    let refusal = Device::new().with_keys().refuse(&by_gamma(&of_alpha).seal());
    assert!(matches!(refusal, Refusal::PartNotDecrypted(_)));
    assert_eq!(refusal.clause(), "profile §6");
    assert!(!format!("{refusal} {refusal:?}").contains("secret"), "{refusal:?}");
}

/// On the way a ciphertext is as fast in its place as any text: the signature is over it.
#[test]
fn a_ciphertext_moved_on_the_way_breaks_the_signature() {
    let encryptor = Encryptor::of(alpha());
    let [one, other] = ["one", "other"].map(|text| encryptor.data(text));
    let value = |n: &str, target: &str, data: &str| {
        command::one("Replace", n, &command::item(target, data))
    };
    let two = |first: &str, second: &str| {
        Message::new(alpha()).with(value("1", "./Vendor/Mode", first)).with(value(
            "2",
            "./Vendor/Speed",
            second,
        ))
    };
    let (message, sealed) = (two(&one, &other), two(&one, &other).sealed_text());
    let signature = forge::signature(&sealed);
    for moved in [
        two(&other, &one),
        two(&one, &one),
        two(&one, "<Data>plain</Data>"),
        two("<Data></Data>", &other),
        message.clone().session(2),
    ] {
        let text = forge::swapped(&moved.text(), "</SyncML>", &format!("{signature}</SyncML>"));
        let mut device = Device::new().with_keys();
        let refusal = device.refuse(&encode(&text, Version::default()));
        assert_eq!(refusal, Refusal::DigestMismatch);
        assert_eq!(device.statuses(&message.seal()), [200, 200]);
    }
}

/// What it says about itself is not what it is bound to: the key that is derived, or the label, is.
#[test]
fn a_binding_that_is_rewritten_opens_nothing() {
    let hex = |text: &str| text.bytes().map(|octet| format!("{octet:02X}")).collect::<String>();
    let of_alpha = Encryptor::of(alpha()).data("alpha's secret");
    let rewritten = with_attribute(&of_alpha, "PartyUInfo", &format!("00{}", hex(gamma().id)));
    assert_eq!(part_refused(&by_gamma(&rewritten)), Failed);
    let rsa = Encryptor { key: own_rsa_key(), ..Encryptor::of(alpha()) };
    let label = STANDARD.encode(gamma().id);
    let rewritten = with_element(&rsa.data("alpha's secret"), "OAEPparams", &label);
    assert_eq!(part_refused(&by_gamma(&rewritten)), Failed);
}
